package registry

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/estimate"
	"dvala/examples"
	"dvala/protocol"
)

func example(t *testing.T, name string) protocol.Checked {
	t.Helper()
	src, err := examples.Protocol(name)
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	return c
}

// The data set has 24 items, numbered from 1; each has a value or says what is
// asked for, and never both.
func TestWHOItems(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover"} {
		items := WHO(example(t, name), Progress{})
		if len(items) != 24 {
			t.Fatalf("%s: %d items", name, len(items))
		}
		for i, it := range items {
			if it.Number != i+1 || (it.Value == "") == (it.Open == "") {
				t.Errorf("%s: item %d: %+v", name, i+1, it)
			}
		}
	}
}

// What happened takes the place of what was planned.
func TestProgress(t *testing.T) {
	c := example(t, "mgt-2024")
	before := ClinicalTrials(c, Progress{}).Protocol
	if before.Status.Overall != "NOT_YET_RECRUITING" || before.Status.Start.Type != "ESTIMATED" || before.Design.Enrolment.Type != "ESTIMATED" {
		t.Errorf("before the trial: %+v", before.Status)
	}
	after := ClinicalTrials(c, Progress{First: civil.On(2026, 9, 15), Last: civil.On(2026, 12, 1), Randomised: 78, Locked: true}).Protocol
	if after.Status.Overall != "COMPLETED" || after.Status.Start != (Date{"2026-09-15", "ACTUAL"}) ||
		*after.Status.Completion != (Date{"2026-12-01", "ACTUAL"}) || after.Design.Enrolment.Count != 78 {
		t.Errorf("after it: %+v %+v", after.Status, after.Design.Enrolment)
	}
	if w := before.Design.Info.Masking; w.Masking != "QUADRUPLE" || len(w.Who) != 4 {
		t.Errorf("masking: %+v", w)
	}
}

// The primary outcome of the registration is that of the protocol: one, with
// its day.
func TestOutcomes(t *testing.T) {
	o := ClinicalTrials(example(t, "mgt-2024"), Progress{}).Protocol.Outcomes
	if len(o.Primary) != 1 || o.Primary[0].Measure != "Insomnia Severity Index" || o.Primary[0].TimeFrame != "day 21 after randomisation" {
		t.Errorf("primary: %+v", o.Primary)
	}
	if len(o.Secondary) != 3 || !strings.Contains(o.Secondary[0].TimeFrame, "nights 15 to 21") {
		t.Errorf("secondary: %+v", o.Secondary)
	}
}

// In the participant flow those who started are those who completed and those
// who did not; the reasons add up to the latter.
func TestResultsAddUp(t *testing.T) {
	c := example(t, "mgt-2024")
	mean, p := 10.0, 0.00001
	arms := []estimate.ArmInfo{{ID: "threonate-1g", Label: "Magnesium L-threonate", N: 40}, {ID: "rice-placebo", Label: "Placebo", N: 40}}
	r := estimate.Results{
		Arms: arms,
		Flow: estimate.Flow{Screened: 100, Randomised: 80, Arms: []estimate.ArmFlow{
			{Arm: "threonate-1g", Randomised: 40, Completed: 37, Lost: []estimate.Count{{What: "moved", N: 2}, {What: "no time", N: 1}}},
			{Arm: "rice-placebo", Randomised: 40, Completed: 39, Lost: []estimate.Count{{What: "moved", N: 1}}},
		}},
		Estimands: []estimate.Result{{
			Label: "ISI", Place: protocol.Primary, Estimate: &mean, P: &p, Level: 0.95, Low: &mean, High: &mean,
			Arms: []estimate.ArmSummary{{Arm: "threonate-1g", N: 37, Mean: &mean}, {Arm: "rice-placebo", N: 39, Mean: &mean}},
		}, {Label: "ISI", Analysis: "ranks"}},
		Harms: estimate.Harms{
			Arms:  []estimate.HarmArm{{Arm: "threonate-1g", People: 40, AtLeastOne: 3}, {Arm: "rice-placebo", People: 40, AtLeastOne: 1}},
			Terms: []estimate.HarmRow{{Term: "nausea", People: []int{3, 1}, Events: []int{4, 1}}},
		},
	}
	got := ClinicalTrials(c, Progress{Locked: true}).WithResults(c, r).Results
	period := got.Flow.Periods[0]
	for i := range arms {
		started, completed, left := subjects(t, period.Milestones[0], i), subjects(t, period.Milestones[1], i), subjects(t, period.Milestones[2], i)
		reasons := 0
		for _, m := range period.Dropped {
			n, err := strconv.Atoi(m.Reasons[i].Subjects)
			if err != nil {
				t.Fatal(err)
			}
			reasons += n
		}
		if started != completed+left || reasons != left {
			t.Errorf("arm %d: %d started, %d completed, %d left, %d with a reason", i, started, completed, left, reasons)
		}
	}
	if n := len(got.Outcomes.Measures); n != 1 {
		t.Errorf("%d outcome measures; sensitivity analyses are none", n)
	}
	if a := got.Outcomes.Measures[0].Analyses[0]; a.P != "<0.0001" || a.CIPercent != "95" {
		t.Errorf("analysis: %+v", a)
	}
	if s := got.Adverse.Other[0].Stats; s[0] != (AdverseCount{"FG000", 4, 3, 40}) || s[1].Affected != 1 {
		t.Errorf("adverse events: %+v", s)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

func subjects(t *testing.T, m Milestone, i int) int {
	t.Helper()
	n, err := strconv.Atoi(m.Achievements[i].Subjects)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
