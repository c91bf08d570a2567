package estimate

import (
	"fmt"
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/complier"
	"dvala/stats/dist"
	"dvala/stats/survival"
	"dvala/stats/terms"
)

// fillTime gives the days from randomisation to the event, or to the end of
// treatment, or to leaving the trial where that is not the event.
func (r *run) fillTime(s *set, m *member) {
	m.until = float64(r.p.Design.TreatmentDays)
	exit := m.person.Left
	if s.outcome.Source.Event == "stopped-dose" {
		exit = m.person.Stopped
		if l := m.person.Left; l != nil {
			m.until = min(m.until, max(float64(l.Day), 0))
		}
	}
	if exit != nil && float64(exit.Day) <= m.until {
		m.until, m.had = max(float64(exit.Day), 0), true
	}
	y := 1.0
	if m.had {
		y = 0
	}
	m.periods[1] = []float64{y}
}

// survival describes how many are without the event at the end of treatment, by
// Kaplan and Meier, with the log-rank test beside it.
func (r *run) survival(s *set, res *Result) error {
	end := float64(r.p.Design.TreatmentDays)
	var all []survival.Time
	var group []int
	var at [2]survival.Step
	for k, a := range s.arms {
		var ts []survival.Time
		for _, m := range s.members {
			if m.arm() == a {
				ts = append(ts, survival.Time{T: m.until, Event: m.had})
				all, group = append(all, survival.Time{T: m.until, Event: m.had}), append(group, 1-k)
			}
		}
		if len(ts) == 0 {
			return fault.New(stats.EmptyGroup, "", "nobody in %s was followed", r.label(a))
		}
		c, err := survival.KaplanMeier(ts, r.level)
		if err != nil {
			return err
		}
		step, ok := c.At(end)
		if !ok {
			return fault.New(stats.NotEstimable, "", "nobody in %s was followed to day %s", r.label(a), trimmed(end))
		}
		at[k] = step
		res.Curves = append(res.Curves, curveOf(a, ts, c))
		adj, low, high := 100*step.S, 100*step.Low, 100*step.High
		res.Arms[k].Adjusted, res.Arms[k].Low, res.Arms[k].High = &adj, &low, &high
	}
	se := math.Hypot(at[0].SE, at[1].SE)
	if !(se > 0) {
		return fault.New(stats.Constant, "", "nobody had the event in either arm, or everybody had")
	}
	res.takePercent(stats.Z("difference", at[0].S-at[1].S, se, r.level))
	test, err := survival.Compare(all, group, nil)
	if err != nil {
		return err
	}
	res.Notes = append(res.Notes, fmt.Sprintf("Log-rank test over the whole time: chi-squared %s, %s.", digits(test.ChiSquared, 3), pValue(test.P)))
	res.Method = "Kaplan and Meier's shares still without the event on day " + trimmed(end) + " and their difference, with Greenwood's error and the normal; beside it the hazard ratio by Cox's partial likelihood (Efron's ties), " +
		"which takes hazards as proportional, and the difference in mean days without the event up to then, which does not; described, not claimed."
	if !r.bare {
		r.furtherTimes(res, all, group, end)
	}
	return nil
}

// furtherTimes gives the hazard ratio and the difference of restricted means,
// treatment against comparator, and says where one has no bounds.
func (r *run) furtherTimes(res *Result, all []survival.Time, group []int, end float64) {
	if h, err := survival.HazardRatio(all, group, nil, r.level); err != nil {
		res.Notes = append(res.Notes, "No hazard ratio can be estimated: "+reason(err)+".")
	} else {
		t := termOf(h)
		t.Name = "hazard ratio (Cox; SE of its logarithm)"
		res.Terms = append(res.Terms, t)
	}
	var means [2]float64
	var squares float64
	for g := range 2 {
		var own []survival.Time
		for i, t := range all {
			if group[i] == g {
				own = append(own, t)
			}
		}
		c, err := survival.KaplanMeier(own, r.level)
		if err != nil {
			return
		}
		m, err := c.RestrictedMean(end)
		switch {
		case fault.CodeOf(err) == stats.Constant:
			means[g] = end // nobody had the event: everybody's time is the whole
		case err != nil:
			res.Notes = append(res.Notes, "No restricted mean can be estimated: "+reason(err)+".")
			return
		default:
			means[g] = m.Value
			squares += m.SE * m.SE
		}
	}
	if !(squares > 0) {
		return
	}
	t := termOf(stats.Z("", means[1]-means[0], math.Sqrt(squares), r.level))
	t.Name = "difference in mean days without the event up to day " + trimmed(end)
	res.Terms = append(res.Terms, t)
}

func curveOf(arm string, ts []survival.Time, c survival.Curve) Curve {
	out := Curve{Arm: arm, N: len(ts), Points: []CurvePoint{}}
	for _, t := range ts {
		out.Events += b2i(t.Event)
		out.End = max(out.End, t.T)
	}
	for _, s := range c.Steps {
		out.Points = append(out.Points, CurvePoint{s.T, s.AtRisk, s.S, s.Low, s.High})
	}
	return out
}

// complier estimates the effect in those who take the treatment when it is
// given to them, by two-stage least squares with the random arm as instrument.
// Taking is being in the treatment arm without the event that defines the
// stratum by the time of the outcome.
func (r *run) complier(s *set, res *Result) error {
	n := len(s.members)
	y, taken, arm := make([]float64, n), make([]float64, n), make([]float64, n)
	took, given := 0, 0
	visit, _ := r.checked.Visit(s.estimand.Variable.Visit)
	for i, m := range s.members {
		y[i], _ = m.mean(1)
		if m.arm() != s.arms[0] {
			continue
		}
		arm[i] = 1
		given++
		if !r.hadStratumEvent(s, m.person.Subject, visit.Day) {
			taken[i] = 1
			took++
		}
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, n, res)
	if err != nil {
		return err
	}
	vars, names := cols.without("arm")
	if len(vars) == 0 { // an intercept alone wants a column to count rows by
		vars, names = []terms.Variable{terms.Numeric("baseline", slices.Repeat([]float64{0}, n))}, nil
	}
	d, err := terms.Build(vars, names...)
	if err != nil {
		return err
	}
	fit, err := complier.TwoStage(d, y, taken, arm, complier.HC1, r.level)
	if err != nil {
		return err
	}
	res.take(fit.Effect)
	res.Method = "Two-stage least squares with the random arm as instrument for taking the treatment, adjusted for " + cols.said() +
		", HC1 errors: the complier average causal effect, if the arm acts only through what is taken and nobody in the comparator arm could take the treatment."
	res.Notes = append(res.Notes, fmt.Sprintf("%d of the %d who were given %s and are analysed took it to the end.", took, given, inText(res.Estimand.Treatment)))
	if fit.Weak {
		res.Notes = append(res.Notes, "So few took it that interval and p-value are not to be trusted (first-stage F "+digits(fit.FirstStageF, 3)+").")
	}
	return nil
}

func (r *run) hadStratumEvent(s *set, subject string, day int) bool {
	for _, x := range r.happened(s, subject) {
		for _, e := range s.estimand.Events {
			if e.Event == x.Event && e.Strategy == principalStratum && x.From < day {
				return true
			}
		}
	}
	return false
}

// twoSidedZ is the normal's two-sided quantile of the run's level.
func (r *run) twoSidedZ() float64 { return dist.NormalQuantile(0.5 + r.level/2) }
