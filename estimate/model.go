package estimate

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/crossover"
	"dvala/stats/dist"
	"dvala/stats/effect"
	"dvala/stats/linear"
	"dvala/stats/terms"
)

// result fits the estimand's model to its set. What cannot be fitted is told in
// Failed, and no number is given in its place.
func (r *run) result(s *set) Result {
	e, o := s.estimand, s.outcome
	res := Result{
		ID: e.ID, Place: e.Place, Order: e.Order, Label: o.Label.In("en"), Unit: o.Unit, Better: o.Better,
		When: r.when(e.Variable), Model: e.Model.Kind, Level: r.level, Claim: "not tested",
		Matters: o.Matters, MattersFrom: o.MattersFrom,
		N: len(s.members), Rows: s.rows(), Dropped: s.dropped,
	}
	res.Arms = r.observed(s)
	for _, c := range s.removed {
		res.Notes = append(res.Notes, fmt.Sprintf("%d values left out after %s, as the strategy says.", c.N, words(c.What)))
	}
	var err error
	switch e.Model.Kind {
	case "ancova":
		err = r.ancova(s, &res)
	case "random-intercept":
		err = r.randomIntercept(s, &res)
	case "crossover":
		err = r.crossover(s, &res)
	case "paired":
		err = r.paired(s, &res)
	default:
		err = fault.New("estimand-model", "", "there is no model called %q", e.Model.Kind)
	}
	if err != nil {
		res.fail(err)
		return res
	}
	r.favours(s, &res)
	return res
}

// fail takes every number out of a result and says why.
func (res *Result) fail(err error) {
	res.Estimate, res.SE, res.DF, res.Low, res.High, res.P = nil, nil, nil, nil, nil, nil
	res.G, res.GLow, res.GHigh, res.Terms = nil, nil, nil, nil
	for i := range res.Arms {
		res.Arms[i].Adjusted, res.Arms[i].Low, res.Arms[i].High = nil, nil, nil
	}
	var one *fault.Problem
	var many fault.List
	switch {
	case errors.As(err, &many) && len(many) > 0:
		parts := make([]string, len(many))
		for i, p := range many {
			parts[i] = told(p)
		}
		res.Failed = strings.Join(parts, "; ")
	case errors.As(err, &one):
		res.Failed = told(one)
	default:
		res.Failed = err.Error()
	}
}

func told(p *fault.Problem) string {
	if p.Place == "" {
		return p.Message
	}
	return p.Place + ": " + p.Message
}

// take fills a result from an estimate.
func (res *Result) take(e stats.Estimate) {
	res.Estimate, res.SE, res.DF = &e.Value, &e.SE, e.DF
	res.Low, res.High, res.P = &e.Low, &e.High, &e.P
}

// ancova fits value = arm + baseline + strata + covariates by least squares.
// For nights the value is a person's mean over the span. Adjusted means are at
// the mean of the covariates and the observed shares of the strata.
func (r *run) ancova(s *set, res *Result) error {
	y := make([]float64, len(s.members))
	for i, m := range s.members {
		y[i], _ = m.mean(1)
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(s.members), res)
	if err != nil {
		return err
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	fit, err := linear.Ordinary(d, y, linear.Options{Level: r.level})
	if err != nil {
		return err
	}
	diff, err := fit.Difference("arm", s.arms[0], s.arms[1], terms.Observed)
	if err != nil {
		return err
	}
	means, err := fit.LSMeans("arm", s.arms[:], terms.Observed)
	if err != nil {
		return err
	}
	res.take(diff)
	res.adjusted(means)
	res.covariates(fit.Coefficients)
	res.Method = "Analysis of covariance (least squares) of the value " + res.When + ", adjusted for " + cols.said() +
		"; adjusted means at the mean of the covariates and the observed shares of the strata."
	if s.outcome.Source.Nightly() {
		res.Method = strings.Replace(res.Method, "the value", "each person's mean over", 1)
	}
	r.change(s, res)
	r.hedges(s, res, diff)
	return nil
}

// columns are a model's variables, one row per observation.
type columns struct {
	vars  []terms.Variable
	names []string
	told  []string
}

func (c *columns) add(v terms.Variable, told string) {
	c.vars = append(c.vars, v)
	c.names = append(c.names, v.Name())
	if told != "" {
		c.told = append(c.told, told)
	}
}

// said lists what is adjusted for.
func (c *columns) said() string {
	if len(c.told) == 0 {
		return "nothing"
	}
	return list(c.told)
}

// columns gathers arm, baseline, strata and covariates for rows 0 … n−1, each
// of them a member. A factor of one level among those analysed says nothing and
// is left out, with a note.
func (r *run) columns(s *set, at func(int) *member, n int, res *Result) (*columns, error) {
	c := &columns{}
	pick := func(f func(*member) string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = f(at(i))
		}
		return out
	}
	counts := map[string]int{}
	for _, m := range s.members {
		counts[m.arm()]++
	}
	for _, a := range s.arms {
		if counts[a] == 0 {
			return nil, fault.New(stats.EmptyGroup, "", "nobody in %s has a value to analyse", r.label(a))
		}
	}
	c.add(terms.Factor("arm", pick(func(m *member) string { return m.arm() }), s.arms[1], s.arms[0]), "")
	if s.hasBaseline() {
		x := make([]float64, n)
		for i := range x {
			x[i] = *at(i).baseline
		}
		c.add(terms.Numeric("baseline", x), "the baseline value")
	}
	factor := func(name, said string, values []string) {
		v := terms.FactorOf(name, values)
		if len(v.Levels()) < 2 {
			res.Notes = append(res.Notes, fmt.Sprintf("%s is the same for all who are analysed and is not adjusted for.", said))
			return
		}
		c.add(v, said)
	}
	for _, f := range s.factors {
		factor("stratum "+f, "the stratum "+f, pick(func(m *member) string { return m.person.Strata[f] }))
	}
	for _, name := range s.estimand.Model.Covariates {
		q, _ := r.checked.Question(name)
		if q.Type == "int" || q.Type == "number" {
			x := make([]float64, n)
			for i := range x {
				x[i], _ = at(i).person.Answers[name].Number()
			}
			c.add(terms.Numeric(name, x), name)
			continue
		}
		factor(name, name, pick(func(m *member) string { return m.person.Answers[name].String() }))
	}
	return c, nil
}

// adjusted fills the arms' adjusted means.
func (res *Result) adjusted(means []stats.Estimate) {
	for i := range res.Arms {
		for _, m := range means {
			if m.Name == res.Arms[i].Arm {
				res.Arms[i].Adjusted, res.Arms[i].Low, res.Arms[i].High = &m.Value, &m.Low, &m.High
			}
		}
	}
}

// covariates lists the coefficients beside the arm's.
func (res *Result) covariates(all []stats.Estimate) {
	for _, c := range all {
		if c.Name != "(Intercept)" && !strings.HasPrefix(c.Name, "arm=") {
			res.Terms = append(res.Terms, termOf(c))
		}
	}
}

func termOf(e stats.Estimate) Term {
	return Term{Name: e.Name, Estimate: e.Value, SE: e.SE, Low: e.Low, High: e.High, P: &e.P}
}

// crossover is the analysis of two periods and two sequences, by differences
// between periods. Nights enter as a person's mean over a period.
func (r *run) crossover(s *set, res *Result) error {
	people := make([]crossover.Person, len(s.members))
	for i, m := range s.members {
		people[i].First = r.arm(m.person.Group, 1)
		for k := range 2 {
			if x, ok := m.mean(k + 1); ok {
				people[i].Outcomes[k] = &x
			}
		}
	}
	c, err := crossover.Analyse(people, s.arms[0], s.arms[1], r.level)
	if err != nil {
		return err
	}
	res.take(c.Treatment)
	res.N = c.Complete
	period, seq := termOf(c.Period), termOf(c.Sequence)
	period.Name = "period 2 minus period 1"
	seq.Name = "sequence: " + r.label(s.arms[0]) + " first minus " + r.label(s.arms[1]) + " first"
	res.Terms = append(res.Terms, period, seq)
	res.Method = "Two-period crossover: differences between periods compared between the sequences (Hills and Armitage 1979), " +
		"which takes out period and person; people with both periods. The sequence effect is shown and decided nothing."
	r.hedges(s, res, c.Treatment)
	return nil
}

// paired is the mean difference within people, whatever the period.
func (r *run) paired(s *set, res *Result) error {
	var a, b []float64
	for _, m := range s.members {
		var x [2]float64
		for k := range 2 {
			v, _ := m.mean(k + 1)
			if r.arm(m.person.Group, k+1) == s.arms[0] {
				x[0] = v
			} else {
				x[1] = v
			}
		}
		a, b = append(a, x[0]), append(b, x[1])
	}
	e, err := crossover.Paired(a, b, r.level)
	if err != nil {
		return err
	}
	res.take(e)
	res.Method = "Mean of the differences within people, with Student's t interval; people with both values. Periods are taken not to differ."
	r.hedges(s, res, e)
	return nil
}

// hedges standardises the estimate by the pooled SD of people within a
// treatment (of their means, where there are several nights):
//
//	g = J(ν)·estimate/SD,   interval J(ν)·SE/SD·(δ_low, δ_high)
//
// ν being the degrees of freedom of the SD and δ the noncentralities of a t of
// the model's degrees of freedom that put the observed t at their 2.5 % points.
// Without covariates this is the exact interval of two groups.
func (r *run) hedges(s *set, res *Result, e stats.Estimate) {
	var ss, nu float64
	for _, a := range s.arms {
		x := r.observedValues(s, a)
		if len(x) < 2 {
			return
		}
		g := effect.GroupOf(x)
		ss += g.SD * g.SD * float64(g.N-1)
		nu += float64(g.N - 1)
	}
	sd := math.Sqrt(ss / nu)
	if !(sd > 0) || e.DF == nil || !(nu > 1) {
		return
	}
	j := effect.J(nu)
	lo, hi := dist.NoncentralTInterval(e.Stat, *e.DF, (1-r.level)/2)
	g, low, high := j*e.Value/sd, j*e.SE/sd*lo, j*e.SE/sd*hi
	if math.IsNaN(g+low+high) || math.IsInf(g+low+high, 0) {
		return
	}
	res.G, res.GLow, res.GHigh = &g, &low, &high
	what := "of people within a treatment"
	if s.outcome.Source.Nightly() {
		what = "of people's means within a treatment"
	}
	res.Notes = append(res.Notes, fmt.Sprintf("Hedges' g divides the estimate by the pooled standard deviation %s, %s %s.", what, digits(sd, 3), res.Unit))
}

// change tells the adjusted means as changes from the mean baseline.
func (r *run) change(s *set, res *Result) {
	if !s.estimand.Variable.Change || !s.hasBaseline() || len(s.members) == 0 {
		return
	}
	var b float64
	for _, m := range s.members {
		b += *m.baseline
	}
	b /= float64(len(s.members))
	var parts []string
	for _, a := range res.Arms {
		if a.Adjusted != nil {
			parts = append(parts, fmt.Sprintf("%s %s", r.label(a.Arm), digits(*a.Adjusted-b, 3)))
		}
	}
	res.Notes = append(res.Notes, "Adjusted mean change from baseline: "+strings.Join(parts, ", ")+" "+res.Unit+".")
}

// favours notes a difference that goes the other way than hoped.
func (r *run) favours(s *set, res *Result) {
	if res.Low == nil || res.High == nil {
		return
	}
	benefit := s.outcome.Better == protocol.Higher
	if *res.Low > 0 && !benefit || *res.High < 0 && benefit {
		res.Notes = append(res.Notes, "The interval lies wholly on the side that favours "+r.label(s.arms[1])+".")
	}
}

// observedValues gives the values of a treatment, one per person.
func (r *run) observedValues(s *set, arm string) []float64 {
	var out []float64
	for _, m := range s.members {
		period := 1
		if r.parallel() {
			if m.arm() != arm {
				continue
			}
		} else {
			for period <= len(r.sequence[m.person.Group]) && r.arm(m.person.Group, period) != arm {
				period++
			}
		}
		if x, ok := m.mean(period); ok {
			out = append(out, x)
		}
	}
	return out
}

// observed summarises what was seen in each treatment.
func (r *run) observed(s *set) []ArmSummary {
	var out []ArmSummary
	for _, a := range s.arms {
		x := r.observedValues(s, a)
		sum := ArmSummary{Arm: a, N: len(x)}
		sum.Mean, sum.SD = meanSD(x)
		if s.hasBaseline() {
			var b []float64
			for _, m := range s.members {
				if m.arm() == a {
					b = append(b, *m.baseline)
				}
			}
			sum.Baseline, _ = meanSD(b)
		}
		out = append(out, sum)
	}
	return out
}

// meanSD gives mean and standard deviation, as far as they are defined.
func meanSD(x []float64) (m, sd *float64) {
	if len(x) == 0 {
		return nil, nil
	}
	v := mean(x)
	if len(x) < 2 {
		return &v, nil
	}
	var ss float64
	for _, a := range x {
		ss += (a - v) * (a - v)
	}
	q := math.Sqrt(ss / float64(len(x)-1))
	return &v, &q
}

// when names the time point in words.
func (r *run) when(v protocol.Variable) string {
	switch {
	case v.Nights != nil && r.parallel():
		return fmt.Sprintf("nights %d to %d", v.Nights.From, v.Nights.To)
	case v.Nights != nil && v.Nights.From == v.Nights.To:
		return fmt.Sprintf("night %d of each period", v.Nights.From)
	case v.Nights != nil:
		return fmt.Sprintf("nights %d to %d of each period", v.Nights.From, v.Nights.To)
	case len(v.Visits) > 0:
		return r.whenVisits(v.Visits)
	}
	if x, ok := r.checked.Visit(v.Visit); ok {
		return fmt.Sprintf("at day %d", x.Day)
	}
	return ""
}

// whenVisits names visits of several periods: by their day, where it is the same
// in each, else by what they are called.
func (r *run) whenVisits(ids []string) string {
	var labels []string
	days := map[int]bool{}
	for _, id := range ids {
		x, _ := r.checked.Visit(id)
		labels = append(labels, x.Label.In("en"))
		days[x.Day-r.startOf(x.Period)] = true
	}
	if len(days) == 1 {
		for day := range days {
			return fmt.Sprintf("on day %d of each period", day)
		}
	}
	return "at the visits " + list(labels)
}

// list joins words: a, b and c.
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}
