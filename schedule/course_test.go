package schedule_test

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
)

// small is study's small trial with some of its text changed: visits on days 0
// and 7 (window −1 … +2), diary and ring from day −2 to day 7.
func small(t testing.TB, pairs ...string) protocol.Checked {
	t.Helper()
	src, err := os.ReadFile("../study/testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in the protocol", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	c, problems := protocol.Parse([]byte(text))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	return c
}

// The new version asks the diary two days longer, closes it earlier, wants no
// ring and leaves the last visit more days.
func amended(t testing.TB) protocol.Checked {
	return small(t, `version: "1"`, `version: "2"`, "to_day: 7, closes_at: \"12:00\"", "to_day: 9, closes_at: \"10:00\"",
		"devices:\n  - {vendor: oura, from_day: -2, to_day: 7}\n", "", "after: 2", "after: 4")
}

// Whatever the date of an amendment: before it a course is the old plan, from it
// on the new one, task by task; who is past it has all of the old, and whom it
// finds before the beginning has all of the new.
func TestCourseIsOldThenNew(t *testing.T) {
	older, newer := small(t), amended(t)
	rapid.Check(t, func(r *rapid.T) {
		a := schedule.Anchor{Randomised: civil.On(2026, 3, 2), Zone: zone(t, rapid.SampledFrom([]string{"Europe/Stockholm", "Pacific/Auckland", "America/New_York"}).Draw(r, "zone"))}
		from := a.Randomised.Add(rapid.IntRange(-6, 14).Draw(r, "from"))
		got := schedule.Course{{Protocol: older}, {From: from, Protocol: newer}}.Plan(a)
		var want []schedule.Task
		for _, x := range schedule.Plan(older, a) {
			if x.On.Before(from) {
				want = append(want, x)
			}
		}
		for _, x := range schedule.Plan(newer, a) {
			if !x.On.Before(from) {
				want = append(want, x)
			}
		}
		if !reflect.DeepEqual(byKey(got), byKey(want)) || len(got) != len(want) {
			r.Fatalf("from %v: %v, want %v", from, keys(got), keys(want))
		}
		if !slices.IsSortedFunc(got, func(x, y schedule.Task) int { return x.Opens.Compare(y.Opens) }) {
			r.Fatal("out of order")
		}
	})
}

// An amendment that says the same changes nothing, whenever it comes, for visits,
// mornings, nights and evenings, at any moment.
func TestCourseOfTheSame(t *testing.T) {
	c := small(t)
	rapid.Check(t, func(r *rapid.T) {
		a := schedule.Anchor{Enrolled: civil.On(2026, 2, 27), Wake: civil.Clock(rapid.IntRange(0, 1439).Draw(r, "wake"))}
		if rapid.Bool().Draw(r, "randomised") {
			a.Randomised = civil.On(2026, 3, 2)
		}
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 400).Draw(r, "hour")) * time.Hour)
		course := schedule.CourseOf(c)
		from := civil.On(2026, 2, 20)
		for range rapid.IntRange(1, 3).Draw(r, "versions") {
			from = from.Add(rapid.IntRange(1, 12).Draw(r, "from"))
			course = append(course, schedule.Version{From: from, Protocol: c})
		}
		if got, want := course.Tasks(a, now, nil), schedule.Tasks(c, a, now, nil); !reflect.DeepEqual(got, want) {
			r.Fatalf("%v, want %v", got, want)
		}
		if got, want := course.Evenings(a, now, nil), schedule.Evenings(c, a, now, nil); !reflect.DeepEqual(got, want) {
			r.Fatalf("%v, want %v", got, want)
		}
	})
}

// Of a visit that moves, goes or comes. Randomised on 2 March, the last visit is
// on 9 March.
func TestCourseOfVisits(t *testing.T) {
	last := schedule.Key{Kind: schedule.Visit, Name: "day-7"}
	moved := small(t, `version: "1"`, `version: "2"`, "day: 7, before: 1", "day: 5, before: 1")
	extra := small(t, `version: "1"`, `version: "2"`, "diary: {", "  - {id: day-4, label: {en: Midst, sv: Mitt}, day: 4, instruments: [kss]}\ndiary: {")
	midst := schedule.Key{Kind: schedule.Visit, Name: "day-4"}
	at := func(day int) civil.Date { return civil.On(2026, 3, day) }
	for _, c := range []struct {
		what  string
		older protocol.Checked
		newer protocol.Checked
		from  civil.Date
		begun map[string]civil.Date
		key   schedule.Key
		on    civil.Date // none: it is not asked
	}{
		{"moved to a day still ahead", small(t), moved, at(6), nil, last, at(7)},
		{"moved to a day that is over: it is asked, late", small(t), moved, at(8), nil, last, at(7)},
		{"moved after its day", small(t), moved, at(10), nil, last, at(9)},
		{"moved on its day", small(t), moved, at(9), nil, last, at(7)},
		{"moved after it was begun", small(t), moved, at(9), map[string]civil.Date{"day-7": at(8)}, last, at(9)},
		{"brought for a day ahead", small(t), extra, at(6), nil, midst, at(6)},
		{"brought for a day that is over", small(t), extra, at(7), nil, midst, civil.Date{}},
		{"taken out before its day", extra, small(t), at(6), nil, midst, civil.Date{}},
		{"taken out after its day", extra, small(t), at(7), nil, midst, at(6)},
		{"taken out after it was begun", extra, small(t), at(6), map[string]civil.Date{"day-4": at(5)}, midst, at(6)},
	} {
		a := schedule.Anchor{Randomised: at(2), Begun: c.begun}
		course := schedule.Course{{Protocol: c.older}, {From: c.from, Protocol: c.newer}}
		got, ok := schedule.Find(course.Plan(a), c.key)
		if ok == c.on.IsZero() || got.On != c.on {
			t.Errorf("%s: on %v, want %v", c.what, got.On, c.on)
		}
		if _, _, there := course.Visit(a, c.key.Name); there != ok {
			t.Errorf("%s: the visit and its task do not agree", c.what)
		}
	}
}

func byKey(tasks []schedule.Task) map[schedule.Key]schedule.Task {
	out := map[schedule.Key]schedule.Task{}
	for _, x := range tasks {
		out[x.Key] = x
	}
	return out
}

func keys(tasks []schedule.Task) []schedule.Key {
	return slices.SortedFunc(maps.Keys(byKey(tasks)), func(a, b schedule.Key) int {
		return strings.Compare(string(a.Kind)+a.Name+a.Date.String(), string(b.Kind)+b.Name+b.Date.String())
	})
}
