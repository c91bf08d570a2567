package summary

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// R: quantile(1:10, c(.25,.5,.75), type=2) is 3, 5.5, 8; of 1:9 it is 3, 5, 7.
func TestQuartiles(t *testing.T) {
	for n, want := range map[int][3]float64{10: {3, 5.5, 8}, 9: {3, 5, 7}, 1: {1, 1, 1}, 4: {1.5, 2.5, 3.5}} {
		var x []float64
		for i := n; i >= 1; i-- {
			x = append(x, float64(i))
		}
		s, ok, err := Describe(x, 2)
		if err != nil || !ok {
			t.Fatal(err)
		}
		if got := [3]float64{s.Q1, s.Median, s.Q3}; got != want {
			t.Errorf("1…%d: %v, want %v", n, got, want)
		}
		if (s.SD == nil) != (n == 1) {
			t.Errorf("1…%d: sd is %v", n, s.SD)
		}
	}
	if _, ok, err := Describe(nil, 3); ok || err != nil {
		t.Errorf("nothing was described: %v", err)
	}
}

// R: binom.test(0, 40), binom.test(7, 40); poisson by qchisq.
func TestExactIntervals(t *testing.T) {
	for _, c := range []struct {
		x, n      int
		low, high float64
	}{{0, 40, 0, 0.0880973028788024}, {7, 40, 0.0733827293520852, 0.327790133361586}, {40, 40, 1 - 0.0880973028788024, 1}} {
		s, err := ExactShare(c.x, c.n, 0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(s.Low-c.low) > 1e-12 || math.Abs(s.High-c.high) > 1e-12 {
			t.Errorf("%d of %d: %.15g to %.15g", c.x, c.n, s.Low, s.High)
		}
	}
}

func TestSharesMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 500).Draw(t, "n")
		x := rapid.IntRange(0, n).Draw(t, "x")
		for name, f := range map[string]func(int, int, float64) (Share, error){"exact": ExactShare, "Wilson": WilsonShare} {
			a, err := f(x, n, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := f(n-x, n, 0.9)
			if math.Abs(a.Low-(1-b.High)) > 1e-11 || a.Low > a.Value || a.High < a.Value || a.Low < 0 || a.High > 1 {
				t.Fatalf("%s %d of %d: %+v against %+v", name, x, n, a, b)
			}
		}
	})
}

func TestFaults(t *testing.T) {
	bad := 0
	for _, f := range []func() error{
		func() error { _, err := ExactShare(3, 2, 0); return err },
		func() error { _, err := ExactShare(0, 0, 0); return err },
		func() error { _, err := SMD([]float64{1}, []float64{1, 2}); return err },
		func() error { _, err := SMD([]float64{1, 1}, []float64{2, 2}); return err },
		func() error { _, err := SMDBinary(0, 5, 0, 6); return err },
		func() error { _, err := SMDCategories([]int{3, 0}, []int{0, 3}); return err },
		func() error { _, err := SMDCategories([]int{3}, []int{3}); return err },
		func() error { _, err := ExactRate(1, 0, 0); return err },
		func() error { _, _, err := Describe([]float64{math.Inf(1)}, 0); return err },
	} {
		if f() != nil {
			bad++
		}
	}
	if bad != 9 {
		t.Errorf("%d of 9 bad inputs were refused", bad)
	}
}
