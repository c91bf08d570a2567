package power

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// ofZ is the power of a two-sided normal test whose statistic has the mean
// given and variance 1, both tails counted.
func ofZ(mean, alpha float64) float64 {
	q := dist.NormalQuantile(1 - alpha/2)
	return dist.NormalUpper(q-mean) + dist.NormalUpper(q+mean)
}

// arms gives two arms of which the second is ratio times the first.
func arms(target, effect, ratio float64, power func(n1, n2 int) (float64, error)) (n1, n2 int, err error) {
	if ratio == 0 {
		ratio = 1
	}
	second := func(n int) int { return int(math.Ceil(float64(n)*ratio - 1e-9)) }
	n1, err = search(target, effect, func(n int) (float64, error) { return power(n, second(n)) })
	return n1, second(n1), err
}

// Shares is a comparison of two shares, as of responders.
type Shares struct {
	P1, P2 float64
	Alpha  float64
	Ratio  float64 // people in arm 2 per person in arm 1; 0 means 1
}

// Power is by the normal approximation with the pooled variance under the null
// and each arm's own under the alternative:
//
//	z = {|p₁−p₂| − z_{1−α/2}·√(p̄q̄(1/n₁+1/n₂))} / √(p₁q₁/n₁+p₂q₂/n₂),  p̄ weighted by n
//
// and the other tail besides.
func (s Shares) Power(n1, n2 int) (float64, error) {
	if err := checkAlpha(s.Alpha); err != nil {
		return 0, err
	}
	if !(s.P1 > 0 && s.P1 < 1 && s.P2 > 0 && s.P2 < 1) {
		return 0, fault.New(stats.BadArgument, "", "shares of %v and %v cannot be planned: each must lie between 0 and 1", s.P1, s.P2)
	}
	if n1 < 2 || n2 < 2 {
		return 0, fault.New(stats.TooFew, "", "%d and %d people are too few", n1, n2)
	}
	a, b := float64(n1), float64(n2)
	m := (a*s.P1 + b*s.P2) / (a + b)
	null := dist.NormalQuantile(1-s.Alpha/2) * math.Sqrt(m*(1-m)*(1/a+1/b))
	se := math.Sqrt(s.P1*(1-s.P1)/a + s.P2*(1-s.P2)/b)
	d := math.Abs(s.P1 - s.P2)
	return dist.NormalCDF((d-null)/se) + dist.NormalCDF((-d-null)/se), nil
}

// Size gives the smallest arms with at least the power asked for.
func (s Shares) Size(target float64) (n1, n2 int, err error) {
	if _, err := s.Power(10, 10); err != nil {
		return 0, 0, err
	}
	return arms(target, s.P1-s.P2, s.Ratio, s.Power)
}

// Ordered is a comparison of ordered categories under proportional odds.
type Ordered struct {
	// Comparator holds the shares of the categories in arm 2, lowest first.
	Comparator []float64
	// OddsRatio is that of a higher category, arm 1 to arm 2, wherever the scale
	// is cut.
	OddsRatio float64
	Alpha     float64
	Ratio     float64 // people in arm 2 per person in arm 1; 0 means 1
}

// Treated gives the shares of the categories in arm 1.
func (o Ordered) Treated() []float64 {
	out := make([]float64, len(o.Comparator))
	var c, before float64
	for j, p := range o.Comparator {
		c += p
		q := 1.0
		if j < len(out)-1 {
			q = c / (c + (1-c)*o.OddsRatio) // odds of at or below, divided by the ratio
		}
		out[j], before = q-before, q
	}
	return out
}

// Power is Whitehead's, of the logarithm of the odds ratio:
//
//	mean of Z = |log OR|·√(n₁n₂/(n₁+n₂)·(1−Σp̄³)/3),  p̄ the mean share of each category over all people
func (o Ordered) Power(n1, n2 int) (float64, error) {
	if err := checkAlpha(o.Alpha); err != nil {
		return 0, err
	}
	var total float64
	for _, p := range o.Comparator {
		if !(p >= 0) {
			return 0, fault.New(stats.BadArgument, "categories", "a share of %v", p)
		}
		total += p
	}
	if math.Abs(total-1) > 1e-9 || len(o.Comparator) < 2 || !(o.OddsRatio > 0) || math.IsInf(o.OddsRatio, 0) {
		return 0, fault.New(stats.BadArgument, "categories", "%d shares that sum to %v with an odds ratio of %v cannot be planned", len(o.Comparator), total, o.OddsRatio)
	}
	if n1 < 2 || n2 < 2 {
		return 0, fault.New(stats.TooFew, "", "%d and %d people are too few", n1, n2)
	}
	a, b := float64(n1), float64(n2)
	var cubes float64
	for j, q := range o.Treated() {
		m := (a*q + b*o.Comparator[j]) / (a + b)
		cubes += m * m * m
	}
	return ofZ(math.Abs(math.Log(o.OddsRatio))*math.Sqrt(a*b/(a+b)*(1-cubes)/3), o.Alpha), nil
}

// Size gives the smallest arms with at least the power asked for.
func (o Ordered) Size(target float64) (n1, n2 int, err error) {
	if _, err := o.Power(10, 10); err != nil {
		return 0, 0, err
	}
	return arms(target, math.Log(o.OddsRatio), o.Ratio, o.Power)
}

// Events is a comparison of times to an event under proportional hazards.
type Events struct {
	// P1 and P2 are the shares of each arm that have the event while they are
	// followed.
	P1, P2 float64
	Alpha  float64
	Ratio  float64 // people in arm 2 per person in arm 1; 0 means 1
}

// EventsOf makes it of the comparator's share and a hazard ratio: who is
// without the event in arm 1 are (1−p₂)^HR, everybody being followed as long.
func EventsOf(p2, hazardRatio, alpha float64) Events {
	return Events{P1: 1 - math.Pow(1-p2, hazardRatio), P2: p2, Alpha: alpha}
}

// HazardRatio is log(1−p₁)/log(1−p₂).
func (e Events) HazardRatio() float64 { return math.Log1p(-e.P1) / math.Log1p(-e.P2) }

// Power is Schoenfeld's, of the log-rank test: the number of events decides.
//
//	mean of Z = |log HR|·√(π₁π₂·D),  D = n₁p₁+n₂p₂ events, π the arms' parts of all people
func (e Events) Power(n1, n2 int) (float64, error) {
	if err := checkAlpha(e.Alpha); err != nil {
		return 0, err
	}
	if !(e.P1 > 0 && e.P1 < 1 && e.P2 > 0 && e.P2 < 1) {
		return 0, fault.New(stats.BadArgument, "", "events in shares of %v and %v cannot be planned: each must lie between 0 and 1", e.P1, e.P2)
	}
	if n1 < 2 || n2 < 2 {
		return 0, fault.New(stats.TooFew, "", "%d and %d people are too few", n1, n2)
	}
	a, b := float64(n1), float64(n2)
	d := a*e.P1 + b*e.P2
	return ofZ(math.Abs(math.Log(e.HazardRatio()))*math.Sqrt(a*b/((a+b)*(a+b))*d), e.Alpha), nil
}

// Size gives the smallest arms with at least the power asked for.
func (e Events) Size(target float64) (n1, n2 int, err error) {
	if _, err := e.Power(10, 10); err != nil {
		return 0, 0, err
	}
	return arms(target, e.P1-e.P2, e.Ratio, e.Power)
}
