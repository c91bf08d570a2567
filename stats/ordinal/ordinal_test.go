package ordinal

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/glm"
	"dvala/stats/quadrature"
	"dvala/stats/terms"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

type diary struct {
	x, night  []float64
	y, person []int
}

func simulate(seed uint64, people, n, steps int, sigma float64) diary {
	r := rand.New(rand.NewPCG(seed, 21))
	var d diary
	for k := range people {
		u := sigma * r.NormFloat64()
		for t := range n {
			x := float64(k % 2)
			v := 0.9*x + u + math.Log(1/r.Float64()-1)
			c := 0
			for c < steps-1 && v > -1.2+1.1*float64(c) {
				c++
			}
			d.x, d.night, d.y, d.person = append(d.x, x), append(d.night, float64(t)), append(d.y, c), append(d.person, k)
		}
	}
	return d
}

func (d diary) design(t testing.TB) *terms.Design {
	t.Helper()
	x, err := terms.Build([]terms.Variable{terms.Numeric("arm", d.x), terms.Numeric("night", d.night)}, "arm", "night")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Two categories are a logistic regression, alone and by people.
func TestTwoCategories(t *testing.T) {
	d := simulate(1, 60, 5, 2, 0.8)
	y := make([]float64, len(d.y))
	for i, v := range d.y {
		y[i] = float64(v)
	}
	f, err := Cumulative(d.design(t), d.y, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := glm.Regress(d.design(t), y, glm.Options{Family: glm.Binomial, Errors: glm.Model})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Marginal(d.design(t), d.y, d.person, 0)
	if err != nil {
		t.Fatal(err)
	}
	h, err := glm.Regress(d.design(t), y, glm.Options{Family: glm.Binomial, Cluster: d.person})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "threshold", f.Thresholds[0].Value, -g.Coefficients[0].Value, 1e-10)
	for j := range f.Coefficients {
		near(t, "effect", f.Coefficients[j].Value, g.Coefficients[j+1].Value, 1e-10)
		near(t, "se", f.Coefficients[j].SE, g.Coefficients[j+1].SE, 1e-9)
		near(t, "sandwich", m.Coefficients[j].SE, h.Coefficients[j+1].SE, 1e-9)
	}
}

// Answers counted from the other end turn every sign; rows shuffled and people
// renumbered change nothing.
func TestWhatMustNotChange(t *testing.T) {
	d := simulate(2, 50, 6, 4, 1.2)
	base, err := Intercept(d.design(t), d.y, d.person, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var e diary
	for _, i := range rand.New(rand.NewPCG(2, 2)).Perm(len(d.y)) {
		e.x, e.night = append(e.x, d.x[i]), append(e.night, d.night[i])
		e.y, e.person = append(e.y, 3-d.y[i]), append(e.person, 49-d.person[i])
	}
	got, err := Intercept(e.design(t), e.y, e.person, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log likelihood", got.LogLik, base.LogLik, 1e-11)
	near(t, "sigma", got.Sigma.Value, base.Sigma.Value, 1e-7)
	for j := range base.Coefficients {
		near(t, "effect", got.Coefficients[j].Value, -base.Coefficients[j].Value, 1e-7)
		near(t, "se", got.Coefficients[j].SE, base.Coefficients[j].SE, 1e-6)
	}
	near(t, "threshold", got.Thresholds[0].Value, -base.Thresholds[2].Value, 1e-7)
}

// A covariate counted from another origin and in another unit is the same
// covariate: effects stay as they were, per its unit, and thresholds as they were
// where it was 0; in all three models.
func TestFarFromZero(t *testing.T) {
	d := simulate(7, 60, 5, 4, 1.1)
	fits := func(night []float64) []*Fit {
		e := diary{d.x, night, d.y, d.person}
		a, err := Cumulative(e.design(t), e.y, 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Marginal(e.design(t), e.y, e.person, 0)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Intercept(e.design(t), e.y, e.person, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return []*Fit{a, b, c.Fit}
	}
	base := fits(d.night)
	for _, c := range []struct{ by, scale float64 }{{2026, 1}, {1e6, 1}, {1e6, 1.0 / 4096}, {1e9, 8}} {
		far := make([]float64, len(d.night))
		for i, x := range d.night {
			far[i] = c.by + c.scale*x
		}
		for k, got := range fits(far) {
			was := base[k]
			near(t, "likelihood", got.LogLik, was.LogLik, 1e-11)
			near(t, "arm", got.Coefficients[0].Value, was.Coefficients[0].Value, 1e-9)
			near(t, "its se", got.Coefficients[0].SE, was.Coefficients[0].SE, 1e-9)
			near(t, "night", got.Coefficients[1].Value*c.scale, was.Coefficients[1].Value, 1e-9)
			near(t, "its se", got.Coefficients[1].SE*c.scale, was.Coefficients[1].SE, 1e-9)
			// ζ far from 0 is a large number; what it is where the night was 0 has
			// the digits that it leaves.
			at := got.Thresholds[1].Value - got.Coefficients[1].Value*c.by
			near(t, "threshold", at, was.Thresholds[1].Value, 1e-9+4e-16*math.Abs(got.Thresholds[1].Value))
		}
	}
}

// The derivatives of the integral against differences.
func TestDerivatives(t *testing.T) {
	d := simulate(3, 20, 5, 3, 1)
	pr, err := newProblem(d.design(t), d.y)
	if err != nil {
		t.Fatal(err)
	}
	m := &mixture{pr: pr, rows: make([][]int, 20), mode: make([]float64, 20)}
	for i, k := range d.person {
		m.rows[k] = append(m.rows[k], i)
	}
	m.x, m.logw = quadrature.Hermite(41)
	par := append(pr.start(), 0.1)
	_, g, info, _ := m.likelihood(par)
	for i := range par {
		const h = 1e-5
		up, down := append([]float64(nil), par...), append([]float64(nil), par...)
		up[i] += h
		down[i] -= h
		a, ga, _, _ := m.likelihood(up)
		b, gb, _, _ := m.likelihood(down)
		near(t, "gradient", g[i], (a-b)/(2*h), 1e-5)
		for j := range par {
			near(t, "information", info.At(i, j), -(ga[j]-gb[j])/(2*h), 1e-4)
		}
	}
}

func TestFaults(t *testing.T) {
	d := simulate(1, 30, 4, 3, 1)
	x := d.design(t)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := Cumulative(x, make([]int, len(d.y)), 0)
	code("all the same", err, stats.Constant)
	gap := append([]int(nil), d.y...)
	for i := range gap {
		gap[i] *= 2
	}
	_, err = Cumulative(x, gap, 0)
	code("a category nobody gave", err, stats.EmptyGroup)
	sep := make([]int, len(d.y))
	for i := range sep {
		sep[i] = int(d.x[i])
	}
	_, err = Cumulative(x, sep, 0)
	code("separation", err, stats.NotEstimable)
	_, err = Cumulative(x, d.y[1:], 0)
	code("short", err, stats.Lengths)
	alone := make([]int, len(d.y))
	for i := range alone {
		alone[i] = i
	}
	_, err = Intercept(x, d.y, alone, 0, 0)
	code("one row each", err, stats.NotEstimable)
	_, err = Intercept(x, d.y, d.person, 1, 0)
	code("Laplace", err, stats.BadArgument)
	_, err = Marginal(x, d.y, make([]int, len(d.y)), 0)
	code("one person", err, stats.TooFew)

	// People who do not differ: the reduced model, said so.
	none := simulate(5, 40, 8, 3, 0)
	singular := 0
	for seed := range uint64(6) {
		none = simulate(seed, 40, 8, 3, 0)
		m, err := Intercept(none.design(t), none.y, none.person, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if m.Singular {
			singular++
			if m.Sigma != nil {
				t.Error("a spread of zero has an interval")
			}
		}
	}
	if singular == 0 {
		t.Error("no fit without spread reached the boundary")
	}
}

func BenchmarkIntercept239(b *testing.B) {
	d := simulate(1, 239, 2, 4, 1.9)
	x := d.design(b)
	for b.Loop() {
		if _, err := Intercept(x, d.y, d.person, 15, 0); err != nil {
			b.Fatal(err)
		}
	}
}
