// Package simulate makes up people and lets them live through a trial: their
// nights, their rings, their answers and their excuses. It is used for the
// demonstration, for rehearsing a protocol before the first participant, and
// for power.
//
// A simulated person acts through the same commands as a real one; nothing
// here writes to a ledger. The model is stated in doc/methods/simulated-sleepers.md:
// it is made to look like adult sleep and to have an effect of known size in
// it, and nothing about real sleep may be concluded from it.
//
// Randomness comes from one seed, split into a stream for each person and
// purpose, so that the same seed gives the same people whatever else changes:
// not how many commands are sent at once, nor how many people there are.
package simulate

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Stream gives the generator of a seed for a person and a purpose.
func Stream(seed uint64, purpose string, person int) *rand.Rand {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(person))
	h.Write(b[:])
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed^0x9e3779b97f4a7c15, h.Sum64()))
}

// logNormal draws a positive number by its median and the SD of its logarithm.
func logNormal(r *rand.Rand, median, sdLog float64) float64 {
	return median * math.Exp(sdLog*r.NormFloat64())
}

// within draws from a normal distribution until the draw lies in [lo, hi].
func within(r *rand.Rand, mean, sd, lo, hi float64) float64 {
	for range 64 {
		if x := mean + sd*r.NormFloat64(); x >= lo && x <= hi {
			return x
		}
	}
	return min(max(mean, lo), hi)
}

func clamp(x, lo, hi float64) float64 { return min(max(x, lo), hi) }

// chance is true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }
