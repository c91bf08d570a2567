package sleep

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustHypnogram(t testing.TB, start time.Time, epoch time.Duration, runs string) Hypnogram {
	t.Helper()
	stages, err := ParseStages(runs, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHypnogram(start, epoch, stages)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func measure(t testing.TB, h Hypnogram, lights Lights) map[string]float64 {
	t.Helper()
	a, ok := ArchitectureOf(h, lights)
	if !ok {
		t.Fatal("nothing to measure")
	}
	out := map[string]float64{}
	for _, r := range a.Table() {
		if r.Value != nil {
			out[r.Name] = *r.Value
		}
	}
	return out
}

func want(t *testing.T, got map[string]float64, name string, v float64) {
	t.Helper()
	if g, ok := got[name]; !ok || math.Abs(g-v) > 1e-9 {
		t.Errorf("%s = %v (there: %v), want %v", name, g, ok, v)
	}
}

// The worked example in the docstring of YASA's sleep_statistics, with its
// answers (yasa/sleepstats.py); REM latency from onset by hand.
func TestWorkedExampleOfYASA(t *testing.T) {
	got := measure(t, mustHypnogram(t, time.Time{}, 30*time.Second, "2W 3N1 3N2 3N3 1N2 2N3 4R 2W"), Lights{})
	for name, v := range map[string]float64{
		"tib_min": 10, "spt_min": 8, "waso_spt_min": 0, "tst_min": 8, "n1_min": 1.5, "n2_min": 2, "n3_min": 2.5, "rem_min": 2,
		"rem_latency_min": 7, "rem_latency_onset_min": 6, "sol_min": 1, "n1_latency_min": 1, "n2_latency_min": 2.5, "n3_latency_min": 4,
		"n1_pct": 18.75, "n2_pct": 25, "n3_pct": 31.25, "rem_pct": 25, "se_tib_pct": 80, "se_spt_pct": 100,
		"waso_lights_on_min": 1, "final_wake_min": 1, "awakenings": 0, "maintenance_pct": 100 * 8.0 / 9,
	} {
		want(t, got, name, v)
	}
	if _, ok := got["lps_min"]; ok {
		t.Error("eight minutes of sleep have a latency to persistent sleep")
	}
}

// Every figure below was counted by hand. The lights are told, and reach beyond
// the record on both sides.
func TestLightsBeyondTheRecord(t *testing.T) {
	start := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	h := mustHypnogram(t, start, time.Minute, "5W 10N2 1? 4N2 6W 2? 20N3 3W")
	got := measure(t, h, Lights{Off: start.Add(-10 * time.Minute), On: start.Add(60 * time.Minute)})
	for name, v := range map[string]float64{
		"tib_min": 70, "scored_min": 48, "unscored_min": 22, "tst_min": 34, "wake_min": 14,
		"sol_min": 15, "unscored_before_onset_min": 10, "lps_min": 15, "spt_min": 43,
		"waso_spt_min": 6, "waso_lights_on_min": 9, "final_wake_min": 3,
		"awakenings": 1, "awakenings_over_5_min": 1, "awakening_mean_min": 6,
		"se_tib_pct": 100 * 34.0 / 70, "n3_latency_min": 38, "stage_shifts": 2, "fragmentation_per_h": 2 / (34.0 / 60),
	} {
		want(t, got, name, v)
	}
	for _, absent := range []string{"rem_latency_min", "rem_latency_onset_min", "rem_third1_pct", "n1_latency_min"} {
		if v, ok := got[absent]; ok {
			t.Errorf("%s = %v in a sleep without it", absent, v)
		}
	}
	want(t, got, "rem_min", 0) // staged, and none seen: that is a zero, not an absence
	inside := measure(t, h, Lights{Off: start.Add(5 * time.Minute), On: start.Add(48 * time.Minute)})
	want(t, inside, "tib_min", 43)
	want(t, inside, "sol_min", 0)
	want(t, inside, "final_wake_min", 0)
}

func TestWhatTheSourceDidNotTellIsAbsent(t *testing.T) {
	light := measure(t, mustHypnogram(t, time.Time{}, 30*time.Second, "10W 40L 40N3 20R"), Lights{})
	asleep := measure(t, mustHypnogram(t, time.Time{}, 30*time.Second, "10W 40S 5W 60S"), Lights{})
	wake := measure(t, mustHypnogram(t, time.Time{}, 30*time.Second, "36W"), Lights{})
	for _, c := range []struct {
		name          string
		got           map[string]float64
		there, absent []string
	}{
		{
			"light", light,
			[]string{"light_min", "n3_min", "rem_min", "light_pct", "stage_shifts", "n3_third1_pct", "cycles"},
			[]string{"n1_min", "n2_min", "n1_pct", "n2_latency_min", "entropy_bits", "transition_entropy_bits", "unstaged_min"},
		},
		{
			"asleep", asleep,
			[]string{"tst_min", "sol_min", "waso_spt_min", "awakenings", "unstaged_min", "fragmentation_per_h"},
			[]string{"light_min", "n3_min", "rem_min", "stage_shifts", "cycles", "rem_pct", "n3_third1_pct", "entropy_bits"},
		},
		{
			"wake only", wake,
			[]string{"tib_min", "tst_min", "wake_min", "se_tib_pct"},
			[]string{"sol_min", "spt_min", "waso_spt_min", "se_spt_pct", "awakenings", "n1_pct", "rem_latency_min", "cycles"},
		},
	} {
		for _, name := range c.there {
			if _, ok := c.got[name]; !ok {
				t.Errorf("%s: %s is absent", c.name, name)
			}
		}
		for _, name := range c.absent {
			if v, ok := c.got[name]; ok {
				t.Errorf("%s: %s = %v, want it absent", c.name, name, v)
			}
		}
	}
	if _, ok := ArchitectureOf(mustHypnogram(t, time.Time{}, 30*time.Second, "30?"), Lights{}); ok {
		t.Error("a record of which nothing is scored was measured")
	}
	if _, ok := ArchitectureOf(Hypnogram{}, Lights{}); ok {
		t.Error("no record at all was measured")
	}
}

// What must not change when the epoch is halved, the clock is moved, a zone
// crossed, or unscored time is put before or after.
func TestArchitectureInvariants(t *testing.T) {
	epochs := []time.Duration{10 * time.Second, 30 * time.Second, 5 * time.Minute}
	rapid.Check(t, func(t *rapid.T) {
		row := stageRows(W, N1, N2, N3, R, Unscored).Draw(t, "row")
		epoch := rapid.SampledFrom(epochs).Draw(t, "epoch")
		row = row[:min(len(row), int(24*time.Hour/epoch))]
		start := time.Date(2026, 10, 24, 22, 7, 0, 0, time.UTC)
		h, err := NewHypnogram(start, epoch, row)
		if err != nil {
			t.Fatal(err)
		}
		a, ok := ArchitectureOf(h, Lights{})
		if !ok {
			if h.Count(Unscored) != h.Len() {
				t.Fatal("scored epochs, and nothing measured")
			}
			return
		}
		half, err := h.Refine(2)
		if err != nil {
			t.Fatal(err)
		}
		padded, err := NewHypnogram(start, epoch, append(append([]Stage{Unscored, Unscored}, row...), Unscored))
		if err != nil {
			t.Fatal(err)
		}
		moved, _ := h.StartingAt(start.Add(3 * time.Hour))
		same(t, "the epoch halved", a, half, "epoch_s", "transition_entropy_bits")
		same(t, "unscored time added", a, padded)
		same(t, "the clock moved", a, moved)
		same(t, "another zone", a, h.In(time.FixedZone("", 5*3600)))
		sums(t, a)
	})
}

// same wants the table of another hypnogram to equal one, but for some names.
func same(t *rapid.T, what string, a Architecture, h Hypnogram, but ...string) {
	b, ok := ArchitectureOf(h, Lights{})
	if !ok {
		t.Fatalf("%s: nothing measured", what)
	}
	was, is := a.Table(), b.Table()
	for i := range was {
		skip := false
		for _, name := range but {
			skip = skip || name == was[i].Name
		}
		if skip {
			continue
		}
		x, y := was[i].Value, is[i].Value
		if (x == nil) != (y == nil) || x != nil && math.Abs(*x-*y) > 1e-9*(1+math.Abs(*x)) {
			t.Fatalf("%s: %s was %v and is %v", what, was[i].Name, show(x), show(y))
		}
	}
}

func show(v *float64) any {
	if v == nil {
		return "absent"
	}
	return *v
}

// sums wants the parts of a night to add up.
func sums(t *rapid.T, a Architecture) {
	near := func(what string, x, y float64) {
		if math.Abs(x-y) > 1e-6 {
			t.Fatalf("%s: %v and %v", what, x, y)
		}
	}
	near("scored and unscored", a.ScoredMin+a.UnscoredMin, a.TIBMin)
	near("sleep and wake", *a.TSTMin+*a.WakeMin, a.ScoredMin)
	near("stages", *a.N1Min+*a.N2Min+*a.N3Min+*a.REMMin, *a.TSTMin)
	if a.SPTMin == nil {
		return
	}
	near("shares", *a.N1Pct+*a.N2Pct+*a.N3Pct+*a.REMPct, 100)
	near("conventions of WASO", *a.WASOSPTMin+*a.FinalWakeMin, *a.WASOLightsOnMin)
	near("awakenings", float64(*a.Awakenings)*orZero(a.AwakeningMeanMin), *a.WASOSPTMin)
	if a.N3ThirdsPct != nil {
		near("thirds", a.N3ThirdsPct[0]+a.N3ThirdsPct[1]+a.N3ThirdsPct[2], 100)
	}
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// Every name in the table is a key of the JSON, or one of the few that unfold one.
func TestTableNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range (Architecture{}).Table() {
		if seen[r.Name] || r.Label == "" {
			t.Errorf("%q stands twice or has no label", r.Name)
		}
		seen[r.Name] = true
	}
}

func BenchmarkArchitecture(b *testing.B) {
	h := mustHypnogram(b, time.Time{}, 30*time.Second,
		"40W 6N1 60N2 70N3 3N2 2W 20N2 24R 4W 70N2 50N3 30N2 40R 1N1 90N2 20N3 60R 3W 2N1 80N2 70R 5N1 60N2 80R 12W")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := ArchitectureOf(h, Lights{}); !ok {
			b.Fatal("nothing measured")
		}
	}
}

func TestBoutsAndHoursByHand(t *testing.T) {
	a, _ := ArchitectureOf(mustHypnogram(t, time.Time{}, time.Minute, "10W 30N2 5W 40N2 10N3 1? 3N3 6W"), Lights{})
	want := []Bouts{{W, 1, 5, 5}, {N2, 2, 35, 40}, {N3, 2, 6.5, 10}}
	if len(a.Bouts) != len(want) {
		t.Fatalf("%v", a.Bouts)
	}
	for i, b := range a.Bouts {
		if b != want[i] {
			t.Errorf("%v, want %v", b, want[i])
		}
	}
	if third := a.StageByThird; third[0].Minute[N2] != 30-1.0/3 || third[2].Minute[N3] != 13 || third[1].Minute[W] != 5 {
		t.Errorf("thirds of 89 minutes: %v", third)
	}
	text, err := json.Marshal(a)
	var back Architecture
	if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(a, back) {
		t.Errorf("read back it differs: %s, %v", text, err)
	}
	if got, _ := json.Marshal(a.Transitions); string(got) != `{"N2":{"N2":68,"N3":1,"W":1},"N3":{"N3":11,"W":1},"W":{"N2":2,"W":18}}` {
		t.Errorf("%s", got)
	}
	h := a.StageByHour
	if len(h) != 2 || h[0].Minute[N2] != 55 || h[0].Minute[W] != 5 || h[1].Minute[N2] != 15 || h[1].Minute[N3] != 13 || h[1].Minute[Unscored] != 1 {
		t.Errorf("%v", h)
	}
}
