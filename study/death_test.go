package study

import (
	"slices"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/schedule"
)

// death is a fatal event as the staff tell it; without an end where its day is not known.
func death(end civil.Date) AdverseEvent {
	return AdverseEvent{
		Term: "cardiac arrest", Severity: "severe", Serious: true, Related: "unrelated", Onset: civil.On(2026, 3, 8), End: end,
		Outcome: OutcomeFatal, Criteria: []string{CriterionDeath},
	}
}

func started(t *testing.T) (*State, Subject) {
	t.Helper()
	s := opened(t)
	who := enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(3), who))
	return s, who
}

// A fatal event ends the person's part at once, without a second entry: nothing is
// asked, reminded or waited for from the day after it; harms, kits that come back,
// deviations and corrections are still taken.
func TestAFatalEventEndsThePart(t *testing.T) {
	s, who := started(t)
	p := s.People[who]
	told := do(t, s, ReportAdverseEvent{death(civil.On(2026, 3, 8))}, staff(day(8), who))[0].Index
	if on, died := p.Died(); !died || on != civil.On(2026, 3, 8) || !p.Stopped() || !p.OffTreatment() {
		t.Fatal("she is not dead:", on, died)
	}
	for _, task := range append(s.Tasks(p, day(40)), s.Evenings(p, day(40))...) {
		if after := civil.On(2026, 3, 8).Before(task.On); after != (task.State == schedule.Excused) {
			t.Errorf("%s of %v is %s", task.Kind, task.On, task.State)
		}
	}
	for _, cmd := range []Command{
		Answer{Instrument: "isi", Visit: "day-7", Language: "sv", Answers: isiAnswers(1)},
		ringNight(t, civil.DateOf(day(7)), 4),
		TakeDose{DoseTaken{Date: civil.DateOf(day(6))}},
		Complete{},
		Dispense{Visit: "day-0"},
		Withdraw{From: FromFollowUp, Why: WhyDied},
		Withdraw{From: FromTreatment, Why: "other"},
	} {
		refuse(t, s, "withdrew", cmd, because(staff(day(9), who)))
	}
	do(t, s, ReportAdverseEvent{mildEvent}, staff(day(9), who))
	do(t, s, NoteDeviation{Deviation{Code: "kit-lost", Note: "not found at home"}}, staff(day(9), who))
	if p.Erased {
		t.Error("a death erases nothing")
	}
	if _, again := s.NeedsConsent(p, day(40)); again {
		t.Error("a dead person is asked for consent")
	}

	// It was somebody else: put right, all goes on.
	right := death(civil.Date{})
	right.Outcome, right.Criteria = "ongoing", []string{"hospitalisation"}
	do(t, s, UpdateAdverseEvent{AdverseEventUpdated{told, right}}, staff(day(10), who))
	if _, died := p.Died(); died || p.Stopped() || len(p.Leavings()) != 0 {
		t.Error("she is dead still")
	}
	do(t, s, Answer{Instrument: "isi", Visit: "day-7", Language: "sv", Answers: isiAnswers(1)}, staff(day(10), who))
}

var mildEvent = AdverseEvent{Term: "rash", Severity: "mild", Related: "possible", Onset: civil.On(2026, 3, 7), Outcome: "unknown"}

// What she entered while she lived, and what waited on her telephone, is taken;
// what is dated after her death is not hers.
func TestWhatWaitedBeforeADeath(t *testing.T) {
	s, who := started(t)
	do(t, s, ReportAdverseEvent{death(civil.On(2026, 3, 8))}, staff(day(9), who))
	before := Answer{Instrument: "sleep-diary", Night: civil.On(2026, 3, 8), Language: "sv", Answers: diaryAnswers(20)}
	after := Answer{Instrument: "sleep-diary", Night: civil.On(2026, 3, 10), Language: "sv", Answers: diaryAnswers(20)}
	if d := s.Diary(s.People[who], civil.On(2026, 3, 8)); d == nil {
		t.Skip("no diary")
	} else {
		before.Instrument, after.Instrument = d.Instrument, d.Instrument
	}
	do(t, s, before, made(herself(day(9), who), day(6)))
	refuse(t, s, "withdrew", after, made(herself(day(9), who), day(8)))
}

// A death that is told as a withdrawal is one with its own day, asks for the
// adverse event, and is nobody's own to tell.
func TestAWithdrawalByDeathAsksForTheEvent(t *testing.T) {
	s, who := started(t)
	p := s.People[who]
	m := because(staff(day(9), who))
	refuse(t, s, "fatal-told", Withdraw{From: FromFollowUp, Why: WhyDied}, herself(day(9), who))
	refuse(t, s, "death-from", Withdraw{From: FromTreatment, Why: WhyDied}, m)
	refuse(t, s, "death-day", Withdraw{From: FromFollowUp, Why: "moved", Date: civil.On(2026, 3, 8)}, m)
	refuse(t, s, "date-future", Withdraw{From: FromFollowUp, Why: WhyDied, Date: civil.On(2026, 4, 8)}, m)
	do(t, s, Withdraw{From: FromFollowUp, Why: WhyDied, Date: civil.On(2026, 3, 9)}, m)
	if on, died := p.Died(); !died || on != civil.On(2026, 3, 9) {
		t.Error(on, died)
	}
	if q := p.OpenQueries(); len(q) != 1 || q[0].Rule != RuleDeathEvent {
		t.Fatalf("%+v", q)
	}
	do(t, s, ReportAdverseEvent{death(civil.On(2026, 3, 8))}, staff(day(9), who))
	if on, _ := p.Died(); len(p.OpenQueries()) != 0 || on != civil.On(2026, 3, 8) || p.Leavings()[0].Date != on {
		t.Errorf("%+v %+v", p.OpenQueries(), p.Leavings())
	}
}

// A death is an intercurrent event of its own and no withdrawal; one after the
// person had left is told beside that.
func TestDeathIsAnEvent(t *testing.T) {
	named := func(p *Participant) string {
		var out []string
		for _, e := range p.Events {
			out = append(out, e.Event+" "+e.From.String())
		}
		return strings.Join(out, ", ")
	}
	s, who := started(t)
	do(t, s, ReportAdverseEvent{death(civil.On(2026, 3, 8))}, staff(day(8), who))
	if got := named(s.People[who]); got != "died 2026-03-08" {
		t.Error(got)
	}
	refuse(t, s, "withdrew", NoteEvent{EventOccurred{Event: EventDied, From: civil.On(2026, 3, 8)}}, staff(day(8), who))

	s, who = started(t)
	do(t, s, Withdraw{From: FromFollowUp, Why: "moved"}, herself(day(5), who))
	do(t, s, ReportAdverseEvent{death(civil.On(2026, 3, 8))}, staff(day(8), who))
	if got := named(s.People[who]); got != "stopped-dose 2026-03-07, withdrew 2026-03-07, died 2026-03-08" {
		t.Error(got)
	}
	if w := s.People[who].Leavings(); len(w) != 1 || w[0].Why != "moved" {
		t.Errorf("%+v", w)
	}
	if !slices.Contains(Vocabulary("why"), WhyDied) {
		t.Error("nobody can die")
	}
}
