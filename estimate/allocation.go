package estimate

import (
	"math/rand/v2"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Allocation says which arm each randomised person has, or which sequence in a
// crossover. The zero Allocation says nothing of anybody: data made with it
// holds no arm.
type Allocation struct {
	Of map[study.Subject]string
	// Dummy says that the groups were drawn anew, in the same way and shape as
	// the list but from an open seed: nobody's real arm is in it.
	Dummy bool
}

// Known says whether there is an allocation at all.
func (a Allocation) Known() bool { return a.Of != nil }

// OpenedAllocation gives the real allocation, from what the custodian opened:
// slot of the sealed list → arm or sequence. Whoever calls has checked each
// opening against its commitment. A slot that was given out and not opened, or
// one opened to what the protocol does not have, is a fault.
func OpenedAllocation(c protocol.Checked, s *study.State, slots map[int]string) (Allocation, error) {
	known := map[string]bool{}
	for _, a := range c.Assignments() {
		known[a.ID] = true
	}
	out := Allocation{Of: map[study.Subject]string{}}
	var l fault.List
	for _, subject := range s.Order {
		r := s.People[subject].Randomised
		if r == nil {
			continue
		}
		group, ok := slots[r.Slot]
		switch {
		case !ok:
			l.Addf("slot-unopened", string(subject), "slot %d was given out and is not among the openings", r.Slot).
				WithHint("ask the custodian for the openings of every slot that was given out")
		case !known[group]:
			l.Addf("slot-arm", string(subject), "slot %d was opened to %q, which the protocol does not have", r.Slot, group)
		default:
			out.Of[subject] = group
		}
	}
	if err := l.Err(); err != nil {
		return Allocation{}, err
	}
	return out, nil
}

// dummyStream keeps a dummy list apart from a demonstration's own list when
// both are drawn from the same seed.
const dummyStream = 0x64756d6d79 // "dummy"

// DummyAllocation draws a list of the protocol's own design from a seed of its
// own, and gives its slots to the people in the order in which each stratum
// took them; under minimisation it draws each arm anew. So the tables have the
// shape they will have, and nobody's real arm is in them.
func DummyAllocation(c protocol.Checked, s *study.State, seed uint64) (Allocation, error) {
	d, err := design.Of(c)
	if err != nil {
		return Allocation{}, err
	}
	rng := rand.New(rand.NewPCG(seed, dummyStream))
	if c.Minimises() {
		return dummyMinimised(c, s, rng)
	}
	options := d.Options()
	waiting := map[string][]study.Subject{}
	for _, subject := range s.Order {
		if r := s.People[subject].Randomised; r != nil {
			waiting[r.Cell] = append(waiting[r.Cell], subject)
		}
	}
	out := Allocation{Of: map[study.Subject]string{}, Dummy: true}
	for _, cell := range d.Cells() {
		people := waiting[cell]
		drawn := d.DrawCell(rng, nil, max(len(people), 1))
		for i, subject := range people {
			out.Of[subject] = options[drawn[i]].ID
		}
	}
	return out, nil
}
