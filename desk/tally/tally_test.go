package tally_test

import (
	"testing"
	"time"

	"dvala/desk/desktest"
	"dvala/desk/tally"
	"dvala/study"
)

// hours keeps, of each person, how many entries there are about her and how many
// whole hours have gone by since she was screened; and the sums of both.
type hours struct {
	entries, whole int
	cleared        int
}

type lived struct{ entries, whole int }

func livedOf(p *study.Participant, now time.Time) lived {
	return lived{len(p.Entries()), int(now.Sub(p.ScreenedAt) / time.Hour)}
}

func (h *hours) Make(_ *study.State, p *study.Participant, now time.Time) (lived, time.Time) {
	x := livedOf(p, now)
	return x, p.ScreenedAt.Add(time.Duration(x.whole+1) * time.Hour)
}

func (h *hours) Swap(_ *study.Participant, old, now *lived) {
	if old != nil {
		h.entries, h.whole = h.entries-old.entries, h.whole-old.whole
	}
	h.entries, h.whole = h.entries+now.entries, h.whole+now.whole
}

func (h *hours) Clear() { *h = hours{cleared: h.cleared + 1} }

// Values and sums are those of the moment, forwards and backwards in time, with
// nothing written and much; another state begins anew; edges do not pile up.
func TestBook(t *testing.T) {
	var book tally.Book[lived]
	var h hours
	hold := func(s *study.State, now time.Time) {
		t.Helper()
		var want lived
		book.Look(&h, s, now, func(at func(int) *lived) {
			for place, who := range s.Order {
				x := livedOf(s.People[who], now)
				want.entries, want.whole = want.entries+x.entries, want.whole+x.whole
				if *at(place) != x {
					t.Fatalf("%s at %v: %+v, want %+v", who, now, *at(place), x)
				}
			}
		})
		if h.entries != want.entries || h.whole != want.whole {
			t.Fatalf("at %v the sums are %+v, want %+v", now, h, want)
		}
	}
	for seed := range uint64(3) {
		l := desktest.NewLives(t, "../../study/testdata/small.yaml", 500+seed)
		for range 200 {
			l.Step()
			hold(l.State, l.Now)
			hold(l.State, l.Now.Add(50*time.Hour))
			hold(l.State, l.Now)
		}
		before := book.Made()
		hold(l.State, l.Now)
		if book.Made() != before {
			t.Error("the same question again was not free")
		}
	}
	if h.cleared < 3 {
		t.Error("another state did not begin anew")
	}
}

func TestSoonest(t *testing.T) {
	now := desktest.Start
	if at := tally.Soonest(now, now, now.Add(2), now.Add(1), now.Add(-1), time.Time{}); at != now.Add(1) {
		t.Error(at)
	}
	if at := tally.Soonest(now, now); !at.IsZero() {
		t.Error("what is over comes again:", at)
	}
}
