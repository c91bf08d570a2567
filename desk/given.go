package desk

import (
	"bytes"
	"context"

	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
	"dvala/study"
)

// Given tells a person what she was given, once the custodian has published what
// every slot held: an arm, or one for each period. Before that, and to whoever was
// not randomised, it tells nothing. Each opening is held against its commitment.
func (o *Office) Given(ctx context.Context, c Caller, who study.Subject) (protocol.Assignment, bool, error) {
	var lists []string
	var published study.File
	var checked protocol.Checked
	slot := -1
	err := o.See(ctx, c, "see-own", who, func(s *study.State) error {
		if p := s.People[who]; s.Openings != nil && p != nil && p.Randomised != nil {
			lists, published, checked, slot = s.Lists(), s.Openings.Openings, s.Protocol, p.Randomised.Slot
		}
		return nil
	})
	if err != nil || slot < 0 {
		return protocol.Assignment{}, false, err
	}
	list, err := study.WholeList(lists, o.store.Blob)
	if err != nil {
		return protocol.Assignment{}, false, err
	}
	raw, err := o.store.Blob(published.SHA256)
	if err != nil {
		return protocol.Assignment{}, false, err
	}
	openings, err := seal.ParseOpenings(bytes.NewReader(raw), list)
	if err != nil {
		return protocol.Assignment{}, false, err
	}
	held, _ := openings.Content(slot)
	for _, a := range checked.Assignments() {
		if a.ID == held {
			return a, true, nil
		}
	}
	return protocol.Assignment{}, false, fault.New("slot-arm", string(who), "the slot was opened to what the protocol does not have")
}
