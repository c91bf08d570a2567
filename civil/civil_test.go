package civil_test

import (
	"testing"
	"time"

	"dvala/civil"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := civil.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Adding days and subtracting dates undo each other, over leap years too.
func TestAddSub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := civil.On(2000, 1, 1).Add(rapid.IntRange(-40000, 40000).Draw(t, "d"))
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		if got := d.Add(n).Sub(d); got != n {
			t.Fatalf("%v + %d days is %d days away", d, n, got)
		}
		back, err := civil.ParseDate(d.String())
		if err != nil || back != d {
			t.Fatalf("%v read back as %v (%v)", d, back, err)
		}
	})
}

// Every instant lies in the window of exactly the night it is said to be of.
func TestNightOfLiesInItsWindow(t *testing.T) {
	names := []string{"Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := civil.Zone(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(946684800, 1893456000).Draw(t, "at"), 0).In(z)
		from, to := civil.NightOf(at).Window(z)
		if at.Before(from) || !at.Before(to) {
			t.Fatalf("%v is not in %v … %v", at, from, to)
		}
	})
}

// The night of the spring change is 23 hours, of the autumn change 25.
func TestWindowOnClockChanges(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	for _, c := range []struct {
		night civil.Date
		hours float64
	}{{civil.On(2026, 3, 29), 23}, {civil.On(2026, 10, 25), 25}, {civil.On(2026, 11, 24), 24}} {
		from, to := c.night.Window(z)
		if h := to.Sub(from).Hours(); h != c.hours {
			t.Errorf("night to %v lasts %v h, want %v", c.night, h, c.hours)
		}
	}
}

// 02:30 happens twice on the autumn night: the first is taken.
func TestRepeatedHourTakesTheFirst(t *testing.T) {
	z := zone(t, "Europe/Stockholm")
	got := civil.On(2026, 10, 25).At(150, z)
	want := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	if !got.Equal(want) {
		t.Errorf("got %v, want %v", got.UTC(), want)
	}
}

// On Lord Howe clocks go back by half an hour; 01:45 of 5 April 2026 happens
// first at UTC+11, that is at 14:45 UTC of the day before.
func TestRepeatedHalfHourTakesTheFirst(t *testing.T) {
	got := civil.On(2026, 4, 5).At(105, zone(t, "Australia/Lord_Howe"))
	if want := time.Date(2026, 4, 4, 14, 45, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got.UTC(), want)
	}
}

// What is written is read back, for every time of day and for names of zones.
func TestTextForms(t *testing.T) {
	for c := civil.Clock(0); c < 1440; c++ {
		b, _ := c.MarshalText()
		var back civil.Clock
		if err := back.UnmarshalText(b); err != nil || back != c {
			t.Fatalf("%v read back as %v (%v)", c, back, err)
		}
	}
	var d civil.Date
	if err := d.UnmarshalText(nil); err != nil || !d.IsZero() || d.String() != "" {
		t.Error("no date is not read as no date")
	}
	if err := d.UnmarshalText([]byte("2026-11-24")); err != nil || d.Weekday() != time.Tuesday || !civil.On(2026, 11, 23).Before(d) {
		t.Errorf("%v (%v)", d, err)
	}
	if utc := zone(t, "Etc/UTC"); utc != time.UTC {
		t.Error("UTC has two faces")
	}
}

func TestBadInputIsRefused(t *testing.T) {
	for _, s := range []string{"", "2026-13-01", "2026-02-30", "23/11/2026", "0000-00-00", "2026-1-1"} {
		if _, err := civil.ParseDate(s); err == nil {
			t.Errorf("date %q accepted", s)
		}
	}
	for _, s := range []string{"", "24:00", "7", "7:5", "07:60", "-1:00", "07:05x", "07:05 pm", "+7:05", "07: 5", "07:+5", "007:05", " 7:05", "7:05\n"} {
		if _, err := civil.ParseClock(s); err == nil {
			t.Errorf("clock %q accepted", s)
		}
	}
	for _, s := range []string{"", "Mars/Olympus", "Europe/", "../etc/passwd"} {
		if _, err := civil.Zone(s); err == nil {
			t.Errorf("zone %q accepted", s)
		}
	}
}

// A clock time that the spring change leaves out is as far after the change as it
// is after the gap's start, on either side of the Atlantic: 02:10 is 03:10. And
// nothing that is asked for later comes earlier.
func TestAtInAGap(t *testing.T) {
	for _, c := range []struct {
		zone  string
		date  civil.Date
		asked civil.Clock
		want  string
	}{
		{"America/New_York", civil.Date{2026, time.March, 8}, 2 * 60, "2026-03-08T07:00:00Z"},
		{"America/New_York", civil.Date{2026, time.March, 8}, 2*60 + 10, "2026-03-08T07:10:00Z"},
		{"Europe/Stockholm", civil.Date{2026, time.March, 29}, 2*60 + 10, "2026-03-29T01:10:00Z"},
		{"Australia/Lord_Howe", civil.Date{2026, time.October, 4}, 2*60 + 10, "2026-10-03T15:40:00Z"},
		{"Pacific/Apia", civil.Date{2011, time.December, 30}, 12 * 60, "2011-12-30T22:00:00Z"},
	} {
		zone, err := civil.Zone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.date.At(c.asked, zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s, %v %v: %s, want %s", c.zone, c.date, c.asked, got, c.want)
		}
		for m := civil.Clock(1); m < 24*60; m++ {
			if at := c.date.At(m, zone); civil.ClockOf(at) < m && civil.DateOf(at) == c.date {
				t.Fatalf("%s, %v: %v shows %v", c.zone, c.date, m, civil.ClockOf(at))
			}
		}
	}
}
