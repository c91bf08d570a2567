package estimate

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"dvala/stats/summary"
)

// mostLeftOut is up to how many people are left out one by one.
const mostLeftOut = 500

// diagnose says how well the model sits: residuals, and what becomes of the
// estimate without each person.
func (r *run) diagnose(s *set, res *Result, residuals []float64) *Diagnostics {
	d := &Diagnostics{Residuals: residualsOf(residuals)}
	if s.estimand.Model.Missing == "" || s.estimand.Model.Missing == "at-random" {
		d.Influence = r.influence(s, res)
	}
	if d.Residuals == nil && d.Influence == nil {
		return nil
	}
	return d
}

// residualsOf sums up standardised residuals. Skewness and excess kurtosis are
// the plain moments m₃/m₂^1.5 and m₄/m₂² − 3.
func residualsOf(x []float64) *Residuals {
	n, ok, err := summary.Describe(x, 0)
	if err != nil || !ok || n.N < 3 {
		return nil
	}
	var m2, m3, m4 float64
	out := &Residuals{N: n.N, Min: n.Min, Q1: n.Q1, Median: n.Median, Q3: n.Q3, Max: n.Max}
	for _, e := range x {
		d := e - n.Mean
		m2, m3, m4 = m2+d*d, m3+d*d*d, m4+d*d*d*d
		out.Beyond += b2i(e > 3 || e < -3)
	}
	k := float64(n.N)
	m2, m3, m4 = m2/k, m3/k, m4/k
	if !(m2 > 0) {
		return nil
	}
	out.Skewness, out.Kurtosis = m3/math.Pow(m2, 1.5), m4/(m2*m2)-3
	return out
}

// influence leaves each person out in turn and fits again. The order of work
// does not matter: each answer has its own place.
func (r *run) influence(s *set, res *Result) *Influence {
	n := len(s.members)
	if n > mostLeftOut || n < 4 || res.Estimate == nil {
		return nil
	}
	quick := *r
	quick.quick, quick.bare = true, true
	estimates, ps := make([]*float64, n), make([]*float64, n)
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				part := *s
				part.members = slices.Concat(s.members[:i], s.members[i+1:])
				one := Result{Summary: res.Summary, Arms: slices.Clone(res.Arms), Estimand: res.Estimand}
				if _, err := quick.fit(&part, &one); err == nil {
					estimates[i], ps[i] = one.Estimate, one.P
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	out := &Influence{People: n, Without: []float64{}}
	alpha := 1 - r.level
	for i, x := range estimates {
		if x == nil {
			out.Failed++
			continue
		}
		out.Without = append(out.Without, *x)
		if res.P != nil && ps[i] != nil {
			out.Crossed += b2i((*ps[i] <= alpha) != (*res.P <= alpha))
		}
	}
	if len(out.Without) == 0 {
		return nil
	}
	slices.Sort(out.Without)
	out.Low, out.High = out.Without[0], out.Without[len(out.Without)-1]
	return out
}
