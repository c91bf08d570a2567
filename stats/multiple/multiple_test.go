package multiple

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func same(a, b []float64, tol float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > tol {
			return false
		}
	}
	return true
}

// By R's p.adjust.
func TestAgainstR(t *testing.T) {
	p := []float64{0.01, 0.04, 0.03, 0.005, 0.03}
	for _, c := range []struct {
		name string
		f    func([]float64) ([]float64, error)
		want []float64
	}{
		{"Holm", Holm, []float64{0.04, 0.09, 0.09, 0.025, 0.09}},
		{"Hochberg", Hochberg, []float64{0.04, 0.04, 0.04, 0.025, 0.04}},
		{"BH", BenjaminiHochberg, []float64{0.025, 0.04, 0.0375, 0.025, 0.0375}},
	} {
		got, err := c.f(p)
		if err != nil {
			t.Fatal(err)
		}
		if !same(got, c.want, 1e-15) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func draw(t *rapid.T, n int) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0, 1), n, n).Draw(t, "p")
}

// Bonferroni ≥ Holm ≥ Hochberg ≥ BH ≥ p; Holm and a fixed sequence are graphs;
// and the order in which hypotheses are listed is of no account to Holm.
func TestProcedures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 8).Draw(t, "m")
		p := draw(t, m)
		bon, _ := Bonferroni(p)
		holm, _ := Holm(p)
		hoch, _ := Hochberg(p)
		bh, _ := BenjaminiHochberg(p)
		for i := range p {
			if bon[i] < holm[i] || holm[i] < hoch[i]-1e-15 || hoch[i] < bh[i]-1e-15 || bh[i] < p[i]-1e-15 {
				t.Fatalf("order violated at %d: %g %g %g %g %g", i, bon[i], holm[i], hoch[i], bh[i], p[i])
			}
		}
		g := Graph{}
		chain := Graph{}
		for i := range m {
			g.Weights = append(g.Weights, 1/float64(m))
			row, next := make([]float64, m), make([]float64, m)
			for j := range row {
				if j != i {
					row[j] = 1 / float64(m-1)
				}
			}
			if i+1 < m {
				next[i+1] = 1
			}
			g.Transition = append(g.Transition, row)
			chain.Transition = append(chain.Transition, next)
			chain.Weights = append(chain.Weights, 0)
		}
		chain.Weights[0] = 1
		r, err := g.Adjust(p)
		if err != nil {
			t.Fatal(err)
		}
		if !same(r.Adjusted, holm, 1e-12) {
			t.Fatalf("Holm's graph gives %v, Holm %v", r.Adjusted, holm)
		}
		r, err = chain.Adjust(p)
		if err != nil {
			t.Fatal(err)
		}
		fixed, _ := FixedSequence(p)
		if !same(r.Adjusted, fixed, 1e-15) {
			t.Fatalf("the chain gives %v, the fixed sequence %v", r.Adjusted, fixed)
		}
		back := make([]float64, m)
		for i := range p {
			back[m-1-i] = p[i]
		}
		hb, _ := Holm(back)
		for i := range p {
			if hb[m-1-i] != holm[i] {
				t.Fatal("Holm depends on the order of listing")
			}
		}
	})
}

func TestFaults(t *testing.T) {
	for _, p := range [][]float64{nil, {0.1, math.NaN()}, {-0.1}, {1.1}} {
		if _, err := Holm(p); err == nil {
			t.Errorf("%v was adjusted", p)
		}
	}
	for _, g := range []Graph{
		{},
		{Weights: []float64{0.6, 0.6}, Transition: [][]float64{{0, 1}, {1, 0}}},
		{Weights: []float64{0.5, 0.5}, Transition: [][]float64{{0.5, 0.5}, {1, 0}}},
		{Weights: []float64{0.5, 0.5}, Transition: [][]float64{{0, 1}}},
	} {
		if err := g.Check(); err == nil {
			t.Errorf("%v passed", g)
		}
	}
}
