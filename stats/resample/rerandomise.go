// Package resample answers by doing again: re-randomisation tests that replay
// the trial's own allocation, exact permutation tests, and the bootstrap.
//
// Replicate b draws from a stream of its own, made from the seed and b, so a
// result does not depend on the number of workers or their order. See
// doc/methods/resample.md.
package resample

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Stream gives the generator of replicate b under a seed.
func Stream(seed uint64, b int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(b)+1)) }

// Test is the outcome of a randomisation test.
type Test struct {
	Observed float64 `json:"observed"`
	Extreme  int     `json:"extreme"`    // replicates at least as far from zero as observed
	B        int     `json:"replicates"` // drawn, or all there are
	P        float64 `json:"p"`          // (Extreme+1)/(B+1) when drawn, Extreme/B when all
	NullSD   float64 `json:"null_sd"`    // spread of the statistic over replicates
	Exact    bool    `json:"exact"`
}

// Allocate fills arm with 0s and 1s as the trial's own randomisation would have
// done it: same people in the same order, same strata, same rule. It is called
// from several goroutines at once, each with its own r and arm.
type Allocate func(r *rand.Rand, arm []int)

// Rerandomise tests the null that nobody's outcome depended on the arm, by the
// coefficient of the arm in an analysis of covariance:
//
//	y = Xβ + τ·arm + e
//
// x has an intercept and the covariates but not the arm; arm holds the observed
// 0s and 1s. By Frisch and Waugh τ is (arm'e)/(arm'Q·arm) with e the residual of
// y on X and Q the projection off X, so a replicate costs n·p.
//
// Replicates in which all got one arm, or an arm that X explains wholly, have
// no statistic; they count as extreme, which can only raise p.
//
// Faults: stats-lengths, stats-not-finite, stats-argument, stats-empty-group,
// stats-collinear, stats-constant.
func Rerandomise(x dense.Matrix, y []float64, arm []int, allocate Allocate, replicates int, seed uint64) (Test, error) {
	if replicates < 1 {
		return Test{}, fault.New(stats.BadArgument, "replicates", "%d is not a number of replicates", replicates)
	}
	s, err := newScore(x, y, arm)
	if err != nil {
		return Test{}, err
	}
	draws := make([]float64, replicates)
	workers := min(runtime.GOMAXPROCS(0), 1+replicates/256)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			pcg := rand.NewPCG(0, 0)
			r := rand.New(pcg)
			a := make([]int, len(arm))
			scratch := make([]float64, x.C)
			for b := w; b < replicates; b += workers {
				pcg.Seed(seed, uint64(b)+1)
				allocate(r, a)
				draws[b] = s.effect(a, scratch)
			}
		})
	}
	wg.Wait()
	observed := s.effect(arm, make([]float64, x.C))
	return tally(observed, draws), nil
}

// RerandomiseFixed is Rerandomise over allocations given one by one.
func RerandomiseFixed(x dense.Matrix, y []float64, arm []int, allocations [][]int) (Test, error) {
	s, err := newScore(x, y, arm)
	if err != nil {
		return Test{}, err
	}
	draws := make([]float64, len(allocations))
	scratch := make([]float64, x.C)
	for b, a := range allocations {
		if len(a) != len(arm) {
			return Test{}, fault.New(stats.Lengths, "", "allocation %d is of %d people, not %d", b+1, len(a), len(arm))
		}
		draws[b] = s.effect(a, scratch)
	}
	return tally(s.effect(arm, scratch), draws), nil
}

// score computes the statistic for any allocation.
type score struct {
	q dense.Matrix // orthonormal basis of X, n×p
	e []float64    // residual of y on X
}

func newScore(x dense.Matrix, y []float64, arm []int) (*score, error) {
	if len(y) != x.R || len(arm) != x.R {
		return nil, fault.New(stats.Lengths, "", "%d outcomes and %d arms for %d rows", len(y), len(arm), x.R)
	}
	if err := stats.Finite("outcome", y); err != nil {
		return nil, err
	}
	ones := 0
	for i, a := range arm {
		if a != 0 && a != 1 {
			return nil, fault.New(stats.BadArgument, "arm", "row %d has the arm %d, not 0 or 1", i+1, a)
		}
		ones += a
	}
	if ones == 0 || ones == len(arm) {
		return nil, fault.New(stats.EmptyGroup, "arm", "all rows are of one arm")
	}
	if x.R <= x.C+1 {
		return nil, fault.New(stats.TooFew, "", "%d rows cannot support %d coefficients", x.R, x.C+1)
	}
	qr := dense.NewQR(x)
	if !qr.OK {
		return nil, fault.New(stats.Collinear, "", "column %d of the covariates is a combination of the ones before it", qr.Column+1)
	}
	_, rot := qr.Solve(y)
	s := &score{q: qr.Basis(), e: qr.Residual(rot)}
	var m float64
	for _, v := range y {
		m = math.Max(m, math.Abs(v))
	}
	if !(math.Sqrt(dense.Dot(s.e, s.e)) > 1e-13*m) {
		return nil, fault.New(stats.Constant, "outcome", "nothing varies that the covariates do not explain")
	}
	if math.IsInf(s.effect(arm, make([]float64, x.C)), 0) {
		return nil, fault.New(stats.Collinear, "arm", "the covariates tell the arm")
	}
	return s, nil
}

// effect is the adjusted difference; infinite where there is none.
func (s *score) effect(arm []int, scratch []float64) float64 {
	clear(scratch)
	p := s.q.C
	var n, ae float64
	for i, a := range arm {
		if a == 0 {
			continue
		}
		n++
		ae += s.e[i]
		for j, v := range s.q.A[i*p : (i+1)*p] {
			scratch[j] += v
		}
	}
	left := n - dense.Dot(scratch, scratch)
	if !(left > 1e-10*n) {
		return math.Inf(1)
	}
	return ae / left
}

// tally counts replicates at least as extreme, rounding apart.
func tally(observed float64, draws []float64) Test {
	t := Test{Observed: observed, B: len(draws)}
	var sum, ss, n float64
	for _, d := range draws {
		if math.Abs(d) >= math.Abs(observed)*(1-1e-12) {
			t.Extreme++
		}
		if !math.IsInf(d, 0) {
			sum += d
			n++
		}
	}
	for _, d := range draws {
		if !math.IsInf(d, 0) {
			ss += (d - sum/n) * (d - sum/n)
		}
	}
	if n > 1 {
		t.NullSD = math.Sqrt(ss / (n - 1))
	}
	t.P = float64(t.Extreme+1) / float64(t.B+1)
	return t
}
