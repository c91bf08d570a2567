package resample

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/dist"
	"pgregory.net/rapid"
)

// blocks of four, as a trial might have used.
func blocks(r *rand.Rand, arm []int) {
	for i := 0; i < len(arm); i += 4 {
		b := [4]int{0, 0, 1, 1}
		r.Shuffle(4, func(i, j int) { b[i], b[j] = b[j], b[i] })
		copy(arm[i:], b[:])
	}
}

func trial(seed uint64, n int, effect float64) (x dense.Matrix, y []float64, arm []int) {
	r := Stream(seed, 77)
	x, arm = dense.New(n, 3), make([]int, n)
	blocks(r, arm)
	for i := range n {
		b := r.NormFloat64()
		x.Set(i, 0, 1)
		x.Set(i, 1, b)
		x.Set(i, 2, float64(i%2))
		y = append(y, 0.6*b+effect*float64(arm[i])+r.NormFloat64())
	}
	return x, y, arm
}

// The same seed gives the same draws on any number of workers; units of the
// outcome and the name of the arms do not matter.
func TestRerandomise(t *testing.T) {
	x, y, arm := trial(1, 48, 1)
	want, err := Rerandomise(x, y, arm, blocks, 3000, 5)
	if err != nil {
		t.Fatal(err)
	}
	old := runtime.GOMAXPROCS(1)
	got, err := Rerandomise(x, y, arm, blocks, 3000, 5)
	runtime.GOMAXPROCS(old)
	if err != nil || got != want {
		t.Errorf("one worker gives %+v, several %+v (%v)", got, want, err)
	}
	z := make([]float64, len(y))
	other := make([]int, len(arm))
	for i := range y {
		z[i], other[i] = 100-60*y[i], 1-arm[i]
	}
	got, _ = Rerandomise(x, z, arm, blocks, 3000, 5)
	if got.Extreme != want.Extreme || math.Abs(got.Observed+60*want.Observed) > 1e-9 {
		t.Errorf("in other units %+v, before %+v", got, want)
	}
	got, _ = Rerandomise(x, y, other, blocks, 3000, 5)
	if got.Extreme != want.Extreme {
		t.Errorf("with arms swapped %d were extreme, before %d", got.Extreme, want.Extreme)
	}
	if want.P > 0.05 {
		t.Errorf("an effect of one standard deviation has p = %g", want.P)
	}
}

// Under the null p is uniform: over 300 trials no more are below 5 % than
// chance allows (99.99 % of the binomial).
func TestNullIsUniform(t *testing.T) {
	if testing.Short() {
		t.Skip("300 trials")
	}
	low := 0
	for seed := range uint64(300) {
		x, y, arm := trial(seed+100, 24, 0)
		r, err := Rerandomise(x, y, arm, blocks, 199, seed)
		if err != nil {
			t.Fatal(err)
		}
		if r.P <= 0.05 {
			low++
		}
	}
	if low > 31 || low < 3 {
		t.Errorf("%d of 300 null trials have p ≤ 0.05", low)
	}
}

// By hand: {1,2} against {3,4,5}: of ten arrangements two are as far apart.
func TestExactByHand(t *testing.T) {
	r, err := RankSum([]float64{1, 2}, []float64{3, 4, 5})
	if err != nil || math.Abs(r.P-0.2) > 1e-15 || r.Observed != 3 {
		t.Errorf("rank sum %+v, %v", r, err)
	}
	b, err := ExactBlocks([]float64{1, 2, 3, 4, 5}, []int{1, 1, 0, 0, 0}, make([]int, 5))
	if err != nil || b.Extreme != 2 || b.B != 10 {
		t.Errorf("permutation %+v, %v", b, err)
	}
	s, err := SignedRank([]float64{1, 2, 3, -0.5, 0})
	if err != nil || math.Abs(s.P-4.0/16) > 1e-15 {
		t.Errorf("signed rank %+v, %v", s, err)
	}
}

// Counting and listing agree, ties and all.
func TestRankSumIsPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.IntRange(0, 6), 4, 11).Draw(t, "v")
		n := rapid.IntRange(1, len(v)-1).Draw(t, "n")
		var x, y []float64
		all := make([]float64, len(v))
		arm := make([]int, len(v))
		for i, k := range v {
			all[i] = float64(k)
			if i < n {
				x, arm[i] = append(x, all[i]), 1
			} else {
				y = append(y, all[i])
			}
		}
		a, err := RankSum(x, y)
		if err != nil {
			t.Fatal(err)
		}
		ranks := make([]float64, len(v))
		for i, r := range doubledRanks(all) {
			ranks[i] = float64(r)
		}
		b, err := ExactBlocks(ranks, arm, make([]int, len(v)))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.P-b.P) > 1e-12 {
			t.Fatalf("counted %g, listed %g", a.P, b.P)
		}
	})
}

// For a mean of many values every interval approaches the textbook one.
func TestBootstrapOfMean(t *testing.T) {
	r := Stream(3, 3)
	n := 400
	v := make([]float64, n)
	for i := range v {
		v[i] = 10 + r.NormFloat64()
	}
	mean := func(idx []int) float64 {
		var s float64
		for _, i := range idx {
			s += v[i]
		}
		return s / float64(len(idx))
	}
	b, err := Bootstrap(n, nil, mean, 4000, 9, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	half := dist.NormalQuantile(0.975) / 20
	for name, ci := range map[string][2]float64{"BCa": b.BCa, "percentile": b.Percentile, "basic": b.Basic, "normal": b.Normal} {
		if math.Abs(ci[0]-(b.Estimate-half)) > 0.02 || math.Abs(ci[1]-(b.Estimate+half)) > 0.02 {
			t.Errorf("%s: %v about %g", name, ci, b.Estimate)
		}
	}
	again, _ := Bootstrap(n, nil, mean, 4000, 9, 0.95)
	if again.BCa != b.BCa {
		t.Error("the same seed gave another interval")
	}
}

func TestFaults(t *testing.T) {
	x, y, arm := trial(1, 24, 0)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := Rerandomise(x, y, make([]int, 24), blocks, 99, 1)
	code("one arm", err, stats.EmptyGroup)
	_, err = Rerandomise(x, make([]float64, 24), arm, blocks, 99, 1)
	code("constant", err, stats.Constant)
	_, err = Rerandomise(x, y[1:], arm, blocks, 99, 1)
	code("short", err, stats.Lengths)
	byArm := x.Clone()
	for i, a := range arm {
		byArm.Set(i, 2, float64(a))
	}
	_, err = Rerandomise(byArm, y, arm, blocks, 99, 1)
	code("arm among the covariates", err, stats.Collinear)
	_, err = ExactBlocks(make([]float64, 60), append(make([]int, 30), ones(30)...), make([]int, 60))
	code("too many", err, stats.BadArgument)
	_, err = ExactBlocks([]float64{1, 2}, []int{1, 0}, []int{1, 2})
	code("blocks of one", err, stats.EmptyGroup)
	_, err = SignedRank([]float64{0, 0})
	code("zeros", err, stats.Constant)
	_, err = RankSum(nil, []float64{1})
	code("nobody", err, stats.EmptyGroup)
	_, err = Bootstrap(10, nil, func([]int) float64 { return 1 }, 199, 1, 0)
	code("constant statistic", err, stats.Constant)
	_, err = Bootstrap(10, nil, func(i []int) float64 { return math.NaN() }, 199, 1, 0)
	code("no number", err, stats.NotFinite)
	_, err = Bootstrap(2, nil, func([]int) float64 { return 1 }, 199, 1, 0)
	code("two people", err, stats.TooFew)
}

func ones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

func BenchmarkRerandomise10000of48(b *testing.B) {
	x, y, arm := trial(1, 48, 0.5)
	for b.Loop() {
		if _, err := Rerandomise(x, y, arm, blocks, 10000, 1); err != nil {
			b.Fatal(err)
		}
	}
}
