package many

import (
	"math/rand/v2"

	"dvala/custody"
	"dvala/seal"
	"dvala/simulate"
	"dvala/study"
)

// attendant gives who names slots in a trial that minimises, and puts what the trial
// knows of it into the list.
func (p *Plan) attendant(s *study.Sealed, groups map[int]string, seed uint64) (simulate.Attendant, error) {
	var key [32]byte
	r := simulate.Stream(seed, "attendant", 0)
	for i := range key {
		key[i] = byte(r.Uint32())
	}
	secret, err := seal.NewLiveSecret(rand.NewChaCha8(key))
	if err != nil {
		return nil, err
	}
	s.Live = secret.Live(p.Protocol.ID(), p.Protocol.Hash(), []byte("simulated"))
	pools := map[string][]int{}
	for i, slot := range s.Slots {
		pools[slot.Cell] = append(pools[slot.Cell], i)
	}
	return custody.Understudy(p.Protocol, seal.Hash{}, func(cell string) []int { return pools[cell] }, groups, secret)
}
