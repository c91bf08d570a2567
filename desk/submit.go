package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
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

// hold keeps an entry that could not be filed, sealed under the person's key; of
// one that must not be collected, its key and what was wrong with it alone.
func (o *Office) hold(ctx context.Context, c Caller, e Submitted, why error) (Held, error) {
	if o.parts.Pending == nil {
		return Held{}, nil
	}
	bare, is := e.without(why)
	if is {
		e = bare
	}
	raw, err := json.Marshal(e)
	if err != nil { // the data are not JSON: kept as text
		e.Data, err = json.Marshal(string(e.Data))
		if err == nil {
			raw, err = json.Marshal(e)
		}
	}
	if err != nil {
		return Held{}, err
	}
	body := string(raw)
	if v := o.parts.Vault; v != nil && c.Subject != "" && !is {
		if body, err = v.Seal(ctx, c.Subject, "held "+e.Key, body); err != nil {
			return Held{}, err
		}
	}
	return o.parts.Pending.Hold(ctx, Held{
		Came: o.now(), Account: c.Account, Subject: c.Subject, Key: e.Key, Body: body, Fault: faultCodes(why),
	})
}

// faultCodes names what was wrong without the words of it, which may quote what
// was written.
func faultCodes(err error) string {
	var l fault.List
	l.Merge("", "", err)
	var out []string
	for _, p := range l {
		out = append(out, strings.TrimSpace(string(p.Code)+" "+p.Place))
	}
	return strings.Join(out, ", ")
}

// HeldView is a held entry opened for staff.
type HeldView struct {
	Held
	Entry  Submitted
	Opened bool // false where the person was erased
	Bare   bool // what it said was not kept, for she has not consented, or has left
}

// HeldEntries lists what is held of people whom the caller may see.
func (o *Office) HeldEntries(ctx context.Context, c Caller, settled bool) ([]HeldView, error) {
	if o.parts.Pending == nil {
		return nil, nil
	}
	all, err := o.parts.Pending.HeldAll(ctx, settled)
	if err != nil {
		return nil, err
	}
	var out []HeldView
	for _, h := range all {
		if _, err := o.as(c, "see-held", h.Subject, ""); err != nil {
			continue
		}
		v, err := o.openHeld(ctx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (o *Office) openHeld(ctx context.Context, h Held) (HeldView, error) {
	v := HeldView{Held: h, Opened: true}
	body := h.Body
	if o.parts.Vault != nil && h.Subject != "" {
		var err error
		if body, v.Opened, err = o.parts.Vault.Open(ctx, h.Subject, body); err != nil || !v.Opened {
			return v, err
		}
	}
	v.Body = body
	err := json.Unmarshal([]byte(body), &v.Entry)
	v.Bare = err == nil && v.Entry.Do == ""
	return v, err
}

// Refile files a held entry in the name of who files it: as it came, or with the
// data mended; the reason says why.
func (o *Office) Refile(ctx context.Context, c Caller, id int64, mended *Submitted, reason string) (Receipt, error) {
	h, err := o.heldFor(ctx, c, id, reason)
	if err != nil {
		return Receipt{}, err
	}
	if !h.Opened {
		return Receipt{}, fault.New("person-erased", "", "what was held is under a key that is destroyed")
	}
	if h.Bare {
		return Receipt{}, fault.New("held-bare", strconv.FormatInt(id, 10), "what it said was not kept: nothing is collected of who has not consented, or has left")
	}
	e := h.Entry
	if mended != nil {
		e.Do, e.Data = mended.Do, mended.Data
	}
	cmd, err := study.ReadCommand(e.Do, e.Data)
	if err != nil {
		return Receipt{}, err
	}
	if !study.Queued(cmd) { // it is done now, whenever she wished for it
		e.Made = time.Time{}
	}
	r, err := o.Do(ctx, c, Request{Cmd: cmd, Subject: h.Subject, Zone: e.Zone, Made: e.Made, Reason: reason, Key: "held-" + strconv.FormatInt(id, 10), refiled: true})
	if err != nil {
		return r, err
	}
	_, err = o.parts.Pending.Settle(ctx, id, c.Account, "filed", reason, o.now())
	return r, err
}

// Discard settles a held entry without filing it. It is kept all the same.
func (o *Office) Discard(ctx context.Context, c Caller, id int64, reason string) error {
	if _, err := o.heldFor(ctx, c, id, reason); err != nil {
		return err
	}
	_, err := o.parts.Pending.Settle(ctx, id, c.Account, "discarded", reason, o.now())
	return err
}

func (o *Office) heldFor(ctx context.Context, c Caller, id int64, reason string) (HeldView, error) {
	if o.parts.Pending == nil {
		return HeldView{}, fault.New("held-unknown", "", "nothing is held here")
	}
	h, ok, err := o.parts.Pending.HeldOne(ctx, id)
	if err != nil {
		return HeldView{}, err
	}
	if _, err := o.as(c, "settle-held", h.Subject, ""); err != nil || !ok {
		return HeldView{}, refused("settle-held")
	}
	switch {
	case !h.Settled.IsZero():
		return HeldView{}, fault.New("held-settled", strconv.FormatInt(id, 10), "was settled before: %s", h.Outcome)
	case strings.TrimSpace(reason) == "":
		return HeldView{}, fault.New("reason-missing", "reason", "what is held is settled with a reason")
	}
	return o.openHeld(ctx, h)
}
