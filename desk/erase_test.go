package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// told gives what the ledger holds of a person's leaving, in short.
func (d *desks) told(t *testing.T, who study.Subject) string {
	t.Helper()
	var out []string
	for _, e := range must(d.trial.Entries(t.Context(), 0, 1000)) {
		f := must(study.Decode(e))
		if f.Subject != who {
			continue
		}
		switch ev := f.Event.(type) {
		case study.Withdrew:
			out = append(out, fmt.Sprintf("%s %s by %s", f.Event.Kind(), ev.From, f.Actor))
		case study.Erased:
			out = append(out, fmt.Sprintf("erased by %s", f.Actor))
		}
	}
	return strings.Join(out, ", ")
}

// However somebody is erased, the ledger says that it happened, once, and in
// whose name; her words are gone.
func TestErasureIsTold(t *testing.T) {
	d := newDesks(t)
	anna := staff("anna", study.RoleCoordinator, "main")
	anna.Strong = d.at
	must(d.Submit(t.Context(), desk.Participant(d.one), []desk.Submitted{d.entry("k1", "report-adverse-event", event(secret, d.at))}))
	left := "withdrew follow-up by %[1]s, withdrew identifiers by %[1]s, erased by dvala"

	me := desk.Participant(d.one)
	must(d.Do(t.Context(), me, desk.Request{Cmd: study.Withdraw{From: study.FromIdentifiers, Why: "other"}, Subject: d.one, Key: "w"}))
	if got, want := d.told(t, d.one), fmt.Sprintf(left, d.one); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, ok := must2(d.Words(t.Context(), anna, d.one, sealedWords(t, d))); ok {
		t.Error("her words can be read")
	}

	if err := d.Forget(t.Context(), staff("mona", study.RoleMonitor, "main"), d.two, "she asked"); fault.CodeOf(err) != desk.CodeForbidden {
		t.Error(err)
	}
	for range 2 {
		if err := d.Forget(t.Context(), anna, d.two, "she asked"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := d.told(t, d.two), fmt.Sprintf(left, "anna"); got != want {
		t.Errorf("%s, want %s", got, want)
	}

	screened := d.trial.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(40), "sex": protocol.Choice("male"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}, d.at, "")
	if err := d.Forget(t.Context(), anna, screened, "she asked"); err != nil {
		t.Fatal(err)
	}
	if got := d.told(t, screened); got != "erased by anna" {
		t.Error(got)
	}

	// The program ended after the withdrawal: the next start finishes it, once.
	three := d.trial.Person(t, d.at)
	d.trial.Do(t, study.Withdraw{From: study.FromIdentifiers, Why: "other"}, d.at, three)
	for range 2 {
		if err := d.EraseDue(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := d.told(t, three), fmt.Sprintf(left, "anna"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	d.trial.View(func(s *study.State) {
		if n := len(slices.DeleteFunc(slices.Clone(s.Order), func(who study.Subject) bool { return !s.People[who].Erased })); n != 4 {
			t.Errorf("%d people are erased", n)
		}
	})
}

// sealedWords gives the sealed words of the first adverse event on the ledger.
func sealedWords(t *testing.T, d *desks) string {
	t.Helper()
	var out string
	d.trial.View(func(s *study.State) { out = string(s.People[d.one].Adverse[0].Words) })
	if !study.Words(out).Sealed() {
		t.Fatal("they are not sealed")
	}
	return out
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

// After somebody was erased harms are still taken, as what they are coded as; words
// about her are refused, and a correction has its reason in the clear.
func TestAfterErasure(t *testing.T) {
	d := newDesks(t)
	anna := staff("anna", study.RoleCoordinator, "main")
	anna.Strong = d.at
	n := must(d.Do(t.Context(), anna, desk.Request{Cmd: event("", d.at), Subject: d.one, Key: "e1"})).First
	if err := d.Forget(t.Context(), anna, d.one, "she asked"); err != nil {
		t.Fatal(err)
	}
	late := event("", d.at)
	if _, err := d.Do(t.Context(), anna, desk.Request{Cmd: late, Subject: d.one, Key: "e2"}); fault.CodeOf(err) != "person-erased" {
		t.Error(err)
	}
	late.Term, late.Coded = "", "Headache"
	must(d.Do(t.Context(), anna, desk.Request{Cmd: late, Subject: d.one, Key: "e3"}))
	fix := study.Correct{Entry: n, Field: "outcome", New: []byte(`"recovered"`)}
	must(d.Do(t.Context(), anna, desk.Request{Cmd: fix, Subject: d.one, Key: "e4", Reason: "from the record"}))
	d.trial.View(func(s *study.State) {
		p := s.People[d.one]
		if len(p.Adverse) != 2 || p.Adverse[0].Name() != study.NotCoded || p.Adverse[1].Name() != "Headache" || p.Corrections[0].Reason != "from the record" {
			t.Errorf("%+v %+v", p.Adverse, p.Corrections)
		}
	})
}
