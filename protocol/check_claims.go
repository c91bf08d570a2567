package protocol

import (
	"slices"
	"strings"

	"dvala/instrument"
)

func (k *checker) outcomeIDs() []string {
	ids := make([]string, len(k.p.Outcomes))
	for i, o := range k.p.Outcomes {
		ids[i] = o.ID
	}
	return ids
}

func (k *checker) outcomes() {
	k.unique("outcomes", "id", k.outcomeIDs())
	used := map[string]bool{}
	for _, e := range k.p.Estimands {
		used[e.Variable.Outcome] = true
	}
	for i, o := range k.p.Outcomes {
		place := at("outcomes", i)
		k.source(o, place)
		k.outcomeKind(o, place)
		if o.Matters != nil && o.MattersFrom == "" {
			k.warn("matters-unsourced", place+".matters", "nothing says where it is written that %g %s is the least that matters", *o.Matters, o.Unit).
				WithHint("name the source in matters_from")
		}
		if o.ID != "" && !used[o.ID] {
			k.warn("outcome-unused", place, "no estimand uses %s, so nothing says what will be told of it", o.ID)
		}
	}
}

// source checks that an outcome comes from exactly one place, and that the
// trial measures it there.
func (k *checker) source(o Outcome, place string) {
	s := o.Source
	place += ".source"
	kinds := 0
	for _, name := range []string{s.Instrument, s.Diary, s.Device, s.Event} {
		if name != "" {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		k.add("source-one", place, "an outcome comes from one of an instrument, the diary, a device or an event, and this names %d of them", kinds).
			WithHint("as in {instrument: isi, score: total}, {diary: quality} or {device: oura, measure: tst_min}")
	case s.Instrument == "" && s.Score != "":
		k.add("source-one", place+".score", "only an instrument has scores")
	case s.Device == "" && s.Measure != "":
		k.add("source-one", place+".measure", "only a device has measures")
	case s.Instrument != "":
		k.scoreSource(o, place)
	case s.Diary != "":
		k.diarySource(o, place)
	case s.Event != "":
	default:
		k.deviceSource(s, place)
	}
}

func (k *checker) scoreSource(o Outcome, place string) {
	s := o.Source
	d, ok := k.instrument(s.Instrument, place+".instrument")
	if !ok {
		return
	}
	var scores []string
	for _, x := range d.Scales {
		if !x.Inner {
			scores = append(scores, string(x.ID))
		}
	}
	scale, ok := d.Scale(instrument.ScaleID(s.Score))
	if !ok || scale.Inner {
		p := k.add("score-unknown", place+".score", "%s has no score %q", s.Instrument, clip(s.Score))
		if near := nearest(s.Score, scores); near != "" {
			p.WithHint("did you mean %s?", near)
		} else {
			p.WithHint("it has %s", strings.Join(scores, ", "))
		}
		return
	}
	if o.Responder == nil { // responding is good though the score may be better low
		k.direction(o, string(scale.Better), place)
	}
	if !k.misshapen("visits") && len(k.askedAt(s.Instrument)) == 0 {
		k.add("outcome-unmeasured", place+".instrument", "no visit asks %s", s.Instrument)
	}
}

// direction compares the way that is good with what the instrument says.
func (k *checker) direction(o Outcome, better, place string) {
	if better != "" && o.Better != "" && string(o.Better) != better {
		k.add("better-contradicts", strings.TrimSuffix(place, ".source")+".better", "%s is said to be better %s, and the instrument scores better as %s", o.ID, o.Better, better)
	}
}

// askedAt gives the IDs of the visits at which an instrument is asked.
func (k *checker) askedAt(id string) []string {
	var out []string
	for _, v := range k.p.Visits {
		if slices.Contains(v.Instruments, id) {
			out = append(out, v.ID)
		}
	}
	return out
}

// estimands checks each estimand alone; multiplicity checks them together.
func (k *checker) estimands() {
	ids := make([]string, len(k.p.Estimands))
	for i, e := range k.p.Estimands {
		ids[i] = e.ID
		place := at("estimands", i)
		k.contrast(e, place+".treatment")
		k.events(e, place)
		if o, ok := (Checked{k.checked}).Outcome(e.Variable.Outcome); ok {
			k.variable(e, o, place)
			k.model(e, o, place)
			k.modelFields(e, o, place)
			k.sensitivity(e, place)
		} else {
			k.unknown("outcome-unknown", place+".variable.outcome", "outcomes", noOutcome, e.Variable.Outcome, k.outcomeIDs())
		}
	}
	k.unique("estimands", "id", ids)
}

func (k *checker) contrast(e Estimand, place string) {
	var ids []string
	for _, a := range k.p.Arms {
		ids = append(ids, a.ID)
	}
	check := func(field, id string, want Role) {
		a, ok := (Checked{k.checked}).Arm(id)
		if !ok {
			k.unknown("arm-unknown", place+"."+field, "arms", noArm, id, ids)
			return
		}
		if a.Role != want && a.Role != "" {
			k.add("contrast-role", place+"."+field, "the arm %q has the role %s and stands here as %s", id, a.Role, want)
		}
	}
	check("treatment", e.Treatment.Treatment, Treatment)
	check("comparator", e.Treatment.Comparator, Comparator)
}

func (k *checker) events(e Estimand, place string) {
	seen := map[string]bool{}
	for i, ev := range e.Events {
		if seen[ev.Event] && ev.Event != "" {
			k.add("event-twice", at(place+".events", i), "%s has a strategy already", ev.Event)
		}
		seen[ev.Event] = true
		if ev.Event == "died" && (ev.Strategy == "treatment-policy" || ev.Strategy == "principal-stratum") {
			k.add("event-terminal", at(place+".events", i), "after a death there is no value that %s could count", strings.ReplaceAll(ev.Strategy, "-", " ")).
				WithHint("death is a terminal event (ICH E9(R1)): composite with the value that it stands for, or while-on-treatment, up to it")
		}
	}
	if e.Place == Exploratory {
		return
	}
	if len(e.Events) == 0 {
		k.warn("no-events", place+".events", "no intercurrent event is named, so the estimand does not say what becomes of people who stop, travel or take something else").
			WithHint("as in {event: stopped-dose, strategy: treatment-policy}")
	} else if k.p.Dose != nil && !seen["stopped-dose"] {
		k.warn("event-unaddressed", place+".events", "there is a dose, and nothing says what becomes of people who stop taking it")
	}
}

// variable checks that what is to be compared is measured at that time.
func (k *checker) variable(e Estimand, o Outcome, place string) {
	v := e.Variable
	place += ".variable"
	if o.Source.Event != "" {
		if v.Visit != "" || len(v.Visits) > 0 || v.Nights != nil || v.BaselineVisit != "" || v.BaselineNights != nil || v.Change {
			k.add("variable-time", place, "%s is the day of an event, counted to the end of treatment: it has no visit, no nights and no baseline", o.ID).WithHint("as in variable: {outcome: %s}", o.ID)
		}
		return
	}
	if o.Source.Nightly() {
		k.nightly(e, o, place)
		return
	}
	if v.Nights != nil || v.BaselineNights != nil {
		k.add("variable-time", place, "%s is asked at visits, not measured by night", o.ID).WithHint("name a visit and a baseline_visit")
		return
	}
	several := k.p.Design.Kind == Crossover || k.p.Design.Kind == NOf1
	switch {
	case several && (v.Visit != "" || len(v.Visits) != k.p.Design.Periods):
		k.add("variable-time", place+".visits", "in a %s trial an outcome at visits names one visit of each period, and this names %d for %d periods", k.p.Design.Kind, len(v.Visits), k.p.Design.Periods).
			WithHint("as in visits: [end-first, end-second]")
	case !several && (v.Visit == "" || len(v.Visits) > 0):
		k.add("variable-time", place+".visit", "an outcome at visits names the one visit that the claim is about")
	}
	if v.Visit != "" {
		if visit, ok := k.measured(v.Visit, o, place+".visit"); ok && visit.Day <= 0 {
			k.add("variable-early", place+".visit", "the visit %s is on day %d, before any treatment", v.Visit, visit.Day)
		}
	}
	for i, id := range v.Visits {
		if visit, ok := k.measured(id, o, at(place+".visits", i)); ok && several && visit.Period != i+1 {
			k.add("variable-period", at(place+".visits", i), "the visit %s is of period %d, and stands in the place of period %d", id, visit.Period, i+1)
		}
	}
	k.baselineVisit(v, o, place)
}

func (k *checker) baselineVisit(v Variable, o Outcome, place string) {
	if v.BaselineVisit == "" {
		if v.Change {
			k.add("change-no-baseline", place+".change", "a change wants a baseline_visit to count from")
		}
		return
	}
	visit, ok := k.measured(v.BaselineVisit, o, place+".baseline_visit")
	if ok && visit.Day > 0 {
		k.add("baseline-late", place+".baseline_visit", "the visit %s is on day %d, after treatment has begun", v.BaselineVisit, visit.Day)
	} else if ok && visit.Day+visit.After > 0 {
		k.warn("baseline-window", place+".baseline_visit", "the window of %s lets the baseline be measured after the first dose", v.BaselineVisit).
			WithHint("give that visit no days after")
	}
	if d, ok := k.instruments(instrument.ID(o.Source.Instrument)); ok && v.Change && d.Recall.Kind == instrument.ComparesWithUsual {
		k.warn("change-of-comparison", place+".change", "%s asks how it was compared with usual, so a change from baseline is a difference of differences", o.Source.Instrument).
			WithHint("compare the score itself at the visit, without change")
	}
}

// measured finds a visit and sees that it asks the outcome's instrument.
func (k *checker) measured(id string, o Outcome, place string) (Visit, bool) {
	v, ok := (Checked{k.checked}).Visit(id)
	if !ok {
		k.unknown("visit-unknown", place, "visits", noVisit, id, k.visitIDs())
		return Visit{}, false
	}
	if !slices.Contains(v.Instruments, o.Source.Instrument) {
		p := k.add("outcome-unmeasured", place, "the visit %s does not ask %s", id, o.Source.Instrument)
		if asked := k.askedAt(o.Source.Instrument); len(asked) > 0 {
			p.WithHint("it is asked at %s", strings.Join(asked, ", "))
		}
		return Visit{}, false
	}
	return v, true
}

// model checks that the way of estimating fits the design and the variable.
func (k *checker) model(e Estimand, o Outcome, place string) {
	m := e.Model
	kind := k.p.Design.Kind
	nightly := o.Source.Nightly()
	misfit := func(format string, args ...any) {
		k.add("model-misfit", place+".model.kind", format, args...).
			WithHint("in a parallel trial ancova or mmrm at visits, random-intercept or random-slope over nights; crossover in one of two periods, random-intercept over the nights of a crossover, paired in a crossover or n-of-1 trial, n-of-1 over the nights of the latter")
	}
	within := m.Kind == "crossover" || m.Kind == "paired" || m.Kind == "n-of-1" || m.Kind == "random-intercept" && kind == Crossover
	switch {
	case m.Kind == "" || kind == "":
	case !within && kind != Parallel:
		misfit("%s compares separate groups of people, and in a %s trial each person takes several arms", m.Kind, kind)
	case m.Kind == "n-of-1" && kind != NOf1:
		misfit("the n-of-1 model is for people who each take every arm several times")
	case (m.Kind == "random-intercept" || m.Kind == "random-slope" || m.Kind == "ordinal-intercept" || m.Kind == "n-of-1") && !nightly:
		misfit("%s is for many nights of each person, and %s has one value at the visit", m.Kind, o.ID)
	case (m.Kind == "mmrm" || m.Kind == "complier" || m.Kind == "binary") && nightly:
		misfit("%s is for an outcome at visits, and %s is measured every night", m.Kind, o.ID)
	case m.Kind == "crossover" && (kind != Crossover || k.p.Design.Periods != 2 || len(k.p.Design.Sequences) != 2):
		misfit("the crossover model is for two sequences of two periods")
	case m.Kind == "paired" && kind == Parallel:
		misfit("paired compares each person with herself, and in a parallel trial she takes one arm")
	}
	if m.Kind == "ancova" && e.Variable.BaselineVisit == "" && e.Variable.BaselineNights == nil && !k.comparesWithUsual(o) {
		k.warn("no-baseline", place+".variable", "the model has no baseline to adjust for, which costs precision")
	}
	k.covariates(e, place)
}

func (k *checker) comparesWithUsual(o Outcome) bool {
	d, ok := k.instruments(instrument.ID(o.Source.Instrument))
	return ok && d.Recall.Kind == instrument.ComparesWithUsual
}

func (k *checker) covariates(e Estimand, place string) {
	m := e.Model
	stratified := len(k.p.Randomisation.Strata) > 0
	within := m.Kind == "crossover" || m.Kind == "paired" || m.Kind == "n-of-1"
	if m.Strata && !stratified {
		k.add("strata-none", place+".model.strata", "the randomisation has no strata to adjust for")
	} else if k.p.Randomisation.Method == Minimisation && len(k.p.Randomisation.Strata) > 0 && !m.Strata && !within && e.Place != Exploratory {
		k.warn("minimise-unadjusted", place+".model.strata", "the arms are balanced over the factors of the minimisation and the model does not adjust for them, so its interval and its p-value do not hold").
			WithHint("write strata: true (EMA 2015, guideline on adjustment for baseline covariates)")
	} else if stratified && !m.Strata && !within && e.Place != Exploratory {
		k.warn("strata-unadjusted", place+".model.strata", "the randomisation is stratified and the model does not adjust for it, which makes the interval too wide").
			WithHint("write strata: true")
	}
	for i, c := range m.Covariates {
		if _, ok := (Checked{k.checked}).Question(c); !ok {
			k.unknown("question-unknown", at(place+".model.covariates", i), "population.screening", noQuestion, c, questionNames(k.p.Population.Screening))
		}
		if slices.Contains(m.Covariates[:i], c) {
			k.add("duplicate-id", at(place+".model.covariates", i), "%q stands here twice", c)
		}
	}
}
