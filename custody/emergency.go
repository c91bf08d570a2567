package custody

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/seal/open"
)

// CodeShare is the code of a holder's share that cannot be read or used.
const CodeShare fault.Code = "holder-share"

// Request is an emergency as it stands on the ledger: whose slot a named
// physician must know, and why.
type Request struct {
	Entry     uint64 // that asks for it
	Subject   string
	Slot      int
	Reason    string
	Physician string // by name
	To        string // public key of the physician
}

// Requested finds a request among entries of a ledger that are verified and of the
// list: the entry that asks, or, without one, the last that is about a slot. It
// refuses where there is none: the reason is on the ledger first.
func Requested(entries []ledger.Entry, l *seal.List, entry *uint64, slot *int) (Request, error) {
	if err := belongs(entries, l); err != nil {
		return Request{}, err
	}
	slots := map[string]int{}
	var found *Request
	for _, e := range entries {
		ev, err := e.Event()
		if err != nil {
			return Request{}, err
		}
		var given randomisedFact
		if ev.Kind == "randomised" && json.Unmarshal(ev.Data, &given) == nil && given.Slot != nil {
			slots[ev.Subject] = *given.Slot
		}
		r, ok := requestOf(ev)
		of, has := slots[ev.Subject]
		if !ok || !has || entry != nil && *entry != e.Index || slot != nil && *slot != of {
			continue
		}
		r.Entry, r.Slot = e.Index, of
		found = &r
	}
	switch {
	case found != nil:
		return *found, nil
	case entry != nil:
		return Request{}, fault.New(CodeNoReason, fmt.Sprintf("entry %d", *entry), "asks to unblind nobody").
			WithHint("take the number of the entry unblinding-requested from the ledger")
	case slot != nil:
		return Request{}, fault.New(CodeNoReason, fmt.Sprintf("slot %d", *slot), "the ledger does not say why the participant who has it must be unblinded").
			WithHint("ask for it first, with its reason and the physician's key, then give the ledger anew")
	}
	return Request{}, fault.New(CodeNoReason, "ledger", "nobody asks to unblind anybody")
}

// requestOf reads the entry that asks. An entry without a reason, a physician and
// her key asks for nothing, and neither does an event that somebody noted: whoever
// gave a key for one of those would choose by herself who is told.
func requestOf(ev ledger.Event) (Request, bool) {
	var asked struct {
		Physician string `json:"physician"`
		Recipient string `json:"recipient"`
	}
	if ev.Kind != "unblinding-requested" || ev.Reason == "" || json.Unmarshal(ev.Data, &asked) != nil || asked.Physician == "" || asked.Recipient == "" {
		return Request{}, false
	}
	return Request{Subject: ev.Subject, Reason: ev.Reason, Physician: asked.Physician, To: asked.Recipient}, true
}

// For gives the key of the physician, who must be the one that the request
// names.
func (r Request) For(to string) (seal.Recipient, error) {
	switch {
	case r.To == "":
		return seal.Recipient{}, fault.New("no-recipient", "--to", "an opened slot goes to a named physician's key, never to the screen").
			WithHint("the physician runs dvala key physician and tells the public key")
	case to != "" && r.To != to:
		return seal.Recipient{}, fault.New(CodeNoReason, fmt.Sprintf("entry %d", r.Entry), "asks for %s, and this is another key", r.Physician).
			WithHint("leave --to out; a request for another physician is another entry")
	}
	return seal.ParseRecipient(r.To)
}

// handover is what a slot's key or a share of it travels in, encrypted to the
// physician.
type handover struct {
	Format     string `json:"format"`
	Trial      string `json:"trial"`
	SealedList string `json:"sealed_list"`
	Slot       int    `json:"slot"`
	Key        string `json:"key,omitempty"`
	Holder     int    `json:"holder,omitempty"` // from 1
	Share      string `json:"share,omitempty"`
}

const (
	handoverFormat = "dvala-slot-key 1"
	shareFormat    = "dvala-slot-share 1"
)

// HandOver gives one slot's key, and no other, encrypted to the physician who
// needs to know. The custodian does not learn what the slot holds.
func HandOver(k *Key, l *seal.List, slot int, physician seal.Recipient) ([]byte, error) {
	if err := k.fits(l); err != nil {
		return nil, err
	}
	s, err := slotOf(l, slot)
	if err != nil {
		return nil, err
	}
	key, err := open.Unwrap(s, k.identity)
	if err != nil {
		return nil, err
	}
	return encryptTo(physician, handover{Format: handoverFormat, Trial: l.Header().Trial, SealedList: l.Hash().String(), Slot: slot, Key: key.Text()})
}

// GiveShare gives a holder's share of one slot's key, and of no other, encrypted
// to the physician. The holder learns nothing; as many as the list says must do
// this before the physician does.
func GiveShare(k *Key, l *seal.List, slot int, physician seal.Recipient) (file []byte, holder int, err error) {
	s, err := slotOf(l, slot)
	if err != nil {
		return nil, 0, err
	}
	holder = -1
	for i, r := range partOf(l, slot).Header().Holders.Recipients {
		if r == k.recipient.String() {
			holder = i
		}
	}
	if holder < 0 {
		return nil, 0, fault.New(CodeKey, "key", "this is the key of %s, who holds no share of slot %d", k.recipient, slot).
			WithHint("the sealed list names the holders' public keys: dvala show sealed-list.dvl")
	}
	share, err := open.UnwrapShare(s, holder, k.identity)
	if err != nil {
		return nil, 0, err
	}
	file, err = encryptTo(physician, handover{
		Format: shareFormat, Trial: l.Header().Trial, SealedList: l.Hash().String(), Slot: slot,
		Holder: holder + 1, Share: hex.EncodeToString(share.Bytes()),
	})
	return file, holder + 1, err
}

func slotOf(l *seal.List, slot int) (seal.Slot, error) {
	s, ok := l.Slot(slot)
	if !ok {
		return s, fault.New(CodeSlotKey, "slot", "the list has slots 0 to %d and no %d", l.Len()-1, slot)
	}
	return s, nil
}

// partOf gives the list among those joined in which a slot was sealed.
func partOf(l *seal.List, slot int) *seal.List {
	for _, part := range l.Parts() {
		if _, ok := part.Slot(slot); ok {
			return part
		}
	}
	return l
}

func encryptTo(to seal.Recipient, h handover) ([]byte, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, fault.Wrap(CodeSlotKey, "slot", err)
	}
	return seal.Encrypt(raw, to)
}

// Receive opens what HandOver or enough holders' GiveShare gave, with the
// physician's key, and with it the one slot. It runs on her own machine.
func Receive(k *Key, l *seal.List, files ...[]byte) (seal.Opening, error) {
	var shares []seal.Share
	slot := -1
	for _, file := range files {
		h, err := k.read(l, file)
		if err != nil {
			return seal.Opening{}, err
		}
		if slot >= 0 && h.Slot != slot {
			return seal.Opening{}, fault.New(CodeShare, fmt.Sprintf("slot %d", h.Slot), "one share is of this slot and another of slot %d", slot)
		}
		slot = h.Slot
		if h.Format == handoverFormat {
			key, err := open.ParseSlotKey(h.Key)
			if err != nil {
				return seal.Opening{}, err
			}
			s, _ := l.Slot(slot)
			return open.Slot(s, key)
		}
		raw, err := hex.DecodeString(h.Share)
		if err != nil {
			return seal.Opening{}, fault.New(CodeShare, "share", "cannot be read")
		}
		share, err := seal.ParseShare(raw)
		if err != nil {
			return seal.Opening{}, err
		}
		shares = append(shares, share)
	}
	if slot < 0 {
		return seal.Opening{}, fault.New(CodeSlotKey, "slot key", "there is none")
	}
	if needed := partOf(l, slot).Header().Holders.Needed; len(shares) < needed {
		return seal.Opening{}, fault.New(CodeShare, fmt.Sprintf("slot %d", slot), "%d shares are too few: it takes %d of the holders together", len(shares), needed).
			WithHint("ask another holder, or the custodian for the slot's key")
	}
	key, err := open.Combine(shares)
	if err != nil {
		return seal.Opening{}, err
	}
	s, _ := l.Slot(slot)
	return open.Slot(s, key)
}

// read decrypts one file that was sent to a physician and sees that it is of
// this list.
func (k *Key) read(l *seal.List, file []byte) (handover, error) {
	raw, err := open.Decrypt(file, 1<<16, k.identity)
	if err != nil {
		return handover{}, fault.New(CodeSlotKey, "slot key", "this key does not open it").
			WithHint("it is encrypted to the physician whom the request names")
	}
	h, err := parseHandover(raw)
	if err != nil {
		return h, err
	}
	if _, ok := l.Slot(h.Slot); !ok || !isOf(l, h.SealedList) {
		return h, fault.New(CodeForeign, "slot key", "is of another sealed list")
	}
	return h, nil
}

// isOf says whether a hash is that of one of the lists joined: a slot's key is
// the same whether more was added since or not.
func isOf(l *seal.List, hash string) bool {
	for _, part := range l.Parts() {
		if part.Hash().String() == hash {
			return true
		}
	}
	return false
}

func parseHandover(raw []byte) (handover, error) {
	var h handover
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if dec.Decode(&h) != nil || h.Format != handoverFormat && h.Format != shareFormat {
		return handover{}, fault.New(CodeSlotKey, "slot key", "is not the key of a slot, nor a share of one")
	}
	return h, nil
}
