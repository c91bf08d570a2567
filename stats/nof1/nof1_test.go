package nof1

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/meta"
	"dvala/stats/reml"
)

// made draws a person's nights: blocks of two periods, order by lot.
func made(r *rand.Rand, blocks, nights int, level, effect, phi, sd float64, carry float64) []Night {
	var out []Night
	e, day, before := r.NormFloat64(), 0, false
	for b := range blocks {
		first := r.IntN(2) == 0
		for p := range 2 {
			active := (p == 0) == first
			for k := range nights {
				y := level + sd*e
				if active {
					y += effect
				} else if before && k == 0 {
					y += carry
				}
				out = append(out, Night{Day: day, Block: b, Active: active, Y: y})
				day++
				e = phi*e + math.Sqrt(1-phi*phi)*r.NormFloat64()
			}
			before = active
		}
	}
	return out
}

// Two blocks of two nights each, by hand: block differences 4 and 2, so the
// effect is 3 with standard error 1, and least squares with a level per block
// leaves residuals of ±½ on 4 − 3 = 1 degree of freedom.
func TestByHand(t *testing.T) {
	v := []Night{{Day: 0, Block: 1, Active: true, Y: 14}, {Day: 1, Block: 1, Active: false, Y: 10}, {Day: 2, Block: 2, Active: false, Y: 20}, {Day: 3, Block: 2, Active: true, Y: 22}}
	b, err := ByBlock(v, 0)
	if err != nil {
		t.Fatal(err)
	}
	if b.Effect.Value != 3 || math.Abs(b.Effect.SE-1) > 1e-15 || *b.Effect.DF != 1 {
		t.Errorf("%+v", b.Effect)
	}
	if *b.SignFlip != 0.5 || b.Flips != 4 { // 4+2 and −4−2, of four
		t.Errorf("sign flips: %v of %d", *b.SignFlip, b.Flips)
	}
	// A third block of nights as the first gives five residual degrees fewer to
	// fear: 6 nights, 4 coefficients.
	v = append(v, Night{Day: 4, Block: 3, Active: true, Y: 14}, Night{Day: 5, Block: 3, Active: false, Y: 10})
	f, err := Individual(v, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// differences 4, 2, 4: mean 10/3; residual sum of squares Σ(d−d̄)²/2 = 4/3
	if math.Abs(f.Effect.Value-10.0/3) > 1e-13 || math.Abs(f.Sigma-math.Sqrt(2.0/3)) > 1e-13 || *f.Effect.DF != 2 {
		t.Errorf("%+v, σ %.15g", f.Effect, f.Sigma)
	}
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		v := made(r, 3, 5, 400, 10, 0.2, 20, 0)
		o := Options{Time: Time(rapid.IntRange(0, 2).Draw(t, "time")), Errors: Errors(rapid.IntRange(0, 2).Draw(t, "errors"))}
		f, err := Individual(v, o)
		if code(err) == stats.NoConvergence {
			t.Skip("no maximum inside")
		}
		if err != nil {
			t.Fatal(err)
		}
		w := make([]Night, len(v))
		for i, j := range r.Perm(len(v)) {
			n := v[j]
			w[i] = Night{Day: n.Day + 1000, Block: 7 - n.Block, Active: !n.Active, Y: 3 * n.Y}
		}
		g, err := Individual(w, o)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(g.Effect.Value+3*f.Effect.Value) > 1e-6 || math.Abs(g.Effect.SE-3*f.Effect.SE) > 1e-6 {
			t.Fatalf("%v: %+v against %+v", o, g.Effect, f.Effect)
		}
	})
}

func code(err error) fault.Code {
	var p *fault.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// Over many trials the effect is met without bias, and the carry-over's
// coefficient takes what would else pull it down.
func TestCarryOver(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	var plain, with, carry float64
	const trials = 400
	for range trials {
		v := made(r, 4, 5, 400, 10, 0, 5, 10)
		a, err := Individual(v, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Individual(v, Options{Carry: 1})
		if err != nil {
			t.Fatal(err)
		}
		plain += a.Effect.Value / trials
		with += b.Effect.Value / trials
		carry += b.Carry.Value / trials
	}
	if math.Abs(with-10) > 0.3 || math.Abs(carry-10) > 0.8 || plain > 9.3 {
		t.Errorf("with carry-over %.2f and %.2f (10 and 10 were put in), without %.2f (biased down)", with, carry, plain)
	}
}

// What is carried over is counted by the calendar: the treatment's last night was
// day 4, and has no outcome; day 5 is one day after it and not two.
func TestCarryOverByCalendar(t *testing.T) {
	v := []Night{{Day: 2, Active: true}, {Day: 3, Active: true}, {Day: 5, Since: 1}, {Day: 6, Since: 2}, {Day: 7, Since: 3}, {Day: 8, Active: true}, {Day: 9}, {Day: 12}}
	for days, want := range map[int][]float64{1: {0, 0, 1, 0, 0, 0, 1, 0}, 2: {0, 0, 1, 1, 0, 0, 1, 0}, 4: {0, 0, 1, 1, 1, 0, 1, 1}} {
		if got := carried(v, days); !slices.Equal(got, want) {
			t.Errorf("%d days: %v, want %v", days, got, want)
		}
	}
}

func TestCombine(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	var people []Person
	for i := range 10 {
		people = append(people, Person{Name: string(rune('a' + i)), Nights: made(r, 4, 5, 400, 12+8*r.NormFloat64(), 0.2, 20, 0)})
	}
	one := made(r, 4, 5, 400, 0, 0, 20, 0)[:4] // before any change of condition
	people = append(people, Person{Name: "left early", Nights: one})
	prior := meta.Prior{SD: 50, Tau: 10}
	for _, o := range []Options{{}, {Errors: Serial, Time: Trend}, {Time: Steady, Carry: 1}} {
		c, err := Combine(people, o, meta.Options{}, &prior)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.People) != 10 || len(c.Left) != 1 || c.Left[0].Name != "left early" || code(c.Left[0].Fault) != stats.EmptyGroup {
			t.Fatalf("%d people, left %v", len(c.People), c.Left)
		}
		for _, p := range c.People {
			if p.Belief.SD >= p.Fit.Effect.SE {
				t.Errorf("%s: the others add nothing", p.Name)
			}
		}
		f, err := OneStage(people, o, reml.KenwardRoger)
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		if d := f.Coefficients[1].Value - c.Mean.Mean.Value; math.Abs(d) > c.Mean.Mean.SE {
			t.Errorf("one stage %.2f, two stages %.2f", f.Coefficients[1].Value, c.Mean.Mean.Value)
		}
	}
	// One person alone has no spread between people, but has a posterior.
	c, err := Combine(people[:1], Options{}, meta.Options{}, &prior)
	if code(err) != stats.TooFew || len(c.People) != 1 {
		t.Errorf("one person: %v", err)
	}
	if _, err := OneStage(append(people, people[0]), Options{}, reml.KenwardRoger); code(err) != stats.BadArgument {
		t.Errorf("a name twice: %v", err)
	}
}

func TestFaults(t *testing.T) {
	good := made(rand.New(rand.NewPCG(8, 9)), 2, 4, 400, 10, 0, 20, 0)
	change := func(f func(v []Night)) []Night {
		v := append([]Night(nil), good...)
		f(v)
		return v
	}
	each := func(g func(*Night)) []Night {
		return change(func(v []Night) {
			for i := range v {
				g(&v[i])
			}
		})
	}
	for _, c := range []struct {
		what string
		v    []Night
		o    Options
		want fault.Code
	}{
		{"nothing", nil, Options{}, stats.EmptyGroup},
		{"one condition", each(func(n *Night) { n.Active = true }), Options{}, stats.EmptyGroup},
		{"a day twice", change(func(v []Night) { v[3].Day = 2 }), Options{}, stats.BadArgument},
		{"infinite", change(func(v []Night) { v[3].Y = math.Inf(-1) }), Options{}, stats.NotFinite},
		{"beyond squaring", each(func(n *Night) { n.Y *= 1e200 }), Options{}, stats.NotFinite},
		{"constant", each(func(n *Night) { n.Y = 7 }), Options{}, stats.Constant},
		{"constant, serial", each(func(n *Night) { n.Y = 7 }), Options{Errors: Serial}, stats.Constant},
		{"a block per condition", each(func(n *Night) { n.Block = int(truth(n.Active)) }), Options{}, stats.Collinear},
		{"two nights", []Night{{Day: 0, Block: 1, Active: true, Y: 3}, {Day: 1, Block: 1, Active: false, Y: 4}}, Options{Time: Steady}, stats.TooFew},
		{"no carry-over", each(func(n *Night) { n.Active = n.Day >= 8 }), Options{Time: Steady, Carry: 2}, stats.EmptyGroup},
		{"negative carry-over", good, Options{Carry: -1}, stats.BadArgument},
		{"lag", good, Options{Errors: NeweyWest, Lag: 99}, stats.BadArgument},
		{"level", good, Options{Level: 1}, stats.BadArgument},
	} {
		if _, err := Individual(c.v, c.o); code(err) != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
	if _, err := ByBlock(good[:8], 0); code(err) != stats.TooFew {
		t.Errorf("one block: %v", err)
	}
	if _, err := ByBlock(each(func(n *Night) { n.Y = truth(n.Active) }), 0); code(err) != stats.Constant {
		t.Errorf("equal differences: %v", err)
	}
	if _, err := ByBlock(each(func(n *Night) { n.Y *= 1e200 }), 0); code(err) != stats.NotFinite {
		t.Errorf("beyond squaring: %v", err)
	}
	if _, err := ByBlock(change(func(v []Night) { v[2].Y = math.NaN() }), 0); code(err) != stats.NotFinite {
		t.Errorf("not a number: %v", err)
	}
}

// How often 95 % intervals hold the truth, for the table of the method page.
func TestCoverage(t *testing.T) {
	trials := 150
	if !testing.Short() {
		trials = 600
	}
	r := rand.New(rand.NewPCG(10, 11))
	hold := map[string]int{}
	fits := 0
	for range trials {
		v := made(r, 6, 7, 400, 10, 0.3, 20, 0)
		for name, o := range map[string]Options{
			"independent": {Time: Steady}, "serial": {Time: Steady, Errors: Serial}, "Newey–West": {Time: Steady, Errors: NeweyWest},
		} {
			f, err := Individual(v, o)
			if err != nil {
				t.Fatal(err)
			}
			if f.Effect.Low <= 10 && 10 <= f.Effect.High {
				hold[name]++
			}
		}
		b, err := ByBlock(v, 0)
		if err != nil {
			t.Fatal(err)
		}
		if b.Effect.Low <= 10 && 10 <= b.Effect.High {
			hold["by block"]++
		}
		fits++
	}
	for name, n := range hold {
		t.Logf("%s: %.3f of %d", name, float64(n)/float64(fits), fits)
	}
	// Exact but for chance: three Monte Carlo standard errors.
	if p := float64(hold["by block"]) / float64(fits); math.Abs(p-0.95) > 3*math.Sqrt(0.95*0.05/float64(fits)) {
		t.Errorf("by block, %.3f", p)
	}
	if hold["serial"] <= hold["independent"] {
		t.Error("allowing for autocorrelation must hold the truth more often")
	}
}

// The slope of the AR(1) criterion is the limit of its differences, gaps, negative
// correlations and the one of 0 included.
func TestSlope(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	v := made(r, 4, 5, 400, 10, 0.3, 20, 0)
	var gaps []Night
	for _, n := range v {
		if r.Float64() > 0.2 {
			gaps = append(gaps, n)
		}
	}
	d, err := arrange(gaps, Options{Time: Trend})
	if err != nil {
		t.Fatal(err)
	}
	for _, phi := range []float64{-0.9, -0.3, 0, 0.2, 0.6, 0.95} {
		const h = 1e-4
		at := func(p float64) float64 { _, c := d.criterion(p); return c.f }
		want := (at(phi-2*h) - 8*at(phi-h) + 8*at(phi+h) - at(phi+2*h)) / (12 * h)
		if got, _ := d.criterion(phi); math.Abs(got-want) > 1e-8*math.Max(1, math.Abs(want)) {
			t.Errorf("at %g the slope is %.12g, by differences %.12g", phi, got, want)
		}
	}
}

func BenchmarkSerial(b *testing.B) {
	v := made(rand.New(rand.NewPCG(1, 1)), 4, 5, 400, 10, 0.3, 20, 0)
	for b.Loop() {
		if _, err := Individual(v, Options{Time: Steady, Errors: Serial}); err != nil {
			b.Fatal(err)
		}
	}
}
