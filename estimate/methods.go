package estimate

import (
	"fmt"
	"strings"

	"dvala/protocol"
)

// Methods tells in words, from the protocol alone, what the analysis does: it
// can be printed before the trial begins and is the same text after it. Each
// estimand is a paragraph.
func Methods(c protocol.Checked) string {
	p := c.Protocol()
	l := layoutOf(c)
	var paragraphs []string
	paragraphs = append(paragraphs, methodsDesign(l))
	for _, e := range c.InOrder() {
		paragraphs = append(paragraphs, methodsEstimand(l, e))
	}
	alpha := strings.TrimSuffix(percentOf(p.Multiplicity.Alpha), " %")
	last := map[string]string{
		"fixed-sequence": "The primary estimand and then the secondary ones are tested in their order, each at " + alpha + " %, until one fails; what comes after it is not tested.",
		"holm":           "The primary and the secondary estimands are tested together by the method of Holm at " + alpha + " %.",
		"none":           "Only the primary estimand is tested, at " + alpha + " %.",
	}[p.Multiplicity.Method]
	last += " Exploratory estimands are shown with their intervals, and nothing is claimed from them. Intervals are " + percentOf(1-p.Multiplicity.Alpha) + " intervals."
	if p.Multiplicity.Note != "" {
		last += " " + p.Multiplicity.Note
	}
	return strings.Join(append(paragraphs, last), "\n\n")
}

func methodsDesign(l layout) string {
	d := l.p.Design
	var arms []string
	for _, a := range l.p.Arms {
		arms = append(arms, inText(a.Label.In("en")))
	}
	what := "parallel trial of " + list(arms)
	if !l.parallel() {
		what = fmt.Sprintf("crossover trial of %s in %d periods", list(arms), d.Periods)
	}
	out := fmt.Sprintf("A randomised %s, for %s.", what, days(d.TreatmentDays))
	if !l.parallel() && d.WashoutDays > 0 {
		out += fmt.Sprintf(" Between the periods there are %s.", days(d.WashoutDays))
	}
	var strata []string
	for _, s := range l.p.Randomisation.Strata {
		strata = append(strata, s.Name)
	}
	if len(strata) > 0 {
		out += " Randomisation is stratified by " + list(strata) + "."
	}
	return out + " Everyone randomised is analysed in the group that was drawn, as far as there are values."
}

func days(n int) string {
	if n == 1 {
		return "one day"
	}
	return itoa(n) + " days"
}

var modelWords = map[string]string{
	"ancova":           "analysis of covariance by least squares",
	"random-intercept": "a linear mixed model of the nights with a random intercept for each person, by REML, with degrees of freedom by Satterthwaite",
	"crossover":        "the two-period crossover analysis of differences between periods, in people with both",
	"paired":           "the mean difference within people, with Student's t",
}

func methodsEstimand(l layout, e protocol.Estimand) string {
	o, _ := l.checked.Outcome(e.Variable.Outcome)
	r := run{layout: l}
	place := strings.ToUpper(string(e.Place[:1])) + string(e.Place[1:])
	out := fmt.Sprintf("%s (%s): the difference in mean %s, %s, %s minus %s, among all randomised; by %s",
		place, e.ID, inText(o.Label.In("en")), r.when(e.Variable),
		inText(l.label(e.Treatment.Treatment)), inText(l.label(e.Treatment.Comparator)), modelWords[e.Model.Kind])
	var adjusted []string
	if e.Variable.BaselineVisit != "" || e.Variable.BaselineNights != nil {
		adjusted = append(adjusted, "the baseline value")
	}
	if e.Model.Strata && len(l.p.Randomisation.Strata) > 0 {
		adjusted = append(adjusted, "the strata of the randomisation")
	}
	adjusted = append(adjusted, e.Model.Covariates...)
	if len(adjusted) > 0 {
		out += ", adjusted for " + list(adjusted)
	}
	out += "."
	for _, strategy := range []string{treatmentPolicy, hypothetical, whileOnTreatment} {
		out += strategySentence(e.Events, strategy)
	}
	return out + " Values that are missing are taken to be missing at random, given what the model adjusts for."
}

// strategySentence names the events that a strategy is for.
func strategySentence(events []protocol.Event, strategy string) string {
	var names []string
	for _, e := range events {
		if e.Strategy == strategy {
			names = append(names, words(e.Event))
		}
	}
	if len(names) == 0 {
		return ""
	}
	which := strings.Join(names, ", ")
	if n := len(names); n > 1 {
		which = strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
	return map[string]string{
		treatmentPolicy:  " Values count all the same after: " + which + " (treatment policy).",
		hypothetical:     " Values are left out after: " + which + " (hypothetical).",
		whileOnTreatment: " Values count until: " + which + "; at a visit, the last of them (while on treatment).",
	}[strategy]
}
