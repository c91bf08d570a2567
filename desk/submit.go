package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Submitted is one entry of a batch that waited on a device without a network.
type Submitted struct {
	Key  string          `json:"key"`            // idempotency key, made on the device
	Made time.Time       `json:"made"`           // when, by the device's clock
	Zone string          `json:"zone,omitempty"` // where
	Do   string          `json:"do"`             // the command by its name
	Data json.RawMessage `json:"data,omitempty"`
	// Reason is of what needs one: a correction.
	Reason string `json:"reason,omitempty"`
}

// Fate is what became of an entry.
type Fate string

// Fates. What is refused the person can mend and send again; what is held cannot
// be filed as it is, is kept whole, and staff see it. In neither case is
// anything thrown away by the server, but for what must not be collected: that of
// who has not consented, or has left. Of it is kept that it came.
const (
	Accepted Fate = "accepted"
	Repeated Fate = "repeated" // it is on the ledger already
	Refused  Fate = "refused"  // by a rule of the trial; kept as well
	Unfiled  Fate = "held"     // not a command that can be read
	Again    Fate = "again"    // nothing is known: the store could not be reached; send it again
)

// Outcome is an entry's.
type Outcome struct {
	Key     string
	Fate    Fate
	Receipt Receipt // of what was accepted or repeated
	Err     error   // of what was not
	Held    int64   // its number among what is held
}

// MaxBatch is how many entries are taken at once.
const MaxBatch = 500

// Submit files entries of a participant, each on its own and in their order: one
// that cannot be filed disturbs no other. What is answered is on disk.
func (o *Office) Submit(ctx context.Context, c Caller, batch []Submitted) ([]Outcome, error) {
	if c.Subject == "" {
		return nil, refused("submit")
	}
	if _, err := o.as(c, "submit", c.Subject, ""); err != nil {
		return nil, err
	}
	if len(batch) > MaxBatch {
		return nil, fault.New("batch-long", "", "there are %d entries, and %d are taken at once", len(batch), MaxBatch)
	}
	if err := o.store.Refresh(ctx); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(batch))
	for i, e := range batch {
		out[i] = o.submit(ctx, c, c.Subject, e)
	}
	return out, nil
}

func (o *Office) submit(ctx context.Context, c Caller, who study.Subject, e Submitted) Outcome {
	out := Outcome{Key: e.Key}
	cmd, err := readSubmitted(e)
	if err == nil {
		out.Receipt, err = o.Do(ctx, c, Request{Cmd: cmd, Subject: who, Zone: e.Zone, Reason: e.Reason, Key: e.Key, Made: e.Made})
	}
	switch {
	case err == nil && out.Receipt.Repeated:
		out.Fate = Repeated
		return out
	case err == nil:
		out.Fate = Accepted
		return out
	case !isOurs(err):
		out.Fate, out.Err = Again, err // the disk, the network: the device keeps it
		return out
	}
	out.Err, out.Fate = err, Refused
	if cmd == nil {
		out.Fate = Unfiled
	}
	held, herr := o.hold(ctx, c, e, err)
	if herr != nil {
		out.Fate, out.Err = Again, herr
		return out
	}
	out.Held = held.ID
	return out
}

// isOurs tells a rule that refuses from a store that fails, or does not have yet
// what is named.
func isOurs(err error) bool {
	code := fault.CodeOf(err)
	return code != "" && code != "blob-missing" && !StoreFailed(err)
}

func readSubmitted(e Submitted) (study.Command, error) {
	if e.Key == "" || len(e.Key) > 200 {
		return nil, fault.New("command-key", "key", "an entry has a key of 1 to 200 characters")
	}
	return study.ReadCommand(e.Do, e.Data)
}

// notCollected are the codes of refusals because the person does not take part in
// this, not yet or not any more: nothing of what was sent is kept then.
var notCollected = []fault.Code{"no-consent", "withdrew", "stopped-device", "person-erased"}

// without gives what is kept of an entry that must not be collected: that it came,
// and nothing of what it said.
func (e Submitted) without(why error) (Submitted, bool) {
	var l fault.List
	l.Merge("", "", why)
	bare := slices.ContainsFunc(l, func(p *fault.Problem) bool { return slices.Contains(notCollected, p.Code) })
	return Submitted{Key: e.Key}, bare
}
