package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

// roll keeps names in their order. Names come to a trial and never leave it: what
// is new is put among those that were there.
type roll struct {
	mu     sync.Mutex
	sorted []uint32 // never written to once it was given away
}

// order gives the places of names in their order.
func (r *roll) order(names []string) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	had := r.sorted
	if len(had) > len(names) {
		had = nil // another trial's
	}
	if len(had) == len(names) {
		return had
	}
	compare := func(x, y uint32) int { return byName(names[x], names[y]) }
	fresh := make([]uint32, 0, len(names)-len(had))
	for i := len(had); i < len(names); i++ {
		fresh = append(fresh, uint32(i))
	}
	slices.SortFunc(fresh, compare)
	out := make([]uint32, 0, len(names))
	for len(had) > 0 && len(fresh) > 0 {
		if compare(had[0], fresh[0]) <= 0 {
			out, had = append(out, had[0]), had[1:]
		} else {
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
	}
	r.sorted = append(append(out, had...), fresh...)
	return r.sorted
}

// byName compares two names: as words whatever their case, figures in them by size.
func byName(x, y string) int {
	return cmp.Or(Natural(strings.ToLower(x), strings.ToLower(y)), strings.Compare(x, y))
}

// Natural compares two texts, runs of digits in them as numbers: K9 before K10.
func Natural(x, y string) int {
	for x != "" && y != "" {
		a, b := digits(x), digits(y)
		if a > 0 && b > 0 {
			m, n := strings.TrimLeft(x[:a], "0"), strings.TrimLeft(y[:b], "0")
			if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
				return c
			}
			x, y = x[a:], y[b:]
			continue
		}
		if c := cmp.Compare(x[0], y[0]); c != 0 {
			return c
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Compare(len(x), len(y))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// Stretch is a page of entries by their places in some order, and where the pages
// around it begin; nil where there is none. The first page begins at no place.
type Stretch struct {
	Places       []uint64
	Next, Before *uint64
	First        bool // the page before is the first
}

// stretch finds a page: at most so many entries, from a place on that is among them,
// or from the beginning of the order.
func (o *Office) stretch(s *study.State, pick study.Selection, by study.Sorting, from *uint64, most int) (out Stretch) {
	by.Actors = o.roll.order
	for place := range s.Ordered(pick, by, from) {
		if len(out.Places) == most {
			out.Next = &place
			break
		}
		out.Places = append(out.Places, place)
	}
	if from == nil {
		return out
	}
	n := 0
	for place := range s.Ordered(pick, by.Back(), from) {
		if place == *from {
			continue
		}
		if n == most { // there is more before the page before
			return out
		}
		n++
		out.Before = &place
	}
	out.First, out.Before = n > 0, nil
	return out
}

// LedgerQuery picks entries of the ledger, and says in which order they are wanted:
// as they were written, unless it says otherwise.
type LedgerQuery struct {
	Pick study.Selection
	By   study.Sorting
	From *uint64 // the entry to begin with; nil: the first in the order
	Most int     // at most; 0: 100
}

// LedgerStretch gives a page of the ledger as it is stored, and how many entries
// there are in all. It is for whoever reads each entry for a reader afterwards.
func (o *Office) LedgerStretch(ctx context.Context, c Caller, q LedgerQuery) (Stretch, []ledger.Entry, uint64, error) {
	var out Stretch
	var size uint64
	if q.Most <= 0 {
		q.Most = 100
	}
	q.Most = min(q.Most, mostTrail)
	err := o.See(ctx, c, "see-ledger", "", func(s *study.State) error {
		size, out = s.Entries, o.stretch(s, q.Pick, q.By, q.From, q.Most)
		return nil
	})
	if err != nil {
		return out, nil, size, err
	}
	entries, err := o.entriesAt(ctx, out.Places)
	return out, entries, size, err
}

// entriesAt reads entries: in one question where they lie close together.
func (o *Office) entriesAt(ctx context.Context, places []uint64) ([]ledger.Entry, error) {
	if len(places) == 0 {
		return nil, nil
	}
	lo, hi := slices.Min(places), slices.Max(places)
	if hi-lo >= 4*uint64(len(places)) {
		out := make([]ledger.Entry, 0, len(places))
		for _, place := range places {
			one, err := o.store.Entries(ctx, place, 1)
			if err != nil {
				return nil, err
			}
			if len(one) != 1 {
				return nil, noEntry(place)
			}
			out = append(out, one[0])
		}
		return out, nil
	}
	all, err := o.store.Entries(ctx, lo, hi-lo+1)
	if err != nil {
		return nil, err
	}
	out := make([]ledger.Entry, 0, len(places))
	for _, place := range places {
		if place-lo >= uint64(len(all)) {
			return nil, noEntry(place)
		}
		out = append(out, all[place-lo])
	}
	return out, nil
}

func noEntry(place uint64) error {
	return fault.New("entry-unknown", "entry", "the ledger has no entry %d", place)
}
