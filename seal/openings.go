package seal

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"dvala/fault"
)

// Openings are the openings of every slot of one list, each checked against its
// commitment. They are born of NewOpenings or ParseOpenings, neither of which
// makes them unless all are right.
type Openings struct {
	list Hash
	all  []Opening
	seed *[32]byte // of a list whose slots were named one by one
	raw  []byte
}

// The openings of a list whose slots were named one by one are of version 2.
const (
	openingsMagic  = "dvala-openings 1"
	openingsMagic2 = "dvala-openings 2"
)

type openingsHeader struct {
	Trial      string `json:"trial"`
	Protocol   string `json:"protocol"`
	SealedList string `json:"sealed_list"` // SHA-256 of the sealed list's file
	Slots      int    `json:"slots"`
	// Of version 2.
	Seed string `json:"seed,omitempty"`
}

type openingLine struct {
	Slot   int    `json:"slot"`
	Secret string `json:"secret"`
	Nonce  string `json:"nonce"`
}

// NewOpenings checks one opening for each slot, in the order of the list, which
// is a trial's first or joined with all that extend it. The seed is that of a list
// whose slots were named one by one, and nil of any other.
func NewOpenings(l *List, all []Opening, seed *[32]byte) (*Openings, error) {
	var bad fault.List
	if err := l.header.checkSeed(seed); err != nil {
		bad.Merge(CodeLive, "header", err)
		return nil, bad
	}
	if l.header.Extension() {
		bad.Addf(CodeExtension, "openings", "only a whole list is opened, with that which it extends")
		return nil, bad
	}
	if len(all) != l.Len() {
		bad.Addf(CodeCommitment, "openings", "there are %d for %d slots", len(all), l.Len())
		return nil, bad
	}
	for i, o := range all {
		if err := o.Check(l.slots[i].Place, l.slots[i].Commitment); err != nil {
			bad.Merge(CodeCommitment, slotPlace(i), err)
			continue
		}
		// Kits that were added to a slot hold what the slot holds.
		if of := l.slots[i].For; of != nil && all[*of].Secret != o.Secret {
			bad.Addf(CodeCommitment, slotPlace(i), "adds kits to slot %d, and holds something else", *of)
		}
	}
	if bad.Err() != nil {
		return nil, bad
	}
	h := l.Header()
	head, magic := openingsHeader{Trial: h.Trial, Protocol: h.Protocol.String(), SealedList: l.Hash().String(), Slots: len(all)}, openingsMagic
	if seed != nil {
		head.Seed, magic = hex.EncodeToString(seed[:]), openingsMagic2
	}
	raw, err := appendLine([]byte(magic+"\n"), head)
	for i := 0; err == nil && i < len(all); i++ {
		o := all[i]
		raw, err = appendLine(raw, openingLine{o.Slot, o.Secret.Reveal(), hex.EncodeToString(o.Nonce[:])})
	}
	if err != nil {
		return nil, fault.Wrap(CodeFormat, "openings", err)
	}
	return &Openings{list: l.Hash(), all: slices.Clone(all), seed: seed, raw: raw}, nil
}

// ParseOpenings reads the openings of a list and checks each against its
// commitment. The error is a fault.List of every problem found, each naming the
// slot it is in.
func ParseOpenings(r io.Reader, l *List) (*Openings, error) {
	in, magic, p := readEither(r, openingsMagic, openingsMagic2)
	if p != nil {
		return nil, fault.List{p}
	}
	var bad fault.List
	var head openingsHeader
	h := l.Header()
	want := openingsHeader{Trial: h.Trial, Protocol: h.Protocol.String(), SealedList: l.Hash().String(), Slots: l.Len()}
	var seed *[32]byte
	if p := in.into(&head, "header"); p != nil {
		bad.Add(p)
	} else {
		if raw, err := hex.DecodeString(head.Seed); err == nil && len(raw) == 32 && hex.EncodeToString(raw) == head.Seed {
			seed = (*[32]byte)(raw)
			want.Seed = head.Seed
		}
		if head != want || (magic == openingsMagic2) != (seed != nil) {
			bad.Addf(CodeCommitment, "header", "these are the openings of another list").At(in.line)
		}
	}
	all := make([]Opening, 0, l.Len())
	for i := 0; !in.done() && len(bad) < maxProblems; i++ {
		o, p := readOpening(in, i)
		if p != nil {
			bad.Add(p)
		} else if s, ok := l.Slot(i); ok {
			bad.Merge(CodeCommitment, slotPlace(i), o.Check(s.Place, s.Commitment))
		}
		all = append(all, o)
	}
	if bad.Err() == nil && len(all) != l.Len() {
		bad.Addf(CodeTruncated, slotPlace(len(all)), "there are %d openings for %d slots", len(all), l.Len())
	}
	if bad.Err() != nil {
		return nil, bad
	}
	return NewOpenings(l, all, seed)
}

func readOpening(in *lineReader, i int) (Opening, *fault.Problem) {
	var line openingLine
	if p := in.into(&line, slotPlace(i)); p != nil {
		return Opening{}, p
	}
	secret, err := NewSecret(line.Secret)
	nonce, err2 := ParseHash(line.Nonce)
	if err != nil || err2 != nil || line.Slot != i {
		return Opening{}, fault.New(CodeSlot, slotPlace(i), "is not the opening of this slot").At(in.line)
	}
	return Opening{Slot: i, Secret: secret, Nonce: nonce}, nil
}

// Len gives the number of slots.
func (o *Openings) Len() int { return len(o.all) }

// Content gives what a slot holds.
func (o *Openings) Content(slot int) (string, bool) {
	if slot < 0 || slot >= len(o.all) {
		return "", false
	}
	return o.all[slot].Secret.Reveal(), true
}

// Seed gives what chance was drawn from where slots were named one by one.
func (o *Openings) Seed() ([32]byte, bool) {
	if o.seed == nil {
		return [32]byte{}, false
	}
	return *o.seed, true
}

// checkSeed says whether a seed is the one that the list commits to.
func (h Header) checkSeed(seed *[32]byte) error {
	switch {
	case h.Live == nil && seed == nil:
		return nil
	case h.Live == nil || seed == nil:
		return fault.New(CodeLive, "header", "a seed is published where the slots were named one by one, and only then")
	case CommitSeed(h.Trial, h.Protocol, *seed) != h.Live.Seed:
		return fault.New(CodeLive, "header", "the seed is not what was committed to").WithHint("the draws were made with another seed than was sealed")
	}
	return nil
}

// Bytes gives the file.
func (o *Openings) Bytes() []byte { return slices.Clone(o.raw) }

// List gives the hash of the sealed list that was opened.
func (o *Openings) List() Hash { return o.list }

// String tells nothing of what is in them.
func (o *Openings) String() string { return fmt.Sprintf("openings of %d slots", len(o.all)) }

// Format writes that whatever the verb.
func (o *Openings) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }
