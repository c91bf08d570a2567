package protocol

import (
	"math"
	"slices"
	"strings"
)

// outcomeKind checks what sort of number an outcome is.
func (k *checker) outcomeKind(o Outcome, place string) {
	if (o.Source.Event != "") != (o.Kind == "time") {
		k.add("outcome-kind", place+".kind", "the day of an event is an outcome of the kind time, and nothing else is").
			WithHint("as in source: {event: left-trial} with kind: time")
	}
	if o.Responder == nil {
		return
	}
	r := o.Responder
	named := 0
	for _, x := range []*float64{r.Drop, r.Rise, r.Below, r.AtLeast} {
		if x != nil {
			named++
		}
	}
	switch {
	case named != 1:
		k.add("responder-one", place+".responder", "a responder is told by one of drop, rise, below and at_least, and this names %d of them", named).
			WithHint("as in responder: {drop: 6}")
	case o.Source.Instrument == "":
		k.add("responder-one", place+".responder", "only a score at a visit makes responders")
	case o.Kind != "binary":
		k.add("outcome-kind", place+".kind", "whether somebody has responded is yes or no").WithHint("write kind: binary")
	}
}

// summaries are the measures that fit each kind of outcome, and the models.
var summaries = map[string][]string{
	"":           {"mean-difference"},
	"continuous": {"mean-difference"},
	"binary":     {"risk-difference", "risk-ratio"},
	"ordinal":    {"mean-difference", "odds-ratio"},
	"count":      {"mean-difference", "rate-ratio"},
	"time":       {"survival-difference"},
}

// modelFor says which models lead to a summary measure.
var modelFor = map[string][]string{
	"mean-difference":     {"ancova", "mmrm", "random-intercept", "random-slope", "complier", "count", "crossover", "paired", "n-of-1"},
	"risk-difference":     {"binary"},
	"risk-ratio":          {"binary"},
	"odds-ratio":          {"ordinal", "ordinal-intercept"},
	"rate-ratio":          {"count"},
	"survival-difference": {"survival"},
}

// modelFields checks that summary, model and outcome fit one another, and that
// a model's own fields are its own.
func (k *checker) modelFields(e Estimand, o Outcome, place string) {
	m := e.Model
	if !slices.Contains(summaries[o.Kind], e.Summary) && e.Summary != "" {
		k.add("summary-misfit", place+".summary", "%s does not fit %s, which is %s", e.Summary, o.ID, sortOf(o)).
			WithHint("it can be %s", strings.Join(summaries[o.Kind], " or "))
	} else if kinds := modelFor[e.Summary]; len(kinds) > 0 && !slices.Contains(kinds, m.Kind) && m.Kind != "" {
		k.add("summary-misfit", place+".model.kind", "%s does not give a %s", m.Kind, e.Summary).WithHint("one of %s", strings.Join(kinds, ", "))
	} else if m.Kind == "count" && o.Kind != "count" {
		k.add("summary-misfit", place+".model.kind", "%s is not said to be a count", o.ID).WithHint("give the outcome kind: count")
	}
	if o.Responder != nil && o.Responder.Changes() && e.Variable.BaselineVisit == "" {
		k.add("change-no-baseline", place+".variable", "whether %s has changed enough wants a baseline_visit to count from", o.ID)
	}
	only := func(field string, set bool, kinds ...string) {
		if set && !slices.Contains(kinds, m.Kind) && m.Kind != "" {
			k.add("model-field", place+".model."+field, "%s has no %s", m.Kind, field).WithHint("it belongs to %s", strings.Join(kinds, ", "))
		}
	}
	only("visits", len(m.Visits) > 0, "mmrm")
	only("covariance", m.Covariance != "", "mmrm")
	only("covariance_by_arm", m.CovarianceByArm, "mmrm")
	if m.CovarianceByArm && m.Missing != "" && m.Missing != "at-random" {
		k.add("model-field", place+".model.covariance_by_arm", "values that are filled in by the other arm's rest on one covariance for both").
			WithHint("leave out covariance_by_arm, or missing")
	}
	only("fallback", len(m.Fallback) > 0, "mmrm")
	only("missing", m.Missing != "", "mmrm")
	only("nights", m.Nights != nil, "random-intercept", "random-slope")
	only("autoregressive", m.Autoregressive, "random-intercept", "random-slope", "n-of-1")
	only("carry_over_days", m.CarryOverDays > 0, "n-of-1")
	only("time", m.Time != "", "n-of-1")
	only("prior", m.Prior != nil, "n-of-1")
	if p := m.Prior; p != nil && (!(p.SD > 0) || !(p.Between > 0)) {
		k.add("prior-flat", place+".model.prior", "a prior without spread has made up its mind: sd and between must be above 0").
			WithHint("as in prior: {mean: 0, sd: 10, between: 5}, in the outcome's unit")
	}
	only("df", m.DF != "", "mmrm", "random-intercept", "random-slope")
	only("errors", m.Errors != "", "ancova", "mmrm", "random-intercept", "random-slope")
	if m.Errors == "hc3" && m.Kind != "ancova" || m.Errors == "cr2" && m.Kind == "ancova" {
		k.add("model-field", place+".model.errors", "%s has no errors %s", m.Kind, m.Errors).WithHint("hc3 belongs to ancova, cr2 to mmrm, random-intercept and random-slope")
	}
	if m.Kind == "mmrm" {
		k.modelVisits(e, o, place+".model.visits")
	}
	if m.Nights != nil {
		k.modelNights(e, o, place+".model.nights")
	}
	for i, ev := range e.Events {
		if (ev.Strategy == "composite") != (ev.Value != nil) {
			k.add("composite-value", at(place+".events", i), "the value that an event stands for belongs to the composite strategy, and to that alone").
				WithHint("as in {event: %s, strategy: composite, value: 28}", ev.Event)
		}
	}
}

func sortOf(o Outcome) string {
	switch o.Kind {
	case "binary":
		return "yes or no"
	case "ordinal":
		return "a step on a scale"
	case "count":
		return "a count"
	case "time":
		return "a time"
	}
	return "a continuous measure"
}

// modelVisits checks the visits of an mmrm: two or more, in order of time, after
// randomisation, the variable's the last.
func (k *checker) modelVisits(e Estimand, o Outcome, place string) {
	vs := e.Model.Visits
	if len(vs) < 2 {
		k.add("model-visits", place, "mmrm models two visits or more together, and this names %d", len(vs)).
			WithHint("as in visits: [day-7, day-14, day-21]; of a single visit, use ancova")
		return
	}
	last := math.MinInt
	for i, id := range vs {
		v, ok := k.measured(id, o, at(place, i))
		if !ok {
			return
		}
		if v.Day <= 0 || v.Day <= last {
			k.add("model-visits", at(place, i), "the visit %s is on day %d, and the visits are those after randomisation in order of time", id, v.Day)
			return
		}
		last = v.Day
	}
	if vs[len(vs)-1] != e.Variable.Visit && e.Variable.Visit != "" {
		k.add("model-visits", place, "the last visit modelled is %s, and the estimand is about %s", vs[len(vs)-1], e.Variable.Visit)
	}
}

// modelNights checks that the variable's nights are whole weeks of the model's.
func (k *checker) modelNights(e Estimand, o Outcome, place string) {
	n, v := *e.Model.Nights, e.Variable.Nights
	k.span(n, place)
	k.worn(o, n, place)
	switch {
	case v == nil:
	case n.From < 1 || v.From < n.From || v.To > n.To:
		k.add("model-nights", place, "nights %d to %d do not hold the estimand's, %d to %d, all after treatment has begun", n.From, n.To, v.From, v.To)
	case (v.From-n.From)%7 != 0 || (v.To+1-n.From)%7 != 0 && v.To != n.To:
		k.add("model-nights", place, "nights %d to %d are not whole weeks counted from night %d", v.From, v.To, n.From)
	}
}

// sensitivity checks the list of further analyses.
func (k *checker) sensitivity(e Estimand, place string) {
	for i, s := range e.Sensitivity {
		here := at(place+".sensitivity", i)
		for _, before := range e.Sensitivity[:i] {
			if before.Kind == s.Kind && before.Errors == s.Errors && s.Kind != "" {
				k.add("sensitivity-twice", here, "%s stands here twice", s.Kind)
			}
		}
		reference := s.Kind == "jump-to-reference" || s.Kind == "copy-reference" || s.Kind == "copy-increments"
		if s.Limit != nil && s.Kind != "tipping-point" || s.Errors != "" && !reference ||
			s.Draws != 0 && s.Kind != "re-randomisation" && s.Errors != "rubin" {
			k.add("model-field", here, "%s has no such field", s.Kind).
				WithHint("limit belongs to tipping-point, errors to the reference-based ones, draws to re-randomisation and to errors: rubin")
		}
	}
}

// graph checks the weights and arrows of a graphical procedure.
func (k *checker) graph() {
	m := k.p.Multiplicity
	if m.Method != "graph" {
		if len(m.Weights) > 0 || len(m.Arrows) > 0 {
			k.add("graph", "multiplicity", "weights and arrows belong to the method graph, and the method is %s", m.Method)
		}
		return
	}
	var family []string
	for _, e := range k.p.Estimands {
		if e.Place != Exploratory {
			family = append(family, e.ID)
		}
	}
	known := func(id, place string) {
		if !slices.Contains(family, id) {
			k.unknown("estimand-unknown", place, "estimands", "there is no primary or secondary estimand %q", id, family)
		}
	}
	var sum float64
	seen := map[string]bool{}
	for i, w := range m.Weights {
		place := at("multiplicity.weights", i)
		known(w.Estimand, place+".estimand")
		if seen[w.Estimand] {
			k.add("graph", place, "%s has a weight already", w.Estimand)
		}
		seen[w.Estimand] = true
		sum += w.Share
	}
	if sum > 1+1e-9 || sum <= 0 {
		k.add("graph", "multiplicity.weights", "the weights add up to %.4g, and they are shares of the error rate: more than 0 and at most 1", sum)
	}
	out := map[string]float64{}
	for i, a := range m.Arrows {
		place := at("multiplicity.arrows", i)
		known(a.From, place+".from")
		known(a.To, place+".to")
		if a.From == a.To || slices.ContainsFunc(m.Arrows[:i], func(b Arrow) bool { return b.From == a.From && b.To == a.To }) {
			k.add("graph", place, "an arrow leads from one estimand to another, once")
		}
		if out[a.From] += a.Share; out[a.From] > 1+1e-9 {
			k.add("graph", place, "the arrows from %s hand on more than all that it has", a.From)
		}
	}
}

// habits checks that what is asked is in the diary, once, beside an outcome of
// every night.
func (k *checker) habits() {
	h := k.p.Habits
	if h == nil {
		return
	}
	o, ok := (Checked{k.checked}).Outcome(h.Outcome)
	if !ok {
		k.unknown("outcome-unknown", "habits.outcome", "outcomes", noOutcome, h.Outcome, k.outcomeIDs())
	} else if !o.Source.Nightly() {
		k.add("habits-outcome", "habits.outcome", "%s is not measured every night, and habits are compared night by night", o.ID)
	}
	for i, a := range h.Asked {
		place := at("habits.asked", i)
		for _, before := range h.Asked[:i] {
			if before.Diary == a.Diary {
				k.add("duplicate-id", place+".diary", "%q stands here twice", a.Diary)
			}
		}
		if ok && o.Source.Diary == a.Diary {
			k.add("habits-outcome", place+".diary", "%s is the outcome itself", a.Diary)
		}
		k.diarySource(Outcome{ID: a.Diary, Source: Source{Diary: a.Diary}}, place)
	}
}
