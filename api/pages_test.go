package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/store/people"
	"dvala/study"
)

// whole answers whose lists are no list that grows: why they come in one piece.
var whole = map[string]string{
	"see-overview":        "months and reasons of one trial",
	"see-person":          "all that is known of one person",
	"see-own":             "what of one person's plan has opened",
	"see-day":             "counts; its lists are asked for by themselves",
	"see-history":         "what one entry ever was",
	"see-entry":           "one entry",
	"see-proof":           "a path in a tree",
	"see-identity":        "one person",
	"see-identity-before": "what was known of one person before each change",
	"see-push":            "one person's browsers",
	"see-report":          "the languages of one report",
	"see-stored":          "counts of one person",
	"see-given":           "the periods of one person's trial",
	"see-own-trial":       "the boxes of one person's trial",
	"show-instrument":     "the items of one instrument",
}

// listOperations gives every question that is answered with a list: in pages, or
// with a reason why not.
func listOperations(t *testing.T) (lists []*huma.Operation) {
	t.Helper()
	_, api := build(nil, Options{})
	doc := api.OpenAPI()
	for _, item := range doc.Paths {
		op := item.Get
		if op == nil {
			continue
		}
		pages := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "limit" })
		if pages {
			lists = append(lists, op)
			continue
		}
		media := op.Responses["200"].Content["application/json"]
		if media == nil || media.Schema == nil {
			continue
		}
		schema := media.Schema
		if schema.Ref != "" {
			schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		list := schema.Type == huma.TypeArray
		for _, member := range schema.Properties {
			list = list || member.Type == huma.TypeArray
		}
		if _, known := whole[op.OperationID]; list && !known {
			t.Errorf("%s answers with a list in one piece, and no reason is given", op.OperationID)
		}
	}
	if len(lists) < 20 {
		t.Errorf("only %d lists are found", len(lists))
	}
	return lists
}

// busy is a trial in which there is some of everything.
type busy struct {
	*desktest.Memory
	office  *desk.Office
	handler http.Handler
	anna    desk.Caller
	now     time.Time
}

// shelf is work that was done.
type shelf struct{ jobs []desk.Job }

func (s shelf) Begin(context.Context, desk.Caller, string, string) (desk.Job, error) {
	return desk.Job{}, nil
}
func (s shelf) Jobs(context.Context) ([]desk.Job, error) { return slices.Clone(s.jobs), nil }
func (s shelf) File(context.Context, desk.Job) (io.ReadCloser, error) {
	return nil, fmt.Errorf("no file")
}

// awayAll are telephones that nobody has heard of for days.
type awayAll struct{ order []study.Subject }

func (awayAll) Device(context.Context, study.Subject) (desk.Device, error) { return desk.Device{}, nil }

func (a awayAll) LastSeenBefore(_ context.Context, since time.Time) (map[study.Subject]time.Time, error) {
	out := map[study.Subject]time.Time{}
	for i, who := range a.order {
		out[who] = since.Add(-time.Duration(i+1) * time.Hour)
	}
	return out, nil
}

const physician = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

func newBusy(t *testing.T) *busy {
	t.Helper()
	b := &busy{Memory: desktest.New(t, small, 2), now: day(8)}
	b.anna = desk.Caller{Account: "anna", Name: "Anna Ek", Strong: b.now, Session: "this one"}
	for _, r := range study.Roles() {
		if r != study.RoleParticipant && r != study.RoleSystem {
			b.anna.Grants = append(b.anna.Grants, desk.Grant{Role: r})
		}
	}
	b.people(t)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	now := func() time.Time { return b.now }
	b.office = desk.NewOffice(b.Memory, now)
	var everybody []study.Subject
	b.View(func(s *study.State) { everybody = slices.Clone(s.Order) })
	b.office.Furnish(desk.Parts{Pending: store, Telephones: awayAll{everybody}, Sendings: mailed{}})
	svc, err := access.New(access.Config{Store: store, Door: b.office, Screening: b.office, Now: now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial"})
	if err != nil {
		t.Fatal(err)
	}
	b.staff(t, svc)
	work := shelf{}
	for i := range 4 {
		work.jobs = append(work.jobs, desk.Job{ID: fmt.Sprint(9 - i), Kind: "tables", By: "anna", State: desk.JobDone})
	}
	b.handler = New(b.office, Options{Access: svc, Work: work})
	return b
}

// staff fills what lies beside the trial: accounts, invitations, sessions, what
// devices sent and could not be filed.
func (b *busy) staff(t *testing.T, svc *access.Service) {
	t.Helper()
	for _, id := range []string{"anna", "bodil", "cia"} {
		bearerOf(t, svc, id, desk.Grant{Role: study.RoleCoordinator, Site: "main"})
	}
	for i := range 3 {
		if _, err := svc.InviteToScreen(t.Context(), b.anna, access.Asked{Site: "main", Lang: "sv", Most: 1, Days: 7}); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.IssueToken(t.Context(), b.anna, fmt.Sprintf("program %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	var batch []desk.Submitted
	for i := range 3 {
		batch = append(batch, desk.Submitted{Key: fmt.Sprintf("device-%d-key", i), Made: b.now, Do: "fly"})
	}
	if _, err := b.office.Submit(t.Context(), desk.Participant("P0001"), batch); err != nil {
		t.Fatal(err)
	}
}

// do gives a command as somebody in a role, signed.
func (b *busy) do(t *testing.T, cmd study.Command, at time.Time, who study.Subject, role study.Role, means string) {
	t.Helper()
	_, err := b.Tell(t.Context(), cmd, study.Meta{
		At: at, Actor: string(role), Role: role, Subject: who, Reason: "as asked",
		Signature: &study.Signature{Name: "Anna Ek", Meaning: means, Method: "passkey"},
	})
	if err != nil {
		t.Fatalf("%s: %v", study.NameOf(cmd), err)
	}
}

func (b *busy) people(t *testing.T) {
	t.Helper()
	var all []study.Subject
	for i := range 6 {
		who := b.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(40), "sex": protocol.Choice([]string{"female", "male"}[i%2]), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, desktest.Start, "")
		text, err := b.PutBlob("consent.html", fmt.Appendf(nil, "consent of %s", who))
		if err != nil {
			t.Fatal(err)
		}
		b.Do(t, study.Consent{Version: "1.0", Language: "sv", Document: &text}, desktest.Start, who)
		b.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, desktest.Start, who)
		all = append(all, who)
	}
	for range 3 { // too old, and let in by two people
		who := b.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(60), "sex": protocol.Choice("male"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, desktest.Start, "")
		b.do(t, study.OverrideEligibility{Criteria: []string{"adult"}}, desktest.Start, who, study.RoleCoordinator, study.MeansResponsibility)
	}
	for _, who := range all[:4] {
		b.Do(t, study.Randomise{}, desktest.Start, who)
	}
	for n := 1; n <= 7; n++ {
		for i, who := range all {
			if i < 4 || n < 5 { // the others are silent from then on
				b.morning(t, who, i, day(n))
			}
		}
	}
	b.harm(t, all)
}

// morning is a person's diary, always the same of herself, and a night of her
// ring in the middle of the day.
func (b *busy) morning(t *testing.T, who study.Subject, i int, at time.Time) {
	t.Helper()
	minutes := float64([]int{17, 33, 10, 15, 20, 25}[i])
	b.Do(t, study.Answer{Instrument: "csd", Night: civil.DateOf(at), Language: "sv", Answers: desktest.JSON(instrument.Answers{
		"into-bed": instrument.At(civil.Clock(1380)), "sol": instrument.Number(minutes), "waso": instrument.Number(minutes),
		"final-waking": instrument.At(400), "out-of-bed": instrument.At(430),
	})}, at, who)
	if at.After(day(3)) {
		return // the ring is quiet from then on
	}
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	stages := make([]sleep.Stage, 96)
	for i := range stages {
		stages[i] = sleep.Light
	}
	night := sleep.Night{Date: civil.DateOf(at), Zone: "Europe/Stockholm", Status: sleep.Worn, Source: sleep.Provenance{Vendor: "oura"}}
	if night.Main, err = sleep.NewHypnogram(civil.DateOf(at).Add(-1).At(15*60, zone), 5*time.Minute, stages); err != nil {
		t.Fatal(err)
	}
	source, err := b.PutBlob("export.json", fmt.Appendf(nil, "%s %s", who, at))
	if err != nil {
		t.Fatal(err)
	}
	b.Do(t, study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: night.Date, Record: desktest.JSON(night), Source: source}}, at, who)
}

// harm is what goes wrong.
func (b *busy) harm(t *testing.T, all []study.Subject) {
	t.Helper()
	at := day(7).Add(time.Hour)
	for _, who := range all[:3] {
		b.Do(t, study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: "fall", Severity: "severe", Serious: true, Criteria: study.SeriousCriteria()[2:3], Related: "possible", Onset: civil.DateOf(at), Outcome: "ongoing",
		}}, at, who)
		b.Do(t, study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up", Date: civil.DateOf(at)}}, at, who)
		b.Do(t, study.RaiseQuery{Text: "is this so?"}, at, who)
		b.do(t, study.RequestUnblinding{Physician: "Dr Holm", Recipient: physician}, at, who, study.RoleInvestigator, study.MeansResponsibility)
	}
}

// pageOf asks for one page of a list, and gives its rows, the rest of it, and the
// way on.
func (b *busy) pageOf(t *testing.T, c desk.Caller, path string) (rows []any, next, link string) {
	t.Helper()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.handler.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
	})
	w := ask(h, http.MethodGet, path, "")
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if n, there := body["next"]; there {
		if f, is := n.(float64); is {
			n = int(f)
		}
		next = fmt.Sprint(n)
	}
	for _, name := range []string{
		"participants", "tasks", "held", "accounts", "invitations", "sessions", "work", "adverse_events", "deviations", "queries", "proposals", "emergencies", "kits",
		"cells", "low", "weeks", "days", "gaps", "digits", "repeats", "wearers", "visits", "silent", "telephones", "clocks", "devices", "screened", "instruments", "files", "entries", "sendings",
	} {
		if list, is := body[name].([]any); is {
			return list, next, w.Header().Get("Link")
		}
	}
	t.Fatalf("%s: no list in %s", path, w.Body)
	return nil, "", ""
}

// Pages of any list, one after the other, hold every row of it once and in its
// order, whichever length they have; and the way to the next is in the body and
// in the header alike.
func TestPages(t *testing.T) {
	b := newBusy(t)
	for _, op := range listOperations(t) {
		if op.OperationID == "see-allocations" {
			continue // there are none in this trial; TestAttend pages through those of one that minimises
		}
		caller, path := b.anna, strings.ReplaceAll(op.Path, "{subject}", "P0001")
		if strings.Contains(path, "/me/past") {
			caller = desk.Participant("P0001")
		}
		cursor := "after"
		if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "from" }) {
			cursor = "from"
		}
		all, next, _ := b.pageOf(t, caller, path+"?limit=1000")
		if len(all) < 2 || next != "" {
			t.Errorf("%s: %d rows in one page, next %q: the test tells nothing", op.OperationID, len(all), next)
			continue
		}
		for _, limit := range []int{1, 2, len(all) - 1} {
			var got []any
			at := ""
			for range len(all) + 1 {
				q := url.Values{"limit": {fmt.Sprint(limit)}}
				if at != "" {
					q.Set(cursor, at)
				}
				rows, next, link := b.pageOf(t, caller, path+"?"+q.Encode())
				if len(rows) > limit {
					t.Errorf("%s: %d rows, and %d were asked for", op.OperationID, len(rows), limit)
				}
				got = append(got, rows...)
				if (next != "") != strings.Contains(link, cursor+"="+url.QueryEscape(next)) {
					t.Errorf("%s: next %q, and the header says %q", op.OperationID, next, link)
				}
				if at = next; at == "" {
					break
				}
			}
			if !reflect.DeepEqual(got, all) {
				t.Errorf("%s by %d: %d rows, and %d in one page", op.OperationID, limit, len(got), len(all))
			}
		}
	}
}

// What leads nowhere is refused, and not answered with another page.
func TestCursorsThatLeadNowhere(t *testing.T) {
	b := newBusy(t)
	for _, op := range listOperations(t) {
		if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "after" }) {
			continue
		}
		caller, path := b.anna, strings.ReplaceAll(op.Path, "{subject}", "P0001")
		if strings.Contains(path, "/me/past") {
			caller = desk.Participant("P0001")
		}
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b.handler.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), caller)))
		})
		if w := ask(h, http.MethodGet, path+"?after=no-such-row", ""); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d %s", op.OperationID, w.Code, w.Body)
		}
	}
}
