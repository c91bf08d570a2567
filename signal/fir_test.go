package signal

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dvala/fault"
)

// golden reads a file of the reference answers, or skips the test.
func golden(t testing.TB, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(reference(t, filepath.Join("golden", "sleep", name)))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func reference(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	return filepath.Join(dir, name)
}

// column reads a text file of numbers, one a line.
func column(t testing.TB, name string) []float64 {
	t.Helper()
	b, err := os.ReadFile(reference(t, filepath.Join("golden", "sleep", "inputs", name)))
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, f := range strings.Fields(string(b)) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func noise(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// near says how far two rows are apart at most; lengths must agree.
func near(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// The seven filters YASA uses, against the taps that MNE 1.3.0 designs.
func TestTapsAreMNEs(t *testing.T) {
	var want map[string]struct{ H []float64 }
	golden(t, "yasa_fir_filters.json", &want)
	for name, design := range map[string]func() (FIR, error){
		"broad_1_30@100":   func() (FIR, error) { return BandpassAuto(100, 1, 30) },
		"broad_1_30@200":   func() (FIR, error) { return BandpassAuto(200, 1, 30) },
		"sigma_12_15@100":  func() (FIR, error) { return Bandpass(100, 12, 15, 1.5, 1.5) },
		"sigma_12_15@200":  func() (FIR, error) { return Bandpass(200, 12, 15, 1.5, 1.5) },
		"sw_0.3_1.5@100":   func() (FIR, error) { return Bandpass(100, 0.3, 1.5, 0.2, 0.2) },
		"stage_0.4_30@100": func() (FIR, error) { return BandpassAuto(100, 0.4, 30) },
		"rem_0.5_5@256":    func() (FIR, error) { return BandpassAuto(256, 0.5, 5) },
	} {
		f, err := design()
		if err != nil {
			t.Fatal(name, err)
		}
		near(t, name, f.Taps(), want[name].H, 1e-12)
	}
	if len(want) != 7 {
		t.Errorf("%d filters in the reference", len(want))
	}
}

// Beside the reference: by hand, a low-pass of 3 taps at half of Nyquist is
// 0.08·sinc, 1·sinc, 0.08·sinc, scaled to sum 1: (0.08/π, 0.5, 0.08/π)/Σ.
func TestLowpassByHand(t *testing.T) {
	a := 0.08 / math.Pi
	s := 0.5 + 2*a
	near(t, "three taps", lowpass(3, 0.5), []float64{a / s, 0.5 / s, a / s}, 1e-14)
}

func TestBandpassRefuses(t *testing.T) {
	for _, c := range []struct {
		rate, low, high, lw, hw float64
		code                    fault.Code
	}{
		{100, 0, 10, 1, 1, "filter-band"},
		{100, 10, 5, 1, 1, "filter-band"},
		{100, 10, 60, 1, 1, "filter-rate"},
		{100, 1, 10, 2, 1, "filter-rate"},
		{50000, 1, 10, 1e-3, 1, "filter-long"},
		{math.NaN(), 1, 10, 1, 1, "filter-band"},
	} {
		if _, err := Bandpass(c.rate, c.low, c.high, c.lw, c.hw); fault.CodeOf(err) != c.code {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// slowly is the convolution sum itself.
func slowly(f FIR, x []float64) []float64 {
	e := extended{x, edgeOf(f.half(), len(x))}
	y := make([]float64, len(x))
	for i := range y {
		for k, h := range f.taps {
			y[i] += h * e.at(i+f.half()-k)
		}
	}
	return y
}

// Block by block is the same as term by term, for lengths around the blocks.
func TestFilterIsTheSum(t *testing.T) {
	f, err := Bandpass(100, 12, 15, 1.5, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 50, 110, 111, 221, 500, 3500, 9000} {
		x := noise(n, uint64(n))
		near(t, "filtered", f.Filter(x), slowly(f, x), 1e-11)
	}
}

// YASA's two filters on its own 15 s of N2 (yasa_signal_refs.json).
func TestFilteredAsByMNE(t *testing.T) {
	var want struct {
		A struct {
			Broad []float64 `json:"filt_1_30_first20"`
			Sigma []float64 `json:"filt_sigma_first20"`
		} `json:"A_N2_spindles"`
	}
	golden(t, "yasa_signal_refs.json", &want)
	x := column(t, "data_N2_spindles_15sec_200Hz.txt")
	f, _ := BandpassAuto(200, 1, 30)
	g, _ := Bandpass(200, 12, 15, 1.5, 1.5)
	near(t, "1-30 Hz", f.Filter(x)[:20], want.A.Broad, 1e-10)
	near(t, "12-15 Hz", g.Filter(x)[:20], want.A.Sigma, 1e-10)
}

// A range filtered alone is the same as the whole.
func TestRangesAreParts(t *testing.T) {
	f, _ := BandpassAuto(100, 1, 30)
	g, _ := Bandpass(100, 0.3, 1.5, 0.2, 0.2)
	x := noise(40000, 5)
	mask := make([]bool, len(x))
	for i := range mask {
		mask[i] = i > 300 && i < 900 || i > 20000 && i < 33000
	}
	a, b := make([]float64, len(x)), make([]float64, len(x))
	FilterRanges(x, Runs(mask, 50), []FIR{f, g}, [][]float64{a, b})
	wa, wb := f.Filter(x), g.Filter(x)
	for i := range x {
		if mask[i] && (math.Abs(a[i]-wa[i]) > 1e-11 || math.Abs(b[i]-wb[i]) > 1e-11) {
			t.Fatalf("sample %d", i)
		}
	}
	if a[0] != 0 || a[15000] != 0 {
		t.Error("written outside the ranges")
	}
}

// A sine in the pass band comes through where it was; outside it is gone.
func TestZeroPhase(t *testing.T) {
	f, _ := Bandpass(100, 12, 15, 1.5, 1.5)
	sine := func(hz float64) []float64 {
		x := make([]float64, 4000)
		for i := range x {
			x[i] = math.Sin(2 * math.Pi * hz * float64(i) / 100)
		}
		return x
	}
	in, out := sine(13.5), sine(5)
	y, z := f.Filter(in), f.Filter(out)
	for i := 500; i < 3500; i++ {
		if math.Abs(y[i]-in[i]) > 0.005 || math.Abs(z[i]) > 0.005 {
			t.Fatalf("sample %d: %v for %v, and %v", i, y[i], in[i], z[i])
		}
	}
}

func TestTransformKnowsItsOrder(t *testing.T) {
	for _, n := range []int{16, 32, 256, 2048} {
		tr := newTransform(n)
		x := make([]complex128, n)
		for i := range x {
			s, c := math.Sincos(2 * math.Pi * float64(3*i) / float64(n))
			x[i] = complex(c, s)
		}
		keep := append([]complex128(nil), x...)
		tr.forward(x)
		for i, k := range tr.order() {
			want := 0.0
			if k == 3 {
				want = float64(n)
			}
			if math.Abs(real(x[i])-want) > 1e-9*float64(n) || math.Abs(imag(x[i])) > 1e-9*float64(n) {
				t.Fatalf("n %d place %d frequency %d: %v", n, i, k, x[i])
			}
		}
		tr.backward(x)
		for i := range x {
			if d := x[i]*complex(tr.inverse, 0) - keep[i]; math.Hypot(real(d), imag(d)) > 1e-12 {
				t.Fatalf("n %d: not undone at %d", n, i)
			}
		}
	}
}

func BenchmarkTransform4096(b *testing.B) {
	tr := newTransform(4096)
	x := make([]complex128, 4096)
	for range b.N {
		tr.forward(x)
		tr.backward(x)
	}
}

func BenchmarkFilterNight(b *testing.B) {
	f, _ := Bandpass(100, 0.3, 1.5, 0.2, 0.2)
	x := noise(8*3600*100, 1)
	b.SetBytes(int64(8 * len(x)))
	for b.Loop() {
		f.Filter(x)
	}
}
