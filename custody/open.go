package custody

import (
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
	seed, err := openSeed(k, l)
	if err != nil {
		return nil, err
	}
	return seal.NewOpenings(l, all, seed)
}

// openSeed gives the seed of a list whose slots were named one by one; none of any
// other.
func openSeed(k *Key, l *seal.List) (*[32]byte, error) {
	if l.Header().Live == nil {
		return nil, nil
	}
	secret, err := openLive(k, l)
	if err != nil {
		return nil, err
	}
	seed := secret.Seed()
	return &seed, nil
}

// openLive opens what the custodian's process draws and signs with.
func openLive(k *Key, l *seal.List) (seal.LiveSecret, error) {
	h := l.Header()
	raw, err := open.Decrypt(h.Live.Secret, 64, k.identity)
	if err != nil {
		return seal.LiveSecret{}, fault.New(CodeKey, "key", "does not open the seed that the list names")
	}
	secret, err := seal.ParseLiveSecret(raw)
	if err != nil {
		return seal.LiveSecret{}, err
	}
	if again := secret.Live(h.Trial, h.Protocol, h.Live.Secret); again.Seed != h.Live.Seed || again.Signer != h.Live.Signer {
		return seal.LiveSecret{}, fault.New(seal.CodeLive, "sealed list", "the seed or the key in it is not what the list commits to")
	}
	return secret, nil
}

func openSlot(k *Key, s seal.Slot) (seal.Opening, error) {
	key, err := open.Unwrap(s, k.identity)
	if err != nil {
		return seal.Opening{}, err
	}
	return open.Slot(s, key)
}

// The few facts of the ledger that the custodian looks for.
type (
	openedFact struct {
		Trial  string         `json:"trial"`
		Sealed ledger.FileRef `json:"sealed_file"`
	}
	extendedFact struct {
		Sealed ledger.FileRef `json:"sealed_file"`
	}
	randomisedFact struct {
		Slot *int `json:"slot"`
	}
)

// belongs checks that entries are of a sealed list's ledger: that its first entry
// names the list by its hash, and that it takes on the lists that extend it, in
// their order and no others.
func belongs(entries []ledger.Entry, l *seal.List) error {
	if len(entries) == 0 {
		return fault.New(CodeForeign, "ledger", "is empty")
	}
	parts := l.Parts()
	for _, e := range entries {
		ev, err := e.Event()
		if err != nil {
			return err
		}
		switch {
		case e.Index == 0:
			var first openedFact
			if ev.Kind != "opened" || json.Unmarshal(ev.Data, &first) != nil {
				return fault.New(CodeForeign, "entry 0", "does not open a trial")
			}
			if first.Sealed.SHA256 != parts[0].Hash().String() || first.Trial != l.Header().Trial {
				return fault.New(CodeForeign, "entry 0", "names another sealed list, of sha256 %s", first.Sealed.SHA256).
					WithHint("take the ledger and the sealed list from the same trial")
			}
			parts = parts[1:]
		case ev.Kind == "list-extended":
			var more extendedFact
			at := fmt.Sprintf("entry %d", e.Index)
			if json.Unmarshal(ev.Data, &more) != nil || len(parts) == 0 || more.Sealed.SHA256 != parts[0].Hash().String() {
				return fault.New(CodeForeign, at, "extends the list by one of sha256 %s, which is not given here in its place", more.Sealed.SHA256).
					WithHint("give the sealed list and all that extend it, in the order of the ledger")
			}
			parts = parts[1:]
		}
	}
	if len(parts) > 0 {
		return fault.New(CodeForeign, "ledger", "does not take on the extension of sha256 %s", parts[0].Hash())
	}
	return nil
}

// Locked says at which entry the trial was locked, or refuses: before the lock
// nothing is opened. The ledger must be verified and that of the list.
func Locked(x ledger.Export, l *seal.List) (ledger.Event, error) {
	if err := belongs(x.Log.Entries(), l); err != nil {
		return ledger.Event{}, err
	}
	var lock *ledger.Event
	for _, e := range x.Log.Entries() {
		ev, err := e.Event()
		if err != nil {
			return ledger.Event{}, err
		}
		switch {
		case ev.Kind == "locked":
			lock = &ev
		case ev.Kind == "unlocked" && ev.Subject == "":
			lock = nil // by two people, with a reason; it has to be locked again
		}
	}
	if lock != nil {
		return *lock, nil
	}
	return ledger.Event{}, fault.New(CodeNotLocked, "ledger", "holds no lock among its %d entries, so the list stays sealed", x.Log.Size()).
		WithHint("lock the trial first, then give its ledger anew")
}
