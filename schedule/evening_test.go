package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/schedule"
)

// On the days when clocks change, a morning still opens at the person's own
// four o'clock and a dose is due at her own hour of getting up: the hours
// between differ, the clock times do not.
func TestClocksChangeUnderTasks(t *testing.T) {
	c := example(t, "mgt-2024")
	for _, day := range []string{"2026-03-29", "2026-10-25"} { // Stockholm: 23 and 25 hours
		on := date(t, day)
		a := schedule.Anchor{Enrolled: on.Add(-20), Randomised: on.Add(-5), Zone: zone(t, "Europe/Stockholm"), Wake: 7 * 60}
		x := task(t, schedule.Plan(c, a), schedule.Key{Kind: schedule.Diary, Date: on})
		if civil.ClockOf(x.Opens) != schedule.DiaryOpens || civil.ClockOf(x.Due) != c.Protocol().Diary.ClosesAt {
			t.Errorf("%s: open from %v to %v", day, x.Opens, x.Due)
		}
		for _, e := range schedule.Evenings(c, a, x.Opens, nil) {
			if e.On == on.Add(-1) && (civil.ClockOf(e.Opens) != 15*60 || civil.ClockOf(e.Due) != 7*60 || civil.DateOf(e.Due) != on) {
				t.Errorf("%s: a dose from %v to %v", day, e.Opens, e.Due)
			}
		}
	}
}

// Whatever the hour of getting up and the zone, a morning has its window around
// it, in order, and never two mornings of one person overlap by much.
func TestMorningsFollowTheWaking(t *testing.T) {
	c := example(t, "mgt-2024")
	zones := []string{"Europe/Stockholm", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia"}
	rapid.Check(t, func(rt *rapid.T) {
		wake := civil.Clock(rapid.IntRange(1, 24*60-1).Draw(rt, "wake"))
		on := date(t, "2026-01-01").Add(rapid.IntRange(0, 400).Draw(rt, "day"))
		a := schedule.Anchor{Enrolled: on.Add(-20), Randomised: on.Add(-5), Zone: zone(t, rapid.SampledFrom(zones).Draw(rt, "zone")), Wake: wake}
		x := task(t, schedule.Plan(c, a), schedule.Key{Kind: schedule.Diary, Date: on})
		if !x.Opens.Before(x.Due) || x.Closes.Before(x.Due) {
			rt.Fatalf("from %v to %v, closed %v", x.Opens, x.Due, x.Closes)
		}
		up := on.At(wake, a.Zone)
		if up.Before(x.Opens.Add(-time.Hour)) || up.After(x.Due) {
			rt.Fatalf("gets up at %v; the diary is open from %v to %v", up, x.Opens, x.Due)
		}
		for _, e := range schedule.Evenings(c, a, up, nil) {
			if !e.Opens.Before(e.Due) || e.Closes.Before(e.Due) {
				rt.Fatalf("a dose from %v to %v, closed %v", e.Opens, e.Due, e.Closes)
			}
		}
	})
}
