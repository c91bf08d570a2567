package desk_test

import (
	"path/filepath"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/study"
)

// What she was given is told to her alone, and only when it is published.
func TestGivenAfterTheOpenings(t *testing.T) {
	m := desktest.New(t, filepath.Join("..", "study", "testdata", "small.yaml"), 4)
	at := desktest.Start
	o := desk.NewOffice(m, func() time.Time { return at })
	one, two := m.Person(t, at), m.Person(t, at)
	at = at.AddDate(0, 0, 3)
	m.Do(t, study.Randomise{}, at, one)
	m.Do(t, study.Randomise{}, at, two)
	ask := func(c desk.Caller, who study.Subject) (string, bool, error) {
		a, ok, err := o.Given(t.Context(), c, who)
		return a.ID, ok, err
	}
	if got, ok, err := ask(desk.Participant(one), one); ok || err != nil {
		t.Errorf("before the openings she is told %q (%v)", got, err)
	}
	for _, cmd := range []study.Command{study.RecordDryRun{DryRun: study.DryRun{Results: m.Openings(), Report: m.Openings()}}, study.Lock{Waive: true}, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: m.Openings()}}} {
		meta := study.Meta{At: at.AddDate(0, 0, 10), Actor: "anna", Role: study.RoleInvestigator, Reason: "as planned", Signature: &study.Signature{Name: "Anna", Meaning: study.MeansResponsibility, Method: "test"}}
		if _, err := m.Tell(t.Context(), cmd, meta); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	// The list holds what can be drawn by turns, so two slots that follow each other differ.
	first, ok, err := ask(desk.Participant(one), one)
	second, ok2, err2 := ask(desk.Participant(two), two)
	if !ok || !ok2 || err != nil || err2 != nil || first != "chamomile" || second != "plainwater" {
		t.Errorf("given %q and %q (%v, %v)", first, second, err, err2)
	}
	for _, c := range []desk.Caller{{}, desk.Participant(two), {Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}}} {
		if got, ok, err := ask(c, one); ok || fault.CodeOf(err) != desk.CodeForbidden {
			t.Errorf("%q is told %q (%v)", c.Account, got, err)
		}
	}
}
