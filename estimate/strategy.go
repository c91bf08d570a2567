package estimate

import (
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

// The strategies of ICH E9(R1) as this version carries them out:
//
//	treatment-policy    every value counts, whatever happened
//	hypothetical        values that the event touched are left out, and the
//	                    model speaks for what they would have been, taking them
//	                    to be missing at random
//	while-on-treatment  values up to the event count; at a visit after it, the
//	                    last one before it stands in
//
// What is measured on a day tells of the evening before it: an event from day
// f to day t touches what is measured on days f+1 to t+1, and without a t all
// that comes after f.
const (
	treatmentPolicy  = "treatment-policy"
	hypothetical     = "hypothetical"
	whileOnTreatment = "while-on-treatment"
)

func removes(strategy string) bool { return strategy == hypothetical || strategy == whileOnTreatment }

// takenOut says whether a strategy leaves out what was measured on a day
// counted from randomisation, and after which event.
func (r *run) takenOut(s *set, subject string, day int) (event string, out bool) {
	if len(s.estimand.Events) == 0 {
		return "", false
	}
	for _, x := range r.index.events[subject] {
		i := slices.IndexFunc(s.estimand.Events, func(e protocol.Event) bool { return e.Event == x.Event })
		if i < 0 || day <= x.From {
			continue
		}
		switch s.estimand.Events[i].Strategy {
		case hypothetical:
			if x.To == nil || day <= *x.To+1 {
				return x.Event, true
			}
		case whileOnTreatment:
			return x.Event, true
		}
	}
	return "", false
}

// onTreatmentUntil gives the day of the first event that ends a person's
// treatment under the while-on-treatment strategy.
func (r *run) onTreatmentUntil(s *set, subject string) (day int, ok bool) {
	for _, x := range r.index.events[subject] {
		for _, e := range s.estimand.Events {
			if e.Event == x.Event && e.Strategy == whileOnTreatment && (!ok || x.From < day) {
				day, ok = x.From, true
			}
		}
	}
	return day, ok
}

// Supported says which estimands of a protocol this version cannot estimate as
// they stand, each with the reason. dvala check shows it: what will be refused
// at the end is better refused at the start.
func Supported(c protocol.Checked) fault.List {
	var l fault.List
	p := c.Protocol()
	for i, e := range p.Estimands {
		place := "estimands[" + itoa(i) + "]"
		o, ok := c.Outcome(e.Variable.Outcome)
		if !ok {
			continue // another check says so
		}
		supportedModel(&l, c, e, o, place)
		supportedEvents(&l, c, e, place)
		if e.Population != "" && e.Population != "all-randomised" {
			l.Addf("estimand-population", place+".population", "only all who were randomised can be the population, not %q", e.Population)
		}
		if e.Summary != "" && e.Summary != "mean-difference" {
			l.Addf("estimand-summary", place+".summary", "only a difference of means can be estimated, not %q", e.Summary)
		}
	}
	if p.Design.Kind == protocol.NOf1 {
		l.Addf("design-n-of-1", "design.kind", "a single-person trial cannot be analysed yet").
			WithHint("its tables can be exported with dvala export")
	}
	return l
}

func supportedModel(l *fault.List, c protocol.Checked, e protocol.Estimand, o protocol.Outcome, place string) {
	design, nightly := c.Protocol().Design, o.Source.Nightly()
	within := e.Model.Kind == "crossover" || e.Model.Kind == "paired"
	switch {
	case design.Kind == protocol.Parallel && within:
		l.Addf("estimand-model", place+".model.kind", "%s compares treatments within people, and in a parallel trial nobody has both", e.Model.Kind).
			WithHint("use ancova, or random-intercept for nights")
		return
	case design.Kind == protocol.Crossover && !within:
		l.Addf("estimand-model", place+".model.kind", "%s takes people as independent between treatments, and in a crossover they are not", e.Model.Kind).
			WithHint("use crossover, or paired where periods cannot differ")
		return
	case e.Model.Kind == "random-intercept" && !nightly:
		l.Addf("estimand-model", place+".model.kind", "random-intercept is for an outcome of every night, and %s has one value at a visit", o.ID).
			WithHint("use ancova")
	}
	if nightly && e.Variable.Nights == nil {
		l.Addf("estimand-time", place+".variable.nights", "%s is measured every night, and no nights are named", o.ID)
	}
	if !nightly && e.Variable.Visit == "" && len(e.Variable.Visits) == 0 {
		l.Addf("estimand-time", place+".variable.visit", "%s is measured at visits, and no visit is named", o.ID)
	}
	if within {
		supportedCrossover(l, c, e, place, nightly)
	}
}

func supportedCrossover(l *fault.List, c protocol.Checked, e protocol.Estimand, place string, nightly bool) {
	d := c.Protocol().Design
	if d.Periods != 2 {
		l.Addf("estimand-crossover", place+".model.kind", "only two periods can be analysed, and the design has %d", d.Periods)
	}
	for _, s := range d.Sequences {
		if len(s.Arms) != 2 || s.Arms[0] == s.Arms[1] {
			l.Addf("estimand-crossover", place+".model.kind", "the sequence %s does not give two different treatments, one in each period", s.ID)
		}
	}
	if !nightly && len(e.Variable.Visits) != d.Periods {
		l.Addf("estimand-time", place+".variable.visits", "a crossover wants one visit of each of its %d periods, in their order", d.Periods)
	}
	if e.Variable.BaselineVisit != "" || e.Variable.BaselineNights != nil {
		l.Addf("estimand-baseline", place+".variable", "a crossover is analysed without a baseline: one that is the same in both periods cancels, and one of each period is not adjusted for in this version").
			WithHint("leave baseline_visit and baseline_nights out")
	}
	if e.Model.Strata || len(e.Model.Covariates) > 0 {
		l.Addf("estimand-covariates", place+".model", "strata and covariates cancel in a comparison within people").
			WithHint("leave strata and covariates out")
	}
}

func supportedEvents(l *fault.List, c protocol.Checked, e protocol.Estimand, place string) {
	for k, ev := range e.Events {
		at := place + ".events[" + itoa(k) + "].strategy"
		switch ev.Strategy {
		case "composite":
			l.Addf("estimand-strategy", at, "composite wants the value that %s stands for, and a difference of means has no such field yet", ev.Event).
				WithHint("use treatment-policy, or while-on-treatment")
		case "principal-stratum":
			l.Addf("estimand-strategy", at, "the people who would have had no %s under either treatment cannot be known from the data without assumptions that this version does not offer", words(ev.Event)).
				WithHint("use treatment-policy, or hypothetical")
		}
		if c.Protocol().Design.Kind == protocol.Crossover && ev.Strategy == whileOnTreatment && e.Variable.Nights == nil {
			l.Addf("estimand-strategy", at, "while-on-treatment at visits needs several visits in each period, and a crossover names one")
		}
	}
}
