package eeg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/signal"
	"dvala/sleep"
)

// night makes sleep EEG by sums of sines, so that it can be sampled at any
// rate: a background falling with frequency, slow waves that wax and wane, and
// spindles at known times.
type night struct {
	hz, amp, phase []float64
	spindles       []event
}

type event struct{ at, dur, hz, uv, phase float64 }

func newNight(seconds float64, seed uint64) night {
	r := rand.New(rand.NewPCG(seed, 7))
	var n night
	for hz := 0.4; hz < 38; hz *= 1.004 {
		n.hz = append(n.hz, hz*(1+0.002*r.Float64()))
		n.amp = append(n.amp, 0.6/math.Pow(hz, 0.4))
		n.phase = append(n.phase, 2*math.Pi*r.Float64())
	}
	for range 60 {
		n.hz = append(n.hz, 0.55+0.3*r.Float64())
		n.amp = append(n.amp, 5.5)
		n.phase = append(n.phase, 2*math.Pi*r.Float64())
	}
	for at := 6.0; at < seconds-4; at += 6 + 10*r.Float64() {
		n.spindles = append(n.spindles, event{at, 0.8 + 0.6*r.Float64(), 12.6 + 1.8*r.Float64(), 26 + 12*r.Float64(), 2 * math.Pi * r.Float64()})
	}
	return n
}

func (n night) at(rate, seconds float64) []float64 {
	x := make([]float64, int(seconds*rate))
	for k, hz := range n.hz {
		// A rotating pointer is faster than a sine for every sample.
		s, c := math.Sincos(2 * math.Pi * hz / rate)
		step := complex(c, s)
		s, c = math.Sincos(n.phase[k])
		z := complex(c, s)
		for i := range x {
			x[i] += n.amp[k] * imag(z)
			z *= step
		}
	}
	for _, e := range n.spindles {
		for i := int(math.Ceil(e.at * rate)); float64(i)/rate < e.at+e.dur; i++ {
			t := float64(i)/rate - e.at
			x[i] += e.uv * math.Pow(math.Sin(math.Pi*t/e.dur), 2) * math.Sin(2*math.Pi*e.hz*t+e.phase)
		}
	}
	return x
}

// The same night has the same events at every rate a recorder may have.
func TestRateDoesNotMatter(t *testing.T) {
	const seconds = 150
	n := newNight(seconds, 3)
	spindles := map[float64][]Spindle{}
	waves := map[float64][]SlowWave{}
	for _, rate := range []float64{100, 90, 125, 128, 200, 256, 500, 512} {
		x := n.at(rate, seconds)
		var err error
		if spindles[rate], err = Spindles(x, rate, nil, DefaultSpindles()); err != nil {
			t.Fatal(err)
		}
		if waves[rate], err = SlowWaves(x, rate, nil, DefaultSlowWaves()); err != nil {
			t.Fatal(err)
		}
		// The filtered signal is 0 at its ends, and on which side of 0 the first and the last sample lie is chance.
		waves[rate] = slices.DeleteFunc(waves[rate], func(w SlowWave) bool { return w.StartS < 0.1 || w.EndS > seconds-0.1 })
		t.Logf("%g Hz: %d spindles, %d slow waves", rate, len(spindles[rate]), len(waves[rate]))
		for i, e := range spindles[100] {
			if len(spindles[rate]) != len(spindles[100]) {
				t.Fatalf("%d spindles at %g Hz, %d at 100", len(spindles[rate]), rate, len(spindles[100]))
			}
			if g := spindles[rate][i]; math.Abs(g.StartS-e.StartS) > 0.021 || math.Abs(g.FrequencyHz-e.FrequencyHz) > 0.1 || math.Abs(g.AmplitudeUV-e.AmplitudeUV) > 0.02*e.AmplitudeUV {
				t.Errorf("at %g Hz: %+v\n  at 100: %+v", rate, g, e)
			}
		}
		for i, e := range waves[100] {
			if len(waves[rate]) != len(waves[100]) {
				t.Fatalf("%d slow waves at %g Hz, %d at 100", len(waves[rate]), rate, len(waves[100]))
			}
			if g := waves[rate][i]; math.Abs(g.TroughS-e.TroughS) > 0.011 || math.Abs(g.PeakToPeakUV-e.PeakToPeakUV) > 0.01*e.PeakToPeakUV {
				t.Errorf("at %g Hz: %+v\n  at 100: %+v", rate, g, e)
			}
		}
	}
	if len(spindles[100]) < len(n.spindles)*2/3 || len(waves[100]) < 30 {
		t.Errorf("%d of %d spindles, %d slow waves", len(spindles[100]), len(n.spindles), len(waves[100]))
	}
}

// What was put in is found where it was put, and nothing elsewhere.
func TestSpindlesAreWhereTheyWerePut(t *testing.T) {
	n := newNight(300, 11)
	got, err := Spindles(n.at(100, 300), 100, nil, DefaultSpindles())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range got {
		if !slices.ContainsFunc(n.spindles, func(e event) bool {
			return g.StartS < e.at+e.dur && g.EndS > e.at && math.Abs(g.FrequencyHz-e.hz) < 0.8
		}) {
			t.Errorf("none was put at %+v", g)
		}
	}
}

func TestSpindleInvariants(t *testing.T) {
	n := newNight(120, 5)
	x := n.at(100, 120)
	rapid.Check(t, func(t *rapid.T) {
		want, err := Spindles(x, 100, nil, DefaultSpindles())
		if err != nil || len(want) == 0 {
			t.Fatal(err, len(want))
		}
		sign := rapid.SampledFrom([]float64{-1, 1}).Draw(t, "sign")
		offset := rapid.Float64Range(-500, 500).Draw(t, "offset")
		before := rapid.IntRange(0, 30).Draw(t, "epochs before")
		y := make([]float64, before*100+len(x))
		mask := make([]bool, len(y))
		for i := range y {
			y[i] = offset
			if i >= before*100 {
				y[i], mask[i] = sign*x[i-before*100]+offset, true
			}
		}
		got, err := Spindles(y, 100, mask, DefaultSpindles())
		if err != nil {
			t.Fatal(err)
		}
		// Near the join the filters see other samples, so events there may move.
		late := func(s []Spindle, shift float64) (out []float64) {
			for _, e := range s {
				if e.StartS-shift > 8 && e.StartS-shift < 112 {
					out = append(out, math.Round(100*(e.StartS-shift)))
				}
			}
			return out
		}
		a, b := late(want, 0), late(got, float64(before))
		if len(a) != len(b) {
			t.Fatalf("%v and %v", a, b)
		}
		for i := range a {
			if math.Abs(a[i]-b[i]) > 2 {
				t.Fatalf("%v and %v", a, b)
			}
		}
	})
}

// A slow wave by hand: 1 Hz of 50 µV has a trough of −50 and a peak of 50 a
// half second apart, the crossing a quarter second after the trough; so the
// slope is 200 µV/s.
func TestSlowWavesOfASine(t *testing.T) {
	x := make([]float64, 6000)
	for i := range x {
		x[i] = 50 * math.Sin(2*math.Pi*float64(i)/100)
	}
	got, err := SlowWaves(x, 100, nil, DefaultSlowWaves())
	if err != nil || len(got) < 50 {
		t.Fatal(len(got), err)
	}
	for _, w := range got[15:40] {
		if math.Abs(w.TroughUV+50) > 0.2 || math.Abs(w.PeakToPeakUV-100) > 0.4 || math.Abs(w.SlopeUVPerS-200) > 10 || math.Abs(w.DurationS-1) > 0.011 || math.Abs(w.Symmetry-0.5) > 0.011 {
			t.Errorf("%+v", w)
		}
	}
}

// YASA 0.8.1 on the same channel (mne 1.13.2): 158 waves, the phase and
// strength of some, and the mean of all phases.
func TestCouplingIsYASAs(t *testing.T) {
	_, data := channels(t, "synth25min_100.edf")
	p := DefaultSlowWaves()
	p.Coupling = DefaultCoupling()
	got, err := SlowWaves(data[0], 100, nil, p)
	if err != nil || len(got) != 158 {
		t.Fatal(len(got), err)
	}
	for i, want := range map[int][4]float64{
		0:   {901.03, 900.91, 2.5471998806, 0.2353932143},
		1:   {903.40, 903.03, 1.6705322191, 0.1942065348},
		2:   {904.31, 904.98, 0.1516427775, 0},
		50:  {989.53, 989.41, 2.4075448190, 0.1896723260},
		100: {1073.74, 1074.09, -0.3609310007, 0.1448217842},
		150: {1172.75, 1172.44, 1.5976203189, 0.3738745013},
		157: {1192.45, 1193.27, 0.3214630730, 0.2980727078},
	} {
		c := got[i].Coupling
		if c == nil || math.Abs(got[i].TroughS-want[0]) > 1e-9 || math.Abs(c.SigmaPeakS-want[1]) > 1e-9 || math.Abs(c.PhaseRad-want[2]) > 2e-3 || math.Abs(c.Strength-want[3]) > 2e-3 {
			t.Errorf("%d: %+v %+v, want %v", i, got[i], c, want)
		}
	}
	var phases []float64
	for _, w := range got {
		phases = append(phases, w.Coupling.PhaseRad)
	}
	s, ok := Phases(phases)
	if !ok || math.Abs(s.MeanRad-1.6811746663995928) > 5e-3 || math.Abs(s.VectorLen-0.07425879142814698) > 1e-3 {
		t.Errorf("%+v", s)
	}
}

// By hand: two angles 90° apart have a mean vector of 1/√2 half way between;
// for n = 2 and R = 2 Rayleigh's p is exp(√(9) − 5) = e⁻².
func TestPhases(t *testing.T) {
	s, _ := Phases([]float64{0, math.Pi / 2})
	if math.Abs(s.MeanRad-math.Pi/4) > 1e-12 || math.Abs(s.VectorLen-math.Sqrt2/2) > 1e-12 {
		t.Errorf("%+v", s)
	}
	s, _ = Phases([]float64{1, 1})
	if math.Abs(s.RayleighP-math.Exp(-2)) > 1e-9 {
		t.Errorf("%+v", s)
	}
	if _, ok := Phases(nil); ok {
		t.Error("phases of nothing")
	}
}

// Against sorting everything.
func TestTrimmedSD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 3, 200).Draw(t, "v")
		cut := rapid.SampledFrom([]float64{0, 0.05, 0.1, 0.3}).Draw(t, "cut")
		got := trimmedSD(v, cut)
		s := slices.Sorted(slices.Values(v))
		k := int(cut * float64(len(s)))
		s = s[k : len(s)-k]
		mean, sq := 0.0, 0.0
		for _, x := range s {
			mean += x / float64(len(s))
		}
		for _, x := range s {
			sq += (x - mean) * (x - mean)
		}
		want := 0.0
		if len(s) > 1 {
			want = math.Sqrt(sq / float64(len(s)-1))
		}
		if math.Abs(got-want) > 1e-7*math.Max(1, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestRefusals(t *testing.T) {
	x := newNight(60, 1).at(100, 60)
	volts := slices.Clone(x)
	for i := range volts {
		volts[i] *= 1e-6
	}
	gap := slices.Clone(x)
	gap[700] = math.NaN()
	for _, c := range []struct {
		name string
		x    []float64
		rate float64
		mask []bool
		code fault.Code
	}{
		{"volts", volts, 100, nil, "eeg-unit"},
		{"flat", make([]float64, 6000), 100, nil, "eeg-unit"},
		{"not recorded", gap, 100, nil, "eeg-number"},
		{"rate", x, 10, nil, "eeg-rate"},
		{"mask", x, 100, make([]bool, 5), "eeg-mask"},
	} {
		_, err := Spindles(c.x, c.rate, c.mask, DefaultSpindles())
		_, err2 := SlowWaves(c.x, c.rate, c.mask, DefaultSlowWaves())
		if fault.CodeOf(err) != c.code || fault.CodeOf(err2) != c.code {
			t.Errorf("%s: %v, %v", c.name, err, err2)
		}
	}
	for _, n := range []int{0, 1, 60, 250} {
		if s, err := Spindles(x[:n], 100, nil, DefaultSpindles()); err != nil && n > 20 {
			t.Errorf("%d samples: %v, %v", n, s, err)
		}
		if s, err := SlowWaves(x[:n], 100, nil, DefaultSlowWaves()); err != nil && n > 20 {
			t.Errorf("%d samples: %v, %v", n, s, err)
		}
	}
	if s, err := Spindles(x, 100, make([]bool, len(x)), DefaultSpindles()); err != nil || len(s) != 0 {
		t.Errorf("nowhere to look: %v, %v", s, err)
	}
}

func hypnogram(t testing.TB, runs string) sleep.Hypnogram {
	t.Helper()
	s, err := sleep.ParseStages(runs, 100000)
	if err != nil {
		t.Fatal(err)
	}
	h, err := sleep.NewHypnogram(time.Time{}, 30*time.Second, s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Epochs become samples, also where the hypnogram begins before the signal or
// ends after it.
func TestStretches(t *testing.T) {
	h := hypnogram(t, "1W 2N2 1W 1N3")
	for _, c := range []struct {
		offset time.Duration
		n      int
		want   []signal.Range
	}{
		{0, 1000, []signal.Range{{From: 300, To: 900}}},
		{0, 2000, []signal.Range{{From: 300, To: 900}, {From: 1200, To: 1500}}},
		{-40 * time.Second, 1000, []signal.Range{{From: 0, To: 500}, {From: 800, To: 1000}}},
		{100 * time.Second, 1000, nil},
	} {
		if got := Stretches(h, c.n, 10, c.offset, sleep.N2, sleep.N3); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.offset, got, c.want)
		}
	}
	if s, ok := StageAt(h, 0, 89.9); !ok || s != sleep.N2 {
		t.Error(s, ok)
	}
	if _, ok := StageAt(h, 0, 150); ok {
		t.Error("a stage after the end")
	}
}

// Halving the epoch changes no stretch; shifting hypnogram and signal alike
// shifts them.
func TestStretchesInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stages := rapid.SliceOfN(rapid.SampledFrom(sleep.Stages()), 1, 40).Draw(t, "stages")
		h, err := sleep.NewHypnogram(time.Time{}, 30*time.Second, stages)
		if err != nil {
			t.Fatal(err)
		}
		fine, err := h.Refine(2)
		if err != nil {
			t.Fatal(err)
		}
		rate := rapid.SampledFrom([]float64{64, 100, 128, 199.5, 256}).Draw(t, "rate")
		offset := time.Duration(rapid.IntRange(-100, 100).Draw(t, "offset")) * time.Second
		n := rapid.IntRange(0, 100_000).Draw(t, "n")
		want := Stretches(h, n, rate, offset, sleep.N2, sleep.N3)
		if got := Stretches(fine, n, rate, offset, sleep.N2, sleep.N3); !slices.Equal(got, want) {
			t.Fatalf("%v became %v", want, got)
		}
		mask := Mask(h, n, rate, offset, sleep.N2, sleep.N3)
		for i := 0; i < n; i += 997 {
			s, ok := StageAt(h, offset, (float64(i)+0.01)/rate)
			if mask[i] != (ok && (s == sleep.N2 || s == sleep.N3)) {
				t.Fatalf("sample %d: %v, %v", i, mask[i], s)
			}
		}
	})
}

func TestArtefacts(t *testing.T) {
	x := newNight(200, 9).at(100, 200)
	for i := 1000; i < 1500; i++ {
		x[i] = 3
	}
	for i := 2010; i < 2060; i++ {
		x[i] = 500
	}
	x[3100] = math.NaN()
	for i := 5000; i < 5500; i++ {
		x[i] *= 40
	}
	got := Artefacts(x, 100, DefaultArtefacts(), nil)
	want := []Mark{{10, 15, Flat}, {20, 25, Clipped}, {30, 35, Missing}, {50, 55, Outlier}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	left := Without([]signal.Range{{From: 500, To: 2200}}, got, 100)
	if !slices.Equal(left, []signal.Range{{From: 500, To: 1000}, {From: 1500, To: 2000}}) {
		t.Errorf("%v", left)
	}
}

func TestSummaries(t *testing.T) {
	h := hypnogram(t, "2N2 2N3")
	s := []Spindle{{StartS: 10, FrequencyHz: 13}, {StartS: 59, FrequencyHz: 14}, {StartS: 61, FrequencyHz: 12}}
	StageSpindles(s, h, 0)
	n2 := SummariseSpindles(s, sleep.N2, Minutes(h, 12000, 100, 0, sleep.N2))
	if n2.N != 2 || n2.Minutes != 1 || n2.DensityPerM != 2 || *n2.FrequencyHz != 13.5 {
		t.Errorf("%+v", n2)
	}
	if none := SummariseSpindles(s, sleep.R, 0); none.N != 0 || none.FrequencyHz != nil {
		t.Errorf("%+v", none)
	}
	w := []SlowWave{{TroughS: 61, Coupling: &Coupling{PhaseRad: 1, Strength: 0.4}}, {TroughS: 70}}
	StageSlowWaves(w, h, 0)
	n3 := SummariseSlowWaves(w, sleep.N3, 1)
	if n3.N != 2 || *n3.Strength != 0.4 || n3.Phase.N != 1 {
		t.Errorf("%+v", n3)
	}
}

// Eight hours of three channels, as the figures of YASA were taken; the
// goroutines are those of the machine.
func nightOfThree(b *testing.B, rate float64) (x []float64, mask []bool) {
	part := newNight(300, 1).at(rate, 300)
	for range 96 {
		x = append(x, part...)
	}
	mask = make([]bool, len(x))
	for i := range mask {
		mask[i] = i%(len(x)/5) > len(x)/15 // two thirds are N2 and N3
	}
	b.ResetTimer()
	return x, mask
}

func inThree(b *testing.B, do func() error) {
	for b.Loop() {
		errs := make(chan error, 3)
		for range 3 {
			go func() { errs <- do() }()
		}
		for range 3 {
			if err := <-errs; err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkSpindles(b *testing.B) {
	for name, rate := range map[string]float64{"100Hz": 100, "256Hz": 256} {
		b.Run(name, func(b *testing.B) {
			x, mask := nightOfThree(b, rate)
			inThree(b, func() error { _, err := Spindles(x, rate, mask, DefaultSpindles()); return err })
		})
	}
}

func BenchmarkSlowWaves(b *testing.B) {
	for name, rate := range map[string]float64{"100Hz": 100, "256Hz": 256} {
		b.Run(name, func(b *testing.B) {
			x, mask := nightOfThree(b, rate)
			inThree(b, func() error { _, err := SlowWaves(x, rate, mask, DefaultSlowWaves()); return err })
		})
	}
}
