package agree

import (
	"math/rand/v2"
	"slices"
)

// BootKind says how an interval is read off the draws.
type BootKind uint8

// The kinds: with q the quantiles of the draws and θ the estimate, basic is
// 2θ − q₀.₉₇₅ … 2θ − q₀.₀₂₅, percentile q₀.₀₂₅ … q₀.₉₇₅.
const (
	Basic BootKind = iota
	Percentile
)

// Boot holds the intervals of bias and limits by bootstrap over nights.
type Boot struct {
	Draws int `json:"draws"` // that could be fitted

	Bias   Interval  `json:"bias"`                  // mean difference
	Lower  Interval  `json:"lower"`                 // as in Differences
	Upper  Interval  `json:"upper"`                 // as in Differences
	Line   *Line     `json:"bias_line,omitempty"`   // where the bias is proportional
	Spread *Line     `json:"spread_line,omitempty"` // where the spread grows
	Log    *Interval `json:"log_ratio,omitempty"`

	of    Differences
	kind  BootKind
	drawn []Differences
}

// Bootstrap draws nights with replacement, and measures bias, spread and limits
// of every draw anew: mean, standard deviation, both regressions. Whether bias
// and spread grow is taken from d and not decided again.
//
//	ref, dev  what d was made from
//	reps      draws; Menghini takes 10000
//	rng       seeded by the caller, who records the seed
//
// ok is false with fewer than 20 draws or where more than a tenth of them could
// not be fitted: where something grows, those in which all sizes are one.
//
// Source: Menghini 2021, doi:10.1093/sleep/zsaa170, whose default is Basic;
// Davison & Hinkley 1997, chapter 5. Her program keeps the standard deviation
// fixed over the draws of a limit, which makes the interval too narrow by about
// √3; here it is drawn anew.
func (d Differences) Bootstrap(ref, dev []float64, reps int, kind BootKind, rng *rand.Rand) (Boot, bool) {
	if len(ref) != d.N || len(dev) != d.N || reps < 20 {
		return Boot{}, false
	}
	b := Boot{of: d, kind: kind, drawn: make([]Differences, 0, reps)}
	r, v := make([]float64, d.N), make([]float64, d.N)
	for range reps {
		for i := range r {
			k := rng.IntN(d.N)
			r[i], v[i] = ref[k], dev[k]
		}
		if one, ok := measureDifferences(r, v, d.Size, &d); ok {
			b.drawn = append(b.drawn, one)
		}
	}
	b.Draws = len(b.drawn)
	if 10*b.Draws < 9*reps {
		return Boot{}, false
	}
	b.Bias = b.interval(func(d Differences) float64 { return d.Bias.Value })
	b.Lower = b.interval(func(d Differences) float64 { return d.Lower.Value })
	b.Upper = b.interval(func(d Differences) float64 { return d.Upper.Value })
	line := func(of func(Differences) Line) *Line {
		return &Line{
			b.interval(func(d Differences) float64 { return of(d).At0.Value }),
			b.interval(func(d Differences) float64 { return of(d).Slope.Value }),
		}
	}
	if d.Proportional {
		b.Line = line(func(d Differences) Line { return d.BiasLine })
	}
	if d.Heteroscedastic {
		b.Spread = line(func(d Differences) Line { return d.SpreadLine })
	}
	if d.LogRatio != nil {
		l := b.interval(func(d Differences) float64 { return d.LogRatio.Value })
		b.Log = &l
	}
	return b, true
}

// interval reads a quantity's interval off the draws.
func (b Boot) interval(of func(Differences) float64) Interval {
	values := make([]float64, len(b.drawn))
	for i, d := range b.drawn {
		values[i] = of(d)
	}
	slices.Sort(values)
	low, high, v := quantile(values, 0.025), quantile(values, 0.975), of(b.of)
	if b.kind == Basic {
		low, high = 2*v-high, 2*v-low
	}
	return Interval{v, low, high}
}

// BiasAt gives the bias at a size with its interval.
func (b Boot) BiasAt(size float64) Interval {
	return b.interval(func(d Differences) float64 { return d.BiasAt(size) })
}

// LimitsAt gives both limits at a size with their intervals, in which bias and
// spread are as uncertain as they are.
func (b Boot) LimitsAt(size float64) (lower, upper Interval) {
	lower = b.interval(func(d Differences) float64 { low, _ := d.LimitsAt(size); return low })
	upper = b.interval(func(d Differences) float64 { _, high := d.LimitsAt(size); return high })
	return lower, upper
}
