package signal

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
)

// The short way gives what the long one does: the signal resampled, and the
// filter on that. They differ by what a Hamming filter lets through far outside
// its band, which the low rate does not hold. The oracle is Bandpass, which is
// held against MNE's taps.
func TestNarrowIsTheFilterAtTheRateWanted(t *testing.T) {
	const to, seconds = 100, 90
	for _, rate := range []float64{50, 90, 125, 128, 200, 250, 256, 500, 512} {
		r := rand.New(rand.NewPCG(1, 2))
		x := make([]float64, int(rate)*seconds)
		for i := range x {
			s := float64(i) / rate
			x[i] = 40*math.Sin(2*math.Pi*0.8*s) + 30*math.Sin(2*math.Pi*0.15*s) + 20*math.Sin(2*math.Pi*1.6*s+1) + 10*math.Sin(2*math.Pi*10*s) + r.NormFloat64()
		}
		n, err := NarrowBandpass(rate, to, 0.3, 1.5, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		y, err := ResampleTo(x, rate, to)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Bandpass(to, 0.3, 1.5, 0.2, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		want := f.Filter(y)
		if n.Len(len(x)) != len(want) {
			t.Errorf("%g Hz: %d samples, not %d", rate, n.Len(len(x)), len(want))
		}
		low := n.Filter(x, []Range{{0, len(x)}})
		if len(low) != halvedTimes(len(x), n.halvings) || n.Rate() != rate/float64(int(1)<<n.halvings) {
			t.Errorf("%g Hz: %d samples of %g a second", rate, len(low), n.Rate())
		}
		got := make([]float64, to*60)
		n.Back(got, low, to*15)
		for i, v := range got {
			// 10 µV of 10 Hz less 57 dB, and noise.
			if d := math.Abs(v - want[to*15+i]); d > 0.02 {
				t.Fatalf("%g Hz: sample %d is %g, not %g", rate, to*15+i, v, want[to*15+i])
			}
		}
	}
}

// What would fold onto the band when the rate is halved is gone, and what is in
// the band is whole.
func TestNarrowDoesNotFold(t *testing.T) {
	const rate = 256
	n, err := NarrowBandpass(rate, 100, 0.3, 1.5, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	loudest := func(hz float64) float64 {
		x := make([]float64, 60*rate)
		for i := range x {
			x[i] = math.Sin(2 * math.Pi * hz * float64(i) / rate)
		}
		y := n.Filter(x, []Range{{0, len(x)}})
		top := 0.0
		for _, v := range y[len(y)/3 : 2*len(y)/3] {
			top = max(top, math.Abs(v))
		}
		return top
	}
	for _, hz := range []float64{32, 64, 128} {
		for _, off := range []float64{-1.5, -0.9, 0.9, 1.5} {
			if top := loudest(hz + off); hz+off < 128 && top > 1e-5 {
				t.Errorf("%g Hz leaves %.2g", hz+off, top)
			}
		}
	}
	for _, hz := range []float64{0.5, 0.9, 1.3} {
		if top := loudest(hz); math.Abs(top-1) > 0.005 { // a Hamming filter's ripple, and the sampling of its peak
			t.Errorf("%g Hz becomes %g", hz, top)
		}
	}
}

// Ranges change nothing within them, wherever they lie.
func TestNarrowRanges(t *testing.T) {
	const rate = 200
	x := make([]float64, 300*rate)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range x {
		x[i] = r.NormFloat64() + 100
	}
	n, err := NarrowBandpass(rate, 100, 0.3, 1.5, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	whole := n.Filter(x, []Range{{-5, len(x)}})
	for _, g := range []Range{{0, 40}, {-20, 300}, {4000, 4001}, {len(whole) - 90, len(whole) + 50}} {
		part := n.Filter(x, []Range{g})
		for i, v := range part {
			switch inside := i >= g.From && i < g.To; {
			case inside && math.Abs(v-whole[i]) > 1e-9, !inside && v != 0:
				t.Fatalf("%v: sample %d is %g, of the whole %g", g, i, v, whole[i])
			}
		}
	}
	for _, c := range [][3]float64{{20, 100, 1.5}, {256, 20, 1.5}, {256, 100, 40}, {256, 100, math.NaN()}} {
		if _, err := NarrowBandpass(c[0], c[1], 0.3, c[2], 0.2); fault.CodeOf(err) != "filter-narrow" {
			t.Error(c, err)
		}
	}
}
