package power

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Counts is a comparison of mean counts, such as of awakenings, whose variance
// is m + k·m² about a mean of m: a Poisson's where k is 0, and more where people
// differ in ways that no covariate tells (negative binomial).
type Counts struct {
	// Mean is arm 2's count of one person over all the time she is counted, and
	// RateRatio arm 1's mean over it.
	Mean, RateRatio float64
	Dispersion      float64 // k, not below 0
	Alpha           float64
	Ratio           float64 // people in arm 2 per person in arm 1; 0 means 1
}

// Power is Zhu and Lakkis's, of the logarithm of the rate ratio, with the
// variance under the null that maximum likelihood has there (their third
// method):
//
//	V₁ = 1/(n₁m₁) + 1/(n₂m₂) + k(1/n₁+1/n₂)
//	V₀ = (1/m̄ + k)(1/n₁+1/n₂),  m̄ = (n₁m₁+n₂m₂)/(n₁+n₂)
//	power = Φ{(|log RR| − z_{1−α/2}·√V₀)/√V₁}, and the other tail besides
//
// Invariant (TestCounts): with k = 0 only the events expected matter, so that
// twice the time is as good as twice the people.
func (c Counts) Power(n1, n2 int) (float64, error) {
	if err := checkAlpha(c.Alpha); err != nil {
		return 0, err
	}
	if !(c.Mean > 0) || !(c.RateRatio > 0) || !(c.Dispersion >= 0) || math.IsInf(c.Mean, 0) || math.IsInf(c.RateRatio, 0) || math.IsInf(c.Dispersion, 0) {
		return 0, fault.New(stats.BadArgument, "", "counts of %v with a rate ratio of %v and a dispersion of %v cannot be planned", c.Mean, c.RateRatio, c.Dispersion)
	}
	if n1 < 2 || n2 < 2 {
		return 0, fault.New(stats.TooFew, "", "%d and %d people are too few", n1, n2)
	}
	a, b := float64(n1), float64(n2)
	m1, m2 := c.Mean*c.RateRatio, c.Mean
	people := 1/a + 1/b
	null := dist.NormalQuantile(1-c.Alpha/2) * math.Sqrt(((a+b)/(a*m1+b*m2)+c.Dispersion)*people)
	se := math.Sqrt(1/(a*m1) + 1/(b*m2) + c.Dispersion*people)
	l := math.Abs(math.Log(c.RateRatio))
	return dist.NormalCDF((l-null)/se) + dist.NormalCDF((-l-null)/se), nil
}

// Size gives the smallest arms with at least the power asked for.
func (c Counts) Size(target float64) (n1, n2 int, err error) {
	if _, err := c.Power(10, 10); err != nil {
		return 0, 0, err
	}
	return arms(target, math.Log(c.RateRatio), c.Ratio, c.Power)
}
