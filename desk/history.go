package desk

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"dvala/study"
)

// Change is one value that a field was given.
type Change struct {
	Entry     uint64 // that gave it
	Field     string
	Old       json.RawMessage // nil of the first
	New       json.RawMessage // nil where it was not given then
	Actor     string
	Role      study.Role
	At        time.Time
	Made      time.Time
	Zone      string
	From      string
	Reason    string
	Signature *study.Signature
}

// History tells everything that one field of one entry ever was: its first value
// and each correction, with old and new, who, in which role, when, where, why
// and from where. A field is written as in a correction: units, answers.isi1.
// With no field it tells of the entry whole, and of all its corrections.
func (o *Office) History(ctx context.Context, c Caller, who study.Subject, entry uint64, field string) ([]Change, error) {
	indices := []uint64{entry}
	err := o.See(ctx, c, "see-history", who, func(s *study.State) error {
		if entry >= s.Entries {
			return refused("see-history") // as of an entry about somebody else
		}
		if p := s.People[who]; p != nil {
			for _, x := range p.Corrections {
				if x.Entry == entry && (field == "" || x.Field == field) {
					indices = append(indices, x.Index)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	role, err := o.as(c, "see-history", who, "")
	if err != nil {
		return nil, err
	}
	var out []Change
	for i, index := range indices {
		f, err := o.fact(ctx, index)
		if err != nil {
			return nil, err
		}
		if f.Subject != who || !MayRead(role, f.Event.Kind(), who) {
			return nil, refused("see-history")
		}
		ch, err := o.change(ctx, c, f, field, i == 0)
		if err != nil {
			return nil, err
		}
		out = append(out, ch)
	}
	return out, nil
}

func (o *Office) fact(ctx context.Context, index uint64) (study.Fact, error) {
	es, err := o.store.Entries(ctx, index, 1)
	if err != nil {
		return study.Fact{}, err
	}
	return study.Decode(es[0])
}

func (o *Office) change(ctx context.Context, c Caller, f study.Fact, field string, first bool) (Change, error) {
	ch := Change{
		Entry: f.Index, Field: field, Actor: f.Actor, Role: f.Role, At: f.At, Made: f.Made, Zone: f.Zone, From: f.From,
		Reason: f.Reason, Signature: f.Signature,
	}
	var err error
	if first {
		ch.New, err = fieldOf(f.Event, field)
	} else if x, is := f.Event.(study.Corrected); is {
		ch.Field, ch.Old, ch.New = x.Field, x.Old, x.New
	}
	if err != nil {
		return ch, err
	}
	if ch.Reason, err = Reveal(ctx, o, c, f.Subject, ch.Reason); err != nil {
		return ch, err
	}
	for _, raw := range []*json.RawMessage{&ch.Old, &ch.New} {
		if *raw != nil {
			if *raw, err = Reveal(ctx, o, c, f.Subject, *raw); err != nil {
				return ch, err
			}
		}
	}
	return ch, nil
}

// fieldOf gives what stood in a field of an event, or the event whole.
func fieldOf(ev study.Event, field string) (json.RawMessage, error) {
	raw, err := json.Marshal(ev)
	if err != nil || field == "" {
		return raw, err
	}
	for part := range strings.SplitSeq(field, ".") {
		var of map[string]json.RawMessage
		if json.Unmarshal(raw, &of) != nil {
			return nil, nil
		}
		raw = of[part]
	}
	return raw, nil
}
