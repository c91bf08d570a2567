// Package survival describes and compares times to an event, such as leaving a
// trial: Kaplan–Meier, log-rank, Cox's model for one comparison, and restricted
// mean time.
//
// See doc/methods/survival.md.
package survival

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Time is how long a person was followed, and whether the event ended it.
type Time struct {
	T     float64
	Event bool
}

func check(name string, ts []Time) error {
	if len(ts) == 0 {
		return fault.New(stats.EmptyGroup, name, "nobody was followed")
	}
	for i, t := range ts {
		if !(t.T >= 0) || math.IsInf(t.T, 0) {
			return fault.New(stats.NotFinite, name, "person %d was followed for %v", i+1, t.T)
		}
	}
	return nil
}

// Step is the curve from a time on.
type Step struct {
	T      float64 `json:"t"`
	AtRisk int     `json:"at_risk"` // just before T
	Events int     `json:"events"`
	S      float64 `json:"s"`
	SE     float64 `json:"se"` // Greenwood
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Curve is a Kaplan–Meier estimate, one step per distinct time of an event.
type Curve struct {
	Steps []Step  `json:"steps"`
	N     int     `json:"n"`
	Level float64 `json:"level"`
	last  float64
}

// KaplanMeier estimates the share still without the event, with Greenwood's
// error and the log-log interval, which stays inside 0 … 1. Those who leave at
// the time of an event count as at risk for it.
func KaplanMeier(ts []Time, level float64) (Curve, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Curve{}, err
	}
	if err := check("times", ts); err != nil {
		return Curve{}, err
	}
	v := slices.Clone(ts)
	slices.SortFunc(v, func(a, b Time) int { return cmp(a.T, b.T) })
	c := Curve{N: len(v), Level: level, last: v[len(v)-1].T}
	z := dist.NormalQuantile(0.5 + level/2)
	s, g := 1.0, 0.0
	for i := 0; i < len(v); {
		j, d := i, 0
		for j < len(v) && v[j].T == v[i].T {
			if v[j].Event {
				d++
			}
			j++
		}
		if d > 0 {
			n := float64(len(v) - i)
			s *= 1 - float64(d)/n
			g += float64(d) / (n * (n - float64(d)))
			st := Step{T: v[i].T, AtRisk: len(v) - i, Events: d, S: s}
			if s > 0 {
				st.SE = s * math.Sqrt(g)
				l := math.Log(-math.Log(s))
				h := z * math.Sqrt(g) / math.Abs(math.Log(s))
				st.Low, st.High = math.Exp(-math.Exp(l+h)), math.Exp(-math.Exp(l-h))
			}
			c.Steps = append(c.Steps, st)
		}
		i = j
	}
	return c, nil
}

func cmp(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// At gives the curve at a time; ok is false beyond the last person followed.
func (c Curve) At(t float64) (Step, bool) {
	if t > c.last {
		return Step{}, false
	}
	out := Step{S: 1, Low: 1, High: 1, AtRisk: c.N}
	for _, s := range c.Steps {
		if s.T > t {
			break
		}
		out = s
	}
	return out, true
}

// Median is the first time at which half had the event; ok is false if never.
func (c Curve) Median() (float64, bool) {
	for i, s := range c.Steps {
		if math.Abs(s.S-0.5) < 1e-12 && i+1 < len(c.Steps) {
			return (s.T + c.Steps[i+1].T) / 2, true // flat at one half: the middle of the stretch
		}
		if s.S < 0.5+1e-12 {
			return s.T, true
		}
	}
	return 0, false
}

// RestrictedMean is the mean time without the event up to tau, the area under
// the curve, with its error. Tau must not lie beyond the last person followed.
func (c Curve) RestrictedMean(tau float64) (stats.Estimate, error) {
	if !(tau > 0) || tau > c.last {
		return stats.Estimate{}, fault.New(stats.BadArgument, "tau", "%v is not between 0 and the last time, %v", tau, c.last)
	}
	area, at, s := 0.0, 0.0, 1.0
	var steps []Step
	for _, st := range c.Steps {
		if st.T >= tau {
			break
		}
		area += s * (st.T - at)
		at, s = st.T, st.S
		steps = append(steps, st)
	}
	area += s * (tau - at)
	var v, rest float64
	end, after := tau, 0.0
	for i := len(steps) - 1; i >= 0; i-- {
		st := steps[i]
		after += st.S * (end - st.T)
		end = st.T
		rest = after
		if d := float64(st.AtRisk - st.Events); d > 0 {
			v += rest * rest * float64(st.Events) / (float64(st.AtRisk) * d)
		}
	}
	if !(v > 0) {
		return stats.Estimate{}, fault.New(stats.Constant, "", "there is no event before %v", tau)
	}
	return stats.Z("restricted mean", area, math.Sqrt(v), c.Level), nil
}

// LogRank is the log-rank test of two groups, perhaps within strata.
type LogRank struct {
	Observed   [2]float64 `json:"observed"`
	Expected   [2]float64 `json:"expected"`
	ChiSquared float64    `json:"chi_squared"`
	P          float64    `json:"p"`
}

// Compare tests that the hazards of groups 0 and 1 are equal.
//
//	group   0 or 1 per person
//	strata  a label per person; nil for one stratum
func Compare(ts []Time, group, strata []int) (LogRank, error) {
	sets, err := riskSets(ts, group, strata)
	if err != nil {
		return LogRank{}, err
	}
	var o LogRank
	var v float64
	for _, r := range sets {
		n, d := r.n[0]+r.n[1], r.d[0]+r.d[1]
		for g := range 2 {
			o.Observed[g] += r.d[g]
			o.Expected[g] += d * r.n[g] / n
		}
		if n > 1 {
			v += d * (r.n[0] / n) * (r.n[1] / n) * (n - d) / (n - 1)
		}
	}
	if !(v > 0) {
		return LogRank{}, fault.New(stats.Constant, "", "at no event were both groups at risk")
	}
	u := o.Observed[1] - o.Expected[1]
	o.ChiSquared = u * u / v
	o.P = dist.ChiSquaredUpper(o.ChiSquared, 1)
	return o, nil
}

// riskSet is the state of both groups just before a time of events.
type riskSet struct{ n, d [2]float64 }

func riskSets(ts []Time, group, strata []int) ([]riskSet, error) {
	if err := check("times", ts); err != nil {
		return nil, err
	}
	if len(group) != len(ts) || (strata != nil && len(strata) != len(ts)) {
		return nil, fault.New(stats.Lengths, "", "%d times, %d groups, %d strata", len(ts), len(group), len(strata))
	}
	var seen [2]bool
	labels := map[int]bool{}
	for i, g := range group {
		if g != 0 && g != 1 {
			return nil, fault.New(stats.BadArgument, "group", "person %d is in group %d, not 0 or 1", i+1, g)
		}
		seen[g] = true
		s := 0
		if strata != nil {
			s = strata[i]
		}
		labels[s] = true
	}
	if !seen[0] || !seen[1] {
		return nil, fault.New(stats.EmptyGroup, "group", "a group is empty")
	}
	var sorted []int
	for s := range labels {
		sorted = append(sorted, s)
	}
	slices.Sort(sorted)
	var out []riskSet
	for _, s := range sorted {
		var idx []int
		for i := range ts {
			if strata == nil || strata[i] == s {
				idx = append(idx, i)
			}
		}
		slices.SortFunc(idx, func(a, b int) int { return cmp(ts[a].T, ts[b].T) })
		var n [2]float64
		for _, i := range idx {
			n[group[i]]++
		}
		for a := 0; a < len(idx); {
			b := a
			r := riskSet{n: n}
			for b < len(idx) && ts[idx[b]].T == ts[idx[a]].T {
				g := group[idx[b]]
				if ts[idx[b]].Event {
					r.d[g]++
				}
				n[g]--
				b++
			}
			if r.d[0]+r.d[1] > 0 {
				out = append(out, r)
			}
			a = b
		}
	}
	return out, nil
}

// HazardRatio is the hazard of group 1 over that of group 0 by Cox's partial
// likelihood with Efron's treatment of ties; SE, Stat and P are those of its
// logarithm. It assumes proportional hazards.
func HazardRatio(ts []Time, group, strata []int, level float64) (stats.Estimate, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return stats.Estimate{}, err
	}
	sets, err := riskSets(ts, group, strata)
	if err != nil {
		return stats.Estimate{}, err
	}
	beta := 0.0
	for range 100 {
		var u, info float64
		e := math.Exp(beta)
		for _, r := range sets {
			d := r.d[0] + r.d[1]
			u += r.d[1]
			for k := range int(d) {
				f := float64(k) / d
				a := e * (r.n[1] - f*r.d[1])
				b := r.n[0] - f*r.d[0]
				m := a / (a + b)
				u -= m
				info += m * (1 - m)
			}
		}
		if !(info > 1e-10) || math.Abs(beta) > 30 {
			return stats.Estimate{}, fault.New(stats.NotEstimable, "", "a group has no event while the other is at risk, so the ratio has no bounds")
		}
		step := u / info
		beta += step
		if math.Abs(step) < 1e-13 {
			o := stats.Z("hazard ratio", beta, 1/math.Sqrt(info), level)
			o.Value, o.Low, o.High = math.Exp(o.Value), math.Exp(o.Low), math.Exp(o.High)
			return o, nil
		}
	}
	return stats.Estimate{}, fault.New(stats.NoConvergence, "", "the partial likelihood has no maximum")
}
