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
	// Holders are those among whom each slot's key is shared as well.
	Holders Holders
	// Extends is the hash of the list's file that this one goes on from, and
	// First its first slot's index, as many as all before it have; a list that
	// begins a trial has neither.
	Extends Hash
	First   int
	// Live is there where the slots are named one by one; of a trial's first list
	// alone.
	Live *Live
}

// Holders can open a slot together in an emergency, so many as are needed.
type Holders struct {
	Needed     int      `json:"needed"`
	Recipients []string `json:"recipients"` // public keys, in the order of the slots' shares
}

// Extension says whether the list goes on from another.
func (h Header) Extension() bool { return h.Extends != Hash{} }

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
	For    *int // see Place
}

// List is a sealed list: slots in the order in which they are given out, cell
// by cell. It is born of New or Parse, and holds no secret; that of several
// files, one extending the other, is born of Join.
type List struct {
	header Header
	slots  []Slot
	raw    []byte
	hash   Hash
	cells  map[string][]int // of slots that are given out
	kits   map[string]int   // the slot to whose chain a kit belongs
	parts  []*List          // of Join
}

// New seals slots into a list. The slots of a cell stand together.
func New(h Header, plain []Plain, by Sealer) (*List, error) {
	slots := make([]Slot, len(plain))
	for i, p := range plain {
		place := Place{Trial: h.Trial, Protocol: h.Protocol, Index: h.First + i, Cell: p.Cell, Kits: slices.Clone(p.Kits), For: p.For}
		sealed, err := by.Seal(place, p.Secret)
		if err != nil {
			return nil, err
		}
		slots[i] = Slot{place, sealed}
	}
	return build(h, slots)
}

// A list that shares keys or extends another is of version 2, one whose slots are
// named one by one of version 3; any other is still written as the first version
// was.
const (
	listMagic  = "dvala-sealed-list 1"
	listMagic2 = "dvala-sealed-list 2"
	listMagic3 = "dvala-sealed-list 3"
)

func (h Header) magic() string {
	if h.Live != nil {
		return listMagic3
	}
	if h.Extension() || len(h.Holders.Recipients) > 0 {
		return listMagic2
	}
	return listMagic
}

type headerLine struct {
	Trial     string `json:"trial"`
	Protocol  string `json:"protocol"`
	Custodian string `json:"custodian"`
	Sealing   string `json:"sealing"`
	Slots     int    `json:"slots"`
	// Of version 2.
	Holders *Holders `json:"holders,omitempty"`
	Extends string   `json:"extends,omitempty"`
	First   int      `json:"first,omitempty"`
	// Of version 3.
	Live *liveLine `json:"live,omitempty"`
}

type liveLine struct {
	Seed   string `json:"seed_commitment"`
	Signer string `json:"signer"`
	Secret []byte `json:"secret"`
}

type slotLine struct {
	Slot       int    `json:"slot"`
	Cell       string `json:"cell"`
	Kits       []Kit  `json:"kits"`
	Commitment string `json:"commitment"`
	Envelope   []byte `json:"envelope"`
	Key        []byte `json:"key"`
	// Of version 2.
	Shares [][]byte `json:"shares,omitempty"`
	For    *int     `json:"for,omitempty"`
}

// build is the one way to a List: it checks the slots against each other,
// encodes them and hashes the encoding.
func build(h Header, slots []Slot) (*List, error) {
	l := &List{header: h, slots: slots, cells: map[string][]int{}, kits: map[string]int{}}
	if bad := l.index(); bad.Err() != nil {
		return nil, bad.Err()
	}
	head := headerLine{
		Trial: h.Trial, Protocol: h.Protocol.String(), Custodian: h.Custodian, Sealing: h.Sealing, Slots: len(slots), First: h.First,
	}
	if len(h.Holders.Recipients) > 0 {
		head.Holders = &h.Holders
	}
	if h.Extension() {
		head.Extends = h.Extends.String()
	}
	if h.Live != nil {
		head.Live = &liveLine{h.Live.Seed.String(), h.Live.Signer, h.Live.Secret}
	}
	raw, err := appendLine([]byte(h.magic()+"\n"), head)
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
			Shares: s.Shares, For: s.For,
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
	bad = append(bad, h.check()...)
	commitments := map[Hash]int{}
	for at, s := range l.slots {
		i := h.First + at
		at := slotPlace(i)
		if s.Index != i {
			bad.Addf(CodeSlot, at, "says it is slot %d", s.Index)
		}
		chain := i
		if s.For != nil {
			chain = *s.For
			if !h.Extension() || chain < 0 || chain >= h.First || len(s.Kits) == 0 {
				bad.Addf(CodeSlot, at, "adds kits to slot %d, which is none of an earlier list", chain)
			}
		} else {
			if list := l.cells[s.Cell]; len(list) > 0 && list[len(list)-1] != i-1 {
				bad.Addf(CodeSlot, at, "belongs to the cell %q, whose other slots stand elsewhere", clip(s.Cell))
			}
			l.cells[s.Cell] = append(l.cells[s.Cell], i)
		}
		for _, k := range s.Kits {
			if number, err := ParseKitNumber(k.Number); err != nil || number != k.Number {
				bad.Addf(CodeKit, at, "%q is not a kit number", clip(k.Number))
			}
			if other, twice := l.kits[k.Number]; twice {
				bad.Addf(CodeKit, at, "kit %q is in slot %d as well", clip(k.Number), other)
			}
			l.kits[k.Number] = chain
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
		bad = append(bad, l.shares(at, s)...)
		if len(bad) >= maxProblems {
			bad.Addf(CodeFormat, at, "too many problems; the rest was not checked")
			break
		}
	}
	return bad
}

// check says what of a header cannot be.
func (h Header) check() fault.List {
	var bad fault.List
	if (h.First > 0) != h.Extension() || h.First < 0 {
		bad.Addf(CodeFormat, "header", "extends a list and begins at slot %d", h.First)
	}
	if h.Live != nil {
		bad = append(bad, h.Live.check()...)
		if h.Extension() {
			bad.Addf(CodeLive, "header", "extends a list, and names a process of its own")
		}
	}
	n := len(h.Holders.Recipients)
	if n > 0 && (h.Holders.Needed < 1 || h.Holders.Needed > n || n > MaxHolders) {
		bad.Addf(CodeShare, "header", "%d of %d holders is no way to share a key", h.Holders.Needed, n)
	}
	for i, r := range h.Holders.Recipients {
		if _, err := ParseRecipient(r); err != nil {
			bad.Addf(CodeRecipient, "header", "the public key of holder %d cannot be read", i+1)
		}
		if slices.Contains(h.Holders.Recipients[:i], r) {
			bad.Addf(CodeRecipient, "header", "holder %d has the key of another", i+1)
		}
	}
	return bad
}

// shares says what of a slot's shares does not fit the header and the others.
func (l *List) shares(at string, s Slot) fault.List {
	var bad fault.List
	if n := len(l.header.Holders.Recipients); len(s.Shares) != n {
		bad.Addf(CodeShare, at, "has %d shares for %d holders", len(s.Shares), n)
		return bad
	}
	for i, share := range s.Shares {
		if n := len(l.slots[0].Shares[i]); len(share) != n {
			bad.Addf(CodeShare, at, "has a share of %d bytes, unlike the %d of the others", len(share), n)
		}
	}
	return bad
}

const maxProblems = 100

// Parse reads a sealed list. The error is a fault.List of every problem found,
// each naming the slot it is in.
func Parse(r io.Reader) (*List, error) {
	in, magic, p := readEither(r, listMagic, listMagic2, listMagic3)
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
	h := Header{Trial: head.Trial, Protocol: protocol, Custodian: head.Custodian, Sealing: head.Sealing, First: head.First}
	if head.Holders != nil {
		if h.Holders = *head.Holders; len(h.Holders.Recipients) == 0 {
			bad.Addf(CodeFormat, "header", "names holders, and there are none")
		}
	}
	if head.Live != nil {
		h.Live = &Live{Signer: head.Live.Signer, Secret: head.Live.Secret}
		if h.Live.Seed, err = ParseHash(head.Live.Seed); err != nil {
			bad.Merge(CodeLive, "header", err)
		}
	}
	if head.Extends != "" {
		if h.Extends, err = ParseHash(head.Extends); err != nil || h.Extends == (Hash{}) {
			bad.Addf(CodeFormat, "header", "extends %q, which is not the hash of a list", clip(head.Extends))
		}
	}
	if bad.Err() == nil && magic != h.magic() {
		bad.Addf(CodeFormat, "header", "is of %q and has the members of %q", magic, h.magic())
	}
	var slots []Slot
	for i := 0; !in.done() && len(bad) < maxProblems; i++ {
		s, p := readSlot(in, h, h.First+i)
		if p != nil {
			bad.Add(p)
		}
		slots = append(slots, s)
	}
	if bad.Err() == nil && len(slots) != head.Slots {
		bad.Addf(CodeTruncated, slotPlace(h.First+len(slots)), "the header says %d slots and the file has %d", head.Slots, len(slots))
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
		Place:  Place{Trial: h.Trial, Protocol: h.Protocol, Index: line.Slot, Cell: line.Cell, Kits: line.Kits, For: line.For},
		Sealed: Sealed{Commitment: commitment, Envelope: line.Envelope, Key: line.Key, Shares: line.Shares},
	}, nil
}

// Header gives what the list is for; of joined lists that of the first.
func (l *List) Header() Header { return l.header }

// Bytes gives the file, which is what is hashed; of joined lists the last one's.
func (l *List) Bytes() []byte { return slices.Clone(l.raw) }

// Hash gives the SHA-256 of the file; of joined lists the last one's, which names
// the one before it and so stands for all.
func (l *List) Hash() Hash { return l.hash }

// Len gives the number of slots.
func (l *List) Len() int { return len(l.slots) }

// Slot gives a slot by its index.
func (l *List) Slot(i int) (Slot, bool) {
	i -= l.header.First
	if i < 0 || i >= len(l.slots) {
		return Slot{}, false
	}
	return l.slots[i], true
}

// Cell gives the indices of a cell's slots in the order in which they are to be
// given out. What is given out is shared: do not change it.
func (l *List) Cell(key string) []int { return l.cells[key] }

// Pool gives the slots of a cell from which one is named where slots are named one by
// one: those of the last list that has the cell. What is left of an earlier list is
// used no more, since an arm that has run out there would tell the others apart.
func (l *List) Pool(key string) []int {
	parts := l.Parts()
	for i := len(parts) - 1; i >= 0; i-- {
		if slots := parts[i].cells[key]; len(slots) > 0 {
			return slots
		}
	}
	return nil
}

// Cells gives the keys of the cells in the order of the list.
func (l *List) Cells() []string {
	var out []string
	for _, s := range l.slots {
		if s.For == nil && !slices.Contains(out, s.Cell) {
			out = append(out, s.Cell)
		}
	}
	return out
}

// KitSlot gives the slot to whose chain a kit belongs.
func (l *List) KitSlot(number string) (int, bool) {
	i, ok := l.kits[number]
	return i, ok
}

// Chain gives the kits of a slot in the order in which they are handed out:
// those that it was sealed with, and then those that were added later.
func (l *List) Chain(slot int) []Kit {
	s, ok := l.Slot(slot)
	if !ok || s.For != nil {
		return nil
	}
	out := slices.Clone(s.Kits)
	for _, more := range l.slots {
		if more.For != nil && *more.For == slot {
			out = append(out, more.Kits...)
		}
	}
	return out
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
