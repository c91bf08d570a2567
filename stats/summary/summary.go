// Package summary is what a first table and a safety table show: means,
// quartiles, shares, standardised differences and exact intervals, without
// p-values of baseline differences.
//
// See doc/methods/summary.md.
package summary

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/dist"
)

// Numbers describes a covariate in one group. SD is absent with fewer than two
// values.
type Numbers struct {
	N       int      `json:"n"`
	Missing int      `json:"missing"`
	Mean    float64  `json:"mean"`
	SD      *float64 `json:"sd,omitempty"`
	Min     float64  `json:"min"`
	Q1      float64  `json:"q1"`
	Median  float64  `json:"median"`
	Q3      float64  `json:"q3"`
	Max     float64  `json:"max"`
}

// Describe summarises the values that are there; missing is how many were not.
// Without any value ok is false.
//
// Quartiles are R's type 2 and the default of SAS: the inverse of the empirical
// distribution, averaged where it is flat.
func Describe(x []float64, missing int) (s Numbers, ok bool, err error) {
	if len(x) == 0 {
		return Numbers{Missing: missing}, false, nil
	}
	if err := stats.Finite("values", x); err != nil {
		return Numbers{}, false, err
	}
	v := slices.Sorted(slices.Values(x))
	s = Numbers{N: len(v), Missing: missing, Mean: mean(v), Min: v[0], Max: v[len(v)-1]}
	if len(v) > 1 {
		sd := math.Sqrt(variance(v))
		s.SD = &sd
	}
	s.Q1, s.Median, s.Q3 = quantile2(v, 0.25), quantile2(v, 0.5), quantile2(v, 0.75)
	return s, true, nil
}

// quantile2 is the type-2 quantile of sorted values.
func quantile2(v []float64, p float64) float64 {
	n := len(v)
	h := float64(n) * p
	k := int(math.Floor(h + 4e-15*float64(n))) // n·p that is whole may fall a bit short
	if math.Abs(h-math.Round(h)) < 4e-15*float64(n) {
		k = int(math.Round(h))
		lo, hi := max(k-1, 0), min(k, n-1)
		return (v[lo] + v[hi]) / 2
	}
	return v[min(k, n-1)]
}

func mean(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func variance(v []float64) float64 {
	m := mean(v)
	var s float64
	for _, x := range v {
		s += (x - m) * (x - m)
	}
	return s / float64(len(v)-1)
}

// SMD is the standardised mean difference of two groups at baseline,
//
//	(mean a − mean b) / √{(var a + var b)/2}
//
// which, unlike a p-value, does not shrink with the sample.
func SMD(a, b []float64) (float64, error) {
	if len(a) < 2 || len(b) < 2 {
		return 0, fault.New(stats.TooFew, "", "groups of %d and %d are too small for a standard deviation", len(a), len(b))
	}
	if err := stats.Finite("first group", a); err != nil {
		return 0, err
	}
	if err := stats.Finite("second group", b); err != nil {
		return 0, err
	}
	sa, sb := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	v := (variance(sa) + variance(sb)) / 2
	if !(v > 1e-26*(mean(sa)*mean(sa)+mean(sb)*mean(sb))) {
		return 0, fault.New(stats.Constant, "", "neither group varies")
	}
	return (mean(sa) - mean(sb)) / math.Sqrt(v), nil
}

// SMDBinary is the standardised difference of two shares.
func SMDBinary(x1, n1, x2, n2 int) (float64, error) {
	if err := counts(x1, n1); err != nil {
		return 0, err
	}
	if err := counts(x2, n2); err != nil {
		return 0, err
	}
	p, q := float64(x1)/float64(n1), float64(x2)/float64(n2)
	v := (p*(1-p) + q*(1-q)) / 2
	if v == 0 {
		return 0, fault.New(stats.Constant, "", "neither group varies")
	}
	return (p - q) / math.Sqrt(v), nil
}

// SMDCategories is the Mahalanobis distance between the shares of categories
// in two groups (Yang and Dalton 2012); it has no sign. Categories that nobody
// has are left out.
func SMDCategories(a, b []int) (float64, error) {
	if len(a) != len(b) {
		return 0, fault.New(stats.Lengths, "", "%d categories against %d", len(a), len(b))
	}
	var na, nb int
	var p, q []float64
	for i := range a {
		if a[i] < 0 || b[i] < 0 {
			return 0, fault.New(stats.BadArgument, "", "a count is negative")
		}
		na, nb = na+a[i], nb+b[i]
		if a[i]+b[i] > 0 {
			p, q = append(p, float64(a[i])), append(q, float64(b[i]))
		}
	}
	if na == 0 || nb == 0 {
		return 0, fault.New(stats.EmptyGroup, "", "a group is empty")
	}
	k := len(p) - 1
	if k < 1 {
		return 0, fault.New(stats.Constant, "", "everybody has the same category")
	}
	for i := range p {
		p[i], q[i] = p[i]/float64(na), q[i]/float64(nb)
	}
	s := dense.New(k, k)
	d := make([]float64, k)
	for i := range k {
		d[i] = p[i+1] - q[i+1]
		for j := range k {
			v := -(p[i+1]*p[j+1] + q[i+1]*q[j+1]) / 2
			if i == j {
				v += (p[i+1] + q[i+1]) / 2
			}
			s.Set(i, j, v)
		}
	}
	inv, ok := dense.Inverse(s)
	if !ok {
		return 0, fault.New(stats.NotEstimable, "", "the groups share no category, so their distance has no scale")
	}
	return math.Sqrt(inv.Quad(d, d)), nil
}

func counts(x, n int) error {
	if n <= 0 {
		return fault.New(stats.EmptyGroup, "", "a share of nobody")
	}
	if x < 0 || x > n {
		return fault.New(stats.BadArgument, "", "%d of %d is no share", x, n)
	}
	return nil
}

// Share is a proportion with an interval.
type Share struct {
	X     int     `json:"x"`
	N     int     `json:"n"`
	Value float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// ExactShare gives a proportion with the interval of Clopper and Pearson,
// which covers at least as often as it says.
func ExactShare(x, n int, level float64) (Share, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Share{}, err
	}
	if err := counts(x, n); err != nil {
		return Share{}, err
	}
	a := (1 - level) / 2
	s := Share{X: x, N: n, Value: float64(x) / float64(n), High: 1, Level: level}
	if x > 0 {
		s.Low = dist.BetaQuantile(a, float64(x), float64(n-x+1))
	}
	if x < n {
		s.High = dist.BetaQuantile(1-a, float64(x+1), float64(n-x))
	}
	return s, nil
}

// WilsonShare gives a proportion with Wilson's score interval, which covers as
// often as it says on average.
func WilsonShare(x, n int, level float64) (Share, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Share{}, err
	}
	if err := counts(x, n); err != nil {
		return Share{}, err
	}
	z := dist.NormalQuantile(0.5 + level/2)
	nf := float64(n)
	p := float64(x) / nf
	mid := p + z*z/(2*nf)
	half := z * math.Sqrt(p*(1-p)/nf+z*z/(4*nf*nf))
	d := 1 + z*z/nf
	s := Share{X: x, N: n, Value: p, Low: math.Max(0, (mid-half)/d), High: math.Min(1, (mid+half)/d), Level: level}
	if x == 0 {
		s.Low = 0
	}
	if x == n {
		s.High = 1
	}
	return s, nil
}

// Rate is events per unit of exposure with an interval.
type Rate struct {
	Events   int     `json:"events"`
	Exposure float64 `json:"exposure"`
	Value    float64 `json:"rate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Level    float64 `json:"level"`
}

// ExactRate gives a Poisson rate with its exact interval (Garwood 1936).
func ExactRate(events int, exposure, level float64) (Rate, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Rate{}, err
	}
	if events < 0 || !(exposure > 0) || math.IsInf(exposure, 0) {
		return Rate{}, fault.New(stats.BadArgument, "", "%d events in %v of exposure is no rate", events, exposure)
	}
	a := (1 - level) / 2
	r := Rate{Events: events, Exposure: exposure, Value: float64(events) / exposure, Level: level}
	if events > 0 {
		r.Low = dist.ChiSquaredQuantile(a, 2*float64(events)) / 2 / exposure
	}
	r.High = dist.ChiSquaredQuantile(1-a, 2*float64(events)+2) / 2 / exposure
	return r, nil
}
