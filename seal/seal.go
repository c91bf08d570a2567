// Package seal keeps an allocation secret from everybody but its custodian, and
// lets everybody check afterwards that it was not changed: envelopes,
// commitments and openings.
//
// It knows no arm. A slot is a place in the randomisation list, with the kits
// that belong to it and a secret that this package does not look into. Sealing
// turns the secret into
//
//   - a commitment: SHA-256 over the trial, the protocol's hash, the slot with
//     its kits, the secret and 32 random bytes, which binds whoever sealed it
//     and tells nobody anything;
//   - an envelope: secret and random bytes, padded to one length, encrypted with
//     ChaCha20-Poly1305 under a key of the slot's own;
//   - that key, encrypted with age to the custodian.
//
// A List of sealed slots is all that the server ever sees. This package can
// make envelopes and cannot open any: the opening half is dvala/seal/open, which
// only the custodian's verbs import. Checking an Opening against its commitment
// needs no key and is here.
//
// doc/formats/sealed-list.md and doc/formats/openings.md have the files,
// doc/sealing.md what it proves and what not.
package seal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"filippo.io/age"

	"dvala/fault"
)

// Codes of the problems this package reports.
const (
	CodeFormat     fault.Code = "seal-format"     // the file is none of ours, or of a version we do not read
	CodeTruncated  fault.Code = "seal-truncated"  // the file ends too early
	CodeHash       fault.Code = "seal-hash"       // a line does not have the hash written before it
	CodeSlot       fault.Code = "seal-slot"       // a slot or opening is not in its one form
	CodeCommitment fault.Code = "seal-commitment" // an opening is not what was committed to
	CodeEnvelope   fault.Code = "seal-envelope"   // an envelope cannot be opened
	CodeRecipient  fault.Code = "seal-recipient"  // not a public key to seal to
	CodeSecret     fault.Code = "seal-secret"     // a secret that cannot be sealed
	CodeKit        fault.Code = "kit-number"      // not the number of a kit
)

// Lengths in bytes.
const (
	MaxSecret  = 127 // longest secret
	NonceSize  = 32  // random bytes that hide a secret in its commitment
	KeySize    = 32  // key of one envelope
	PayloadLen = 1 + MaxSecret + NonceSize
)

// Secret is what a slot holds. It shows itself only to who asks by name, so
// that no log, error or debugger's print gives it away.
type Secret struct{ text string }

// NewSecret wraps a text of 1 to MaxSecret bytes of UTF-8.
func NewSecret(text string) (Secret, error) {
	if text == "" || len(text) > MaxSecret || !utf8.ValidString(text) {
		return Secret{}, fault.New(CodeSecret, "secret", "has %d bytes; a secret is UTF-8 of 1 to %d", len(text), MaxSecret)
	}
	return Secret{text}, nil
}

// Reveal gives the text.
func (s Secret) Reveal() string { return s.text }

// String gives a word that is the same for all secrets.
func (s Secret) String() string { return "[sealed]" }

// Format writes that word whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON refuses: a secret is written out by Openings alone.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errors.New("a secret is not written out") }

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String gives 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what String writes.
func ParseHash(s string) (Hash, error) {
	var h Hash
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(h) || hex.EncodeToString(raw) != s {
		return h, fault.New(CodeFormat, "hash", "%q is not a SHA-256 in lower-case hexadecimal", clip(s))
	}
	copy(h[:], raw)
	return h, nil
}

// Kit is one numbered package of the slot's chain, to be handed out at a visit.
// The first of a visit is the regular one, those after it are spares.
type Kit struct {
	Number string `json:"number"` // as ParseKitNumber has it
	Visit  string `json:"visit"`
}

// Place is all of a slot that is not secret: what a commitment binds the secret
// to.
type Place struct {
	Trial    string // the protocol's ID
	Protocol Hash   // of its canonical form
	Index    int    // place in the sealed list, from 0
	Cell     string // stratum cell
	Kits     []Kit
	// For is the slot of an earlier list to whose chain the kits are added; nil
	// of a slot that is given out by itself. Its secret is that slot's.
	For *int
}

// Bytes gives an encoding of the place that no other place shares, under a
// label that keeps its uses apart. Every part is preceded by its length.
func (p Place) Bytes(label string) []byte {
	var b []byte
	part := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	part(label)
	part(p.Trial)
	part(string(p.Protocol[:]))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Index))
	part(p.Cell)
	b = binary.BigEndian.AppendUint64(b, uint64(len(p.Kits)))
	for _, k := range p.Kits {
		part(k.Number)
		part(k.Visit)
	}
	if p.For != nil {
		part("for")
		b = binary.BigEndian.AppendUint64(b, uint64(*p.For))
	}
	return b
}

// Labels of Place.Bytes.
const (
	commitmentLabel = "dvala/commitment/1"
	EnvelopeLabel   = "dvala/envelope/1" // data that the envelope authenticates beside its content
)

// Commit gives the commitment to a secret at a place. The nonce must be random
// and used once: it is what hides which of a few possible secrets it is.
func Commit(p Place, s Secret, nonce [NonceSize]byte) Hash {
	b := p.Bytes(commitmentLabel)
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.text)))
	b = append(b, s.text...)
	b = append(b, nonce[:]...)
	return sha256.Sum256(b)
}

// Opening shows what a commitment was made to.
type Opening struct {
	Slot   int // index in the sealed list
	Secret Secret
	Nonce  [NonceSize]byte
}

// Check says whether the opening is what the commitment at that place was made
// to.
func (o Opening) Check(p Place, commitment Hash) error {
	got := Commit(p, o.Secret, o.Nonce)
	if o.Slot != p.Index || subtle.ConstantTimeCompare(got[:], commitment[:]) != 1 {
		return fault.New(CodeCommitment, slotPlace(p.Index), "the opening is not what was committed to").
			WithHint("the opening, the slot or its kits were changed after the list was sealed")
	}
	return nil
}

// Recipient is a public key to seal to.
type Recipient struct {
	text string
	age  age.Recipient
}

// ParseRecipient reads an age public key: age1… (X25519) or age1pq1… (hybrid of
// X25519 and ML-KEM-768, which a quantum computer does not open later).
func ParseRecipient(text string) (Recipient, error) {
	if r, err := age.ParseX25519Recipient(text); err == nil {
		return Recipient{text, r}, nil
	}
	if r, err := age.ParseHybridRecipient(text); err == nil {
		return Recipient{text, r}, nil
	}
	return Recipient{}, fault.New(CodeRecipient, "recipient", "%q is not a public key", clip(text)).
		WithHint("make one with: dvala key new")
}

// String gives the text form.
func (r Recipient) String() string { return r.text }

// Age gives the key to the age library; nil in the zero Recipient.
func (r Recipient) Age() age.Recipient { return r.age }

func slotPlace(i int) string { return fmt.Sprintf("slot %d", i) }

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
