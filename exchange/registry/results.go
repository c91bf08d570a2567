package registry

import (
	"fmt"
	"strconv"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
)

// ResultsSection holds what is posted after the analysis.
type ResultsSection struct {
	Flow     Flow     `json:"participantFlowModule"`
	Baseline Baseline `json:"baselineCharacteristicsModule"`
	Outcomes struct {
		Measures []OutcomeMeasure `json:"outcomeMeasures"`
	} `json:"outcomeMeasuresModule"`
	Adverse Adverse `json:"adverseEventsModule"`
	More    struct {
		Limitations struct {
			Description string `json:"description"`
		} `json:"limitationsAndCaveats"`
	} `json:"moreInfoModule"`
}

// Group is an arm in the results.
type Group struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Flow is the participant flow: one period, with milestones.
type Flow struct {
	Groups  []Group  `json:"groups"`
	Periods []Period `json:"periods"`
}

// Period is a stretch of the trial.
type Period struct {
	Title      string      `json:"title"`
	Milestones []Milestone `json:"milestones"`
	Dropped    []Milestone `json:"dropWithdraws,omitempty"`
}

// Milestone is how many of each group came to a point.
type Milestone struct {
	Type         string   `json:"type"`
	Achievements []Number `json:"achievements,omitempty"`
	Reasons      []Number `json:"reasons,omitempty"`
}

// Number is a count or a value of a group.
type Number struct {
	Group    string `json:"groupId"`
	Subjects string `json:"numSubjects,omitempty"`
	Value    string `json:"value,omitempty"`
	Spread   string `json:"spread,omitempty"`
	Low      string `json:"lowerLimit,omitempty"`
	High     string `json:"upperLimit,omitempty"`
}

// Baseline is Table 1.
type Baseline struct {
	Groups   []Group           `json:"groups"`
	Measures []BaselineMeasure `json:"measures"`
}

// BaselineMeasure is a row of it.
type BaselineMeasure struct {
	Title      string   `json:"title"`
	Category   string   `json:"category,omitempty"`
	ParamType  string   `json:"paramType"`
	Dispersion string   `json:"dispersionType,omitempty"`
	Unit       string   `json:"unitOfMeasure"`
	Values     []Number `json:"measurements"`
}

// OutcomeMeasure is a result of an estimand.
type OutcomeMeasure struct {
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Population  string     `json:"populationDescription"`
	TimeFrame   string     `json:"timeFrame"`
	ParamType   string     `json:"paramType"`
	Dispersion  string     `json:"dispersionType,omitempty"`
	Unit        string     `json:"unitOfMeasure"`
	Groups      []Group    `json:"groups"`
	Analysed    []Number   `json:"denoms"`
	Values      []Number   `json:"measurements"`
	Analyses    []Analysis `json:"analyses"`
}

// Analysis is the comparison.
type Analysis struct {
	Groups      []string `json:"groupIds"`
	Description string   `json:"groupDescription"`
	Method      string   `json:"statisticalMethod"`
	P           string   `json:"pValue,omitempty"`
	PComment    string   `json:"pValueComment,omitempty"`
	ParamType   string   `json:"paramType"`
	Value       string   `json:"paramValue,omitempty"`
	CIPercent   string   `json:"ciPctValue,omitempty"`
	CISides     string   `json:"ciNumSides,omitempty"`
	Low         string   `json:"ciLowerLimit,omitempty"`
	High        string   `json:"ciUpperLimit,omitempty"`
}

// Adverse is the adverse events, counted by people.
type Adverse struct {
	Threshold string         `json:"frequencyThreshold"`
	TimeFrame string         `json:"timeFrame"`
	Groups    []AdverseGroup `json:"eventGroups"`
	Serious   []AdverseTerm  `json:"seriousEvents"`
	Other     []AdverseTerm  `json:"otherEvents"`
}

// AdverseGroup is a group: who died of any cause, had a serious event, or another,
// and of how many.
type AdverseGroup struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Deaths  int    `json:"deathsNumAffected"`
	DeathOf int    `json:"deathsNumAtRisk"`
	Serious int    `json:"seriousNumAffected"`
	SeriOf  int    `json:"seriousNumAtRisk"`
	Other   int    `json:"otherNumAffected"`
	OtherOf int    `json:"otherNumAtRisk"`
}

// AdverseTerm is an event by group. The register wants the organ system of each, and
// how it was asked about; neither is known of a term in free words.
type AdverseTerm struct {
	Term  string         `json:"term"`
	Stats []AdverseCount `json:"stats"`
}

// AdverseCount is how many people of a group had it, and how often.
type AdverseCount struct {
	Group    string `json:"groupId"`
	Events   int    `json:"numEvents"`
	Affected int    `json:"numAffected"`
	AtRisk   int    `json:"numAtRisk"`
}

// WithResults adds the results to a record. Those of a dummy allocation are
// refused by their caller: they are of nobody.
func (s Study) WithResults(c protocol.Checked, r estimate.Results) Study {
	out := &ResultsSection{}
	groups, id := groupsOf(c, r)
	out.Flow = flow(r, groups, id)
	out.Baseline = baseline(r, groups)
	for _, e := range r.Estimands {
		if e.Analysis == "" {
			out.Outcomes.Measures = append(out.Outcomes.Measures, outcome(e, groups, id))
		}
	}
	out.Adverse = adverse(c, r, groups, id)
	out.More.Limitations.Description = limitations(r)
	s.Results = out
	s.Open = append(s.Open, openResults(out.Adverse)...)
	if !apart(r.Harms) {
		s.Open = append(s.Open, Open{"adverseEventsModule.otherEvents", "events that are not serious, and who had them: these results were made by an earlier program, which did not count them apart"})
	}
	return s
}

func groupsOf(c protocol.Checked, r estimate.Results) ([]Group, map[string]string) {
	var out []Group
	id := map[string]string{}
	for i, a := range r.Arms {
		g := Group{ID: fmt.Sprintf("FG%03d", i), Title: a.Label}
		if arm, ok := c.Arm(a.ID); ok {
			g.Description = strings.TrimSpace(arm.Intervention)
		}
		id[a.ID] = g.ID
		out = append(out, g)
	}
	return out, id
}

func flow(r estimate.Results, groups []Group, id map[string]string) Flow {
	f := Flow{Groups: groups}
	period := Period{Title: "Overall study"}
	started, completed, left := Milestone{Type: "STARTED"}, Milestone{Type: "COMPLETED"}, Milestone{Type: "NOT COMPLETED"}
	reasons := map[string]map[string]int{}
	var order []string
	for _, a := range r.Flow.Arms {
		g := id[a.Arm]
		started.Achievements = append(started.Achievements, Number{Group: g, Subjects: strconv.Itoa(a.Randomised)})
		completed.Achievements = append(completed.Achievements, Number{Group: g, Subjects: strconv.Itoa(a.Completed)})
		left.Achievements = append(left.Achievements, Number{Group: g, Subjects: strconv.Itoa(a.Randomised - a.Completed)})
		for _, why := range a.Lost {
			if reasons[why.What] == nil {
				reasons[why.What] = map[string]int{}
				order = append(order, why.What)
			}
			reasons[why.What][g] += why.N
		}
	}
	period.Milestones = []Milestone{started, completed, left}
	for _, why := range order {
		m := Milestone{Type: dropReason(why)}
		for _, a := range r.Flow.Arms {
			m.Reasons = append(m.Reasons, Number{Group: id[a.Arm], Subjects: strconv.Itoa(reasons[why][id[a.Arm]])})
		}
		period.Dropped = append(period.Dropped, m)
	}
	f.Periods = []Period{period}
	return f
}

func baseline(r estimate.Results, groups []Group) Baseline {
	b := Baseline{Groups: groups}
	for _, row := range r.Baseline {
		m := BaselineMeasure{Title: row.Label, Category: row.Level, ParamType: "MEAN", Dispersion: "STANDARD_DEVIATION", Unit: row.Unit}
		if row.Kind == "share" {
			m.ParamType, m.Dispersion, m.Unit = "COUNT_OF_PARTICIPANTS", "", "Participants"
		}
		for i, a := range row.Arms {
			if i >= len(groups) {
				break
			}
			n := Number{Group: groups[i].ID}
			if a.Count != nil {
				n.Value = strconv.Itoa(*a.Count)
			} else {
				n.Value, n.Spread = figure(a.Mean), figure(a.SD)
			}
			m.Values = append(m.Values, n)
		}
		b.Measures = append(b.Measures, m)
	}
	return b
}

func outcome(e estimate.Result, groups []Group, id map[string]string) OutcomeMeasure {
	kind := map[protocol.Place]string{protocol.Primary: "PRIMARY", protocol.Secondary: "SECONDARY", protocol.Exploratory: "OTHER_PRE_SPECIFIED"}[e.Place]
	m := OutcomeMeasure{
		Type: kind, Title: e.Label, Description: e.Method, TimeFrame: e.When, ParamType: "MEAN", Dispersion: "STANDARD_DEVIATION",
		Unit: e.Unit, Groups: groups, Population: fmt.Sprintf("%d people in the analysis", e.N),
	}
	var both []string
	for _, a := range e.Arms {
		g := id[a.Arm]
		both = append(both, g)
		m.Analysed = append(m.Analysed, Number{Group: g, Subjects: strconv.Itoa(a.N)})
		m.Values = append(m.Values, Number{Group: g, Value: figure(a.Mean), Spread: figure(a.SD)})
	}
	an := Analysis{
		Groups: both, Description: "as planned before the first participant", Method: e.Model,
		ParamType: e.Summary, Value: figure(e.Estimate), P: pValue(e.P), Low: figure(e.Low), High: figure(e.High),
	}
	if e.Low != nil {
		an.CIPercent, an.CISides = strconv.FormatFloat(100*e.Level, 'g', 4, 64), "TWO_SIDED"
	}
	if e.PAdjusted != nil {
		an.PComment = "adjusted within the family: " + pValue(e.PAdjusted)
	}
	m.Analyses = []Analysis{an}
	return m
}

func adverse(c protocol.Checked, r estimate.Results, groups []Group, id map[string]string) Adverse {
	a := Adverse{Threshold: "0", TimeFrame: fmt.Sprintf("from consent to day %d after randomisation", c.LastDay()), Serious: []AdverseTerm{}, Other: []AdverseTerm{}}
	for _, g := range r.Harms.Arms {
		group := AdverseGroup{
			ID: id[g.Arm], Deaths: g.Died, DeathOf: g.People, Serious: g.Serious, SeriOf: g.People, Other: g.Other, OtherOf: g.People,
		}
		for _, known := range groups {
			if known.ID == group.ID {
				group.Title = known.Title
			}
		}
		a.Groups = append(a.Groups, group)
	}
	terms := func(rows []estimate.HarmRow) []AdverseTerm {
		out := []AdverseTerm{}
		for _, row := range rows {
			t := AdverseTerm{Term: row.Term}
			for i := range min(len(row.People), len(row.Events), len(r.Harms.Arms)) {
				arm := r.Harms.Arms[i]
				t.Stats = append(t.Stats, AdverseCount{id[arm.Arm], row.Events[i], row.People[i], arm.People})
			}
			out = append(out, t)
		}
		return out
	}
	a.Serious, a.Other = terms(r.Harms.Serious), terms(r.Harms.Other)
	if len(r.Harms.Serious)+len(r.Harms.Other) == 0 { // results of an earlier program, and nothing was serious
		a.Other = terms(r.Harms.Terms)
		for i := range min(len(a.Groups), len(r.Harms.Arms)) {
			a.Groups[i].Other = r.Harms.Arms[i].AtLeastOne
		}
	}
	return a
}

// apart says whether the results tell serious events from others: those of an
// earlier program do not, where there are both.
func apart(h estimate.Harms) bool {
	n := 0
	for _, a := range h.Arms {
		n += a.Serious
	}
	return n > 0 || len(h.Serious) == 0
}

// openResults names what the register wants of results and nothing here tells.
func openResults(a Adverse) []Open {
	if len(a.Serious)+len(a.Other) == 0 {
		return nil
	}
	return []Open{
		{"adverseEventsModule.seriousEvents / otherEvents.organSystem", "of each term, one of the register's organ systems (those of MedDRA, in its own list): a term in free words has none, and none is guessed"},
		{"adverseEventsModule.seriousEvents / otherEvents.assessmentType", "systematic, where people were asked at set times, or non-systematic, where they told by themselves"},
		{"adverseEventsModule.seriousEvents / otherEvents.sourceVocabulary", "the dictionary and its version, where terms are coded by one"},
	}
}

// dropReasons are the register's own words for why people left; others stay as they are.
var dropReasons = map[string]string{
	"died": "Death", "adverse event": "Adverse Event", "lost to follow-up": "Lost to Follow-up",
}

func dropReason(why string) string {
	if own := dropReasons[why]; own != "" {
		return own
	}
	return why
}

func limitations(r estimate.Results) string {
	var out []string
	for _, c := range r.Checks {
		if c.Held != nil && !*c.Held {
			out = append(out, c.What+": "+c.Detail)
		}
	}
	if r.Trial.RegisteredBefore != nil && !*r.Trial.RegisteredBefore {
		out = append(out, "The trial was not registered before its first participant.")
	}
	return strings.Join(out, "\n")
}

// figure writes a number with four significant digits; nothing of none.
func figure(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', 4, 64)
}

// pValue writes a p-value as registers take it.
func pValue(p *float64) string {
	switch {
	case p == nil:
		return ""
	case *p < 0.0001:
		return "<0.0001"
	}
	return strconv.FormatFloat(*p, 'f', 4, 64)
}
