package seal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"dvala/fault"
)

// How a list was sealed.
const (
	ByCustodian = "custodian" // from a secret that nobody kept
	BySeed      = "seed"      // for a demonstration: anyone can draw the list again
)

// Header says what a list is for.
type Header struct {
	Trial     string // the protocol's ID
	Protocol  Hash   // of its canonical form
	Custodian string // public key that the slots' keys are encrypted to
	Sealing   string // ByCustodian or BySeed
}

// Slot is one sealed slot.
type Slot struct {
	Place
	Sealed
}

// Plain is a slot before it is sealed.
type Plain struct {
	Cell   string
	Kits   []Kit
	Secret Secret
}

// List is a sealed list: slots in the order in which they are given out, cell
// by cell. It is born of New or Parse, and holds no secret.
type List struct {
	header Header
	slots  []Slot
	raw    []byte
	hash   Hash
	cells  map[string][]int
	kits   map[string]int
}

// New seals slots into a list. The slots of a cell stand together.
func New(h Header, plain []Plain, by Sealer) (*List, error) {
	slots := make([]Slot, len(plain))
	for i, p := range plain {
		place := Place{Trial: h.Trial, Protocol: h.Protocol, Index: i, Cell: p.Cell, Kits: slices.Clone(p.Kits)}
		sealed, err := by.Seal(place, p.Secret)
		if err != nil {
			return nil, err
		}
		slots[i] = Slot{place, sealed}
	}
	return build(h, slots)
}

const listMagic = "dvala-sealed-list 1"

type headerLine struct {
	Trial     string `json:"trial"`
	Protocol  string `json:"protocol"`
	Custodian string `json:"custodian"`
	Sealing   string `json:"sealing"`
	Slots     int    `json:"slots"`
}

type slotLine struct {
	Slot       int    `json:"slot"`
	Cell       string `json:"cell"`
	Kits       []Kit  `json:"kits"`
	Commitment string `json:"commitment"`
	Envelope   []byte `json:"envelope"`
	Key        []byte `json:"key"`
}

// build is the one way to a List: it checks the slots against each other,
// encodes them and hashes the encoding.
func build(h Header, slots []Slot) (*List, error) {
	l := &List{header: h, slots: slots, cells: map[string][]int{}, kits: map[string]int{}}
	if bad := l.index(); bad.Err() != nil {
		return nil, bad.Err()
	}
	raw, err := appendLine([]byte(listMagic+"\n"), headerLine{
		Trial: h.Trial, Protocol: h.Protocol.String(), Custodian: h.Custodian, Sealing: h.Sealing, Slots: len(slots),
	})
	if err != nil {
		return nil, fault.Wrap(CodeFormat, "header", err)
	}
	for _, s := range slots {
		kits := s.Kits
		if kits == nil {
			kits = []Kit{}
		}
		raw, err = appendLine(raw, slotLine{
			Slot: s.Index, Cell: s.Cell, Kits: kits, Commitment: s.Commitment.String(), Envelope: s.Envelope, Key: s.Key,
		})
		if err != nil {
			return nil, fault.Wrap(CodeSlot, slotPlace(s.Index), err)
		}
	}
	l.raw, l.hash = raw, sha256.Sum256(raw)
	return l, nil
}

// index fills the maps of cells and kits and finds what does not fit together.
func (l *List) index() fault.List {
	var bad fault.List
	h := l.header
	if h.Trial == "" || (h.Sealing != ByCustodian && h.Sealing != BySeed) {
		bad.Addf(CodeFormat, "header", "names no trial, or a sealing that is neither %q nor %q", ByCustodian, BySeed)
	}
	if _, err := ParseRecipient(h.Custodian); err != nil {
		bad.Addf(CodeRecipient, "header", "the custodian's public key cannot be read")
	}
	commitments := map[Hash]int{}
	for i, s := range l.slots {
		at := slotPlace(i)
		if s.Index != i {
			bad.Addf(CodeSlot, at, "says it is slot %d", s.Index)
		}
		if list := l.cells[s.Cell]; len(list) > 0 && list[len(list)-1] != i-1 {
			bad.Addf(CodeSlot, at, "belongs to the cell %q, whose other slots stand elsewhere", clip(s.Cell))
		}
		l.cells[s.Cell] = append(l.cells[s.Cell], i)
		for _, k := range s.Kits {
			if number, err := ParseKitNumber(k.Number); err != nil || number != k.Number {
				bad.Addf(CodeKit, at, "%q is not a kit number", clip(k.Number))
			}
			if other, twice := l.kits[k.Number]; twice {
				bad.Addf(CodeKit, at, "kit %q is in slot %d as well", clip(k.Number), other)
			}
			l.kits[k.Number] = i
		}
		if other, twice := commitments[s.Commitment]; twice {
			bad.Addf(CodeCommitment, at, "has the same commitment as slot %d", other)
		}
		commitments[s.Commitment] = i
		if n := len(l.slots[0].Envelope); len(s.Envelope) != n {
			bad.Addf(CodeEnvelope, at, "has an envelope of %d bytes, unlike the %d of the others", len(s.Envelope), n)
		}
		if n := len(l.slots[0].Key); len(s.Key) != n {
			bad.Addf(CodeEnvelope, at, "has a key of %d bytes, unlike the %d of the others", len(s.Key), n)
		}
		if len(bad) >= maxProblems {
			bad.Addf(CodeFormat, at, "too many problems; the rest was not checked")
			break
		}
	}
	return bad
}

const maxProblems = 100

// Parse reads a sealed list. The error is a fault.List of every problem found,
// each naming the slot it is in.
func Parse(r io.Reader) (*List, error) {
	in, p := readLines(r, listMagic)
	if p != nil {
		return nil, fault.List{p}
	}
	var bad fault.List
	var head headerLine
	if p := in.into(&head, "header"); p != nil {
		// The slots are still read: whatever else is damaged is named too.
		bad.Add(p)
		head.Slots = -1
	}
	protocol, err := ParseHash(head.Protocol)
	if err != nil && head.Slots >= 0 {
		bad.Merge(CodeFormat, "header", err)
	}
	h := Header{Trial: head.Trial, Protocol: protocol, Custodian: head.Custodian, Sealing: head.Sealing}
	var slots []Slot
	for i := 0; !in.done() && len(bad) < maxProblems; i++ {
		s, p := readSlot(in, h, i)
		if p != nil {
			bad.Add(p)
		}
		slots = append(slots, s)
	}
	if bad.Err() == nil && len(slots) != head.Slots {
		bad.Addf(CodeTruncated, slotPlace(len(slots)), "the header says %d slots and the file has %d", head.Slots, len(slots))
	}
	if bad.Err() != nil {
		return nil, bad
	}
	return build(h, slots)
}

func readSlot(in *lineReader, h Header, i int) (Slot, *fault.Problem) {
	var line slotLine
	if p := in.into(&line, slotPlace(i)); p != nil {
		return Slot{}, p
	}
	commitment, err := ParseHash(line.Commitment)
	if err != nil || line.Kits == nil {
		return Slot{}, fault.New(CodeSlot, slotPlace(i), "has no commitment, or no list of kits").At(in.line)
	}
	if len(line.Kits) == 0 {
		line.Kits = nil
	}
	return Slot{
		Place:  Place{Trial: h.Trial, Protocol: h.Protocol, Index: line.Slot, Cell: line.Cell, Kits: line.Kits},
		Sealed: Sealed{Commitment: commitment, Envelope: line.Envelope, Key: line.Key},
	}, nil
}

// Header gives what the list is for.
func (l *List) Header() Header { return l.header }

// Bytes gives the file, which is what is hashed.
func (l *List) Bytes() []byte { return slices.Clone(l.raw) }

// Hash gives the SHA-256 of the file.
func (l *List) Hash() Hash { return l.hash }

// Len gives the number of slots.
func (l *List) Len() int { return len(l.slots) }

// Slot gives a slot by its index.
func (l *List) Slot(i int) (Slot, bool) {
	if i < 0 || i >= len(l.slots) {
		return Slot{}, false
	}
	return l.slots[i], true
}

// Cell gives the indices of a cell's slots in the order in which they are to be
// given out. What is given out is shared: do not change it.
func (l *List) Cell(key string) []int { return l.cells[key] }

// Cells gives the keys of the cells in the order of the list.
func (l *List) Cells() []string {
	var out []string
	for _, s := range l.slots {
		if len(out) == 0 || out[len(out)-1] != s.Cell {
			out = append(out, s.Cell)
		}
	}
	return out
}

// KitSlot gives the slot that a kit belongs to.
func (l *List) KitSlot(number string) (int, bool) {
	i, ok := l.kits[number]
	return i, ok
}

// Seeded says whether the list was drawn from a seed that others know. Such a
// list is for demonstrations only.
func (l *List) Seeded() bool { return l.header.Sealing != ByCustodian }

// String tells what the list is, in a few words.
func (l *List) String() string {
	return fmt.Sprintf("sealed list of %s, %d slots, sha256 %s", l.header.Trial, len(l.slots), l.hash)
}

// UnmarshalJSON refuses: a list is born of New or Parse.
func (l *List) UnmarshalJSON([]byte) error {
	return fmt.Errorf("a sealed list is read by seal.Parse")
}

var _ json.Unmarshaler = (*List)(nil)
