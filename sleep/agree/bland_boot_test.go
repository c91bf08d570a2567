package agree

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// R's package boot (1.3-28.1) on Menghini's sample, 20,000 draws, the statistics
// refitted in each by lm() and sd(): both kinds of interval. Two runs of so many
// draws differ by a few hundredths of the draws' standard deviation; a tenth
// is allowed.
func TestBootstrapOfLimitsAgreesWithR(t *testing.T) {
	m := measuresOf(t)
	type want struct{ value, lowPerc, highPerc, lowBasic, highBasic, sd float64 }
	for _, c := range []struct {
		measure string
		name    string
		of      func(Boot) Interval
		want    want
	}{
		{"TST", "bias", func(b Boot) Interval { return b.Bias }, want{6.75, -3.537, 18.857, -5.357, 17.037, 5.756}},
		{"TST", "lower", func(b Boot) Interval { return b.Lower }, want{-37.1607, -48.244, -18.408, -55.914, -26.078, 7.679}},
		{"TST", "upper", func(b Boot) Interval { return b.Upper }, want{50.6607, 17.238, 75.558, 25.763, 84.083, 15.13}},
		{"WASO", "b0", func(b Boot) Interval { return b.Line.At0 }, want{26.127, 3.187, 43.676, 8.578, 49.067, 8.838}},
		{"WASO", "b1", func(b Boot) Interval { return b.Line.Slope }, want{-0.7985, -1.351, -0.032, -1.565, -0.246, 0.278}},
		{"WASO", "1.96 SD of residuals", func(b Boot) Interval { return b.Upper }, want{23.7574, 12.332, 30.672, 16.843, 35.183, 4.831}},
		{"WASO", "bias at 90", func(b Boot) Interval { return b.BiasAt(90) }, want{-45.7345, -79.273, 0.724, -92.193, -12.196, 16.917}},
		{"SE", "c0", func(b Boot) Interval { return b.Spread.At0 }, want{24.9047, -4.44, 33.859, 15.951, 54.25, 10.305}},
		{"SE", "c1", func(b Boot) Interval { return b.Spread.Slope }, want{-0.2565, -0.361, 0.069, -0.582, -0.152, 0.116}},
		{"SE", "bias at 90", func(b Boot) Interval { return b.BiasAt(90) }, want{-0.5633, -2.132, 0.625, -1.752, 1.005, 0.711}},
		{"SE", "lower limit at 90", func(b Boot) Interval { l, _ := b.LimitsAt(90); return l }, want{-5.0342, -8.862, -1.232, -8.836, -1.206, 2.028}},
	} {
		d, err := BlandAltman(m[c.measure][0], m[c.measure][1], Reference)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []BootKind{Basic, Percentile} {
			b, ok := d.Bootstrap(m[c.measure][0], m[c.measure][1], 20_000, kind, rand.New(rand.NewPCG(1, 2)))
			if !ok || b.Draws != 20_000 {
				t.Fatalf("%s: %d draws", c.measure, b.Draws)
			}
			got, low, high := c.of(b), c.want.lowBasic, c.want.highBasic
			if kind == Percentile {
				low, high = c.want.lowPerc, c.want.highPerc
			}
			if math.Abs(got.Value-c.want.value) > 1e-4 || math.Abs(got.Low-low) > 0.1*c.want.sd || math.Abs(got.High-high) > 0.1*c.want.sd {
				t.Errorf("%s, %s: %+v, R has %g: %g to %g", c.measure, c.name, got, c.want.value, low, high)
			}
		}
	}
}

// Of many nights of normal differences the interval of a limit is that of theory,
// ±1.96 s √(1/n + 1.96²/2n): the √3 of Bland & Altman 1999, and not the bare
// standard error of a mean.
func TestBootstrapOfLimitsHasTheory(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	const n = 2000
	ref, dev := make([]float64, n), make([]float64, n)
	for i := range ref {
		ref[i] = 400 + 50*rng.NormFloat64()
		dev[i] = ref[i] + 10*rng.NormFloat64()
	}
	d, err := BlandAltman(ref, dev, Reference)
	if err != nil || d.Proportional || d.Heteroscedastic {
		t.Fatalf("%+v %v", d, err)
	}
	b, ok := d.Bootstrap(ref, dev, 4000, Basic, rng)
	want := 2 * 1.96 * d.SD * math.Sqrt(1.0/n+1.96*1.96/2/n)
	if got := b.Upper.High - b.Upper.Low; !ok || math.Abs(got/want-1) > 0.08 {
		t.Errorf("%v wide, theory has %v", got, want)
	}
	if got, want := b.Bias.High-b.Bias.Low, 2*1.96*d.SD/math.Sqrt(n); math.Abs(got/want-1) > 0.08 {
		t.Errorf("bias: %v wide, theory has %v", got, want)
	}
}

func TestBootstrapOfLimitsInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(6, 20).Draw(t, "n")
		values := rapid.SliceOfN(rapid.Float64Range(1, 600), n, n)
		ref, dev := values.Draw(t, "ref"), values.Draw(t, "dev")
		d, err := BlandAltman(ref, dev, Reference)
		if err != nil {
			t.Fatal(err)
		}
		a, ok1 := d.Bootstrap(ref, dev, 100, Percentile, rand.New(rand.NewPCG(1, 1)))
		again, ok2 := d.Bootstrap(ref, dev, 100, Percentile, rand.New(rand.NewPCG(1, 1)))
		if ok1 != ok2 || a.Lower != again.Lower || a.Bias != again.Bias {
			t.Fatal("one seed, two answers")
		}
		if !ok1 {
			return
		}
		basic, _ := d.Bootstrap(ref, dev, 100, Basic, rand.New(rand.NewPCG(1, 1)))
		if w := a.Bias.High - a.Bias.Low; math.Abs(basic.Bias.High-basic.Bias.Low-w) > 1e-9*(1+w) {
			t.Fatal("the two kinds are not mirror images")
		}
		if (a.Line != nil) != d.Proportional || (a.Spread != nil) != d.Heteroscedastic {
			t.Fatal("a draw decided anew what grows")
		}
	})
	d, _ := BlandAltman([]float64{1, 2, 3}, []float64{2, 2, 5}, Reference)
	if _, ok := d.Bootstrap([]float64{1, 2}, []float64{2, 2}, 100, Basic, nil); ok {
		t.Error("other nights than those measured")
	}
}
