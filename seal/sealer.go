package seal

import (
	"bytes"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"dvala/fault"
)

// Sealed is what sealing makes of a secret.
type Sealed struct {
	Commitment Hash
	Envelope   []byte // of one length for all secrets
	Key        []byte // the envelope's key, encrypted to the custodian with age
	// Shares are the same key shared among the holders, each share encrypted to
	// its holder with age; nil where there are none.
	Shares [][]byte
}

// Sealer seals one secret at its place. NewSealer gives the real one; package
// sealtest has one for tests.
type Sealer interface {
	Seal(p Place, s Secret) (Sealed, error)
}

// NewSealer seals to a custodian. Keys and nonces are read from random, which
// must be crypto/rand.Reader except for a demonstration, whose commitments then
// follow from its seed.
func NewSealer(random io.Reader, custodian Recipient) Sealer {
	return &sealer{random: random, custodian: custodian}
}

// NewSharingSealer seals to a custodian, and shares each slot's key among
// holders, of whom the needed number can open it together.
func NewSharingSealer(random io.Reader, custodian Recipient, needed int, holders []Recipient) Sealer {
	return &sealer{random: random, custodian: custodian, needed: needed, holders: holders}
}

type sealer struct {
	random    io.Reader
	custodian Recipient
	needed    int
	holders   []Recipient
}

// Seal implements Sealer.
func (k *sealer) Seal(p Place, s Secret) (Sealed, error) {
	if s.text == "" {
		return Sealed{}, fault.New(CodeSecret, slotPlace(p.Index), "holds nothing to seal")
	}
	var fresh [KeySize + NonceSize]byte
	if _, err := io.ReadFull(k.random, fresh[:]); err != nil {
		return Sealed{}, fault.Wrap(CodeSecret, slotPlace(p.Index), err)
	}
	key, nonce := fresh[:KeySize], [NonceSize]byte(fresh[KeySize:])
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return Sealed{}, fault.Wrap(CodeSecret, slotPlace(p.Index), err)
	}
	wrapped, err := Encrypt(key, k.custodian)
	if err != nil {
		return Sealed{}, err
	}
	shares, err := k.share([KeySize]byte(key))
	if err != nil {
		return Sealed{}, err
	}
	// The key encrypts this one message and no other, so the AEAD's own nonce
	// can be zero.
	var zero [chacha20poly1305.NonceSize]byte
	return Sealed{
		Commitment: Commit(p, s, nonce),
		Envelope:   aead.Seal(nil, zero[:], payload(s, nonce), p.Bytes(EnvelopeLabel)),
		Key:        wrapped,
		Shares:     shares,
	}, nil
}

// share gives each holder's share of a slot's key, encrypted to the holder.
func (k *sealer) share(key [KeySize]byte) ([][]byte, error) {
	if len(k.holders) == 0 {
		return nil, nil
	}
	shares, err := Split(k.random, key, k.needed, len(k.holders))
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(shares))
	for i, s := range shares {
		if out[i], err = Encrypt(s.Bytes(), k.holders[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// payload gives a length byte, the secret padded with zeros, and the nonce:
// always PayloadLen bytes.
func payload(s Secret, nonce [NonceSize]byte) []byte {
	b := make([]byte, PayloadLen)
	b[0] = byte(len(s.text))
	copy(b[1:], s.text)
	copy(b[1+MaxSecret:], nonce[:])
	return b
}

// Encrypt encrypts with age to one recipient.
func Encrypt(plain []byte, to Recipient) ([]byte, error) {
	if to.age == nil {
		return nil, fault.New(CodeRecipient, "recipient", "there is none to encrypt to")
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to.age)
	if err != nil {
		return nil, fault.Wrap(CodeRecipient, to.text, err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fault.Wrap(CodeRecipient, to.text, err)
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(CodeRecipient, to.text, err)
	}
	return b.Bytes(), nil
}
