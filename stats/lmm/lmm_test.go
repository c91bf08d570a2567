package lmm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(math.Abs(want), 1e-6)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

type nights struct {
	bl, arm, night, y []float64
	person            []int
}

// simulate makes people with a random intercept and slope.
func simulate(seed uint64, people, n int, su, ss float64) nights {
	r := rand.New(rand.NewPCG(seed, 7))
	var d nights
	for k := range people {
		u, s := su*r.NormFloat64(), ss*r.NormFloat64()
		b := 380 + u + 10*r.NormFloat64()
		for t := range n {
			if r.Float64() < 0.1 {
				continue
			}
			a, x := float64(k%2), float64(t+1)
			d.bl, d.arm, d.night = append(d.bl, b), append(d.arm, a), append(d.night, x)
			d.person = append(d.person, k)
			d.y = append(d.y, 390+u+(1.5+s+0.8*a)*x+28*r.NormFloat64())
		}
	}
	return d
}

func (d nights) design(t testing.TB) *terms.Design {
	t.Helper()
	x, err := terms.Build([]terms.Variable{terms.Numeric("bl", d.bl), terms.Numeric("arm", d.arm), terms.Numeric("night", d.night)}, "bl", "arm", "night", "arm:night")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (d nights) fit(t testing.TB, o Options) *Fit {
	t.Helper()
	f, err := Random(d.design(t), d.y, d.person, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Ten people, two drugs: Student 1908 by R (lme4 polished by Newton).
func TestStudent(t *testing.T) {
	extra := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	drug, person := make([]float64, 20), make([]int, 20)
	for i := range drug {
		drug[i], person[i] = float64(i/10), i%10
	}
	d, err := terms.Build([]terms.Variable{terms.Numeric("drug", drug)}, "drug")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Random(d, extra, person, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effect", f.Coefficients[1].Value, 1.58, 1e-12)
	near(t, "se", f.Coefficients[1].SE, 0.388958723888395, 1e-10)
	near(t, "df", *f.Coefficients[1].DF, 9, 1e-8)
	near(t, "df of the mean", *f.Coefficients[0].DF, 11.0813898040776, 1e-8)
	near(t, "G", f.G.At(0, 0), 2.84833333333333, 1e-9)
	near(t, "sigma2", f.Sigma2, 0.756444444444444, 1e-9)
	near(t, "logLik", f.LogLik, -34.9779414613507, 1e-12)
}

// Shuffled rows, renumbered people, a shifted and scaled outcome, nights counted
// from another day: the estimates follow or stay.
func TestWhatMustNotChange(t *testing.T) {
	for seed := range uint64(5) {
		d := simulate(seed, 30, 14, 30, 2)
		o := func(d nights) Options { return Options{Slopes: []Slope{{"night", d.night}}} }
		base := d.fit(t, o(d))
		r := rand.New(rand.NewPCG(seed, 99))
		rows, ids := r.Perm(len(d.y)), r.Perm(30)
		var e nights
		for _, i := range rows {
			e.bl, e.arm, e.night = append(e.bl, d.bl[i]), append(e.arm, d.arm[i]), append(e.night, d.night[i])
			e.person, e.y = append(e.person, ids[d.person[i]]), append(e.y, d.y[i])
		}
		got := e.fit(t, o(e))
		for j, c := range base.Coefficients {
			near(t, "shuffled "+c.Name, got.Coefficients[j].Value, c.Value, 1e-10)
			near(t, "shuffled se "+c.Name, got.Coefficients[j].SE, c.SE, 1e-10)
			near(t, "shuffled df "+c.Name, *got.Coefficients[j].DF, *c.DF, 1e-8)
		}
		for i := range e.y {
			e.y[i] = 1e5 + 60*e.y[i]
			e.night[i] += 20000
		}
		got = e.fit(t, o(e))
		a, b := base.Coefficients[4], got.Coefficients[4]
		near(t, "slope in seconds", b.Value, 60*a.Value, 1e-8)
		near(t, "its se", b.SE, 60*a.SE, 1e-8)
		near(t, "its df", *b.DF, *a.DF, 1e-6)
		near(t, "slope variance", got.G.At(1, 1), 3600*base.G.At(1, 1), 1e-6)
	}
}

// A covariate a million million from zero, in an interaction too, is the same
// covariate: adjusted means, differences and slopes keep their digits.
func TestFarFromZero(t *testing.T) {
	for _, shift := range []float64{1e6, 1e9, 1e12} {
		d := simulate(3, 40, 14, 30, 2)
		for i := range d.bl {
			d.bl[i] = math.Round(d.bl[i])
		}
		build := func(by float64) (*Fit, []float64) {
			bl, night := make([]float64, len(d.bl)), make([]float64, len(d.bl))
			for i := range bl {
				bl[i], night[i] = d.bl[i]+by, d.night[i]+by
			}
			x, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Numeric("arm", d.arm), terms.Numeric("night", night)}, "bl", "arm", "night", "arm:night")
			if err != nil {
				t.Fatal(err)
			}
			f, err := Random(x, d.y, d.person, Options{Slopes: []Slope{{"night", night}}, Method: reml.KenwardRoger})
			if err != nil {
				t.Fatalf("shifted by %g: %v", by, err)
			}
			l, err := x.Difference(terms.At{"arm": 1.0, "night": 7 + by}, terms.At{"arm": 0.0, "night": 7 + by}, terms.Observed)
			if err != nil {
				t.Fatal(err)
			}
			return f, l
		}
		near0, l0 := build(0)
		far, l1 := build(shift)
		near(t, "likelihood", far.LogLik, near0.LogLik, 1e-10)
		for _, j := range []int{1, 3, 4} { // bl, night, arm:night
			a, b := near0.Coefficients[j], far.Coefficients[j]
			near(t, a.Name, b.Value, a.Value, 1e-8)
			near(t, "se "+a.Name, b.SE, a.SE, 1e-8)
			near(t, "df "+a.Name, *b.DF, *a.DF, 1e-6)
		}
		a, err := near0.Contrast("", l0, reml.KenwardRoger)
		b, err2 := far.Contrast("", l1, reml.KenwardRoger)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		near(t, "difference", b.Value, a.Value, 1e-8)
		near(t, "its se", b.SE, a.SE, 1e-8)
		near(t, "its df", *b.DF, *a.DF, 1e-6)
		m0, err := near0.Mean("", terms.At{"arm": 1.0}, terms.Observed)
		m1, err2 := far.Mean("", terms.At{"arm": 1.0}, terms.Observed)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		near(t, "mean", m1.Value, m0.Value, 1e-4)
		near(t, "its se", m1.SE, m0.SE, 1e-4)
	}
}

// The analytic derivatives against differences of the criterion.
func TestDerivatives(t *testing.T) {
	d := simulate(4, 12, 9, 30, 2)
	sq := make([]float64, len(d.y))
	for i, x := range d.night {
		sq[i] = x * x / 10
	}
	for _, slopes := range [][][]float64{nil, {d.night}, {d.night, sq}} {
		for _, useREML := range []bool{true, false} {
			g, err := gather(d.design(t), d.y, d.person, slopes, true)
			if err != nil {
				t.Fatal(err)
			}
			w := startWorking(g, false, useREML)
			x := append([]float64(nil), w.start...)
			for i := range x {
				x[i] += 0.05 * float64(i+1)
			}
			v, _ := w.objective(x, true)
			for i := range x {
				h := 1e-5
				up, down := append([]float64(nil), x...), append([]float64(nil), x...)
				up[i] += h
				down[i] -= h
				a, _ := w.objective(up, true)
				b, _ := w.objective(down, true)
				near(t, fmt.Sprintf("q=%d gradient %d", g.q, i), v.Gradient[i], (a.F-b.F)/(2*h), 1e-5)
				for j := range x {
					near(t, fmt.Sprintf("q=%d hessian %d %d", g.q, i, j), v.Hessian.At(i, j)+100, (a.Gradient[j]-b.Gradient[j])/(2*h)+100, 1e-5)
				}
			}
		}
	}
}

// With no variance between people the fit sits on the boundary and says so; the
// fixed effects are then those of least squares.
func TestBoundary(t *testing.T) {
	singular := 0
	for seed := range uint64(12) {
		d := simulate(seed, 12, 10, 0, 0)
		f := d.fit(t, Options{Slopes: []Slope{{"night", d.night}}})
		if f.Singular {
			singular++
		}
		if v := f.G.At(0, 0)*f.G.At(1, 1) - f.G.At(0, 1)*f.G.At(1, 0); f.Singular && math.Abs(v) > 1e-6*f.Sigma2 {
			t.Errorf("seed %d: flagged singular, but |G| is %g", seed, v)
		}
		if !f.Converged {
			t.Errorf("seed %d did not converge", seed)
		}
		for _, m := range []reml.Method{reml.Satterthwaite, reml.KenwardRoger, reml.KenwardRogerExpected} {
			if _, err := f.Contrast("slope", []float64{0, 0, 0, 0, 1}, m); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
	}
	if singular == 0 {
		t.Error("none of the fits without random effects reached the boundary")
	}
}

// Few people, few nights, correlations of ±1, variances of nothing: a maximum is
// found every time, inside or on the boundary.
func TestHardCases(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		people, n := []int{6, 12, 40}[seed%3], []int{3, 8, 21}[seed/3%3]
		corr, su, ss := []float64{0, 0.9, 0.9999, -1}[seed%4], []float64{0, 1, 30}[seed/4%3], []float64{0, 0.1, 3}[seed/5%3]
		var d nights
		for k := range people {
			z := r.NormFloat64()
			u, s := su*z, ss*(corr*z+math.Sqrt(1-corr*corr)*r.NormFloat64())
			for t := range n {
				if t > 1 && r.Float64() < 0.15 {
					continue
				}
				d.arm, d.night, d.person = append(d.arm, float64(k%2)), append(d.night, float64(t+1)), append(d.person, k)
				d.y = append(d.y, 300+u+(1+s)*float64(t)+10*r.NormFloat64())
			}
		}
		x, err := terms.Build([]terms.Variable{terms.Numeric("arm", d.arm), terms.Numeric("night", d.night)}, "arm", "night", "arm:night")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Random(x, d.y, d.person, Options{Slopes: []Slope{{"night", d.night}}}); err != nil {
			t.Errorf("seed %d (%d people, %d nights, SDs %g and %g, correlation %g): %v", seed, people, n, su, ss, corr, err)
		}
	}
}

func TestFaults(t *testing.T) {
	ok := simulate(1, 10, 6, 20, 0)
	d := ok.design(t)
	n := len(ok.y)
	flat := make([]float64, n)
	inf := append([]float64(nil), ok.y...)
	inf[3] = math.Inf(-1)
	alone := make([]int, n)
	two := make([]int, n)
	byPerson := make([]float64, n)
	for i := range alone {
		alone[i], two[i] = i, i%2
		byPerson[i] = float64(ok.person[i] * ok.person[i] % 7)
	}
	gap := append([]int(nil), ok.person...)
	for i := range gap {
		gap[i] *= 2
	}
	for _, c := range []struct {
		name   string
		y      []float64
		person []int
		o      Options
		code   fault.Code
	}{
		{"constant outcome", flat, ok.person, Options{}, stats.Constant},
		{"infinite outcome", inf, ok.person, Options{}, stats.NotFinite},
		{"one night each", ok.y, alone, Options{}, stats.NotEstimable},
		{"two people", ok.y, two, Options{}, stats.TooFew},
		{"gap in codes", ok.y, gap, Options{}, stats.EmptyGroup},
		{"short outcome", ok.y[1:], ok.person, Options{}, stats.Lengths},
		{"constant slope", ok.y, ok.person, Options{Slopes: []Slope{{"flat", flat}}}, stats.Collinear},
		{"no variation within people", byPerson, ok.person, Options{}, stats.Constant},
		{"Kenward–Roger by ML", ok.y, ok.person, Options{ML: true, Method: reml.KenwardRoger}, stats.BadArgument},
	} {
		if c.name == "two people" {
			x, err := terms.Build([]terms.Variable{terms.Numeric("arm", asFloats(two)), terms.Numeric("night", ok.night)}, "arm", "night")
			if err != nil {
				t.Fatal(err)
			}
			_, err = Random(x, c.y, c.person, c.o)
			expectCode(t, c.name, err, c.code)
			continue
		}
		_, err := Random(d, c.y, c.person, c.o)
		expectCode(t, c.name, err, c.code)
	}
}

func asFloats(x []int) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func expectCode(t *testing.T, name string, err error, code fault.Code) {
	t.Helper()
	var p *fault.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}

// The same for autocorrelated residuals; and a fit to people whose nights are
// shuffled is the same fit.
func TestSerial(t *testing.T) {
	d := simulate(6, 14, 8, 30, 2)
	g, err := gather(d.design(t), d.y, d.person, [][]float64{d.night}, true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSerial(g, d.design(t), d.y, d.person, [][]float64{d.night}, d.night)
	if err != nil {
		t.Fatal(err)
	}
	w := serialWorking{startWorking(g, false, true), s}
	x := append(append([]float64(nil), w.start...), 0.3)
	v, _ := w.objective(x, true)
	for i := range x {
		const h = 1e-5
		up, down := append([]float64(nil), x...), append([]float64(nil), x...)
		up[i] += h
		down[i] -= h
		a, _ := w.objective(up, true)
		b, _ := w.objective(down, true)
		near(t, fmt.Sprintf("gradient %d", i), v.Gradient[i]+1, (a.F-b.F)/(2*h)+1, 1e-5)
		for j := range x {
			near(t, fmt.Sprintf("hessian %d %d", i, j), v.Hessian.At(i, j)+100, (a.Gradient[j]-b.Gradient[j])/(2*h)+100, 1e-5)
		}
	}

	base := d.fit(t, Options{Nights: d.night})
	var e nights
	for _, i := range rand.New(rand.NewPCG(6, 6)).Perm(len(d.y)) {
		e.bl, e.arm, e.night = append(e.bl, d.bl[i]), append(e.arm, d.arm[i]), append(e.night, d.night[i])
		e.person, e.y = append(e.person, 13-d.person[i]), append(e.y, d.y[i])
	}
	got := e.fit(t, Options{Nights: e.night})
	near(t, "φ", *got.Autocorrelation+1, *base.Autocorrelation+1, 1e-9)
	near(t, "slope", got.Coefficients[4].Value, base.Coefficients[4].Value, 1e-8)
	near(t, "df", *got.Coefficients[4].DF, *base.Coefficients[4].DF, 1e-7)
	e.night[1] = 2.5
	_, err = Random(e.design(t), e.y, e.person, Options{Nights: e.night})
	expectCode(t, "half a night", err, stats.BadArgument)
}

func benchmark(b *testing.B, people, n int) {
	d := simulate(1, people, n, 35, 1.5)
	x := d.design(b)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		f, err := Random(x, d.y, d.person, Options{Slopes: []Slope{{"night", d.night}}})
		if err != nil {
			b.Fatal(err)
		}
		if math.IsNaN(f.LogLik) {
			b.Fatal("no likelihood")
		}
	}
	b.ReportMetric(float64(len(d.y)), "rows")
}

func BenchmarkSlope80x21(b *testing.B)    { benchmark(b, 80, 21) }
func BenchmarkSlope1000x90(b *testing.B)  { benchmark(b, 1000, 90) }
func BenchmarkSlope10000x90(b *testing.B) { benchmark(b, 10000, 90) }

func BenchmarkDesign10000x90(b *testing.B) {
	d := simulate(1, 10000, 90, 35, 1.5)
	b.ResetTimer()
	for b.Loop() {
		d.design(b)
	}
}

func BenchmarkSerial80x21(b *testing.B) {
	d := simulate(1, 80, 21, 35, 0)
	x := d.design(b)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Random(x, d.y, d.person, Options{Nights: d.night}); err != nil {
			b.Fatal(err)
		}
	}
}
