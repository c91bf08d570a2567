package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/api"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/store"
	"dvala/store/people"
	"dvala/study"
)

// signedIn signs an account in with a link, and gives its browser.
func signedIn(t *testing.T, server, link string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	in, err := browser.PostForm(server+link, url.Values{})
	if err != nil || in.StatusCode != http.StatusSeeOther {
		t.Fatal(in, err)
	}
	_ = in.Body.Close()
	return browser
}

// say asks the API, and reads its answer.
func say(t *testing.T, browser *http.Client, method, address, key string, into any) (int, []byte) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", "test-"+key)
	}
	w, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s %s: %s %v %s", method, address, w.Status, err, raw)
		}
	}
	return w.StatusCode, raw
}

// worked waits for a piece of work to be over, by the list of a server.
func worked(t *testing.T, browser *http.Client, server, id string) api.Work {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		var all struct{ Work []api.Work }
		say(t, browser, http.MethodGet, server+"/api/v1/jobs", "", &all)
		if i := slices.IndexFunc(all.Work, func(w api.Work) bool { return w.ID == id }); i >= 0 && all.Work[i].Ended != "" {
			return all.Work[i]
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not done: %+v", id, all)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// What is begun at one server is told by the other and fetched there, once for
// who asks twice, and is there when both were started again; whose role it is not
// sees nothing of it.
func TestWorkOnTwoServers(t *testing.T) {
	at := realTrial(t)
	first, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
	second, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
	stat := linkIn.FindString(verb(t, 0, "account", "add", "sten", "--name", "Sten S", "--role", "statistician", "--database", at.Database, "--origin", first))
	coord := linkIn.FindString(verb(t, 0, "account", "add", "anna", "--name", "Anna A", "--role", "coordinator", "--database", at.Database, "--origin", first))
	browser, other := signedIn(t, first, stat), signedIn(t, first, coord)
	begun := map[string]string{}
	for _, kind := range []string{"tables", "dataset-json", "odm", "fhir", "ledger", "dry-run"} {
		var one, two, late api.Work
		for i, w := range []*api.Work{&one, &two} {
			if code, raw := say(t, browser, http.MethodPost, []string{first, second}[i]+"/api/v1/jobs/"+kind, fmt.Sprint(kind, i), w); code != http.StatusOK {
				t.Fatal(kind, code, string(raw))
			}
		}
		done := worked(t, browser, second, one.ID)
		if done.State != "done" || done.By != "sten" {
			t.Errorf("%s came to %+v", kind, done)
		}
		if two.ID != one.ID && two.Began == one.Began {
			t.Errorf("%s: asked for twice at once, begun twice: %+v %+v", kind, one, two)
		}
		if say(t, browser, http.MethodPost, second+"/api/v1/jobs/"+kind, kind+"0", &late); late.ID != one.ID {
			t.Errorf("%s: the same key began it again: %+v", kind, late)
		}
		begun[kind] = one.ID
		if kind == "dry-run" {
			continue
		}
		here, a := say(t, browser, http.MethodGet, first+"/api/v1/jobs/"+one.ID+"/file", "", nil)
		there, b := say(t, browser, http.MethodGet, second+"/api/v1/jobs/"+one.ID+"/file", "", nil)
		if here != http.StatusOK || there != http.StatusOK || !bytes.Equal(a, b) || int64(len(a)) != done.Bytes {
			t.Errorf("%s: %d and %d with %d and %d of %d bytes", kind, here, there, len(a), len(b), done.Bytes)
		}
		z, err := zip.NewReader(bytes.NewReader(a), int64(len(a)))
		if err != nil || len(z.File) == 0 {
			t.Error(kind, err)
		}
		page, code := say(t, browser, http.MethodGet, second+"/made/"+one.ID, "", nil)
		if page != http.StatusOK || !bytes.Equal(code, a) {
			t.Errorf("%s: the page gives %d with %d bytes", kind, page, len(code))
		}
		if code, _ := say(t, other, http.MethodGet, second+"/api/v1/jobs/"+one.ID+"/file", "", nil); code != http.StatusNotFound {
			t.Errorf("%s: a coordinator fetches it: %d", kind, code)
		}
	}
	if code, _ := say(t, other, http.MethodPost, first+"/api/v1/jobs/tables", "not-hers", nil); code != http.StatusForbidden {
		t.Error("a coordinator begins an export:", code)
	}
	var seen struct{ Work []api.Work }
	if say(t, other, http.MethodGet, first+"/api/v1/jobs", "", &seen); len(seen.Work) != 0 {
		t.Errorf("a coordinator sees %+v", seen)
	}
	third, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
	for kind, id := range begun {
		if w := worked(t, browser, third, id); w.State != "done" {
			t.Errorf("%s at a new server: %+v", kind, w)
		}
	}
	// Beside them none is started with another key for identities.
	key := filepath.Join(t.TempDir(), "identity.key")
	verb(t, 0, "key", "identity", "-o", key)
	raw, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DVALA_IDENTITY_KEY", string(raw))
	says(t, verb(t, 1, "worker", "--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey), "settings-differ", "DVALA_IDENTITY_KEY")
	says(t, verb(t, 1, "worker", "--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey, "--mail-from", "a@x.example"), "worker-origin")
	state := read(t, at)
	if len(state.DryRuns) == 0 {
		t.Error("the dry run is not on the ledger")
	}
}

// read gives the state of a trial as it is.
func read(t *testing.T, at PlaceFlags) *study.State {
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
	return trial.State()
}

// bench is a trial with made-up people in a directory, whose work is done on
// SQLite.
func bench(t *testing.T) (*workshop, *background) {
	t.Helper()
	return benchIn(t, smallTrial(t))
}

func benchIn(t *testing.T, dir string) (*workshop, *background) {
	t.Helper()
	trial, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	known, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = known.Close() })
	office := desk.NewOffice(trial, time.Now)
	svc, err := access.New(access.Config{Store: known, Door: office, Now: time.Now, Origin: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{trial: trial, where: store.In(dir), office: office, access: svc, madeUp: true}
	b := &background{trial: trial, where: w.where, office: office, now: time.Now, workers: 1, log: slog.New(slog.DiscardHandler), work: w, asleep: true}
	return w, b
}

// On one machine it is the same: work goes on after a stop, in the name of whom
// somebody chose to be, and what was made long ago is taken away.
func TestWorkInDirectory(t *testing.T) {
	w, b := bench(t)
	stat := desk.Caller{Account: "statistician", Grants: []desk.Grant{{Role: study.RoleStatistician}}}
	start := func() func() {
		q, err := b.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := stopJobs(context.Background(), q); err != nil {
				t.Error(err)
			}
		}
	}
	over := func(id string) desk.Job {
		for {
			all, err := w.Jobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range all {
				if j.ID == id && !j.Running() {
					return j
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	stop := start()
	j, err := w.office.BeginWork(t.Context(), w, stat, "tables", "")
	if err != nil {
		t.Fatal(err)
	}
	stop()
	stop = start()
	defer func() { stop() }()
	if done := over(j.ID); done.State != desk.JobDone || done.File == "" || done.Bytes == 0 {
		t.Errorf("%+v", done)
	}
	if _, r, err := w.office.WorkFile(t.Context(), w, stat, j.ID); err != nil {
		t.Error(err)
	} else {
		_ = r.Close()
	}
	if _, _, err := w.office.WorkFile(t.Context(), w, desk.Caller{Account: "m", Grants: []desk.Grant{{Role: study.RoleMonitor}}}, j.ID); err == nil {
		t.Error("a monitor fetches an export")
	}
	// Whoever asked may do it no more when it is done.
	lost, err := w.Begin(t.Context(), desk.Caller{Account: "monitor", Grants: []desk.Grant{{Role: study.RoleMonitor}}}, "ledger", "")
	if err != nil {
		t.Fatal(err)
	}
	if done := over(lost.ID); done.State != desk.JobFailed || !strings.Contains(done.Says, "not for your role") {
		t.Errorf("%+v", done)
	}
	now := time.Now().Add(keepMade + time.Hour)
	later := *w
	later.office = desk.NewOffice(w.trial, func() time.Time { return now })
	if err := later.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if done := over(j.ID); done.File != "" || !strings.Contains(done.Says, "no more kept") {
		t.Errorf("%+v", done)
	}
	if left, err := filepath.Glob(filepath.Join(w.trial.Dir(), "blobs", "made", "*.zip")); len(left) != 0 || err != nil {
		t.Error(left, err)
	}
}

// simulated is how a file says that its people are made up.
var simulated = regexp.MustCompile(`(?i)simulated|simulerad|påhittad`)

// The trial's own protocol is played with made-up people in the background: the
// report is there, says that it is simulated, and the trial's ledger is as it was.
func TestProtocolIsTried(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at, "slots_per_cell: 4", "slots_per_cell: 12")
	w, b := benchIn(t, at.Dir)
	q, err := b.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stopJobs(context.Background(), q); err != nil {
			t.Error(err)
		}
	}()
	before := w.trial.State().Entries
	c := desk.Caller{Account: "ines", Grants: []desk.Grant{{Role: study.RoleInvestigator}}}
	if _, err := w.office.BeginWork(t.Context(), w, desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}}, "simulate", "no"); err == nil {
		t.Error("a coordinator may")
	}
	j, err := w.office.BeginWork(t.Context(), w, c, "simulate", "try-1")
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(3 * time.Minute); j.Running(); time.Sleep(100 * time.Millisecond) {
		all, err := w.Jobs(t.Context())
		if err != nil || len(all) != 1 || time.Now().After(deadline) {
			t.Fatal(all, err)
		}
		j = all[0]
	}
	if j.State != desk.JobDone || j.File == "" || !strings.Contains(j.Says, "made-up people") {
		t.Fatalf("%+v", j)
	}
	r, err := w.File(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(z.File) != 5 { // numbers, and the report and the dry run in English and Swedish
		t.Fatal(z, err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil || !strings.HasPrefix(f.Name, "simulated-") || !simulated.Match(text) {
			t.Errorf("%s does not say that it is simulated, %v", f.Name, err)
		}
	}
	if got := w.trial.State().Entries; got != before {
		t.Errorf("%d entries, and %d before", got, before)
	}
}
