package agree

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap gives the 95 % percentile interval of a statistic over nights, drawn
// with replacement: epochs of one night depend on each other, nights do not.
//
//	n     nights.
//	reps  draws; 2000 is usual.
//	rng   seeded by the caller, who records the seed.
//	stat  the statistic of the nights whose indices are drawn; a draw for which
//	      it is undefined is left out, and if that is more than a tenth of them
//	      the interval is undefined.
//
// Quantiles are interpolated as R's type 7. Source: Efron & Tibshirani 1993.
func Bootstrap(n, reps int, rng *rand.Rand, stat func(draw []int) (float64, bool)) (low, high float64, ok bool) {
	if n < 2 || reps < 20 {
		return 0, 0, false
	}
	draw := make([]int, n)
	values := make([]float64, 0, reps)
	for range reps {
		for i := range draw {
			draw[i] = rng.IntN(n)
		}
		if v, ok := stat(draw); ok {
			values = append(values, v)
		}
	}
	if 10*len(values) < 9*reps {
		return 0, 0, false
	}
	slices.Sort(values)
	return quantile(values, 0.025), quantile(values, 0.975), true
}

// quantile interpolates between sorted values.
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(math.Floor(h))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}
