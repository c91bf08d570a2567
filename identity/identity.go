// Package identity keeps who participants are apart from what the trial knows
// of them. Each person has a key of her own: an age identity, made when it is
// first wanted, and stored only wrapped under the office's master key. Under it
// lie her name and addresses, the free text that stands on the ledger, and the
// files that came from her.
//
//	Seal, Open           words:   dvala1:<base64 of nonce and ciphertext>
//	Encrypt, Decrypt     files:   age files to the person's own key, as a stream
//	Replace, Read        her name, addresses and channels, and what was known before
//	Erase                destroys the key; what lies under it is unreadable then
//	                     in the trial, in every export and in every backup
//
// What the master key does not leave: it wraps keys and nothing else. Keys are
// kept in a place of their own that backups leave out, or keep for days only.
//
// Words are sealed with XChaCha20-Poly1305 under a key derived from the
// person's. The nonce is a keyed hash of the text and of the command's
// idempotency key, so that a command that is given twice is the same twice; the
// same text in two commands looks different. The person's code is authenticated
// with it: words cannot be moved to somebody else. See doc/formats/sealed.md.
package identity

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Store keeps wrapped keys and sealed records.
type Store interface {
	// PersonKey gives a person's wrapped key; destroyed says that there was one.
	PersonKey(ctx context.Context, who study.Subject) (wrapped string, destroyed bool, err error)
	// AddPersonKey keeps a fresh one, unless there is or was one already, and gives
	// what is kept then.
	AddPersonKey(ctx context.Context, who study.Subject, wrapped string, at time.Time) (kept string, destroyed bool, err error)
	// DestroyPersonKey overwrites the key so that the store's own files do not hold
	// it any more, and remembers that it did.
	DestroyPersonKey(ctx context.Context, who study.Subject, at time.Time) error

	SealedRecord(ctx context.Context, who study.Subject) (sealed string, ok bool, err error)
	// ReplaceSealedRecord keeps a record in place of the one that it was (empty:
	// none), and what is to be kept of that one beside it, both or neither. It gives
	// false, and does nothing, where another record is there by now.
	ReplaceSealedRecord(ctx context.Context, who study.Subject, was, sealed, former string, at time.Time) (bool, error)
	// FormerRecords gives what was kept of those before, the oldest first.
	FormerRecords(ctx context.Context, who study.Subject) ([]string, error)
	// DropSealedRecord removes the record, and what was kept of those before.
	DropSealedRecord(ctx context.Context, who study.Subject) error
}

// Person is who somebody is, and how she is reached.
type Person struct {
	Name      string   `json:"name,omitempty"`
	Signature string   `json:"signature,omitempty"` // as she wrote it under the consent
	Mail      string   `json:"mail,omitempty"`
	Phone     string   `json:"phone,omitempty"`
	Address   string   `json:"address,omitempty"`
	Born      string   `json:"born,omitempty"`
	Channels  []string `json:"channels,omitempty"` // mail, push, calendar: how she wants to be reminded
	// Push are her browsers' subscriptions to reminders, as they gave them.
	Push []json.RawMessage `json:"push,omitempty"`
	Note string            `json:"note,omitempty"`
}

// Vault opens and seals. It is safe for concurrent use.
type Vault struct {
	store  Store
	master Master
	rand   io.Reader
	now    func() time.Time
}

// New makes a vault.
func New(store Store, master Master, random io.Reader, now func() time.Time) *Vault {
	return &Vault{store: store, master: master, rand: random, now: now}
}

// CodeErased is of what was under a key that is destroyed.
const CodeErased fault.Code = "person-erased"

func erased() error {
	return fault.New(CodeErased, "subject", "what could name this person was erased, and nothing more is taken from her")
}

// Put keeps who somebody is, in place of whatever is known, for a program that
// asks nobody. What was known is kept beside it.
func (v *Vault) Put(ctx context.Context, who study.Subject, p Person) error {
	sealed, _, err := v.store.SealedRecord(ctx, who)
	if err != nil {
		return err
	}
	_, err = v.Replace(ctx, who, p, versionOf(sealed), Change{})
	return err
}

// Get gives who somebody is; false if nothing is known or it was erased.
func (v *Vault) Get(ctx context.Context, who study.Subject) (Person, bool, error) {
	p, _, known, err := v.Read(ctx, who)
	return p, known, err
}

// opened reads a sealed record; false of none, and of one whose key is destroyed.
func (v *Vault) opened(ctx context.Context, who study.Subject, sealed string) (Person, bool, error) {
	if sealed == "" {
		return Person{}, false, nil
	}
	k, err := v.keyOf(ctx, who, false)
	if err != nil || k.secret == "" {
		return Person{}, false, ignoreErased(err)
	}
	raw, err := k.open(who, labelRecord, sealed)
	if err != nil {
		return Person{}, false, err
	}
	var p Person
	err = json.Unmarshal([]byte(raw), &p)
	return p, err == nil, err
}

// Erase destroys a person's key and the record under it. It can be done twice.
func (v *Vault) Erase(ctx context.Context, who study.Subject) error {
	if err := v.store.DestroyPersonKey(ctx, who, v.now()); err != nil {
		return err
	}
	return v.store.DropSealedRecord(ctx, who)
}

func ignoreErased(err error) error {
	if fault.CodeOf(err) == CodeErased {
		return nil
	}
	return err
}

const longest = 400 // characters of a name or address

func (p Person) check() error {
	var l fault.List
	for place, s := range map[string]string{"name": p.Name, "signature": p.Signature, "mail": p.Mail, "phone": p.Phone, "born": p.Born} {
		if len([]rune(s)) > longest || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			l.Addf("identity-form", place, "is one line of at most %d characters", longest)
		}
	}
	if p.Mail != "" && (strings.Count(p.Mail, "@") != 1 || strings.ContainsAny(p.Mail, " ,;<>\"")) {
		l.Addf("identity-form", "mail", "is not an address")
	}
	if len([]rune(p.Address)) > 2000 || len([]rune(p.Note)) > 4000 {
		l.Addf("identity-form", "address", "is too long")
	}
	for _, c := range p.Channels {
		if c != "mail" && c != "push" && c != "calendar" {
			l.Addf("identity-form", "channels", "%.20q is not a way of reminding", c)
		}
	}
	l.Sort()
	return l.Err()
}
