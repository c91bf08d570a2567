package study

import (
	"testing"

	"dvala/civil"
)

// A signature is shown as of an older state from the moment on at which what it
// is of was changed, and not before: of a form by a correction of that form, of a
// person by whatever is told about her, of the trial by anything. Looking,
// asking and signing change nothing.
func TestStaleSignatures(t *testing.T) {
	s := opened(t)
	who, other := enrolled(t, s, "female"), enrolled(t, s, "male")
	diary := func(n int, who Subject) uint64 {
		return do(t, s, Answer{Instrument: "csd", Night: civil.DateOf(day(n)), Language: "sv", Answers: diaryAnswers(20)}, staff(day(n), who))[0].Index
	}
	signed := func(at int, who Subject, what string, entry uint64) {
		m := staff(day(at), who)
		m.Signature = &Signature{Name: "Anna", Meaning: MeansReview, Method: "passkey"}
		do(t, s, Sign{Signed{What: what, Entry: entry}}, m)
	}
	stale := func(who Subject) (out []bool) {
		for _, x := range s.SignaturesOf(who) {
			if x.Stale != (x.Since > x.Entry) {
				t.Errorf("%+v", x)
			}
			out = append(out, x.Stale)
		}
		return out
	}
	one, two := diary(1, who), diary(2, who)
	signed(2, who, OfForm, one)
	signed(2, who, OfPerson, 0)
	signed(2, "", OfTrial, 0)
	do(t, s, RaiseQuery{Entry: &two, Text: "really?"}, Meta{At: day(2), Actor: "mona", Role: RoleMonitor, Subject: who})
	do(t, s, VerifySource{SourceVerified{Entry: two}}, Meta{At: day(2), Actor: "mona", Role: RoleMonitor, Subject: who})
	check := func(when string, got []bool, want ...bool) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatal(when, got)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", when, got, want)
				return
			}
		}
	}
	check("when signed", stale(who), false, false)
	check("the trial when signed", stale(""), false)
	diary(2, other)
	check("another's diary", stale(who), false, false)
	check("the trial then", stale(""), true)
	do(t, s, Correct{Entry: two, Field: "answers.sol", New: []byte("30")}, because(staff(day(3), who)))
	check("another form corrected", stale(who), false, true)
	do(t, s, Correct{Entry: one, Field: "answers.sol", New: []byte("30")}, because(staff(day(3), who)))
	check("the form corrected", stale(who), true, true)
	signed(3, who, OfForm, one)
	check("signed anew", stale(who), true, true, false)

	ae := do(t, s, ReportAdverseEvent{headache}, staff(day(3), who))[0].Index
	signed(3, who, OfForm, ae)
	worse := headache
	worse.Outcome = "recovered"
	do(t, s, UpdateAdverseEvent{AdverseEventUpdated{ae, worse}}, staff(day(3), who))
	check("an event's new version", stale(who)[3:], true)
}
