package custody

import (
	"bytes"
	"encoding/json"
	"fmt"

	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/seal/open"
)

// OpenAll opens every slot of a list. The custodian calls it after Locked said
// that the trial is.
func OpenAll(k *Key, l *seal.List) (*seal.Openings, error) {
	if err := k.fits(l); err != nil {
		return nil, err
	}
	var bad fault.List
	all := make([]seal.Opening, 0, l.Len())
	for i := range l.Len() {
		s, _ := l.Slot(i)
		o, err := openSlot(k, s)
		if err != nil {
			bad.Merge(seal.CodeEnvelope, fmt.Sprintf("slot %d", i), err)
			continue
		}
		all = append(all, o)
	}
	if bad.Err() != nil {
		return nil, bad
	}
	return seal.NewOpenings(l, all)
}

func openSlot(k *Key, s seal.Slot) (seal.Opening, error) {
	key, err := open.Unwrap(s, k.identity)
	if err != nil {
		return seal.Opening{}, err
	}
	return open.Slot(s, key)
}

// handover is what a slot's key travels in, encrypted to the physician.
type handover struct {
	Format     string `json:"format"`
	Trial      string `json:"trial"`
	SealedList string `json:"sealed_list"`
	Slot       int    `json:"slot"`
	Key        string `json:"key"`
}

const handoverFormat = "dvala-slot-key 1"

// HandOver gives one slot's key, and no other, encrypted to the physician who
// needs to know. The custodian does not learn what the slot holds.
func HandOver(k *Key, l *seal.List, slot int, physician seal.Recipient) ([]byte, error) {
	if err := k.fits(l); err != nil {
		return nil, err
	}
	s, ok := l.Slot(slot)
	if !ok {
		return nil, fault.New(CodeSlotKey, "slot", "the list has slots 0 to %d and no %d", l.Len()-1, slot)
	}
	key, err := open.Unwrap(s, k.identity)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(handover{handoverFormat, l.Header().Trial, l.Hash().String(), slot, key.Text()})
	if err != nil {
		return nil, fault.Wrap(CodeSlotKey, "slot", err)
	}
	return seal.Encrypt(raw, physician)
}

// Receive opens what HandOver gave, with the physician's key, and with it the
// one slot.
func Receive(k *Key, l *seal.List, file []byte) (seal.Opening, error) {
	raw, err := open.Decrypt(file, 1<<16, k.identity)
	if err != nil {
		return seal.Opening{}, fault.New(CodeSlotKey, "slot key", "this key does not open it").
			WithHint("it is encrypted to the physician whom the custodian was told")
	}
	h, err := parseHandover(raw)
	if err != nil {
		return seal.Opening{}, err
	}
	s, ok := l.Slot(h.Slot)
	if h.SealedList != l.Hash().String() || !ok {
		return seal.Opening{}, fault.New(CodeForeign, "slot key", "is of another sealed list")
	}
	key, err := open.ParseSlotKey(h.Key)
	if err != nil {
		return seal.Opening{}, err
	}
	return open.Slot(s, key)
}

func parseHandover(raw []byte) (handover, error) {
	var h handover
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if dec.Decode(&h) != nil || h.Format != handoverFormat {
		return handover{}, fault.New(CodeSlotKey, "slot key", "is not the key of a slot")
	}
	return h, nil
}

// The few facts of the ledger that the custodian looks for.
type (
	openedFact struct {
		Trial  string         `json:"trial"`
		Sealed ledger.FileRef `json:"sealed_file"`
	}
	randomisedFact struct {
		Slot *int `json:"slot"`
	}
	occurredFact struct {
		Event string `json:"event"`
		Note  string `json:"note"`
	}
)

// belongs checks that a ledger is that of a sealed list: that its first entry
// names the list by its hash.
func belongs(x ledger.Export, l *seal.List) error {
	entries := x.Log.Entries()
	if len(entries) == 0 {
		return fault.New(CodeForeign, "ledger", "is empty")
	}
	ev, err := entries[0].Event()
	if err != nil {
		return err
	}
	var first openedFact
	if ev.Kind != "opened" || json.Unmarshal(ev.Data, &first) != nil {
		return fault.New(CodeForeign, "entry 0", "does not open a trial")
	}
	if first.Sealed.SHA256 != l.Hash().String() || first.Trial != l.Header().Trial {
		return fault.New(CodeForeign, "entry 0", "names another sealed list, of sha256 %s", first.Sealed.SHA256).
			WithHint("take the ledger and the sealed list from the same trial")
	}
	return nil
}

// Locked says at which entry the trial was locked, or refuses: before the lock
// nothing is opened. The ledger must be verified and that of the list.
func Locked(x ledger.Export, l *seal.List) (ledger.Event, error) {
	if err := belongs(x, l); err != nil {
		return ledger.Event{}, err
	}
	for _, e := range x.Log.Entries() {
		ev, err := e.Event()
		if err != nil {
			return ledger.Event{}, err
		}
		if ev.Kind == "locked" {
			return ev, nil
		}
	}
	return ledger.Event{}, fault.New(CodeNotLocked, "ledger", "holds no lock among its %d entries, so the list stays sealed", x.Log.Size()).
		WithHint("lock the trial first, then give its ledger anew")
}

// Unblinded finds the participant who was given a slot and the entry that says
// why she must be unblinded, or refuses: in an emergency the reason is on the
// ledger first.
func Unblinded(x ledger.Export, l *seal.List, slot int) (ledger.Event, error) {
	if err := belongs(x, l); err != nil {
		return ledger.Event{}, err
	}
	subject := ""
	for _, e := range x.Log.Entries() {
		ev, err := e.Event()
		if err != nil {
			return ledger.Event{}, err
		}
		var given randomisedFact
		var happened occurredFact
		switch {
		case ev.Kind == "randomised" && json.Unmarshal(ev.Data, &given) == nil && given.Slot != nil && *given.Slot == slot:
			subject = ev.Subject
		case subject != "" && ev.Subject == subject && ev.Kind == "event-occurred" &&
			json.Unmarshal(ev.Data, &happened) == nil && happened.Event == "unblinded" && happened.Note+ev.Reason != "":
			return ev, nil
		}
	}
	if subject == "" {
		return ledger.Event{}, fault.New(CodeNoReason, fmt.Sprintf("slot %d", slot), "has been given to nobody")
	}
	return ledger.Event{}, fault.New(CodeNoReason, fmt.Sprintf("slot %d", slot), "the ledger does not say why %s must be unblinded", subject).
		WithHint("record the event unblinded for %s with its reason first, then give the ledger anew", subject)
}
