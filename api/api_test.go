package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

const small = "../study/testdata/small.yaml"

func day(n int) time.Time { return desktest.Start.AddDate(0, 0, n) }

// everybody is one caller of each role, all at every site.
func everybody() map[study.Role]desk.Caller {
	out := map[study.Role]desk.Caller{study.RoleParticipant: desk.Participant("P0001")}
	for _, r := range []study.Role{
		study.RoleCoordinator, study.RoleInvestigator, study.RoleMonitor, study.RolePharmacist,
		study.RoleStatistician, study.RoleCustodian, study.RoleAuditor, study.RoleAdministrator,
	} {
		out[r] = desk.Caller{Account: string(r), Name: "A " + string(r), Grants: []desk.Grant{{Role: r}}, Strong: day(3)}
	}
	return out
}

// as serves a trial in the name of one caller.
func as(m *desktest.Memory, c desk.Caller, at time.Time) http.Handler {
	h := New(desk.NewOffice(m, func() time.Time { return at }), Options{Poll: time.Millisecond})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
	})
}

func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func key(k string) []string { return []string{"Idempotency-Key", "test-" + k + "-0001"} }

// operation is a path of the description with its action.
type operation struct{ id, method, path string }

func operations(t *testing.T) []operation {
	t.Helper()
	_, api := build(nil, Options{})
	var out []operation
	for path, item := range api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch,
		} {
			if op != nil {
				action, _ := op.Extensions[actionMark].(string)
				out = append(out, operation{action, method, path})
			}
		}
	}
	return out
}

// An operation whose action is not in the desk's table must not exist.
func TestEveryOperationIsInTheTable(t *testing.T) {
	ops := operations(t)
	if len(ops) < len(study.CommandNames())+8 {
		t.Fatalf("the description has %d operations", len(ops))
	}
	for _, op := range ops {
		if _, ok := desk.RuleOf(desk.Action(op.id)); !ok {
			t.Errorf("%s %s takes the action %q, which nobody may", op.method, op.path, op.id)
		}
	}
}

// The committed description is what the operations say.
func TestDescriptionIsCommitted(t *testing.T) {
	want, err := Describe(Options{})
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("openapi.yaml")
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("api/openapi.yaml is older than the operations (%v): go generate ./api", err)
	}
	if !bytes.Contains(want, []byte("openapi: 3.1")) {
		t.Error("the description is not OpenAPI 3.1")
	}
}

// Every operation as every role and as nobody: whom the table does not name is
// refused before anything else is looked at. TestAnothersIsRefused asks them of
// another participant.
func TestRolesTimesOperations(t *testing.T) {
	m := desktest.New(t, small, 4)
	m.Person(t, desktest.Start)
	m.Person(t, desktest.Start)
	hands := map[study.Role]http.Handler{}
	for role, caller := range everybody() {
		hands[role] = as(m, caller, day(1))
	}
	nobody := as(m, desk.Caller{}, day(1))
	for _, op := range operations(t) {
		path := strings.NewReplacer("{subject}", "P0001", "{account}", "anna", "{session}", "x", "{passkey}", "x").Replace(op.path)
		if op.id == "see-changes" {
			continue // a stream that does not end; TestChanges reads it
		}
		rule, _ := desk.RuleOf(desk.Action(op.id))
		if rule.Anyone {
			if op.id != "sign-in" {
				t.Errorf("%s is open to anyone", op.id)
			}
			continue
		}
		for role, h := range hands {
			w := ask(h, op.method, path, "{}", key(op.id+string(role))...)
			_, may := rule.May[role]
			if refused := w.Code == http.StatusForbidden; refused == may {
				t.Errorf("%s as %s: %d %s", op.id, role, w.Code, w.Body)
			}
		}
		if w := ask(nobody, op.method, path, "{}", key(op.id+"nobody")...); w.Code != http.StatusUnauthorized {
			t.Errorf("%s as nobody: %d", op.id, w.Code)
		}
	}
}

// A key that comes again is answered as the first time, and a thousand requests
// at once for two hundred people give each of them one slot, in one entry.
func TestRandomiseAtOnce(t *testing.T) {
	const people, calls = 200, 1000
	m := desktest.New(t, small, people)
	var who []study.Subject
	for range people {
		who = append(who, m.Person(t, desktest.Start))
	}
	before := written(m)
	h := as(m, everybody()[study.RoleCoordinator], day(4)) // the run-in is over: no deviation beside
	var wg sync.WaitGroup
	var mu sync.Mutex
	said := map[study.Subject]map[string]bool{}
	for i := range calls {
		wg.Go(func() {
			p := who[i%people]
			w := ask(h, http.MethodPost, fmt.Sprintf("%s/participants/%s/randomise", base, p), "{}", key("r-"+string(p))...)
			var r Receipt
			if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", p, w.Code, w.Body)
			}
			mu.Lock()
			defer mu.Unlock()
			if said[p] == nil {
				said[p] = map[string]bool{}
			}
			said[p][fmt.Sprint(r.First, r.Entries)] = true
		})
	}
	wg.Wait()
	slots := map[int]bool{}
	if now := written(m); now != before+people {
		t.Errorf("%d entries were written for %d people", now-before, people)
	}
	m.View(func(s *study.State) {
		for _, p := range who {
			slots[s.People[p].Randomised.Slot] = true
			if len(said[p]) != 1 {
				t.Errorf("%s was told different things: %v", p, said[p])
			}
		}
	})
	if len(slots) != people {
		t.Errorf("%d slots for %d people", len(slots), people)
	}
}

func TestProblems(t *testing.T) {
	m := desktest.New(t, small, 1)
	who := string(m.Person(t, desktest.Start))
	h := as(m, everybody()[study.RoleCoordinator], day(1))
	for _, c := range []struct {
		what, path, body string
		key              []string
		status           int
		code             string
	}{
		{"without a key", "/participants/" + who + "/randomise", "{}", nil, 422, "request-form"},
		{"not JSON", "/participants/" + who + "/randomise", "{", key("a"), 422, "request-form"},
		{"a member too many", "/participants/" + who + "/randomise", `{"dat":{}}`, key("b"), 422, "request-form"},
		{"missing data", "/participants/" + who + "/dispense", `{}`, key("c"), 422, "command-member"},
		{"too early", "/participants/" + who + "/dispense", `{"data":{"visit":"day-0"}}`, key("d"), 409, "not-randomised"},
		{"no such path", "/nothing", "{}", key("e"), 404, "page-unknown"},
		{"not for her", "/trial/lock", "{}", key("f"), 403, "forbidden"},
	} {
		w := ask(h, http.MethodPost, base+c.path, c.body, c.key...)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Errorf("%s: %v: %s", c.what, err, w.Body)
		}
		if w.Code != c.status || p.Code != c.code || p.Status != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s: %s", c.what, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

// A path that is there and is asked in a way that it does not take says which it
// does.
func TestMethodsThatAPathTakes(t *testing.T) {
	m := desktest.New(t, small, 1)
	h := as(m, everybody()[study.RoleAuditor], day(1))
	for _, c := range []struct {
		method, path, allow string
		status              int
		code                string
	}{
		{http.MethodPut, "/overview", "GET, HEAD", http.StatusMethodNotAllowed, "method-unknown"},
		{http.MethodDelete, "/participants", "GET, HEAD", http.StatusMethodNotAllowed, "method-unknown"},
		{http.MethodGet, "/trial/lock", "POST", http.StatusMethodNotAllowed, "method-unknown"},
		{"BREW", "/me/entries", "POST", http.StatusMethodNotAllowed, "method-unknown"},
		{http.MethodPut, "/nothing", "", http.StatusNotFound, "page-unknown"},
	} {
		w := ask(h, c.method, base+c.path, "", key("m")...)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Errorf("%s %s: %v: %s", c.method, c.path, err, w.Body)
		}
		if w.Code != c.status || p.Status != c.status || p.Code != c.code || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, allow %q: %s", c.method, c.path, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
}

// Whoever has an answer already is told so, until something changes.
func TestETags(t *testing.T) {
	m := desktest.New(t, small, 1)
	h := as(m, everybody()[study.RoleAuditor], day(1))
	first := ask(h, http.MethodGet, base+"/overview", "")
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || tag == "" {
		t.Fatal(first.Code, tag)
	}
	if again := ask(h, http.MethodGet, base+"/overview", "", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("the same again: %d %s", again.Code, again.Body)
	}
	m.Person(t, desktest.Start)
	if after := ask(h, http.MethodGet, base+"/overview", "", "If-None-Match", tag); after.Code != http.StatusOK {
		t.Errorf("after a change: %d", after.Code)
	}
}

// A stream says that something was written, and not what.
func TestChanges(t *testing.T) {
	m := desktest.New(t, small, 1)
	server := httptest.NewServer(as(m, desk.Participant("P0001"), day(1)))
	defer server.Close()
	answer, err := http.Get(server.URL + base + "/changes")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read := func() string {
		buf := make([]byte, 100)
		n, err := answer.Body.Read(buf)
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	if got := read(); got != "event: entries\nid: 1\ndata: 1\n\n" {
		t.Errorf("first: %q", got)
	}
	m.Person(t, desktest.Start)
	for got := ""; got != "event: entries\nid: 4\ndata: 4\n\n"; {
		if got = read(); strings.Contains(got, "P0001") {
			t.Fatalf("the stream says who: %q", got)
		}
	}
}
