// Package crossover compares two treatments within people: pairs, and the
// two-period two-sequence trial with its period and sequence effects.
//
// See doc/methods/crossover.md.
package crossover

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
)

// Paired is the mean difference within people with its one-sample t interval.
func Paired(a, b []float64, level float64) (stats.Estimate, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return stats.Estimate{}, err
	}
	if len(a) != len(b) {
		return stats.Estimate{}, fault.New(stats.Lengths, "", "%d values against %d", len(a), len(b))
	}
	if err := stats.Finite("first", a); err != nil {
		return stats.Estimate{}, err
	}
	if err := stats.Finite("second", b); err != nil {
		return stats.Estimate{}, err
	}
	d := make([]float64, len(a))
	size := 0.0
	for i := range a {
		d[i] = a[i] - b[i]
		size = math.Max(size, math.Max(math.Abs(a[i]), math.Abs(b[i])))
	}
	if len(d) < 2 {
		return stats.Estimate{}, fault.New(stats.TooFew, "", "%d pairs are too few", len(d))
	}
	m, ss := moments(d)
	n := float64(len(d))
	se := math.Sqrt(ss / (n - 1) / n)
	if !(se > 1e-13*size) {
		return stats.Estimate{}, fault.New(stats.Constant, "", "all differences are the same")
	}
	return stats.T("difference", m, se, n-1, level), nil
}

// moments gives the mean and the sum of squares about it. The values are
// summed in order of size, so the order of people leaves no trace.
func moments(x []float64) (mean, ss float64) {
	v := slices.Sorted(slices.Values(x))
	for _, d := range v {
		mean += d
	}
	mean /= float64(len(v))
	for _, d := range v {
		ss += (d - mean) * (d - mean)
	}
	return mean, ss
}

// Person is one participant of a two-period trial. A period without an outcome
// is nil.
type Person struct {
	First    string // treatment of the first period; the other is of the second
	Outcomes [2]*float64
}

// Result of a two-period crossover, A being the first treatment named.
type Result struct {
	Treatment stats.Estimate // A − B, adjusted for period
	Period    stats.Estimate // second − first, adjusted for treatment
	Sequence  stats.Estimate // mean of a person's outcomes, A first − B first: what carry-over would show as
	Complete  int            // people with both periods, on whom all this rests
	AFirst    int
	BFirst    int
	Partial   int // people with one period only: not used here
	Empty     int // people with none
}

// Analyse compares treatments a and b over people with both periods (Hills and
// Armitage 1979): the difference between periods is a two-sample problem
// between the sequences,
//
//	A − B  = ½·(mean d of A first − mean d of B first),  d = period 1 − period 2
//	2 − 1  = −½·(mean d of A first + mean d of B first)
//
// on n−2 degrees of freedom. With complete pairs it is the mixed model with a
// random person; people with one period add to that model and not to this one.
//
// The sequence effect is reported and never decides what to do next: testing
// for carry-over first and then choosing the analysis is biased (Freeman 1989).
//
// Faults: stats-unknown-name (a treatment that is neither), stats-not-finite,
// stats-empty-group (no complete person in a sequence), stats-too-few,
// stats-constant.
func Analyse(people []Person, a, b string, level float64) (Result, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Result{}, err
	}
	var r Result
	var diff, sum [2][]float64 // by sequence: A first, B first
	size := 0.0
	for i, p := range people {
		s := 0
		switch p.First {
		case a:
		case b:
			s = 1
		default:
			return Result{}, fault.New(stats.UnknownName, "", "person %d begins with %q, which is neither %q nor %q", i+1, p.First, a, b)
		}
		for _, v := range p.Outcomes {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				return Result{}, fault.New(stats.NotFinite, "", "person %d has an outcome of %v", i+1, *v)
			}
		}
		switch {
		case p.Outcomes[0] == nil && p.Outcomes[1] == nil:
			r.Empty++
			continue
		case p.Outcomes[0] == nil || p.Outcomes[1] == nil:
			r.Partial++
			continue
		}
		y1, y2 := *p.Outcomes[0], *p.Outcomes[1]
		size = math.Max(size, math.Max(math.Abs(y1), math.Abs(y2)))
		diff[s] = append(diff[s], y1-y2)
		sum[s] = append(sum[s], (y1+y2)/2)
	}
	r.AFirst, r.BFirst = len(diff[0]), len(diff[1])
	r.Complete = r.AFirst + r.BFirst
	if r.AFirst == 0 || r.BFirst == 0 {
		return Result{}, fault.New(stats.EmptyGroup, "", "%d complete people had %s first and %d had %s first: both orders are needed to tell treatment from period", r.AFirst, a, r.BFirst, b)
	}
	if r.Complete < 3 {
		return Result{}, fault.New(stats.TooFew, "", "%d complete people leave no degrees of freedom", r.Complete)
	}
	df := float64(r.Complete - 2)
	mult := math.Sqrt(1/float64(r.AFirst) + 1/float64(r.BFirst))
	ma, mb, s := pooled(diff)
	if !(s > 1e-13*size) {
		return Result{}, fault.New(stats.Constant, "", "the differences between periods do not vary")
	}
	r.Treatment = stats.T(a+" − "+b, (ma-mb)/2, s*mult/2, df, level)
	r.Period = stats.T("period 2 − period 1", -(ma+mb)/2, s*mult/2, df, level)
	ma, mb, s = pooled(sum)
	if !(s > 1e-13*size) {
		return Result{}, fault.New(stats.Constant, "", "people do not vary")
	}
	r.Sequence = stats.T(a+" first − "+b+" first", ma-mb, s*mult, df, level)
	return r, nil
}

// pooled gives the two means and the common standard deviation.
func pooled(x [2][]float64) (a, b, sd float64) {
	ma, sa := moments(x[0])
	mb, sb := moments(x[1])
	return ma, mb, math.Sqrt((sa + sb) / float64(len(x[0])+len(x[1])-2))
}
