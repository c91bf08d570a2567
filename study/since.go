package study

import (
	"time"

	"dvala/civil"
)

// What is worked out from a state (a line of a table, a sum, a digest) stays right
// until something is written that it rests on. So the state remembers whom each
// entry was about, and how often what holds for everybody has changed.

// apart are facts without a person that say nothing about how anybody stands: who
// was never screened, kits on a shelf, a clock that jumped, a proposal that
// nobody has approved yet. Every other fact without a person counts as one about
// all.
var apart = map[Kind]bool{
	KindNotScreened: true, KindKitsReceived: true, KindKitNoted: true, KindClockJumped: true, KindClockConfirmed: true, KindAccessLog: true, KindProposed: true, KindDeclined: true,
	KindDryRun: true,
}

// attribute keeps whom a fact was about.
func (s *State) attribute(f Fact) {
	place := uint32(0)
	if p, ok := s.People[f.Subject]; ok {
		place = uint32(p.place) + 1
		p.entries = append(p.entries, f.Index)
	} else if !apart[f.Event.Kind()] {
		s.whole++
	}
	s.register.add(f, place)
}

// Whole counts the facts that may have changed how everybody stands: the opening,
// an amendment, a lock.
func (s *State) Whole() uint64 { return s.whole }

// Since gives, for every entry from a place on, in their order, the place in Order
// of whom it was about. Entries about the trial are left out; a person comes as
// often as she has entries.
func (s *State) Since(entry uint64) func(yield func(place int) bool) {
	return func(yield func(int) bool) {
		marks := s.register.marks
		for _, m := range marks[min(entry, uint64(len(marks))):] {
			if m.who > 0 && !yield(int(m.who)-1) {
				return
			}
		}
	}
}

// Place gives where a person stands in Order.
func (p *Participant) Place() int { return p.place }

// NextProtocol gives the next date after an instant on which another version of
// the protocol comes into force at a site, as the instant at which it begins.
func (s *State) NextProtocol(site string, now time.Time) (time.Time, bool) {
	zone := s.Protocol.Zone()
	today := civil.DateOf(now.In(zone))
	var next civil.Date
	for _, a := range s.Amendments {
		if from, ok := a.From[site]; ok && today.Before(from) && (next.IsZero() || from.Before(next)) {
			next = from
		}
	}
	if next.IsZero() {
		return time.Time{}, false
	}
	return next.Begins(zone), true
}
