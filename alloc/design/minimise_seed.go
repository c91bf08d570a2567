package design

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Seed is what all chance of a minimised trial follows from. It is secret until
// the openings, and committed to before the first participant.
type Seed [32]byte

// part gives 32 bytes that follow from the seed, a label and a number, and tell
// nothing of the seed or of one another: HMAC-SHA256.
func (s Seed) part(label string, n uint64) []byte {
	h := hmac.New(sha256.New, s[:])
	h.Write(binary.BigEndian.AppendUint64([]byte(label), n))
	return h.Sum(nil)
}

// Chance gives the chance of a turn, counted from 0 over all requests.
func (s Seed) Chance(turn int) Chance {
	b := s.part("dvala/minimise/turn/1", uint64(turn))
	return Chance{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])}
}

// First gives the slot that comes first among some, in the order that the seed
// gives all slots. It is -1 of none.
//
// Slots stand in the list in an order that chance gave. Whoever sees which slots
// are named, and cannot tell this order from chance, learns nothing of what is in
// them: whatever arms are drawn, every order of slots is equally likely. To name
// the first one left of an arm in the list's own order would tell, since what it
// passes over holds another.
func (s Seed) First(slots []int) int {
	best, key := -1, []byte(nil)
	for _, i := range slots {
		if k := s.part("dvala/minimise/slot/1", uint64(i)); best < 0 || bytes.Compare(k, key) < 0 {
			best, key = i, k
		}
	}
	return best
}

// ChanceFrom draws a chance from a generator, for simulation and for tests that
// draw anew.
func ChanceFrom(r *rand.Rand) Chance { return Chance{r.Uint64(), r.Uint64(), r.Uint64()} }
