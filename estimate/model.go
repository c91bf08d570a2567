package estimate

import (
	"errors"
	"fmt"
	"strings"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/crossover"
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
