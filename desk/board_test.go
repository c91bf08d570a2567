package desk_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/protocol"
	"dvala/study"
)

// What the office answers from what it worked out before is what a walk over
// everybody gives, whatever has happened and whenever it is asked: after every step
// of trials in which anything may happen, for all sites and for one.
func TestBoardIsTheWalk(t *testing.T) {
	kinds := map[study.Kind]int{}
	for seed := range uint64(12) {
		l := desktest.NewLives(t, "../study/testdata/small.yaml", seed)
		var clock time.Time
		o := desk.NewOffice(nil, func() time.Time { return clock })
		for step := range 80 {
			l.Step()
			if step%4 == 3 {
				continue // several steps between two questions
			}
			for _, at := range []time.Time{l.Now, l.Now.Add(90 * time.Minute), l.Now.Add(time.Nanosecond), l.Now.Add(30 * time.Hour)} {
				if at != l.Now && step%3 > 0 {
					continue
				}
				clock = at
				holdBoard(t, seed, o, l.State, at)
			}
		}
		for k, n := range l.Kinds() {
			kinds[k] += n
		}
	}
	for _, k := range []study.Kind{
		study.KindRandomised, study.KindCompleted, study.KindWithdrew, study.KindAdverseEvent, study.KindSeriousReported, study.KindAmendmentInForce,
		study.KindLocked, study.KindUnlocked, study.KindZoneChanged, study.KindWakeChanged, study.KindExcused, study.KindNotScreened, study.KindCorrected, study.KindNightRecorded,
	} {
		if kinds[k] == 0 {
			t.Errorf("never %s: the test shows little", k)
		}
	}
}

func holdBoard(t *testing.T, seed uint64, o *desk.Office, s *study.State, at time.Time) {
	t.Helper()
	same := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, %d entries, at %v: %s\n%+v\nand by walking\n%+v", seed, s.Entries, at, what, got, want)
		}
	}
	same("overview", o.Overview(s), desk.NewOverview(s, at))
	same("flow", o.Flow(s), desk.NewFlow(s))
	for _, site := range []string{"", "north"} {
		sees := func(at string) bool { return site == "" || at == site }
		same("day of "+site, o.Day(s, at, sees), desk.NewDay(s, at, func(p *study.Participant) bool { return sees(p.Site) }))
		part := *s // as if there were nobody else
		part.Order = slices.DeleteFunc(slices.Clone(s.Order), func(who study.Subject) bool { return !sees(s.People[who].Site) })
		same("overview of "+site, o.OverviewAt(s, sees), desk.NewOverview(&part, at))
		same("flow of "+site, o.FlowAt(s, sees), desk.NewFlow(&part))
		needs := map[string]int{}
		for _, l := range desk.People(s, at) {
			for _, need := range l.Needs {
				if sees(l.Site) {
					needs[need]++
				}
			}
		}
		same("needs of "+site, o.Needs(s, at, sees), needs)
	}
	lines := make([]desk.Line, 0, len(s.Order))
	o.Lines(s, at, func(line func(int) desk.Line) {
		for place := range s.Order {
			lines = append(lines, line(place))
		}
	})
	same("lines", lines, desk.People(s, at))
}

// A question that is asked again costs nothing; after an entry about one person it
// costs her, and after one about a kit on a shelf nobody.
func TestBoardCostsWhatChanged(t *testing.T) {
	m := desktest.New(t, "../study/testdata/small.yaml", 20)
	at := desktest.Start
	for range 20 {
		m.Person(t, at)
	}
	o := desk.NewOffice(m, func() time.Time { return at })
	ask := func() (made uint64) {
		before := o.Worked()
		m.View(func(s *study.State) { o.Overview(s) })
		return o.Worked() - before
	}
	if n := ask(); n != 20 {
		t.Error("the first question worked out", n)
	}
	if n := ask(); n != 0 {
		t.Error("the same question again worked out", n)
	}
	m.Do(t, study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up"}}, at, "P0003")
	m.Do(t, study.LogNotScreened{Site: "main", Why: "declined"}, at, "")
	if n := ask(); n != 1 {
		t.Error("one person changed, and this many were worked out:", n)
	}
	at = at.AddDate(1, 0, 0) // every plan is over
	ask()
	at = at.AddDate(0, 0, 1)
	if n := ask(); n != 0 {
		t.Error("a midnight after all plans worked out", n)
	}
}

// A version of the protocol comes into force by the calendar alone, at a midnight
// of the trial's zone in which nothing else of a person abroad happens: what was
// missed by the windows of its own day stays missed.
func TestBoardAtAnAmendment(t *testing.T) {
	l := desktest.NewLives(t, "../study/testdata/small.yaml", 1)
	m := study.Meta{At: l.Now, Actor: "anna", Role: study.RoleInvestigator, Reason: "because"}
	l.Do(study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(40), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}, m)
	m.Subject = "P0001"
	l.Do(study.Consent{Version: "1.0", Language: "sv"}, m)
	l.Do(study.Enrol{Zone: "Asia/Tokyo", Wake: 420}, m)
	// Day 0 is planned for 5 March and day 7 for the 12th, until the 14th; the second
	// version would have given it until the 16th, which in Tokyo ends at 15:00 UTC.
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	m.Subject, m.At = "", at(15, 12)
	l.Amend(m)
	l.Do(study.PutAmendmentInForce{AmendmentInForce: study.AmendmentInForce{Version: "2", Site: "main", From: civil.On(2026, 3, 16)}}, m)
	clock := at(15, 16)
	o := desk.NewOffice(nil, func() time.Time { return clock })
	missed := func() (n int) {
		o.Lines(l.State, clock, func(line func(int) desk.Line) { n = line(0).Missed })
		return n
	}
	before := missed()
	holdBoard(t, 1, o, l.State, clock)
	clock = at(15, 23) // midnight in Stockholm
	if after := missed(); before == 0 || after != before {
		t.Errorf("%d tasks missed before the longer windows, %d after", before, after)
	}
	holdBoard(t, 1, o, l.State, clock)
}
