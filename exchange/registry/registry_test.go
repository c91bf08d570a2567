package registry

import (
	"bytes"
	"encoding/json"
	"slices"
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
	r.Harms = estimate.Harms{
		Arms:  []estimate.HarmArm{{Arm: "threonate-1g", People: 40, AtLeastOne: 3, Died: 1, Serious: 1, Other: 2}, {Arm: "rice-placebo", People: 40}},
		Terms: []estimate.HarmRow{{Term: "nausea", People: []int{3, 0}, Events: []int{4, 0}}}, Serious: []estimate.HarmRow{{Term: "heart attack", People: []int{1, 0}, Events: []int{1, 0}}},
		Other: []estimate.HarmRow{{Term: "nausea", People: []int{2, 0}, Events: []int{3, 0}}},
	}
	study := ClinicalTrials(c, Progress{Locked: true}).WithResults(c, r)
	g := study.Results.Adverse.Groups[0]
	if g.Deaths != 1 || g.DeathOf != 40 || g.Serious != 1 || g.Other != 2 || g.OtherOf != 40 || study.Results.Adverse.Other[0].Stats[0].Affected != 2 {
		t.Errorf("deaths, serious and other: %+v", g)
	}
	if !opened(study, "adverseEventsModule.seriousEvents / otherEvents.organSystem") {
		t.Error("an organ system was made up")
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

func opened(s Study, element string) bool {
	return slices.ContainsFunc(s.Open, func(o Open) bool { return o.Element == element })
}

// Ages and sex are taken from rules that say them plainly, and from no others; what
// kind of thing an arm is given is nobody's to guess.
func TestLimitsArePlain(t *testing.T) {
	age := protocol.Question{Name: "age", Type: "int", Unit: "years"}
	sex := protocol.Question{Name: "sex", Type: "choice", Levels: []string{"female", "male"}}
	for _, k := range []struct {
		include, exclude string
		least, most, sex string
	}{
		{"age >= 35 && age <= 55", "", "35 Years", "55 Years", "ALL"},
		{"age > 17", "", "18 Years", "", "ALL"},
		{"true", "age < 18 || age > 65", "18 Years", "65 Years", "ALL"},
		{"true", "age < 18 && isi < 8", "", "", "ALL"},
		{"age >= 18 || parent_agrees", "", "", "", "ALL"},
		{`age >= 18 && sex == "female"`, "", "18 Years", "", "FEMALE"},
		{"age >= 18", "sex == 'male'", "18 Years", "", "FEMALE"},
		{`sex == "female" || age < 40`, "", "", "", ""},
		{"age * 12 >= 216", "", "", "", "ALL"},
	} {
		p := protocol.Protocol{Population: protocol.Population{Screening: []protocol.Question{age, sex}, Include: []protocol.Criterion{{ID: "a", Rule: k.include}}}}
		if k.exclude != "" {
			p.Population.Exclude = []protocol.Criterion{{ID: "b", Rule: k.exclude}}
		}
		if e := eligibility(p); e.Least != k.least || e.Most != k.most || e.Sex != k.sex {
			t.Errorf("%s, without %s: %q to %q, %q", k.include, k.exclude, e.Least, e.Most, e.Sex)
		}
	}
	s := ClinicalTrials(example(t, "mgt-2024"), Progress{Primary: civil.On(2026, 11, 30)})
	raw, err := json.Marshal(s)
	if err != nil || bytes.Contains(raw, []byte("DIETARY")) || bytes.Contains(raw, []byte("healthyVolunteers\":")) {
		t.Error(err, "something is written that nobody said")
	}
	if e := s.Protocol.Eligibility; e.Least != "35 Years" || e.Most != "55 Years" || s.Protocol.Status.Primary.Date != "2026-11-30" || opened(s, "statusModule.primaryCompletionDateStruct") {
		t.Errorf("%+v %+v", e, s.Protocol.Status)
	}
	if !opened(s, "eligibilityModule.healthyVolunteers") || !opened(ClinicalTrials(example(t, "mgt-2024"), Progress{}), "statusModule.primaryCompletionDateStruct") {
		t.Error("what is not known is not asked for")
	}
}
