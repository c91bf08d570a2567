package desk_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/study"
)

// analyst makes reports that say nothing.
type analyst struct{ m *desktest.Memory }

func (a analyst) Analysed(context.Context) (out study.Reported, err error) {
	if out.Results, err = a.m.PutBlob("results.json", []byte("{}")); err == nil {
		out.Report, err = a.m.PutBlob("report.html", []byte("<!doctype html>"))
	}
	return out, err
}

// alone is the example's one person, enrolled, on a clock that the test moves.
type alone struct {
	*testing.T
	m   *desktest.Memory
	o   *desk.Office
	at  time.Time
	who study.Subject
	c   desk.Caller
}

func newAlone(t *testing.T) *alone {
	a := &alone{T: t, m: desktest.New(t, filepath.Join("..", "examples", "nof1", "protocol.yaml"), 1), at: desktest.Start}
	a.o = desk.NewOffice(a.m, func() time.Time { return a.at })
	a.o.Furnish(desk.Parts{Analyst: analyst{a.m}})
	a.who = a.screened(true)
	a.c = desk.Participant(a.who)
	a.m.Do(t, study.Consent{Version: "1.0", Language: "sv"}, a.at, a.who)
	a.m.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, a.at, a.who)
	return a
}

func (a *alone) screened(fits bool) study.Subject {
	return a.m.Do(a, study.Screen{Site: "home", Answers: protocol.Answers{
		"age": protocol.Int(41), "isi": protocol.Int(12), "kidney_disease": protocol.Bool(!fits), "can_keep_boxes_shut": protocol.Bool(true),
	}}, a.at, "")
}

func (a *alone) later(days int) { a.at = a.at.AddDate(0, 0, days) }

func (a *alone) course() (c desk.Course) {
	a.m.View(func(s *study.State) { c = desk.CourseOf(s, s.People[a.who], a.at) })
	return c
}

func (a *alone) is(want desk.Stage) {
	a.Helper()
	if got := a.course().Stage; got != want {
		a.Fatalf("on %v the stage is %s, not %s", a.at, got, want)
	}
}

func (a *alone) do(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// One person goes through her own trial from her own pages; nothing can be done
// before its time, and the ledger says of every act in which role it was done.
func TestOnePersonRunsHerTrial(t *testing.T) {
	a := newAlone(t)
	ctx := t.Context()
	refused := func(what string, code fault.Code, err error) {
		t.Helper()
		if fault.CodeOf(err) != code {
			t.Errorf("%s: %v, not %s", what, err, code)
		}
	}
	a.is(desk.RunIn)
	_, err := a.o.Draw(ctx, a.c, "early")
	refused("a draw in the run-in", "own-stage", err)
	refused("an end in the run-in", "own-stage", a.o.Close(ctx, a.c, "Ida Ek", "x"))
	a.later(7)
	a.is(desk.ToDraw)
	_, err = a.o.Draw(ctx, a.c, "draw")
	a.do(err)
	again, err := a.o.Draw(ctx, a.c, "draw")
	if a.do(err); !again.Repeated {
		t.Error("sent twice, it is drawn twice")
	}
	for n := 1; n <= 8; n++ {
		a.is(desk.UnderWay)
		next := a.course().Next
		if next == nil || next.N != n || next.Opened || next.Kit == "" {
			t.Fatalf("box %d is not next: %+v", n, next)
		}
		_, err = a.o.OpenBox(ctx, a.c, next.Visit, "open-"+next.Visit)
		a.do(err)
		if a.course().Next != nil {
			t.Errorf("box %d is open, and there is more to do", n)
		}
		a.later(7)
		if next = a.course().Next; next == nil || next.N != n || !next.Opened {
			t.Fatalf("box %d is over and not counted: %+v", n, next)
		}
		refused("an end while it goes on", "own-stage", a.o.Close(ctx, a.c, "Ida Ek", "x"))
		_, err = a.o.CountBox(ctx, a.c, next.Back, 1, "back-"+next.Back)
		a.do(err)
		if n < 8 {
			a.later(4)
		}
	}
	a.do(a.guess())
	a.later(3)
	a.is(desk.ToClose)
	refused("openings before the lock", "own-stage", a.o.Bring(ctx, a.c, nil, "x"))
	refused("a lock without a name", "name-missing", a.o.Close(ctx, a.c, " ", "first"))
	a.do(a.o.Close(ctx, a.c, "Ida  Ek", "second"))
	a.do(a.o.Close(ctx, a.c, "Ida Ek", "second"))
	a.is(desk.ToOpen)
	var given bytes.Buffer
	a.do(a.o.ForHelper(ctx, a.c, &given))
	if _, err := ledger.ReadExport(&given); err != nil {
		t.Errorf("what the helper gets is no ledger: %v", err)
	}
	if err := a.o.Bring(ctx, a.c, []byte("something else"), "wrong"); err == nil {
		t.Error("what opens nothing is taken")
	}
	raw, err := a.m.Blob(a.m.Openings().SHA256)
	a.do(err)
	a.do(a.o.Bring(ctx, a.c, raw, "bring"))
	a.is(desk.Told)
	if _, report, ok, err := a.o.Results(ctx, a.c); err != nil || !ok || string(report) != "<!doctype html>" {
		t.Errorf("her report: %q, %v, %v", report, ok, err)
	}
	a.roles()
}

// guess answers what is asked when the last box is over.
func (a *alone) guess() error {
	cmd := study.Answer{Instrument: "guess", Visit: "end-8", Language: "sv", Answers: desktest.JSON(instrument.Answers{"arm": instrument.Said("dont-know"), "confidence": instrument.Number(1)})}
	_, err := a.o.Do(a.Context(), a.c, desk.Request{Cmd: cmd, Subject: a.who, Key: "guess"})
	return err
}

// roles holds what the ledger says of each act against whose act it is.
func (a *alone) roles() {
	want := map[study.Kind]study.Role{
		"randomised": study.RoleCoordinator, "dispensed": study.RoleCoordinator, "returned": study.RoleCoordinator, "completed": study.RoleCoordinator,
		"dry-run": study.RoleStatistician, "person-locked": study.RoleInvestigator, "locked": study.RoleInvestigator,
		"allocations-open": study.RoleCustodian, "reported": study.RoleStatistician,
	}
	var order []study.Kind
	entries, err := a.m.Entries(a.Context(), 0, 1000)
	a.do(err)
	for _, e := range entries {
		f, err := study.Decode(e)
		a.do(err)
		k := f.Event.Kind()
		role, ok := want[k]
		if !ok {
			continue
		}
		if f.Actor != string(a.who) || f.Role != role {
			a.Errorf("%s was done by %s as %s", k, f.Actor, f.Role)
		}
		signs := k == "person-locked" || k == "locked"
		if signs != (f.Signature != nil) || signs && (f.Signature.Name != "Ida Ek" || f.Signature.Method != desk.MethodTyped) {
			a.Errorf("%s is signed by %+v", k, f.Signature)
		}
		order = append(order, k)
	}
	last := order[max(len(order)-6, 0):]
	for i, k := range []study.Kind{"completed", "dry-run", "person-locked", "locked", "allocations-open", "reported"} {
		if len(last) != 6 || last[i] != k {
			a.Fatalf("at the end came %v", last)
		}
	}
}

// Nobody else gets at it: another who was screened, staff, a participant of a
// trial that staff run; and she does nothing beyond what is named.
func TestNobodyElseRunsHerTrial(t *testing.T) {
	a := newAlone(t)
	other := a.screened(true)
	a.later(7)
	staff := desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}, {Role: study.RoleInvestigator}}}
	for _, c := range []desk.Caller{{}, desk.Participant(other), staff} {
		if _, err := a.o.Draw(t.Context(), c, ""); fault.CodeOf(err) != desk.CodeForbidden {
			t.Errorf("%q draws: %v", c.Account, err)
		}
	}
	for _, cmd := range []study.Command{study.Randomise{}, study.NoteDeviation{}, study.Lock{}, study.Unlock{}, study.ReplaceKit{}} {
		if _, err := a.o.Do(t.Context(), a.c, desk.Request{Cmd: cmd, Subject: a.who, Key: "by the other door"}); fault.CodeOf(err) != desk.CodeForbidden {
			t.Errorf("%T: %v", cmd, err)
		}
	}
	m := desktest.New(t, filepath.Join("..", "study", "testdata", "small.yaml"), 4)
	o := desk.NewOffice(m, func() time.Time { return desktest.Start })
	who := m.Person(t, desktest.Start)
	if _, err := o.Draw(t.Context(), desk.Participant(who), ""); fault.CodeOf(err) != desk.CodeRunByStaff {
		t.Errorf("a participant of a trial that staff run draws: %v", err)
	}
}

// She does nothing that the role could not do of which it is.
func TestHatsAreInTheTable(t *testing.T) {
	for a, role := range desk.Hats() {
		rule, ok := desk.RuleOf(a)
		if _, may := rule.May[role]; !ok || !may {
			t.Errorf("%s as %s is not in the table", a, role)
		}
	}
}
