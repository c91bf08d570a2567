package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/edf"
)

// psg writes a recording of 10 minutes with two EEG channels and a heart: a
// spindle of 13 Hz every 10 s, slow waves of 0.8 Hz from minute 5 on, and a
// beat every second. The gap, if any, is of 60 s after 5 minutes.
func psg(t *testing.T, kind edf.Format, gap time.Duration) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "psg.edf")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := edf.Header{
		Format: kind, Records: -1, RecordDuration: time.Second, StartDate: civil.On(2026, 11, 23), StartTime: 23 * time.Hour,
		Signals: []edf.Signal{
			{Label: "EEG C4-M1", Unit: "uV", PhysMin: -500, PhysMax: 500, DigMin: -32768, DigMax: 32767, Samples: 128},
			{Label: "EEG O2-M1", Unit: "mV", PhysMin: -0.5, PhysMax: 0.5, DigMin: -32768, DigMax: 32767, Samples: 200},
			{Label: "ECG II", Unit: "mV", PhysMin: -5, PhysMax: 5, DigMin: -32768, DigMax: 32767, Samples: 200},
			{Label: "Pos", PhysMin: 0, PhysMax: 5, DigMin: 0, DigMax: 5, Samples: 1},
		},
	}
	w, err := edf.NewWriter(f, h)
	if err != nil {
		t.Fatal(err)
	}
	brain := func(t float64) float64 {
		v := 0.0
		for k := 1; k < 24; k++ {
			hz := 0.4 * math.Pow(1.2, float64(k))
			v += 6 / math.Pow(hz, 0.6) * math.Sin(2*math.Pi*hz*t+float64(k*k))
		}
		v *= 0.8
		if into := math.Mod(t, 10) - 4; into > 0 && into < 1 {
			v += 35 * math.Pow(math.Sin(math.Pi*into), 2) * math.Sin(2*math.Pi*13*t)
		}
		if t >= 300 {
			v += 60 * math.Sin(2*math.Pi*0.8*t)
		}
		return v
	}
	for sec := range 600 {
		at := time.Duration(sec) * time.Second
		if sec >= 300 {
			at += gap
		}
		row := func(n int, of func(t float64) float64) []float64 {
			out := make([]float64, n)
			for i := range out {
				out[i] = of(float64(sec) + float64(i)/float64(n))
			}
			return out
		}
		beat := func(t float64) float64 { return math.Exp(-math.Pow((math.Mod(t, 1)-0.5)/0.012, 2)) }
		if err := w.WritePhysical(at, [][]float64{row(128, brain), row(200, func(t float64) float64 { return brain(t) / 2000 }), row(200, beat), {1}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func stagesFile(t *testing.T, lines string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stages.txt")
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func runMain(t *testing.T, args ...string) (string, string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

type signalsOut struct {
	Channels []struct {
		Label string
		Power []struct {
			Stage   string
			Minutes float64
			Share   []float64
		}
		Spindles  []map[string]any
		SlowWaves []map[string]any `json:"slow_waves"`
		Events    []any            `json:"spindle_events"`
	}
	Heart []struct {
		Stage   string
		RateBPM float64 `json:"rate_bpm"`
	}
}

func signalsJSON(t *testing.T, args ...string) signalsOut {
	t.Helper()
	text, errs, code := runMain(t, append([]string{"signals", "--format", "json"}, args...)...)
	var out signalsOut
	if code != 0 || json.Unmarshal([]byte(text), &out) != nil {
		t.Fatalf("exit %d: %s\n%s", code, errs, text)
	}
	return out
}

// What was put into the recording comes out, by stage: also at another rate, in
// millivolts and half as large.
func TestSignals(t *testing.T) {
	stages := stagesFile(t, strings.Repeat("N2\n", 10)+strings.Repeat("N3\n", 10))
	out := signalsJSON(t, psg(t, edf.EDF, 0), "--hypnogram", stages, "--events")
	if len(out.Channels) != 2 {
		t.Fatalf("%d channels", len(out.Channels))
	}
	for _, c := range out.Channels {
		if len(c.Spindles) != 2 || len(c.SlowWaves) != 2 || len(c.Events) < 20 {
			t.Fatalf("%+v", c)
		}
		if d := c.Spindles[0]["density_per_min"].(float64); d < 5 || d > 6.2 {
			t.Errorf("%s: %v spindles a minute, 6 were put in", c.Label, d)
		}
		if f := c.Spindles[0]["frequency_hz"].(float64); math.Abs(f-13) > 0.2 {
			t.Errorf("%s: spindles of %v Hz", c.Label, f)
		}
		sum := 0.0
		for _, v := range c.Power[0].Share {
			sum += v
		}
		if math.Abs(sum-1) > 1e-9 || c.Power[0].Minutes < 4 {
			t.Errorf("%s: %+v", c.Label, c.Power[0])
		}
	}
	if d := out.Channels[0].SlowWaves[1]["density_per_min"].(float64); d < 40 || out.Channels[0].SlowWaves[0]["n"].(float64) > 5 {
		t.Errorf("%v slow waves a minute in N3; %v in N2", d, out.Channels[0].SlowWaves[0]["n"])
	}
	if len(out.Heart) != 2 || math.Abs(out.Heart[0].RateBPM-60) > 0.5 {
		t.Errorf("%+v", out.Heart)
	}
}

// A gap is left out: the stages stand still while nothing is recorded.
func TestSignalsAcrossAGap(t *testing.T) {
	stages := stagesFile(t, strings.Repeat("N2\n", 22))
	out := signalsJSON(t, psg(t, edf.EDFPlusD, time.Minute), "--hypnogram", stages, "--channel", "c4")
	if p := out.Channels[0].Power[0]; math.Abs(p.Minutes-10) > 0.2 {
		t.Errorf("%v minutes of 11 with 10 recorded", p.Minutes)
	}
}

// Clocks of both files put the stages to their place; files that do not meet
// are refused.
func TestSignalsAlign(t *testing.T) {
	name := psg(t, edf.EDF, 0)
	table := stagesFile(t, "onset,duration,stage\n2026-11-23 23:02:00,30,N2\n2026-11-23 23:02:30,30,N3\n")
	_, errs, code := runMain(t, "signals", name, "--hypnogram", table, "--channel", "C4")
	if code != 0 || !strings.Contains(errs, "2m0s after the first sample") {
		t.Errorf("exit %d: %s", code, errs)
	}
	late := stagesFile(t, "onset,duration,stage\n2026-11-25 23:02:00,30,N2\n")
	if _, errs, code = runMain(t, "signals", name, "--hypnogram", late); code != 1 || !strings.Contains(errs, "[signals-apart]") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestSignalsFormats(t *testing.T) {
	name := psg(t, edf.EDF, 0)
	stages := stagesFile(t, strings.Repeat("N2\n", 20))
	text, _, code := runMain(t, "signals", name, "--hypnogram", stages)
	for _, want := range []string{"EEG C4-M1, 128 Hz", "Spindles", "Slow waves", "Heart, ECG II: 600 beats"} {
		if code != 0 || !strings.Contains(text, want) {
			t.Errorf("exit %d, no %q:\n%s", code, want, text)
		}
	}
	rows, _, code := runMain(t, "signals", name, "--hypnogram", stages, "--format", "csv", "--events")
	all, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if code != 0 || err != nil || len(all) < 50 || strings.Join(all[0], " ") != "channel stage measure value" {
		t.Errorf("exit %d, %v, %d rows", code, err, len(all))
	}
	page, _, code := runMain(t, "signals", name, "--hypnogram", stages, "--format", "html")
	if code != 0 || strings.Count(page, "<svg") != 2 || !strings.Contains(page, "data:image/png") || strings.Contains(page, "http://www.w3.org/1999") {
		t.Errorf("exit %d: %.300s", code, page)
	}
	_, errs, code := runMain(t, "signals", name)
	if code != 0 || !strings.Contains(errs, "[signals-no-stages]") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code = runMain(t, "signals", name, "--channel", "Cz"); code != 1 || !strings.Contains(errs, "the file has EEG C4-M1, EEG O2-M1, ECG II, Pos") {
		t.Errorf("exit %d: %s", code, errs)
	}
	numbers := stagesFile(t, strings.Repeat("2\n", 20))
	if _, errs, code = runMain(t, "signals", name, "--hypnogram", numbers); code != 1 || !strings.Contains(errs, "[annot-numbers]") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code = runMain(t, "signals", name, "--hypnogram", numbers, "--map", "yasa"); code != 0 {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// edf prints what there is, names what cannot be read, and repairs.
func TestEdfVerb(t *testing.T) {
	name := psg(t, edf.EDFPlusD, time.Minute)
	text, _, code := runMain(t, "edf", name)
	for _, want := range []string{"psg.edf: EDF+D, 2026-11-23 23:00:00, 10 min 0 s of record with gaps", "EEG C4-M1", "after a gap of 60 s"} {
		if code != 0 || !strings.Contains(text, want) {
			t.Errorf("exit %d, no %q:\n%s", code, want, text)
		}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	copy(b[236:], "17      ")
	bad := stagesFile(t, string(b))
	text, errs, code := runMain(t, "edf", "--format", "json", bad, name+"x")
	var out []struct {
		Records   int
		Stretches []any
		Warnings  []struct{ Code string }
	}
	if json.Unmarshal([]byte(text), &out) != nil || code != 1 || len(out) != 1 || out[0].Records != 600 || len(out[0].Stretches) != 2 || out[0].Warnings[0].Code != "edf-records" || !strings.Contains(errs, "psg.edfx") {
		t.Errorf("exit %d: %s\n%s", code, errs, text)
	}
	fixed := filepath.Join(t.TempDir(), "fixed.edf")
	text, errs, code = runMain(t, "edf", bad, "--repair", fixed)
	if code != 0 || !strings.Contains(text, `records: warning: "17" became "600" [edf-repaired]`) {
		t.Errorf("exit %d: %s\n%s", code, errs, text)
	}
	if text, _, _ = runMain(t, "edf", fixed); strings.Contains(text, "warning") {
		t.Error(text)
	}
	if _, errs, code = runMain(t, "edf", bad, "--repair", fixed); code != 1 || !strings.Contains(errs, "exists") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
