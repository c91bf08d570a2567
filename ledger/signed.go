package ledger

import (
	"encoding/json"
	"time"

	"dvala/fault"
)

// DecodeSigned reads an entry that Encode has written, in half the time of
// Decode: it does not ask again whether the form is the only one. It is for
// entries that lie under a root which the ledger's own key has signed, and that
// is for the caller to check, before or after.
func DecodeSigned(e Entry) (Event, error) {
	var v envelope
	if err := json.Unmarshal(e.Bytes, &v); err != nil {
		return Event{}, fault.Wrap(CodeEntry, place(e.Index), err)
	}
	t, err := time.Parse(TimeLayout, v.Time)
	if err != nil {
		return Event{}, fault.New(CodeEntry, place(e.Index)+".time", "%q is not of the form %s", v.Time, TimeLayout)
	}
	if v.Seq != e.Index {
		return Event{}, fault.New(CodeEntry, place(e.Index), "says it is entry %d", v.Seq)
	}
	return Event{
		Seq: v.Seq, Time: t.UTC(), Zone: v.Zone, Actor: v.Actor, Role: v.Role,
		Kind: v.Kind, Subject: v.Subject, Reason: v.Reason, Key: v.Key, Data: v.Data,
	}, nil
}
