package signal

import (
	"math"
	"testing"

	"dvala/fault"
)

// A sine within the band is the same sine at the new rate, and one that would
// fold onto the band is gone: both to 100 dB. The oracle is the sine itself.
func TestResamplerKeepsItsBand(t *testing.T) {
	sine := func(hz, rate float64, n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Sin(2*math.Pi*hz*float64(i)/rate + 0.3)
		}
		return x
	}
	for _, c := range []struct{ from, to, high float64 }{{256, 100, 1.7}, {256, 100, 17.5}, {200, 100, 1.7}, {512, 100, 17.5}, {90, 100, 1.7}, {128, 100, 30}} {
		r, err := ResamplerTo(c.from, c.to, c.high)
		if err != nil {
			t.Fatal(err)
		}
		n := int(20 * c.from)
		y := make([]float64, r.Len(n))
		middle := Range{len(y) / 4, len(y) * 3 / 4}
		for _, hz := range []float64{0, c.high / 3, c.high} {
			r.Resample(y, sine(hz, c.from, n), []Range{middle})
			want := sine(hz, c.to, len(y))
			for i := middle.From; i < middle.To; i++ {
				if math.Abs(y[i]-want[i]) > 1e-5 {
					t.Fatalf("%+v: %g Hz: sample %d is %g, not %g", c, hz, i, y[i], want[i])
				}
			}
			if y[0] != 0 || y[len(y)-1] != 0 {
				t.Fatal("filled outside the range")
			}
		}
		if c.from < c.to {
			continue
		}
		for _, hz := range []float64{c.to - c.high, c.to} {
			if hz >= c.from/2 {
				continue
			}
			r.Resample(y, sine(hz, c.from, n), []Range{middle})
			for i := middle.From; i < middle.To; i++ {
				if math.Abs(y[i]) > 1e-5 {
					t.Fatalf("%+v: %g Hz folds: %g", c, hz, y[i])
				}
			}
		}
	}
	for _, c := range [][3]float64{{256, 100, 45}, {256, 100, math.NaN()}} {
		if _, err := ResamplerTo(c[0], c[1], c[2]); fault.CodeOf(err) != "resample-band" {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := ResamplerTo(100, 31.4159265, 1); fault.CodeOf(err) != "resample-ratio" {
		t.Errorf("%v", err)
	}
}

// The pieces of FilterEach, put together, are the filtered signal.
func TestFilterEach(t *testing.T) {
	f, err := Bandpass(100, 0.3, 1.5, 0.2, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 70_000)
	for i := range x {
		x[i] = math.Sin(float64(i*i%977)) + math.Sin(float64(i)/20)
	}
	want := f.Filter(x)
	for _, ranges := range [][]Range{{{0, len(x)}}, {{3, 5}, {100, 40_000}, {69_990, 70_000}}, nil} {
		var next int
		f.FilterEach(x, ranges, func(at int, y []float64) {
			if at < next {
				t.Fatalf("a piece at %d after %d", at, next)
			}
			next = at + len(y)
			for i, v := range y {
				if math.Abs(v-want[at+i]) > 1e-12 {
					t.Fatalf("sample %d is %g, not %g", at+i, v, want[at+i])
				}
			}
		})
		if len(ranges) > 0 && next != len(x) {
			t.Errorf("ended at %d", next)
		}
	}
}
