package study

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// By is what entries are put in order by: their place, which is that of their
// time, too, or something that many share. Entries that share it stay in the order
// of their places.
type By string

// What entries can be put in order by.
const (
	ByEntry   By = "entry"
	ByKind    By = "kind"
	BySubject By = "subject" // what is about nobody comes first
	ByActor   By = "actor"
)

// Sorting is an order of entries.
type Sorting struct {
	By   By   // empty: ByEntry
	Down bool // all of it the other way round
	// Kinds compares two kinds as a reader's language orders them; nil: as they are
	// spelled.
	Kinds func(x, y Kind) int
	// Actors gives the numbers of names, which are their places in the list, in the
	// order of the names. It is not asked unless ByActor is.
	Actors func(names []string) []uint32
}

// Back is the same order from its end.
func (o Sorting) Back() Sorting {
	o.Down = !o.Down
	return o
}

// index says of every kind and of every actor where its entries stand, and where
// those about nobody do, so that an order over all is at hand without a look at all.
type index struct {
	kinds, actors [][]uint32
	nobody        []uint32
}

func (x *index) add(m mark, place uint32) {
	for int(m.kind) >= len(x.kinds) {
		x.kinds = append(x.kinds, nil)
	}
	for int(m.actor) >= len(x.actors) {
		x.actors = append(x.actors, nil)
	}
	x.kinds[m.kind], x.actors[m.actor] = append(x.kinds[m.kind], place), append(x.actors[m.actor], place)
	if m.who == 0 {
		x.nobody = append(x.nobody, place)
	}
}

// Ordered gives the places of entries that fit, in an order: from its beginning, or
// from a place on, that place included.
func (s *State) Ordered(q Selection, o Sorting, from *uint64) func(yield func(uint64) bool) {
	if o.By == ByEntry || o.By == "" {
		place := uint64(0)
		if o.Down {
			place = math.MaxUint64 - 1
		}
		if from != nil {
			place = min(*from, math.MaxUint64-1)
		}
		return s.Select(q, place, o.Down)
	}
	return func(yield func(uint64) bool) {
		lo, hi := s.between(q.Since, q.Until)
		w := walk{s: s, lo: lo, hi: hi, down: o.Down, fits: s.fits(q), yield: yield}
		keys := s.ordering(q, o)
		if o.Down {
			slices.Reverse(keys)
		}
		of := s.sharing(q, o.By)
		for _, key := range startingAt(s, o.By, keys, from) {
			w.from = from
			if from != nil && s.keyOf(o.By, *from) != key {
				w.from = nil
			}
			if !of(key, &w) {
				return
			}
		}
	}
}

// startingAt leaves out the keys that come before that of the place where one begins.
func startingAt(s *State, by By, keys []uint32, from *uint64) []uint32 {
	if from == nil {
		return keys
	}
	if *from >= uint64(len(s.register.marks)) {
		return nil
	}
	i := slices.Index(keys, s.keyOf(by, *from))
	if i < 0 {
		return nil
	}
	return keys[i:]
}

// keyOf gives what an entry is put in order by, as the register numbers it.
func (s *State) keyOf(by By, place uint64) uint32 {
	if place >= uint64(len(s.register.marks)) {
		return math.MaxUint32
	}
	m := s.register.marks[place]
	switch by {
	case ByKind:
		return uint32(m.kind)
	case ByActor:
		return m.actor
	}
	return m.who
}

// ordering gives all keys there are, in their order, without those of which nothing fits.
func (s *State) ordering(q Selection, o Sorting) []uint32 {
	r := &s.register
	switch o.By {
	case ByKind:
		compare := o.Kinds
		if compare == nil {
			compare = cmp.Compare[Kind]
		}
		keys := numbers(len(r.kinds))
		keys = slices.DeleteFunc(keys, func(k uint32) bool { return len(q.Kinds) > 0 && !slices.Contains(q.Kinds, r.kinds[k]) })
		slices.SortStableFunc(keys, func(x, y uint32) int {
			return cmp.Or(compare(r.kinds[x], r.kinds[y]), cmp.Compare(r.kinds[x], r.kinds[y]))
		})
		return keys
	case ByActor:
		keys := slices.Clone(o.Actors(r.actors))
		if q.Actor != nil {
			keys = slices.DeleteFunc(keys, func(k uint32) bool { return !q.Actor(r.actors[k]) })
		}
		return keys
	}
	return numbers(len(s.Order) + 1) // codes are given in the order of screening
}

func numbers(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// sharing gives what walks over the entries that share a key; of one person's, over
// hers alone.
func (s *State) sharing(q Selection, by By) func(key uint32, w *walk) bool {
	if q.Subject != "" {
		of := map[uint32][]uint64{}
		if p, ok := s.People[q.Subject]; ok {
			for _, place := range p.entries {
				key := s.keyOf(by, place)
				of[key] = append(of[key], place)
			}
		}
		return func(key uint32, w *walk) bool { return over(w, of[key]) }
	}
	switch x := &s.register.index; by {
	case ByKind:
		return func(key uint32, w *walk) bool { return over(w, x.kinds[key]) }
	case ByActor:
		return func(key uint32, w *walk) bool { return over(w, x.actors[key]) }
	}
	return func(key uint32, w *walk) bool {
		if key == 0 {
			return over(w, s.register.index.nobody)
		}
		return over(w, s.People[s.Order[key-1]].entries)
	}
}

// walk is what is wanted of places that share a key.
type walk struct {
	s      *State
	lo, hi uint64
	from   *uint64 // in these places; nil: all
	down   bool
	fits   func(mark) bool
	yield  func(uint64) bool
}

// over walks through places; false once no more is wanted.
func over[N uint32 | uint64](w *walk, of []N) bool {
	lo, hi := w.lo, w.hi
	switch {
	case w.from != nil && w.down:
		hi = min(hi, *w.from+1)
	case w.from != nil:
		lo = max(lo, *w.from)
	}
	of = of[sort.Search(len(of), func(i int) bool { return uint64(of[i]) >= lo }):]
	of = of[:sort.Search(len(of), func(i int) bool { return uint64(of[i]) >= hi })]
	for i := range of {
		if w.down {
			i = len(of) - 1 - i
		}
		if place := uint64(of[i]); w.fits(w.s.register.marks[place]) && !w.yield(place) {
			return false
		}
	}
	return true
}
