package sequential

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

var fifths = []float64{0.2, 0.4, 0.6, 0.8, 1}

// Published: Lan–DeMets boundaries of O'Brien–Fleming type at five looks
// (Reboussin 2000); constants of Pocock and of O'Brien and Fleming (Jennison and
// Turnbull 2000, tables 2.1 and 2.3).
func TestPublished(t *testing.T) {
	d, err := Spend(fifths, 0.05, OBrienFleming, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{4.8769, 3.3569, 2.6803, 2.2898, 2.0310} {
		if math.Abs(d.Upper[i]-want) > 2e-4 {
			t.Errorf("look %d: %.4f, published %.4f", i+1, d.Upper[i], want)
		}
	}
	_, p, err := Shape(fifths, 0.05, func(float64) float64 { return 1 }, true)
	if err != nil || math.Abs(p-2.413) > 5e-4 {
		t.Errorf("Pocock's constant %v, %v", p, err)
	}
	_, o, err := Shape(fifths, 0.05, func(t float64) float64 { return 1 / math.Sqrt(t) }, true)
	if err != nil || math.Abs(o-2.040) > 5e-4 {
		t.Errorf("O'Brien and Fleming's constant %v, %v", o, err)
	}
}

// One look is a fixed design; probabilities of stopping sum to alpha under no
// effect; walks that are made up stop as often as computed.
func TestExit(t *testing.T) {
	one, err := Spend([]float64{1}, 0.05, Pocock, true)
	if err != nil || math.Abs(one.Upper[0]-dist.NormalQuantile(0.975)) > 1e-12 {
		t.Errorf("one look: %v, %v", one.Upper, err)
	}
	d, err := Spend([]float64{0.3, 0.7, 1}, 0.05, Pocock, true)
	if err != nil {
		t.Fatal(err)
	}
	up, down := d.Exit(0)
	if s := sum(up) + sum(down); math.Abs(s-0.05) > 1e-10 {
		t.Errorf("alpha sums to %.12g", s)
	}
	const theta, n = 2.5, 200000
	up, _ = d.Exit(theta)
	r := rand.New(rand.NewPCG(1, 1))
	count := make([]float64, 3)
	for range n {
		var b, before float64
		for k, at := range d.Times {
			b += theta*(at-before) + math.Sqrt(at-before)*r.NormFloat64()
			before = at
			z := b / math.Sqrt(at)
			if z >= d.Upper[k] {
				count[k]++
				break
			}
			if z <= -d.Upper[k] {
				break
			}
		}
	}
	for k := range count {
		if se := math.Sqrt(up[k] * (1 - up[k]) / n); math.Abs(count[k]/n-up[k]) > 4.5*se {
			t.Errorf("look %d: computed %g, walked %g", k+1, up[k], count[k]/n)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, f := range map[string]func() error{
		"falling times":  func() error { _, err := Spend([]float64{0.5, 0.4, 1}, 0.05, Pocock, true); return err },
		"not to the end": func() error { _, err := Spend([]float64{0.5, 0.9}, 0.05, Pocock, true); return err },
		"no looks":       func() error { _, err := Spend(nil, 0.05, Pocock, true); return err },
		"alpha of 5":     func() error { _, err := Spend(fifths, 5, Pocock, true); return err },
		"nothing spent": func() error {
			_, err := Spend(fifths, 0.05, func(t, a float64) float64 { return 0 }, true)
			return err
		},
		"at the end": func() error { _, err := ConditionalPower(1, 1, 2, 0); return err },
	} {
		if c := fault.CodeOf(f()); c != stats.BadArgument {
			t.Errorf("%s: code %q", name, c)
		}
	}
	d, _ := Spend(fifths, 0.05, Pocock, true)
	if _, err := d.Cost(0.01); fault.CodeOf(err) != stats.BadArgument {
		t.Errorf("a power of 1 %%: %v", err)
	}
}

func BenchmarkSpend5(b *testing.B) {
	for b.Loop() {
		if _, err := Spend(fifths, 0.05, OBrienFleming, true); err != nil {
			b.Fatal(err)
		}
	}
}
