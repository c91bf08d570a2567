package linear

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

func design(t testing.TB, vars []terms.Variable, names ...string) *terms.Design {
	t.Helper()
	d, err := terms.Build(vars, names...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// NIST StRD, Norris: certified to fifteen digits.
func TestNorris(t *testing.T) {
	x := []float64{0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5}
	y := []float64{0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2}
	f, err := Ordinary(design(t, []terms.Variable{terms.Numeric("x", x)}, "x"), y, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "intercept", f.Coefficients[0].Value, -0.262323073774029, 1e-12)
	near(t, "slope", f.Coefficients[1].Value, 1.00211681802045, 1e-13)
	near(t, "se intercept", f.Coefficients[0].SE, 0.232818234301152, 1e-12)
	near(t, "se slope", f.Coefficients[1].SE, 0.429796848199937e-03, 1e-12)
	near(t, "sigma", f.Sigma, 0.884796396144373, 1e-12)
	near(t, "R2", f.R2, 0.999993745883712, 1e-13)
}

// trial makes a small made-up trial.
func trial(seed uint64, n int) (bl []float64, site, arm []string, y []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		b := 17 + 3*r.NormFloat64()
		a := i % 2
		s := r.IntN(3)
		bl = append(bl, b)
		site = append(site, fmt.Sprint("s", s))
		arm = append(arm, fmt.Sprint(a))
		y = append(y, 3+0.6*b-2*float64(a)+float64(s)+3*r.NormFloat64())
	}
	return bl, site, arm, y
}

func effect(t *testing.T, bl []float64, site, arm []string, y []float64, e Errors) stats.Estimate {
	t.Helper()
	d := design(t, []terms.Variable{terms.Numeric("bl", bl), terms.FactorOf("site", site), terms.FactorOf("arm", arm)}, "bl", "site", "arm")
	f, err := Ordinary(d, y, Options{Errors: e})
	if err != nil {
		t.Fatal(err)
	}
	diff, err := f.Difference("arm", "1", "0", terms.Observed)
	if err != nil {
		t.Fatal(err)
	}
	return diff
}

// The order of rows and the names of sites change nothing; shifting or scaling
// the outcome does what it should; swapping the arms turns the sign.
func TestWhatMustNotChange(t *testing.T) {
	for seed := range uint64(20) {
		bl, site, arm, y := trial(seed, 60)
		for _, kind := range []Errors{Model, HC3} {
			base := effect(t, bl, site, arm, y, kind)
			perm := rand.New(rand.NewPCG(seed, 9)).Perm(len(y))
			pb, ps, pa, py := make([]float64, 60), make([]string, 60), make([]string, 60), make([]float64, 60)
			for i, k := range perm {
				pb[i], ps[i], pa[i], py[i] = bl[k], "z"+string("cab"[site[k][1]-'0']), arm[k], y[k]
			}
			got := effect(t, pb, ps, pa, py, kind)
			near(t, "shuffled", got.Value, base.Value, 1e-12)
			near(t, "shuffled se", got.SE, base.SE, 1e-12)
			near(t, "shuffled p", got.P, base.P, 1e-11)
			for i := range py {
				py[i] = 1000 + 10*py[i]
				pa[i] = map[string]string{"0": "1", "1": "0"}[pa[i]]
			}
			got = effect(t, pb, ps, pa, py, kind)
			near(t, "scaled and swapped", got.Value, -10*base.Value, 1e-10)
			near(t, "scaled se", got.SE, 10*base.SE, 1e-10)
		}
	}
}

func TestFaults(t *testing.T) {
	num := func(x ...float64) terms.Variable { return terms.Numeric("x", x) }
	for _, c := range []struct {
		name string
		code fault.Code
		vars []terms.Variable
		mod  []string
		y    []float64
	}{
		{"constant outcome", stats.Constant, []terms.Variable{num(1, 2, 3, 4)}, []string{"x"}, []float64{5, 5, 5, 5}},
		{"perfect fit", stats.Constant, []terms.Variable{num(1, 2, 3, 5)}, []string{"x"}, []float64{2, 4, 6, 10}},
		{"constant covariate", stats.Collinear, []terms.Variable{num(1, 1, 1, 1)}, []string{"x"}, []float64{1, 2, 3, 5}},
		{"two people", stats.TooFew, []terms.Variable{num(1, 2)}, []string{"x"}, []float64{1, 2}},
		{"NaN outcome", stats.NotFinite, []terms.Variable{num(1, 2, 3)}, []string{"x"}, []float64{1, math.NaN(), 2}},
		{"infinite covariate", stats.NotFinite, []terms.Variable{num(1, 2, math.Inf(1))}, []string{"x"}, []float64{1, 2, 4}},
		{"lengths", stats.Lengths, []terms.Variable{num(1, 2, 3)}, []string{"x"}, []float64{1, 2}},
		{"one arm empty", stats.EmptyGroup, []terms.Variable{terms.Factor("arm", []string{"a", "a", "a"}, "a", "b")}, []string{"arm"}, []float64{1, 2, 4}},
		{"unknown level", stats.UnknownName, []terms.Variable{terms.Factor("arm", []string{"a", "b", "c"}, "a", "b")}, []string{"arm"}, []float64{1, 2, 4}},
		{"unknown term", stats.UnknownName, []terms.Variable{num(1, 2, 3)}, []string{"z"}, []float64{1, 2, 4}},
		{"interaction alone", stats.BadArgument, []terms.Variable{num(1, 2, 3), terms.FactorOf("g", []string{"a", "b", "a"})}, []string{"x", "x:g"}, []float64{1, 2, 4}},
	} {
		d, err := terms.Build(c.vars, c.mod...)
		if err == nil {
			_, err = Ordinary(d, c.y, Options{})
		}
		var p *fault.Problem
		if !errors.As(err, &p) {
			t.Errorf("%s: %v is no fault", c.name, err)
		} else if p.Code != c.code {
			t.Errorf("%s: code %s, want %s", c.name, p.Code, c.code)
		}
	}
	d := design(t, []terms.Variable{terms.FactorOf("g", []string{"a", "a", "a", "b"})}, "g")
	if _, err := Ordinary(d, []float64{1, 2, 4, 3}, Options{Errors: HC3}); err == nil {
		t.Error("HC3 with a group of one gave an answer")
	}
	f, err := Ordinary(d, []float64{1, 2, 4, 3}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Contrast("nothing", []float64{0, 0}); err == nil {
		t.Error("a contrast of zeros gave an answer")
	}
	if _, err := f.Test("twice", dense.FromRows([][]float64{{0, 1}, {0, 2}})); err == nil {
		t.Error("a test of one thing twice gave an answer")
	}
}

func BenchmarkANCOVA80(b *testing.B) {
	bl, site, arm, y := trial(1, 80)
	d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.FactorOf("site", site), terms.FactorOf("arm", arm)}, "bl", "site", "arm")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Ordinary(d, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A baseline a million million from zero is the same baseline.
func TestFarFromZero(t *testing.T) {
	bl, site, arm, y := trial(4, 60)
	for i := range bl {
		bl[i] = math.Round(bl[i])
	}
	base := effect(t, bl, site, arm, y, HC3)
	for i := range bl {
		bl[i] += 1e12
	}
	got := effect(t, bl, site, arm, y, HC3)
	near(t, "effect", got.Value, base.Value, 1e-10)
	near(t, "its error", got.SE, base.SE, 1e-10)
}
