package mmrm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/linear"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func near(t testing.TB, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(math.Abs(want), 1e-6)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

var visits = []string{"D07", "D14", "D21", "D28"}

type trial struct {
	bl         []float64
	arm, visit []string
	in         Rows
}

// simulate makes a trial with visits correlated as in ar1h, and people who miss
// visits or leave.
func simulate(seed uint64, people int, missing float64) trial {
	r := rand.New(rand.NewPCG(seed, 11))
	var d trial
	d.in.Visits = visits
	for k := range people {
		b := 17 + 3.5*r.NormFloat64()
		e := r.NormFloat64()
		left := false
		for v := range visits {
			e = 0.7*e + math.Sqrt(1-0.49)*r.NormFloat64()
			y := 4 + 0.7*b - 0.6*float64(k%2)*float64(v+1) + (3.5+0.4*float64(v))*e
			if v > 0 && r.Float64() < missing {
				left = true
			}
			if left || r.Float64() < missing/2 {
				continue
			}
			d.bl = append(d.bl, b)
			d.arm = append(d.arm, []string{"placebo", "active"}[k%2])
			d.visit = append(d.visit, visits[v])
			d.in.Y, d.in.Person, d.in.Visit = append(d.in.Y, y), append(d.in.Person, k), append(d.in.Visit, v)
		}
	}
	// People who were never seen have no code.
	codes, next := map[int]int{}, 0
	for i, k := range d.in.Person {
		if _, ok := codes[k]; !ok {
			codes[k] = next
			next++
		}
		d.in.Person[i] = codes[k]
	}
	return d
}

func (d trial) design(t testing.TB) *terms.Design {
	t.Helper()
	x, err := terms.Build([]terms.Variable{
		terms.Numeric("bl", d.bl), terms.Factor("arm", d.arm, "placebo", "active"), terms.Factor("visit", d.visit, visits...),
	}, "bl", "arm", "visit", "bl:visit", "arm:visit")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (d trial) fit(t testing.TB, o Options) *Fit {
	t.Helper()
	f, err := Repeated(d.design(t), d.in, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The analytic derivatives against differences of the criterion, for every
// structure, with people both many and few in a pattern.
func TestDerivatives(t *testing.T) {
	d := simulate(3, 60, 0.15)
	for _, s := range Structures {
		for _, useREML := range []bool{true, false} {
			f, err := s.form(4)
			if err != nil {
				t.Fatal(err)
			}
			people := 0
			for _, k := range d.in.Person {
				people = max(people, k+1)
			}
			g, err := gather(d.design(t), d.in, make([]int, people), people, 1)
			if err != nil {
				t.Fatal(err)
			}
			w := &working{g: g, form: f, reml: useREML}
			x := w.start()
			for i := range x {
				x[i] += 0.03 * float64(i%3+1)
			}
			v, ok := w.objective(x, true)
			if !ok {
				t.Fatalf("%s: no value", s)
			}
			for i := range x {
				const h = 1e-5
				up, down := append([]float64(nil), x...), append([]float64(nil), x...)
				up[i] += h
				down[i] -= h
				a, _ := w.objective(up, true)
				b, _ := w.objective(down, true)
				near(t, fmt.Sprintf("%s gradient %d", string(s), i), v.Gradient[i]+10, (a.F-b.F)/(2*h)+10, 1e-6)
				for j := range x {
					near(t, fmt.Sprintf("%s hessian %d %d", string(s), i, j), v.Hessian.At(i, j)+100, (a.Gradient[j]-b.Gradient[j])/(2*h)+100, 1e-6)
				}
			}
		}
	}
}

// No parameters whatever leave the positive definite matrices.
func TestStructuresStayDefinite(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range Structures {
		for _, m := range []int{1, 2, 3, 6} {
			f, err := s.form(m)
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				x := make([]float64, f.params())
				for i := range x {
					x[i] = 1.5 * r.NormFloat64()
				}
				w := &working{g: &data{m: m, groups: 1}, form: f}
				sigma, _ := w.sigmas(x, f.working)
				if _, _, ok := dense.Cholesky(sigma[0], 0); !ok {
					t.Fatalf("%s of %d visits at %v is not positive definite", string(s), m, x)
				}
				back, _ := w.sigmas(f.toPeer(x), f.peer)
				for i := range back[0].A {
					near(t, string(s)+" in the peer's parameters", back[0].A[i], sigma[0].A[i], 1e-9)
				}
			}
		}
	}
}

// Visits that all but repeat each other, and heavy dropout: the maximum is found
// (the decrement says so) wherever the structure fits the data.
func TestNearSingular(t *testing.T) {
	for seed := range uint64(12) {
		rho := []float64{0.95, 0.999, 0.99999}[seed%3]
		r := rand.New(rand.NewPCG(seed, 13))
		d := trial{in: Rows{Visits: visits}}
		for k := range 60 {
			b, e := r.NormFloat64(), r.NormFloat64()
			for v := range visits {
				if v > 0 {
					e = rho*e + math.Sqrt(1-rho*rho)*r.NormFloat64()
					if r.Float64() < 0.2 {
						break
					}
				}
				d.bl, d.arm, d.visit = append(d.bl, b), append(d.arm, []string{"placebo", "active"}[k%2]), append(d.visit, visits[v])
				d.in.Y = append(d.in.Y, 100+b+(1+0.3*float64(v))*e)
				d.in.Person, d.in.Visit = append(d.in.Person, k), append(d.in.Visit, v)
			}
		}
		for _, s := range []Structure{Unstructured, HeterogeneousAR1, HeterogeneousAnte, HeterogeneousCS} {
			f, err := Repeated(d.design(t), d.in, Options{Structure: s})
			if err != nil {
				t.Errorf("ρ = %g, %s: %v", rho, string(s), err)
				continue
			}
			if last := f.History[len(f.History)-1]; last.Decrement > 1e-6 {
				t.Errorf("ρ = %g, %s ended with a decrement of %g", rho, string(s), last.Decrement)
			}
		}
	}
}

// Rows shuffled and people renumbered; the outcome in other units; visits
// without missing values: each does what it should.
func TestWhatMustNotChange(t *testing.T) {
	for seed := range uint64(3) {
		d := simulate(seed, 70, 0.1)
		base := d.fit(t, Options{Method: reml.KenwardRoger})
		r := rand.New(rand.NewPCG(seed, 5))
		ids := r.Perm(base.People)
		e := trial{in: Rows{Visits: visits}}
		for _, i := range r.Perm(len(d.bl)) {
			e.bl, e.arm, e.visit = append(e.bl, d.bl[i]), append(e.arm, d.arm[i]), append(e.visit, d.visit[i])
			e.in.Y = append(e.in.Y, d.in.Y[i])
			e.in.Person, e.in.Visit = append(e.in.Person, ids[d.in.Person[i]]), append(e.in.Visit, d.in.Visit[i])
		}
		got := e.fit(t, Options{Method: reml.KenwardRoger})
		for j, c := range base.Coefficients {
			near(t, "shuffled "+c.Name, got.Coefficients[j].Value, c.Value, 1e-9)
			near(t, "shuffled se", got.Coefficients[j].SE, c.SE, 1e-10)
			near(t, "shuffled df", *got.Coefficients[j].DF, *c.DF, 1e-9)
		}
		for i := range e.in.Y {
			e.in.Y[i] = 60*e.in.Y[i] - 3000
		}
		got = e.fit(t, Options{Method: reml.KenwardRoger})
		last := len(base.Coefficients) - 1
		near(t, "in seconds", got.Coefficients[last].Value, 60*base.Coefficients[last].Value, 1e-8)
		near(t, "its df", *got.Coefficients[last].DF, *base.Coefficients[last].DF, 1e-7)
		near(t, "variance", got.Sigma[0].At(2, 2), 3600*base.Sigma[0].At(2, 2), 1e-8)
	}
}

// A baseline a million million from zero, crossed with the visits, is the same
// baseline.
func TestFarFromZero(t *testing.T) {
	d := simulate(5, 70, 0.1)
	for i := range d.bl {
		d.bl[i] = math.Round(d.bl[i])
	}
	base := d.fit(t, Options{Method: reml.KenwardRoger})
	for _, shift := range []float64{1e6, 1e9, 1e12} {
		e := d
		e.bl = make([]float64, len(d.bl))
		for i := range e.bl {
			e.bl[i] = d.bl[i] + shift
		}
		got := e.fit(t, Options{Method: reml.KenwardRoger})
		near(t, "likelihood", got.LogLik, base.LogLik, 1e-10)
		for _, v := range visits {
			at := func(arm string) terms.At { return terms.At{"arm": arm, "visit": v} }
			a, err := base.Difference("", at("active"), at("placebo"), terms.Observed)
			b, err2 := got.Difference("", at("active"), at("placebo"), terms.Observed)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			near(t, "difference", b.Value, a.Value, 1e-8)
			near(t, "its se", b.SE, a.SE, 1e-8)
			near(t, "its df", *b.DF, *a.DF, 1e-6)
			m, err := base.Mean("", at("active"), terms.Observed)
			n, err2 := got.Mean("", at("active"), terms.Observed)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			near(t, "mean", n.Value, m.Value, 1e-4) // the mean of the baseline is known to 1e-4
			near(t, "its se", n.SE, m.SE, 1e-4)
		}
		if r, err := got.RobustContrast("", one(len(got.Coefficients), 1), reml.CR3); err != nil {
			t.Error(err)
		} else if q, _ := base.RobustContrast("", one(len(got.Coefficients), 1), reml.CR3); math.Abs(r.SE/q.SE-1) > 1e-8 {
			t.Errorf("robust error %g, near zero %g", r.SE, q.SE)
		}
	}
}

func one(p, j int) []float64 {
	l := make([]float64, p)
	l[j] = 1
	return l
}

// One visit is an analysis of covariance, and with everybody seen every time
// the last visit of a saturated model is one too.
func TestAgainstANCOVA(t *testing.T) {
	d := simulate(8, 50, 0)
	f := d.fit(t, Options{Method: reml.KenwardRoger})
	at := func(arm string) terms.At { return terms.At{"arm": arm, "visit": "D28"} }
	diff, err := f.Difference("", at("active"), at("placebo"), terms.Equal)
	if err != nil {
		t.Fatal(err)
	}
	var bl, y []float64
	var arm []string
	one := trial{in: Rows{Visits: []string{"D28"}}}
	for i, v := range d.visit {
		if v == "D28" {
			bl, y, arm = append(bl, d.bl[i]), append(y, d.in.Y[i]), append(arm, d.arm[i])
			one.in.Person, one.in.Visit = append(one.in.Person, len(y)-1), append(one.in.Visit, 0)
		}
	}
	one.in.Y = y
	x, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "placebo", "active")}, "bl", "arm")
	if err != nil {
		t.Fatal(err)
	}
	l, err := linear.Ordinary(x, y, linear.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "difference", diff.Value, l.Coefficients[2].Value, 1e-9)
	near(t, "se", diff.SE, l.Coefficients[2].SE, 1e-9)
	near(t, "df", *diff.DF, l.DF, 1e-7)
	for _, s := range []Structure{Unstructured, CompoundSymmetry, AR1, Toeplitz, Ante} {
		g, err := Repeated(x, one.in, Options{Structure: s})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "one visit", g.Coefficients[2].SE, l.Coefficients[2].SE, 1e-9)
		near(t, "one visit df", *g.Coefficients[2].DF, l.DF, 1e-7)
	}
}

// With a covariance for each arm and everything by arm, the arms fall apart
// into two models.
func TestByGroup(t *testing.T) {
	d := simulate(5, 80, 0.1)
	d.in.Groups = []string{"placebo", "active"}
	d.in.Group = make([]int, len(d.arm))
	var half trial
	half.in.Visits = visits
	codes := map[int]int{}
	for i, a := range d.arm {
		if a == "placebo" {
			if _, ok := codes[d.in.Person[i]]; !ok {
				codes[d.in.Person[i]] = len(codes)
			}
			half.bl, half.visit = append(half.bl, d.bl[i]), append(half.visit, d.visit[i])
			half.in.Y, half.in.Visit = append(half.in.Y, d.in.Y[i]), append(half.in.Visit, d.in.Visit[i])
			half.in.Person = append(half.in.Person, codes[d.in.Person[i]])
			continue
		}
		d.in.Group[i] = 1
	}
	x, err := terms.Build([]terms.Variable{terms.Numeric("bl", d.bl), terms.Factor("arm", d.arm, "placebo", "active"), terms.Factor("visit", d.visit, visits...)},
		"bl", "visit", "arm", "bl:visit", "bl:arm", "arm:visit", "bl:arm:visit")
	if err != nil {
		t.Fatal(err)
	}
	both, err := Repeated(x, d.in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err = terms.Build([]terms.Variable{terms.Numeric("bl", half.bl), terms.Factor("visit", half.visit, visits...)}, "bl", "visit", "bl:visit")
	if err != nil {
		t.Fatal(err)
	}
	one, err := Repeated(x, half.in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range one.Sigma[0].A {
		near(t, "placebo covariance", both.Sigma[0].A[i], v, 1e-7)
	}
	near(t, "intercept", both.Coefficients[0].Value, one.Coefficients[0].Value, 1e-8)
	near(t, "se", both.Coefficients[0].SE, one.Coefficients[0].SE, 1e-8)
	near(t, "df", *both.Coefficients[0].DF, *one.Coefficients[0].DF, 1e-6)
}

// With one visit, the sandwiches over people are those over rows: HC0, and HC3.
func TestRobustIsHC(t *testing.T) {
	d := simulate(9, 40, 0)
	var bl, y []float64
	var arm []string
	one := trial{in: Rows{Visits: []string{"D28"}}}
	for i, v := range d.visit {
		if v == "D28" {
			bl, y, arm = append(bl, d.bl[i]), append(y, d.in.Y[i]), append(arm, d.arm[i])
			one.in.Person, one.in.Visit = append(one.in.Person, len(y)-1), append(one.in.Visit, 0)
		}
	}
	one.in.Y = y
	x, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "placebo", "active")}, "bl", "arm")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Repeated(x, one.in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, hc := range map[reml.Robust]linear.Errors{reml.CR0: linear.HC0, reml.CR3: linear.HC3} {
		l, err := linear.Ordinary(x, y, linear.Options{Errors: hc})
		if err != nil {
			t.Fatal(err)
		}
		e, err := f.RobustContrast("", []float64{0, 0, 1}, kind)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(kind), e.SE, l.Coefficients[2].SE, 1e-9)
	}
	_, err = f.RobustContrast("", []float64{0, 0, 1}, "CR9")
	if fault.CodeOf(err) != stats.UnknownName {
		t.Errorf("CR9: %v", err)
	}
}

func TestFaultsAndLadder(t *testing.T) {
	ok := simulate(2, 30, 0.1)
	x := ok.design(t)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v has code %q, want %q", name, err, got, want)
		}
	}
	with := func(change func(*Rows)) error {
		in := ok.in
		in.Y = append([]float64(nil), ok.in.Y...)
		in.Visit = append([]int(nil), ok.in.Visit...)
		in.Person = append([]int(nil), ok.in.Person...)
		change(&in)
		_, err := Repeated(x, in, Options{})
		return err
	}
	code("infinite", with(func(r *Rows) { r.Y[4] = math.Inf(1) }), stats.NotFinite)
	code("constant", with(func(r *Rows) { clear(r.Y) }), stats.Constant)
	code("twice at a visit", with(func(r *Rows) { r.Visit[1] = r.Visit[0]; r.Person[1] = r.Person[0] }), stats.BadArgument)
	code("unknown visit", with(func(r *Rows) { r.Visit[0] = 9 }), stats.UnknownName)
	code("short", with(func(r *Rows) { r.Y = r.Y[1:] }), stats.Lengths)
	code("empty visit", with(func(r *Rows) { r.Visits = append(visits[:4:4], "D35") }), stats.EmptyGroup)
	_, err := Repeated(x, ok.in, Options{Structure: "sp_exp"})
	code("unknown structure", err, stats.UnknownName)
	_, err = Repeated(x, ok.in, Options{ML: true, Method: reml.KenwardRoger})
	code("KR by ML", err, stats.BadArgument)

	// An arm that nobody of was seen in at the last visit.
	var gone trial
	gone.in.Visits = visits
	for i, a := range ok.arm {
		if a == "active" && ok.visit[i] == "D28" {
			continue
		}
		gone.bl, gone.arm, gone.visit = append(gone.bl, ok.bl[i]), append(gone.arm, a), append(gone.visit, ok.visit[i])
		gone.in.Y, gone.in.Person, gone.in.Visit = append(gone.in.Y, ok.in.Y[i]), append(gone.in.Person, ok.in.Person[i]), append(gone.in.Visit, ok.in.Visit[i])
	}
	_, err = Repeated(gone.design(t), gone.in, Options{})
	code("empty arm at a visit", err, stats.Collinear)

	// Two visits that nobody had both of: refused when unstructured, and the
	// ladder finds a structure that can do without.
	apart := trial{in: Rows{Visits: visits}}
	r := rand.New(rand.NewPCG(4, 4))
	for k := range 60 {
		u := r.NormFloat64()
		for v := range visits {
			if (v == 0 && k%2 == 0) || (v == 3 && k%2 == 1) {
				continue
			}
			apart.bl, apart.arm = append(apart.bl, u+r.NormFloat64()), append(apart.arm, []string{"placebo", "active"}[k/2%2])
			apart.visit = append(apart.visit, visits[v])
			apart.in.Y, apart.in.Person, apart.in.Visit = append(apart.in.Y, u+r.NormFloat64()), append(apart.in.Person, k), append(apart.in.Visit, v)
		}
	}
	_, err = Repeated(apart.design(t), apart.in, Options{})
	code("visits never together", err, stats.NotEstimable)
	f, tried, err := Ladder(apart.design(t), apart.in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Structure != HeterogeneousAR1 || len(tried) != 3 || tried[2].Err != nil {
		t.Errorf("the ladder ended at %q after %d tries", string(f.Structure), len(tried))
	}

	// Two people cannot support it.
	two := simulate(2, 2, 0)
	two.in.Visits = visits[:1]
	small, err := terms.Build([]terms.Variable{terms.Factor("arm", []string{"placebo", "active"}, "placebo", "active")}, "arm")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Repeated(small, Rows{Y: []float64{1, 2}, Person: []int{0, 1}, Visit: []int{0, 0}, Visits: visits[:1]}, Options{})
	code("two people", err, stats.TooFew)
}

func benchmark(b *testing.B, people int) {
	d := simulate(1, people, 0.06)
	x := d.design(b)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		f, err := Repeated(x, d.in, Options{Method: reml.KenwardRoger})
		if err != nil {
			b.Fatal(err)
		}
		if !f.Converged {
			b.Fatal("not converged")
		}
	}
}

func BenchmarkUSKenwardRoger80(b *testing.B)    { benchmark(b, 80) }
func BenchmarkUSKenwardRoger1000(b *testing.B)  { benchmark(b, 1000) }
func BenchmarkUSKenwardRoger10000(b *testing.B) { benchmark(b, 10000) }
