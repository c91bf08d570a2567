package power

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/effect"
	"pgregory.net/rapid"
)

// Textbook numbers: d of 0.5 needs 64 per arm for 80 % (Cohen 1988), 0.2 needs
// 394, and 34 pairs for dz of 0.5.
func TestTextbook(t *testing.T) {
	for d, want := range map[float64]int{0.5: 64, 0.2: 394, 0.8: 26} {
		n, _, err := Means{Difference: d, SD: 1, Alpha: 0.05}.Size(0.8)
		if err != nil || n != want {
			t.Errorf("d = %g: %d per arm, %v", d, n, err)
		}
	}
	p, err := Paired(34, 0.5, 0.05)
	if err != nil || math.Abs(p-0.808) > 5e-4 {
		t.Errorf("paired power %v, %v", p, err)
	}
}

// By R (power.prop.test, longpower, and own code on pt for the others).
func TestAgainstR(t *testing.T) {
	value := func(what string, got float64, err error, want, tol float64) {
		t.Helper()
		if err != nil || !(math.Abs(got-want) <= tol) {
			t.Errorf("%s: %.12g, want %.12g (%v)", what, got, want, err)
		}
	}
	p, err := Crossover(24, 15, 20, 0.05)
	value("crossover", p, err, 0.699669999878927, 1e-9)
	n, err := ProportionsSize(0.6, 0.35, 0.05, 0.8)
	value("shares", n, err, 61.4417827675801, 1e-9)
	n, err = RankSumSize(0.6, 0.05, 0.8)
	value("ranks", n, err, 261.629324478303, 1e-9)
	n, err = OrdinalSize([]float64{0.2, 0.5, 0.2, 0.1}, 1.8, 0.05, 0.8)
	value("ordered categories", n, err, 319.139567778046, 1e-9)
	r := Repeated{
		Correlation: dense.FromRows([][]float64{{1, 0.6, 0.36, 0.216}, {0.6, 1, 0.6, 0.36}, {0.36, 0.6, 1, 0.6}, {0.216, 0.36, 0.6, 1}}),
		Retained:    [2][]float64{{1, 0.95, 0.9, 0.85}, {1, 0.95, 0.9, 0.85}}, SD: [2]float64{5, 5}, Difference: 2, Alpha: 0.05,
	}
	p, err = r.Power(80, 80)
	value("MMRM", p, err, 0.657781765125763, 1e-10)
	k, err := r.Size(0.9)
	value("MMRM size", float64(k), err, 151, 0)
	b, err := Reestimate(40, 23.04, 2, 0.05, 0.9)
	value("blinded", b.PerArm, err, 121.045513667796, 1e-9)
	value("blinded, adjusted", b.PerArmAdjusted, err, 118.700699258296, 1e-9)
	c, err := CrossoverSize(15, 20, 0.05, 0.9)
	before, _ := Crossover(c-2, 15, 20, 0.05)
	after, _ := Crossover(c, 15, 20, 0.05)
	if err != nil || after < 0.9 || before >= 0.9 || c%2 != 0 {
		t.Errorf("a crossover of %d has power %g, of two less %g (%v)", c, after, before, err)
	}
}

// Zhu and Lakkis 2014, table I, third method, as Stata's power tworates_zhu has it
// too: a rate of 0.8 a year over 0.75 years and a ratio of 0.85 take 1,311 an arm
// for 80 % at k = 0.4; and 49 of a rate of 3 for 0.7 at k = 0. More digits by R's
// pnorm and the same formula, arms of unequal size included.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		c      Counts
		n1, n2 int
		want   float64
	}{
		{Counts{Mean: 0.6, RateRatio: 0.85, Dispersion: 0.4}, 1311, 1311, 0.800081596231312},
		{Counts{Mean: 0.6, RateRatio: 0.85, Dispersion: 0.4}, 1310, 1310, 0.799782879545799},
		{Counts{Mean: 3, RateRatio: 0.7}, 49, 49, 0.801155194967956},
		{Counts{Mean: 35, RateRatio: 0.7, Dispersion: 0.5}, 40, 40, 0.588411396053097},
		{Counts{Mean: 35, RateRatio: 1.4, Dispersion: 0.5}, 60, 30, 0.548283975761509},
	} {
		c.c.Alpha = 0.05
		p, err := c.c.Power(c.n1, c.n2)
		if err != nil || math.Abs(p-c.want) > 1e-12 {
			t.Errorf("%+v: %.15g, want %.15g (%v)", c.c, p, c.want, err)
		}
	}
	for _, c := range []struct {
		rate, ratio, k float64
		want           int
	}{
		{0.8, 0.85, 0.4, 1311}, {1.4, 0.85, 0.4, 851}, {1, 1.15, 0.7, 1561}, {1.2, 0.85, 1, 1310}, {1.4, 1.15, 1.5, 1919},
	} {
		n, _, err := Counts{Mean: c.rate * 0.75, RateRatio: c.ratio, Dispersion: c.k, Alpha: 0.05}.Size(0.8)
		if err != nil || n != c.want {
			t.Errorf("%+v: %d an arm (%v)", c, n, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := Counts{Mean: rapid.Float64Range(0.2, 30).Draw(t, "mean"), RateRatio: rapid.Float64Range(0.3, 0.9).Draw(t, "ratio"), Alpha: 0.05}
		n := rapid.IntRange(5, 300).Draw(t, "n")
		p, err := c.Power(n, n)
		if err != nil {
			t.Fatal(err)
		}
		longer := c
		longer.Mean *= 2
		if q, _ := longer.Power(n, n); math.Abs(q-mustPower(t, c, 2*n)) > 1e-12 {
			t.Fatalf("twice the time is %g, twice the people %g", q, mustPower(t, c, 2*n))
		}
		turned := Counts{Mean: c.Mean * c.RateRatio, RateRatio: 1 / c.RateRatio, Alpha: 0.05}
		if q, _ := turned.Power(n, n); math.Abs(q-p) > 1e-12 {
			t.Fatalf("the arms turned round have %g, not %g", q, p)
		}
		more := c
		more.Dispersion = 0.5
		if q, _ := more.Power(n, n); q > p+1e-12 && p > 0.5 {
			t.Fatalf("dispersion gains power: %g to %g", p, q)
		}
		none := c
		none.RateRatio = 1
		if q, _ := none.Power(n, n); math.Abs(q-0.05) > 1e-12 {
			t.Fatalf("no effect has power %g", q)
		}
	})
	for _, c := range []Counts{{RateRatio: 0.7, Alpha: 0.05}, {Mean: 2, RateRatio: -1, Alpha: 0.05}, {Mean: 2, RateRatio: 0.7, Dispersion: -1, Alpha: 0.05}, {Mean: 2, RateRatio: 0.7}} {
		if _, err := c.Power(20, 20); fault.CodeOf(err) != stats.BadArgument {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func mustPower(t *rapid.T, c Counts, n int) float64 {
	p, err := c.Power(n, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// No effect has the power alpha; more people, or covariates that explain more,
// never lose power; the size found is the smallest.
func TestPowerBehaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Means{Difference: rapid.Float64Range(0.1, 2).Draw(t, "d"), SD: rapid.Float64Range(0.5, 3).Draw(t, "sd"), Alpha: rapid.Float64Range(0.005, 0.2).Draw(t, "alpha")}
		n := rapid.IntRange(5, 200).Draw(t, "n")
		p, err := m.Power(n, n)
		if err != nil {
			t.Fatal(err)
		}
		q, _ := m.Power(n+3, n+3)
		if q < p-1e-12 {
			t.Fatalf("more people lost power: %g to %g", p, q)
		}
		none := m
		none.Difference = 0
		if z, _ := none.Power(n, n); math.Abs(z-m.Alpha) > 1e-10 {
			t.Fatalf("no effect has power %g at alpha %g", z, m.Alpha)
		}
		r := m
		r.R2 = 0.3
		if z, _ := r.Power(n, n); z < p-1e-12 {
			t.Fatalf("explained variance lost power: %g to %g", p, z)
		}
		k, _, err := m.Size(0.9)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := m.Power(k, k)
		before := 0.0
		if k > 2 {
			before, _ = m.Power(k-1, k-1)
		}
		if at < 0.9 || before >= 0.9 {
			t.Fatalf("%d per arm has power %g, one less %g", k, at, before)
		}
	})
}

// The variance of a person's mean over nights that the plan assumes, against
// made-up nights: autocorrelated, some missing, seen through a device.
func TestNightlyVariance(t *testing.T) {
	p := Nightly{Difference: 10, BetweenSD: 30, WithinSD: 40, Phi: 0.4, Nights: 14, Kept: 0.7, Device: Device{Slope: 0.71, NoiseSD: 15}, Alpha: 0.05}
	m, err := p.Means()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	var means []float64
	for range 40000 {
		u, e := p.BetweenSD*r.NormFloat64(), r.NormFloat64()
		var s, n float64
		for range p.Nights {
			y := u + p.WithinSD*e + p.Device.NoiseSD*r.NormFloat64()
			e = p.Phi*e + math.Sqrt(1-p.Phi*p.Phi)*r.NormFloat64()
			if r.Float64() < p.Kept {
				s += y
				n++
			}
		}
		if n > 0 {
			means = append(means, s/n)
		}
	}
	if sd := effect.GroupOf(means).SD; math.Abs(sd/m.SD-1) > 0.02 {
		t.Errorf("made-up nights have SD %g, the plan %g", sd, m.SD)
	}
	if math.Abs(m.Difference-7.1) > 1e-12 {
		t.Errorf("a true 10 is planned to show as %g", m.Difference)
	}
}

// A device that shows half of a difference costs the power of half the
// difference, at the spread that it shows: by R's pt for two arms of 40 with an
// SD of 20 between and 0 within, 10 true minutes and 7.1.
func TestDeviceBlursTheDifferenceAlone(t *testing.T) {
	p := Nightly{Difference: 10, BetweenSD: 20, Nights: 7, Device: Device{Slope: 1}, Alpha: 0.05}
	at := func(slope float64) (sd, power float64) {
		p.Device.Slope = slope
		m, err := p.Means()
		if err != nil {
			t.Fatal(err)
		}
		power, err = m.Power(40, 40)
		if err != nil {
			t.Fatal(err)
		}
		return m.SD, power
	}
	full, all := at(1)
	half, some := at(0.71)
	if full != half || math.Abs(all-0.598146901141681) > 1e-9 || math.Abs(some-0.347778048788098) > 1e-9 {
		t.Errorf("SD %g and %g, power %.12g and %.12g", full, half, all, some)
	}
}

// By R 4.2.2: power.prop.test(strict = TRUE), Hmisc's posamsize for the equal
// arms, and the formulas of Whitehead 1993 and Schoenfeld 1983 written out on
// pnorm for arms that are not equal.
func TestCategoriesAgainstR(t *testing.T) {
	near := func(what string, got float64, err error, want float64) {
		t.Helper()
		if err != nil || math.Abs(got-want) > 1e-10 {
			t.Errorf("%s: %.15g, want %.15g (%v)", what, got, want, err)
		}
	}
	p, err := Shares{P1: 0.6, P2: 0.35, Alpha: 0.05}.Power(62, 62)
	near("shares", p, err, 0.803617253596618)
	p, err = Shares{P1: 0.5, P2: 0.3, Alpha: 0.05}.Power(90, 45)
	near("shares, two to one", p, err, 0.60366900735826)
	if n, m, err := (Shares{P1: 0.6, P2: 0.35, Alpha: 0.05}).Size(0.9); n != 82 || m != 82 || err != nil {
		t.Errorf("shares: %d and %d (%v), power.prop.test says 81.75", n, m, err)
	}
	o := Ordered{Comparator: []float64{0.2, 0.5, 0.2, 0.1}, OddsRatio: 1.8, Alpha: 0.05}
	for j, want := range []float64{0.121951219512195, 0.442564909520063, 0.268817204301075, 0.166666666666667} {
		near("treated", o.Treated()[j], nil, want)
	}
	p, err = o.Power(100, 100)
	near("ordered", p, err, 0.612513145698879)
	p, err = o.Power(120, 60)
	near("ordered, two to one", p, err, 0.521551698524074)
	o.OddsRatio = 1 / 1.8
	if n, _, err := o.Size(0.8); n != 160 || err != nil { // posamsize: 319.1 in all
		t.Errorf("ordered: %d (%v)", n, err)
	}
	p, err = Events{P1: 0.3, P2: 0.45, Alpha: 0.05}.Power(150, 150)
	near("events", p, err, 0.782057205686681)
	e := EventsOf(0.45, 0.6, 0.05)
	near("share by hazard ratio", e.P1, nil, 0.301417642112629)
	near("hazard ratio by shares", e.HazardRatio(), nil, 0.6)
	p, err = e.Power(200, 100)
	near("events, two to one", p, err, 0.695289758059887)
}

// No effect has the power alpha, and the size found is the smallest.
func TestCategoriesBehave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.1, 0.9).Draw(t, "p")
		q := rapid.Float64Range(0.1, 0.9).Draw(t, "q")
		ratio := rapid.Float64Range(0.5, 2).Draw(t, "ratio")
		if math.Abs(p-q) < 0.05 {
			return
		}
		for name, c := range map[string]struct {
			null, alt interface {
				Power(n1, n2 int) (float64, error)
				Size(target float64) (int, int, error)
			}
		}{
			"shares":  {Shares{p, p, 0.05, ratio}, Shares{p, q, 0.05, ratio}},
			"ordered": {Ordered{[]float64{p, 1 - p}, 1, 0.05, ratio}, Ordered{[]float64{p / 2, p / 2, 1 - p}, 1 + 3*q, 0.05, ratio}},
			"events":  {Events{p, p, 0.05, ratio}, Events{p, q, 0.05, ratio}},
		} {
			if z, err := c.null.Power(50, 40); err != nil || math.Abs(z-0.05) > 1e-10 {
				t.Fatalf("%s: no effect has power %g (%v)", name, z, err)
			}
			n1, n2, err := c.alt.Size(0.9)
			if err != nil {
				t.Fatal(err)
			}
			at, _ := c.alt.Power(n1, n2)
			before := 0.0
			if n1 > 2 {
				before, _ = c.alt.Power(n1-1, int(math.Ceil(float64(n1-1)*ratio-1e-9)))
			}
			if at < 0.9 || before >= 0.9 {
				t.Fatalf("%s: %d and %d have power %g, one less %g", name, n1, n2, at, before)
			}
		}
	})
}

// Everybody staying, an MMRM at the last visit is a comparison of means.
func TestRepeatedWithoutLoss(t *testing.T) {
	r := Repeated{
		Correlation: dense.FromRows([][]float64{{1, 0.6, 0.4}, {0.6, 1, 0.6}, {0.4, 0.6, 1}}),
		Retained:    [2][]float64{{1, 1, 1}, {1, 1, 1}}, SD: [2]float64{5, 5}, Difference: 2, Alpha: 0.05,
	}
	f, err := r.inflation(0)
	if err != nil || math.Abs(f-1) > 1e-12 {
		t.Errorf("inflation without loss is %g, %v", f, err)
	}
	r.Retained[0] = []float64{1, 0.9, 0.8}
	g, _ := r.inflation(0)
	if g <= 1 || g >= 1/0.8 {
		t.Errorf("with a fifth gone the inflation is %g; it must lie between 1 and 1.25, since earlier visits tell of the last", g)
	}
}

func TestFaults(t *testing.T) {
	for name, f := range map[string]func() error{
		"alpha of 5":      func() error { _, err := Means{1, 1, 0, 0, 5, 1}.Power(9, 9); return err },
		"no SD":           func() error { _, err := Means{Difference: 1, Alpha: 0.05}.Power(9, 9); return err },
		"no effect":       func() error { _, _, err := Means{SD: 1, Alpha: 0.05}.Size(0.8); return err },
		"certainty":       func() error { _, _, err := Means{Difference: 1, SD: 1, Alpha: 0.05}.Size(1); return err },
		"NaN":             func() error { _, err := Means{Difference: math.NaN(), SD: 1, Alpha: 0.05}.Power(9, 9); return err },
		"equal shares":    func() error { _, err := ProportionsSize(0.3, 0.3, 0.05, 0.8); return err },
		"no superiority":  func() error { _, err := RankSumSize(0.5, 0.05, 0.8); return err },
		"shares of two":   func() error { _, err := OrdinalSize([]float64{1, 1}, 2, 0.05, 0.8); return err },
		"a certain share": func() error { _, err := Shares{1, 0.5, 0.05, 1}.Power(9, 9); return err },
		"one category":    func() error { _, err := Ordered{[]float64{1}, 2, 0.05, 1}.Power(9, 9); return err },
		"odds of nothing": func() error { _, _, err := Ordered{[]float64{0.5, 0.5}, 1, 0.05, 1}.Size(0.9); return err },
		"no events":       func() error { _, err := Events{0.5, 0, 0.05, 1}.Power(9, 9); return err },
		"no nights":       func() error { _, err := Nightly{}.Means(); return err },
		"three people":    func() error { _, err := Reestimate(3, 1, 1, 0.05, 0.8); return err },
	} {
		if c := fault.CodeOf(f()); c != stats.BadArgument {
			t.Errorf("%s: code %q", name, c)
		}
	}
	if _, err := (Means{Difference: 1, SD: 1, Alpha: 0.05}).Power(1, 1); fault.CodeOf(err) != stats.TooFew {
		t.Errorf("one person each: %v", err)
	}
}
