package estimate

import (
	"fmt"
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/binary"
	"dvala/stats/glm"
	"dvala/stats/ordinal"
	"dvala/stats/terms"
)

// takeRatio fills a result from the logarithm of a ratio.
func (res *Result) takeRatio(e stats.Estimate) {
	v, low, high := math.Exp(e.Value), math.Exp(e.Low), math.Exp(e.High)
	res.Estimate, res.SE, res.DF, res.Low, res.High, res.P = &v, &e.SE, e.DF, &low, &high, &e.P
}

// takePercent fills a result from a difference of shares.
func (res *Result) takePercent(e stats.Estimate) {
	v, se, low, high := 100*e.Value, 100*e.SE, 100*e.Low, 100*e.High
	res.Estimate, res.SE, res.DF, res.Low, res.High, res.P = &v, &se, e.DF, &low, &high, &e.P
}

// ordinal compares ordered categories by cumulative logits: one value per
// person by maximum likelihood; nights by estimating equations with errors over
// people (marginal), or with a random intercept (within a person). The
// categories are the values that occur.
func (r *run) ordinal(s *set, res *Result) error {
	var values []float64
	var at, person []int
	nightly := s.outcome.Source.Nightly()
	for i, m := range s.members {
		if !nightly {
			x, _ := m.mean(1)
			values, at = append(values, x), append(at, i)
			continue
		}
		for _, x := range m.periods[1] {
			values, at, person = append(values, x), append(at, i), append(person, i)
		}
	}
	person, _ = dense(person)
	levels := slices.Compact(slices.Sorted(slices.Values(values)))
	if len(levels) > 60 {
		return fault.New(stats.BadArgument, "", "%d different values are no ordered categories", len(levels))
	}
	y := make([]int, len(values))
	for i, x := range values {
		y[i], _ = slices.BinarySearch(levels, x)
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[at[i]] }, len(at), res)
	if err != nil {
		return err
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	fit, how, err := r.fitOrdinal(s, d, y, person, nightly)
	if err != nil {
		return err
	}
	for _, c := range fit.Coefficients {
		if c.Name == "arm="+s.arms[0] {
			res.takeRatio(c)
		}
	}
	if r.bare {
		return nil
	}
	res.covariates(fit.Coefficients, s.arms)
	res.Method = "Cumulative logits (proportional odds) over the " + itoa(len(levels)) + " answers that occur, " + how + ", adjusted for " + cols.said() +
		". The odds ratio is of a higher answer, and is taken to be the same wherever the scale is cut."
	return nil
}

// dense gives codes without gaps in order of first appearance.
func dense(codes []int) (out []int, n int) {
	seen := map[int]int{}
	for _, c := range codes {
		if _, ok := seen[c]; !ok {
			seen[c] = len(seen)
		}
		out = append(out, seen[c])
	}
	return out, len(seen)
}

func (r *run) fitOrdinal(s *set, d *terms.Design, y, person []int, nightly bool) (*ordinal.Fit, string, error) {
	switch {
	case !nightly:
		f, err := ordinal.Cumulative(d, y, r.level)
		return f, "by maximum likelihood", err
	case s.estimand.Model.Kind == "ordinal-intercept":
		f, err := ordinal.Intercept(d, y, person, 0, r.level)
		if err != nil {
			return nil, "", err
		}
		how := "with a random intercept for each person by adaptive quadrature of " + itoa(f.Nodes) + " nodes, so that the odds ratio is within a person"
		return f.Fit, how, nil
	}
	f, err := ordinal.Marginal(d, y, person, r.level)
	return f, "by estimating equations with independence as the working model and errors over people, so that the odds ratio is marginal", err
}

// shares compares how many respond, by standardisation of a logistic model: the
// mean prediction had everybody been given each treatment. Where nobody or
// everybody of an arm responds no model can be fitted; then the shares
// themselves are compared, by Miettinen and Nurminen's interval.
func (r *run) shares(s *set, res *Result) error {
	y := make([]float64, len(s.members))
	for i, m := range s.members {
		y[i], _ = m.mean(1)
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(y), res)
	if err != nil {
		return err
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	m, err := standardised(d, y, nil, glm.Binomial, s.arms, r.level)
	if c := fault.CodeOf(err); c == stats.NotEstimable || c == stats.Constant || c == stats.NoConvergence {
		return r.plainShares(s, res, reason(err))
	}
	if err != nil {
		return err
	}
	res.marginal(m, 100)
	res.Method = "Logistic regression adjusted for " + cols.said() +
		", standardised: the mean of the predicted shares had everybody been given each treatment, with errors from influence functions, which do not need the model to be right."
	if len(s.members) < 60 {
		res.Notes = append(res.Notes, "With fewer than 60 people these intervals are somewhat narrow.")
	}
	return nil
}

func standardised(d *terms.Design, y, offset []float64, family glm.Family, arms [2]string, level float64) (glm.Marginal, error) {
	f, err := glm.Regress(d, y, glm.Options{Family: family, Offset: offset, Level: level})
	if err != nil {
		return glm.Marginal{}, err
	}
	return f.Standardise("arm", arms[0], arms[1])
}

// marginal fills a result from a standardised comparison; the measure that is
// not the estimand's own stands among the terms.
func (res *Result) marginal(m glm.Marginal, scale float64) {
	times := func(e stats.Estimate) stats.Estimate {
		e.Value, e.SE, e.Low, e.High = scale*e.Value, scale*e.SE, scale*e.Low, scale*e.High
		return e
	}
	a, b, diff := times(m.A), times(m.B), times(m.Difference)
	a.Name, b.Name = res.Arms[0].Arm, res.Arms[1].Arm
	res.adjusted([]stats.Estimate{a, b})
	switch {
	case !res.Ratio():
		res.take(diff)
		if m.Ratio != nil {
			res.Terms = append(res.Terms, Term{"ratio of the two", m.Ratio.Value, m.Ratio.SE, m.Ratio.Low, m.Ratio.High, &m.Ratio.P})
		}
	case m.Ratio != nil:
		e := *m.Ratio
		res.Estimate, res.SE, res.Low, res.High, res.P = &e.Value, &e.SE, &e.Low, &e.High, &e.P
		diff.Name = "difference of the two"
		res.Terms = append(res.Terms, termOf(diff))
	default:
		res.fail(fault.New(stats.NotEstimable, "", "a share or mean is 0, so there is no ratio"))
	}
}

// plainShares compares shares without a model.
func (r *run) plainShares(s *set, res *Result, why string) error {
	if res.Ratio() {
		return fault.New(stats.NotEstimable, "", "no ratio can be estimated: %s", why)
	}
	var c [2]binary.Counts
	for _, m := range s.members {
		k := slices.Index(s.arms[:], m.arm())
		c[k].N++
		if x, _ := m.mean(1); x == 1 {
			c[k].X++
		}
	}
	d, err := binary.RiskDifference(c[0], c[1], binary.MiettinenNurminen, r.level)
	if err != nil {
		return err
	}
	v, low, high := 100*d.Value, 100*d.Low, 100*d.High
	res.Estimate, res.Low, res.High = &v, &low, &high
	if _, p, err := binary.ChiSquared(c[0], c[1]); err == nil {
		res.P = &p
	}
	res.Method = "Difference of the observed shares with Miettinen and Nurminen's score interval, p by Pearson's chi-squared, without adjustment."
	res.Notes = append(res.Notes, "The planned logistic model could not be fitted ("+why+"), so the shares are compared as they are, as planned for that case.")
	return nil
}

// counts compares mean counts by standardisation of a log-linear model with
// robust errors; over nights, a person's total with the number of nights as
// exposure.
func (r *run) counts(s *set, res *Result) error {
	var y, exposure []float64
	for _, m := range s.members {
		var sum float64
		for _, x := range m.periods[1] {
			sum += x
		}
		y, exposure = append(y, sum), append(exposure, math.Log(float64(len(m.periods[1]))))
	}
	if !s.outcome.Source.Nightly() {
		exposure = nil
	} else if !res.Ratio() {
		return fault.New("estimand-summary", "", "counts over nights are compared as rates; the summary measure is rate-ratio")
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(y), res)
	if err != nil {
		return err
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	m, err := standardised(d, y, exposure, glm.Poisson, s.arms, r.level)
	if err != nil {
		return err
	}
	res.marginal(m, 1)
	if exposure != nil {
		res.Terms = nil
		for i := range res.Arms {
			res.Arms[i].Adjusted, res.Arms[i].Low, res.Arms[i].High = nil, nil, nil
		}
	}
	res.Method = fmt.Sprintf("Log-linear (Poisson) regression of counts adjusted for %s, standardised over everybody, with errors from influence functions, which do not need the variance to equal the mean; negative binomial regression, whose errors need the variance to be m + k·m², stands beside it.", cols.said())
	if !r.bare && !r.quick {
		r.negativeBinomial(s, res, d, y, exposure)
	}
	return nil
}

// negativeBinomial sets the ratio by a model of how people's counts differ beside
// the one that needs none, with the k that the next trial is planned by.
func (r *run) negativeBinomial(s *set, res *Result, d *terms.Design, y, exposure []float64) {
	f, err := glm.NegativeBinomial(d, y, exposure, r.level)
	if err != nil {
		res.Notes = append(res.Notes, "Negative binomial regression could not be fitted: "+reason(err)+".")
		return
	}
	for _, c := range f.Coefficients {
		if c.Name == "arm="+s.arms[0] {
			res.Terms = append(res.Terms, Term{"ratio by negative binomial regression (SE of its logarithm)", math.Exp(c.Value), c.SE, math.Exp(c.Low), math.Exp(c.High), &c.P})
		}
	}
	if f.Dispersion == nil {
		res.Notes = append(res.Notes, "People’s counts vary no more than a Poisson’s, given what they are adjusted for.")
		return
	}
	res.Notes = append(res.Notes, "People’s counts vary by a dispersion of "+digits(f.Dispersion.Value, 2)+": about a mean of m their variance is m + "+digits(f.Dispersion.Value, 2)+"·m².")
}
