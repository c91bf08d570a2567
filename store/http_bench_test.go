package store

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dvala/api"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

// BenchmarkSubmissionsOverHTTP is BenchmarkSubmissions as participants' devices
// make them: each of b.N participants has a session of her own and sends her
// morning to POST /api/v1/me/entries, over 64 connections at once; the session is
// looked up, the write is counted, and the answer says that it was filed. Of the
// first write of an account since the server began a lease is written down in
// people.db, and of each hundredth after that; later ones are counted in memory.
func BenchmarkSubmissionsOverHTTP(b *testing.B) {
	b.Run("first", func(b *testing.B) { submissionsOverHTTP(b, false) })
	b.Run("later", func(b *testing.B) { submissionsOverHTTP(b, true) })
}

func submissionsOverHTTP(b *testing.B, leased bool) {
	w := In(b.TempDir())
	trial, _ := begun(b, w)
	who := enrolled(b, trial, b.N)
	handler, cookies := signedIn(b, trial, w.Dir, who)
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	const callers = 64
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: callers, MaxIdleConnsPerHost: callers}}
	if leased {
		for _, token := range cookies {
			if _, err := sent(client, server.URL, token, []byte(`{"entries":[]}`)); err != nil {
				b.Fatal(err)
			}
		}
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				from := time.Now()
				if err := submitted(client, server.URL, cookies[i], i); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(from)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submissions/s")
	b.ReportMetric(float64(took[len(took)*50/100].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// signedIn gives the API of a trial as it is reached from outside, and the token
// of a session of each of its people, who came in by their invitations.
func signedIn(b *testing.B, trial *Trial, dir string, who []study.Subject) (http.Handler, []string) {
	b.Helper()
	now := func() time.Time { return at(1, "").At }
	known := must(people.Open(ctx, dir))
	b.Cleanup(func() { _ = known.Close() })
	office := desk.NewOffice(trial, now)
	vault := identity.New(known, must(identity.GenerateMaster(rand.Reader)), rand.Reader, now)
	office.Furnish(desk.Parts{Vault: vault, Files: trial.Files(), PersonFiles: known, Pending: known})
	door := must(access.New(access.Config{Store: known, Door: office, Now: now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial"}))
	anna := desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}, Strong: now()}
	tokens := make([]string, len(who))
	for i, p := range who {
		h := must(door.Invite(ctx, anna, p, "sv"))
		tokens[i] = must(door.Redeem(ctx, access.Visit{Addr: string(p)}, h.URL[strings.LastIndexByte(h.URL, '/')+1:])).Token
	}
	return door.Middleware(api.New(office, api.Options{Access: door})), tokens
}

// submitted sends one morning, and is content once it is filed.
func submitted(client *http.Client, origin, token string, i int) error {
	body, err := json.Marshal(map[string]any{"entries": []desk.Submitted{{
		Key: fmt.Sprint("device-", i), Made: at(1, "").At, Zone: "Europe/Stockholm", Do: "answer", Data: must(json.Marshal(wholeDiary(1))),
	}}})
	if err != nil {
		return err
	}
	raw, err := sent(client, origin, token, body)
	if err != nil {
		return err
	}
	var out struct{ Entries []api.Fate }
	if err := json.Unmarshal(raw, &out); err != nil || len(out.Entries) != 1 || out.Entries[0].Fate != string(desk.Accepted) {
		return fmt.Errorf("it was not filed: %s", raw)
	}
	return nil
}

// sent posts entries in a session, and gives the answer.
func sent(client *http.Client, origin, token string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/api/v1/me/entries", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: access.Cookie, Value: token})
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, raw)
	}
	return raw, err
}
