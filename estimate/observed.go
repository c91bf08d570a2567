package estimate

import (
	"fmt"
	"math"
	"strings"

	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/dist"
	"dvala/stats/effect"
)

// hedges standardises the estimate by the pooled SD of people within a
// treatment (of their means, where there are several nights):
//
//	g = J(ν)·estimate/SD,   interval J(ν)·SE/SD·(δ_low, δ_high)
//
// ν being the degrees of freedom of the SD and δ the noncentralities of a t of
// the model's degrees of freedom that put the observed t at their 2.5 % points.
// Without covariates this is the exact interval of two groups.
func (r *run) hedges(s *set, res *Result, e stats.Estimate) {
	if r.bare {
		return
	}
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
	if len(res.Terms) > 0 || s.hasBaseline() || len(s.factors) > 0 {
		res.Notes = append(res.Notes, "The interval of g takes the ratio of the adjusted estimate's error to that standard deviation as known.")
	}
}

// change tells the adjusted means as changes from the mean baseline.
func (r *run) change(s *set, res *Result) {
	if r.bare || !s.estimand.Variable.Change || !s.hasBaseline() || len(s.members) == 0 {
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
func (r *run) favours(res *Result) {
	if _, high, ok := res.benefit(); ok && high < 0 {
		res.Notes = append(res.Notes, "The interval lies wholly on the side that favours "+res.Estimand.Comparator+".")
	}
}

// observedValues gives the values of a treatment, one per person.
func (r *run) observedValues(s *set, arm string) []float64 {
	var out []float64
	for _, m := range s.members {
		period := 1
		if r.p.Design.Kind == protocol.NOf1 {
			var all []float64
			for k := range len(r.sequence[m.person.Group]) {
				if r.arm(m.person.Group, k+1) == arm {
					all = append(all, m.periods[k+1]...)
				}
			}
			if len(all) > 0 {
				out = append(out, mean(all))
			}
			continue
		}
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
