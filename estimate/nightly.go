package estimate

import (
	"fmt"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// nights are the rows of a mixed model of nights.
type nights struct {
	y      []float64
	person []int
	at     []int // the member of each row
	day    []float64
	week   []string
	weeks  []week // those in the model, in order
}

// week is a run of up to seven nights of the model's span. Share is how much of
// the estimand's own nights lie in it.
type week struct {
	name     string
	from, to int
	share    float64
}

// weeks cuts the model's span into weeks. Without a span of its own the model
// has the estimand's nights as one.
func (s *set) weeks() []week {
	v := *s.estimand.Variable.Nights
	all := s.span()
	if s.estimand.Model.Nights == nil {
		return []week{{fmt.Sprintf("nights %d to %d", v.From, v.To), v.From, v.To, 1}}
	}
	var out []week
	for from := all.From; from <= all.To; from += 7 {
		to := min(from+6, all.To)
		w := week{name: fmt.Sprintf("nights %d to %d", from, to), from: from, to: to}
		if n := min(to, v.To) - max(from, v.From) + 1; n > 0 {
			w.share = float64(n) / float64(v.To-v.From+1)
		}
		out = append(out, w)
	}
	return out
}

// nightRows gathers the nights of weeks in which both arms have some.
func (r *run) nightRows(s *set, res *Result) (nights, error) {
	var n nights
	for _, w := range s.weeks() {
		var seen [2]bool
		for _, m := range s.members {
			for _, x := range m.nights {
				if x.day >= w.from && x.day <= w.to {
					seen[b2i(m.arm() == s.arms[1])] = true
				}
			}
		}
		if seen[0] && seen[1] {
			n.weeks = append(n.weeks, w)
			continue
		}
		who := r.label(s.arms[b2i(seen[0])])
		if w.share > 0 {
			return n, fault.New(stats.EmptyGroup, "", "nobody in %s has a value over %s to analyse", who, w.name)
		}
		res.Notes = append(res.Notes, "Nobody in "+who+" has a value over "+w.name+", which are left out.")
	}
	next := 0
	for i, m := range s.members {
		before := len(n.y)
		for _, x := range m.nights {
			for _, w := range n.weeks {
				if x.day >= w.from && x.day <= w.to {
					n.y, n.day, n.week = append(n.y, x.x), append(n.day, float64(x.day)), append(n.week, w.name)
					n.person, n.at = append(n.person, next), append(n.at, i)
				}
			}
		}
		if len(n.y) > before {
			next++
		}
	}
	if len(n.y) == 0 {
		return n, fault.New(stats.TooFew, "", "there is no night to analyse")
	}
	return n, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nightly fits every night of the span,
//
//	value = arm·time + baseline + strata + covariates + person (+ slope·night) + rest,
//
// by REML. Time is the week, where the model goes over more nights than the
// estimand; else, with a random slope, the night itself, and the contrast is at
// the middle of the span, which is the mean over it; else there is none. The
// baseline is a person's mean over the baseline nights. A slope that cannot be
// fitted is left out, and that is told.
func (r *run) nightly(s *set, res *Result) ([]float64, error) {
	rows, err := r.nightRows(s, res)
	if err != nil {
		return nil, err
	}
	m := s.estimand.Model
	slope := m.Kind == "random-slope"
	cols, err := r.columns(s, func(i int) *member { return &s.members[rows.at[i]] }, len(rows.y), res)
	if err != nil {
		return nil, err
	}
	linear := slope && m.Nights == nil
	middle := float64(s.estimand.Variable.Nights.From+s.estimand.Variable.Nights.To) / 2
	switch {
	case len(rows.weeks) > 1:
		var names []string
		for _, w := range rows.weeks {
			names = append(names, w.name)
		}
		cols.add(terms.Factor("week", rows.week, names...), "")
		cols.names = append(cols.names, "arm:week")
	case linear:
		cols.add(terms.Numeric("night", rows.day), "")
		cols.names = append(cols.names, "arm:night")
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return nil, err
	}
	fit, err := r.fitNights(s, res, d, rows, slope)
	if err != nil {
		return nil, err
	}
	at := func(arm string, w week) terms.At {
		a := terms.At{"arm": arm}
		if len(rows.weeks) > 1 {
			a["week"] = w.name
		} else if linear {
			a["night"] = middle
		}
		return a
	}
	if err := r.tellWeeks(s, res, d, fit, rows.weeks, at); err != nil {
		return nil, err
	}
	if r.bare {
		return nil, nil
	}
	res.covariates(fit.Coefficients, s.arms)
	res.Method = r.nightlyMethod(s, res, fit, cols.said())
	if fit.Singular {
		res.Notes = append(res.Notes, singular(fit))
	}
	r.change(s, res)
	return conditionalResiduals(rows, fit), nil
}

func singular(fit *lmm.Fit) string {
	if len(fit.Random) == 1 {
		return "People differ no more than their nights do: the variance between people is estimated as 0."
	}
	return "The variances between people lie on their boundary (one of them 0, or their correlation 1): people's courses differ less than the model allows for."
}

// fitNights fits with the slope, and without it where that fails.
func (r *run) fitNights(s *set, res *Result, d *terms.Design, rows nights, slope bool) (*lmm.Fit, error) {
	m := s.estimand.Model
	o := lmm.Options{Level: r.level, Method: dfMethod(m.DF, reml.Satterthwaite)}
	if m.Autoregressive {
		o.Nights = rows.day
	}
	try := func(name string) (*lmm.Fit, error) {
		f, err := lmm.Random(d, rows.y, rows.person, o)
		a := Attempt{Model: name, Stands: err == nil}
		if f != nil {
			a.Iterations = len(f.History)
			if a.Iterations > 0 {
				a.Criterion = f.History[a.Iterations-1].F
			}
			res.Converged = &f.Converged
			a.Parameters = len(f.Random)*(len(f.Random)+1)/2 + 1 + b2i(m.Autoregressive)
		}
		if err != nil {
			a.Why = reason(err)
		}
		res.Fits = append(res.Fits, a)
		return f, err
	}
	if slope {
		o.Slopes = []lmm.Slope{{Name: "night", X: rows.day}}
		f, err := try("random intercept and slope")
		if err == nil {
			return f, nil
		}
		if c := fault.CodeOf(err); c != stats.NoConvergence && c != stats.NotEstimable {
			return nil, err
		}
		res.Notes = append(res.Notes, "The random slope could not be fitted; what stands has a random intercept alone, as planned for that case.")
		o.Slopes = nil
	}
	f, err := try("random intercept")
	if err != nil {
		return nil, err
	}
	return f, nil
}

// tellWeeks fills in the estimate, over the estimand's own weeks, and the
// contrast of each week.
func (r *run) tellWeeks(s *set, res *Result, d *terms.Design, fit *lmm.Fit, weeks []week, at func(string, week) terms.At) error {
	var all [3][]float64 // difference, and each arm's mean
	for _, w := range weeks {
		l := [3][]float64{}
		var err error
		if l[0], err = d.Difference(at(s.arms[0], w), at(s.arms[1], w), terms.Observed); err != nil {
			return err
		}
		for i, a := range s.arms {
			if l[i+1], err = d.Mean(at(a, w), terms.Observed); err != nil {
				return err
			}
		}
		for k := range all {
			all[k] = addScaled(all[k], w.share, l[k])
		}
		if len(weeks) > 1 && !r.bare {
			diff, means, err := contrasts(fit, s.arms, l, s.robust())
			if err != nil {
				return err
			}
			p := timePoint(w.name, w.share > 0, diff, means)
			for i, a := range s.arms {
				p.Arms[i].N = s.peopleIn(a, w)
			}
			res.Times = append(res.Times, p)
		}
	}
	diff, means, err := contrasts(fit, s.arms, all, s.robust())
	if err != nil {
		return err
	}
	res.take(diff)
	res.adjusted(means)
	r.hedges(s, res, diff)
	return nil
}

// peopleIn counts those of an arm who have a night in a week.
func (s *set) peopleIn(arm string, w week) int {
	n := 0
	for _, m := range s.members {
		if m.arm() != arm {
			continue
		}
		for _, x := range m.nights {
			if x.day >= w.from && x.day <= w.to {
				n++
				break
			}
		}
	}
	return n
}

func contrasts(fit *lmm.Fit, arms [2]string, l [3][]float64, robust bool) (diff stats.Estimate, means []stats.Estimate, err error) {
	if diff, err = fit.Contrast("difference", l[0], fit.Method); err != nil {
		return diff, nil, err
	}
	if robust {
		if diff, err = fit.RobustContrast("difference", l[0], reml.CR2); err != nil {
			return diff, nil, err
		}
	}
	for i, a := range arms {
		m, err := fit.Contrast(a, l[i+1], fit.Method)
		if err != nil {
			return diff, nil, err
		}
		means = append(means, m)
	}
	return diff, means, nil
}

// addScaled gives a + w·b; a nil is 0.
func addScaled(a []float64, w float64, b []float64) []float64 {
	if a == nil {
		a = make([]float64, len(b))
	}
	for i := range b {
		a[i] += w * b[i]
	}
	return a
}

func (r *run) nightlyMethod(s *set, res *Result, fit *lmm.Fit, said string) string {
	m := s.estimand.Model
	all := s.span()
	random := "a random intercept"
	if len(fit.Random) > 1 {
		random = "a random intercept and a random slope over nights"
	}
	when := res.When
	if m.Nights != nil {
		when = fmt.Sprintf("nights %d to %d, by arm, week and their interaction, and the contrast over %s,", all.From, all.To, res.When)
	} else if m.Kind == "random-slope" {
		when += ", by arm, night and their interaction, and the contrast at the middle of them,"
	}
	out := "Linear mixed model of the values of " + when + " with " + random + " for each person"
	if fit.Autocorrelation != nil {
		out += fmt.Sprintf(", and residuals of neighbouring nights that correlate (%s)", decimals(*fit.Autocorrelation, 2))
	}
	return out + " (REML, degrees of freedom by " + dfTold(m, reml.Satterthwaite) + "), adjusted for " + said + "; adjusted means at the mean of the covariates and the observed shares of the strata."
}

// conditionalResiduals are those from fixed and random effects, over the
// residual standard deviation; from the fixed effects alone where neighbouring
// nights correlate.
func conditionalResiduals(rows nights, fit *lmm.Fit) []float64 {
	out := fit.Fitted()
	u := fit.Predicted()
	var ss float64
	for i := range out {
		e := rows.y[i] - out[i]
		if u != nil {
			b := u[rows.person[i]]
			e -= b[0]
			if len(b) > 1 {
				e -= b[1] * rows.day[i]
			}
		}
		out[i] = e
		ss += e * e
	}
	sd := math.Sqrt(fit.Sigma2)
	if u == nil {
		sd = math.Sqrt(ss / float64(len(out)))
	}
	for i := range out {
		out[i] /= sd
	}
	return out
}
