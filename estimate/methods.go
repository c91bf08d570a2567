package estimate

import (
	"fmt"
	"slices"
	"strings"

	"dvala/protocol"
	"dvala/stats/mmrm"
	"dvala/stats/reml"
)

// Methods tells in words, from the protocol alone, what the analysis does: the
// statistical analysis plan before the trial, and the same text as the methods
// of the report after it. What all estimands share is said once. Paragraphs are
// parted by empty lines; a line that begins with # is a heading, and lines that
// begin with a hyphen are a list.
func Methods(c protocol.Checked) string {
	l := layoutOf(c)
	all := c.InOrder()
	shared := sharedEvents(all)
	out := []string{"# Design", methodsDesign(l), "# What holds for every estimand", methodsShared(l, all, shared)}
	for _, p := range []protocol.Place{protocol.Primary, protocol.Secondary, protocol.Exploratory} {
		var of []protocol.Estimand
		for _, e := range all {
			if e.Place == p {
				of = append(of, e)
			}
		}
		if len(of) == 0 {
			continue
		}
		head := "# " + capital(string(p)) + " estimand"
		if len(of) > 1 {
			head += "s"
		}
		out = append(out, head)
		for k, e := range of {
			out = append(out, methodsEstimand(l, e, of[:k], shared)...)
		}
	}
	if h := l.p.Habits; h != nil {
		out = append(out, "# What sleep goes with", habitsTold(l, *h))
	}
	out = append(out, "# How the error rate is held", methodsFamily(l), "# How the models are checked", methodsChecks)
	return strings.Join(out, "\n\n")
}

const methodsChecks = "Of every model the standardised residuals are summed up (quartiles, skewness, excess kurtosis, how many lie further than 3 from 0), and it is told whether the fit converged and what was tried before it. " +
	"Each person is left out in turn and the model fitted again; the range of the estimates is told, and how many people there are without whom p would lie on the other side of the error rate."

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
	who := fmt.Sprintf("%d people", d.Participants)
	if d.Participants == 1 {
		who = "one person"
	}
	out := fmt.Sprintf("A randomised %s, for %s, in %s.", what, days(d.TreatmentDays), who)
	if d.Kind == protocol.NOf1 {
		out = fmt.Sprintf("A randomised trial of %s, in which %s was to take each of them several times: %d periods of %s.", list(arms), who, d.Periods, days(d.TreatmentDays))
		if d.Participants > 1 {
			out = strings.Replace(out, who+" was", who+" were each", 1)
		}
	}
	if !l.parallel() && d.WashoutDays > 0 {
		out += fmt.Sprintf(" Between the periods there are %s.", days(d.WashoutDays))
	}
	var strata []string
	for _, s := range l.p.Randomisation.Strata {
		name := l.factorLabel(s.Name)
		if len(s.Cuts) > 0 {
			name += " (" + strings.Join(s.Levels, ", ") + ")"
		}
		strata = append(strata, name)
	}
	if l.p.Randomisation.Method == protocol.WithinCycles {
		return out + fmt.Sprintf(" The order is drawn anew in each of %d cycles, for each person alone.", d.Cycles)
	}
	if l.checked.Minimises() {
		return out + minimisedTold(l.p, strata)
	}
	out += " The list is drawn in permuted blocks"
	if len(strata) > 0 {
		out += ", stratified by " + list(strata)
	}
	return out + "."
}

func days(n int) string {
	if n == 1 {
		return "one day"
	}
	return itoa(n) + " days"
}

// sharedEvents are the events that most of the estimands treat alike; what one
// of them does otherwise is said with it.
func sharedEvents(all []protocol.Estimand) []protocol.Event {
	if len(all) == 0 {
		return nil
	}
	var out []protocol.Event
	for _, ev := range all[0].Events {
		alike := 0
		for _, e := range all {
			alike += b2i(slices.ContainsFunc(e.Events, func(x protocol.Event) bool { return sameEvent(x, ev) }))
		}
		if 2*alike > len(all) {
			out = append(out, ev)
		}
	}
	return out
}

func sameEvent(a, b protocol.Event) bool {
	return a.Event == b.Event && a.Strategy == b.Strategy && (a.Value == nil) == (b.Value == nil) && (a.Value == nil || *a.Value == *b.Value)
}

// sameContrast says whether all compare the same two arms.
func sameContrast(all []protocol.Estimand) bool {
	return !slices.ContainsFunc(all, func(e protocol.Estimand) bool { return e.Treatment != all[0].Treatment })
}

func methodsShared(l layout, all []protocol.Estimand, shared []protocol.Event) string {
	items := []string{"Everyone randomised is analysed in the group that was drawn, as far as there are values."}
	if sameContrast(all) {
		items = append(items, "What is compared is "+inText(l.label(all[0].Treatment.Treatment))+" with "+inText(l.label(all[0].Treatment.Comparator))+"; a difference is the first minus the second.")
	}
	if len(shared) > 0 {
		items = append(items, "Unless an estimand says otherwise, what happens after randomisation is dealt with alike."+strategiesTold(shared))
	}
	adjusts := slices.ContainsFunc(all, func(e protocol.Estimand) bool {
		return e.Variable.BaselineVisit != "" || e.Variable.BaselineNights != nil
	})
	if adjusts {
		items = append(items, "Where a baseline is named the model adjusts for it: the value at the baseline visit, or a person's mean over the baseline nights. Nobody's change is analysed instead.")
	}
	if slices.ContainsFunc(all, func(e protocol.Estimand) bool { return e.Model.Strata }) {
		items = append(items, "Models adjust for the strata of the randomisation where it says so; a stratum with one level among those analysed is left out, and that is told.")
	}
	if l.parallel() {
		items = append(items, "Values that are missing are taken to be missing at random, given what the model adjusts for and, in models of several visits or nights, the person's other values. Sensitivity analyses take them otherwise.")
	} else if l.p.Design.Kind == protocol.NOf1 {
		items = append(items, "A person without values of one of the two tells nothing of a difference within people; how many there are is told.")
	} else {
		items = append(items, "A person with a value in one period only tells nothing of a difference within people; how many there are is told.")
	}
	items = append(items, "Tests are two-sided and intervals are "+percentOf(1-l.p.Multiplicity.Alpha)+" intervals. What cannot be fitted is told with the reason, and no number stands in its place.")
	return "- " + strings.Join(items, "\n- ")
}

// methodsEstimand tells one estimand: what, by which model, what else.
func methodsEstimand(l layout, e protocol.Estimand, before []protocol.Estimand, shared []protocol.Event) []string {
	o, _ := l.checked.Outcome(e.Variable.Outcome)
	a := attributesOf(l, e, o)
	out := a.Variable + "."
	if e.Place == protocol.Secondary && e.Order > 0 {
		out = itoa(e.Order) + ". " + out
	}
	if e.Summary != "mean-difference" || !sameContrast(l.p.Estimands) {
		out += " " + a.Summary + "."
	}
	model := modelTold(l, e, o)
	for _, x := range before {
		y, _ := l.checked.Outcome(x.Variable.Outcome)
		if modelTold(l, x, y) == model {
			name := y.Label.In("en")
			model = "The model is that of " + theLabel(name) + "."
			break
		}
	}
	out += " " + model
	var own []protocol.Event
	for _, ev := range e.Events {
		if !slices.ContainsFunc(shared, func(x protocol.Event) bool { return sameEvent(x, ev) }) {
			own = append(own, ev)
		}
	}
	out += strategiesTold(own)
	if e.Why != "" {
		out += " " + fullStop(e.Why)
	}
	paragraphs := []string{out}
	if len(e.Sensitivity) > 0 {
		items := make([]string, len(e.Sensitivity))
		for i, s := range e.Sensitivity {
			items[i] = sensitivityTold(s, a, o, l.checked.Minimises())
			if s.Why != "" {
				items[i] += " " + fullStop(s.Why)
			}
		}
		paragraphs = append(paragraphs, "Sensitivity analyses of "+theLabel(o.Label.In("en"))+", of which none supports a claim:", "- "+strings.Join(items, "\n- "))
	}
	return paragraphs
}

func fullStop(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// adjustedTold says what a model adjusts for.
func adjustedTold(l layout, e protocol.Estimand) string {
	var out []string
	if e.Variable.BaselineVisit != "" || e.Variable.BaselineNights != nil {
		base := "the baseline"
		if e.Model.Kind == "mmrm" {
			base = "the baseline (with an effect of its own at each visit)"
		}
		out = append(out, base)
	}
	if e.Model.Strata && len(l.p.Randomisation.Strata) > 0 {
		out = append(out, "the strata")
	}
	for _, name := range e.Model.Covariates {
		q, _ := l.checked.Question(name)
		out = append(out, inText(q.Label.In("en")))
	}
	if len(out) == 0 {
		return ""
	}
	return ", adjusted for " + list(out)
}

// modelTold says how an estimand is estimated.
func modelTold(l layout, e protocol.Estimand, o protocol.Outcome) string {
	m, adjusted := e.Model, adjustedTold(l, e)
	nightly := o.Source.Nightly()
	switch m.Kind {
	case "ancova":
		out := "Analysis of covariance by least squares"
		if nightly {
			out += " of each person's mean"
		}
		if m.Errors == "hc3" {
			out += " with standard errors that do not take variances as equal (HC3)"
		}
		return out + adjusted + "."
	case "mmrm":
		return mmrmTold(l, e, adjusted)
	case "random-intercept", "random-slope":
		if !l.parallel() {
			return crossedTold(e)
		}
		return nightlyTold(e, adjusted)
	case "ordinal":
		if nightly {
			return "Cumulative logits (proportional odds) of every night by estimating equations with independence as the working model and errors over people" + adjusted + "."
		}
		return "Cumulative logits (proportional odds) by maximum likelihood" + adjusted + "."
	case "ordinal-intercept":
		return "Cumulative logits (proportional odds) of every night with a random intercept for each person, by adaptive quadrature" + adjusted + "."
	case "binary":
		return "Logistic regression" + adjusted + ", standardised over everybody, with errors from influence functions; difference and ratio of the shares are both told. Where it cannot be fitted, the difference of the observed shares with Miettinen and Nurminen's interval."
	case "count":
		return "Log-linear regression of counts" + adjusted + ", standardised over everybody, with errors from influence functions; negative binomial regression stands beside it."
	case "survival":
		return "Kaplan and Meier's shares and the log-rank test, with the hazard ratio by Cox's model and the difference of restricted mean times beside them, as a description."
	case "complier":
		return "Two-stage least squares with the random arm as instrument for taking the treatment" + adjusted + ": valid if the arm acts only through what is taken and nobody of the other arm can take it."
	case "crossover":
		what := "the values"
		if nightly {
			what = "people's means"
		}
		return "Differences of " + what + " between the two periods, compared between the orders (Hills and Armitage), in people with both periods. Period and order effects are shown; the order effect decides nothing."
	case "n-of-1":
		r := run{layout: l}
		return nofTold(e, r.cycleOf(1, [2]string{e.Treatment.Treatment, e.Treatment.Comparator}) > 0)
	case "paired":
		return "Mean of the differences within people, with Student's t."
	}
	return ""
}

func mmrmTold(l layout, e protocol.Estimand, adjusted string) string {
	s := set{estimand: e}
	var names []string
	for _, f := range s.ladder()[1:] {
		names = append(names, f.String())
	}
	out := "Mixed model for repeated measures of the values " + l.atVisits(e.Model.Visits) + " by arm, visit and their interaction" + adjusted +
		"; " + s.ladder()[0].String() + " covariance of a person's visits" + armsApart(e.Model) + ", by REML; degrees of freedom by " + dfTold(e.Model, reml.KenwardRoger) + "."
	if len(names) > 0 {
		out += " Where it does not converge, the first that does of: " + strings.Join(names, ", ") + "; every fit that was tried is told."
	}
	if m := e.Model.Missing; m != "" && m != "at-random" {
		out += " Missing values are taken to be as " + referenceWords[m] + " has them: conditional means from that model with an " + mmrm.Unstructured.String() + " covariance, analysis of covariance at the last visit, jackknife over people."
	}
	return out + " The contrast " + l.atVisit(e.Variable.Visit) + " is the estimate; those of the other visits are shown."
}

func nightlyTold(e protocol.Estimand, adjusted string) string {
	m, v := e.Model, e.Variable
	out := "Linear mixed model of every night"
	switch {
	case m.Nights != nil:
		out += fmt.Sprintf(" from %d to %d by arm, week and their interaction", m.Nights.From, m.Nights.To)
	case m.Kind == "random-slope":
		out += " by arm, night and their interaction, with the contrast at the middle of the nights"
	}
	random := " with a random intercept"
	if m.Kind == "random-slope" {
		random = " with a random intercept and a random slope over nights"
	}
	out += random + " for each person" + adjusted
	if m.Autoregressive {
		out += ", and residuals of nights h apart that correlate as φʰ"
	}
	out += ", by REML; degrees of freedom by " + dfTold(m, reml.Satterthwaite) + "."
	if m.Kind == "random-slope" {
		out += " Where the slope cannot be fitted, it is left out, and that is told."
	}
	if m.Nights != nil && v.Nights != nil {
		out += fmt.Sprintf(" The contrast over nights %d to %d is the estimate; those of the other weeks are shown.", v.Nights.From, v.Nights.To)
	}
	return out
}

// strategiesTold names the events by their strategy.
func strategiesTold(events []protocol.Event) string {
	var out string
	for _, strategy := range []string{treatmentPolicy, hypothetical, whileOnTreatment, composite, principalStratum} {
		var names []string
		for _, e := range events {
			if e.Strategy != strategy {
				continue
			}
			name := eventOf(e.Event)
			if e.Value != nil {
				name += " (as " + trimmed(*e.Value) + ")"
			}
			names = append(names, name)
		}
		if len(names) == 0 {
			continue
		}
		out += fmt.Sprintf(map[string]string{
			treatmentPolicy:  " Values count all the same after %s (%s).",
			hypothetical:     " Values are left out after %s (%s).",
			whileOnTreatment: " Values count until %s (%s).",
			composite:        " A stated value counts from then on after %s (%s).",
			principalStratum: " The effect is told of those who, given the treatment, would not have had %s (%s).",
		}[strategy], either(names), words(strategy))
	}
	return out
}

// either joins words: a, b or c.
func either(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// sensitivityTold says what a further analysis does.
func sensitivityTold(k protocol.Sensitivity, a Attributes, o protocol.Outcome, minimises bool) string {
	title := SensitivityTitle(k.Kind) + ": "
	nightly := o.Source.Nightly()
	errors := "jackknife over people"
	if k.Errors == "rubin" {
		errors = "multiple imputation and Rubin's rules"
		title = SensitivityTitle(k.Kind) + ", information-anchored: "
	}
	of := "the value then"
	if nightly {
		of = "each person's mean over the nights"
	}
	switch k.Kind {
	case "complete-case":
		return title + "analysis of covariance of " + of + "."
	case "robust":
		return title + "the same with HC3 errors."
	case "ranks":
		return title + "analysis of covariance of the ranks of " + of + " and of the baseline; its difference is in ranks, its p-value needs no normal distribution."
	case "ordinal":
		return title + "cumulative logits over the answers that occur; an odds ratio."
	case "jump-to-reference":
		return title + "from the first missing visit on, people of " + inText(a.Treatment) + " are taken to be as " + inText(a.Comparator) + " is (" + errors + ")."
	case "copy-reference":
		return title + "people of " + inText(a.Treatment) + " with missing visits are taken to have been as " + inText(a.Comparator) + " all along (" + errors + ")."
	case "copy-increments":
		return title + "from the first missing visit on, people of " + inText(a.Treatment) + " are taken to change as " + inText(a.Comparator) + " does (" + errors + ")."
	case "tipping-point":
		limit := "twice the standard deviation"
		if k.Limit != nil {
			limit = amount(trimmed(*k.Limit), o.Unit)
		}
		return title + "missing values of " + inText(a.Treatment) + " are shifted from missing at random by up to " + limit + " either way, to find where p crosses the error rate."
	case "re-randomisation":
		draws := drawsUnlessSaid
		if k.Draws > 0 {
			draws = k.Draws
		}
		if minimises {
			return title + itoa(draws) + " allocations drawn anew by the minimisation, for the same people in the same order; a p-value that needs no model to be right."
		}
		return title + itoa(draws) + " lists drawn anew by the strata and blocks, for the same people in the same order; a p-value that needs no model to be right."
	}
	return title
}

func habitsTold(l layout, h protocol.Habits) string {
	o, _ := l.checked.Outcome(h.Outcome)
	var names []string
	for _, a := range h.Asked {
		name := inText(a.Label.In("en"))
		if a.Lag > 0 {
			name += fmt.Sprintf(" (%s before)", days(a.Lag))
		}
		names = append(names, name)
	}
	return "An exploration: " + inText(o.Label.In("en")) + " of every night with a diary, by " + list(names) +
		", each as a person's mean and as the night's deviation from it, in one linear mixed model with a random intercept for each person, adjusted for the treatment and the night's number, by REML; degrees of freedom by Satterthwaite. " +
		"Effects within and between people are told with intervals and with p-values adjusted by Benjamini and Hochberg over all of them. Habits were not drawn by lot: nothing is claimed."
}

func methodsFamily(l layout) string {
	m := l.p.Multiplicity
	alpha := percentOf(m.Alpha)
	out := map[string]string{
		"fixed-sequence": "The primary estimand and then the secondary ones are tested in their order, each at " + alpha + ", until one fails; what comes after it is not tested.",
		"holm":           "The primary and the secondary estimands are tested together by the method of Holm at " + alpha + ".",
		"hochberg":       "The primary and the secondary estimands are tested together by the method of Hochberg at " + alpha + ", which takes them to be positively dependent.",
		"graph":          "The primary and the secondary estimands are tested together by a graph (Bretz and others 2009) at " + alpha + ": each begins with its share of the error rate, and hands it on along the arrows once it is shown.",
		"none":           "Only the primary estimand is tested, at " + alpha + ".",
	}[m.Method]
	if m.Method == "graph" {
		out += graphTold(l)
	}
	out += " Exploratory estimands are shown with their intervals and with p-values adjusted among themselves by Benjamini and Hochberg, which bounds the share of false alarms; nothing is claimed from them."
	if m.Note != "" {
		out += " " + fullStop(m.Note)
	}
	return out
}

func graphTold(l layout) string {
	name := func(id string) string {
		e, _ := l.checked.Estimand(id)
		o, _ := l.checked.Outcome(e.Variable.Outcome)
		return inText(o.Label.In("en"))
	}
	var shares, arrows []string
	for _, w := range l.p.Multiplicity.Weights {
		shares = append(shares, name(w.Estimand)+" "+percentOf(w.Share))
	}
	for _, a := range l.p.Multiplicity.Arrows {
		arrows = append(arrows, percentOf(a.Share)+" from "+name(a.From)+" to "+name(a.To))
	}
	out := " To begin with: " + strings.Join(shares, ", ") + "."
	if len(arrows) > 0 {
		out += " Handed on: " + strings.Join(arrows, ", ") + "."
	}
	return out
}
