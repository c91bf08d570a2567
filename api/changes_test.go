package api

import (
	"bufio"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/store/people"
	"dvala/study"
)

// signedInTrial is a trial with accounts, and its API as they reach it.
func signedInTrial(t *testing.T, opts Options) (*desktest.Memory, *access.Service, http.Handler) {
	t.Helper()
	m := desktest.New(t, small, 4)
	now := func() time.Time { return desktest.Start }
	office := desk.NewOffice(m, now)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	svc, err := access.New(access.Config{Store: store, Door: office, Screening: office, Now: now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial"})
	if err != nil {
		t.Fatal(err)
	}
	opts.Access = svc
	return m, svc, svc.Middleware(New(office, opts))
}

// A stream ends with the session it was begun in, before it says another word.
func TestStreamEndsWithItsSession(t *testing.T) {
	m, svc, h := signedInTrial(t, Options{Poll: time.Millisecond, Streams: 1})
	token := bearerOf(t, svc, "mona", desk.Grant{Role: study.RoleMonitor, Site: "main"})
	server := httptest.NewServer(h)
	defer server.Close()
	open := func() *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+base+"/changes", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	stream := open()
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	if !lines.Scan() || lines.Text() != "event: entries" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	second := open()
	defer second.Body.Close()
	if second.StatusCode != http.StatusTooManyRequests || second.Header.Get("Retry-After") == "" {
		t.Errorf("a second stream of one: %d %v", second.StatusCode, second.Header)
	}
	if err := svc.CloseAccount(t.Context(), access.Shell(), "mona", "left"); err != nil {
		t.Fatal(err)
	}
	m.Person(t, desktest.Start)
	var rest []string
	for lines.Scan() {
		rest = append(rest, lines.Text())
	}
	if got := strings.Join(rest, "|"); strings.Count(got, "data:") != 1 || strings.Contains(got, "data: 4") {
		t.Errorf("after the account was closed the stream says %q", got)
	}
}
