// Package effect gives standardised differences between means with exact
// intervals.
//
// See doc/methods/effect.md.
package effect

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Group is what a standardised difference needs to know of one group.
type Group struct {
	N    int
	Mean float64
	SD   float64
}

// GroupOf summarises values.
func GroupOf(x []float64) Group {
	g := Group{N: len(x)}
	for _, v := range x {
		g.Mean += v
	}
	g.Mean /= float64(g.N)
	var s float64
	for _, v := range x {
		s += (v - g.Mean) * (v - g.Mean)
	}
	g.SD = math.Sqrt(s / float64(g.N-1))
	return g
}

// Size is a standardised difference, first group minus second.
type Size struct {
	D         float64 // Cohen's d: difference over the standardising SD
	G         float64 // Hedges' g: d without its small-sample bias
	J         float64 // the exact correction, g = J·d
	SD        float64 // the standardising SD
	DF        float64
	DLow      float64 // interval of d, by inverting the noncentral t
	DHigh     float64
	Low, High float64 // interval of g
	Level     float64
	Variance  float64 // of g in large samples, 1/n1 + 1/n2 + g²/(2N); for pooling studies
}

// J is the exact correction of Hedges (1981) for df degrees of freedom:
//
//	J = Γ(df/2) / {√(df/2)·Γ((df−1)/2)}
func J(df float64) float64 {
	a, _ := math.Lgamma(df / 2)
	b, _ := math.Lgamma((df - 1) / 2)
	return math.Exp(a-b) / math.Sqrt(df/2)
}

// Hedges gives g for two independent groups, standardised by their pooled SD.
//
// The interval inverts the noncentral t distribution of d·√(n1·n2/N), so it is
// exact for normal outcomes with equal variances, and is scaled by J.
//
// Faults: stats-too-few (a group below two), stats-not-finite, stats-constant
// (pooled SD is zero).
func Hedges(a, b Group, level float64) (Size, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Size{}, err
	}
	if a.N < 2 || b.N < 2 {
		return Size{}, fault.New(stats.TooFew, "", "groups of %d and %d are too small for a standard deviation", a.N, b.N)
	}
	if err := stats.Finite("groups", []float64{a.Mean, a.SD, b.Mean, b.SD}); err != nil {
		return Size{}, err
	}
	n1, n2 := float64(a.N), float64(b.N)
	df := n1 + n2 - 2
	sd := math.Sqrt(((n1-1)*a.SD*a.SD + (n2-1)*b.SD*b.SD) / df)
	s, err := standardise(a.Mean-b.Mean, sd, math.Max(math.Abs(a.Mean), math.Abs(b.Mean)), math.Sqrt(1/n1+1/n2), df, level)
	if err != nil {
		return Size{}, err
	}
	s.Variance = 1/n1 + 1/n2 + s.G*s.G/(2*(n1+n2))
	return s, nil
}

// Paired gives g for the mean of differences within people, standardised by
// the SD of the differences. It is not comparable with g of independent groups.
func Paired(differences []float64, level float64) (Size, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Size{}, err
	}
	if len(differences) < 3 {
		return Size{}, fault.New(stats.TooFew, "", "%d differences are too few", len(differences))
	}
	if err := stats.Finite("differences", differences); err != nil {
		return Size{}, err
	}
	g := GroupOf(differences)
	n := float64(g.N)
	s, err := standardise(g.Mean, g.SD, math.Abs(g.Mean), math.Sqrt(1/n), n-1, level)
	if err != nil {
		return Size{}, err
	}
	s.Variance = 1/n + s.G*s.G/(2*n)
	return s, nil
}

func standardise(difference, sd, size, mult, df, level float64) (Size, error) {
	if !(sd > 1e-13*size) {
		return Size{}, fault.New(stats.Constant, "", "the values do not vary, so there is nothing to standardise by")
	}
	s := Size{D: difference / sd, SD: sd, DF: df, Level: level, J: J(df)}
	s.G = s.J * s.D
	lo, hi := dist.NoncentralTInterval(s.D/mult, df, (1-level)/2)
	s.DLow, s.DHigh = lo*mult, hi*mult
	s.Low, s.High = s.J*s.DLow, s.J*s.DHigh
	return s, nil
}

// FromModel standardises an estimate of a model, such as an adjusted mean
// difference, by an SD that the caller names (the SD at baseline, say).
//
// The interval is the model's own, divided by the SD: it takes the SD as
// known.
func FromModel(e stats.Estimate, sd float64) (stats.Estimate, error) {
	if !(sd > 0) || math.IsInf(sd, 0) {
		return stats.Estimate{}, fault.New(stats.BadArgument, "sd", "%v cannot standardise", sd)
	}
	e.Value /= sd
	e.SE /= sd
	e.Low /= sd
	e.High /= sd
	return e, nil
}
