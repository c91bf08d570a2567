package resample

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Statistic computes a number from people, given by index and perhaps
// repeatedly. It is called from several goroutines at once.
type Statistic func(people []int) float64

// Boot is a bootstrap of a statistic.
type Boot struct {
	Estimate     float64    `json:"estimate"`
	B            int        `json:"replicates"`
	Bias         float64    `json:"bias"`
	SE           float64    `json:"se"`
	Z0           float64    `json:"z0"`           // bias correction
	Acceleration float64    `json:"acceleration"` // from the jackknife
	Level        float64    `json:"level"`
	BCa          [2]float64 `json:"bca"`
	Percentile   [2]float64 `json:"percentile"`
	Basic        [2]float64 `json:"basic"`
	Normal       [2]float64 `json:"normal"` // bias-corrected
	Draws        []float64  `json:"-"`      // sorted
}

// Bootstrap resamples people with replacement within strata.
//
//	strata      a label per person; nil for one stratum
//	replicates  1999 or more for an interval
//
// Faults: stats-too-few, stats-argument, stats-not-finite (the statistic of some
// resample is no number: say, a resample with one value only), stats-constant.
func Bootstrap(n int, strata []int, f Statistic, replicates int, seed uint64, level float64) (Boot, error) {
	if strata == nil {
		strata = make([]int, n)
	}
	if len(strata) != n {
		return Boot{}, fault.New(stats.Lengths, "strata", "%d labels for %d people", len(strata), n)
	}
	members := map[int][]int{}
	for i, s := range strata {
		members[s] = append(members[s], i)
	}
	indices := func(r *rand.Rand, out []int) {
		for i, s := range strata {
			m := members[s]
			out[i] = m[r.IntN(len(m))]
		}
	}
	return bootstrap(n, f, replicates, level, func(b int, out []int) { indices(Stream(seed, b), out) })
}

// BootstrapFixed is Bootstrap over resamples given one by one.
func BootstrapFixed(n int, f Statistic, resamples [][]int, level float64) (Boot, error) {
	return bootstrap(n, f, len(resamples), level, func(b int, out []int) { copy(out, resamples[b]) })
}

func bootstrap(n int, f Statistic, replicates int, level float64, draw func(b int, out []int)) (Boot, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Boot{}, err
	}
	if n < 3 {
		return Boot{}, fault.New(stats.TooFew, "", "%d people are too few to resample", n)
	}
	if replicates < 99 {
		return Boot{}, fault.New(stats.BadArgument, "replicates", "%d are too few for an interval", replicates).WithHint("take 1999 or more")
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	o := Boot{Estimate: f(all), B: replicates, Level: level, Draws: make([]float64, replicates)}
	workers := min(runtime.GOMAXPROCS(0), 1+replicates/128)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			idx := make([]int, n)
			for b := w; b < replicates; b += workers {
				draw(b, idx)
				o.Draws[b] = f(idx)
			}
		})
	}
	wg.Wait()
	jack := make([]float64, n)
	for i := range n {
		jack[i] = f(append(append([]int(nil), all[:i]...), all[i+1:]...))
	}
	if err := stats.Finite("statistic", append(append([]float64{o.Estimate}, o.Draws...), jack...)); err != nil {
		return Boot{}, err
	}
	return o, o.intervals(jack)
}

// intervals forms all intervals; BCa after Efron 1987.
func (o *Boot) intervals(jack []float64) error {
	slices.Sort(o.Draws)
	var mean, ss, below float64
	for _, d := range o.Draws {
		mean += d
		if d < o.Estimate {
			below++
		}
		if d == o.Estimate {
			below += 0.5
		}
	}
	b := float64(o.B)
	mean /= b
	for _, d := range o.Draws {
		ss += (d - mean) * (d - mean)
	}
	o.Bias, o.SE = mean-o.Estimate, math.Sqrt(ss/(b-1))
	if !(o.SE > 1e-13*math.Abs(o.Estimate)) {
		return fault.New(stats.Constant, "statistic", "the statistic is the same in every resample")
	}
	if below == 0 || below == b {
		return fault.New(stats.NotEstimable, "statistic", "all resamples lie on one side of the estimate, so the bias cannot be corrected")
	}
	o.Z0 = dist.NormalQuantile(below / b)
	var jm, s2, s3 float64
	for _, v := range jack {
		jm += v / float64(len(jack))
	}
	for _, v := range jack {
		d := jm - v
		s2 += d * d
		s3 += d * d * d
	}
	if s2 > 0 {
		o.Acceleration = s3 / (6 * math.Pow(s2, 1.5))
	}
	a := (1 - o.Level) / 2
	for i, p := range []float64{a, 1 - a} {
		z := dist.NormalQuantile(p)
		q := o.quantile(p)
		o.Percentile[i] = q
		o.Basic[1-i] = 2*o.Estimate - q
		o.Normal[i] = o.Estimate - o.Bias + z*o.SE
		w := o.Z0 + z
		o.BCa[i] = o.quantile(dist.NormalCDF(o.Z0 + w/(1-o.Acceleration*w)))
	}
	return nil
}

// quantile interpolates between order statistics on the normal scale, as
// Davison and Hinkley 1997, eq. 5.8.
func (o *Boot) quantile(p float64) float64 {
	b := float64(o.B)
	k := math.Floor((b+1)*p + 1e-9)
	switch {
	case k <= 0:
		return o.Draws[0]
	case k >= b:
		return o.Draws[o.B-1]
	case math.Abs((b+1)*p-k) < 1e-9:
		return o.Draws[int(k)-1]
	}
	lo := dist.NormalQuantile(k / (b + 1))
	hi := dist.NormalQuantile((k + 1) / (b + 1))
	f := (dist.NormalQuantile(p) - lo) / (hi - lo)
	i := int(k) - 1
	return o.Draws[i] + f*(o.Draws[i+1]-o.Draws[i])
}
