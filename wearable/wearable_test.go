package wearable

import (
	"fmt"
	"testing"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"pgregory.net/rapid"
)

// at gives a time on the evening of 22 November 2026 or, past 24, the next day.
func at(hours float64) time.Time {
	return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
}

func period(t testing.TB, name string, kind Kind, from, to float64, stage sleep.Stage) Period {
	t.Helper()
	p := Period{Record: name, Kind: kind, Start: at(from), End: at(to)}
	stages := make([]sleep.Stage, p.length()/(5*time.Minute))
	for i := range stages {
		stages[i] = stage
	}
	h, err := sleep.NewHypnogram(p.Start, 5*time.Minute, stages)
	if err != nil {
		t.Fatal(err)
	}
	p.Hypnogram = h
	return p
}

func names(ps []Period) string {
	s := ""
	for _, p := range ps {
		s += p.Record
	}
	return s
}

// Each of the oddities that vendors are known for.
func TestPeriodsBecomeNights(t *testing.T) {
	l := sleep.Light
	for _, c := range []struct {
		name string
		in   []Period
		want string // date main/naps, …
	}{
		{"one night", []Period{period(t, "a", Long, 23, 31, l)}, "2026-11-23 a/"},
		{"split by an awakening", []Period{period(t, "a", Long, 22, 26, l), period(t, "b", Short, 26.5, 29, l)}, "2026-11-23 ab/"},
		{"two long ones far apart", []Period{period(t, "a", Long, 21, 25, l), period(t, "b", Long, 28, 32, l)}, "2026-11-23 ab/"},
		{"a nap in the afternoon", []Period{period(t, "a", Long, 23, 31, l), period(t, "n", Short, 37, 38, l)}, "2026-11-23 a/n"},
		{"a nap before three belongs to the morning's night", []Period{period(t, "n", Short, 13, 14, l)}, "2026-11-22 /n"},
		{"a nap after three belongs to the coming night", []Period{period(t, "n", Short, 16, 17, l), period(t, "a", Long, 23, 31, l)}, "2026-11-23 a/n"},
		{"a short night is a night", []Period{period(t, "a", Short, 26, 28, l)}, "2026-11-23 a/"},
		{"a sleep in the daytime only is a nap", []Period{period(t, "a", Short, 36, 37, l)}, "2026-11-23 /a"},
		{"a chain of short ones is joined", []Period{period(t, "a", Long, 22, 26, l), period(t, "c", Short, 28.5, 29, l), period(t, "b", Short, 26.75, 27.75, l)}, "2026-11-23 abc/"},
		{"rejected", []Period{period(t, "a", Rejected, 23, 31, l)}, ""},
		{"eighteen minutes of nothing but wake", []Period{period(t, "a", Short, 26, 26.3, sleep.W)}, ""},
		{"a fragment read later does not win", []Period{period(t, "a", Long, 23, 31, l), period(t, "f", Long, 24, 25, l)}, "2026-11-23 a/"},
		{"duplicates from two phones: the later", []Period{period(t, "a", Long, 23, 31, l), period(t, "b", Long, 23.1, 31, l)}, "2026-11-23 b/"},
		{"noon to evening, across the window's edge", []Period{period(t, "a", Long, 11, 17, l)}, "2026-11-22 a/"},
	} {
		nights, decisions := Assemble(c.in)
		got := ""
		for _, n := range nights {
			got += fmt.Sprintf("%v %s/%s", n.Date, names(n.Main), names(n.Naps))
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if len(decisions) != len(c.in) {
			t.Errorf("%s: %d records and %d decisions", c.name, len(c.in), len(decisions))
		}
	}
}

func TestRevisions(t *testing.T) {
	old, revised := period(t, "a", Long, 23, 30, sleep.Light), period(t, "a", Long, 23, 31, sleep.Light)
	nights, decisions := Assemble([]Period{old, revised})
	if len(nights) != 1 || !nights[0].Main[0].End.Equal(at(31)) || decisions[0].Action != Superseded {
		t.Errorf("%v %v", nights, decisions)
	}
	newer, older := period(t, "n", Long, 23, 31, sleep.Light), period(t, "o", Long, 23, 30, sleep.Light)
	newer.Algorithm = 2
	older.Edited = true
	for _, in := range [][]Period{{newer, older}, {older, newer}} {
		if nights, _ := Assemble(in); names(nights[0].Main) != "n" {
			t.Errorf("%v: the older algorithm counts", names(in))
		}
	}
	edited := period(t, "e", Long, 23, 30, sleep.Light)
	edited.Edited = true
	for _, in := range [][]Period{{edited, old}, {old, edited}} {
		if nights, _ := Assemble(in); names(nights[0].Main) != "e" {
			t.Errorf("%v: the edit does not count", names(in))
		}
	}
}

func TestWhatLiesBetweenIsUnscored(t *testing.T) {
	h, err := Join([]Period{period(t, "a", Long, 23, 24, sleep.Light), period(t, "b", Short, 24.5, 25, sleep.R)})
	if err != nil || h.String() != "120L 60? 60R" || h.Epoch() != 30*time.Second {
		t.Errorf("%v, %v", h, err)
	}
	overlapping, err := Join([]Period{period(t, "a", Long, 23, 24, sleep.Light), period(t, "b", Short, 23.75, 25, sleep.R)})
	if err != nil || overlapping.String() != "120L 120R" {
		t.Errorf("%v, %v", overlapping, err)
	}
}

// Periods that neither overlap nor share a name give the same nights in any
// order, and every one is told of once.
func TestOrderOfReadingDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var in []Period
		hour := rapid.Float64Range(0, 10).Draw(rt, "begin")
		for i := range rapid.IntRange(1, 8).Draw(rt, "n") {
			length := rapid.Float64Range(0.2, 9).Draw(rt, "length")
			kind := rapid.SampledFrom([]Kind{Short, Long, NapOnly, Rejected}).Draw(rt, "kind")
			in = append(in, period(t, string(rune('a'+i)), kind, hour, hour+length, sleep.Light))
			hour += length + rapid.Float64Range(0.01, 6).Draw(rt, "gap")
		}
		tell := func(ps []Period) string {
			nights, decisions := Assemble(ps)
			if len(decisions) != len(ps) {
				rt.Fatalf("%d records, %d decisions", len(ps), len(decisions))
			}
			s := ""
			for _, n := range nights {
				s += fmt.Sprintf("%v %s/%s;", n.Date, names(n.Main), names(n.Naps))
			}
			return s
		}
		if a, b := tell(in), tell(rapid.Permutation(in).Draw(rt, "order")); a != b {
			rt.Fatalf("%q and %q", a, b)
		}
	})
}

// By hand: of the hour from nine one source has 200 and the other 150; the hour
// from two is there twice when clocks go back.
func TestSteps(t *testing.T) {
	var s Steps
	nine := time.Date(2026, 10, 25, 8, 10, 0, 0, time.UTC).Unix()
	s.Add(1, nine, 60, 100)
	s.Add(2, nine+60, 60, 150)
	s.Add(1, nine+120, 60, 100)
	s.Add(1, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC).Unix(), 120, 10)
	s.Add(1, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC).Unix(), 60, 10)
	s.Add(1, time.Date(2026, 10, 24, 21, 59, 0, 0, time.UTC).Unix(), 120, 3) // 23:59 the day before
	s.Add(1, nine, 60, -5)
	got := s.Dates()
	if len(got) != 2 || got[civil.On(2026, 10, 25)] != (DaySteps{220, 120}) || got[civil.On(2026, 10, 24)].Steps != 3 {
		t.Errorf("%v", got)
	}
}
