package study

import (
	"bytes"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

// Sealed is what a trial knows of its sealed list: for every slot its stratum
// cell and its chain of kits. Who gets what is not in it.
type Sealed struct {
	SHA256   string // of the file, 64 lower-case hex digits
	Trial    string // the protocol's ID
	Protocol string // hash of its canonical form, hex
	Seeded   bool   // drawn again by anyone from a seed: for demonstrations only
	Slots    []Slot
	// Live is there where the slots are named one by one by a process of the
	// custodian's.
	Live *seal.Live
	// Extends is the hash of the list that this one goes on from, and First the
	// index of its first slot; a list that begins a trial has neither.
	Extends string
	First   int
	// More reads the file of a list that extends this one, by its hash; nil where
	// there are no files.
	More func(sha256 string) ([]byte, error)
}

// ReadSealed reads what a trial needs to know of a sealed list.
func ReadSealed(raw []byte) (Sealed, error) {
	l, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		return Sealed{}, err
	}
	return SealedOf(l), nil
}

// SealedOf takes from a sealed list what a trial needs to know of it: all but
// the envelopes and commitments.
func SealedOf(l *seal.List) Sealed {
	h := l.Header()
	out := Sealed{SHA256: l.Hash().String(), Trial: h.Trial, Protocol: h.Protocol.String(), Seeded: l.Seeded(), Live: h.Live}
	if h.Extension() {
		out.Extends, out.First = h.Extends.String(), h.First
	}
	for i := range l.Len() {
		s, _ := l.Slot(h.First + i)
		slot := Slot{Cell: s.Cell, For: s.For, Needed: h.Holders.Needed, Holders: len(h.Holders.Recipients)}
		for _, k := range s.Kits {
			slot.Kits = append(slot.Kits, Kit{Visit: k.Visit, Number: k.Number})
		}
		out.Slots = append(out.Slots, slot)
	}
	return out
}

// Slot is one place of the list.
type Slot struct {
	Cell string // stratum cell key
	Kits []Kit  // the chain, in the order in which it is handed out
	// For is the slot to whose chain the kits were added; nil of one that is given
	// out.
	For *int
	// Holders can open it in an emergency, as many as are needed together.
	Needed, Holders int
}

// Kit is one package of a slot's chain.
type Kit struct {
	Visit  string // at which it is handed out; a spare has its visit too
	Number string
}

// New is the state before anything happened: of a checked protocol, the public
// half of its sealed list, and the instruments it may ask.
func New(p protocol.Checked, sealed Sealed, instruments Instruments) *State {
	s := &State{
		Protocol: p, sealed: sealed, instruments: instruments,
		People: map[Subject]*Participant{}, Taken: map[string]int{},
		Stock: map[string]StockKit{},
		cells: map[string][]int{}, pools: map[string][]int{}, keys: map[string]span{}, facts: map[uint64]Fact{},
		slotOf: map[int]Subject{}, stocked: map[string]bool{},
	}
	for i, slot := range sealed.Slots {
		if slot.For == nil {
			s.cells[slot.Cell] = append(s.cells[slot.Cell], i)
			s.pools[slot.Cell] = append(s.pools[slot.Cell], i)
		}
	}
	return s
}

// nextSlot gives the slot that a cell gives out next.
func (s *State) nextSlot(cell string) (int, error) {
	slots, taken := s.cells[cell], s.Taken[cell]
	if taken >= len(slots) {
		return 0, s.exhausted(cell)
	}
	return slots[taken], nil
}

func (s *State) exhausted(cell string) error {
	return fault.New("stratum-exhausted", cell, "all %d slots of this stratum are given out", len(s.cells[cell])).
		WithHint("the list never begins again from the top: the custodian extends it (dvala seal --extend), and two people take that on")
}

// nextKit gives the kit that a slot's chain holds next for a visit and that can
// be handed out on a day: neither lost, spoilt nor expired.
func (s *State) nextKit(p *Participant, visit string, today civil.Date) (string, error) {
	used := map[string]bool{}
	for _, k := range p.Kits {
		used[k.Kit] = true
	}
	n := 0
	var why error
	for _, k := range s.sealed.Slots[p.Randomised.Slot].Kits {
		if k.Visit != visit {
			continue
		}
		n++
		if used[k.Number] {
			continue
		}
		err := s.fit(k, p.Site, today)
		if err == nil {
			return k.Number, nil
		}
		if fault.CodeOf(err) == "kit-not-here" {
			why = err
		}
	}
	if why != nil {
		return "", fault.New("kit-not-here", visit, "the person's next kit has not come to the site").
			WithHint("receive it first; no kit of another chain may be given: it could be of another arm")
	}
	return "", fault.New("kits-exhausted", visit, "all %d kits of this visit in the person's chain are handed out or spoilt", n).
		WithHint("no kit of another chain may be given: it could be of another arm. The custodian makes further ones for this chain: dvala seal --extend --kits-for")
}

// Remaining gives how many slots of a cell are left; under minimisation those of the
// last list that has the cell, since what is left of an earlier one is used no more.
func (s *State) Remaining(cell string) int {
	if !s.Protocol.Minimises() {
		return len(s.cells[cell]) - s.Taken[cell]
	}
	n := 0
	for _, i := range s.pools[cell] {
		if _, given := s.slotOf[i]; !given {
			n++
		}
	}
	return n
}

// Root gives the root of the tree over the entries applied.
func (s *State) Root() ledger.Hash { return s.tree.Root() }

// SealedHash gives the SHA-256 of the sealed list that the state was made with.
func (s *State) SealedHash() string { return s.sealed.SHA256 }

// KitsLeft gives the kits of a randomised person's chain that are not handed
// out, by visit, as numbers that say nothing about the arm.
func (s *State) KitsLeft(p *Participant) []Kit {
	if p.Randomised == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.sealed.Slots[p.Randomised.Slot].Kits), func(k Kit) bool {
		return slices.ContainsFunc(p.Kits, func(g KitGiven) bool { return g.Kit == k.Number })
	})
}
