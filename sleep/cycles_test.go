package sleep

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func cyclesOf(t testing.TB, runs string) []Cycle {
	t.Helper()
	stages, err := ParseStages(runs, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return CyclesOf(stages, time.Minute, FeinbergFloyd())
}

// Made up by hand, a minute an epoch; the ranges follow from the rule's words.
func TestCyclesByTheWordsOfTheRule(t *testing.T) {
	for _, c := range []struct {
		name, runs string
		want       []Cycle
	}{
		{
			"two whole cycles, the first REM short",
			"10W 5N1 40N2 30N3 2R 30N2 20N3 8R 5W",
			[]Cycle{{10, 85, 87, true, false}, {87, 137, 145, true, false}},
		},
		{
			"a second REM of four minutes does not end a period",
			"60N2 3R 30N2 4R 20N2 6R",
			[]Cycle{{0, 60, 63, true, false}, {63, 117, 123, true, false}},
		},
		{
			"fourteen minutes between two REMs do not begin a period",
			"60N2 3R 14N2 6R 40N2",
			[]Cycle{{0, 60, 83, true, false}, {83, 123, 123, false, false}},
		},
		{
			"wake after REM is in no cycle",
			"60N2 6R 30W 60N2 6R 20W",
			[]Cycle{{0, 60, 66, true, false}, {96, 156, 162, true, false}},
		},
		{
			"REM at sleep onset is in no cycle",
			"2W 10R 60N2 6R",
			[]Cycle{{12, 72, 78, true, false}},
		},
		{
			"a skipped first REM: N3 comes back after 13 minutes",
			"20N2 40N3 13N2 50N3 10N2 12R",
			[]Cycle{{0, 73, 73, true, true}, {73, 133, 145, true, false}},
		},
		{
			"twelve minutes without N3 are not enough",
			"20N2 40N3 12N2 50N3 10N2 12R",
			[]Cycle{{0, 132, 144, true, false}},
		},
		{
			"a period of exactly 120 minutes is not too long",
			"20N2 40N3 13N2 40N3 7N2 12R",
			[]Cycle{{0, 120, 132, true, false}},
		},
		{"light counts as non-REM", "5W 40L 20N3 6R", []Cycle{{5, 65, 71, true, false}}},
		{"no sleep, no cycles", "60W", nil},
		{"fourteen minutes of sleep are no period", "14N2", nil},
	} {
		got := cyclesOf(t, c.runs)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: cycle %d is %v, want %v", c.name, i+1, got[i], c.want[i])
			}
		}
	}
}

func TestCycleInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := stageRows(W, N1, N2, N2, N3, R, Unscored).Draw(t, "row")
		got := CyclesOf(row, time.Minute, FeinbergFloyd())
		last := 0
		for _, c := range got {
			if c.Start < last || c.REMStart <= c.Start || c.End < c.REMStart || c.End > len(row) || !row[c.Start].IsNREM() {
				t.Fatalf("%v in %v", got, FormatStages(row))
			}
			last = c.End
		}
		h, err := NewHypnogram(time.Time{}, time.Minute, row)
		if err != nil {
			t.Fatal(err)
		}
		half, err := h.Refine(2)
		if err != nil {
			t.Fatal(err)
		}
		fine := CyclesOf(half.Stages(), 30*time.Second, FeinbergFloyd())
		padded := CyclesOf(append(append([]Stage{Unscored}, row...), Unscored), time.Minute, FeinbergFloyd())
		if len(fine) != len(got) || len(padded) != len(got) {
			t.Fatalf("%d cycles, %d with the epoch halved, %d with unscored time added", len(got), len(fine), len(padded))
		}
		for i, c := range got {
			if fine[i] != (Cycle{2 * c.Start, 2 * c.REMStart, 2 * c.End, c.Complete, c.SkippedREM}) {
				t.Fatalf("halved: %v from %v", fine[i], c)
			}
			if padded[i] != (Cycle{c.Start + 1, c.REMStart + 1, c.End + 1, c.Complete, c.SkippedREM}) {
				t.Fatalf("unscored time added: %v from %v", padded[i], c)
			}
		}
	})
}

// By hand: wake of 15 minutes ends a period, REM of 2 + 2 minutes in five counts as
// five, N1 begins nothing.
func TestLunaCyclesByHand(t *testing.T) {
	stages, err := ParseStages("10N1 30N2 15W 20N2 2R 30N2 2R 1N2 2R 20N2", 1000)
	if err != nil {
		t.Fatal(err)
	}
	got := LunaCycles(stages, time.Minute)
	want := []Cycle{{10, 40, 40, false, false}, {55, 107, 112, true, false}, {112, 132, 132, false, false}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

// By hand: Sxy = -143, Sxx = 10; residuals 2.4 1.7 -9 3.3 1.6, their squares
// 103.1; the 0.975 quantile of t on 3 degrees of freedom is 3.182446.
func TestSlopeByHand(t *testing.T) {
	s := slope([]float64{60, 45, 20, 18, 2})
	for _, c := range []struct{ got, want float64 }{{s.PerStep, -14.3}, {*s.SE, math.Sqrt(103.1 / 3 / 10)}, {*s.Low, -14.3 - 3.182446*math.Sqrt(103.1/3/10)}, {*s.High, -14.3 + 3.182446*math.Sqrt(103.1/3/10)}} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if slope([]float64{1}) != nil || slope([]float64{1, 3}).SE != nil {
		t.Error("one point has no slope, and two have no error")
	}
}
