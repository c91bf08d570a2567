package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/study"
)

// hold keeps an entry that could not be filed, sealed under the person's key; of
// one that must not be collected, its key and what was wrong with it alone.
func (o *Office) hold(ctx context.Context, c Caller, e Submitted, why error) (Held, error) {
	if o.parts.Pending == nil {
		return Held{}, nil
	}
	if err := o.heldEnough(c.Subject); err != nil {
		return Held{}, err
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
	h, err := o.parts.Pending.Hold(ctx, Held{
		Came: o.now(), Account: c.Account, Subject: c.Subject, Key: e.Key, Body: body, Fault: faultCodes(why),
	})
	if err != nil {
		return h, err
	}
	return h, o.noteHeld(ctx, h, e)
}

// heldPerDay is how much of one person's is held within a day. Each stands on the
// ledger, which nobody shortens again; what is more waits on her device.
const heldPerDay = 200

func (o *Office) heldEnough(who study.Subject) error {
	n := 0
	o.store.View(func(s *study.State) {
		if p, ok := s.People[who]; ok {
			n = p.HeldSince(o.now().Add(-24 * time.Hour))
		}
	})
	if n < heldPerDay {
		return nil
	}
	return fault.New("held-many", "", "%d entries that could not be filed came within a day, and no more are taken before tomorrow", n).
		WithHint("the device keeps them; staff see those that came")
}

// noteHeld puts on the ledger that something is held, unless it is there: its key,
// the command's name, the codes and a digest of what is kept. An entry without a
// command is one of which nothing more is kept, or known.
func (o *Office) noteHeld(ctx context.Context, h Held, e Submitted) error {
	sum := sha256.Sum256([]byte(h.Body))
	ev := study.Held{Number: h.ID, Sent: sentKey(h.Key), SHA256: hex.EncodeToString(sum[:])}
	for code := range strings.SplitSeq(h.Fault, ", ") {
		code, _, _ = strings.Cut(code, " ")
		if !slices.Contains(ev.Codes, code) && len(ev.Codes) < 20 {
			ev.Codes = append(ev.Codes, code)
		}
	}
	if _, known := study.LeadsTo(e.Do); known {
		ev.Command, ev.Made = e.Do, e.Made
	}
	there := false
	o.store.View(func(s *study.State) { _, there = s.People[h.Subject].HeldOf(h.ID) })
	if there {
		return nil
	}
	_, err := o.tell(ctx, study.NoteHeld{Held: ev}, study.Meta{Actor: "dvala", Role: study.RoleSystem, Subject: h.Subject})
	return err
}

// sentKey gives an idempotency key as the ledger can have it.
func sentKey(key string) string {
	plain := func(r rune) bool { return r > ' ' && r < 0x7f }
	if len(key) <= 100 && !strings.ContainsFunc(key, func(r rune) bool { return !plain(r) }) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// HeldDue puts on the ledger what is held and is not on it: the program ended
// between the two, or an earlier one did not do so.
func (o *Office) HeldDue(ctx context.Context) error {
	if o.parts.Pending == nil {
		return nil
	}
	all, err := o.parts.Pending.HeldAll(ctx, false)
	if err != nil {
		return err
	}
	for _, h := range all {
		known := false
		o.store.View(func(s *study.State) { _, known = s.People[h.Subject] })
		if !known {
			continue
		}
		v, err := o.openHeld(ctx, h)
		if err != nil {
			return err
		}
		if err := o.noteHeld(ctx, h, v.Entry); err != nil {
			return err
		}
	}
	return nil
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
	sealed Held // as it is kept
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
	v := HeldView{Held: h, Opened: true, sealed: h}
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
	return r, o.settle(ctx, c, h, study.HeldSettled{Number: id, How: study.HeldFiled, Entry: &r.First}, reason)
}

// Discard settles a held entry without filing it. It is kept all the same.
func (o *Office) Discard(ctx context.Context, c Caller, id int64, reason string) error {
	h, err := o.heldFor(ctx, c, id, reason)
	if err != nil {
		return err
	}
	return o.settle(ctx, c, h, study.HeldSettled{Number: id, How: study.HeldDiscarded}, reason)
}

// settle says on the ledger what became of a held entry, and then beside it.
func (o *Office) settle(ctx context.Context, c Caller, h HeldView, became study.HeldSettled, reason string) error {
	role, err := o.as(c, "settle-held", h.Subject, "")
	if err != nil {
		return err
	}
	if err := o.noteHeld(ctx, h.sealed, h.Entry); err != nil {
		return err
	}
	done := false // by a program that ended before it could say so beside the ledger
	o.store.View(func(s *study.State) {
		was, _ := s.People[h.Subject].HeldOf(h.ID)
		done = was.How == became.How
	})
	if !done {
		cmd := study.RecordHeldSettled{HeldSettled: became}
		why := reason
		if v := o.parts.Vault; v != nil {
			if why, err = sealedReason(ctx, v, Request{Cmd: cmd, Subject: h.Subject, Reason: reason, Key: "held-settled " + strconv.FormatInt(h.ID, 10)}); err != nil {
				return err
			}
		}
		if _, err := o.tell(ctx, cmd, study.Meta{Actor: c.Account, Role: role, Reason: why, Subject: h.Subject, From: c.From, Zone: c.Zone}); err != nil {
			return err
		}
	}
	_, err = o.parts.Pending.Settle(ctx, h.ID, c.Account, became.How, reason, o.now())
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
