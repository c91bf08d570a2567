package sleep

import (
	"fmt"
	"math"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"pgregory.net/rapid"
)

// The formula of Phillips over valid pairs, and pyActigraphy (e9e5e64f) where it
// gives a number; GGIR's mean of day pairs differs by design.
func TestSRIAgreesWithItsFormula(t *testing.T) {
	var golden struct {
		Cases map[string]struct {
			Sleep      string
			Formula    float64
			ValidPairs int `json:"valid_pairs"`
		}
	}
	reference(t, &golden, "golden", "sleep", "sri_regularity_cases.json")
	for name, c := range golden.Cases {
		states := make([]State, len(c.Sleep))
		for i, r := range c.Sleep {
			switch r {
			case '1':
				states[i] = Sleeping
			case '0':
				states[i] = Awake
			}
		}
		sri, n, err := SRI(states, time.Minute)
		if err != nil || n != c.ValidPairs || math.Abs(sri-c.Formula) > 1e-9 {
			t.Errorf("%s: %v of %d pairs, %v; want %v of %d", name, sri, n, err, c.Formula, c.ValidPairs)
		}
	}
	if len(golden.Cases) < 6 {
		t.Fatalf("only %d cases", len(golden.Cases))
	}
}

// GGIR's own test: asleep from 0.5 to 0.8 of one day and 0.5 to 0.9 of the next
// gives 80 (its test_CalcSleepRegularityIndex).
func TestSRIOfTwoDaysByHand(t *testing.T) {
	states := make([]State, 2*1440)
	for i := range states {
		day := float64(i%1440) / 1440
		states[i] = Awake
		if day >= 0.5 && (day < 0.8 || i >= 1440 && day < 0.9) {
			states[i] = Sleeping
		}
	}
	if sri, n, err := SRI(states, time.Minute); err != nil || n != 1440 || math.Abs(sri-80) > 1e-9 {
		t.Errorf("%v of %d, %v", sri, n, err)
	}
	if _, n, err := SRI(states[:1000], time.Minute); err != nil || n != 0 {
		t.Errorf("less than a day: %d pairs, %v", n, err)
	}
	if _, _, err := SRI(states, 7*time.Minute); fault.CodeOf(err) != "epoch-length" {
		t.Errorf("an epoch that does not divide a day: %v", err)
	}
}

func TestSRIInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOfN(rapid.SampledFrom([]State{Unknown, Awake, Sleeping}), 24, 200).Draw(t, "states")
		sri, n, err := SRI(s, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var fine, swapped []State
		for _, x := range s {
			fine = append(fine, x, x)
			swapped = append(swapped, []State{Unknown, Sleeping, Awake}[x])
		}
		check := func(what string, states []State, epoch time.Duration, times int) {
			got, m, err := SRI(states, epoch)
			if err != nil || math.Abs(got-sri) > 1e-9 || m != n*times {
				t.Fatalf("%s: %v of %d, was %v of %d", what, got, m, sri, n)
			}
		}
		check("halved", fine, 30*time.Minute, 2)
		check("swapped", swapped, time.Hour, 1)
		check("a day of nothing more", append(append([]State{}, s...), make([]State, 24)...), time.Hour, 1)
		if n > 0 && (sri < -100-1e-9 || sri > 100+1e-9) {
			t.Fatalf("%v", sri)
		}
	})
}

// nightAt makes a night of sleep from and to clock times in hours; from is of the
// evening before if it is 15 or more.
func nightAt(t testing.TB, date civil.Date, from, to float64) Night {
	t.Helper()
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	day := date
	if from >= 15 {
		day = date.Add(-1)
		to += 24
	}
	n := int(math.Round((to - from) * 60))
	stages := make([]Stage, n)
	for i := range stages {
		stages[i] = Light
	}
	h, err := NewHypnogram(day.At(civil.Clock(math.Round(from*60)), zone), time.Minute, stages)
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewNight(Night{Date: date, Zone: "Europe/Stockholm", Status: Worn, Main: h, Source: Provenance{Vendor: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A week by hand: work nights 23:00 to 07:00 (midsleep 3.0), free nights 01:00 to
// 11:00 (midsleep 6.0). Social jetlag 3 h, by onsets 2 h. SDweek = (5·8+2·10)/7 =
// 8.571; MSFsc = 6 − (10 − 8.571)/2 = 5.286.
func TestTimingByHand(t *testing.T) {
	var nights []Night
	monday := civil.On(2026, 11, 23)
	for i := range 7 {
		date := monday.Add(i)
		if i < 5 {
			nights = append(nights, nightAt(t, date, 23, 7))
		} else {
			nights = append(nights, nightAt(t, date, 1, 11))
		}
	}
	got, err := TimingOf(nights, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"MSW", got.MSWH, 3}, {"MSF", got.MSFH, 6}, {"MSFsc", got.MSFscH, 6 - (10-60.0/7)/2}, {"jetlag", got.JetlagH, 3}, {"by onsets", got.JetlagScH, 2},
	} {
		if c.got == nil || math.Abs(*c.got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, show(c.got), c.want)
		}
	}
	// Pairs of days: 4 alike, Friday to Saturday apart from 23 to 1 and from 7 to 11, Saturday to Sunday alike.
	if got.Days != 7 || got.SRI == nil || math.Abs(*got.SRI-(200*(1-6.0/24/6)-100)) > 1e-9 {
		t.Errorf("SRI %v over %d days", show(got.SRI), got.Days)
	}
	m, _, _ := circular([]float64{3, 3, 3, 3, 3, 6, 6})
	want := (4*math.Abs(3-m) + math.Hypot(6-m, 3) + (6 - m)) / 6
	if got.CPDN != 6 || math.Abs(*got.CPDH-want) > 1e-9 {
		t.Errorf("CPD %v of %d, want %v", show(got.CPDH), got.CPDN, want)
	}
	if got.Rhythm == nil || got.Rhythm.IS < 0.7 || got.Rhythm.IS > 1 {
		t.Errorf("%+v", got.Rhythm)
	}
}

func TestClockTimesGoRound(t *testing.T) {
	m, sd, ok := circular([]float64{23, 1})
	if !ok || math.Min(m, 24-m) > 1e-9 || sd < 0.9 || sd > 1.1 {
		t.Errorf("the mean of 23 and 1 is %v ± %v", m, sd)
	}
	if _, _, ok := circular([]float64{0, 12}); ok {
		t.Error("midnight and noon have a mean")
	}
	for _, c := range [][3]float64{{23, 1, 2}, {1, 23, -2}, {3, 6, 3}, {0, 12, 12}, {12, 0, 12}} {
		if d := arc(c[0], c[1]); d != c[2] {
			t.Errorf("from %v to %v: %v, want %v", c[0], c[1], d, c[2])
		}
	}
}

// Nights lost, not worn and without record are unknown and not awake.
func TestGaps(t *testing.T) {
	monday := civil.On(2026, 11, 23)
	var nights []Night
	for _, i := range []int{0, 1, 3, 4, 5} {
		nights = append(nights, nightAt(t, monday.Add(i), 23, 7))
	}
	nights[4].Status = NotWorn
	nights[4].Main = Hypnogram{}
	s, err := SeriesOf(nights, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	count := map[State]int{}
	for _, st := range s.States {
		count[st]++
	}
	if count[Sleeping] != 4*480 || count[Awake] != 4*960 || count[Unknown] != 2*1440 {
		t.Errorf("%v", count)
	}
	got, err := TimingOf(nights, nil)
	if err != nil || got.SRI != nil || got.Days != 4 || got.SRIPairs != 2*1440 {
		t.Errorf("an index of four days: %+v, %v", got, err)
	}
	if _, err := SeriesOf(append(nights, nights[0]), time.Minute); fault.CodeOf(err) != "series-twice" {
		t.Errorf("two nights of one date: %v", err)
	}
}

// A week across the autumn change: the series has an hour more, and nothing else.
func TestClocksChangeInASeries(t *testing.T) {
	var nights []Night
	for i := range 7 {
		nights = append(nights, nightAt(t, civil.On(2026, 10, 22).Add(i), 23, 6))
	}
	s, err := SeriesOf(nights, time.Minute)
	if err != nil || len(s.States) != 7*1440+60 {
		t.Errorf("%d minutes, %v", len(s.States), err)
	}
}

// Two days of a step by hand: hours 0–11 are 0 and 12–23 are 1. IS = 1; three
// steps in 47 pairs, variance 1/4: IV = (3/47)/(1/4).
func TestRhythmByHand(t *testing.T) {
	x, known := make([]float64, 48), make([]bool, 48)
	for i := range x {
		known[i] = true
		if i%24 >= 12 {
			x[i] = 1
		}
	}
	r, ok := RhythmOf(x, known)
	if !ok || math.Abs(r.IS-1) > 1e-12 || math.Abs(r.IV-12.0/47) > 1e-12 {
		t.Errorf("%+v", r)
	}
	known[3] = false
	if _, ok := RhythmOf(x, known); ok {
		t.Error("47 hours have a rhythm")
	}
}

func TestSpreads(t *testing.T) {
	var all []Architecture
	for _, runs := range []string{"10W 100N2 20R", "20W 80N2", "30W 90N2 10R"} {
		a, _ := ArchitectureOf(mustHypnogram(t, time.Time{}, time.Minute, runs), Lights{})
		all = append(all, a)
	}
	seen := map[string]string{}
	for _, s := range Spreads(all) {
		seen[s.Name] = fmt.Sprint(s.N, " ", s.Mean, " ", show(s.SD))
	}
	if seen["sol_min"] != "3 20 10" || seen["rem_latency_onset_min"][:5] != "2 95 " {
		t.Errorf("%v", seen)
	}
}
