package simulate

import (
	"encoding/hex"

	"dvala/custody"
	"dvala/fault"
	"dvala/seal"
	"dvala/study"
)

// Attendant names slots under minimisation, as the custodian's process does.
type Attendant interface {
	Next(asked []custody.Asked) (seal.Reply, bool, error)
}

// Asked gives a trial's requests for slots as its attendant reads them.
func Asked(s *study.State) []custody.Asked {
	var out []custody.Asked
	for _, t := range s.Allocations() {
		out = append(out, custody.Asked{Turn: t.Turn, Signature: t.Signature})
	}
	return out
}

// attend lets the attendant answer all requests that wait.
func (y *play) attend() error {
	if !y.Protocol.Minimises() {
		return nil
	}
	if y.Attend == nil {
		return fault.New("simulate-attendant", "", "nobody is there to name slots, which the protocol wants")
	}
	for {
		all := y.trial.State().Allocations()
		reply, waits, err := y.Attend.Next(Asked(y.trial.State()))
		if err != nil || !waits {
			return err
		}
		m := study.Meta{Actor: "custodian", Role: study.RoleCustodian}
		for _, t := range all {
			if t.Entry == reply.Entry {
				m.Subject = t.Subject
			}
		}
		y.give(study.AnswerAllocation{
			Request: reply.Entry, Slot: reply.Slot, Seen: reply.Seen.String(), Signature: hex.EncodeToString(reply.Signature),
		}, m)
		if err := y.flush(); err != nil {
			return err
		}
	}
}
