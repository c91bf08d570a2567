package schedule_test

import (
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
)

// example reads one of the two protocols that ship with the program.
func example(t testing.TB, name string) protocol.Checked {
	t.Helper()
	src, err := os.ReadFile("../examples/" + name + "/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	return c
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := civil.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func task(t testing.TB, tasks []schedule.Task, k schedule.Key) schedule.Task {
	t.Helper()
	x, ok := schedule.Find(tasks, k)
	if !ok {
		t.Fatalf("there is no task %v", k)
	}
	return x
}

func diaryOf(t testing.TB, s string) schedule.Key {
	return schedule.Key{Kind: schedule.Diary, Date: date(t, s)}
}

// In the run-in, day 0 is planned for run_in_days after enrolment; the first
// night is the one to the morning after it. Counted by hand: enrolled on 1
// October with seven days of run-in, so day 0 is 8 October.
func TestRunInIsPlanned(t *testing.T) {
	c := example(t, "mgt-2024")
	if got := schedule.Plan(c, schedule.Anchor{}); got != nil {
		t.Fatalf("%d tasks before enrolment", len(got))
	}
	a := schedule.Anchor{Enrolled: date(t, "2026-10-01")}
	tasks := schedule.Plan(c, a)
	// 4 visits, 28 mornings, 28 nights.
	if len(tasks) != 60 {
		t.Fatalf("%d tasks", len(tasks))
	}
	first := task(t, tasks, diaryOf(t, "2026-10-02"))
	if first.Day != -6 || !first.Planned || first.Period != 0 {
		t.Errorf("first morning: %+v", first)
	}
	start := task(t, tasks, schedule.Key{Kind: schedule.Visit, Name: "day-0"})
	if start.On != date(t, "2026-10-08") || start.Period != 1 {
		t.Errorf("start: %+v", start)
	}
	// Randomised two days later than planned: the plan moves, and the names of nights do not.
	a.Randomised = date(t, "2026-10-10")
	tasks = schedule.Plan(c, a)
	moved := task(t, tasks, diaryOf(t, "2026-10-04"))
	if moved.Day != -6 || moved.Planned {
		t.Errorf("moved morning: %+v", moved)
	}
	if _, ok := schedule.Find(tasks, diaryOf(t, "2026-10-02")); ok {
		t.Error("a night before the moved run-in is still planned")
	}
}

// The night to 25 October 2026, when clocks in Sweden go back at 03:00, is 25
// hours long and its diary closes at 14:00 winter time, 13:00 UTC; the day
// before it closes at 14:00 summer time, 12:00 UTC.
func TestClockChange(t *testing.T) {
	c := example(t, "mgt-2024")
	tasks := schedule.Plan(c, schedule.Anchor{Randomised: date(t, "2026-10-10")})
	for day, want := range map[string]string{"2026-10-24": "2026-10-24T12:00:00Z", "2026-10-25": "2026-10-25T13:00:00Z"} {
		if got := task(t, tasks, diaryOf(t, day)).Due; !got.Equal(instant(t, want)) {
			t.Errorf("diary of %s is due at %s", day, got.UTC())
		}
	}
	night := task(t, tasks, schedule.Key{Kind: schedule.Device, Name: "oura", Date: date(t, "2026-10-25")})
	if got := night.Due.Sub(night.Opens); got != 49*time.Hour {
		t.Errorf("the night and the day after it last %s", got)
	}
}

// A journey moves the nights that end on it to its zone, and no others: 14:00
// in New York is 18:00 UTC in October, in Stockholm 12:00.
func TestTravel(t *testing.T) {
	c := example(t, "mgt-2024")
	a := schedule.Anchor{Randomised: date(t, "2026-10-05"), Stays: []schedule.Stay{
		{From: date(t, "2026-10-10"), To: date(t, "2026-10-12"), Zone: zone(t, "America/New_York")},
	}}
	tasks := schedule.Plan(c, a)
	for day, want := range map[string]string{
		"2026-10-09": "2026-10-09T12:00:00Z", "2026-10-10": "2026-10-10T18:00:00Z",
		"2026-10-12": "2026-10-12T18:00:00Z", "2026-10-13": "2026-10-13T12:00:00Z",
	} {
		if got := task(t, tasks, diaryOf(t, day)).Due; !got.Equal(instant(t, want)) {
			t.Errorf("diary of %s is due at %s", day, got.UTC())
		}
	}
}

// The states of a visit with a window of one day on either side, hour by hour.
func TestVisitStates(t *testing.T) {
	c := example(t, "mgt-2024")
	a := schedule.Anchor{Randomised: date(t, "2026-10-05")} // so day 7 is the 12th
	k := schedule.Key{Kind: schedule.Visit, Name: "day-7"}
	some := schedule.Done{k: {Parts: []string{"isi", "lseq"}, At: instant(t, "2026-10-12T08:00:00Z")}}
	all := schedule.Done{k: {Parts: []string{"isi", "lseq", "rsq-w", "poms40"}, At: instant(t, "2026-10-13T08:00:00Z")}}
	for _, x := range []struct {
		now  string
		done schedule.Done
		want schedule.State
	}{
		{"2026-10-10T21:59:00Z", nil, schedule.Scheduled},
		{"2026-10-10T22:00:00Z", nil, schedule.Open}, // midnight in Stockholm
		{"2026-10-12T21:59:00Z", nil, schedule.Open},
		{"2026-10-12T22:00:00Z", nil, schedule.Late},
		{"2026-10-13T21:59:00Z", nil, schedule.Late},
		{"2026-10-13T22:00:00Z", nil, schedule.Missed},
		{"2026-10-12T12:00:00Z", some, schedule.Partial},
		{"2026-11-12T12:00:00Z", some, schedule.Partial},
		{"2026-11-12T12:00:00Z", all, schedule.Complete},
		{"2026-10-12T12:00:00Z", schedule.Done{k: {Excused: true}}, schedule.Excused},
	} {
		got := task(t, schedule.Tasks(c, a, instant(t, x.now), x.done), k)
		if got.State != x.want {
			t.Errorf("at %s with %v: %s, not %s", x.now, x.done, got.State, x.want)
		}
		if x.want == schedule.Partial && (len(got.Missing) != 2 || got.Tardy) {
			t.Errorf("missing %v, tardy %v", got.Missing, got.Tardy)
		}
		if x.want == schedule.Complete && !got.Tardy {
			t.Error("what came the day after is not called tardy")
		}
	}
}

// The diary opens at four, is late from its closing time, and may be filled in
// until midnight a day later.
func TestDiaryStates(t *testing.T) {
	c := example(t, "mgt-2024")
	a := schedule.Anchor{Randomised: date(t, "2026-10-05")}
	k := diaryOf(t, "2026-10-06")
	for now, want := range map[string]schedule.State{
		"2026-10-06T01:59:59Z": schedule.Scheduled,
		"2026-10-06T02:00:00Z": schedule.Open,
		"2026-10-06T11:59:59Z": schedule.Open,
		"2026-10-06T12:00:00Z": schedule.Late,
		"2026-10-07T21:59:59Z": schedule.Late,
		"2026-10-07T22:00:00Z": schedule.Missed,
	} {
		if got := task(t, schedule.Tasks(c, a, instant(t, now), nil), k); got.State != want {
			t.Errorf("at %s: %s, not %s", now, got.State, want)
		}
	}
}

// After leaving nothing is expected, and what arrived before stays.
func TestLeaving(t *testing.T) {
	c := example(t, "mgt-2024")
	a := schedule.Anchor{Randomised: date(t, "2026-10-05"), Left: date(t, "2026-10-08")}
	kept := diaryOf(t, "2026-10-07")
	tasks := schedule.Tasks(c, a, instant(t, "2026-11-20T12:00:00Z"), schedule.Done{kept: {Complete: true}})
	for k, want := range map[schedule.Key]schedule.State{
		kept: schedule.Complete, diaryOf(t, "2026-10-08"): schedule.Missed, diaryOf(t, "2026-10-09"): schedule.Excused,
		{Kind: schedule.Visit, Name: "day-21"}: schedule.Excused,
	} {
		if got := task(t, tasks, k); got.State != want {
			t.Errorf("%v: %s, not %s", k, got.State, want)
		}
	}
	if n := len(schedule.Actionable(tasks, instant(t, "2026-11-20T12:00:00Z"))); n != 0 {
		t.Errorf("%d tasks can still be done", n)
	}
}

// In a crossover a night belongs to the period whose first day lies before it:
// the second begins on day 28, so the night to day 28 is the washout's last.
func TestPeriods(t *testing.T) {
	c := example(t, "crossover")
	tasks := schedule.Plan(c, schedule.Anchor{Randomised: date(t, "2027-02-01")})
	want := map[int]int{-6: 0, 0: 0, 1: 1, 14: 1, 28: 1, 29: 2, 42: 2}
	for _, x := range tasks {
		if p, ok := want[x.Day]; ok && x.Kind == schedule.Diary && x.Period != p {
			t.Errorf("the night to day %d is in period %d, not %d", x.Day, x.Period, p)
		}
	}
	if got := task(t, tasks, schedule.Key{Kind: schedule.Visit, Name: "start-two"}); got.Period != 2 || got.Day != 28 {
		t.Errorf("start of the second period: %+v", got)
	}
}

// Whatever the dates, the zones and the moment: windows are in order, a task
// never goes back to an earlier state, and the person's zone shifts instants
// but no dates.
func TestInvariants(t *testing.T) {
	c := example(t, "mgt-2024")
	zones := []string{"Europe/Stockholm", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Apia", "America/Santiago", "UTC"}
	rank := map[schedule.State]int{schedule.Scheduled: 0, schedule.Open: 1, schedule.Late: 2, schedule.Missed: 3}
	rapid.Check(t, func(r *rapid.T) {
		a := schedule.Anchor{
			Randomised: civil.On(2024, 1, 1).Add(rapid.IntRange(0, 1200).Draw(r, "day")),
			Zone:       zone(t, rapid.SampledFrom(zones).Draw(r, "zone")),
		}
		if rapid.Bool().Draw(r, "travels") {
			from := a.Randomised.Add(rapid.IntRange(-7, 20).Draw(r, "from"))
			a.Stays = []schedule.Stay{{From: from, To: from.Add(rapid.IntRange(0, 10).Draw(r, "for")), Zone: zone(t, rapid.SampledFrom(zones).Draw(r, "away"))}}
		}
		now := a.Randomised.At(0, time.UTC).Add(time.Duration(rapid.IntRange(-10*24, 40*24).Draw(r, "hour")) * time.Hour)
		before, after := schedule.Tasks(c, a, now, nil), schedule.Tasks(c, a, now.Add(time.Hour), nil)
		home := schedule.Plan(c, schedule.Anchor{Randomised: a.Randomised})
		for i, x := range before {
			if !x.Opens.Before(x.Due) || x.Due.After(x.Closes) {
				r.Fatalf("%v opens %s, is due %s, closes %s", x.Key, x.Opens, x.Due, x.Closes)
			}
			if rank[after[i].State] < rank[x.State] {
				r.Fatalf("%v goes from %s to %s", x.Key, x.State, after[i].State)
			}
			if i > 0 && x.Opens.Before(before[i-1].Opens) {
				r.Fatalf("%v is out of order", x.Key)
			}
			same, ok := schedule.Find(home, x.Key)
			if !ok || same.On != x.On || same.Last != x.Last || same.Day != x.Day {
				r.Fatalf("%v has other dates at home: %+v", x.Key, same)
			}
		}
		if next, ok := schedule.Next(before, now); ok {
			just := schedule.Tasks(c, a, next.Add(-time.Second), nil)
			for i := range before {
				if just[i].State != before[i].State && next.Sub(now) > time.Second {
					r.Fatalf("%v changed before %s", before[i].Key, next)
				}
			}
		}
	})
}
