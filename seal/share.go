package seal

import (
	"crypto/subtle"
	"fmt"
	"io"

	"dvala/fault"
)

// CodeShare is the code of shares that cannot be made or joined.
const CodeShare fault.Code = "seal-share"

// ShareSize is the length in bytes of one share of a slot's key: the place at
// which the polynomials were evaluated, then one value for each byte of the key.
const ShareSize = 1 + KeySize

// Share is one holder's part of a key. It shows nothing of itself; fewer shares
// than are needed tell nothing about the key at all.
type Share struct{ raw [ShareSize]byte }

// MaxHolders is how many holders a key can be shared among.
const MaxHolders = 255

// Split shares a key among n holders so that any needed of them can combine it and
// fewer learn nothing: Shamir's scheme byte by byte over GF(2⁸) (Shamir 1979,
// doi:10.1145/359168.359176). For every byte of the key a polynomial of degree
// needed−1 is drawn whose value at 0 is that byte; holder i (from 0) gets its
// value at i+1. random must be crypto/rand.Reader for a real trial.
func Split(random io.Reader, key [KeySize]byte, needed, n int) ([]Share, error) {
	if needed < 1 || n < needed || n > MaxHolders {
		return nil, fault.New(CodeShare, "shares", "%d of %d is no way to share a key", needed, n).
			WithHint("from 1 to %d holders, and no more needed than there are", MaxHolders)
	}
	drawn := make([]byte, (needed-1)*KeySize)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return nil, fault.Wrap(CodeShare, "shares", err)
	}
	out := make([]Share, n)
	for i := range out {
		x := byte(i + 1)
		out[i].raw[0] = x
		for b := range KeySize {
			// Horner, from the highest power down to the byte itself.
			var y byte
			for c := needed - 2; c >= 0; c-- {
				y = times(y^drawn[c*KeySize+b], x)
			}
			out[i].raw[1+b] = y ^ key[b]
		}
	}
	clear(drawn)
	return out, nil
}

// Combine gives the key that shares of Split come to. Of fewer shares than were
// needed, or of shares of different keys, it gives a key that opens nothing:
// that they are too few cannot be seen from them.
func Combine(shares []Share) ([KeySize]byte, error) {
	var key [KeySize]byte
	if len(shares) == 0 {
		return key, fault.New(CodeShare, "shares", "there are none")
	}
	for i, s := range shares {
		for _, t := range shares[:i] {
			if s.raw[0] == t.raw[0] {
				return key, fault.New(CodeShare, "shares", "two are of the same holder")
			}
		}
	}
	for i, s := range shares {
		// Lagrange's weight at 0: the product of x_j / (x_j − x_i), minus being
		// the same as plus.
		weight := byte(1)
		for j, t := range shares {
			if j != i {
				weight = times(weight, times(t.raw[0], inverse(t.raw[0]^s.raw[0])))
			}
		}
		for b := range KeySize {
			key[b] ^= times(weight, s.raw[1+b])
		}
	}
	return key, nil
}

// ParseShare reads the bytes of a share.
func ParseShare(raw []byte) (Share, error) {
	var s Share
	if len(raw) != ShareSize || raw[0] == 0 {
		return s, fault.New(CodeShare, "share", "is not the share of a key") // not shown: it is secret
	}
	copy(s.raw[:], raw)
	return s, nil
}

// Bytes gives the share, to be encrypted to its holder.
func (s Share) Bytes() []byte { return append([]byte(nil), s.raw[:]...) }

// Holder says whose share it is, from 0.
func (s Share) Holder() int { return int(s.raw[0]) - 1 }

// Equal compares two shares in a time that tells nothing about them.
func (s Share) Equal(t Share) bool { return subtle.ConstantTimeCompare(s.raw[:], t.raw[:]) == 1 }

// String gives a word that is the same for all shares.
func (s Share) String() string { return "[share]" }

// times multiplies in GF(2⁸) modulo x⁸+x⁴+x³+x+1, the field of AES (FIPS 197,
// section 4.2), without a branch or an index that depends on what it multiplies.
func times(a, b byte) byte {
	var product byte
	for range 8 {
		product ^= -(b & 1) & a
		a = a<<1 ^ -(a>>7)&0x1b
		b >>= 1
	}
	return product
}

// inverse gives a⁻¹ = a²⁵⁴; of 0 it gives 0.
func inverse(a byte) byte {
	// 254 = 2+4+8+16+32+64+128
	square, out := a, byte(1)
	for range 7 {
		square = times(square, square)
		out = times(out, square)
	}
	return out
}

// Format writes String's word whatever the verb.
func (s Share) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }
