package complier

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/linear"
	"dvala/stats/terms"
)

func trial(seed uint64, n int, take float64) (x *terms.Design, y, taken, arm []float64) {
	r := rand.New(rand.NewPCG(seed, 41))
	bl := make([]float64, n)
	for i := range n {
		a, b, d := float64(i%2), r.NormFloat64(), 0.0
		if a == 1 && r.Float64() < take {
			d = 1
		}
		bl[i] = b
		y, taken, arm = append(y, b-2*d+r.NormFloat64()), append(taken, d), append(arm, a)
	}
	x, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl)}, "bl")
	if err != nil {
		panic(err)
	}
	return x, y, taken, arm
}

// If everybody takes what the arm says, compliers are everybody and the answer
// is least squares; if a share p takes it, the effect is the intention-to-treat
// effect over p.
func TestCompliance(t *testing.T) {
	x, y, taken, arm := trial(1, 60, 1)
	f, err := TwoStage(x, y, taken, arm, Model, 0)
	if err != nil {
		t.Fatal(err)
	}
	bl := make([]float64, 60)
	for i := range bl {
		bl[i] = x.X.At(i, 1)
	}
	d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Numeric("arm", arm)}, "bl", "arm")
	if err != nil {
		t.Fatal(err)
	}
	l, err := linear.Ordinary(d, y, linear.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(f.Effect.Value-l.Coefficients[2].Value) > 1e-12 || math.Abs(f.Effect.SE-l.Coefficients[2].SE) > 1e-12 {
		t.Errorf("full compliance: %v, least squares %v", f.Effect, l.Coefficients[2])
	}
	_, y, taken, arm = trial(2, 200, 0.6)
	var n, s, k [2]float64
	for i, a := range arm {
		n[int(a)]++
		s[int(a)] += y[i]
		k[int(a)] += taken[i]
	}
	w, err := Wald(y, taken, arm, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := (s[1]/n[1] - s[0]/n[0]) / (k[1] / n[1]); math.Abs(w.Value-want) > 1e-12 {
		t.Errorf("Wald %g, want %g", w.Value, want)
	}
}

func TestFaults(t *testing.T) {
	x, y, taken, arm := trial(1, 40, 0.7)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := TwoStage(x, y, make([]float64, 40), arm, Model, 0)
	code("nobody takes it", err, stats.NotEstimable)
	_, err = TwoStage(x, y, taken, make([]float64, 40), Model, 0)
	code("one arm", err, stats.EmptyGroup)
	_, err = TwoStage(x, y[1:], taken, arm, Model, 0)
	code("short", err, stats.Lengths)
	y[0] = math.NaN()
	_, err = TwoStage(x, y, taken, arm, Model, 0)
	code("NaN", err, stats.NotFinite)
	_, err = Wald(y, taken, arm, 0)
	code("NaN in Wald", err, stats.NotFinite)
	y[0] = 1
	_, err = Wald(y, make([]float64, 40), arm, 0)
	code("nobody takes it in Wald", err, stats.NotEstimable)
	_, yy, tt, aa := trial(9, 400, 0.03)
	xx, _, _, _ := trial(9, 400, 0.03)
	f, err := TwoStage(xx, yy, tt, aa, HC1, 0)
	if err != nil || !f.Weak {
		t.Errorf("three in a hundred take it: F = %v, weak %v, %v", f.FirstStageF, f.Weak, err)
	}
}

// A covariate counted from another origin and in another unit is the same
// covariate.
func TestFarFromZero(t *testing.T) {
	x, y, taken, arm := trial(5, 120, 0.7)
	base, err := TwoStage(x, y, taken, arm, HC1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ by, scale float64 }{{2026, 1}, {1e6, 1.0 / 4096}, {1e8, 8}} {
		bl := make([]float64, x.X.R)
		for i := range bl {
			bl[i] = c.by + c.scale*x.X.At(i, 1)
		}
		d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl)}, "bl")
		if err != nil {
			t.Fatal(err)
		}
		f, err := TwoStage(d, y, taken, arm, HC1, 0)
		if err != nil {
			t.Fatal(err)
		}
		tol := 1e-9 + 1e-15*c.by/c.scale // what adding it took from the covariate itself
		if math.Abs(f.Effect.Value-base.Effect.Value) > tol || math.Abs(f.Effect.SE-base.Effect.SE) > tol || math.Abs(f.FirstStageF/base.FirstStageF-1) > 1e3*tol {
			t.Errorf("shifted by %g: %+v, not %+v", c.by, f.Effect, base.Effect)
		}
		if math.Abs(f.Coefficients[1].Value*c.scale-base.Coefficients[1].Value) > tol || math.Abs(f.Coefficients[1].SE*c.scale-base.Coefficients[1].SE) > tol {
			t.Errorf("shifted by %g: %+v, not %+v", c.by, f.Coefficients[1], base.Coefficients[1])
		}
	}
}
