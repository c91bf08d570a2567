package habits

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/linear"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func of(x float64) *float64 { return &x }

// made draws people whose sleep falls by w a step of the habit from night to
// night, and differs by b a step between people; k nights back from the habit.
func made(r *rand.Rand, people, nights int, w, b float64, lag int) []Night {
	var out []Night
	for p := range people {
		usual, own := 2*r.NormFloat64(), 25*r.NormFloat64()
		x := make([]float64, nights+lag)
		for i := range x {
			x[i] = usual + r.NormFloat64()
		}
		for d := range nights {
			y := 400 + own + b*usual + w*(x[d]-usual) + 30*r.NormFloat64()
			n := Night{Person: fmt.Sprintf("P%02d", p), Day: d, Y: &y, Habits: []*float64{&x[d+lag], of(r.NormFloat64())}}
			out = append(out, n)
		}
	}
	return out
}

var asked = []Habit{{Name: "stress"}, {Name: "screens"}}

// A habit that goes with better sleep between people and worse within them:
// in one column the two would cancel.
func TestWithinIsNotBetween(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, o := range []Options{{}, {Method: reml.KenwardRoger}, {Serial: true}} {
		got, err := Explore(made(r, 40, 21, -10, 12, 0), asked, o)
		if err != nil {
			t.Fatal(err)
		}
		e := got.Effects[0]
		if math.Abs(e.Within.Value+10) > 4*e.Within.SE || e.Within.SE > 2 || math.Abs(e.Between.Value-12) > 4*e.Between.SE {
			t.Errorf("within %+v, between %+v; −10 and 12 were put in", *e.Within, *e.Between)
		}
		if math.Abs(e.Contrast.Value-(e.Between.Value-e.Within.Value)) > 1e-9 || e.Contrast.P > 1e-6 {
			t.Errorf("contrast %+v", *e.Contrast)
		}
		if got.Asked != 4 || got.People != 40 || got.Nights != 840 || e.Varies != 40 || got.Note != Exploratory {
			t.Errorf("%+v", got)
		}
		if *e.WithinAdjusted < e.Within.P || *got.Effects[1].WithinAdjusted < got.Effects[1].Within.P {
			t.Error("an adjusted p is below the plain one")
		}
	}
}

// Without adjustment the within effect is that of least squares with a level
// for each person, whatever nights are missing.
func TestWithinIsFixedEffects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		var kept []Night
		for _, n := range made(r, 8, 10, -5, 3, 0) {
			if r.Float64() < 0.8 {
				kept = append(kept, n)
			}
		}
		got, err := Explore(kept, asked, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var y, a, b []float64
		var who []string
		for _, n := range kept {
			y, a, b, who = append(y, *n.Y), append(a, *n.Habits[0]), append(b, *n.Habits[1]), append(who, n.Person)
		}
		d, err := terms.Build([]terms.Variable{terms.Numeric("a", a), terms.Numeric("b", b), terms.FactorOf("who", who)}, "a", "b", "who")
		if err != nil {
			t.Fatal(err)
		}
		f, err := linear.Ordinary(d, y, linear.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			if math.Abs(got.Effects[k].Within.Value-f.Coefficients[k+1].Value) > 1e-7 {
				t.Fatalf("habit %d: %.12g, and by least squares %.12g", k, got.Effects[k].Within.Value, f.Coefficients[k+1].Value)
			}
		}
	})
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		v := made(r, 9, 8, -5, 3, 0)
		h := []Habit{{Name: "stress", Lag: rapid.IntRange(0, 1).Draw(t, "lag")}, {Name: "screens", Per: 30, Vary: rapid.Bool().Draw(t, "vary")}}
		a, err := Explore(v, h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := make([]Night, len(v))
		for i, j := range r.Perm(len(v)) {
			n := v[j]
			n.Day += 500
			n.Habits = []*float64{of(*n.Habits[0]), of(*n.Habits[1] / 60)} // hours of minutes
			if n.Person == "P03" && !h[1].Vary {
				*n.Habits[0] += 7
			}
			n.Person = "name " + n.Person
			w[i] = n
		}
		h[1].Per /= 60
		b, err := Explore(w, h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for k := range h {
			x, y := *a.Effects[k].Within, *b.Effects[k].Within
			// The constant moves that person's mean, and with what is left to it the
			// residual variance: the estimate stays, its error need not.
			if math.Abs(x.Value-y.Value) > 1e-5 || h[1].Vary && math.Abs(x.SE-y.SE) > 1e-3*x.SE {
				t.Fatalf("habit %d: %+v and %+v", k, x, y)
			}
		}
	})
}

// By lme4 1.1-31 and lmerTest 3.1-3: y ~ xw + xb + zw + zb + j + (1 | i) on
// data that a formula makes, every sixth or so of the nights left out.
func TestAgainstLme4(t *testing.T) {
	var v []Night
	for i := 1; i <= 9; i++ {
		for j := range 10 {
			if (i+2*j)%6 == 0 {
				continue
			}
			x := float64((7*i*j+3*j+i)%11)/2 + float64(i%4)
			z := float64((5*i + 2*j*j) % 7)
			y := 400 - 6*x + 12*float64(i%4) + 12*float64((i*i)%5) + float64((13*j*i+5*j)%17) - 2*float64(j)
			v = append(v, Night{Person: fmt.Sprint(i), Day: j, Y: &y, Habits: []*float64{&x, &z}, Adjust: []float64{float64(j)}})
		}
	}
	r, err := Explore(v, asked, Options{Adjust: []string{"night"}})
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, e *stats.Estimate, value, se, df float64) {
		t.Helper()
		if math.Abs(e.Value/value-1) > 1e-5 || math.Abs(e.SE/se-1) > 1e-5 || math.Abs(*e.DF/df-1) > 1e-5 {
			t.Errorf("%s: %.12g (%.12g) on %.12g, want %.12g (%.12g) on %.12g", what, e.Value, e.SE, *e.DF, value, se, df)
		}
	}
	if r.Nights != 77 || r.People != 9 {
		t.Fatalf("%d nights of %d", r.Nights, r.People)
	}
	near("x within", r.Effects[0].Within, -6.06343541543, 0.382965319318, 64.9980887961)
	near("x between", r.Effects[0].Between, 6.73881874423, 8.2387276388, 5.99709007754)
	near("x between − within", r.Effects[0].Contrast, 12.8022541597, 8.24763346549, 6.02306121287)
	near("z within", r.Effects[1].Within, 0.203228558473, 0.305772638509, 64.9980825485)
	near("z between", r.Effects[1].Between, -14.1456120629, 11.1344831844, 5.99631907854)
}

// An effect of yesterday's habit is met at lag 1 and nowhere at lag 0, and the
// first nights have no yesterday.
func TestLag(t *testing.T) {
	v := made(rand.New(rand.NewPCG(7, 8)), 40, 21, -10, 0, 1)
	got, err := Explore(v, []Habit{{Name: "stress", Lag: 1}, {Name: "screens", Lag: 1}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := got.Effects[0]
	if math.Abs(e.Within.Value+10) > 4*e.Within.SE || got.NoHabit[0] != 40 || got.Nights != 800 {
		t.Errorf("%+v, %v left out", *e.Within, got.NoHabit)
	}
	both, err := Explore(v, asked, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w := both.Effects[0].Within; math.Abs(w.Value) > 4*w.SE {
		t.Errorf("today's habit has no effect, and %+v was found", *w)
	}
}

// With nothing to find, one exploration in twenty at most holds a discovery.
func TestFalseDiscoveries(t *testing.T) {
	trials := 150
	if !testing.Short() {
		trials = 500
	}
	r := rand.New(rand.NewPCG(9, 10))
	found, covered := 0, 0
	for range trials {
		got, err := Explore(made(r, 20, 14, 0, 0, 0), asked, Options{})
		if err != nil {
			t.Fatal(err)
		}
		any := false
		for _, e := range got.Effects {
			any = any || *e.WithinAdjusted <= 0.05 || *e.BetweenAdjusted <= 0.05
		}
		if any {
			found++
		}
		if b := got.Effects[0].Between; b.Low <= 0 && 0 <= b.High {
			covered++
		}
	}
	slack := 4 * math.Sqrt(0.05*0.95/float64(trials))
	if p := float64(found) / float64(trials); p > 0.05+slack {
		t.Errorf("discoveries in %.3f of trials", p)
	}
	if p := float64(covered) / float64(trials); math.Abs(p-0.95) > slack {
		t.Errorf("intervals between people hold the truth in %.3f", p)
	}
}

func TestWhatCannotBeTold(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	v := made(r, 10, 8, 0, 0, 0)
	each := func(f func(i int, n *Night)) []Night {
		w := append([]Night(nil), v...)
		for i := range w {
			w[i].Habits = append([]*float64(nil), w[i].Habits...)
			f(i, &w[i])
		}
		return w
	}
	trait, err := Explore(each(func(_ int, n *Night) { n.Habits[0] = of(float64(n.Person[2])) }), asked, Options{})
	if err != nil || trait.Effects[0].Within != nil || trait.Effects[0].Between == nil || trait.Effects[0].Contrast != nil || trait.Asked != 3 {
		t.Errorf("a habit that varies in nobody: %+v, %v", trait.Effects, err)
	}
	shared, err := Explore(each(func(_ int, n *Night) { n.Habits[0] = of(float64(n.Day)) }), asked, Options{})
	if err != nil || shared.Effects[0].Between != nil || shared.Effects[0].Within == nil || shared.Effects[0].Varies != 10 {
		t.Errorf("a habit that all share: %+v, %v", shared.Effects, err)
	}
	for _, c := range []struct {
		what string
		v    []Night
		h    []Habit
		o    Options
		want fault.Code
	}{
		{"no habit", v, nil, Options{}, stats.BadArgument},
		{"a habit twice", v, []Habit{{Name: "a"}, {Name: "a"}}, Options{}, stats.BadArgument},
		{"too many values", v, asked[:1], Options{}, stats.Lengths},
		{"nobody", nil, asked, Options{}, stats.TooFew},
		{"one person", v[:8], asked, Options{}, stats.TooFew},
		{"two people", v[:16], asked, Options{}, stats.Collinear},
		{"a night twice", append(append([]Night(nil), v...), v[0]), asked, Options{}, stats.BadArgument},
		{"infinite", each(func(i int, n *Night) {
			if i == 5 {
				n.Habits[1] = of(math.Inf(1))
			}
		}), asked, Options{}, stats.NotFinite},
		{"constant habit", each(func(_ int, n *Night) { n.Habits[1] = of(3) }), asked, Options{}, stats.Constant},
		{"constant outcome", each(func(_ int, n *Night) { n.Y = of(400) }), asked, Options{}, stats.Constant},
		{"no outcome", each(func(_ int, n *Night) { n.Y = nil }), asked, Options{}, stats.TooFew},
		{"one habit under two names", each(func(_ int, n *Night) { n.Habits[1] = of(2**n.Habits[0] + 1) }), asked, Options{}, stats.Collinear},
		{"level", v, asked, Options{Level: -1}, stats.BadArgument},
	} {
		_, err := Explore(c.v, c.h, c.o)
		var p *fault.Problem
		if !errors.As(err, &p) || p.Code != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
}

func BenchmarkExplore80x21(b *testing.B) {
	v := made(rand.New(rand.NewPCG(1, 1)), 80, 21, -5, 3, 0)
	for b.Loop() {
		if _, err := Explore(v, asked, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
