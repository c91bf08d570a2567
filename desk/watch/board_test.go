package watch

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"dvala/desk/desktest"
	"dvala/study"
)

// What a board answers is what a walk over everybody gives, whatever has happened
// and whenever it is asked.
func TestBoardIsTheWalk(t *testing.T) {
	digits, shown := 0, 0
	for seed := range uint64(12) {
		l := desktest.NewLives(t, small, 1000+seed)
		var b Board
		for step := range 80 {
			l.Step()
			if step%4 == 3 {
				continue // several steps between two questions
			}
			for i, at := range []time.Time{l.Now, l.Now.Add(time.Nanosecond), l.Now.Add(30 * time.Hour), l.Now} {
				if i > 0 && step%3 > 0 {
					continue
				}
				holdBoard(t, seed, &b, l.State, at)
			}
		}
		digits += len(b.LastDigits(l.State, 1))
		shown += len(b.Repeats(l.State)) + len(b.Wearers(l.State))
	}
	if digits == 0 || shown == 0 {
		t.Errorf("%d digits tested and %d signs seen: the test shows little", digits, shown)
	}
}

func holdBoard(t *testing.T, seed uint64, b *Board, s *study.State, at time.Time) {
	t.Helper()
	same := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, %d entries, at %v: %s\n%+v\nand by walking\n%+v", seed, s.Entries, at, what, got, want)
		}
	}
	people, days := b.Compliance(s, at)
	wantPeople, wantDays := Compliance(s, at)
	same("people", people, wantPeople)
	same("days", days, wantDays)
	same("missing", b.Missing(s, at), Missing(s, at))
	same("enrolment", b.Enrolment(s, at), Enrolment(s, at))
	same("repeats", b.Repeats(s), Repeats(s))
	same("wearers", b.Wearers(s), Wearers(s))
	for _, limit := range []float64{0.05, 0.9, 1} {
		want := slices.DeleteFunc(LastDigits(s), func(d Digits) bool { return !d.Tested || d.Adjusted >= limit })
		got := b.LastDigits(s, limit)
		if len(got)+len(want) > 0 {
			same("digits", got, want)
		}
	}
}
