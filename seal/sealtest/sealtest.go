// Package sealtest has a sealer for tests: its envelopes and commitments have
// the lengths of real ones and do not depend on what is sealed, so that two
// trials that differ in nothing but their arms can be compared byte for byte.
// Nothing sealed by it can ever be opened.
package sealtest

import (
	"bytes"
	"crypto/sha256"
	"strconv"

	"dvala/seal"
)

// Blank is a seal.Sealer that forgets what it is given.
type Blank struct {
	Holders int // among whom each key would be shared
}

// Seal implements seal.Sealer: commitment, envelope and key follow from the
// place alone.
func (b Blank) Seal(p seal.Place, _ seal.Secret) (seal.Sealed, error) {
	out := seal.Sealed{
		Commitment: sha256.Sum256(p.Bytes("dvala/blank/commitment")),
		Envelope:   stretch(p.Bytes("dvala/blank/envelope"), EnvelopeLen),
		Key:        stretch(p.Bytes("dvala/blank/key"), KeyLen),
	}
	for i := range b.Holders {
		out.Shares = append(out.Shares, stretch(p.Bytes("dvala/blank/share/"+strconv.Itoa(i)), KeyLen+1))
	}
	return out, nil
}

// Hide stands for the encryption of a seed to the custodian.
func (b Blank) Hide(plain []byte) ([]byte, error) {
	return stretch([]byte("dvala/blank/hidden"), len(plain)+KeyLen-seal.KeySize), nil
}

// Lengths of what the real sealer makes for an X25519 custodian.
const (
	EnvelopeLen = seal.PayloadLen + 16
	KeyLen      = 232
)

func stretch(from []byte, n int) []byte {
	sum := sha256.Sum256(from)
	return bytes.Repeat(sum[:], n/len(sum)+1)[:n]
}
