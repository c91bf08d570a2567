package binary

import (
	"math"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"pgregory.net/rapid"
)

// 56 of 70 against 48 of 80: Newcombe 1998, table II.
func TestNewcombeTableII(t *testing.T) {
	a, b := Counts{56, 70}, Counts{48, 80}
	for kind, want := range map[Kind][2]float64{Newcombe: {0.0524, 0.3339}, Mee: {0.0533, 0.3377}, MiettinenNurminen: {0.0528, 0.3382}} {
		r, err := RiskDifference(a, b, kind, 0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Low-want[0]) > 5e-5 || math.Abs(r.High-want[1]) > 5e-5 {
			t.Errorf("%s: %.4f to %.4f, published %v", kind, r.Low, r.High, want)
		}
	}
}

// Swapping groups mirrors; the interval holds the estimate and stays in bounds;
// asking for the opposite event mirrors; a wider level is wider.
func TestDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n1, n2 := rapid.IntRange(1, 60).Draw(t, "n1"), rapid.IntRange(1, 60).Draw(t, "n2")
		a := Counts{rapid.IntRange(0, n1).Draw(t, "x1"), n1}
		b := Counts{rapid.IntRange(0, n2).Draw(t, "x2"), n2}
		for _, kind := range []Kind{MiettinenNurminen, Mee, Newcombe} {
			r, err := RiskDifference(a, b, kind, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			s, _ := RiskDifference(b, a, kind, 0.9)
			o, _ := RiskDifference(Counts{a.N - a.X, a.N}, Counts{b.N - b.X, b.N}, kind, 0.9)
			w, _ := RiskDifference(a, b, kind, 0.99)
			if r.Low < -1-1e-12 || r.High > 1+1e-12 || r.Low > r.Value+1e-9 || r.High < r.Value-1e-9 {
				t.Fatalf("%s: %+v", kind, r)
			}
			if math.Abs(r.Low+s.High) > 1e-7 || math.Abs(r.Low+o.High) > 1e-7 {
				t.Fatalf("%s does not mirror: %+v, %+v, %+v", kind, r, s, o)
			}
			if w.Low > r.Low+1e-9 || w.High < r.High-1e-9 {
				t.Fatalf("%s: 99 %% is inside 90 %%", kind)
			}
		}
		f, err := Fisher(a, b)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := Fisher(b, a)
		if math.Abs(f.P-g.P) > 1e-10 || f.P > 1 || f.MidP > f.P {
			t.Fatalf("Fisher %+v and %+v", f, g)
		}
	})
}

// One stratum is the table itself, and strata in which a group is empty change
// nothing.
func TestStrata(t *testing.T) {
	a, b := Counts{9, 20}, Counts{4, 22}
	r, err := MantelHaenszel([]Stratum{{a, b}, {Counts{0, 0}, Counts{2, 5}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.Difference.Value-(9./20-4./22)) > 1e-14 || math.Abs(r.OddsRatio.Value-9.*18/(11.*4)) > 1e-12 || r.Used != 1 || r.Dropped != 1 {
		t.Errorf("%+v", r)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		f    func() error
		code fault.Code
	}{
		"nobody":        {func() error { _, err := RiskDifference(Counts{0, 0}, Counts{1, 2}, Mee, 0); return err }, stats.EmptyGroup},
		"three of two":  {func() error { _, err := RiskDifference(Counts{3, 2}, Counts{1, 2}, Mee, 0); return err }, stats.BadArgument},
		"no event":      {func() error { _, err := RiskRatio(Counts{0, 9}, Counts{1, 9}, 0); return err }, stats.NotEstimable},
		"empty cell":    {func() error { _, err := OddsRatio(Counts{9, 9}, Counts{1, 9}, 0); return err }, stats.NotEstimable},
		"Wald at zero":  {func() error { _, err := RiskDifference(Counts{0, 9}, Counts{9, 9}, Wald, 0); return err }, stats.NotEstimable},
		"no variation":  {func() error { _, _, err := ChiSquared(Counts{0, 9}, Counts{0, 9}); return err }, stats.Constant},
		"empty strata":  {func() error { _, err := MantelHaenszel(nil, 0); return err }, stats.EmptyGroup},
		"no exposure":   {func() error { _, _, err := RateRatio(1, 0, 1, 1, 0); return err }, stats.BadArgument},
		"all agree":     {func() error { _, err := McNemar(0, 0); return err }, stats.Constant},
		"unknown kind":  {func() error { _, err := RiskDifference(Counts{1, 2}, Counts{1, 2}, "x", 0); return err }, stats.UnknownName},
		"level of 95":   {func() error { _, err := RiskDifference(Counts{1, 2}, Counts{1, 2}, Mee, 95); return err }, stats.BadArgument},
		"all in strata": {func() error { _, err := MantelHaenszel([]Stratum{{Counts{3, 3}, Counts{2, 2}}}, 0); return err }, stats.Constant},
	} {
		if got := fault.CodeOf(c.f()); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
}
