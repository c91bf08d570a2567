package diary_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/instrument/diary"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := civil.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// told makes a morning's answers; an empty clock or a negative number is left out.
func told(into, tried, final, out string, sol, wakings, waso float64) instrument.Answers {
	a := instrument.Answers{}
	for id, s := range map[instrument.ItemID]string{diary.IntoBed: into, diary.TriedToSleep: tried, diary.FinalWaking: final, diary.OutOfBed: out} {
		if s != "" {
			a[id] = instrument.Said(s)
		}
	}
	for id, x := range map[instrument.ItemID]float64{diary.SOL: sol, diary.Wakings: wakings, diary.WASO: waso} {
		if x >= 0 {
			a[id] = instrument.Number(x)
		}
	}
	return a
}

func want(t *testing.T, n diary.Night, name string, v float64) {
	t.Helper()
	for _, r := range n.Table() {
		if r.Name != name {
			continue
		}
		if r.Value == nil || math.Abs(*r.Value-v) > 1e-9 {
			t.Errorf("%s: got %v, want %v", name, show(r.Value), v)
		}
		return
	}
	t.Errorf("no measure %s", name)
}

func absent(t *testing.T, n diary.Night, names ...string) {
	t.Helper()
	for _, name := range names {
		for _, r := range n.Table() {
			if r.Name == name && r.Value != nil {
				t.Errorf("%s: got %v, want it absent", name, *r.Value)
			}
		}
	}
}

func show(v *float64) any {
	if v == nil {
		return "–"
	}
	return *v
}

// By hand. Into bed 22:30, tried 23:00, 20 min to fall asleep: onset 23:20. Final
// waking 06:30: SPT 430. Awake twice, 30 min: TST 400. Out of bed 07:00: TASAFA 30,
// TIB 510, DSE 480 = 20 + 400 + 30 + 30. SE 400/510 = 78.431… %, 400/480 = 83.333… %.
// Midsleep 23:20 + 215 min = 02:55.
func TestOrdinaryNight(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	n, l := diary.Read(civil.On(2026, 11, 24), z, told("22:30", "23:00", "06:30", "07:00", 20, 2, 30))
	if len(l) != 0 {
		t.Errorf("problems in an ordinary night: %v", l)
	}
	for name, v := range map[string]float64{
		"tib_min": 510, "dse_min": 480, "spt_min": 430, "tst_min": 400, "sol_min": 20, "wakings": 2, "waso_min": 30,
		"tasafa_min": 30, "se_tib_pct": 100 * 400.0 / 510, "se_dse_pct": 100 * 400.0 / 480, "midsleep_min": 175,
	} {
		want(t, n, name, v)
	}
	if got := n.IntoBed.Format(time.RFC3339); got != "2026-11-23T22:30:00+01:00" {
		t.Errorf("into bed at %s", got)
	}
	if got := n.Onset.Format(time.RFC3339); got != "2026-11-23T23:20:00+01:00" {
		t.Errorf("onset at %s", got)
	}
}

// In bed after midnight, and before it: midsleep counts from midnight either way.
func TestAroundMidnight(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	n, l := diary.Read(civil.On(2026, 11, 24), z, told("00:30", "00:30", "08:30", "08:30", 0, 0, -1))
	want(t, n, "tst_min", 480)
	want(t, n, "waso_min", 0) // not asked of who did not wake
	want(t, n, "midsleep_min", 270)
	want(t, n, "se_tib_pct", 100)
	n, l2 := diary.Read(civil.On(2026, 11, 24), z, told("18:00", "18:00", "01:00", "01:00", 0, 0, -1))
	want(t, n, "midsleep_min", -150) // 21:30
	if len(l)+len(l2) != 0 {
		t.Errorf("problems: %v %v", l, l2)
	}
}

// The night of the spring change is an hour shorter than its clock times, that of
// the autumn change an hour longer: 23:00 to 07:00 is 420 and 540 minutes.
func TestClockChanges(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	a := told("23:00", "23:00", "07:00", "07:00", 0, 0, -1)
	spring, _ := diary.Read(civil.On(2026, 3, 29), z, a)
	autumn, _ := diary.Read(civil.On(2026, 10, 25), z, a)
	want(t, spring, "tst_min", 420)
	want(t, autumn, "tst_min", 540)

	// Woke at 02:50 and rose at 02:10: possible that night alone, 20 minutes later.
	n, l := diary.Read(civil.On(2026, 10, 25), z, told("22:00", "22:00", "02:50", "02:10", 0, 0, -1))
	want(t, n, "tasafa_min", 20)
	want(t, n, "tib_min", 310) // 22:00 to 03:00 summer time, and 10 minutes of the second showing
	if !l.Has("clock-repeated") || l.Has("waking-after-rising") {
		t.Errorf("got %v", l)
	}
	// 02:30 is left out in spring.
	n, l = diary.Read(civil.On(2026, 3, 29), z, told("22:00", "22:00", "02:30", "04:00", 0, 0, -1))
	if !l.Has("clock-skipped") || n.FinalWaking == nil {
		t.Errorf("a skipped time is told and taken: %v", l)
	}
	// Lord Howe moves by half an hour: 01:45 comes twice in the night to 5 April 2026.
	_, l = diary.Read(civil.On(2026, 4, 5), zone(t, "Australia/Lord_Howe"), told("22:00", "22:00", "01:45", "06:00", 0, 0, -1))
	if !l.Has("clock-repeated") {
		t.Errorf("a half-hour change went unseen: %v", l)
	}
}

// A sleep that reaches over the window's edge at 15:00 is put together by moving
// a time across it; a slip of twelve hours is not mistaken for one.
func TestOverTheEdge(t *testing.T) {
	z := zone(t, "UTC")
	n, l := diary.Read(civil.On(2026, 11, 24), z, told("07:00", "07:30", "15:10", "15:30", 30, 0, -1))
	want(t, n, "tib_min", 510)
	want(t, n, "tst_min", 430)
	if len(l) != 0 {
		t.Errorf("problems: %v", l)
	}
	n, l = diary.Read(civil.On(2026, 11, 24), z, told("14:30", "15:00", "22:00", "22:10", 30, 0, -1))
	want(t, n, "tib_min", 460)
	if len(l) != 0 {
		t.Errorf("problems: %v", l)
	}
	n, l = diary.Read(civil.On(2026, 11, 24), z, told("11:00", "23:30", "07:00", "07:30", 30, 0, -1))
	if !l.Has("bed-after-rising") {
		t.Errorf("a slip of twelve hours went unseen: %v", l)
	}
	absent(t, n, "tib_min", "se_tib_pct")
	want(t, n, "tst_min", 420) // what does not rest on the slip is there: 07:00 − 23:30 − 30
	want(t, n, "dse_min", 480)
}

// What is implausible is told, as a warning, and nothing that was told is lost.
func TestImplausible(t *testing.T) {
	for _, c := range []struct {
		name string
		a    instrument.Answers
		code fault.Code
		gone []string
	}{
		{"bed after trying", told("23:00", "22:30", "06:30", "07:00", 20, 0, -1), "bed-after-trying", nil},
		{"into bed after rising", told("08:00", "", "06:30", "07:00", 20, 0, -1), "bed-after-rising", []string{"tib_min"}},
		{"trying after waking", told("22:00", "07:30", "06:30", "08:00", 20, 0, -1), "trying-after-waking", []string{"tst_min", "spt_min", "se_tib_pct"}},
		{"waking after rising", told("22:00", "22:00", "07:30", "07:00", 20, 0, -1), "waking-after-rising", []string{"tasafa_min", "se_dse_pct"}},
		{"fifteen hours in bed", told("20:00", "22:00", "10:30", "11:00", 20, 0, -1), "bed-long", nil},
		{"awake for longer than the night", told("23:00", "23:00", "05:00", "06:00", 200, 3, 300), "sleep-none", []string{"tst_min", "se_tib_pct", "se_dse_pct"}},
		{"asleep after the final waking", told("23:00", "23:00", "05:00", "06:00", 400, 0, -1), "sleep-none", []string{"tst_min", "spt_min"}},
		{"awake without waking", told("23:00", "23:00", "05:00", "06:00", 10, 0, 30), "waso-no-waking", nil},
		{"words for a number", instrument.Answers{diary.SOL: instrument.Said("long")}, "answer-kind", []string{"sol_min"}},
		{"a number for a clock", instrument.Answers{diary.IntoBed: instrument.Number(23)}, "answer-kind", nil},
	} {
		before, _ := json.Marshal(c.a)
		n, l := diary.Read(civil.On(2026, 11, 24), zone(t, "Europe/Stockholm"), c.a)
		if !l.Has(c.code) {
			t.Errorf("%s: got %v, want %s", c.name, l, c.code)
		}
		if l.Err() != nil {
			t.Errorf("%s: a warning stops the work: %v", c.name, l.Err())
		}
		absent(t, n, c.gone...)
		if after, _ := json.Marshal(c.a); string(after) != string(before) {
			t.Errorf("%s: the answers were changed", c.name)
		}
	}
}

// Without an answer, what rests on it is absent, and the rest is there.
func TestMissingAnswers(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	day := civil.On(2026, 11, 24)
	n, l := diary.Read(day, z, nil)
	for _, r := range n.Table() {
		if r.Value != nil {
			t.Errorf("%s from no answers", r.Name)
		}
	}
	if len(l) != 0 {
		t.Errorf("no answers are no problem: %v", l)
	}
	n, _ = diary.Read(day, z, told("", "23:00", "06:30", "07:00", 20, 2, 30))
	absent(t, n, "tib_min", "se_tib_pct")
	want(t, n, "se_dse_pct", 100*400.0/480)
	a := told("22:30", "23:00", "06:30", "07:00", 20, 2, -1)
	a[diary.WASO] = instrument.NotSure()
	n, _ = diary.Read(day, z, a)
	absent(t, n, "waso_min", "tst_min", "se_tib_pct", "se_dse_pct")
	want(t, n, "spt_min", 430)
}

// In any zone and on any date: DSE is SOL + TST + WASO + TASAFA, SPT is TST +
// WASO, SE by TIB is at most SE by DSE, midsleep lies between onset and waking;
// and on nights without a clock change the zone and the date change nothing.
func TestIdentities(t *testing.T) {
	utc := zone(t, "UTC")
	names := []string{"Europe/Stockholm", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := civil.Zone(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := civil.On(2026, 1, 1).Add(rapid.IntRange(0, 364).Draw(t, "day"))
		bed := rapid.IntRange(15*60, 26*60).Draw(t, "bed")
		gap := rapid.IntRange(0, 60).Draw(t, "gap")
		sol, sleep, waso, linger := rapid.IntRange(0, 90).Draw(t, "sol"), rapid.IntRange(90, 500).Draw(t, "sleep"), rapid.IntRange(0, 60).Draw(t, "waso"), rapid.IntRange(0, 60).Draw(t, "linger")
		final := bed + gap + sol + sleep + waso
		clock := func(m int) string { return civil.Clock(m % 1440).String() }
		a := told(clock(bed), clock(bed+gap), clock(final), clock(final+linger), float64(sol), 1, float64(waso))
		plain, l := diary.Read(day, utc, a)
		if len(l) != 0 {
			t.Fatalf("problems in a plausible night: %v", l)
		}
		if *plain.TSTMin != float64(sleep) || *plain.TASAFAMin != float64(linger) || *plain.TIBMin != float64(gap+sol+sleep+waso+linger) {
			t.Fatalf("%+v", plain.Measures)
		}
		n, l := diary.Read(day, z, a)
		from, to := day.Window(z)
		if to.Sub(from) == 24*time.Hour && final+linger < 39*60 {
			if len(l) != 0 || *n.TSTMin != *plain.TSTMin || *n.TIBMin != *plain.TIBMin {
				t.Fatalf("the zone changed the night: %v %+v", l, n.Measures)
			}
		}
		if n.TSTMin == nil || n.DSEMin == nil || n.TASAFAMin == nil {
			return // a time that the change left out or showed twice may leave the order broken
		}
		if *n.DSEMin != *n.SOLMin+*n.TSTMin+*n.WASOMin+*n.TASAFAMin || *n.SPTMin != *n.TSTMin+*n.WASOMin {
			t.Fatalf("%+v", n.Measures)
		}
		if n.SETIBPct != nil && n.SEDSEPct != nil && *n.SETIBPct > *n.SEDSEPct {
			t.Fatalf("SE by TIB above SE by DSE: %+v", n.Measures)
		}
		if n.Midsleep.Before(*n.Onset) || n.Midsleep.After(*n.FinalWaking) {
			t.Fatalf("midsleep outside sleep: %+v", n)
		}
	})
}

// Every measure in the dictionary is one of the table, labelled in both languages.
func TestVariables(t *testing.T) {
	vs, rows := diary.Variables(), diary.Night{}.Table()
	if len(vs) != len(rows) {
		t.Fatalf("%d variables, %d rows", len(vs), len(rows))
	}
	for i, v := range vs {
		if v.Name != rows[i].Name || v.Unit != rows[i].Unit || v.Label.EN == "" || v.Label.SV == "" || v.Min == nil || v.Max == nil {
			t.Errorf("%+v", v)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"into-bed":"22:30","tried-to-sleep":"23:00","sol":20,"wakings":2,"waso":30,"final-waking":"06:30","out-of-bed":"07:00"}`), 2026, 300)
	f.Add([]byte(`{"into-bed":"02:30","final-waking":"02:30","out-of-bed":"02:30","sol":1e300}`), 2026, 298)
	f.Add([]byte(`{"sol":{"none":"not-sure"},"wakings":-1,"quality":2.5}`), 1, 1)
	f.Fuzz(func(t *testing.T, b []byte, year, day int) {
		var a instrument.Answers
		if year < 1800 || year > 2200 || day < 0 || day > 366 || json.Unmarshal(b, &a) != nil {
			return
		}
		date := civil.On(year, 1, 1).Add(day)
		n, l := diary.Read(date, zone(t, "Europe/Stockholm"), a)
		if l.Err() != nil {
			t.Fatalf("a diary never stops the work: %v", l)
		}
		for i, r := range n.Table() {
			v := diary.Variables()[i]
			if r.Value != nil && r.Name != "quality" && r.Name != "wakings" && (*r.Value < *v.Min || *r.Value > *v.Max) {
				t.Fatalf("%s %v is not in %v … %v", r.Name, *r.Value, *v.Min, *v.Max)
			}
		}
		if _, err := json.Marshal(n); err != nil {
			t.Fatal(err)
		}
	})
}
