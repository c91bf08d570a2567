package custody

import (
	"fmt"
	mrand "math/rand/v2"
	"slices"

	"dvala/alloc"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// Extension says what a list that runs out is extended by.
type Extension struct {
	Cells []string // stratum cells that get further slots; none: all of them
	Slots int      // at least so many a cell, in complete blocks; 0 adds none
	// KitsFor are slots whose chains get further kits, Kits for each visit. It
	// takes the custodian's key: what goes into them is what the slot holds.
	KitsFor []int
	Kits    int
	Key     *Key
}

// Extend makes a list that goes on from another, which must be whole, with all
// that extends it already. It names that list by its hash; its slots follow on
// that list's, and its kits have numbers of their own.
func Extend(c protocol.Checked, l *seal.List, x Extension, o Options) (Sealing, error) {
	to, err := partiesOf(c, o.Packer)
	if err != nil {
		return Sealing{}, err
	}
	h := l.Header()
	switch {
	case h.Extension():
		return Sealing{}, fault.New(seal.CodeExtension, "header", "this list extends another; give the first one and all that extend it")
	case h.Trial != c.ID():
		return Sealing{}, fault.New(CodeForeign, "header", "the list is of the trial %q and the protocol of %q", h.Trial, c.ID())
	case (o.Seed != nil) != l.Seeded():
		return Sealing{}, fault.New(CodeForeign, "header", "a list of a demonstration and one of a trial do not extend each other")
	}
	more, err := x.more(l)
	if err != nil {
		return Sealing{}, err
	}
	cells := x.Cells
	switch {
	case x.Slots == 0 && len(cells) > 0:
		return Sealing{}, fault.New(seal.CodeExtension, "slots", "how many slots the cells get is not said")
	case x.Slots > 0 && len(cells) == 0:
		for _, cell := range c.Cells() {
			cells = append(cells, cell.Key)
		}
	}
	sealing, list, secrets, err := randomness(o.Seed, l.Hash().String())
	if err != nil {
		return Sealing{}, err
	}
	drawn, err := alloc.Extend(c, alloc.Extension{
		Cells: slices.Compact(slices.Clone(cells)), Slots: x.Slots, Taken: takenKits(l), More: more, Kits: x.Kits,
	}, mrand.New(list))
	if err != nil {
		return Sealing{}, err
	}
	if o.Swap != [2]string{} {
		if drawn, err = drawn.Swap(o.Swap[0], o.Swap[1]); err != nil {
			return Sealing{}, err
		}
	}
	next := seal.Header{Trial: h.Trial, Protocol: c.Hash(), Sealing: sealing, Extends: l.Hash(), First: l.Len()}
	s, err := to.seal(drawn, next, secrets, o.Sealer)
	if err != nil {
		return Sealing{}, err
	}
	_, err = seal.Join(l, s.List)
	return s, err
}

// more opens the slots whose chains get further kits.
func (x Extension) more(l *seal.List) ([]alloc.More, error) {
	if len(x.KitsFor) == 0 {
		return nil, nil
	}
	if x.Key == nil {
		return nil, fault.New(CodeKey, "key", "further kits of a slot take the custodian's key").
			WithHint("what goes into them is what the slot holds; it is told to nobody but the packer")
	}
	if err := x.Key.fits(l); err != nil {
		return nil, err
	}
	var out []alloc.More
	for _, i := range x.KitsFor {
		s, ok := l.Slot(i)
		if !ok || s.For != nil {
			return nil, fault.New(seal.CodeSlot, fmt.Sprintf("slot %d", i), "is no slot of the list").
				WithHint("it has slots 0 to %d", l.Len()-1)
		}
		o, err := openSlot(x.Key, s)
		if err != nil {
			return nil, err
		}
		out = append(out, alloc.More{Slot: i, Cell: s.Cell, Assignment: o.Secret.Reveal()})
	}
	return out, nil
}

func takenKits(l *seal.List) map[string]bool {
	taken := map[string]bool{}
	for _, part := range l.Parts() {
		for i := range part.Len() {
			s, _ := part.Slot(part.Header().First + i)
			for _, k := range s.Kits {
				taken[k.Number] = true
			}
		}
	}
	return taken
}
