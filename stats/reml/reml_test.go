package reml

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// A narrow curved valley with its end at (1, 1), from several starts; and a
// criterion that exists only to one side of a wall near its minimum.
func TestNewton(t *testing.T) {
	valley := func(x []float64, _ bool) (Value, bool) {
		a, b := x[0], x[1]
		return Value{
			F:        (1-a)*(1-a) + 100*(b-a*a)*(b-a*a),
			Gradient: []float64{-2*(1-a) - 400*a*(b-a*a), 200 * (b - a*a)},
			Hessian:  dense.FromRows([][]float64{{2 - 400*b + 1200*a*a, -400 * a}, {-400 * a, 200}}),
			Expected: dense.FromRows([][]float64{{2 + 800*a*a, -400 * a}, {-400 * a, 200}}),
		}, true
	}
	for _, start := range [][]float64{{-1.2, 1}, {2, -3}, {0, 0}, {10, 10}} {
		o := Newton(valley, start)
		if !o.Converged || math.Abs(o.X[0]-1) > 1e-7 || math.Abs(o.X[1]-1) > 1e-7 {
			t.Errorf("from %v to %v, converged %v after %d steps: %s", start, o.X, o.Converged, len(o.History), o.Reason)
		}
	}
	wall := func(x []float64, _ bool) (Value, bool) {
		if x[0] <= 0 {
			return Value{}, false
		}
		h := dense.New(1, 1)
		h.A[0] = 0.01 / (x[0] * x[0])
		return Value{F: x[0] - 0.01*math.Log(x[0]), Gradient: []float64{1 - 0.01/x[0]}, Hessian: h, Expected: h}, true
	}
	if o := Newton(wall, []float64{5}); !o.Converged || math.Abs(o.X[0]-0.01) > 1e-9 {
		t.Errorf("at the wall: %v, %v, %s", o.X, o.Converged, o.Reason)
	}
	if o := Newton(wall, []float64{-1}); o.Converged {
		t.Error("a start outside the domain converged")
	}
	down := func(x []float64, _ bool) (Value, bool) {
		h := dense.New(1, 1)
		h.A[0] = 1e-9
		return Value{F: -x[0], Gradient: []float64{-1}, Hessian: h, Expected: h}, true
	}
	if o := Newton(down, []float64{0}); o.Converged || o.Reason == "" {
		t.Error("a criterion without a minimum converged")
	}
}

// inference is made up: positive definite where it must be.
func inference(seed uint64) *Inference {
	r := rand.New(rand.NewPCG(seed, 61))
	p, k := 4, 3
	definite := func(n int) dense.Matrix {
		x := dense.New(n+2, n)
		for i := range x.A {
			x.A[i] = r.NormFloat64()
		}
		return x.T().Mul(x)
	}
	f := &Inference{Phi: definite(p), V: definite(k), VExp: definite(k), Level: 0.95, REML: true}
	for i := range f.V.A {
		f.V.A[i] *= 1e-6
		f.VExp.A[i] *= 1e-6
	}
	for range k {
		m := definite(p)
		for i := range m.A {
			m.A[i] = -m.A[i]
		}
		f.P = append(f.P, m)
	}
	for range p {
		f.Beta = append(f.Beta, r.NormFloat64())
	}
	f.Contract = func(v dense.Matrix) dense.Matrix {
		out := dense.New(p, p)
		for i := range k {
			for j := range k {
				out.AddScaled(v.At(i, j), f.P[i].Mul(f.Phi).Mul(f.P[j]))
			}
		}
		return out
	}
	return f
}

// One row tested jointly is the square of its t, by every method; mixing the
// rows of a test, or scaling them, leaves F, and Kenward and Roger's degrees of
// freedom.
func TestJointTests(t *testing.T) {
	for seed := range uint64(10) {
		f := inference(seed)
		l := []float64{1, -1, 0.5, 0}
		for _, m := range []Method{Satterthwaite, KenwardRoger, KenwardRogerExpected} {
			e, err := f.Contrast("", l, m)
			if err != nil {
				t.Fatal(err)
			}
			j, err := f.Test("", dense.FromRows([][]float64{l}), m)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(j.F/(e.Stat*e.Stat)-1) > 1e-8 || math.Abs(j.DF2/(*e.DF)-1) > 1e-8 {
				t.Errorf("%s: F %g on %g, t² %g on %g", m, j.F, j.DF2, e.Stat*e.Stat, *e.DF)
			}
			a, err := f.Test("", dense.FromRows([][]float64{{1, 0, 0, 0}, {0, 1, 0, 0}}), m)
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.Test("", dense.FromRows([][]float64{{3, 1, 0, 0}, {-2, 5, 0, 0}}), m)
			if err != nil {
				t.Fatal(err)
			}
			// Fai and Cornelius's degrees of freedom do depend on the rows.
			if math.Abs(a.F/b.F-1) > 1e-7 || (m != Satterthwaite && math.Abs(a.DF2/b.DF2-1) > 1e-7) {
				t.Errorf("%s: %+v, mixed %+v", m, a, b)
			}
		}
		// With Q = PΦP the correction vanishes.
		if d := f.Adjusted(KenwardRoger).At(0, 0) - f.Phi.At(0, 0); math.Abs(d) > 1e-10 {
			t.Errorf("a correction of %g where there is none", d)
		}
	}
}

func TestFaults(t *testing.T) {
	f := inference(1)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := f.Contrast("", []float64{1}, Satterthwaite)
	code("short", err, stats.Lengths)
	_, err = f.Contrast("", []float64{0, 0, 0, 0}, Satterthwaite)
	code("nothing", err, stats.BadArgument)
	_, err = f.Contrast("", []float64{1, math.NaN(), 0, 0}, Satterthwaite)
	code("NaN", err, stats.NotFinite)
	_, err = f.Test("", dense.FromRows([][]float64{{1, 0, 0, 0}, {2, 0, 0, 0}}), KenwardRoger)
	code("the same twice", err, stats.Collinear)
	_, err = f.Test("", dense.Matrix{}, KenwardRoger)
	code("no rows", err, stats.Lengths)
	f.REML = false
	_, err = f.Contrast("", []float64{1, 0, 0, 0}, KenwardRoger)
	code("Kenward–Roger by ML", err, stats.BadArgument)
	f.V = dense.New(3, 3)
	_, err = f.Contrast("", []float64{1, 0, 0, 0}, Satterthwaite)
	code("no information", err, stats.NotEstimable)
}
