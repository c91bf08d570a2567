package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/api"
	"dvala/store"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// minimisedEdits make the small trial one that minimises.
var minimisedEdits = []string{
	"method: permuted-blocks\n  blocks: [2, 4]\n", "method: minimisation\n",
	"strata: [{name: sex}]", "strata: [{name: sex}, {name: age, cuts: [45]}]",
	"slots_per_cell: 4", "slots_per_cell: 12",
}

// line is somebody's way to a server over the API, with a token.
type line struct {
	t             *testing.T
	server, token string
}

// asOne lets somebody in with a role, and gives her line.
func asOne(t *testing.T, place []string, server, who, role string) line {
	t.Helper()
	out := verb(t, 0, append([]string{"account", "add", who, "--name", strings.ToUpper(who[:1]) + who[1:], "--role", role, "--origin", server}, place...)...)
	body := fmt.Sprintf(`{"token":%q}`, path.Base(linkIn.FindString(out)))
	var started api.Started
	if code := (line{t, server, ""}).tell("sign-in/redeem", "", body, &started); code != http.StatusOK {
		t.Fatal(code)
	}
	return line{t, server, started.Token}
}

// tell posts, and gives the status and what came.
func (l line) tell(what, key, body string, into any) int {
	l.t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, l.server+"/api/v1/"+what, strings.NewReader(body))
	if err != nil {
		l.t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	if l.token != "" {
		r.Header.Set("Authorization", "Bearer "+l.token)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", "test-"+key)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Error(err)
		return 0
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil || into != nil && json.Unmarshal(raw, into) != nil {
		l.t.Errorf("%s: %s %s", what, w.Status, raw)
	}
	return w.StatusCode
}

// A trial that minimises, served: who is to be randomised waits while nobody
// attends, and is told so; when the custodian's program runs each gets a place, in
// the order of the ledger, once, however many servers and programs there are; and
// when it is begun again it knows what it has answered.
func TestAttend(t *testing.T) {
	t.Run("directory", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "trial")
		attendedTrial(t, PlaceFlags{Dir: dir}, []string{"--dir", dir}, 1)
	})
	t.Run("database", func(t *testing.T) {
		dir := t.TempDir()
		at := PlaceFlags{Database: pgtest.Start(t).URL(t), Blobs: filepath.Join(dir, "blobs"), LedgerKey: filepath.Join(dir, "ledger.key")}
		attendedTrial(t, at, []string{"--database", at.Database}, 2)
	})
}

func attendedTrial(t *testing.T, at PlaceFlags, place []string, servers int) {
	custodian := realTrialIn(t, at, minimisedEdits...)
	var addresses []string
	for range servers {
		a, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
		addresses = append(addresses, a)
	}
	anna := asOne(t, place, addresses[0], "anna", "coordinator")
	carl := asOne(t, place, addresses[0], "carl", "custodian")
	token := filepath.Join(custodian, "token")
	if err := os.WriteFile(token, []byte(carl.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	attend := func(memory string, want int, more ...string) string {
		t.Helper()
		return verb(t, want, append([]string{
			"attend", addresses[len(addresses)-1], "--once", "--key", filepath.Join(custodian, "custodian.key"), "--token", token,
			"--protocol", filepath.Join(custodian, "protocol.yaml"), "--sealed", filepath.Join(custodian, "sealing", sealedListName),
			"--memory", filepath.Join(custodian, memory),
		}, more...)...)
	}
	says(t, attend("memory.json", 0), "0 requests answered")

	var people []string
	for i := range 6 {
		var r api.Receipt
		anna.tell("trial/screen", fmt.Sprint("screen-", i), fmt.Sprintf(`{"data":{"site":"main","answers":{"age":%d,"sex":"%s","height":170,"poor_sleep":true}}}`,
			40+2*i, []string{"female", "male"}[i%2]), &r)
		anna.tell("participants/"+r.Subject+"/consent", "consent-"+r.Subject, `{"data":{"version":"1.0","language":"sv"}}`, nil)
		anna.tell("participants/"+r.Subject+"/enrol", "enrol-"+r.Subject, `{"data":{"zone":"Europe/Stockholm","wake":"07:00"}}`, nil)
		people = append(people, r.Subject)
	}
	var wg sync.WaitGroup
	for i, who := range append(people, people...) { // each twice at once
		l := line{t, addresses[i%servers], anna.token}
		wg.Go(func() {
			if code := l.tell("participants/"+who+"/randomise", "randomise-"+who, `{}`, nil); code != http.StatusOK {
				t.Errorf("%s: %d", who, code)
			}
		})
	}
	wg.Wait()
	var p api.Problem
	if code := anna.tell("participants/"+people[0]+"/randomise", "once-more", `{}`, &p); code != http.StatusConflict || p.Code != "allocation-waits" || !strings.Contains(p.Hint, "dvala attend") {
		t.Errorf("%d %+v", code, p)
	}
	waiting(t, anna, people, 6)
	var one, two api.Allocations
	anna.tell("allocations?limit=4", "", "", &one)
	anna.tell("allocations?limit=4&after="+one.Next, "", "", &two)
	if len(one.Allocations) != 4 || len(two.Allocations) != 2 || two.Next != "" || two.Allocations[0].Entry <= one.Allocations[3].Entry {
		t.Errorf("pages of %d and %d", len(one.Allocations), len(two.Allocations))
	}

	// Who is not the custodian answers nothing, and nobody without a signature.
	forged := `{"data":{"request":20,"slot":1,"seen":"` + strings.Repeat("0", 64) + `","signature":"` + strings.Repeat("0", 128) + `"}}`
	if code := anna.tell("participants/"+people[0]+"/answer-allocation", "forged-1", forged, nil); code != http.StatusForbidden {
		t.Errorf("a coordinator answers: %d", code)
	}
	if code := carl.tell("participants/"+people[0]+"/answer-allocation", "forged-2", forged, nil); code < 400 {
		t.Errorf("an answer that nobody signed: %d", code)
	}

	// Two programs at once, each with a memory of its own: they give the same answers.
	var out [2]string
	for i := range out {
		wg.Go(func() { out[i] = attend(fmt.Sprintf("memory-%d.json", i), 0) })
	}
	wg.Wait()
	all := strings.Join(out[:], "\n")
	for _, who := range people {
		says(t, all, who+": entry ")
	}
	waiting(t, anna, people, 0)
	for _, arm := range []string{"chamomile", "plainwater"} {
		if strings.Contains(all, arm) {
			t.Error("an arm is printed")
		}
	}
	says(t, attend("memory-0.json", 0), "0 requests answered")
	says(t, attend("fresh.json", 0), "0 requests answered")
	kept, err := os.ReadFile(filepath.Join(custodian, "memory-0.json"))
	if err != nil || strings.Contains(string(kept), "chamomile") || !strings.Contains(string(kept), "sealed_list") {
		t.Errorf("%s %v", kept, err)
	}
	slotsDiffer(t, at, people)
	attendRefusals(t, custodian, attend)
}

// waiting sees that so many wait, by the API and on the page.
func waiting(t *testing.T, anna line, people []string, want int) {
	t.Helper()
	var a api.Allocations
	if code := anna.tell("allocations?waiting=true", "", "", &a); code != http.StatusOK || len(a.Allocations) != want {
		t.Errorf("%d: %d wait, not %d", code, len(a.Allocations), want)
	}
	r, err := http.NewRequest(http.MethodGet, anna.server+"/allocations", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+anna.token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	page, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusOK {
		t.Fatal(w.Status, err)
	}
	says(t, string(page), "Waiting for the custodian", fmt.Sprintf("<small>%d</small>", want), people[0], `href="/allocations"`)
}

// slotsDiffer sees that everybody has a place of her own, and only those.
func slotsDiffer(t *testing.T, at PlaceFlags, people []string) {
	t.Helper()
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.ReadAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	trial.View(func(s *study.State) {
		slots := map[int]bool{}
		for _, who := range people {
			if r := s.People[study.Subject(who)].Randomised; r != nil {
				slots[r.Slot] = true
			}
		}
		if len(slots) != len(people) || s.Taken["all"] != len(people) {
			t.Errorf("%d slots for %d people, %d taken", len(slots), len(people), s.Taken["all"])
		}
	})
}

// attendRefusals: another trial's list, a memory of one, no token, plain http.
func attendRefusals(t *testing.T, custodian string, attend func(string, int, ...string) string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(custodian, "other.json"), []byte(`{"sealed_list":"00","answered":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, attend("other.json", 1), "is what was answered for another list")
	empty := filepath.Join(custodian, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, attend("memory.json", 1, "--token", empty), "holds no token")
	if err := os.WriteFile(empty, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, attend("memory.json", 1, "--token", empty), "issue a new token")
	says(t, verb(t, 1, "attend", "http://trial.example", "--key", filepath.Join(custodian, "custodian.key"), "--token", empty,
		"--protocol", filepath.Join(custodian, "protocol.yaml"), "--sealed", filepath.Join(custodian, "sealing", sealedListName)), "use https")
}

// A program that attends goes on by itself: through a server that is not there, and
// from the moment at which somebody asks.
func TestAttendWaits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trial")
	custodian := realTrialIn(t, PlaceFlags{Dir: dir}, minimisedEdits...)
	token := filepath.Join(custodian, "token")
	if err := os.WriteFile(token, []byte("nobody"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out lockedBuffer
	c := &AttendCmd{
		Server: "http://127.0.0.1:1", Key: filepath.Join(custodian, "custodian.key"), Token: token, Protocol: filepath.Join(custodian, "protocol.yaml"),
		Sealed: []string{filepath.Join(custodian, "sealing", sealedListName)}, Memory: filepath.Join(custodian, "m.json"), Every: time.Millisecond,
	}
	ctx, stop := t.Context(), make(chan error)
	go func() { stop <- c.attend(ctx, &Program{Stdout: &out, Stderr: &out, Now: time.Now}) }()
	for !strings.Contains(out.String(), "does not answer") {
		time.Sleep(5 * time.Millisecond)
	}
	if n := strings.Count(out.String(), "does not answer"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	all strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
