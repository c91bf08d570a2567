package binary

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Stratum is the two groups of one stratum.
type Stratum struct{ A, B Counts }

// Stratified is the Mantel–Haenszel summary over strata.
type Stratified struct {
	Difference stats.Estimate  // risk difference with Sato's standard error
	OddsRatio  *stats.Estimate // with the Robins–Breslow–Greenland error, of the logarithm; nil where it has no bounds
	ChiSquared float64         // Cochran–Mantel–Haenszel, without continuity correction
	P          float64
	Used       int // strata with people in both groups
	Dropped    int // strata without
}

// MantelHaenszel summarises over strata. A stratum with an empty group tells
// nothing of the difference and is counted as dropped.
func MantelHaenszel(strata []Stratum, level float64) (Stratified, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Stratified{}, err
	}
	var o Stratified
	var wn, wd, p, q, r, s, pr, psqr, qs, diff, v float64
	for i, t := range strata {
		if t.A.X < 0 || t.B.X < 0 || t.A.X > t.A.N || t.B.X > t.B.N {
			return Stratified{}, fault.New(stats.BadArgument, "", "stratum %d has %d of %d and %d of %d", i+1, t.A.X, t.A.N, t.B.X, t.B.N)
		}
		if t.A.N == 0 || t.B.N == 0 {
			o.Dropped++
			continue
		}
		o.Used++
		x1, n1, x2, n2 := float64(t.A.X), float64(t.A.N), float64(t.B.X), float64(t.B.N)
		n := n1 + n2
		w := n1 * n2 / n
		wn += w * (x1/n1 - x2/n2)
		wd += w
		p += (n1*n1*x2 - n2*n2*x1 + n1*n2*(n2-n1)/2) / (n * n)
		q += (x1*(n2-x2) + x2*(n1-x1)) / (2 * n)
		rk, sk := x1*(n2-x2)/n, (n1-x1)*x2/n
		pk, qk := (x1+n2-x2)/n, (n1-x1+x2)/n
		r += rk
		s += sk
		pr += pk * rk
		psqr += pk*sk + qk*rk
		qs += qk * sk
		m := x1 + x2
		diff += x1 - n1*m/n
		if n > 1 {
			v += n1 * n2 * m * (n - m) / (n * n * (n - 1))
		}
	}
	if o.Used == 0 {
		return o, fault.New(stats.EmptyGroup, "", "no stratum has people in both groups")
	}
	if !(v > 0) {
		return o, fault.New(stats.Constant, "", "in every stratum everybody or nobody had the event")
	}
	rd := wn / wd
	o.Difference = stats.Z("risk difference", rd, math.Sqrt((rd*p+q)/(wd*wd)), level)
	if r > 0 && s > 0 {
		e, err := ratio("odds ratio", math.Log(r/s), math.Sqrt(pr/(2*r*r)+psqr/(2*r*s)+qs/(2*s*s)), level)
		if err == nil {
			o.OddsRatio = &e
		}
	}
	o.ChiSquared = diff * diff / v
	o.P = dist.ChiSquaredUpper(o.ChiSquared, 1)
	return o, nil
}

// RateRatio compares event rates exactly, given the total: events a of a+b are
// binomial with the share of exposure.
func RateRatio(a int, exposureA float64, b int, exposureB, level float64) (Interval, float64, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Interval{}, 0, err
	}
	if a < 0 || b < 0 || !(exposureA > 0) || !(exposureB > 0) || math.IsInf(exposureA+exposureB, 0) {
		return Interval{}, 0, fault.New(stats.BadArgument, "", "%d events in %v and %d in %v are no rates", a, exposureA, b, exposureB)
	}
	if a == 0 || b == 0 {
		return Interval{}, 0, fault.New(stats.NotEstimable, "", "a group has no event, so a ratio has no bounds").WithHint("give both rates with exact intervals")
	}
	t := exposureB / exposureA
	tail := (1 - level) / 2
	lo := dist.BetaQuantile(tail, float64(a), float64(b+1))
	hi := dist.BetaQuantile(1-tail, float64(a+1), float64(b))
	o := Interval{Value: float64(a) / float64(b) * t, Low: lo / (1 - lo) * t, High: hi / (1 - hi) * t, Level: level}
	return o, binomialTest(a, a+b, exposureA/(exposureA+exposureB)), nil
}

// binomialTest is the exact two-sided p by small probability.
func binomialTest(x, n int, p float64) float64 {
	logp := func(k int) float64 { return lchoose(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p) }
	seen := logp(x)
	var sum float64
	for k := range n + 1 {
		if l := logp(k); l <= seen+1e-7 {
			sum += math.Exp(l)
		}
	}
	return math.Min(1, sum)
}

// McNemar compares two yes–no answers of the same people: b said yes first
// only, c said yes second only. The exact p is binomial; mid-p counts the
// observed table half.
func McNemar(b, c int) (Exact, error) {
	if b < 0 || c < 0 || b+c == 0 {
		return Exact{}, fault.New(stats.Constant, "", "nobody answered differently (%d and %d)", b, c)
	}
	n := b + c
	k := min(b, c)
	var tail, at float64
	for i := range k + 1 {
		at = math.Exp(lchoose(n, i) - float64(n)*math.Ln2)
		tail += at
	}
	return Exact{P: math.Min(1, 2*tail), MidP: 2*tail - at}, nil
}
