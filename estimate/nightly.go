package estimate

import (
	"dvala/fault"
	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// randomIntercept fits every night of the span,
//
//	value = arm + baseline + strata + covariates + person + rest,
//
// person and rest being normal, by REML with degrees of freedom by
// Satterthwaite. The baseline is a person's mean over the baseline nights. A
// person with more nights tells more, as far as people differ less than nights.
func (r *run) randomIntercept(s *set, res *Result) error {
	var y []float64
	var person []int
	for k := range s.members {
		for _, x := range s.members[k].periods[1] {
			y = append(y, x)
			person = append(person, k)
		}
	}
	if len(y) == 0 {
		return fault.New(stats.TooFew, "", "there is no night to analyse")
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[person[i]] }, len(y), res)
	if err != nil {
		return err
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	fit, err := lmm.Random(d, y, person, lmm.Options{Level: r.level, Method: reml.Satterthwaite})
	if fit != nil {
		res.Converged = &fit.Converged
	}
	if err != nil {
		return err
	}
	diff, err := fit.Difference("difference", terms.At{"arm": s.arms[0]}, terms.At{"arm": s.arms[1]}, terms.Observed)
	if err != nil {
		return err
	}
	var means []stats.Estimate
	for _, a := range s.arms {
		m, err := fit.Mean(a, terms.At{"arm": a}, terms.Observed)
		if err != nil {
			return err
		}
		means = append(means, m)
	}
	res.take(diff)
	res.adjusted(means)
	res.covariates(fit.Coefficients)
	res.Method = "Linear mixed model of the values of " + res.When + " with a random intercept for each person (REML, degrees of freedom by Satterthwaite), adjusted for " +
		cols.said() + "; adjusted means at the mean of the covariates and the observed shares of the strata."
	if fit.Singular {
		res.Notes = append(res.Notes, "People differ no more than their nights do: the variance between people is estimated as 0.")
	}
	r.change(s, res)
	r.hedges(s, res, diff)
	return nil
}
