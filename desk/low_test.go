package desk_test

import (
	"slices"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// A fifth is where it begins: of five slots in a cell, the one that leaves one is
// told of, and the one before it is not. The other cell is as it was. Where all
// eight who are planned are randomised nobody waits for a slot, and nothing of ten
// is low when two are left.
func TestLowBeginsAtAFifth(t *testing.T) {
	for _, x := range []struct{ slots, from, to int }{{5, 4, 5}, {10, 99, 9}} {
		m := desktest.New(t, "../study/testdata/small.yaml", x.slots)
		office := desk.NewOffice(m, func() time.Time { return desktest.Start })
		today := civil.DateOf(desktest.Start)
		for n := 1; n <= x.to; n++ {
			who := m.Person(t, desktest.Start)
			m.Do(t, study.Randomise{}, desktest.Start, who)
			var got, want []desk.Low
			m.View(func(s *study.State) {
				got = office.Low(s, today)
				if again := desk.LowNow(s, today); !slices.Equal(got, again) {
					t.Errorf("kept %v, counted %v", got, again)
				}
			})
			if n >= x.from {
				want = []desk.Low{{Cell: "sex=female", Left: x.slots - n, Of: x.slots}}
			}
			if !slices.Equal(got, want) {
				t.Errorf("after %d of %d: %v, want %v", n, x.slots, got, want)
			}
		}
	}
}

// What is low at a site is told to whoever sees that site's stock; a cell that is
// no site's is told to all of them.
func TestLowAt(t *testing.T) {
	all := []desk.Low{{Cell: "all"}, {Site: "lund", Visit: "day-0"}, {Site: "umea", Cell: "site=umea"}}
	got := desk.LowAt(all, func(site string) bool { return site == "lund" })
	if !slices.Equal(got, all[:2]) {
		t.Error(got)
	}
}
