// Package multiple adjusts p-values when several hypotheses are tested: Holm,
// Hochberg, Benjamini–Hochberg, fixed sequence, and the graphs of Bretz.
//
// An adjusted p-value is the smallest level at which the procedure rejects the
// hypothesis; compare it with the overall α. See doc/methods/multiple.md.
package multiple

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
)

func check(p []float64) error {
	if len(p) == 0 {
		return fault.New(stats.TooFew, "p", "there is nothing to adjust")
	}
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return fault.New(stats.BadArgument, "p", "p-value %d is %v, which is not between 0 and 1", i+1, v)
		}
	}
	return nil
}

// order gives the indices of p from smallest to largest, ties in order given.
func order(p []float64) []int {
	o := make([]int, len(p))
	for i := range o {
		o[i] = i
	}
	slices.SortStableFunc(o, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	return o
}

// stepDown takes the running maximum of factor(rank)·p from the smallest up.
func stepDown(p []float64, factor func(rank int) float64) []float64 {
	out := make([]float64, len(p))
	run := 0.0
	for r, i := range order(p) {
		run = math.Max(run, math.Min(1, factor(r+1)*p[i]))
		out[i] = run
	}
	return out
}

// stepUp takes the running minimum of factor(rank)·p from the largest down.
func stepUp(p []float64, factor func(rank int) float64) []float64 {
	out := make([]float64, len(p))
	run := 1.0
	o := order(p)
	for r := len(o); r >= 1; r-- {
		i := o[r-1]
		run = math.Min(run, factor(r)*p[i])
		out[i] = run
	}
	return out
}

// Bonferroni multiplies by the number of hypotheses. Family-wise error under
// any dependence.
func Bonferroni(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = math.Min(1, float64(len(p))*v)
	}
	return out, nil
}

// Holm controls the family-wise error under any dependence, and rejects
// whatever Bonferroni does.
func Holm(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	m := len(p)
	return stepDown(p, func(r int) float64 { return float64(m - r + 1) }), nil
}

// Hochberg controls the family-wise error when the test statistics are
// independent or positively dependent; it rejects whatever Holm does.
func Hochberg(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	m := len(p)
	return stepUp(p, func(r int) float64 { return float64(m - r + 1) }), nil
}

// BenjaminiHochberg controls the false discovery rate under independence or
// positive dependence. For what is explored, not for what is confirmed.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	m := float64(len(p))
	return stepUp(p, func(r int) float64 { return m / float64(r) }), nil
}

// BenjaminiYekutieli controls the false discovery rate under any dependence.
func BenjaminiYekutieli(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	var h float64
	for i := len(p); i >= 1; i-- {
		h += 1 / float64(i)
	}
	m := float64(len(p)) * h
	return stepUp(p, func(r int) float64 { return m / float64(r) }), nil
}

// FixedSequence tests in the order given, each at the full level, and stops at
// the first that is not rejected. The order must have been fixed before the
// data.
func FixedSequence(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	out := make([]float64, len(p))
	run := 0.0
	for i, v := range p {
		run = math.Max(run, v)
		out[i] = run
	}
	return out, nil
}
