// Package tally keeps what was last worked out of each person of a trial, so that
// a question about everybody costs what has changed and not what there is.
//
// What is kept of a person stays right until
//
//	an entry about her is written,
//	one is written that concerns everybody (an amendment, a lock),
//	the moment comes at which something of hers opens, is due, closes or ends a
//	day: her keeper says which,
//	a question is asked for an earlier moment than it was worked out for,
//	or the state is made again from the ledger.
//
// The keeper also holds sums over everybody: it is told of each value that takes
// the place of another, and takes the one out and puts the other in.
package tally

import (
	"container/heap"
	"runtime"
	"slices"
	"sync"
	"time"

	"dvala/study"
)

// Keeper works out and sums up one kind of value.
type Keeper[T any] interface {
	// Make works out a person's value at a moment, and until when it stays so if
	// nothing is written; zero: for good. It is called from several goroutines.
	Make(s *study.State, p *study.Participant, now time.Time) (value T, until time.Time)
	// Swap puts a value in the place of another; old is nil at first.
	Swap(p *study.Participant, old, now *T)
	// Clear forgets all sums.
	Clear()
}

// Book keeps a value of each person. Its zero value is empty and ready.
type Book[T any] struct {
	mu     sync.Mutex
	state  *study.State
	whole  uint64
	seen   uint64 // entries
	latest time.Time
	pages  []page[T] // by place in Order
	edges  edges
	made   uint64
}

type page[T any] struct {
	value       *T
	from, until time.Time
}

// Look brings a book up to a state and a moment, and lets a function read it:
// at gives the value of whoever stands at a place in Order. Values are not
// changed once they are made, and may be kept.
func (b *Book[T]) Look(k Keeper[T], s *study.State, now time.Time, read func(at func(place int) *T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bring(k, s, now)
	read(func(place int) *T { return b.pages[place].value })
}

// Made gives how many values have been worked out since the book began: what
// questions have cost.
func (b *Book[T]) Made() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.made
}

func (b *Book[T]) bring(k Keeper[T], s *study.State, now time.Time) {
	if b.state != s || b.whole != s.Whole() {
		k.Clear()
		b.state, b.whole, b.seen, b.latest, b.pages, b.edges = s, s.Whole(), 0, now, nil, nil
	}
	stale := map[int]bool{}
	for place := len(b.pages); place < len(s.Order); place++ {
		b.pages = append(b.pages, page[T]{})
		stale[place] = true
	}
	for place := range s.Since(b.seen) {
		stale[place] = true
	}
	b.seen = s.Entries
	for len(b.edges) > 0 && !now.Before(b.edges[0].at) {
		e := heap.Pop(&b.edges).(edge)
		if b.pages[e.place].until.Equal(e.at) {
			stale[e.place] = true
		}
	}
	if now.Before(b.latest) {
		for place := range b.pages {
			if now.Before(b.pages[place].from) {
				stale[place] = true
			}
		}
	}
	b.latest = now
	b.make(k, s, now, stale)
}

// make works out what is stale, on all processors, and then sums it up in order.
func (b *Book[T]) make(k Keeper[T], s *study.State, now time.Time, stale map[int]bool) {
	places := make([]int, 0, len(stale))
	for place := range stale {
		places = append(places, place)
	}
	slices.Sort(places)
	fresh := make([]page[T], len(places))
	work := func(from, to int) {
		for i := from; i < to; i++ {
			v, until := k.Make(s, s.People[s.Order[places[i]]], now)
			fresh[i] = page[T]{&v, now, until}
		}
	}
	const few = 32 // not worth a second goroutine
	if n := min(runtime.GOMAXPROCS(0), len(places)/few); n > 1 {
		var wg sync.WaitGroup
		for w := range n {
			wg.Go(func() { work(len(places)*w/n, len(places)*(w+1)/n) })
		}
		wg.Wait()
	} else {
		work(0, len(places))
	}
	for i, place := range places {
		k.Swap(s.People[s.Order[place]], b.pages[place].value, fresh[i].value)
		b.pages[place] = fresh[i]
		if !fresh[i].until.IsZero() {
			heap.Push(&b.edges, edge{fresh[i].until, place})
		}
	}
	b.made += uint64(len(places))
	b.tidy()
}

// tidy drops edges that nothing rests on any more, once they are most of all.
func (b *Book[T]) tidy() {
	if len(b.edges) < 2*len(b.pages)+64 {
		return
	}
	b.edges = b.edges[:0]
	for place, p := range b.pages {
		if !p.until.IsZero() {
			b.edges = append(b.edges, edge{p.until, place})
		}
	}
	heap.Init(&b.edges)
}

// edge is a moment at which a value has to be worked out again.
type edge struct {
	at    time.Time
	place int
}

type edges []edge

func (e edges) Len() int           { return len(e) }
func (e edges) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e edges) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *edges) Push(x any)        { *e = append(*e, x.(edge)) }
func (e *edges) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// Soonest gives the earliest of some moments that lies after now; zero if none
// does.
func Soonest(now time.Time, moments ...time.Time) time.Time {
	var best time.Time
	for _, at := range moments {
		if at.After(now) && (best.IsZero() || at.Before(best)) {
			best = at
		}
	}
	return best
}
