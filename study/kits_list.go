package study

import (
	"bytes"
	"maps"
	"slices"

	"dvala/fault"
	"dvala/seal"
)

// KindListExtended is the kind of the fact that a list goes on in another.
const KindListExtended Kind = "list-extended"

// ExtendList takes on a list that goes on from the one there is: further slots,
// or further kits for the chains of slots. It is a proposal: a stratum that runs
// out refuses until two people have agreed on what the custodian made.
type ExtendList struct {
	SealedList File `json:"sealed_file"`
}

// ListExtended takes on a list; it stands beside the approval.
type ListExtended struct {
	SealedList File `json:"sealed_file"`
	First      int  `json:"first"` // index of its first slot
	Slots      int  `json:"slots"` // lines of it, those that add kits among them
}

func (ExtendList) command()          {}
func (ExtendList) about() whom       { return theTrial }
func (ExtendList) approvers() []Role { return []Role{RoleInvestigator, RolePharmacist} }
func (ListExtended) Kind() Kind      { return KindListExtended }

func (c ExtendList) propose(d *decision) error {
	_, err := d.s.extension(c.SealedList)
	return err
}

func (c ExtendList) approve(d *decision, _ *Proposing) ([]Event, error) {
	more, err := d.s.extension(c.SealedList)
	if err != nil {
		return nil, err
	}
	return []Event{ListExtended{SealedList: c.SealedList, First: more.First, Slots: len(more.Slots)}}, nil
}

// carry notes what was approved; the fact beside it takes the list on.
func (c ExtendList) carry(s *State, _ *Participant, _ Fact) error {
	s.extending = c.SealedList.SHA256
	return nil
}

func (e ListExtended) fold(s *State, _ *Participant, _ Fact) error {
	more, err := s.extension(e.SealedList)
	if err != nil {
		return err
	}
	if s.extending != e.SealedList.SHA256 || e.First != more.First || e.Slots != len(more.Slots) {
		return fault.New("list-extension", "", "takes on a list that nobody has approved, or another than it says")
	}
	s.extending = ""
	s.takeOn(more)
	return nil
}

// extension reads a list that is to go on from the one there is, and says what
// keeps it from that.
func (s *State) extension(file File) (Sealed, error) {
	if s.sealed.More == nil {
		return Sealed{}, fault.New("list-extension", "sealed_file", "no file of this trial can be read here")
	}
	raw, err := s.sealed.More(file.SHA256)
	if err != nil {
		return Sealed{}, err
	}
	more, err := ReadSealed(raw)
	if err != nil {
		return Sealed{}, err
	}
	var l fault.List
	switch have := s.sealed; {
	case more.SHA256 != file.SHA256:
		l.Addf("file-ref", "sealed_file", "is not the file of this hash")
	case more.Trial != have.Trial || more.Protocol != have.Protocol || more.Seeded != have.Seeded:
		l.Addf("sealed-protocol", "sealed_file", "the list was sealed for another protocol, or for another version of this one").
			WithHint("the custodian extends the list with the protocol as it is: dvala seal --extend")
	case more.Extends != have.SHA256 || more.First != len(have.Slots):
		l.Addf("list-extension", "sealed_file", "goes on from another list than the one there is, of sha256 %s with %d slots", have.SHA256, len(have.Slots)).
			WithHint("the custodian extends the trial's list with all that extend it already")
	}
	if l.Err() != nil {
		return more, l
	}
	known := map[string]bool{}
	for _, slot := range s.sealed.Slots {
		for _, k := range slot.Kits {
			known[k.Number] = true
		}
	}
	for i, slot := range more.Slots {
		at := "sealed_file"
		if of := slot.For; of != nil && (*of < 0 || *of >= len(s.sealed.Slots) || s.sealed.Slots[*of].For != nil || s.sealed.Slots[*of].Cell != slot.Cell) {
			l.Addf("list-extension", at, "slot %d adds kits to slot %d, which is none of this cell", more.First+i, *of)
		}
		for _, k := range slot.Kits {
			if known[k.Number] {
				l.Addf("list-extension", at, "kit %s is in the list already", k.Number)
			}
			known[k.Number] = true
		}
	}
	return more, l.Err()
}

// takeOn puts a list's slots behind those there are, and its further kits into
// the chains that they are for.
func (s *State) takeOn(more Sealed) {
	slots := slices.Clone(s.sealed.Slots)
	pools := map[string][]int{}
	for i, slot := range more.Slots {
		slots = append(slots, slot)
		if slot.For == nil {
			s.cells[slot.Cell] = append(slices.Clip(s.cells[slot.Cell]), more.First+i)
			pools[slot.Cell] = append(pools[slot.Cell], more.First+i)
			continue
		}
		of := &slots[*slot.For]
		of.Kits = append(slices.Clone(of.Kits), slot.Kits...)
	}
	s.sealed.Slots = slots
	maps.Copy(s.pools, pools)
	s.sealed.SHA256, s.sealed.Extends, s.sealed.First = more.SHA256, more.Extends, more.First
	s.lists = append(s.lists, more.SHA256)
}

// UseFiles says how files that the ledger names are read, by their hash: lists
// that extend the trial's, and definitions that amendments bring.
func (s *State) UseFiles(read func(sha256 string) ([]byte, error)) { s.sealed.More = read }

// Lists gives the SHA-256 of the sealed list and of all that extend it, in their
// order.
func (s *State) Lists() []string {
	if s.Opened == nil {
		return []string{s.sealed.SHA256}
	}
	return append([]string{s.Opened.SealedList.SHA256}, s.lists...)
}

// WholeList reads and joins the lists of a trial, by their hashes as Lists gives
// them.
func WholeList(hashes []string, read func(sha256 string) ([]byte, error)) (*seal.List, error) {
	var lists []*seal.List
	for _, h := range hashes {
		raw, err := read(h)
		if err != nil {
			return nil, err
		}
		l, err := seal.Parse(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		lists = append(lists, l)
	}
	return seal.Join(lists[0], lists[1:]...)
}

// LowShare is the share of a cell's slots from which on it is said to run low.
const LowShare = 0.2

// CellLeft is how much of a stratum cell's list is left.
type CellLeft struct {
	Cell  string
	Left  int
	Of    int
	Low   bool // a fifth or less is left: time to extend
	Empty bool // nobody can be randomised in it
}

// CellsLeft gives every cell of the protocol in its order.
func (s *State) CellsLeft() []CellLeft {
	var out []CellLeft
	for _, c := range s.Protocol.Cells() {
		left, of := s.Remaining(c.Key), len(s.cells[c.Key])
		if s.Protocol.Minimises() {
			of = len(s.pools[c.Key])
		}
		out = append(out, CellLeft{Cell: c.Key, Left: left, Of: of, Low: float64(left) <= LowShare*float64(of), Empty: left == 0})
	}
	return out
}
