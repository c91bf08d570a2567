package estimate

import (
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

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
		k := support{&l, c, e, o, place}
		k.model()
		k.events()
		k.sensitivity()
		if e.Population != "" && e.Population != "all-randomised" {
			l.Addf("estimand-population", place+".population", "only all who were randomised can be the population, not %q", e.Population)
		}
	}
	return l
}

// support looks at one estimand.
type support struct {
	list  *fault.List
	c     protocol.Checked
	e     protocol.Estimand
	o     protocol.Outcome
	place string
}

func (k support) refuse(code fault.Code, at, format string, args ...any) *fault.Problem {
	return k.list.Addf(code, k.place+at, format, args...)
}

func (k support) within() bool {
	switch k.e.Model.Kind {
	case "crossover", "paired", "n-of-1":
		return true
	case "random-intercept":
		return k.c.Protocol().Design.Kind == protocol.Crossover && k.o.Source.Nightly()
	}
	return false
}

func (k support) model() {
	design, nightly := k.c.Protocol().Design, k.o.Source.Nightly()
	switch {
	case design.Kind == protocol.Parallel && k.within():
		k.refuse("estimand-model", ".model.kind", "%s compares treatments within people, and in a parallel trial nobody has both", k.e.Model.Kind).
			WithHint("use ancova or mmrm, or a mixed model for nights")
		return
	case design.Kind == protocol.Crossover && !k.within():
		k.refuse("estimand-model", ".model.kind", "%s takes people as independent between treatments, and in a crossover they are not", k.e.Model.Kind).
			WithHint("use crossover, or paired where periods cannot differ")
		return
	case nightlyModel(k.e.Model.Kind) && !nightly:
		k.refuse("estimand-model", ".model.kind", "%s is for an outcome of every night, and %s has one value at a visit", k.e.Model.Kind, k.o.ID).
			WithHint("use ancova")
	}
	if k.e.Model.Kind == "survival" && k.e.Place != protocol.Exploratory {
		k.refuse("estimand-model", ".place", "how long people stay is described, not claimed: it is no effect of the treatment on sleep").
			WithHint("make it exploratory")
	}
	if k.e.Model.Kind == "complier" && !k.stratum() {
		k.refuse("estimand-model", ".model.kind", "complier wants one event whose strategy is principal-stratum, to say who complies")
	}
	if k.e.Model.Errors == "cr2" && k.within() {
		k.refuse("estimand-model", ".model.errors", "in a crossover the errors are those of the model, by Satterthwaite or Kenward and Roger")
	}
	if k.e.Model.Errors == "cr2" && k.e.Model.Missing != "" && k.e.Model.Missing != "at-random" {
		k.refuse("estimand-model", ".model.errors", "a reference-based analysis has errors of its own, by the jackknife")
	}
	if m := k.e.Model.Missing; m != "" && m != "at-random" && k.c.Protocol().Design.Kind != protocol.Parallel {
		k.refuse("estimand-model", ".model.missing", "there is no reference arm for %s in a crossover", words(m))
	}
	k.time(nightly)
	if k.within() {
		k.crossover(nightly)
	}
}

func nightlyModel(kind string) bool {
	return kind == "random-intercept" || kind == "random-slope" || kind == "ordinal-intercept"
}

func (k support) time(nightly bool) {
	v := k.e.Variable
	switch {
	case k.o.Source.Event != "":
	case nightly && v.Nights == nil:
		k.refuse("estimand-time", ".variable.nights", "%s is measured every night, and no nights are named", k.o.ID)
	case !nightly && v.Visit == "" && len(v.Visits) == 0:
		k.refuse("estimand-time", ".variable.visit", "%s is measured at visits, and no visit is named", k.o.ID)
	}
}

func (k support) crossover(nightly bool) {
	d := k.c.Protocol().Design
	if d.Kind == protocol.NOf1 {
		k.several()
		return
	}
	mixed := k.e.Model.Kind == "random-intercept"
	if mixed && (k.e.Model.Nights != nil || k.e.Model.Autoregressive) {
		k.refuse("estimand-crossover", ".model", "in a crossover the model takes the estimand's nights of each period, and their residuals as independent").
			WithHint("leave nights and autoregressive out")
	}
	if d.Periods != 2 && !mixed {
		k.refuse("estimand-crossover", ".model.kind", "only two periods can be analysed, and the design has %d", d.Periods)
	}
	for _, s := range d.Sequences {
		if !mixed && (len(s.Arms) != 2 || s.Arms[0] == s.Arms[1]) {
			k.refuse("estimand-crossover", ".model.kind", "the sequence %s does not give two different treatments, one in each period", s.ID)
		}
	}
	if !nightly && len(k.e.Variable.Visits) != d.Periods {
		k.refuse("estimand-time", ".variable.visits", "a crossover wants one visit of each of its %d periods, in their order", d.Periods)
	}
	if k.e.Variable.BaselineVisit != "" || k.e.Variable.BaselineNights != nil {
		k.refuse("estimand-baseline", ".variable", "a crossover is analysed without a baseline: one that is the same in both periods cancels, and one of each period is not adjusted for in this version").
			WithHint("leave baseline_visit and baseline_nights out")
	}
	if k.e.Model.Strata || len(k.e.Model.Covariates) > 0 {
		k.refuse("estimand-covariates", ".model", "strata and covariates cancel in a comparison within people").
			WithHint("leave strata and covariates out")
	}
}

// several looks at an estimand of people who each take both treatments several
// times.
func (k support) several() {
	if k.e.Variable.BaselineVisit != "" || k.e.Variable.BaselineNights != nil {
		k.refuse("estimand-baseline", ".variable", "each person is compared with herself over and over, so a baseline cancels").
			WithHint("leave baseline_visit and baseline_nights out")
	}
	if k.e.Model.Strata || len(k.e.Model.Covariates) > 0 {
		k.refuse("estimand-covariates", ".model", "strata and covariates cancel in a comparison within people").
			WithHint("leave strata and covariates out")
	}
	if len(k.c.Protocol().Arms) > 2 && k.e.Model.CarryOverDays > 0 {
		k.refuse("estimand-carry-over", ".model.carry_over_days", "with more than two treatments it is not known which of them is carried over")
	}
}

// stratum says whether the principal stratum that is asked for is the one that
// can be estimated: those who would not have had an event of the treatment.
func (k support) stratum() bool {
	n := 0
	for _, ev := range k.e.Events {
		if ev.Strategy == principalStratum {
			n++
		}
	}
	return n == 1 && k.e.Model.Kind == "complier" && slices.ContainsFunc(k.e.Events, func(ev protocol.Event) bool {
		return ev.Event == "stopped-dose" && ev.Strategy == principalStratum
	})
}

func (k support) events() {
	for i, ev := range k.e.Events {
		at := ".events[" + itoa(i) + "].strategy"
		switch ev.Strategy {
		case composite:
			switch {
			case k.within():
				k.refuse("estimand-strategy", at, "a stated value in one period would count as a difference within a person that nobody measured").
					WithHint("use treatment-policy or hypothetical")
			case k.o.Source.Event != "":
				k.refuse("estimand-strategy", at, "%s is itself the time of an event", k.o.ID)
			case ev.Value == nil:
				k.refuse("estimand-strategy", at, "composite wants the value that %s stands for", ev.Event).WithHint("as in value: 28")
			}
		case principalStratum:
			if !k.stratum() {
				k.refuse("estimand-strategy", at, "the people who would have had no %s under either treatment cannot be known from the data; only those who take the treatment when it is given can be spoken of, by stopped-dose and the complier model", words(ev.Event)).
					WithHint("use treatment-policy or hypothetical, or model: {kind: complier} with stopped-dose")
			}
		case whileOnTreatment:
			switch {
			case k.c.Protocol().Design.Kind == protocol.Crossover && k.e.Variable.Nights == nil:
				k.refuse("estimand-strategy", at, "while-on-treatment at visits needs several visits in each period, and a crossover names one")
			case k.e.Model.Kind == "mmrm":
				k.refuse("estimand-strategy", at, "while-on-treatment lets an earlier value stand for the last visit, and mmrm takes each value at its own").WithHint("use ancova")
			case k.e.Model.Nights != nil:
				k.refuse("estimand-strategy", at, "while-on-treatment takes the nights until the event as one, and the model goes week by week").WithHint("leave model.nights out")
			}
		}
	}
}

// sensitivity refuses analyses that have no meaning for the estimand.
func (k support) sensitivity() {
	nightly := k.o.Source.Nightly()
	for i, s := range k.e.Sensitivity {
		at := ".sensitivity[" + itoa(i) + "].kind"
		if k.o.Kind == "binary" || k.o.Kind == "time" {
			k.refuse("estimand-sensitivity", at, "%s is for outcomes whose means are compared, and %s is %s", s.Kind, k.o.ID, map[string]string{"binary": "yes or no", "time": "a time"}[k.o.Kind])
			continue
		}
		switch s.Kind {
		case "jump-to-reference", "copy-reference", "copy-increments", "tipping-point":
			if nightly || k.within() {
				k.refuse("estimand-sensitivity", at, "%s imputes missing visits from the visits before them, in a parallel trial; %s has none", s.Kind, k.o.ID)
			}
		case "ordinal", "robust", "ranks", "complete-case":
			if k.within() {
				k.refuse("estimand-sensitivity", at, "%s compares separate groups of people, and here each is compared with herself", s.Kind)
			}
		case "re-randomisation":
			if n := len(k.c.Assignments()); n != 2 {
				k.refuse("estimand-sensitivity", at, "a list is drawn anew for two groups, and this trial draws among %d", n)
			}
		}
	}
}
