// Package open is the opening half of seal: with the right key it turns an
// envelope back into what was sealed. Only the custodian's verbs import it, and
// a test of the source sees to that.
//
// What comes out is checked against the commitment before it is given, so an
// opening from here is always one that everybody else will accept.
package open

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"dvala/fault"
	"dvala/seal"
)

// SlotKey opens one envelope and no other. It is born of Unwrap or
// ParseSlotKey.
type SlotKey struct{ key [seal.KeySize]byte }

// Unwrap takes the key of one slot out of its wrapping, with the custodian's
// identity.
func Unwrap(s seal.Slot, ids ...age.Identity) (SlotKey, error) {
	raw, err := Decrypt(s.Key, seal.KeySize, ids...)
	if err != nil {
		return SlotKey{}, fault.New(seal.CodeEnvelope, place(s), "this key does not open it").
			WithHint("use the key whose public half the sealed list names")
	}
	if len(raw) != seal.KeySize {
		return SlotKey{}, fault.New(seal.CodeEnvelope, place(s), "holds a key of %d bytes", len(raw))
	}
	return SlotKey{[seal.KeySize]byte(raw)}, nil
}

// ParseSlotKey reads what Text writes.
func ParseSlotKey(text string) (SlotKey, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != seal.KeySize {
		// The text is not shown: it may be most of a key.
		return SlotKey{}, fault.New(seal.CodeEnvelope, "slot key", "is not the key of a slot")
	}
	return SlotKey{[seal.KeySize]byte(raw)}, nil
}

// Text gives the key in hexadecimal, to be encrypted to whom it is for.
func (k SlotKey) Text() string { return hex.EncodeToString(k.key[:]) }

// String gives a word that is the same for all keys.
func (k SlotKey) String() string { return "[slot key]" }

// Format writes that word whatever the verb.
func (k SlotKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// Slot opens the envelope of a slot and checks what was in it against the
// commitment.
func Slot(s seal.Slot, k SlotKey) (seal.Opening, error) {
	aead, err := chacha20poly1305.New(k.key[:])
	if err != nil {
		return seal.Opening{}, fault.Wrap(seal.CodeEnvelope, place(s), err)
	}
	var zero [chacha20poly1305.NonceSize]byte
	plain, err := aead.Open(nil, zero[:], s.Envelope, s.Place.Bytes(seal.EnvelopeLabel))
	if err != nil {
		return seal.Opening{}, fault.New(seal.CodeEnvelope, place(s), "the envelope does not open").
			WithHint("the envelope, the slot or its kits were changed, or the key is of another slot")
	}
	n := 0
	if len(plain) > 0 {
		n = int(plain[0])
	}
	if len(plain) != seal.PayloadLen || n > seal.MaxSecret || len(bytes.Trim(plain[1+n:1+seal.MaxSecret], "\x00")) > 0 {
		return seal.Opening{}, fault.New(seal.CodeEnvelope, place(s), "the envelope holds something else than a sealed secret")
	}
	secret, err := seal.NewSecret(string(plain[1 : 1+n]))
	if err != nil {
		return seal.Opening{}, fault.New(seal.CodeEnvelope, place(s), "the envelope is empty")
	}
	o := seal.Opening{Slot: s.Index, Secret: secret, Nonce: [seal.NonceSize]byte(plain[1+seal.MaxSecret:])}
	return o, o.Check(s.Place, s.Commitment)
}

// Decrypt decrypts an age file of at most max bytes of content.
func Decrypt(file []byte, max int, ids ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, int64(max)+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > max {
		return nil, fmt.Errorf("holds more than %d bytes", max)
	}
	return raw, nil
}

func place(s seal.Slot) string { return fmt.Sprintf("slot %d", s.Index) }
