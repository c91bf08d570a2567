// Package binary compares shares of two groups: differences, ratios and odds
// with intervals, exact tests, and their summary over strata.
//
// See doc/methods/binary.md.
package binary

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Counts is how many of N had the event.
type Counts struct{ X, N int }

func (c Counts) check() error {
	if c.N <= 0 {
		return fault.New(stats.EmptyGroup, "", "a share of nobody")
	}
	if c.X < 0 || c.X > c.N {
		return fault.New(stats.BadArgument, "", "%d of %d is no share", c.X, c.N)
	}
	return nil
}

func (c Counts) share() float64 { return float64(c.X) / float64(c.N) }

// Interval is an estimate with an interval and no test.
type Interval struct {
	Value float64 `json:"estimate"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// Kind names an interval of a risk difference.
type Kind string

// Intervals of a risk difference. MiettinenNurminen is the default of plans:
// score-based, never outside −1 … 1, and near its level in small groups.
const (
	MiettinenNurminen Kind = "Miettinen–Nurminen" // score, variance times N/(N−1)
	Mee               Kind = "Mee"                // score without that factor
	Newcombe          Kind = "Newcombe"           // from two Wilson intervals
	Wald              Kind = "Wald"
)

func level2(a, b Counts, level float64) (float64, error) {
	if err := a.check(); err != nil {
		return 0, err
	}
	if err := b.check(); err != nil {
		return 0, err
	}
	return stats.CheckLevel(level)
}

// RiskDifference is share a − share b with an interval of the kind asked for.
func RiskDifference(a, b Counts, kind Kind, level float64) (Interval, error) {
	level, err := level2(a, b, level)
	if err != nil {
		return Interval{}, err
	}
	z := dist.NormalQuantile(0.5 + level/2)
	p, q := a.share(), b.share()
	o := Interval{Value: p - q, Level: level}
	switch kind {
	case Wald:
		h := z * math.Sqrt(p*(1-p)/float64(a.N)+q*(1-q)/float64(b.N))
		if h == 0 {
			return Interval{}, fault.New(stats.NotEstimable, "", "Wald's interval has no width when both shares are 0 or 1").WithHint("use Miettinen–Nurminen")
		}
		o.Low, o.High = o.Value-h, o.Value+h
	case Newcombe:
		l1, u1 := wilson(a, z)
		l2, u2 := wilson(b, z)
		o.Low = o.Value - math.Sqrt((p-l1)*(p-l1)+(u2-q)*(u2-q))
		o.High = o.Value + math.Sqrt((u1-p)*(u1-p)+(q-l2)*(q-l2))
	case MiettinenNurminen, Mee:
		o.Low, o.High = scoreInterval(a, b, kind == MiettinenNurminen, z)
	default:
		return Interval{}, fault.New(stats.UnknownName, "kind", "%q is no interval of a risk difference", string(kind))
	}
	return o, nil
}

func wilson(c Counts, z float64) (low, high float64) {
	n, p := float64(c.N), c.share()
	mid, half, d := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)), 1+z*z/n
	low, high = (mid-half)/d, (mid+half)/d
	if c.X == 0 {
		low = 0
	}
	if c.X == c.N {
		high = 1
	}
	return low, high
}

// score is the standardised distance of the observed difference from d, with
// the variance at the maximum likelihood under p − q = d: the closed-form root
// of a cubic (Farrington and Manning 1990).
func score(a, b Counts, d float64, correct bool) float64 {
	n1, n2, x1, x2 := float64(a.N), float64(b.N), float64(a.X), float64(b.X)
	n := n1 + n2
	l3 := n
	l2 := (n1+2*n2)*d - n - (x1 + x2)
	l1 := (n2*d-n-2*x2)*d + (x1 + x2)
	l0 := x2 * d * (1 - d)
	c := l2*l2*l2/(27*l3*l3*l3) - l1*l2/(6*l3*l3) + l0/(2*l3)
	s := math.Sqrt(math.Max(0, l2*l2/(9*l3*l3)-l1/(3*l3)))
	s = math.Copysign(s, c)
	arg := 0.0
	if s != 0 {
		arg = math.Max(-1, math.Min(1, c/(s*s*s)))
	}
	r2 := 2*s*math.Cos((math.Pi+math.Acos(arg))/3) - l2/(3*l3)
	r1 := math.Max(0, math.Min(1, r2+d))
	r2 = math.Max(0, math.Min(1, r2))
	v := r1*(1-r1)/n1 + r2*(1-r2)/n2
	if correct {
		v *= n / (n - 1)
	}
	diff := x1/n1 - x2/n2 - d
	if v <= 0 {
		if diff == 0 {
			return 0
		}
		return math.Copysign(math.Inf(1), diff)
	}
	return diff / math.Sqrt(v)
}

func scoreInterval(a, b Counts, correct bool, z float64) (low, high float64) {
	e := a.share() - b.share()
	find := func(lo, hi, want float64) float64 {
		// The score falls as d rises.
		for range 200 {
			m := (lo + hi) / 2
			if m == lo || m == hi {
				break
			}
			if score(a, b, m, correct) > want {
				lo = m
			} else {
				hi = m
			}
		}
		return (lo + hi) / 2
	}
	low, high = -1, 1
	if score(a, b, -1+1e-12, correct) > z {
		low = find(-1, e, z)
	}
	if score(a, b, 1-1e-12, correct) < -z {
		high = find(e, 1, -z)
	}
	return low, high
}

// RiskRatio is share a / share b with the log-Wald interval. It is not estimable
// without events in both groups.
func RiskRatio(a, b Counts, level float64) (stats.Estimate, error) {
	level, err := level2(a, b, level)
	if err != nil {
		return stats.Estimate{}, err
	}
	if a.X == 0 || b.X == 0 {
		return stats.Estimate{}, fault.New(stats.NotEstimable, "", "a group has no event, so a ratio has no bounds").WithHint("give the risk difference")
	}
	se := math.Sqrt(1/float64(a.X) - 1/float64(a.N) + 1/float64(b.X) - 1/float64(b.N))
	return ratio("risk ratio", math.Log(a.share()/b.share()), se, level)
}

// OddsRatio is the odds of a over those of b with Woolf's interval.
func OddsRatio(a, b Counts, level float64) (stats.Estimate, error) {
	level, err := level2(a, b, level)
	if err != nil {
		return stats.Estimate{}, err
	}
	t := [4]float64{float64(a.X), float64(a.N - a.X), float64(b.X), float64(b.N - b.X)}
	var v float64
	for _, c := range t {
		if c == 0 {
			return stats.Estimate{}, fault.New(stats.NotEstimable, "", "a cell of the table is empty, so an odds ratio has no bounds")
		}
		v += 1 / c
	}
	return ratio("odds ratio", math.Log(t[0]*t[3]/(t[1]*t[2])), math.Sqrt(v), level)
}

// ratio turns a log ratio back; SE, Stat and P stay those of the logarithm.
func ratio(name string, l, se, level float64) (stats.Estimate, error) {
	if !(se > 0) {
		return stats.Estimate{}, fault.New(stats.NotEstimable, "", "everybody had the event, so the %s has no standard error", name)
	}
	e := stats.Z(name, l, se, level)
	e.Value, e.Low, e.High = math.Exp(e.Value), math.Exp(e.Low), math.Exp(e.High)
	return e, nil
}

// Exact is Fisher's test: given both margins, the two-sided p by small
// probability, and the mid-p, which counts the observed table half.
type Exact struct {
	P    float64 `json:"p"`
	MidP float64 `json:"mid_p"`
}

// Fisher tests equality of the shares exactly.
func Fisher(a, b Counts) (Exact, error) {
	if _, err := level2(a, b, 0); err != nil {
		return Exact{}, err
	}
	m := a.X + b.X
	lo, hi := max(0, m-b.N), min(a.N, m)
	logp := func(k int) float64 { return lchoose(a.N, k) + lchoose(b.N, m-k) - lchoose(a.N+b.N, m) }
	seen := math.Exp(logp(a.X))
	var e Exact
	var same float64
	for k := lo; k <= hi; k++ {
		p := math.Exp(logp(k))
		switch {
		case p < seen*(1-1e-7):
			e.P += p
		case p <= seen*(1+1e-7):
			same += p
		}
	}
	e.MidP = e.P + same/2
	e.P = math.Min(1, e.P+same)
	return e, nil
}

func lchoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// ChiSquared is Pearson's test without continuity correction.
func ChiSquared(a, b Counts) (stat, p float64, err error) {
	if _, err := level2(a, b, 0); err != nil {
		return 0, 0, err
	}
	n := float64(a.N + b.N)
	m := float64(a.X + b.X)
	if m == 0 || m == n {
		return 0, 0, fault.New(stats.Constant, "", "everybody or nobody had the event")
	}
	d := float64(a.X)*float64(b.N-b.X) - float64(a.N-a.X)*float64(b.X)
	stat = n * d * d / (m * (n - m) * float64(a.N) * float64(b.N))
	return stat, dist.ChiSquaredUpper(stat, 1), nil
}
