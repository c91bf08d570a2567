package terms

import (
	"math"
	"slices"
	"testing"
)

func sample(t *testing.T) *Design {
	t.Helper()
	d, err := Build([]Variable{
		Numeric("bl", []float64{1, 2, 3, 6}),
		Factor("arm", []string{"p", "a", "p", "a"}, "p", "a"),
		FactorOf("site", []string{"x", "y", "z", "x"}),
	}, "bl", "arm", "site", "arm:site", "bl:arm")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestColumns(t *testing.T) {
	d := sample(t)
	want := []string{"(Intercept)", "bl", "arm=a", "site=y", "site=z", "arm=a:site=y", "arm=a:site=z", "bl:arm=a"}
	if !slices.Equal(d.Columns, want) {
		t.Errorf("columns %v", d.Columns)
	}
	if got, want := d.X.Row(1), []float64{1, 2, 1, 1, 0, 1, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("row 2 is %v, want %v", got, want)
	}
	a, b, err := d.Term("site")
	if err != nil || a != 3 || b != 5 {
		t.Errorf("site has columns %d to %d, %v", a, b, err)
	}
}

// By hand: at arm a, equal weights give each site a third and bl its mean of 3;
// observed margins give x a half.
func TestMeans(t *testing.T) {
	d := sample(t)
	for w, want := range map[Weights][]float64{
		Equal:    {1, 3, 1, 1. / 3, 1. / 3, 1. / 3, 1. / 3, 3},
		Observed: {1, 3, 1, 1. / 4, 1. / 4, 1. / 4, 1. / 4, 3},
	} {
		got, err := d.Mean(At{"arm": "a"}, w)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-15 {
				t.Errorf("%s: %v, want %v", w, got, want)
				break
			}
		}
	}
	got, err := d.Difference(At{"arm": "a", "bl": 2.0}, At{"arm": "p", "bl": 2.0}, Equal)
	if err != nil || got[0] != 0 || got[1] != 0 || got[2] != 1 || got[7] != 2 {
		t.Errorf("difference at bl = 2 is %v, %v", got, err)
	}
	// Stated shares: a site mix of the plan's own.
	got, err = d.Mean(At{"arm": "a", "site": map[string]float64{"x": 0.5, "y": 0.3, "z": 0.2}}, Equal)
	if err != nil || got[3] != 0.3 || got[4] != 0.2 || got[5] != 0.3 {
		t.Errorf("under stated shares %v, %v", got, err)
	}
	for _, at := range []At{{"site": map[string]float64{"x": 0.5}}, {"site": map[string]float64{"x": 0.5, "w": 0.5}}, {"bl": map[string]float64{"x": 1}}, {"site": map[string]float64{"x": -1, "y": 2}}, {"arm": "q"}, {"none": "a"}, {"bl": "x"}, {"bl": math.NaN()}} {
		if _, err := d.Mean(at, Equal); err == nil {
			t.Errorf("%v has a mean", at)
		}
	}
}

func TestBadTerms(t *testing.T) {
	v := []Variable{Numeric("x", []float64{1, 2, 3}), FactorOf("g", []string{"a", "b", "a"})}
	for _, names := range [][]string{{"z"}, {"x", "x"}, {"x:g"}, {"x", "g", "x:x"}, {"x", "g", "x:g", "g:x"}} {
		if _, err := Build(v, names...); err == nil {
			t.Errorf("%v made a design", names)
		}
	}
	if _, err := Build(nil); err == nil {
		t.Error("no variables made a design")
	}
	if _, err := Build([]Variable{Numeric("x", []float64{1, 2}), Numeric("y", []float64{1})}, "x"); err == nil {
		t.Error("columns of unequal length made a design")
	}
}
