package signal

import (
	"fmt"
	"math"
	"testing"

	"dvala/fault"
)

// saw is a signal that every program makes alike.
func saw() []float64 {
	x := make([]float64, 500)
	for i := range x {
		x[i] = float64((i*7919+13)%1000)/100 - 5 + 3*math.Sin(float64(i)/9)
	}
	return x
}

func pick(x []float64, at ...int) []float64 {
	out := make([]float64, len(at))
	for i, k := range at {
		out[i] = x[k]
	}
	return out
}

// scipy.signal.sosfiltfilt(butter(...)) of SciPy 1.17.1 on the same signal.
func TestButterworthIsSciPys(t *testing.T) {
	for _, c := range []struct {
		kind      Kind
		order     int
		low, high float64
		want      []float64
	}{
		{LowPass, 4, 0, 20, []float64{-4.870279079000245, 1.6535829366765529, 1.9207249134100068, 1.1394642183183987, 4.907833289580955, -1.2981737897181773, -1.7370638943496222}},
		{LowPass, 5, 0, 20, []float64{-4.869605797616268, 1.6689122183342449, 2.0335605150844045, 1.1586433123547892, 4.974621157201369, -1.3726577228359558, -1.7311112881557742}},
		{HighPass, 3, 5, 0, []float64{0.3404831979927163, 8.382078796450521, -0.7036241029842363, 3.6128209714157276, 2.8721329008328604, 1.1752984577473784, 0.29929207707922245}},
		{BandPass, 2, 5, 30, []float64{-0.015589286321183948, 7.020967455843698, -0.6684380480460161, 4.4880073065902, 2.9846865659282344, 0.9773993292542029, 0.021493169442780236}},
	} {
		f, err := Butterworth(c.kind, c.order, 100, c.low, c.high)
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprint(c.kind, c.order), pick(f.Filter(saw()), 0, 1, 7, 100, 250, 498, 499), c.want, 1e-9)
	}
	if _, err := Butterworth(BandPass, 2, 100, 30, 5); fault.CodeOf(err) != "filter-band" {
		t.Error(err)
	}
}

// scipy.signal.resample_poly of SciPy 1.17.1, away from the ends.
func TestResampleIsSciPys(t *testing.T) {
	y, err := Resample(saw(), 25, 64)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "25/64", pick(y, 60, 61, 99, 130), []float64{-2.789871790348052, -3.877222351013449, 0.10661266770623021, -4.271923150336056}, 1e-12)
	z, err := ResampleTo(saw(), 90, 100)
	if err != nil || len(y) != 196 || len(z) != 556 {
		t.Fatal(err, len(y), len(z))
	}
	near(t, "10/9", pick(z, 60, 61, 299, 400), []float64{0.5521226312270913, 0.13336009632023388, -5.668864361996079, 5.769196522064216}, 1e-12)
	if _, err := ResampleTo(saw(), 100, 100*math.Pi); fault.CodeOf(err) != "resample-ratio" {
		t.Error(err)
	}
	if same, err := Resample(saw(), 7, 7); err != nil || len(same) != 500 || same[9] != saw()[9] {
		t.Error(err)
	}
}

// A sine stays the same sine at another rate, right to the ends nearly.
func TestResampleKeepsASine(t *testing.T) {
	for _, to := range []float64{64, 90, 128, 250, 256, 512} {
		x := make([]float64, 2000)
		for i := range x {
			x[i] = math.Sin(2 * math.Pi * 11 * float64(i) / 100)
		}
		y, err := ResampleTo(x, 100, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := int(to); i < len(y)-int(to); i++ {
			if want := math.Sin(2 * math.Pi * 11 * float64(i) / to); math.Abs(y[i]-want) > 2e-3 {
				t.Fatalf("to %g: sample %d is %v, want %v", to, i, y[i], want)
			}
		}
	}
}

// scipy.signal.windows.dpss(64, 2.5, 4) and (3000, 15, 29) of SciPy 1.17.1.
func TestTapersAreSciPys(t *testing.T) {
	v, l, err := Tapers(64, 2.5, 4)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]float64{
		{0.0012289709940492657, 0.0022515734537660714, 0.03609557313301322, 0.21899450645426716, 0.17013552682047148, 0.001228970994049268},
		{0.007905854887166863, 0.01266166484646035, 0.10480247077847236, 0.012787882119658662, -0.1720994300982902, -0.007905854887166852},
		{0.0333104613759799, 0.04634431673464062, 0.17730162954802453, -0.14361261630561342, 0.002394954825732075, 0.033310461375979886},
		{0.10052097618754133, 0.1212503811447059, 0.17387999540602042, -0.013458392561080007, 0.1257429604782664, -0.10052097618754154},
	} {
		near(t, fmt.Sprint("taper ", k), pick(v[k], 0, 1, 10, 31, 40, 63), want, 1e-11)
	}
	near(t, "concentration", l, []float64{0.9999972774351693, 0.9998465484588154, 0.9962668597877571, 0.9524259615013081}, 1e-11)
	v, l, err = Tapers(3000, 15, 29)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "concentration of 3000", pick(l, 0, 20, 27, 28), []float64{1, 0.9999999890685881, 0.9765455871024127, 0.8940147274871519}, 1e-10)
	near(t, "of 3000", []float64{v[0][1500], v[27][700], v[28][3]}, []float64{0.05070973050846506, 0.011902310383508884, 0.04285055837864011}, 1e-10)
	for i := range v {
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			if d := dot(v[i], v[j]); math.Abs(d-want) > 1e-10 {
				t.Fatalf("tapers %d and %d: %v", i, j, d)
			}
		}
	}
	if _, _, err := Tapers(10, 5, 3); fault.CodeOf(err) != "tapers" {
		t.Error(err)
	}
}

// scipy.signal.welch of SciPy 1.17.1: Hann and mean over an even length,
// Hamming and median over an odd one.
func TestWelchIsSciPys(t *testing.T) {
	s, err := Welch(saw(), 100, WelchParams{Seconds: 1, Window: Hann, Average: Mean})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", pick(s.Density, 0, 1, 13, 50), []float64{0.09380916290906147, 1.631166451216657, 0.019884670891553522, 0.006151137122298872}, 1e-11)
	s, err = Welch(saw(), 100, WelchParams{Seconds: 1.01})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "median", pick(s.Density, 0, 1, 13, 50), []float64{0.12922744744095607, 2.0407450765397144, 0.019993629940820157, 0.04276587232647765}, 1e-11)
	if _, err := Welch(saw()[:50], 100, WelchParams{Seconds: 1}); fault.CodeOf(err) != "welch-short" {
		t.Error(err)
	}
}

// Both estimators find the level of white noise, and its total the variance.
func TestSpectraOfWhiteNoise(t *testing.T) {
	x := noise(60000, 3)
	for name, of := range map[string]func() (Spectrum, error){
		"median": func() (Spectrum, error) { return Welch(x, 100, WelchParams{}) },
		"mean":   func() (Spectrum, error) { return Welch(x, 100, WelchParams{Average: Mean}) },
		"tapers": func() (Spectrum, error) { return Multitaper(x[:6000], 100, 0.5) },
	} {
		s, err := of()
		if err != nil {
			t.Fatal(err)
		}
		p, ok := s.Power(Band{Low: 0.5, High: 50})
		if want := 49.5 / 50; !ok || math.Abs(p-want) > 0.06 {
			t.Errorf("%s: %v, want %v", name, p, want)
		}
	}
}

// scipy.integrate.simpson of SciPy 1.17.1, and by hand: three points 0 1 0 an
// interval of 1 apart are 4/3.
func TestSimpson(t *testing.T) {
	near(t, "simpson", []float64{
		simpson([]float64{1, 2, 4, 9}, 0.5), simpson([]float64{1, 2, 4, 9, 3, 1}, 0.5), simpson([]float64{0, 1, 0}, 1), simpson([]float64{1, 3}, 2),
	}, []float64{5.291666666666666, 10.166666666666666, 4.0 / 3, 4}, 1e-14)
}

// Bands that touch share no frequency, so their powers add up.
func TestBandsAddUp(t *testing.T) {
	s, err := Welch(noise(20000, 8), 100, WelchParams{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, b := range Bands() {
		p, _ := s.Power(b)
		sum += p
	}
	whole, _ := s.Power(Whole(Bands()))
	if math.Abs(sum-whole) > 1e-12*whole {
		t.Errorf("%v and %v", sum, whole)
	}
	if _, ok := s.Power(Band{Low: 60, High: 70}); ok {
		t.Error("power beyond the spectrum")
	}
}

// scipy.signal.find_peaks of SciPy 1.17.1.
func TestPeaksAreSciPys(t *testing.T) {
	x := saw()
	p := Apart(x, Maxima(x), 6)
	sum := 0
	for _, k := range p {
		sum += k
	}
	if len(p) != 41 || sum != 10150 || fmt.Sprint(p[:6]) != "[1 13 25 38 50 62]" {
		t.Errorf("%d peaks with sum %d: %v", len(p), sum, p)
	}
	for i, want := range []float64{6.326834181439921, 12.446084645137901, 8.885708094295762, 8.494643210860437, 5.490676458926727} {
		if got := Prominence(x, p[i]); math.Abs(got-want) > 1e-12 {
			t.Errorf("prominence %d is %v, want %v", i, got, want)
		}
	}
	if got := fmt.Sprint(Maxima([]float64{0, 1, 3, 3, 3, 1, 2, 2, 1, 5, 5, 4, 6, 0})); got != "[3 6 9 12]" {
		t.Error(got)
	}
}

// YASA's spectrum and band powers (yasa_signal_refs.json).
func TestBandPowerIsYASAs(t *testing.T) {
	var want struct {
		A struct {
			Rel []map[string]any `json:"bandpower_rel"`
			Abs []map[string]any `json:"bandpower_abs"`
			PSD []float64        `json:"welch_psd"`
		} `json:"A_N2_spindles"`
	}
	golden(t, "yasa_signal_refs.json", &want)
	x := column(t, "data_N2_spindles_15sec_200Hz.txt")
	s, err := Welch(x, 200, WelchParams{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "density", s.Density, want.A.PSD, 1e-9)
	total, _ := s.SimpsonPower(Whole(Bands()))
	for _, b := range Bands() {
		name := string(b.Name[0]-32) + b.Name[1:]
		p, ok := s.SimpsonPower(b)
		if !ok {
			t.Fatal(name)
		}
		near(t, name, []float64{p, p / total}, []float64{want.A.Abs[0][name].(float64), want.A.Rel[0][name].(float64)}, 1e-9)
	}
}

// A spectrogram is as long as the whole stretches, and leaves out a column
// that holds what is no number.
func TestSpectrogram(t *testing.T) {
	x := noise(9500, 4)
	x[4000] = math.NaN()
	s, err := NewSpectrogram(x, 100, 30, WelchParams{})
	if err != nil || len(s.Columns) != 3 || s.Columns[1] != nil || len(s.Columns[0]) != 201 || s.Step != 0.25 {
		t.Fatal(err, len(s.Columns))
	}
}
