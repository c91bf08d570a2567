package study

import (
	"testing"

	"dvala/civil"
	"dvala/fault"
)

// What the staff say of an event does not contradict itself: a death is serious
// and starts the clock (ICH E2A: "results in death" is the first criterion).
func TestADeathIsSerious(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	base := AdverseEvent{Term: "cardiac arrest", Severity: "severe", Related: "unrelated", Onset: civil.On(2026, 3, 3), End: civil.On(2026, 3, 3), Outcome: OutcomeFatal}
	wrong := func(code fault.Code, change func(*AdverseEvent)) {
		t.Helper()
		a := base
		change(&a)
		refuse(t, s, code, ReportAdverseEvent{a}, staff(day(3), who))
	}
	wrong("fatal-serious", func(*AdverseEvent) {})
	wrong("fatal-serious", func(a *AdverseEvent) { a.Serious = true })
	wrong("fatal-serious", func(a *AdverseEvent) { a.Serious, a.Criteria = true, []string{"hospitalisation"} })
	wrong("fatal-outcome", func(a *AdverseEvent) {
		a.Serious, a.Criteria, a.Outcome = true, []string{CriterionDeath}, "recovered"
	})
	wrong("serious-criteria", func(a *AdverseEvent) { a.Serious, a.Outcome = true, "recovered" })
	wrong("outcome-end", func(a *AdverseEvent) { a.Outcome = "ongoing" })

	right := base
	right.Serious, right.Criteria = true, []string{CriterionDeath}
	do(t, s, ReportAdverseEvent{right}, staff(day(3), who))
	if clocks := s.SeriousClocks(s.People[who], day(4)); len(clocks) != 1 {
		t.Errorf("a death has %d clocks", len(clocks))
	}
}

// A participant tells what she has to tell, however it hangs together; a death is
// none of it.
func TestParticipantsAreNotAskedToGrade(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	fell := AdverseEvent{Term: ToldByHer, Words: "I fell", Severity: "severe", Serious: true, Related: "unassessed", Onset: civil.On(2026, 3, 3), Outcome: "ongoing"}
	do(t, s, ReportAdverseEvent{fell}, herself(day(3), who))
	fell.Serious, fell.Outcome = false, OutcomeFatal
	refuse(t, s, "fatal-told", ReportAdverseEvent{fell}, herself(day(3), who))
}

// A correction changes one member; what belongs together changes in a new
// version. What contradicted itself under earlier rules can be put right step by step.
func TestCorrectionsKeepTheGradingWhole(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	told := do(t, s, ReportAdverseEvent{headache}, staff(day(3), who))[0].Index
	refuse(t, s, "fatal-serious", Correct{Entry: told, Field: "outcome", New: []byte(`"fatal"`)}, because(staff(day(3), who)))
	refuse(t, s, "serious-criteria", Correct{Entry: told, Field: "criteria", New: []byte(`null`)}, because(staff(day(3), who)))
	do(t, s, Correct{Entry: told, Field: "severity", New: []byte(`"mild"`)}, because(staff(day(3), who)))

	// As an earlier program took it: serious without a criterion.
	fell := AdverseEvent{Term: ToldByHer, Severity: "mild", Serious: true, Related: "unassessed", Onset: civil.On(2026, 3, 3), Outcome: "ongoing"}
	old := do(t, s, ReportAdverseEvent{fell}, herself(day(3), who))[0].Index
	do(t, s, Correct{Entry: old, Field: "severity", New: []byte(`"severe"`)}, because(staff(day(3), who)))
	do(t, s, Correct{Entry: old, Field: "criteria", New: []byte(`["hospitalisation"]`)}, because(staff(day(3), who)))
	refuse(t, s, "serious-criteria", Correct{Entry: old, Field: "criteria", New: []byte(`[]`)}, because(staff(day(3), who)))
}

// A death without its day raises a query by rule, which a new version with the
// day, or a correction, closes.
func TestADeathWithoutItsDayIsAsked(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	a := AdverseEvent{Term: "found dead", Severity: "severe", Serious: true, Related: "unrelated", Onset: civil.On(2026, 3, 3), Outcome: OutcomeFatal, Criteria: []string{CriterionDeath}}
	facts := do(t, s, ReportAdverseEvent{a}, staff(day(3), who))
	p := s.People[who]
	if len(facts) != 2 || len(p.OpenQueries()) != 1 || p.OpenQueries()[0].Rule != RuleDeathDate || *p.OpenQueries()[0].About != facts[0].Index {
		t.Fatalf("%+v", facts)
	}
	a.Severity = "moderate"
	do(t, s, UpdateAdverseEvent{AdverseEventUpdated{facts[0].Index, a}}, staff(day(4), who))
	if n := len(p.Queries); n != 1 {
		t.Errorf("asked %d times", n)
	}
	version := p.AdverseLog[0].Versions[1].Entry
	do(t, s, Correct{Entry: version, Field: "end", New: []byte(`"2026-03-03"`)}, because(staff(day(4), who)))
	if len(p.OpenQueries()) != 0 || p.Queries[0].How != "corrected" {
		t.Errorf("%+v", p.Queries[0])
	}
	do(t, s, Correct{Entry: version, Field: "end", New: []byte(`null`)}, because(staff(day(4), who)))
	if len(p.OpenQueries()) != 1 {
		t.Error("the day was taken away, and nobody asks")
	}
}
