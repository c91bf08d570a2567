package estimate

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/mmrm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// dfMethod is the method of degrees of freedom that the protocol names.
func dfMethod(name string, unless reml.Method) reml.Method {
	switch name {
	case "satterthwaite":
		return reml.Satterthwaite
	case "kenward-roger":
		return reml.KenwardRoger
	case "kenward-roger-expected":
		return reml.KenwardRogerExpected
	case "kenward-roger-full":
		return reml.KenwardRogerFull
	}
	return unless
}

// ladder gives the covariances to try in turn.
func (s *set) ladder() []mmrm.Structure {
	m := s.estimand.Model
	out := []mmrm.Structure{mmrm.Unstructured}
	if m.Covariance != "" {
		out[0] = mmrm.Structure(m.Covariance)
	}
	next := mmrm.DefaultLadder
	if len(m.Fallback) > 0 {
		next = nil
		for _, f := range m.Fallback {
			next = append(next, mmrm.Structure(f))
		}
	}
	for _, f := range next {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// robust says whether errors are a sandwich over people.
func (s *set) robust() bool { return s.estimand.Model.Errors == "cr2" }

// dfTold names the method of degrees of freedom, or the sandwich.
func dfTold(m protocol.Model, unless reml.Method) string {
	if m.Errors == "cr2" {
		return "Bell and McCaffrey’s method, with errors from a sandwich over people that is right on average if the covariance is (CR2) and does not need it to be"
	}
	return dfMethod(m.DF, unless).String()
}

// visitRows are the rows of a model of several visits.
type visitRows struct {
	in mmrm.Rows
	at []int // the member of each row
}

// visitsFitted gives the visits at which both arms have values, and the rows.
// A visit without one of the arms tells nothing of the difference there; it is
// left out with a note, unless it is the one that the estimand is about.
func (r *run) visitsFitted(s *set, res *Result) (visitRows, error) {
	var out visitRows
	all := s.modelVisits()
	keep := make([]int, len(all))
	for v, id := range all {
		keep[v] = -1
		var seen [2]int
		for _, m := range s.members {
			if m.visits[v] != nil {
				seen[slices.Index(s.arms[:], m.arm())]++
			}
		}
		if seen[0] > 0 && seen[1] > 0 {
			keep[v] = len(out.in.Visits)
			out.in.Visits = append(out.in.Visits, id)
			continue
		}
		missing := s.arms[0]
		if seen[0] > 0 {
			missing = s.arms[1]
		}
		if v == len(all)-1 {
			return out, fault.New(stats.EmptyGroup, "", "nobody in %s has a value %s", r.label(missing), r.atVisit(id))
		}
		res.Notes = append(res.Notes, "Nobody in "+r.label(missing)+" has a value "+r.atVisit(id)+", which is left out.")
	}
	person := 0
	for i, m := range s.members {
		seen := false
		for v, x := range m.visits {
			if x == nil || keep[v] < 0 {
				continue
			}
			out.in.Y, out.in.Person, out.in.Visit = append(out.in.Y, *x), append(out.in.Person, person), append(out.in.Visit, keep[v])
			out.at = append(out.at, i)
			if s.estimand.Model.CovarianceByArm {
				out.in.Groups = s.arms[:]
				out.in.Group = append(out.in.Group, slices.Index(s.arms[:], m.arm()))
			}
			seen = true
		}
		if seen {
			person++
		}
	}
	return out, nil
}

// mmrm fits
//
//	value = arm·visit + baseline·visit + strata + covariates + rest,
//
// the rest of one person's visits having a covariance that is left free or given
// a form, by REML; and tells the contrast at the estimand's visit. Where the
// covariance does not converge the next of the ladder is tried; all that were
// tried are told.
func (r *run) mmrm(s *set, res *Result) ([]float64, error) {
	if m := s.estimand.Model.Missing; m != "" && m != "at-random" {
		return nil, r.reference(s, res, m, "jackknife", 0)
	}
	rows, err := r.visitsFitted(s, res)
	if err != nil {
		return nil, err
	}
	if len(rows.in.Visits) == 1 {
		res.Notes = append(res.Notes, "One visit is left, of which the model is an analysis of covariance.")
		return r.ancova(s.seenAtEnd(), res, adjustment{})
	}
	cols, err := r.columns(s, func(i int) *member { return &s.members[rows.at[i]] }, len(rows.at), res)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(rows.at))
	for i, v := range rows.in.Visit {
		names[i] = rows.in.Visits[v]
	}
	cols.add(terms.Factor("visit", names, rows.in.Visits...), "")
	cols.names = append(cols.names, "arm:visit")
	if cols.base != nil {
		cols.names = append(cols.names, "baseline:visit")
	}
	d, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return nil, err
	}
	method := dfMethod(s.estimand.Model.DF, reml.KenwardRoger)
	fit, tried, err := mmrm.Ladder(d, rows.in, mmrm.Options{Level: r.level, Method: method}, s.ladder()...)
	res.attempts(tried, fit)
	if err != nil {
		return nil, err
	}
	if err := r.tellVisits(s, res, fit, rows.in.Visits); err != nil {
		return nil, err
	}
	if r.bare {
		return nil, nil
	}
	res.covariates(fit.Coefficients, s.arms)
	res.Method = "Mixed model for repeated measures: the values " + r.atVisits(rows.in.Visits) + " by arm, visit and their interaction, adjusted for " + mmrmSaid(cols) +
		"; covariance of the visits " + fit.Structure.String() + armsApart(s.estimand.Model) + ", by REML, degrees of freedom by " + dfTold(s.estimand.Model, reml.KenwardRoger) + "; adjusted means at the mean of the covariates and the observed shares of the strata."
	if len(tried) > 1 {
		res.Notes = append(res.Notes, "The covariance first planned ("+tried[0].Structure.String()+") could not be fitted; what stands is the first after it that could, in the planned order.")
	}
	r.change(s, res)
	return marginalResiduals(rows.in, fit), nil
}

// armsApart says that each arm has a covariance of its own.
func armsApart(m protocol.Model) string {
	if m.CovarianceByArm {
		return ", each arm's its own"
	}
	return ""
}

func mmrmSaid(c *columns) string {
	told := slices.Clone(c.told)
	for i, t := range told {
		if t == "the baseline value" {
			told[i] = "the baseline value (with an effect of its own at each visit)"
		}
	}
	if len(told) == 0 {
		return "nothing"
	}
	return list(told)
}

// attempts files the fits that were tried.
func (res *Result) attempts(tried []mmrm.Attempt, fit *mmrm.Fit) {
	converged := fit != nil
	res.Converged = &converged
	for _, a := range tried {
		t := Attempt{Model: a.Structure.String() + " covariance", Iterations: len(a.History), Stands: a.Err == nil}
		if n := len(a.History); n > 0 {
			t.Criterion = a.History[n-1].F
		}
		if a.Err != nil {
			t.Why = reason(a.Err)
		} else if fit != nil {
			t.Parameters = fit.Parameters
		}
		res.Fits = append(res.Fits, t)
	}
}

// tellVisits fills in the estimate and the contrasts of the other visits.
func (r *run) tellVisits(s *set, res *Result, fit *mmrm.Fit, visits []string) error {
	for v, id := range visits {
		target := v == len(visits)-1
		if r.bare && !target {
			continue
		}
		at := func(arm string) terms.At { return terms.At{"arm": arm, "visit": id} }
		diff, err := fit.Difference("difference", at(s.arms[0]), at(s.arms[1]), terms.Observed)
		if err == nil && s.robust() {
			diff, err = fit.RobustDifference("difference", at(s.arms[0]), at(s.arms[1]), terms.Observed, reml.CR2)
		}
		if err != nil {
			return err
		}
		if target {
			res.take(diff)
			r.hedges(s, res, diff)
		}
		if r.bare {
			continue
		}
		var means []stats.Estimate
		for _, a := range s.arms {
			m, err := fit.Mean(a, at(a), terms.Observed)
			if err != nil {
				return err
			}
			means = append(means, m)
		}
		if target {
			res.adjusted(means)
		}
		point := timePoint(r.atVisit(id), target, diff, means)
		for i, a := range s.arms {
			for _, m := range s.members {
				if k := slices.Index(s.modelVisits(), id); m.arm() == a && m.visits[k] != nil {
					point.Arms[i].N++
				}
			}
		}
		res.Times = append(res.Times, point)
	}
	return nil
}

func timePoint(when string, target bool, diff stats.Estimate, means []stats.Estimate) TimePoint {
	p := TimePoint{When: when, Target: target, Estimate: diff.Value, SE: diff.SE, DF: diff.DF, Low: diff.Low, High: diff.High, P: diff.P}
	for _, m := range means {
		p.Arms = append(p.Arms, ArmSummary{Arm: m.Name, Adjusted: &m.Value, Low: &m.Low, High: &m.High})
	}
	return p
}

// marginalResiduals are those from the fixed effects, over the standard
// deviation of their visit.
func marginalResiduals(in mmrm.Rows, fit *mmrm.Fit) []float64 {
	out := fit.Fitted()
	for i := range out {
		v, group := in.Visit[i], 0
		if len(in.Group) > 0 {
			group = in.Group[i]
		}
		out[i] = (in.Y[i] - out[i]) / math.Sqrt(fit.Sigma[group].At(v, v))
	}
	return out
}

// seenAtEnd gives the set of those who have a value at the estimand's own time.
func (s *set) seenAtEnd() *set {
	out := *s
	out.members, out.dropped = nil, slices.Clone(s.dropped)
	for _, m := range s.members {
		if len(m.periods[1]) > 0 {
			out.members = append(out.members, m)
		} else {
			out.dropped = addCount(out.dropped, "no value at the time itself")
		}
	}
	return &out
}

// atVisit says when a visit is: "at day 21".
func (l layout) atVisit(id string) string {
	v, _ := l.checked.Visit(id)
	return "at day " + itoa(v.Day)
}

// atVisits says when several are: "at days 7, 14 and 21".
func (l layout) atVisits(ids []string) string {
	if len(ids) == 1 {
		return l.atVisit(ids[0])
	}
	var days []string
	for _, id := range ids {
		v, _ := l.checked.Visit(id)
		days = append(days, itoa(v.Day))
	}
	return "at days " + list(days)
}
