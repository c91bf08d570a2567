// Package power plans the size of a trial: power by noncentral distributions
// where they are exact, sample size by search over them, and what devices and
// fading diaries take away.
//
// All tests are two-sided and power counts both tails, so that power at no
// effect is alpha. See doc/methods/power.md.
package power

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/dist"
)

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fault.New(stats.BadArgument, "alpha", "%v is not between 0 and 1", alpha)
	}
	return nil
}

// ofT is the power of a t test with the noncentrality and degrees of freedom
// given.
func ofT(ncp, df, alpha float64) float64 {
	q := dist.TQuantile(1-alpha/2, df)
	return 1 - dist.NoncentralTCDF(q, df, ncp) + dist.NoncentralTCDF(-q, df, ncp)
}

// Means is a comparison of two means.
type Means struct {
	Difference float64 // in the outcome's units
	SD         float64 // of the outcome, within arms
	// R2 is the share of that variance which baseline and strata explain, and
	// Covariates how many columns they take: ANCOVA needs less. Both 0 for a t
	// test.
	R2         float64
	Covariates int
	Alpha      float64
	Ratio      float64 // people in arm 2 per person in arm 1; 0 means 1
}

func (m Means) check() (Means, error) {
	if m.Ratio == 0 {
		m.Ratio = 1
	}
	if !(m.SD > 0) || math.IsInf(m.SD, 0) || math.IsNaN(m.Difference) || !(m.R2 >= 0 && m.R2 < 1) || m.Covariates < 0 || !(m.Ratio > 0) {
		return m, fault.New(stats.BadArgument, "", "a difference of %v with SD %v, R² %v, %d covariates and ratio %v cannot be planned", m.Difference, m.SD, m.R2, m.Covariates, m.Ratio)
	}
	return m, checkAlpha(m.Alpha)
}

// Power is exact for the t test, and for ANCOVA given the covariates' R².
func (m Means) Power(n1, n2 int) (float64, error) {
	m, err := m.check()
	if err != nil {
		return 0, err
	}
	df := float64(n1 + n2 - 2 - m.Covariates)
	if n1 < 2 || n2 < 2 || df < 1 {
		return 0, fault.New(stats.TooFew, "", "%d and %d people leave no degrees of freedom", n1, n2)
	}
	d := m.Difference / (m.SD * math.Sqrt(1-m.R2))
	return ofT(d/math.Sqrt(1/float64(n1)+1/float64(n2)), df, m.Alpha), nil
}

// Size gives the smallest arms with at least the power asked for.
func (m Means) Size(target float64) (n1, n2 int, err error) {
	if m, err = m.check(); err != nil {
		return 0, 0, err
	}
	second := func(n int) int { return int(math.Ceil(float64(n)*m.Ratio - 1e-9)) }
	n1, err = search(target, m.Difference, func(n int) (float64, error) { return m.Power(n, second(n)) })
	return n1, second(n1), err
}

// search finds the smallest n at which a power that rises with n reaches the
// target.
func search(target, effect float64, f func(n int) (float64, error)) (int, error) {
	if !(target > 0 && target < 1) {
		return 0, fault.New(stats.BadArgument, "power", "%v is not between 0 and 1", target)
	}
	if effect == 0 {
		return 0, fault.New(stats.BadArgument, "", "no size finds an effect of nothing")
	}
	at := func(n int) float64 {
		p, err := f(n)
		if err != nil {
			return 0
		}
		return p
	}
	hi := 2
	for at(hi) < target {
		hi *= 2
		if hi > 100_000_000 {
			return 0, fault.New(stats.BadArgument, "", "even %d people do not reach a power of %v", hi/2, target)
		}
	}
	lo := hi / 2
	if hi == 2 {
		return 2, nil
	}
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if at(mid) < target {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, nil
}

// Paired is the power of the paired t test with n pairs; dz is the mean
// difference over the SD of differences.
func Paired(n int, dz, alpha float64) (float64, error) {
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	if n < 2 || math.IsNaN(dz) {
		return 0, fault.New(stats.TooFew, "", "%d pairs are too few", n)
	}
	return ofT(dz*math.Sqrt(float64(n)), float64(n-1), alpha), nil
}

// Crossover is the power of a two-period crossover with n people in all, half
// in each order; sdWithin is the SD within a person in one period.
func Crossover(n int, difference, sdWithin, alpha float64) (float64, error) {
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	if n < 3 || !(sdWithin > 0) {
		return 0, fault.New(stats.TooFew, "", "%d people with a within-person SD of %v cannot be planned", n, sdWithin)
	}
	return ofT(difference/(sdWithin*math.Sqrt(2/float64(n))), float64(n-2), alpha), nil
}

// CrossoverSize gives the smallest even number of people with the power.
func CrossoverSize(difference, sdWithin, alpha, target float64) (int, error) {
	n, err := search(target, difference, func(h int) (float64, error) { return Crossover(2*h, difference, sdWithin, alpha) })
	return 2 * n, err
}

// ProportionsSize is the number per arm for two shares by the normal
// approximation with pooled variance under the null.
func ProportionsSize(p1, p2, alpha, target float64) (float64, error) {
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	if !(p1 > 0 && p1 < 1 && p2 > 0 && p2 < 1) || p1 == p2 || !(target > 0 && target < 1) {
		return 0, fault.New(stats.BadArgument, "", "shares of %v and %v with power %v cannot be planned", p1, p2, target)
	}
	m := (p1 + p2) / 2
	z := dist.NormalQuantile(1-alpha/2)*math.Sqrt(2*m*(1-m)) + dist.NormalQuantile(target)*math.Sqrt(p1*(1-p1)+p2*(1-p2))
	return z * z / ((p1 - p2) * (p1 - p2)), nil
}

// RankSumSize is Noether's total number for the rank-sum test, two equal arms,
// when a random person of one arm exceeds one of the other with probability p.
func RankSumSize(p, alpha, target float64) (float64, error) {
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	if !(p > 0 && p < 1) || p == 0.5 || !(target > 0 && target < 1) {
		return 0, fault.New(stats.BadArgument, "", "a superiority of %v with power %v cannot be planned", p, target)
	}
	z := dist.NormalQuantile(1-alpha/2) + dist.NormalQuantile(target)
	return z * z / (3 * (p - 0.5) * (p - 0.5)), nil
}

// OrdinalSize is Whitehead's total number for a proportional-odds comparison of
// two equal arms: control holds the shares of the categories under the
// reference, oddsRatio that of being at or below each category.
func OrdinalSize(control []float64, oddsRatio, alpha, target float64) (float64, error) {
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	var total float64
	for _, p := range control {
		if !(p >= 0) {
			return 0, fault.New(stats.BadArgument, "control", "a share of %v", p)
		}
		total += p
	}
	if math.Abs(total-1) > 1e-9 || len(control) < 2 || !(oddsRatio > 0) || oddsRatio == 1 || !(target > 0 && target < 1) {
		return 0, fault.New(stats.BadArgument, "", "shares that sum to %v with an odds ratio of %v and power %v cannot be planned", total, oddsRatio, target)
	}
	var c, before, cubes float64
	for j, p := range control {
		c += p
		q := 1.0
		if j < len(control)-1 {
			o := c / (1 - c) * oddsRatio
			q = o / (1 + o)
		}
		m := (p + q - before) / 2
		cubes += m * m * m
		before = q
	}
	z := dist.NormalQuantile(1-alpha/2) + dist.NormalQuantile(target)
	l := math.Log(oddsRatio)
	return 12 * z * z / (l * l * (1 - cubes)), nil
}

// Repeated plans an MMRM with people leaving (Lu, Luo and Chen 2008).
type Repeated struct {
	Correlation dense.Matrix // of the visits
	Retained    [2][]float64 // share of each arm still seen at each visit, not rising
	SD          [2]float64   // at the last visit
	Difference  float64      // at the last visit
	Alpha       float64
}

// Power is that of the difference at the last visit with n1 and n2 randomised,
// by the normal distribution, one tail: the other is negligible.
func (r Repeated) Power(n1, n2 int) (float64, error) {
	if err := checkAlpha(r.Alpha); err != nil {
		return 0, err
	}
	var v float64
	for a, n := range []int{n1, n2} {
		f, err := r.inflation(a)
		if err != nil {
			return 0, err
		}
		if n < 1 || !(r.SD[a] > 0) {
			return 0, fault.New(stats.BadArgument, "", "an arm of %d with SD %v cannot be planned", n, r.SD[a])
		}
		v += r.SD[a] * r.SD[a] * f / float64(n)
	}
	return dist.NormalCDF(math.Abs(r.Difference)/math.Sqrt(v) - dist.NormalQuantile(1-r.Alpha/2)), nil
}

// Size gives the smallest equal arms with the power.
func (r Repeated) Size(target float64) (int, error) {
	if _, err := r.Power(10, 10); err != nil {
		return 0, err
	}
	return search(target, r.Difference, func(n int) (float64, error) { return r.Power(n, n) })
}

// inflation is the variance of the last visit's mean, times n/SD², when people
// leave: the last diagonal entry of the inverse of the information.
func (r Repeated) inflation(arm int) (float64, error) {
	k := r.Correlation.R
	ret := r.Retained[arm]
	if len(ret) != k || r.Correlation.C != k || k == 0 {
		return 0, fault.New(stats.Lengths, "", "%d retentions for %d visits", len(ret), k)
	}
	info := dense.New(k, k)
	for j := range k {
		next := 0.0
		if j+1 < k {
			next = ret[j+1]
		}
		if !(ret[j] >= next) || ret[j] > 1 || ret[j] <= 0 {
			return 0, fault.New(stats.BadArgument, "retained", "%v at visit %d is not a share that never rises", ret[j], j+1)
		}
		s := dense.New(j+1, j+1)
		for a := range j + 1 {
			for b := range j + 1 {
				s.Set(a, b, r.Correlation.At(a, b))
			}
		}
		inv, ok := dense.Inverse(s)
		if !ok {
			return 0, fault.New(stats.BadArgument, "correlation", "the correlations are not positive definite")
		}
		for a := range j + 1 {
			for b := range j + 1 {
				info.Set(a, b, info.At(a, b)+(ret[j]-next)*inv.At(a, b))
			}
		}
	}
	inv, ok := dense.Inverse(info)
	if !ok {
		return 0, fault.New(stats.NotEstimable, "", "nobody is left at the last visit")
	}
	return inv.At(k-1, k-1), nil
}
