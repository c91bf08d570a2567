package study

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/seal"
)

// Under minimisation no slot is next. To randomise is to ask for one, and the
// custodian's process names it:
//
//	randomise ─► allocation-requested ─► allocation-answered, randomised
//	                       └─► (she leaves the trial) ─► nothing
//
// Requests are answered in the order of the ledger. What is asked holds the levels
// of the factors and no arm; what is answered holds a slot, signed with the key that
// the sealed list names. There is no other way to a slot: while nobody answers,
// nobody is randomised.
const (
	KindAllocationRequested Kind = "allocation-requested"
	KindAllocationAnswered  Kind = "allocation-answered"
)

type (
	// AllocationRequested asks the custodian's process for a slot.
	AllocationRequested struct {
		Cell   string   `json:"cell"`   // whose slots are meant
		Levels []string `json:"levels"` // of each factor, in the protocol's order
	}
	// AnswerAllocation names the slot of the request that waits longest. It is given
	// by the custodian's process alone, which signs it.
	AnswerAllocation struct {
		Request   uint64 `json:"request"`   // entry that asks
		Slot      int    `json:"slot"`      //
		Seen      string `json:"seen"`      // hash of all that the answer rests on, see package seal
		Signature string `json:"signature"` // Ed25519, 128 hexadecimal digits
	}
	// AllocationAnswered is that; the entry after it gives the slot.
	AllocationAnswered AnswerAllocation
)

func (AnswerAllocation) command()      {}
func (AnswerAllocation) about() whom   { return onePerson }
func (AnswerAllocation) leads() Kind   { return KindAllocationAnswered }
func (AllocationRequested) Kind() Kind { return KindAllocationRequested }
func (AllocationAnswered) Kind() Kind  { return KindAllocationAnswered }

// AllocationAsked is a person's request for a slot.
type AllocationAsked struct {
	Entry  uint64
	At     time.Time
	By     string
	Cell   string
	Levels []string
	// Turn is its place among all requests, from 0.
	Turn int
}

// Allocation is a request and what has come of it.
type Allocation struct {
	seal.Turn
	Subject   Subject
	At        time.Time
	Signature []byte // of the answer
}

// Allocations gives all requests for a slot, in the order of the ledger. What is
// given out is shared: do not change it.
func (s *State) Allocations() []Allocation { return s.turns }

// WaitsForSlot says since when a person waits for the custodian's process.
func (p *Participant) WaitsForSlot() (since time.Time, waits bool) {
	if p.Allocation == nil || p.Randomised != nil || p.WithdrewFromAll() {
		return time.Time{}, false
	}
	return p.Allocation.At, true
}

// WithdrewFromAll says whether the person has left follow-up.
func (p *Participant) WithdrewFromAll() bool {
	_, left := p.WithdrewFrom(FromFollowUp)
	return left
}

// requestSlot asks for a slot in the place of taking the next.
func (d *decision) requestSlot(cell string) ([]Event, error) {
	if since, waits := d.p.WaitsForSlot(); waits {
		return nil, fault.New("allocation-waits", string(d.p.Subject), "a place was asked for at %s, and the custodian's program has not answered yet", since.UTC().Format("15:04 UTC")).
			WithHint("randomising waits until it runs: dvala attend, on the custodian's machine. There is no other way")
	}
	if d.s.Remaining(cell) == 0 {
		return nil, d.s.exhausted(cell)
	}
	if err := d.s.poolHere(cell, d.today()); err != nil {
		return nil, err
	}
	levels, err := d.s.Protocol.LevelsOf(d.p.Site, d.p.Screening.Answers)
	if err != nil {
		return nil, err
	}
	e := AllocationRequested{Cell: cell}
	for _, l := range levels {
		e.Levels = append(e.Levels, l.Level)
	}
	return []Event{e}, nil
}

// leadsTo gives the kind of the first event that a command leads to in this trial.
func (s *State) leadsTo(cmd Command) Kind {
	if _, is := cmd.(Randomise); is && s.Protocol.Minimises() {
		return KindAllocationRequested
	}
	return kindOf(cmd)
}

// poolHere refuses to ask for a slot while kits of the cell's slots have not come to
// a site that counts its stock. All must be there: which slot is named must not hang
// on which kits have come, or which have come would tell of what is in them. A kit
// that was lost or spoilt keeps nobody from being randomised.
func (s *State) poolHere(cell string, today civil.Date) error {
	site := s.siteOfCell(cell)
	if !s.stocked[site] {
		return nil
	}
	for _, i := range s.pools[cell] {
		if _, given := s.slotOf[i]; given {
			continue
		}
		for _, k := range s.sealed.Slots[i].Kits {
			v, ok := s.Protocol.Visit(k.Visit)
			if ok && v.Day <= 0 && s.fit(k, site, today) != nil && fault.CodeOf(s.fit(k, site, today)) == "kit-not-here" {
				return fault.New("kits-not-here", cell, "the first kits of all places that are left have not come to the site").
					WithHint("under minimisation any of them may be needed next: receive them all first")
			}
		}
	}
	return nil
}

func (e AllocationRequested) fold(s *State, p *Participant, f Fact) error {
	if p.Allocation != nil || p.Randomised != nil || !s.Protocol.Minimises() {
		return fault.New("allocation-unasked", "", "asks for a second place, or for one that the list gives out in its order")
	}
	if cell, ok := s.Protocol.Cell(e.Cell); !ok || len(e.Levels) != len(s.Protocol.Protocol().Randomisation.Strata) {
		return fault.New("allocation-unasked", "", "asks for a place of %q, with levels that the protocol does not have", cell.Key)
	}
	p.Allocation = &AllocationAsked{Entry: f.Index, At: f.At, By: f.Actor, Cell: e.Cell, Levels: e.Levels, Turn: len(s.turns)}
	s.turns = append(s.turns, Allocation{Turn: seal.Turn{Entry: f.Index, Cell: e.Cell, Levels: e.Levels}, Subject: f.Subject, At: f.At})
	return nil
}

func (e AllocationRequested) check() error {
	var l fault.List
	for _, w := range append([]string{e.Cell}, e.Levels...) {
		checkWords(&l, "levels", w, maxWord)
	}
	return l.Err()
}

func (e AllocationAnswered) check() error {
	_, err := e.reply()
	return err
}

// turnsTo gives the turns as far as a request, and refuses one that is not next.
func (s *State) turnsTo(p *Participant, request uint64) ([]seal.Turn, error) {
	if p.Allocation == nil || p.Allocation.Entry != request || p.Randomised != nil || p.WithdrewFromAll() {
		return nil, fault.New("allocation-unasked", "request", "%s asks for no place for this person that is still wanted", place(request))
	}
	var out []seal.Turn
	for _, t := range s.turns[:p.Allocation.Turn] {
		if t.Open() {
			return nil, fault.New("allocation-order", "request", "%s asked before, and is answered first", place(t.Entry))
		}
		out = append(out, t.Turn)
	}
	return append(out, s.turns[p.Allocation.Turn].Turn), nil
}

func (c AnswerAllocation) decide(d *decision) ([]Event, error) {
	turns, err := d.s.turnsTo(d.p, c.Request)
	if err != nil {
		return nil, err
	}
	if err := d.s.answers(turns, AllocationAnswered(c)); err != nil {
		return nil, err
	}
	out := []Event{AllocationAnswered(c), Randomised{Date: d.today(), Cell: d.p.Allocation.Cell, Slot: c.Slot}}
	return append(out, d.early()...), nil
}

// reply reads what the process signed.
func (e AllocationAnswered) reply() (seal.Reply, error) {
	seen, err := seal.ParseHash(e.Seen)
	if err != nil {
		return seal.Reply{}, fault.New(seal.CodeReply, "seen", "is not a SHA-256 in lower-case hexadecimal")
	}
	signature, err := hex.DecodeString(e.Signature)
	if err != nil || hex.EncodeToString(signature) != e.Signature {
		return seal.Reply{}, fault.New(seal.CodeReply, "signature", "is not in lower-case hexadecimal")
	}
	return seal.Reply{Entry: e.Request, Slot: e.Slot, Seen: seen, Signature: signature}, nil
}

// answers says whether an answer is the custodian's own, to these turns, and names a
// slot of the cell that nobody has.
func (s *State) answers(turns []seal.Turn, e AllocationAnswered) error {
	r, err := e.reply()
	if err != nil {
		return err
	}
	first, err := seal.ParseHash(s.Lists()[0])
	if err != nil {
		return err
	}
	if err := s.sealed.Live.Check(first, turns, r); err != nil {
		return err
	}
	cell := turns[len(turns)-1].Cell
	if _, given := s.slotOf[e.Slot]; given || !slices.Contains(s.cells[cell], e.Slot) {
		return fault.New("slot-order", "slot", "slot %d is none of %s, or is given out already", e.Slot, cell)
	}
	return nil
}

func (e AllocationAnswered) fold(s *State, p *Participant, f Fact) error {
	turns, err := s.turnsTo(p, e.Request)
	if err != nil {
		return err
	}
	if err := s.answers(turns, e); err != nil {
		return err
	}
	t := &s.turns[p.Allocation.Turn]
	t.Slot = &e.Slot
	t.Signature, _ = hex.DecodeString(e.Signature)
	return nil
}

// named says whether a slot is the one that was named for a person in the entry
// before.
func (s *State) named(p *Participant, e Randomised) error {
	if p.Allocation == nil || p.Randomised != nil || p.Allocation.Cell != e.Cell {
		return fault.New("slot-order", "", "slot %d of stratum %s, which nobody has asked for", e.Slot, e.Cell)
	}
	if slot := s.turns[p.Allocation.Turn].Slot; slot == nil || *slot != e.Slot {
		return fault.New("slot-order", "", "slot %d of stratum %s, which the custodian's process has not named", e.Slot, e.Cell)
	}
	return nil
}

// comesToNothing ends the request of a person who leaves before it is answered.
func (s *State) comesToNothing(p *Participant) {
	if p.Allocation != nil && p.Randomised == nil {
		s.turns[p.Allocation.Turn].Void = true
	}
}

// early gives the deviation of a randomisation before its day.
func (d *decision) early() []Event {
	planned := d.p.Enrolled.Planned
	if !d.today().Before(planned) {
		return nil
	}
	return []Event{Deviation{
		Code: "randomised-early", Date: d.today(),
		Note: fmt.Sprintf("planned for %v, after a run-in of %d days", planned, d.protocol().Protocol().Design.RunInDays),
	}}
}
