package estimate

import (
	"fmt"
	"slices"

	"dvala/protocol"
)

// set is the data of one estimand: who is in, with what, and who is not and
// why. It is the same for every model; each takes from it what it needs.
type set struct {
	estimand protocol.Estimand
	outcome  protocol.Outcome
	arms     [2]string // treatment, comparator
	factors  []string  // strata adjusted for
	members  []member
	// unseen are people of whom all is known but a value: a reference-based
	// analysis imputes theirs.
	unseen  []member
	dropped []Count
	// removed counts values that a strategy took out, by event.
	removed []Count
}

// member is one person of the set.
type member struct {
	person   *Person
	baseline *float64
	// periods holds the values that count, by period: one in a parallel trial
	// and in period 1, several in nightly data.
	periods map[int][]float64
	// visits holds the values at the visits of the model, nil where missing.
	visits []*float64
	// nights holds the values of the nights of the model, in order.
	nights []nightOf
	// until and had tell the time to an event.
	until float64
	had   bool
}

// nightOf is one night's value.
type nightOf struct {
	day    int // from randomisation
	x      float64
	period int
}

// arm is the person's arm in a parallel trial.
func (m member) arm() string { return m.person.Group }

// mean gives the mean of a period's values.
func (m member) mean(period int) (float64, bool) {
	v := m.periods[period]
	if len(v) == 0 {
		return 0, false
	}
	return mean(v), true
}

// index finds a person's rows in tables that are in order.
type index struct {
	values map[[2]string][]Value
	nights map[[2]string][]NightValue
	absent map[[2]string][]Absent
	events map[string][]Intercurrent
}

func indexOf(d *Data) *index {
	x := &index{map[[2]string][]Value{}, map[[2]string][]NightValue{}, map[[2]string][]Absent{}, map[string][]Intercurrent{}}
	group(d.Values, func(v Value) [2]string { return [2]string{v.Subject, v.Outcome} }, x.values)
	group(d.Nights, func(v NightValue) [2]string { return [2]string{v.Subject, v.Outcome} }, x.nights)
	group(d.Absent, func(v Absent) [2]string { return [2]string{v.Subject, v.Outcome} }, x.absent)
	group(d.Events, func(v Intercurrent) string { return v.Subject }, x.events)
	return x
}

// group files runs of rows of the same key, which are neighbours, under it.
func group[T any, K comparable](rows []T, key func(T) K, into map[K][]T) {
	for i := 0; i < len(rows); {
		j, k := i+1, key(rows[i])
		for j < len(rows) && key(rows[j]) == k {
			j++
		}
		into[k] = rows[i:j]
		i = j
	}
}

// setOf builds the data of an estimand: all randomised to the two treatments
// compared, whose values there are after the strategies have spoken.
func (r *run) setOf(e protocol.Estimand) *set {
	o, _ := r.checked.Outcome(e.Variable.Outcome)
	s := &set{estimand: e, outcome: o, arms: [2]string{e.Treatment.Treatment, e.Treatment.Comparator}}
	if e.Model.Strata {
		for _, f := range r.p.Randomisation.Strata {
			s.factors = append(s.factors, f.Name)
		}
	}
	for i := range r.data.People {
		p := &r.data.People[i]
		if !r.blind && !r.compares(p.Group, s.arms) {
			continue
		}
		m := member{person: p, periods: map[int][]float64{}}
		r.fillValues(s, &m)
		why, unseen := r.whyNot(s, &m)
		switch {
		case why == "":
			s.members = append(s.members, m)
			continue
		case unseen && r.whyNotCovariates(s, &m) == "":
			s.unseen = append(s.unseen, m)
		}
		s.dropped = addCount(s.dropped, why)
	}
	s.dropped, s.removed = sortCounts(s.dropped), sortCounts(s.removed)
	return s
}

// compares says whether a group takes part in a contrast.
func (l layout) compares(group string, arms [2]string) bool {
	if l.parallel() {
		return group == arms[0] || group == arms[1]
	}
	seq := l.sequence[group]
	return slices.Contains(seq, arms[0]) && slices.Contains(seq, arms[1])
}

// fillValues takes the person's values and baseline.
func (r *run) fillValues(s *set, m *member) {
	key := [2]string{m.person.Subject, s.outcome.ID}
	m.baseline = r.baselineOf(s, key)
	switch {
	case s.outcome.Source.Event != "":
		r.fillTime(s, m)
	case s.outcome.Source.Nightly():
		r.fillNights(s, m, r.index.nights[key])
	default:
		r.fillVisits(s, m, r.index.values[key])
	}
}

// span gives the nights that the model takes.
func (s *set) span() protocol.Span {
	if s.estimand.Model.Nights != nil {
		return *s.estimand.Model.Nights
	}
	return *s.estimand.Variable.Nights
}

// fillNights takes the nights of the model's span; those of the estimand's own
// are the period's values besides.
func (r *run) fillNights(s *set, m *member, rows []NightValue) {
	v, id := s.estimand.Variable, m.person.Subject
	if v.Nights == nil {
		return
	}
	all := s.span()
	put := func(period, day int, x float64) {
		if day >= v.Nights.From && day <= v.Nights.To {
			m.periods[period] = append(m.periods[period], x)
		}
		if period > 0 {
			m.nights = append(m.nights, nightOf{r.startOf(period) + day, x, period})
		}
	}
	for _, n := range rows {
		if n.Period == 0 || n.Day < all.From || n.Day > all.To {
			continue
		}
		day := r.checked.PeriodStart(n.Period) + n.Day
		if _, stated := r.standsFor(s, id, day); stated {
			continue
		}
		if event, out := r.takenOut(s, id, day); out {
			s.removed = addCount(s.removed, event)
			continue
		}
		put(n.Period, n.Day, n.X)
	}
	if !r.parallel() {
		return
	}
	for day := all.From; day <= all.To; day++ {
		if x, ok := r.standsFor(s, id, day); ok {
			put(1, day, x)
		}
	}
	slices.SortStableFunc(m.nights, func(a, b nightOf) int { return a.day - b.day })
}

// fillVisits takes the value at the visit, or, while on treatment, the last
// one before the event; and those at the other visits of the model.
func (r *run) fillVisits(s *set, m *member, values []Value) {
	v := s.estimand.Variable
	visits := v.Visits
	if len(visits) == 0 {
		visits = []string{v.Visit}
	}
	for k, visit := range visits {
		if x, ok := r.valueAt(s, m, values, visit); ok {
			m.periods[k+1] = append(m.periods[k+1], x)
		}
		if len(m.periods[k+1]) == 0 && r.parallel() {
			r.lastOnTreatment(s, m, values, visit)
		}
	}
	for _, visit := range s.modelVisits() {
		var x *float64
		if visit == v.Visit {
			if y, ok := m.mean(1); ok {
				x = &y
			}
		} else if y, ok := r.valueAt(s, m, values, visit); ok {
			x = &y
		}
		m.visits = append(m.visits, x)
	}
}

// modelVisits are those that an analysis takes together, the estimand's last.
func (s *set) modelVisits() []string {
	if vs := s.estimand.Model.Visits; len(vs) > 0 {
		return vs
	}
	if s.estimand.Variable.Visit == "" {
		return nil
	}
	return []string{s.estimand.Variable.Visit}
}

// valueAt gives the value at a visit after the strategies have spoken.
func (r *run) valueAt(s *set, m *member, values []Value, visit string) (float64, bool) {
	planned, _ := r.checked.Visit(visit)
	day, found := planned.Day, -1
	for i, x := range values {
		if x.Visit == visit {
			day, found = x.Day, i
		}
	}
	if x, ok := r.standsFor(s, m.person.Subject, day); ok {
		return x, true
	}
	if found < 0 {
		return 0, false
	}
	if event, out := r.takenOut(s, m.person.Subject, day); out {
		s.removed = addCount(s.removed, event)
		return 0, false
	}
	return s.responded(m, values[found].X)
}

// responded turns a score into yes (1) or no (0), where the outcome asks for it.
func (s *set) responded(m *member, x float64) (float64, bool) {
	d := s.outcome.Responder
	if d == nil {
		return x, true
	}
	if d.Changes() && m.baseline == nil {
		return 0, false
	}
	var yes bool
	switch {
	case d.Drop != nil:
		yes = *m.baseline-x >= *d.Drop
	case d.Rise != nil:
		yes = x-*m.baseline >= *d.Rise
	case d.Below != nil:
		yes = x < *d.Below
	case d.AtLeast != nil:
		yes = x >= *d.AtLeast
	}
	if yes {
		return 1, true
	}
	return 0, true
}

// lastOnTreatment is the while-on-treatment value: the last after day 0, and
// before the target visit, that no event took out; only for someone who had
// such an event.
func (r *run) lastOnTreatment(s *set, m *member, values []Value, visit string) {
	target, ok := r.checked.Visit(visit)
	until, stopped := r.onTreatmentUntil(s, m.person.Subject)
	if !ok || !stopped || until >= target.Day+target.After {
		return
	}
	best := -1
	for i, x := range values {
		if _, out := r.takenOut(s, m.person.Subject, x.Day); out || x.Day <= 0 || x.Day > until {
			continue
		}
		if best < 0 || x.Day > values[best].Day {
			best = i
		}
	}
	if best < 0 {
		return
	}
	if x, ok := s.responded(m, values[best].X); ok {
		m.periods[1] = []float64{x}
	}
}

// baselineOf gives the value at the baseline visit, or the mean of the
// baseline nights.
func (r *run) baselineOf(s *set, key [2]string) *float64 {
	v := s.estimand.Variable
	if v.BaselineVisit != "" {
		for _, x := range r.index.values[key] {
			if x.Visit == v.BaselineVisit {
				return &x.X
			}
		}
	}
	if v.BaselineNights != nil {
		var xs []float64
		for _, n := range r.index.nights[key] {
			before := n.Period == 0 || r.parallel()
			if before && n.Day >= v.BaselineNights.From && n.Day <= v.BaselineNights.To {
				xs = append(xs, n.X)
			}
		}
		if len(xs) > 0 {
			b := mean(xs)
			return &b
		}
	}
	return nil
}

func (s *set) hasBaseline() bool {
	return s.estimand.Variable.BaselineVisit != "" || s.estimand.Variable.BaselineNights != nil
}

// whyNot gives the reason for which a person cannot be analysed, or "", and
// whether it is that no value was seen.
func (r *run) whyNot(s *set, m *member) (why string, unseen bool) {
	if why := r.unseen(s, m); why != "" {
		return why, true
	}
	return r.whyNotCovariates(s, m), false
}

// unseen gives the reason for which there is no value to analyse, or "".
func (r *run) unseen(s *set, m *member) string {
	switch {
	case s.outcome.Source.Event != "":
		return ""
	case s.estimand.Model.Kind == "mmrm" && slices.ContainsFunc(m.visits, func(x *float64) bool { return x != nil }):
		return ""
	case nightlyModel(s.estimand.Model.Kind) && len(m.nights) > 0:
		return ""
	}
	if r.p.Design.Kind == protocol.NOf1 {
		return r.bothSides(s, m)
	}
	periods := 1
	if !r.parallel() {
		periods = r.p.Design.Periods
	}
	for k := 1; k <= periods; k++ {
		if len(m.periods[k]) > 0 {
			continue
		}
		why := r.whyMissing(s, m, k)
		if !r.parallel() {
			return fmt.Sprintf("no value in period %d: %s", k, why)
		}
		return "no value: " + why
	}
	return ""
}

// whyNotCovariates gives what the model adjusts for and the person lacks, or "".
func (r *run) whyNotCovariates(s *set, m *member) string {
	if s.hasBaseline() && m.baseline == nil {
		return "no baseline value"
	}
	for _, f := range s.factors {
		if _, ok := m.person.Strata[f]; !ok {
			return "no level of the stratum " + f
		}
	}
	for _, name := range s.estimand.Model.Covariates {
		if _, ok := m.person.Answers[name]; !ok {
			return "no answer to " + name
		}
	}
	return ""
}

// whyMissing looks up the reason of an absent value: the one most often given
// over the nights, or that of the visit.
func (r *run) whyMissing(s *set, m *member, period int) string {
	v := s.estimand.Variable
	var why []Count
	for _, a := range r.index.absent[[2]string{m.person.Subject, s.outcome.ID}] {
		at := a.Visit == v.Visit && a.Visit != ""
		if len(v.Visits) >= period {
			at = a.Visit == v.Visits[period-1]
		}
		if v.Nights != nil {
			at = a.Visit == "" && a.Period == period && a.Day >= v.Nights.From && a.Day <= v.Nights.To
		}
		if at {
			why = addCount(why, a.Why)
		}
	}
	if len(why) > 0 {
		return sortCounts(why)[0].What
	}
	for _, ev := range s.estimand.Events {
		for _, x := range r.happened(s, m.person.Subject) {
			if x.Event == ev.Event && removes(ev.Strategy) {
				return "after " + eventOf(ev.Event) + " (" + words(ev.Strategy) + ")"
			}
		}
	}
	return "not recorded"
}

// rows counts the values in the set.
func (s *set) rows() int {
	n := 0
	for _, m := range s.members {
		switch {
		case s.outcome.Source.Event != "":
			n++
		case s.estimand.Model.Kind == "mmrm":
			for _, x := range m.visits {
				if x != nil {
					n++
				}
			}
		case nightlyModel(s.estimand.Model.Kind):
			n += len(m.nights)
		default:
			for _, v := range m.periods {
				n += len(v)
			}
		}
	}
	return n
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
