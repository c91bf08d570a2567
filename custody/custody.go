// Package custody is what the custodian does, someone outside the trial team:
// make a key, draw and seal the list, open it after the lock, and in an
// emergency hand out the key of one slot. It is the only room that ever holds a
// list in the clear, and it does so on the custodian's own machine.
//
// It touches no files and no clock; the verbs of the program do.
package custody

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"

	"dvala/fault"
	"dvala/seal"
)

// Codes of the problems this package reports.
const (
	CodeKey       fault.Code = "custodian-key"       // not a key, or not the one that is needed
	CodeNoKey     fault.Code = "custodian-key-unset" // the protocol names no custodian's key yet
	CodeNotLocked fault.Code = "not-locked"          // the ledger holds no lock, so nothing is opened
	CodeForeign   fault.Code = "another-trial"       // ledger, list or protocol belong to different trials
	CodeNoReason  fault.Code = "no-reason"           // an emergency that is not on the ledger
	CodePacking   fault.Code = "packing-list"        // a packing list that cannot be read
	CodeSlotKey   fault.Code = "slot-key"            // a slot's key that cannot be read
)

// Key is the identity of a custodian, a packer or a physician. It is born of
// NewKey or ParseKey.
type Key struct {
	identity  age.Identity
	secret    string
	recipient seal.Recipient
	made      string
}

// NewKey makes a key. A hybrid one cannot be opened by a quantum computer
// either; it makes the sealed list three to four times as long.
func NewKey(made time.Time, hybrid bool) (*Key, error) {
	k := &Key{made: made.UTC().Format(time.DateOnly)}
	var public string
	if hybrid {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, fault.Wrap(CodeKey, "key", err)
		}
		k.identity, k.secret, public = id, id.String(), id.Recipient().String()
	} else {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, fault.Wrap(CodeKey, "key", err)
		}
		k.identity, k.secret, public = id, id.String(), id.Recipient().String()
	}
	var err error
	k.recipient, err = seal.ParseRecipient(public)
	return k, err
}

// ParseKey reads a key file: lines that begin with # are comments, one line is
// the secret. Files made by age-keygen are read too.
func ParseKey(file []byte) (*Key, error) {
	// Errors of the lower library may quote the file, and it is secret.
	ids, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil {
		return nil, fault.New(CodeKey, "key", "the file holds no key that can be read").
			WithHint("give the file that dvala key new made, not the public key in the protocol")
	}
	if len(ids) != 1 {
		return nil, fault.New(CodeKey, "key", "the file holds %d keys", len(ids)).WithHint("keep one key in a file")
	}
	k := &Key{identity: ids[0]}
	var public string
	switch id := ids[0].(type) {
	case *age.X25519Identity:
		k.secret, public = id.String(), id.Recipient().String()
	case *age.HybridIdentity:
		k.secret, public = id.String(), id.Recipient().String()
	default:
		return nil, fault.New(CodeKey, "key", "the file holds a key of a kind that is not used here")
	}
	for line := range strings.Lines(string(file)) {
		if made, ok := strings.CutPrefix(line, "# made: "); ok {
			k.made = strings.TrimSpace(made)
		}
	}
	k.recipient, err = seal.ParseRecipient(public)
	return k, err
}

// Recipient gives the public half, which goes into the protocol.
func (k *Key) Recipient() seal.Recipient { return k.recipient }

// File gives the file to keep. Whoever has it can open what is sealed to it.
func (k *Key) File() []byte {
	return fmt.Appendf(nil, `# A key of Dvala. Whoever holds this file can open what is sealed to it:
# keep it away from the trial team, with a copy in another place.
# made: %s
# public key: %s
%s
`, k.made, k.recipient, k.secret)
}

// String gives the public half, so that a key in a log gives nothing away.
func (k *Key) String() string { return k.recipient.String() }

// Format writes the public half whatever the verb, for the same reason.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.recipient.String()) }

// fits says whether the list was sealed to this key.
func (k *Key) fits(l *seal.List) error {
	if to := l.Header().Custodian; to != k.recipient.String() {
		return fault.New(CodeKey, "key", "the list is sealed to %s and this is the key of %s", to, k.recipient)
	}
	return nil
}
