package audit

import (
	"encoding/hex"
	"slices"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
)

// Codes of what is checked where the custodian's process names slots one by one,
// under minimisation.
const (
	CodeAnswered  fault.Code = "allocation-answered" // an answer that is not the process's own, or out of order
	CodeMinimised fault.Code = "allocation-drawn"    // a slot that does not follow from the factors and the seed
)

type (
	requestedFact struct {
		Cell   string   `json:"cell"`
		Levels []string `json:"levels"`
	}
	answeredFact struct {
		Request   uint64 `json:"request"`
		Slot      int    `json:"slot"`
		Seen      string `json:"seen"`
		Signature string `json:"signature"`
	}
	withdrewFact struct {
		From string `json:"from"`
	}
)

// turns are the requests for a slot, and what has come of them.
type turns struct {
	all    []seal.Turn
	of     map[string]int // turn by participant, from 0
	pools  []int          // how many lists there were when each was answered
	ledger []string       // the entry that answers, as it is named
}

// minimised takes the entries that only such a trial has.
func (a *auditor) minimised(at string, ev ledger.Event) {
	switch ev.Kind {
	case "allocation-requested":
		var f requestedFact
		if !a.decode(at, ev, &f) {
			return
		}
		if _, twice := a.turns.of[ev.Subject]; twice {
			a.add(CodeAnswered, at, "asks for a second slot for participant %s", ev.Subject)
			return
		}
		a.turns.of[ev.Subject] = len(a.turns.all)
		a.turns.all = append(a.turns.all, seal.Turn{Entry: ev.Seq, Cell: f.Cell, Levels: f.Levels})
		a.turns.pools, a.turns.ledger = append(a.turns.pools, 0), append(a.turns.ledger, at)
	case "allocation-answered":
		var f answeredFact
		if a.decode(at, ev, &f) {
			a.answered(at, ev.Subject, f)
		}
	case "withdrew":
		var f withdrewFact
		i, asked := a.turns.of[ev.Subject]
		if a.decode(at, ev, &f) && f.From == "follow-up" && asked && a.turns.all[i].Open() {
			a.turns.all[i].Void = true
		}
	}
}

// answered checks that a slot was named by the process that the list names, for the
// request that had waited longest, and in knowledge of all before it.
func (a *auditor) answered(at, subject string, f answeredFact) {
	i, asked := a.turns.of[subject]
	if !asked || a.turns.all[i].Entry != f.Request || !a.turns.all[i].Open() {
		a.add(CodeAnswered, at, "answers entry %d, which asks for no slot for participant %s that was still wanted", f.Request, subject)
		return
	}
	if slices.ContainsFunc(a.turns.all[:i], seal.Turn.Open) {
		a.add(CodeAnswered, at, "answers entry %d before one that asked earlier", f.Request)
	}
	if a.list == nil {
		return
	}
	first := a.list.Parts()[0]
	seen, err := seal.ParseHash(f.Seen)
	signature, err2 := hex.DecodeString(f.Signature)
	if err == nil && err2 == nil {
		err = first.Header().Live.Check(first.Hash(), a.turns.all[:i+1], seal.Reply{Entry: f.Request, Slot: f.Slot, Seen: seen, Signature: signature})
	}
	if err != nil || err2 != nil {
		a.add(CodeAnswered, at, "is not the answer of the custodian's process to the requests that stand here")
	}
	a.turns.all[i].Slot = &f.Slot
	a.turns.pools[i], a.turns.ledger[i] = len(a.list.Parts()), at
	a.out.Answered++
}

// takes checks that a participant got the slot that was named for her.
func (a *auditor) takes(at, subject string, f randomisedFact) {
	i, asked := a.turns.of[subject]
	switch {
	case !asked || a.turns.all[i].Slot == nil || *a.turns.all[i].Slot != *f.Slot || a.turns.all[i].Cell != f.Cell:
		a.add(CodeSlotOrder, at, "takes slot %d of the cell %q, which the custodian's process has not named for participant %s", *f.Slot, f.Cell, subject)
	case !slices.Contains(a.list.Cell(f.Cell), *f.Slot):
		a.add(CodeSlotOrder, at, "takes slot %d, which is none of the cell %q", *f.Slot, f.Cell)
	case a.state.given[*f.Slot] != "":
		a.add(CodeSlotOrder, at, "takes slot %d, which participant %s has", *f.Slot, a.state.given[*f.Slot])
	}
	a.state.given[*f.Slot] = subject
}

// redrawn draws every arm again, from the factors of those before and the seed that
// was published, and checks that the slot which was named holds it and is the one
// that the seed gives.
func (a *auditor) redrawn(o *seal.Openings) {
	raw, has := o.Seed()
	if !has || a.protocol.IsZero() {
		return
	}
	m, err := design.MinimisationOf(a.protocol)
	if err != nil {
		a.take(ProtocolFile, CodeMinimised, err)
		return
	}
	counts, seed, options := m.Begin(), design.Seed(raw), m.Options()
	taken := map[int]bool{}
	for i, t := range a.turns.all {
		if t.Slot == nil {
			continue
		}
		levels, err := m.Index(t.Levels)
		if err != nil {
			a.add(CodeMinimised, a.turns.ledger[i], "answers a request with levels that the protocol does not have")
			return
		}
		drawn := counts.Draw(levels, seed.Chance(i))
		holds, _ := o.Content(*t.Slot)
		at := slices.IndexFunc(options, func(x design.Option) bool { return x.ID == holds })
		if at < 0 {
			return // the list was found not to be of the protocol
		}
		if at != drawn {
			a.add(CodeMinimised, a.turns.ledger[i], "names slot %d, which holds %s; by the factors and the seed %s was drawn", *t.Slot, holds, options[drawn].ID).
				WithHint("the custodian's process did not draw as the protocol says")
		} else if want := seed.First(a.left(i, holds, o, taken)); want != *t.Slot {
			a.add(CodeMinimised, a.turns.ledger[i], "names slot %d, where slot %d holds the same and comes first by the seed", *t.Slot, want)
		}
		taken[*t.Slot] = true
		counts.Add(levels, at)
		a.out.Redrawn++
	}
}

// left gives the slots from which one was named for a turn: those of the last list
// that then had its cell which hold what was drawn and which nobody had.
func (a *auditor) left(turn int, holds string, o *seal.Openings, taken map[int]bool) []int {
	var pool, out []int
	for _, p := range a.list.Parts()[:a.turns.pools[turn]] {
		if slots := p.Cell(a.turns.all[turn].Cell); len(slots) > 0 {
			pool = slots
		}
	}
	for _, i := range pool {
		if c, _ := o.Content(i); c == holds && !taken[i] {
			out = append(out, i)
		}
	}
	return out
}
