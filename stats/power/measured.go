package power

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Device is what a measurement makes of a true difference: minutes moved from
// light to deep sleep show as Slope of themselves. It does not make people or
// nights more alike: what epochs are mistaken for varies as much as what they
// are, so that a spread seen through the device is planned with as it was seen,
// and a slope that took it along would give back what it takes.
type Device struct {
	Slope   float64 // 1 loses nothing; 0 sees nothing
	NoiseSD float64 // of one night's measurement, where WithinSD does not hold it already
}

// Nightly plans a comparison of means over nights: what is compared is each
// person's mean over the nights that were measured.
type Nightly struct {
	Difference float64 // true, per night
	BetweenSD  float64 // of people's means, as measured
	WithinSD   float64 // of a person's nights, as measured
	Phi        float64 // correlation of a person's neighbouring nights about the mean
	Nights     int     // planned
	Kept       float64 // share of them that will be measured; 0 means all
	Device     Device
	R2         float64 // of people's means, by baseline and strata
	Covariates int
	Alpha      float64
}

// Means gives the comparison of two means that the plan amounts to, in measured
// units. Missing nights are taken to fall at random: k measured of n planned
// nights at a mean distance keep a variance of
//
//	σ²/k·{1 + (k−1)·ρ̄},  ρ̄ the mean of φ^|t−t'| over all pairs of planned nights
func (p Nightly) Means() (Means, error) {
	if p.Kept == 0 {
		p.Kept = 1
	}
	k := p.Kept * float64(p.Nights)
	if p.Nights < 1 || !(p.Kept > 0 && p.Kept <= 1) || k < 1 || !(math.Abs(p.Phi) < 1) || !(p.BetweenSD >= 0) || !(p.WithinSD >= 0) || !(p.Device.Slope > 0) || !(p.Device.NoiseSD >= 0) {
		return Means{}, fault.New(stats.BadArgument, "", "%d nights of which %v are kept cannot be planned with a slope of %v and φ of %v", p.Nights, p.Kept, p.Device.Slope, p.Phi)
	}
	var rho float64
	if p.Nights > 1 {
		n := float64(p.Nights)
		for h := 1; h < p.Nights; h++ {
			rho += 2 * (n - float64(h)) * math.Pow(p.Phi, float64(h)) / (n * (n - 1))
		}
	}
	within := p.WithinSD*p.WithinSD*(1+(k-1)*rho) + p.Device.NoiseSD*p.Device.NoiseSD
	between := p.BetweenSD * p.BetweenSD * (1 - p.R2)
	sd := math.Sqrt(between + within/k)
	return Means{
		Difference: p.Difference * p.Device.Slope, SD: sd, Covariates: p.Covariates, Alpha: p.Alpha,
	}, nil
}

// Blinded is a sample size looked at again half way, without opening the arms.
type Blinded struct {
	PerArm         float64 // with the variance of everybody lumped together
	PerArmAdjusted float64 // less what the planned difference adds to it
	Adjusted       float64 // the variance so adjusted
}

// Reestimate plans again from the variance of n people whose arms are unknown
// (Kieser and Friede 2003). The lumped variance is recommended as it is: it is a
// little too large, which is the safe side, and does not touch the type I error.
// The adjustment is Gould and Shih's.
func Reestimate(n int, variance, difference, alpha, target float64) (Blinded, error) {
	if err := checkAlpha(alpha); err != nil {
		return Blinded{}, err
	}
	if n < 4 || !(variance > 0) || difference == 0 || !(target > 0 && target < 1) {
		return Blinded{}, fault.New(stats.BadArgument, "", "%d people with a variance of %v cannot be planned for a difference of %v", n, variance, difference)
	}
	z := dist.NormalQuantile(1-alpha/2) + dist.NormalQuantile(target)
	m := float64(n)
	adj := (m - 1) / (m - 2) * (variance - difference*difference*m/(4*(m-1)))
	b := Blinded{PerArm: 2 * z * z * variance / (difference * difference), Adjusted: adj}
	if !(adj > 0) {
		return Blinded{}, fault.New(stats.BadArgument, "", "the planned difference of %v is more than the whole variance of %v allows", difference, variance)
	}
	b.PerArmAdjusted = 2 * z * z * adj / (difference * difference)
	return b, nil
}
