package custody

import (
	"bytes"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"slices"

	"dvala/alloc"
	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// Codes of what keeps an attendant from answering.
const (
	CodeHistory   fault.Code = "another-history"  // the requests shown are not those shown before, or were not answered by her
	CodeExhausted fault.Code = "places-exhausted" // no place of the list that is left will do
)

// Attendant draws arms by minimisation while a trial randomises: for each request,
// in the order of the ledger, it names a slot that holds the arm that was drawn. It
// runs with the custodian's key on the custodian's machine, holds what every slot
// holds, and tells the slot alone. The same requests give the same answers, so it
// can be stopped and begun again at any time.
type Attendant struct {
	first    seal.Hash               // of the list's first file
	pool     func(cell string) []int // slots of a cell from which one is named
	method   design.Minimisation
	seed     design.Seed
	secret   seal.LiveSecret
	options  map[string]int // by assignment
	contents map[int]string // assignment by slot, of all slots that are given out
	memory   []Answered
}

// Answered is what an attendant has answered: kept, so that no other history can be
// put to it later.
type Answered struct {
	Entry  uint64   `json:"entry"`
	Cell   string   `json:"cell"`
	Levels []string `json:"levels"`
	Slot   int      `json:"slot"`
}

// Asked is a turn as the trial shows it, with the answer's signature where there is
// one.
type Asked struct {
	seal.Turn
	Signature []byte
}

// Attend opens a sealed list to answer requests from it. The list is whole, with all
// that extends it.
func Attend(k *Key, l *seal.List, c protocol.Checked) (*Attendant, error) {
	if err := k.fits(l); err != nil {
		return nil, err
	}
	switch h := l.Header(); {
	case h.Live == nil:
		return nil, fault.New(seal.CodeLive, "sealed list", "its places are given out in their order, and nobody has to attend")
	case h.Trial != c.ID() || h.Protocol != c.Hash():
		return nil, fault.New(CodeForeign, "sealed list", "was sealed for another protocol than this")
	}
	secret, err := openLive(k, l)
	if err != nil {
		return nil, err
	}
	contents := map[int]string{}
	for i := range l.Len() {
		s, _ := l.Slot(i)
		if s.For != nil {
			continue
		}
		o, err := openSlot(k, s)
		if err != nil {
			return nil, err
		}
		contents[i] = o.Secret.Reveal()
	}
	return Understudy(c, l.Parts()[0].Hash(), l.Pool, contents, secret)
}

// Understudy gives an attendant of a list that is known in the clear: that of a
// simulation, or of a demonstration, which can be drawn again from its seed.
func Understudy(c protocol.Checked, first seal.Hash, pool func(cell string) []int, contents map[int]string, secret seal.LiveSecret) (*Attendant, error) {
	m, err := design.MinimisationOf(c)
	if err != nil {
		return nil, err
	}
	a := &Attendant{first: first, pool: pool, method: m, seed: secret.Seed(), secret: secret, options: map[string]int{}, contents: contents}
	for i, o := range m.Options() {
		a.options[o.ID] = i
	}
	return a, nil
}

// Remember gives an attendant what it has answered before, as Memory gave it.
func (a *Attendant) Remember(answered []Answered) { a.memory = slices.Clone(answered) }

// Memory gives what was answered so far, to be kept until the next time.
func (a *Attendant) Memory() []Answered { return slices.Clone(a.memory) }

// Next answers the first request that waits, or says that there is none. It follows
// all turns from the first: each of its own answers must be there as it was given,
// and each answer there must be its own.
func (a *Attendant) Next(asked []Asked) (seal.Reply, bool, error) {
	counts := a.method.Begin()
	taken := map[int]bool{}
	for i, t := range asked {
		levels, err := a.method.Index(t.Levels)
		if err != nil {
			return seal.Reply{}, false, fault.Wrap(CodeHistory, turnPlace(t.Entry), err)
		}
		if err := a.recall(i, t.Turn); err != nil {
			return seal.Reply{}, false, err
		}
		if t.Void {
			continue
		}
		arm := counts.Draw(levels, a.seed.Chance(i))
		if t.Open() {
			return a.answer(asked[:i+1], arm, taken)
		}
		if err := a.mine(asked[:i+1], arm, taken); err != nil {
			return seal.Reply{}, false, err
		}
		taken[*t.Slot] = true
		counts.Add(levels, arm)
	}
	return seal.Reply{}, false, nil
}

func turnPlace(entry uint64) string { return fmt.Sprintf("entry %d", entry) }

// rewritten is what is said of a history that cannot be the one there was.
func rewritten(entry uint64, message string) error {
	return fault.New(CodeHistory, turnPlace(entry), "%s", message).
		WithHint("the history that is shown was rewritten, or another key has answered. Answer nothing more, and ask the sponsor for the ledger and for checkpoints of it that left the machine")
}

// recall holds a turn against what was asked in its place before.
func (a *Attendant) recall(i int, t seal.Turn) error {
	if i >= len(a.memory) {
		return nil
	}
	m := a.memory[i]
	if m.Entry == t.Entry && m.Cell == t.Cell && slices.Equal(m.Levels, t.Levels) && (t.Slot == nil || *t.Slot == m.Slot) {
		return nil
	}
	return rewritten(t.Entry, "another request, or another answer, stood here when this was answered before")
}

// mine checks that the last of the answers on the ledger is this attendant's own,
// and holds what was drawn.
func (a *Attendant) mine(asked []Asked, arm int, taken map[int]bool) error {
	t := asked[len(asked)-1]
	reply := a.secret.Reply(a.first, turnsOf(asked), *t.Slot)
	o, known := a.options[a.contents[*t.Slot]]
	if !known || o != arm || taken[*t.Slot] || !bytes.Equal(reply.Signature, t.Signature) {
		return rewritten(t.Entry, "the answer that stands here was not given by this key for these requests")
	}
	return nil
}

func turnsOf(asked []Asked) []seal.Turn {
	out := make([]seal.Turn, len(asked))
	for i, t := range asked {
		out[i] = t.Turn
	}
	return out
}

// answer names a slot of the drawn arm for the last of the turns, which waits. What
// was named for it before is named again: two slots named for one turn would be
// known to hold the same.
func (a *Attendant) answer(asked []Asked, arm int, taken map[int]bool) (seal.Reply, bool, error) {
	i, turns := len(asked)-1, turnsOf(asked)
	t := turns[i]
	slot := -1
	if i < len(a.memory) {
		slot = a.memory[i].Slot
	}
	if slot < 0 {
		var left []int
		for _, s := range a.pool(t.Cell) {
			if o, ok := a.options[a.contents[s]]; ok && o == arm && !taken[s] {
				left = append(left, s)
			}
		}
		slot = a.seed.First(left)
	}
	if slot < 0 {
		// Which arm has run out is told to nobody.
		return seal.Reply{}, false, fault.New(CodeExhausted, t.Cell, "no place of this cell that is left will do for %s", turnPlace(t.Entry)).
			WithHint("extend the list: dvala seal --extend. The request waits, and is answered from the extension")
	}
	for _, t := range turns[len(a.memory):] {
		m := Answered{Entry: t.Entry, Cell: t.Cell, Levels: t.Levels, Slot: -1}
		if t.Slot != nil {
			m.Slot = *t.Slot
		}
		a.memory = append(a.memory, m)
	}
	a.memory[i].Slot = slot
	return a.secret.Reply(a.first, turns, slot), true, nil
}

// String tells nothing of what it holds.
func (a *Attendant) String() string { return "attendant of the list " + a.first.String() }

// Format writes that whatever the verb.
func (a *Attendant) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// Rehearse gives the attendant of a demonstration's list, drawn again from its
// seed.
func Rehearse(c protocol.Checked, l *seal.List, seed uint64) (*Attendant, error) {
	if !l.Seeded() {
		return nil, fault.New(CodeKey, "sealed list", "was not drawn from a seed")
	}
	_, list, secrets, err := randomness(&seed, "")
	if err != nil {
		return nil, err
	}
	drawn, err := alloc.Draw(c, mrand.New(list))
	if err != nil {
		return nil, err
	}
	secret, err := seal.NewLiveSecret(secrets)
	if err != nil {
		return nil, err
	}
	contents := map[int]string{}
	for i := range drawn.Len() {
		contents[i], _ = drawn.Assignment(i)
	}
	return Understudy(c, l.Hash(), l.Pool, contents, secret)
}
