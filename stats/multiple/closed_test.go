package multiple

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dvala/stats/dist"
)

// simesClosure is Hommel's procedure by its definition: every one of the 2ⁿ−1
// intersections is tested by Simes.
func simesClosure(p []float64) []float64 {
	out := make([]float64, len(p))
	for set := 1; set < 1<<len(p); set++ {
		var in []float64
		for i, v := range p {
			if set>>i&1 == 1 {
				in = append(in, v)
			}
		}
		simes := 1.0
		for r, i := range order(in) {
			simes = math.Min(simes, float64(len(in))*in[i]/float64(r+1))
		}
		for i := range p {
			if set>>i&1 == 1 {
				out[i] = math.Max(out[i], simes)
			}
		}
	}
	return out
}

func TestHommelIsTheClosure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, rapid.IntRange(1, 9).Draw(t, "n"))
		if rapid.Bool().Draw(t, "small") {
			for i := range p {
				p[i] *= 0.1
			}
		}
		got, err := Hommel(p)
		if err != nil {
			t.Fatal(err)
		}
		if want := simesClosure(p); !same(got, want, 1e-14) {
			t.Fatalf("%v: %v, want %v", p, got, want)
		}
		hoch, _ := Hochberg(p)
		bon, _ := Bonferroni(p)
		sidak, _ := Sidak(p)
		step, _ := HolmSidak(p)
		for i := range p {
			if got[i] > hoch[i]+1e-15 || sidak[i] > bon[i]+1e-15 || step[i] > sidak[i]+1e-15 {
				t.Fatalf("order violated at %d", i)
			}
		}
	})
}

// Dunnett 1964's two-sided 5 % points (those of 1955 are approximate beyond two
// arms): 2 arms on 60 df 2.27, 3 on 20 df 2.54, 5 on ∞ df 2.51, groups of one size.
func TestDunnettPublished(t *testing.T) {
	for _, c := range []struct {
		arms  int
		df, t float64
	}{{2, 60, 2.27}, {3, 20, 2.54}, {5, math.Inf(1), 2.51}} {
		n := []int{10}
		var x []float64
		for range c.arms {
			n, x = append(n, 10), append(x, c.t)
		}
		p, err := Dunnett(x, n, c.df)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(p[0]-0.05) > 0.0007 { // half a unit in the table's last digit
			t.Errorf("%d arms on %v df at %v: p %.5f", c.arms, c.df, c.t, p[0])
		}
	}
}

func TestDunnett(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 3).Draw(t, "arms")
		df := rapid.Float64Range(2, 300).Draw(t, "df")
		n := []int{rapid.IntRange(2, 90).Draw(t, "n0")}
		var x []float64
		for range m {
			n = append(n, rapid.IntRange(2, 90).Draw(t, "n"))
			x = append(x, rapid.Float64Range(-6, 6).Draw(t, "t"))
		}
		p, err := Dunnett(x, n, df)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range x {
			one := dist.TTwoSided(v, df)
			if p[i] < one*(1-1e-10) || p[i] > float64(m)*one*(1+1e-10) {
				t.Fatalf("p %g is outside %g and %d times that", p[i], one, m)
			}
			if m == 1 && math.Abs(p[i]-one) > 1e-11*one {
				t.Fatalf("one arm: %.15g, and Student's is %.15g", p[i], one)
			}
		}
		swapped := append([]int(nil), n...)
		swapped[1], swapped[m] = n[m], n[1]
		y := append([]float64(nil), x...)
		y[0], y[m-1] = x[m-1], x[0]
		q, err := Dunnett(y, swapped, df)
		if err != nil || math.Abs(q[0]-p[m-1]) > 1e-12 {
			t.Fatalf("order of arms: %v, %v", q, err)
		}
	})
}

func TestDunnettFaults(t *testing.T) {
	for _, c := range []struct {
		t  []float64
		n  []int
		df float64
	}{
		{nil, []int{4}, 9},
		{[]float64{1}, []int{4}, 9},
		{[]float64{math.NaN()}, []int{4, 4}, 9},
		{[]float64{1}, []int{0, 4}, 9},
		{[]float64{1}, []int{4, 4}, 0},
		{[]float64{1}, []int{4, 4}, math.NaN()},
	} {
		if p, err := Dunnett(c.t, c.n, c.df); err == nil {
			t.Errorf("%v was adjusted to %v", c, p)
		}
	}
}
