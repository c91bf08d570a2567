package api

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/contact"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

// twoPeople is a trial of two people, the first of whom has given something of
// most that is read: a diary (entry 7), an adverse event (8), a query (9).
func twoPeople(t *testing.T) *desktest.Memory {
	t.Helper()
	m := desktest.New(t, small, 4)
	who := m.Person(t, desktest.Start)
	m.Person(t, desktest.Start)
	today := civil.DateOf(day(1))
	for _, cmd := range []study.Command{
		study.Answer{Instrument: "csd", Night: today, Language: "sv", Answers: json.RawMessage(`{"sol":10}`)},
		study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{Term: "headache", Severity: "mild", Related: "possible", Onset: today, Outcome: "ongoing"}},
		study.RaiseQuery{Text: "is this right?"},
	} {
		m.Do(t, cmd, day(1), who)
	}
	return m
}

// offering is the API of a trial with all that is kept of people, as one caller
// after the other asks it.
func offering(t *testing.T, m *desktest.Memory) func(desk.Caller) http.Handler {
	t.Helper()
	now := func() time.Time { return day(1) }
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	master, err := identity.GenerateMaster(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	office := desk.NewOffice(m, now)
	_, svc, _ := signedInTrial(t, Options{})
	h := New(office, Options{Access: svc, Contact: contact.New(identity.New(store, master, rand.Reader, now), office, svc), Poll: time.Millisecond})
	return func(c desk.Caller) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
		})
	}
}

// pathOf names P0001's own things in the path of an operation.
func pathOf(op operation, who string) string {
	return strings.NewReplacer("{subject}", who, "{entry}", "7", "{n}", "1", "{sha256}", hash64, "{name}", "ring.json").Replace(op.path)
}

func written(m *desktest.Memory) (n uint64) {
	m.View(func(s *study.State) { n = s.Entries })
	return n
}

// Another participant, staff of another site and nobody at all are refused
// everything about a person, asked in a form that would be taken of whoever may,
// and are told the same as of a person who does not exist.
func TestAnothersIsRefused(t *testing.T) {
	m := twoPeople(t)
	caller := offering(t, m)
	before := written(m)
	asked := 0
	for _, op := range operations(t) {
		if !strings.Contains(op.path, "{subject}") {
			continue
		}
		asked++
		body := bodyOf(t, op)
		headers := append(key("another"), "If-Match", `"none"`)
		if body == "anything" {
			headers = append(headers, "Content-Type", "application/octet-stream")
		}
		for name, c := range map[string]desk.Caller{
			"another participant":  desk.Participant("P0002"),
			"an investigator away": {Account: "i", Grants: []desk.Grant{{Role: study.RoleInvestigator, Site: "away"}}, Strong: day(1)},
			"a coordinator away":   {Account: "c", Grants: []desk.Grant{{Role: study.RoleCoordinator, Site: "away"}}, Strong: day(1)},
			"a monitor away":       {Account: "m", Grants: []desk.Grant{{Role: study.RoleMonitor, Site: "away"}}, Strong: day(1)},
			"nobody":               {},
		} {
			hers := ask(caller(c), op.method, pathOf(op, "P0001"), body, headers...)
			none := ask(caller(c), op.method, pathOf(op, "P0999"), body, headers...)
			refusals := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}
			if c.Nobody() {
				refusals = refusals[:1]
			}
			if !slices.Contains(refusals, hers.Code) {
				t.Errorf("%s %s as %s: %d %s", op.method, op.path, name, hers.Code, hers.Body)
			}
			if hers.Code != none.Code || hers.Body.String() != none.Body.String() {
				t.Errorf("%s %s as %s: %d %s; of who does not exist: %d %s", op.method, op.path, name, hers.Code, hers.Body, none.Code, none.Body)
			}
		}
	}
	if asked < 60 {
		t.Errorf("only %d operations are about a person", asked)
	}
	if after := written(m); after != before {
		t.Errorf("%d entries were written by who may not", after-before)
	}
}

// The same bodies are taken of who may give them: done, or refused by the state
// of the trial or a rule of it, and never for their form.
func TestBodiesAreTakenOfWhoMay(t *testing.T) {
	m := twoPeople(t)
	caller := offering(t, m)
	all := everybody()
	done := 0
	for _, name := range study.CommandNames() {
		data, is := dataOf[name]
		rule, _ := desk.RuleOf(desk.Action(name))
		for _, role := range study.Roles() {
			c, there := all[role]
			if _, may := rule.May[role]; !is || !may || !there {
				continue
			}
			if role != study.RoleParticipant {
				c.Strong = day(1)
			}
			w := ask(caller(c), http.MethodPost, base+"/participants/P0001/"+name, `{"reason":"as agreed","data":`+data+`}`, key(name+string(role))...)
			var p Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Errorf("%s as %s: %v: %s", name, role, err, w.Body)
			}
			formal := p.Code == "request-form" || strings.HasPrefix(p.Code, "command-") || strings.HasSuffix(p.Code, "-form")
			switch {
			case w.Code == http.StatusOK:
				done++
			case formal, w.Code == http.StatusUnauthorized, w.Code == http.StatusForbidden:
				t.Errorf("%s as %s: %d %s", name, role, w.Code, w.Body)
			}
		}
	}
	if done < 20 {
		t.Errorf("only %d of them were done", done)
	}
}

// Under her own code nobody reads or changes what is another's: naming the
// other's entry is answered as naming one that does not exist.
func TestAnothersEntryUnderOnesOwnCode(t *testing.T) {
	m := twoPeople(t)
	caller := offering(t, m)
	before := written(m)
	h := caller(desk.Participant("P0002"))
	told := func(method, path, body string) (int, fault.Code) {
		w := ask(h, method, base+path, body, key("own")...)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil && w.Code >= 400 {
			t.Errorf("%s %s: %v: %s", method, path, err, w.Body)
		}
		return w.Code, fault.Code(p.Code)
	}
	for _, c := range [][4]string{
		{http.MethodGet, "/participants/P0002/entries/N", "", "7"},
		{http.MethodGet, "/participants/P0002/entries/N/history", "", "7"},
		{http.MethodGet, "/ledger/N/proof", "", "7"},
		{http.MethodPost, "/participants/P0002/correct", `{"reason":"x","data":{"entry":N,"field":"answers.sol","new":12}}`, "7"},
		{http.MethodPost, "/participants/P0002/answer-query", `{"data":{"query":N,"text":"yes"}}`, "9"},
	} {
		hers, why := told(c[0], strings.ReplaceAll(c[1], "N", c[3]), strings.ReplaceAll(c[2], "N", c[3]))
		none, whyNone := told(c[0], strings.ReplaceAll(c[1], "N", "999"), strings.ReplaceAll(c[2], "N", "999"))
		if hers < 400 || hers != none || why != whyNone {
			t.Errorf("%s %s: %d %s of another's; %d %s of what does not exist", c[0], c[1], hers, why, none, whyNone)
		}
	}
	if after := written(m); after != before {
		t.Errorf("%d entries were written", after-before)
	}
}
