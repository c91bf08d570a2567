package estimate

import (
	"strconv"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// nightsCrossed fits every night of a crossover,
//
//	value = treatment + period + person + person × period + rest,
//
// by REML: a person with one period only still tells of periods and, through the
// spread between people, a little of the treatment. Where person × period has no
// nights to be told by it is left out, and that is told.
func (r *run) nightsCrossed(s *set, res *Result) error {
	var arm, period []string
	var y []float64
	var person []int
	in := lmm.Periods{Within: true, Level: r.level, Method: dfMethod(s.estimand.Model.DF, reml.Satterthwaite)}
	seen := map[string]bool{}
	next := 0
	for _, m := range s.members {
		before := len(y)
		for _, n := range m.nights {
			a := r.arm(m.person.Group, n.period)
			if n.period < 1 || a != s.arms[0] && a != s.arms[1] {
				continue
			}
			y, arm, period = append(y, n.x), append(arm, a), append(period, strconv.Itoa(n.period))
			person, in.Period = append(person, next), append(in.Period, n.period-1)
			seen[a] = true
		}
		if len(y) > before {
			next++
		}
	}
	for _, a := range s.arms {
		if !seen[a] {
			return fault.New(stats.EmptyGroup, "", "nobody has a night with %s to analyse", r.label(a))
		}
	}
	vars := []terms.Variable{terms.Factor("arm", arm, s.arms[1], s.arms[0])}
	names := []string{"arm"}
	if v := terms.FactorOf("period", period); len(v.Levels()) > 1 {
		vars, names = append(vars, v), append(names, "period")
	}
	d, err := terms.Build(vars, names...)
	if err != nil {
		return err
	}
	fit, err := r.fitCrossed(res, d, y, person, in)
	if err != nil {
		return err
	}
	diff, err := fit.Difference("difference", terms.At{"arm": s.arms[0]}, terms.At{"arm": s.arms[1]}, terms.Equal)
	if err != nil {
		return err
	}
	res.take(diff)
	if r.bare {
		return nil
	}
	var means []stats.Estimate
	for _, a := range s.arms {
		m, err := fit.Mean(a, terms.At{"arm": a}, terms.Equal)
		if err != nil {
			return err
		}
		means = append(means, m)
	}
	res.adjusted(means)
	res.covariates(fit.Coefficients, s.arms)
	res.Method = crossedTold(s.estimand)
	if fit.Singular {
		res.Notes = append(res.Notes, "One of the variances, between people or between a person's periods, is estimated as 0.")
	}
	r.hedges(s, res, diff)
	return nil
}

// fitCrossed fits with person × period, and without it where that cannot be told
// from the rest.
func (r *run) fitCrossed(res *Result, d *terms.Design, y []float64, person []int, in lmm.Periods) (*lmm.CrossedFit, error) {
	try := func(name string) (*lmm.CrossedFit, error) {
		f, err := lmm.Crossed(d, y, person, in)
		a := Attempt{Model: name, Stands: err == nil, Parameters: 2 + b2i(in.Within)}
		if f != nil {
			a.Iterations, res.Converged = len(f.History), &f.Converged
			if a.Iterations > 0 {
				a.Criterion = f.History[a.Iterations-1].F
			}
		}
		if err != nil {
			a.Why = reason(err)
		}
		res.Fits = append(res.Fits, a)
		return f, err
	}
	f, err := try("person and person × period")
	if err == nil {
		return f, nil
	}
	if c := fault.CodeOf(err); c != stats.NoConvergence && c != stats.NotEstimable {
		return nil, err
	}
	in.Within = false
	res.Notes = append(res.Notes, "How much a person's periods differ could not be told from her nights; what stands has the person alone, as planned for that case.")
	return try("person")
}

// crossedTold says the model in words, in the plan and beside the result alike.
func crossedTold(e protocol.Estimand) string {
	return "Linear mixed model of every night by treatment and period, with a random intercept for each person and one for each period of a person (person × period), by REML; degrees of freedom by " +
		dfMethod(e.Model.DF, reml.Satterthwaite).String() + ". Where person × period cannot be fitted it is left out, and that is told. Adjusted means are over the periods in equal shares."
}
