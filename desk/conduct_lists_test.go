package desk_test

import (
	"slices"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
)

// Of any lives at all, the lists in the order of the ledger hold exactly what the
// people themselves hold, whether they are read from the beginning or piece by
// piece, and those of a site none of another's.
func TestListsHoldWhatPeopleHold(t *testing.T) {
	found := 0
	for seed := range uint64(4) {
		l := desktest.NewLives(t, "../study/testdata/small.yaml", seed)
		for range 400 {
			l.Step()
		}
		s, north := l.State, func(site string) bool { return site == "north" }
		all := func(string) bool { return true }
		var want, wantNorth []uint64
		for _, who := range s.Order {
			p := s.People[who]
			var own []uint64
			for _, r := range p.AdverseLog {
				own = append(own, r.Entry)
			}
			own = append(own, p.DeviationEntries()...)
			for _, q := range p.Queries {
				own = append(own, q.ID)
			}
			want = append(want, own...)
			if p.Site == "north" {
				wantNorth = append(wantNorth, own...)
			}
		}
		read := func(from uint64, sees func(string) bool) (got []uint64) {
			for h := range desk.HarmsFrom(s, from, l.Now, sees) {
				got = append(got, h.Record.Entry)
			}
			for d := range desk.StrayedFrom(s, from, sees) {
				got = append(got, d.Entry)
			}
			for q := range desk.QuestionedFrom(s, from, sees) {
				got = append(got, q.ID)
			}
			return got
		}
		for _, x := range []struct {
			sees func(string) bool
			want []uint64
		}{{all, want}, {north, wantNorth}} {
			slices.Sort(x.want)
			got := read(0, x.sees)
			slices.Sort(got)
			if !slices.Equal(got, x.want) {
				t.Errorf("seed %d: %v, and people hold %v", seed, got, x.want)
			}
			later := read(s.Entries/2, x.sees)
			slices.Sort(later)
			if i, _ := slices.BinarySearch(x.want, s.Entries/2); !slices.Equal(later, x.want[i:]) {
				t.Errorf("seed %d, from the middle: %v", seed, later)
			}
		}
		found += len(want)
	}
	if found < 100 {
		t.Errorf("only %d things were found: the test tells nothing", found)
	}
}
