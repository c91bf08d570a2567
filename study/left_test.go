package study

import (
	"testing"

	"dvala/civil"
)

func randomisedOn(t *testing.T, s *State, n int) Subject {
	t.Helper()
	who := enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(n), who))
	return who
}

// Who has left the treatment takes nothing any more: a dose of a later day is
// somebody's mistake. That of the day itself, and of those before, can be told.
func TestNoDoseAfterTreatment(t *testing.T) {
	s := opened(t)
	who := randomisedOn(t, s, 3)
	do(t, s, Withdraw{From: FromTreatment, Why: "other"}, herself(day(5), who))
	dose := func(n int) TakeDose { return TakeDose{DoseTaken{Date: civil.DateOf(day(n)), Units: 2}} }
	refuse(t, s, "stopped-treatment", dose(6), herself(day(7), who))
	do(t, s, dose(5), herself(day(7), who))
	do(t, s, dose(4), herself(day(7), who))
}

// What she entered before she left, on a device without a network, belongs to the
// trial whenever it arrives, and is marked; what she enters afterwards does not.
func TestMadeBeforeLeaving(t *testing.T) {
	s := opened(t)
	who := randomisedOn(t, s, 3)
	do(t, s, Withdraw{From: FromFollowUp, Why: "no-time"}, because(staff(day(6), who)))
	diary := func(n int) Answer {
		return Answer{Instrument: "csd", Night: civil.DateOf(day(n)), Language: "sv", Answers: diaryAnswers(20)}
	}
	dose := func(n int) TakeDose { return TakeDose{DoseTaken{Date: civil.DateOf(day(n)), Units: 2}} }
	refuse(t, s, "withdrew", diary(5), herself(day(8), who))
	refuse(t, s, "withdrew", diary(7), made(herself(day(8), who), day(7)))
	refuse(t, s, "withdrew", diary(5), made(herself(day(30), who), day(5))) // too long ago for a clock to be believed
	refuse(t, s, "withdrew", Withdraw{From: FromFollowUp, Why: "other"}, made(herself(day(8), who), day(5)))

	facts := do(t, s, diary(5), made(herself(day(8), who), day(5)))
	if a := facts[0].Event.(Answered); len(facts) != 2 || !a.Late || a.Retrospective || a.Date != civil.DateOf(day(5)) {
		t.Errorf("%+v", facts)
	}
	if v, is := facts[1].Event.(Deviation); !is || v.Code != "arrived-after-leaving" || v.Date != civil.DateOf(day(8)) {
		t.Errorf("%+v", facts)
	}
	if n := len(do(t, s, dose(4), made(herself(day(8), who), day(5)))); n != 1 {
		t.Errorf("%d facts: it is marked once a day", n)
	}
	refuse(t, s, "withdrew", dose(7), made(herself(day(8), who), day(7)))
}

// Whoever leaves brings back what she has, at whatever visit, and what went wrong
// is noted: the kits are accounted for to the last.
func TestAccountsAfterLeaving(t *testing.T) {
	s := opened(t)
	who := randomisedOn(t, s, 3)
	kit := do(t, s, Dispense{Visit: "day-0"}, staff(day(3), who))[0].Event.(Dispensed).Kit
	refuse(t, s, "visit-no-return", Return{Visit: "day-0", Kit: kit, Units: 3}, staff(day(4), who))
	do(t, s, Withdraw{From: FromFollowUp, Why: "other"}, because(staff(day(5), who)))
	refuse(t, s, "kit-unknown", Return{Visit: "day-0", Kit: "K9", Units: 3}, staff(day(40), who))
	facts := do(t, s, Return{Visit: "day-0", Kit: kit, Units: 3}, staff(day(40), who))
	if len(facts) != 1 || *s.People[who].Kits[0].Returned != 3 {
		t.Errorf("%+v", facts)
	}
	refuse(t, s, "kit-returned", Return{Visit: "day-7", Kit: kit, Units: 3}, staff(day(40), who))
	do(t, s, NoteDeviation{Deviation{Code: "kit-not-returned"}}, staff(day(40), who))
}
