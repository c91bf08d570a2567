package study

import (
	"slices"
	"strings"
	"time"

	"dvala/fault"
)

// What a person's device sends and the rules refuse, or nobody can read, is kept
// beside the ledger until staff have filed or discarded it: it is hers, and may
// have to be erased. That it came is a fact of the trial, and so is what became
// of it; the ledger tells both, with a digest of what is kept and none of its
// content, so that nothing that was held can be taken away unnoticed.

// Kinds of facts about what could not be filed.
const (
	KindHeld        Kind = "held"
	KindHeldSettled Kind = "held-settled"
)

// What became of it.
const (
	HeldFiled     = "filed"
	HeldDiscarded = "discarded"
)

type (
	// NoteHeld says that an entry came and is held.
	NoteHeld struct{ Held }
	// Held names what is kept, and why it could not be filed. Of who has not
	// consented, or has left, it has neither command nor time.
	Held struct {
		Number  int64     `json:"held"`              // among what is held
		Sent    string    `json:"sent,omitempty"`    // the idempotency key it came with
		Command string    `json:"command,omitempty"` // by its name; empty of what is none
		Codes   []string  `json:"codes"`             // of the refusal
		SHA256  string    `json:"sha256"`            // of what is kept, sealed as it is
		Made    time.Time `json:"made,omitzero"`     // by her device's clock
	}
	// RecordHeldSettled says what became of it. One that is discarded has a reason.
	RecordHeldSettled struct{ HeldSettled }
	// HeldSettled names what was held, by its number.
	HeldSettled struct {
		Number int64   `json:"held"`
		How    string  `json:"how"`             // filed, discarded
		Entry  *uint64 `json:"entry,omitempty"` // the first entry that it was filed as
	}
)

func (NoteHeld) command()             {}
func (NoteHeld) about() whom          { return onePerson }
func (NoteHeld) leads() Kind          { return KindHeld }
func (NoteHeld) afterLock()           {}
func (RecordHeldSettled) command()    {}
func (RecordHeldSettled) about() whom { return onePerson }
func (RecordHeldSettled) leads() Kind { return KindHeldSettled }
func (RecordHeldSettled) afterLock()  {}
func (Held) Kind() Kind               { return KindHeld }
func (HeldSettled) Kind() Kind        { return KindHeldSettled }

// HeldEntry is what is known of one that was held.
type HeldEntry struct {
	Held
	Entry   uint64
	At      time.Time
	How     string // what became of it; empty: it waits
	Settled uint64 // the entry that says so
	FiledAs *uint64
	By      string
	Reason  string
}

func (c NoteHeld) decide(d *decision) ([]Event, error) {
	if !c.Made.IsZero() {
		c.Made = wireTime(c.Made)
	}
	if slices.ContainsFunc(d.p.Held, func(h HeldEntry) bool { return h.Number == c.Number }) {
		return nil, nil // it is on the ledger
	}
	return one(c.Held, c.check())
}

func (e Held) check() error {
	var l fault.List
	if e.Number < 1 {
		l.Addf("held-unknown", "held", "what is held has a number")
	}
	checkWords(&l, "sent", e.Sent, maxWord)
	if strings.Trim(e.Command, "abcdefghijklmnopqrstuvwxyz-") != "" || len(e.Command) > maxCommand {
		l.Addf("command-unknown", "command", "%.60q is no command's name", e.Command)
	}
	if len(e.Codes) == 0 || len(e.Codes) > maxHeldCodes {
		l.Addf("held-codes", "codes", "a refusal has 1 to %d codes", maxHeldCodes)
	}
	for _, c := range e.Codes {
		checkWords(&l, "codes", c, maxWord)
	}
	checkHash(&l, "sha256", e.SHA256)
	return l.Err()
}

// How many codes of a refusal are told, and how long a command's name is.
const (
	maxHeldCodes = 20
	maxCommand   = 60
)

func (e Held) fold(_ *State, p *Participant, f Fact) error {
	p.Held = append(p.Held, HeldEntry{Held: e, Entry: f.Index, At: f.At})
	return nil
}

func (c RecordHeldSettled) decide(d *decision) ([]Event, error) {
	i := slices.IndexFunc(d.p.Held, func(h HeldEntry) bool { return h.Number == c.Number })
	switch {
	case i < 0:
		return nil, fault.New("held-unknown", "held", "nothing of this number was held of the person")
	case d.p.Held[i].How != "":
		return nil, fault.New("held-settled", "held", "was settled before: %s", d.p.Held[i].How)
	}
	if err := d.reasoned("settling what was held"); err != nil {
		return nil, err
	}
	return one(c.HeldSettled, c.check())
}

func (e HeldSettled) check() error {
	var l fault.List
	oneOf(&l, "how", e.How, vocabulary["settled"]...)
	if (e.How == HeldFiled) != (e.Entry != nil) {
		l.Addf("held-settled", "entry", "what was filed names its entry, and what was discarded none")
	}
	return l.Err()
}

func (e HeldSettled) fold(_ *State, p *Participant, f Fact) error {
	for i := range p.Held {
		if h := &p.Held[i]; h.Number == e.Number {
			h.How, h.Settled, h.FiledAs, h.By, h.Reason = e.How, f.Index, e.Entry, f.Actor, f.Reason
		}
	}
	return nil
}

// HeldOf gives what of a person was held, by its number.
func (p *Participant) HeldOf(number int64) (HeldEntry, bool) {
	i := slices.IndexFunc(p.Held, func(h HeldEntry) bool { return h.Number == number })
	if i < 0 {
		return HeldEntry{}, false
	}
	return p.Held[i], true
}

// HeldSince counts what of a person came to be held from an instant on.
func (p *Participant) HeldSince(from time.Time) (n int) {
	for _, h := range slices.Backward(p.Held) {
		if h.At.Before(from) {
			break
		}
		n++
	}
	return n
}
