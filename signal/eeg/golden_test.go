package eeg

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dvala/edf"
	"dvala/sleep"
)

func reference(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	return filepath.Join(dir, "golden", "sleep", name)
}

type rows struct {
	N       int
	Columns []string
	Rows    [][]any
}

// of gives a column of one channel; channel "" is all.
func (r rows) of(t testing.TB, name, channel string) []float64 {
	t.Helper()
	at, ch := -1, -1
	for i, c := range r.Columns {
		if c == name {
			at = i
		}
		if c == "Channel" {
			ch = i
		}
	}
	if at < 0 {
		t.Fatalf("no column %s", name)
	}
	var out []float64
	for _, row := range r.Rows {
		if channel == "" || row[ch].(string) == channel {
			out = append(out, row[at].(float64))
		}
	}
	return out
}

type yasa struct {
	A struct {
		Default rows `json:"spindles_default"`
		Wide    rows `json:"spindles_11_16"`
	} `json:"A_N2_spindles"`
	B struct {
		SW rows
	} `json:"B_N3_nospindles"`
	D struct {
		SW rows
	} `json:"D_real5min_sleepedf"`
	E struct {
		SpindlesHyp rows `json:"spindles_hyp"`
		SWHyp       rows `json:"sw_hyp"`
		Spindles    rows
		SW          rows
	} `json:"E_synth25min"`
}

func yasaAnswers(t testing.TB) yasa {
	t.Helper()
	b, err := os.ReadFile(reference(t, "yasa_signal_refs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var y yasa
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return y
}

func column(t testing.TB, name string) []float64 {
	t.Helper()
	b, err := os.ReadFile(reference(t, filepath.Join("inputs", name)))
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

// channels reads an EDF file's channels in microvolts.
func channels(t testing.TB, name string) (labels []string, data [][]float64) {
	t.Helper()
	f, err := os.Open(reference(t, filepath.Join("inputs", name)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := edf.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	h := r.Header()
	data = make([][]float64, len(h.Signals))
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		for i, s := range h.Signals {
			gain := (s.PhysMax - s.PhysMin) / float64(s.DigMax-s.DigMin)
			for _, v := range rec.Digital(i, nil) {
				data[i] = append(data[i], s.PhysMin+gain*float64(int(v)-s.DigMin))
			}
		}
	}
	for _, s := range h.Signals {
		labels = append(labels, s.Label)
	}
	return labels, data
}

func synthHypnogram(t testing.TB) sleep.Hypnogram {
	t.Helper()
	b, err := os.ReadFile(reference(t, "inputs/synth25min_100.eannot"))
	if err != nil {
		t.Fatal(err)
	}
	var stages []sleep.Stage
	for _, l := range strings.Fields(string(b)) {
		s, err := sleep.ParseStage(l)
		if err != nil {
			t.Fatal(err)
		}
		stages = append(stages, s)
	}
	h, err := sleep.NewHypnogram(time.Time{}, 30*time.Second, stages)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func worst(got, want []float64) float64 {
	w := 0.0
	for i := range got {
		w = math.Max(w, math.Abs(got[i]-want[i]))
	}
	return w
}

var spindleColumns = []struct {
	name string
	of   func(Spindle) float64
	tol  float64
}{
	{"Start", func(s Spindle) float64 { return s.StartS }, 1e-9},
	{"Peak", func(s Spindle) float64 { return s.PeakS }, 1e-9},
	{"End", func(s Spindle) float64 { return s.EndS }, 1e-9},
	{"Duration", func(s Spindle) float64 { return s.DurationS }, 1e-9},
	{"Amplitude", func(s Spindle) float64 { return s.AmplitudeUV }, 1e-9},
	{"AmpFiltered", func(s Spindle) float64 { return s.SigmaUV }, 1e-9},
	{"RMS", func(s Spindle) float64 { return s.RMSUV }, 1e-9},
	{"AbsPower", func(s Spindle) float64 { return s.LogPower }, 1e-3},
	{"RelPower", func(s Spindle) float64 { return s.RelPower }, 1e-9},
	{"Frequency", func(s Spindle) float64 { return s.FrequencyHz }, 5e-3},
	{"Oscillations", func(s Spindle) float64 { return float64(s.Oscillations) }, 0},
	{"Symmetry", func(s Spindle) float64 { return s.Symmetry }, 1e-9},
}

func compareSpindles(t *testing.T, what string, got []Spindle, want rows, channel string) {
	t.Helper()
	start := want.of(t, "Start", channel)
	if len(got) != len(start) {
		var at []float64
		for _, s := range got {
			at = append(at, s.StartS)
		}
		t.Errorf("%s: %d spindles at %.3f, want %d at %.3f", what, len(got), at, len(start), start)
		return
	}
	for _, c := range spindleColumns {
		var v []float64
		for _, s := range got {
			v = append(v, c.of(s))
		}
		if w := worst(v, want.of(t, c.name, channel)); !(w <= c.tol) {
			t.Errorf("%s: %s is off by %g\n got %v\nwant %v", what, c.name, w, v, want.of(t, c.name, channel))
		}
	}
}

// YASA's own answers on its 15 s of N2 and on 25 synthetic minutes.
func TestSpindlesAreYASAs(t *testing.T) {
	y := yasaAnswers(t)
	p := DefaultSpindles()
	p.Rate = 0
	got, err := Spindles(column(t, "data_N2_spindles_15sec_200Hz.txt"), 200, nil, p)
	if err != nil {
		t.Fatal(err)
	}
	compareSpindles(t, "N2", got, y.A.Default, "")
	p.Low, p.High = 11, 16
	got, err = Spindles(column(t, "data_N2_spindles_15sec_200Hz.txt"), 200, nil, p)
	if err != nil {
		t.Fatal(err)
	}
	compareSpindles(t, "N2, 11-16 Hz", got, y.A.Wide, "")
	p = DefaultSpindles()
	got, err = Spindles(column(t, "data_N3_no-spindles_30sec_100Hz.txt"), 100, nil, p)
	if err != nil || len(got) > 0 {
		t.Errorf("N3 without spindles: %v, %v", got, err)
	}
	labels, data := channels(t, "synth25min_100.edf")
	h := synthHypnogram(t)
	mask := Mask(h, len(data[0]), 100, 0, sleep.N2, sleep.N3)
	for i := range 3 {
		got, err := Spindles(data[i], 100, nil, p)
		if err != nil {
			t.Fatal(err)
		}
		compareSpindles(t, labels[i], got, y.E.Spindles, labels[i])
		got, err = Spindles(data[i], 100, mask, p)
		if err != nil {
			t.Fatal(err)
		}
		compareSpindles(t, labels[i]+" in sleep", got, y.E.SpindlesHyp, labels[i])
	}
}

var waveColumns = []struct {
	name string
	of   func(SlowWave) float64
}{
	{"Start", func(s SlowWave) float64 { return s.StartS }},
	{"NegPeak", func(s SlowWave) float64 { return s.TroughS }},
	{"MidCrossing", func(s SlowWave) float64 { return s.MidS }},
	{"PosPeak", func(s SlowWave) float64 { return s.PeakS }},
	{"End", func(s SlowWave) float64 { return s.EndS }},
	{"Duration", func(s SlowWave) float64 { return s.DurationS }},
	{"ValNegPeak", func(s SlowWave) float64 { return s.TroughUV }},
	{"ValPosPeak", func(s SlowWave) float64 { return s.PeakUV }},
	{"PTP", func(s SlowWave) float64 { return s.PeakToPeakUV }},
	{"Slope", func(s SlowWave) float64 { return s.SlopeUVPerS }},
	{"Frequency", func(s SlowWave) float64 { return s.FrequencyHz }},
}

func compareWaves(t *testing.T, what string, got []SlowWave, want rows, channel string) {
	t.Helper()
	start := want.of(t, "Start", channel)
	if len(got) != len(start) {
		t.Errorf("%s: %d slow waves, want %d", what, len(got), len(start))
		return
	}
	for _, c := range waveColumns {
		var v []float64
		for _, s := range got {
			v = append(v, c.of(s))
		}
		if w := worst(v, want.of(t, c.name, channel)); !(w <= 1e-9) {
			t.Errorf("%s: %s is off by %g", what, c.name, w)
		}
	}
}

// YASA's slow waves in 30 s of N3, in 5 minutes of Sleep-EDF, and in the 25
// synthetic minutes with and without the hypnogram.
func TestSlowWavesAreYASAs(t *testing.T) {
	y := yasaAnswers(t)
	p := DefaultSlowWaves()
	got, err := SlowWaves(column(t, "data_N3_no-spindles_30sec_100Hz.txt"), 100, nil, p)
	if err != nil {
		t.Fatal(err)
	}
	compareWaves(t, "N3", got, y.B.SW, "")
	labels, data := channels(t, "edfio_short_psg.edf")
	for i := range 2 {
		if got, err = SlowWaves(data[i], 100, nil, p); err != nil {
			t.Fatal(err)
		}
		compareWaves(t, labels[i], got, y.D.SW, labels[i])
	}
	labels, data = channels(t, "synth25min_100.edf")
	mask := Mask(synthHypnogram(t), len(data[0]), 100, 0, sleep.N2, sleep.N3)
	for i := range 3 {
		if got, err = SlowWaves(data[i], 100, nil, p); err != nil {
			t.Fatal(err)
		}
		compareWaves(t, labels[i], got, y.E.SW, labels[i])
		if got, err = SlowWaves(data[i], 100, mask, p); err != nil {
			t.Fatal(err)
		}
		compareWaves(t, labels[i]+" in sleep", got, y.E.SWHyp, labels[i])
	}
}

// Against the truth that the 25 synthetic minutes were made of: on C4 every
// spindle found overlaps one that was put in, and more than half are found.
func TestSpindlesAgainstTheTruth(t *testing.T) {
	b, err := os.ReadFile(reference(t, "inputs/synth25min_100.truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct{ Spindles [][4]float64 } // start, duration, Hz, µV
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	_, data := channels(t, "synth25min_100.edf")
	mask := Mask(synthHypnogram(t), len(data[0]), 100, 0, sleep.N2, sleep.N3)
	got, err := Spindles(data[0], 100, mask, DefaultSpindles())
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]bool{}
	for _, g := range got {
		hit := false
		for i, s := range truth.Spindles {
			both := math.Min(g.EndS, s[0]+s[1]) - math.Max(g.StartS, s[0])
			either := math.Max(g.EndS, s[0]+s[1]) - math.Min(g.StartS, s[0])
			if both/either >= 0.2 {
				hit, found[i] = true, true
			}
		}
		if !hit {
			t.Errorf("none was put at %v", g.StartS)
		}
	}
	recall := float64(len(found)) / float64(len(truth.Spindles))
	t.Logf("%d found, recall %.3f of %d", len(got), recall, len(truth.Spindles))
	if recall < 0.5 {
		t.Errorf("recall %.3f", recall)
	}
}
