package estimate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/crossover"
	"dvala/stats/linear"
	"dvala/stats/terms"
)

// result answers an estimand: its model fitted to its set. What cannot be fitted
// is told in Failed, and no number is given in its place.
func (r *run) result(s *set) Result {
	res := r.blank(s)
	for _, c := range s.removed {
		res.Notes = append(res.Notes, fmt.Sprintf("%d values left out after %s, as the strategy says.", c.N, eventOf(c.What)))
	}
	residuals, err := r.fit(s, &res)
	if err != nil {
		res.fail(err)
		return res
	}
	r.favours(&res)
	if !r.quick {
		res.Diagnostics = r.diagnose(s, &res, residuals)
	}
	return res
}

// blank is a result before its model has spoken.
func (r *run) blank(s *set) Result {
	e, o := s.estimand, s.outcome
	res := Result{
		ID: e.ID, Place: e.Place, Order: e.Order, Label: o.Label.In("en"), Unit: o.Unit, Better: o.Better, Summary: e.Summary,
		Estimand: attributesOf(r.layout, e, o), When: r.when(e.Variable), Model: e.Model.Kind, Level: r.level, Claim: "not tested",
		Matters: o.Matters, MattersFrom: o.MattersFrom,
		N: len(s.members), Rows: s.rows(), Dropped: s.dropped, Arms: r.observed(s),
	}
	switch {
	case o.Kind == "binary" || o.Kind == "time":
		res.Unit = "%"
		for i := range res.Arms {
			res.Arms[i].SD, res.Arms[i].Baseline = nil, nil
			res.Arms[i].Mean = percentage(res.Arms[i].Mean)
		}
	case res.Ratio():
		res.Unit, res.Matters, res.MattersFrom = "", nil, ""
	}
	if e.Model.Kind == "complier" {
		res.When += ", in those who take it"
	}
	if o.Kind == "binary" {
		res.Matters, res.MattersFrom = nil, ""
		if o.Matters != nil && e.Summary == "risk-difference" {
			res.Matters, res.MattersFrom = o.Matters, o.MattersFrom
		}
	}
	return res
}

func percentage(x *float64) *float64 {
	if x == nil {
		return nil
	}
	y := 100 * *x
	return &y
}

// fit fits the model of the set's estimand and gives its standardised
// residuals, where it has any.
func (r *run) fit(s *set, res *Result) (residuals []float64, err error) {
	switch kind := s.estimand.Model.Kind; kind {
	case "ancova":
		return r.ancova(s, res, adjustment{hc3: s.estimand.Model.Errors == "hc3"})
	case "mmrm":
		return r.mmrm(s, res)
	case "random-intercept", "random-slope":
		if !r.parallel() {
			return nil, r.nightsCrossed(s, res)
		}
		return r.nightly(s, res)
	case "ordinal", "ordinal-intercept":
		return nil, r.ordinal(s, res)
	case "binary":
		return nil, r.shares(s, res)
	case "count":
		return nil, r.counts(s, res)
	case "survival":
		return nil, r.survival(s, res)
	case "complier":
		return nil, r.complier(s, res)
	case "crossover":
		return nil, r.crossover(s, res)
	case "paired":
		return nil, r.paired(s, res)
	case "n-of-1":
		return nil, r.nof1(s, res)
	default:
		return nil, fault.New("estimand-model", "", "there is no model called %q", kind)
	}
}

// fail takes every number out of a result and says why.
func (res *Result) fail(err error) {
	res.Estimate, res.SE, res.DF, res.Low, res.High, res.P = nil, nil, nil, nil, nil, nil
	res.G, res.GLow, res.GHigh, res.Terms, res.Times, res.Curves, res.Tipping = nil, nil, nil, nil, nil, nil, nil
	res.People, res.Spread, res.Posterior = nil, nil, nil
	for i := range res.Arms {
		res.Arms[i].Adjusted, res.Arms[i].Low, res.Arms[i].High = nil, nil, nil
	}
	res.Failed = reason(err)
}

// reason tells an error without its code and hint.
func reason(err error) string {
	var one *fault.Problem
	var many fault.List
	switch {
	case errors.As(err, &many) && len(many) > 0:
		parts := make([]string, len(many))
		for i, p := range many {
			parts[i] = told(p)
		}
		return strings.Join(parts, "; ")
	case errors.As(err, &one):
		return told(one)
	}
	return err.Error()
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

// adjustment changes how an analysis of covariance is done.
type adjustment struct {
	hc3   bool // errors that do not take variances as equal
	ranks bool // of outcome and baseline instead of their values
}

// ancova fits value = arm + baseline + strata + covariates by least squares.
// For nights the value is a person's mean over the span. Adjusted means are at
// the mean of the covariates and the observed shares of the strata.
func (r *run) ancova(s *set, res *Result, a adjustment) ([]float64, error) {
	y := make([]float64, len(s.members))
	for i, m := range s.members {
		y[i], _ = m.mean(1)
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(s.members), res)
	if err != nil {
		return nil, err
	}
	if a.ranks {
		y = ranks(y)
		cols.rank("baseline")
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return nil, err
	}
	o := linear.Options{Level: r.level}
	if a.hc3 {
		o.Errors = linear.HC3
	}
	fit, err := linear.Ordinary(d, y, o)
	if err != nil {
		return nil, err
	}
	diff, err := fit.Difference("arm", s.arms[0], s.arms[1], terms.Observed)
	if err != nil {
		return nil, err
	}
	res.take(diff)
	if r.quick && r.bare {
		return nil, nil
	}
	means, err := fit.LSMeans("arm", s.arms[:], terms.Observed)
	if err != nil {
		return nil, err
	}
	res.adjusted(means)
	res.covariates(fit.Coefficients, s.arms)
	res.Method = ancovaMethod(s, res.When, cols.said(), a)
	if !a.ranks {
		r.change(s, res)
		r.hedges(s, res, diff)
	}
	return studentised(fit), nil
}

func ancovaMethod(s *set, when, said string, a adjustment) string {
	what := "the value"
	if s.outcome.Source.Nightly() {
		what = "each person's mean over"
	}
	if a.ranks {
		what = "the ranks of " + what
	}
	out := "Analysis of covariance (least squares) of " + what + " " + when + ", adjusted for " + said
	if a.hc3 {
		out += ", with standard errors that do not take variances as equal (HC3)"
	}
	return out + "; adjusted means at the mean of the covariates and the observed shares of the strata."
}

// studentised gives residuals over their standard deviations.
func studentised(f *linear.Fit) []float64 {
	out := make([]float64, 0, len(f.Residuals))
	for i, e := range f.Residuals {
		if v := 1 - f.Leverages[i]; v > 1e-12 {
			out = append(out, e/(f.Sigma*math.Sqrt(v)))
		}
	}
	return out
}

// ranks gives mid-ranks.
func ranks(x []float64) []float64 {
	at := make([]int, len(x))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	out := make([]float64, len(x))
	for i := 0; i < len(at); {
		j := i
		for j < len(at) && x[at[j]] == x[at[i]] {
			j++
		}
		for _, k := range at[i:j] {
			out[k] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}

// columns are a model's variables, one row per observation.
type columns struct {
	vars  []terms.Variable
	names []string
	told  []string
	// base is the baseline, one entry per row.
	base []float64
}

// rank puts ranks in the place of the baseline.
func (c *columns) rank(name string) {
	for i, n := range c.names {
		if n == name {
			c.vars[i] = terms.Numeric(name, ranks(c.base))
		}
	}
}

// without gives the columns but one.
func (c *columns) without(name string) ([]terms.Variable, []string) {
	var vars []terms.Variable
	var names []string
	for i, n := range c.names {
		if n != name {
			vars, names = append(vars, c.vars[i]), append(names, n)
		}
	}
	return vars, names
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
	if !r.blind {
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
	}
	if s.hasBaseline() {
		x := make([]float64, n)
		for i := range x {
			x[i] = *at(i).baseline
		}
		c.base = x
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
		factor("stratum "+f, "the stratum of "+r.factorLabel(f), pick(func(m *member) string { return m.person.Strata[f] }))
	}
	for _, name := range s.estimand.Model.Covariates {
		q, _ := r.checked.Question(name)
		if q.Type == "int" || q.Type == "number" {
			x := make([]float64, n)
			for i := range x {
				x[i], _ = at(i).person.Answers[name].Number()
			}
			c.add(terms.Numeric(name, x), inText(q.Label.In("en")))
			continue
		}
		factor(name, inText(q.Label.In("en")), pick(func(m *member) string { return m.person.Answers[name].String() }))
	}
	return c, nil
}

// factorLabel names a factor of the randomisation.
func (l layout) factorLabel(name string) string {
	if q, ok := l.checked.Question(name); ok {
		return inText(q.Label.In("en"))
	}
	return name
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

// covariates lists the coefficients beside the arm's and what is crossed with
// it, which the contrasts tell.
func (res *Result) covariates(all []stats.Estimate, arms [2]string) {
	for _, c := range all {
		if c.Name != "(Intercept)" && !strings.Contains(c.Name, "arm="+arms[0]) {
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
	a, b, err := r.pairedOver(s)
	if err != nil {
		return err
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
