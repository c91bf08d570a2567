package audit

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"dvala/ledger"
)

// What is read of the entries' data; the rest is for those who analyse it.
type (
	openedFact struct {
		Trial        string            `json:"trial"`
		Protocol     ledger.FileRef    `json:"protocol_file"`
		ProtocolHash string            `json:"protocol_hash"`
		Sealed       ledger.FileRef    `json:"sealed_file"`
		Sealing      string            `json:"sealing"`
		Instruments  []instrumentNamed `json:"instruments"`
	}
	instrumentNamed struct {
		ID         string         `json:"id"`
		Version    string         `json:"version"`
		Definition ledger.FileRef `json:"definition_file"`
	}
	randomisedFact struct {
		Cell string `json:"cell"`
		Slot *int   `json:"slot"`
	}
	dispensedFact struct {
		Visit string `json:"visit"`
		Kit   string `json:"kit"`
	}
	extendedFact struct {
		Sealed ledger.FileRef `json:"sealed_file"`
	}
	lockedFact struct {
		Entries uint64 `json:"entries"`
		Root    string `json:"root"`
	}
	openingsFact struct {
		Openings ledger.FileRef `json:"openings_file"`
	}
)

// state is how far the trial has come.
type state struct {
	last     time.Time
	taken    map[string]int    // slots given out, by cell
	slotOf   map[string]int    // by participant
	given    map[int]string    // participant, by slot
	kits     map[string]string // participant, by kit
	locked   bool
	before   ledger.Event // the entry before
	openings *ledger.FileRef
}

// walk follows the ledger from its first entry and checks each step.
func (a *auditor) walk(x ledger.Export) {
	a.state = state{taken: map[string]int{}, slotOf: map[string]int{}, given: map[int]string{}, kits: map[string]string{}}
	for _, e := range x.Log.Entries() {
		ev, err := e.Event()
		if err != nil {
			continue // ledger.ReadExport named it
		}
		at := fmt.Sprintf("entry %d", e.Index)
		a.order(at, ev)
		refs, err := ev.Files()
		if err != nil {
			a.take(LedgerFile, CodeFile, err)
		}
		for _, ref := range refs {
			a.file(e.Index, ref)
		}
		a.step(at, ev, x)
		a.state.before = ev
	}
	if a.out.Entries > 0 && a.list == nil && a.out.Sound() {
		a.add(CodeOpened, "entry 0", "does not open a trial")
	}
}

// stillTaken are the kinds about a participant that may follow the lock: they add
// nothing to what she told.
var stillTaken = map[string]bool{"erased": true, "signed": true, "proposed": true, "approved": true, "declined": true, "unlocked": true, "source-verified": true}

// order checks what holds of entries of every kind.
func (a *auditor) order(at string, ev ledger.Event) {
	if ev.Time.Before(a.state.last) {
		a.add(CodeTime, at, "is dated %s, before the entry it follows", ev.Time.Format(time.RFC3339)).AsWarning()
	}
	a.state.last = ev.Time
	if a.state.locked && ev.Subject != "" && !stillTaken[ev.Kind] {
		a.add(CodeAfterLock, at, "is about participant %s, after the lock", ev.Subject)
	}
	if (ev.Seq == 0) != (ev.Kind == "opened") {
		a.add(CodeOpened, at, "is of the kind %q; the first entry, and no other, opens the trial", ev.Kind)
	}
}

func (a *auditor) step(at string, ev ledger.Event, x ledger.Export) {
	switch ev.Kind {
	case "opened":
		var f openedFact
		if a.decode(at, ev, &f) && ev.Seq == 0 {
			a.opened(f)
		}
	case "randomised":
		var f randomisedFact
		if a.decode(at, ev, &f) {
			a.randomised(at, ev.Subject, f)
		}
	case "list-extended":
		var f extendedFact
		if a.decode(at, ev, &f) {
			a.extended(at, f)
		}
	case "dispensed", "kit-replaced":
		var f dispensedFact
		if a.decode(at, ev, &f) {
			a.dispensed(at, ev.Subject, f)
		}
	case "locked":
		var f lockedFact
		if a.decode(at, ev, &f) {
			a.lock(at, ev, f, x)
		}
	case "unlocked":
		a.unlocked(at, ev)
	case "allocation-requested", "allocation-answered", "withdrew":
		a.minimised(at, ev)
	case "allocations-open":
		var f openingsFact
		if a.decode(at, ev, &f) {
			if !a.state.locked {
				a.add(CodeAfterLock, at, "publishes the openings before the lock")
			}
			a.state.openings = &f.Openings
		}
	}
}

// unlocked opens the trial again, or a form or a person, for which a second person
// has signed in the entry before; after the openings nothing is unlocked.
func (a *auditor) unlocked(at string, ev ledger.Event) {
	if b := a.state.before; b.Kind != "approved" || b.Subject != ev.Subject {
		a.add(CodeAfterLock, at, "unlocks what nobody has approved in the entry before")
	}
	if a.state.openings != nil {
		a.add(CodeAfterLock, at, "unlocks after the openings were published")
	}
	if ev.Subject != "" {
		return
	}
	if !a.state.locked {
		a.add(CodeAfterLock, at, "unlocks a trial that is not locked")
	}
	a.state.locked, a.out.Locked = false, false
}

func (a *auditor) decode(at string, ev ledger.Event, into any) bool {
	if err := json.Unmarshal(ev.Data, into); err != nil {
		a.add(ledger.CodeEntry, at, "its data is not that of the kind %q", ev.Kind)
		return false
	}
	return true
}

// randomised checks that a participant got the next slot of her cell.
func (a *auditor) randomised(at, subject string, f randomisedFact) {
	a.out.Randomised++
	if a.list == nil {
		return // the list was named already
	}
	if f.Slot == nil {
		a.add(CodeSlotOrder, at, "gives no slot")
		return
	}
	if before, twice := a.state.slotOf[subject]; twice {
		a.add(CodeSlotOrder, at, "gives participant %s a second slot, after slot %d", subject, before)
	}
	a.state.slotOf[subject] = *f.Slot
	if a.list.Header().Live != nil {
		a.takes(at, subject, f)
		return
	}
	cell := a.list.Cell(f.Cell)
	n := a.state.taken[f.Cell]
	a.state.taken[f.Cell]++
	switch {
	case n >= len(cell):
		a.add(CodeSlotOrder, at, "takes slot %d of the cell %q, which has no slot left", *f.Slot, f.Cell)
	case cell[n] != *f.Slot:
		a.add(CodeSlotOrder, at, "takes slot %d of the cell %q, whose next is slot %d", *f.Slot, f.Cell, cell[n])
	}
}

// dispensed checks that a kit is one of the participant's slot, for that visit,
// and handed out once.
func (a *auditor) dispensed(at, subject string, f dispensedFact) {
	a.out.Kits++
	if a.list == nil {
		return
	}
	if other, twice := a.state.kits[f.Kit]; twice {
		a.add(CodeKit, at, "hands out kit %s, which participant %s has", f.Kit, other)
	}
	a.state.kits[f.Kit] = subject
	has, given := a.state.slotOf[subject]
	slot, known := a.list.KitSlot(f.Kit)
	if !known || !given || slot != has {
		a.add(CodeKit, at, "hands out kit %s, which does not belong to the slot of participant %s", f.Kit, subject)
		return
	}
	for _, k := range a.list.Chain(slot) {
		if k.Number == f.Kit && k.Visit != f.Visit {
			a.add(CodeKit, at, "hands out kit %s at the visit %q; it is for %q", f.Kit, f.Visit, k.Visit)
		}
	}
}

// lock checks that what was locked is what stands before the lock.
func (a *auditor) lock(at string, ev ledger.Event, f lockedFact, x ledger.Export) {
	if a.state.locked {
		a.add(CodeAfterLock, at, "locks a trial that is locked")
	}
	a.state.locked, a.out.Locked = true, true
	root, err := ledger.RootAt(ev.Seq, x.Log)
	if err != nil || f.Entries != ev.Seq || (f.Root != hex.EncodeToString(root[:]) && f.Root != root.String()) {
		a.add(CodeAfterLock, at, "locks other entries than the %d before it", ev.Seq)
	}
}
