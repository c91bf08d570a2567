package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"dvala/ledger"
	"dvala/study"
)

// TrailQuery picks entries of the audit trail. What is empty picks all.
type TrailQuery struct {
	Subject study.Subject
	Kinds   []study.Kind
	Actor   string
	Since   time.Time
	Until   time.Time // not included
	Changed bool      // corrections and what changes an earlier entry
	From    uint64    // the entry to begin with
	Limit   int       // at most; 0: 100
	Newest  bool      // backwards, from the end or from From
}

// TrailPage is a page of it.
type TrailPage struct {
	Entries []TrailEntry
	Next    uint64 // where the next page begins
	More    bool
}

// TrailEntry is who, in which role, when, where, why, from where, and what, of
// one entry, as far as the reader's role may see it.
type TrailEntry struct {
	Index     uint64
	Kind      study.Kind
	At        time.Time
	Made      time.Time
	Zone      string
	Actor     string
	Role      study.Role
	From      string
	Subject   study.Subject
	Reason    string
	Signature *study.Signature
	About     string          // in words
	Data      json.RawMessage // nil where it is not for the reader's role
}

const mostTrail = 1000 // entries a page

// Trail reads the audit trail. Entries about people whom the caller may not see
// are left out; what her role may not read of the others is withheld.
func (o *Office) Trail(ctx context.Context, c Caller, q TrailQuery) (TrailPage, error) {
	var size uint64
	if err := o.See(ctx, c, "see-trail", q.Subject, func(s *study.State) error { size = s.Entries; return nil }); err != nil {
		return TrailPage{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, mostTrail)
	var page TrailPage
	err := o.walk(ctx, q, size, func(e ledger.Entry) (bool, error) {
		if len(page.Entries) == q.Limit {
			page.More, page.Next = true, e.Index
			return false, nil
		}
		f, err := study.Decode(e)
		if err != nil {
			return false, err
		}
		if !q.picks(f) {
			return true, nil
		}
		role, err := o.as(c, "see-trail", f.Subject, "")
		if err != nil {
			return true, nil //nolint:nilerr // not for her
		}
		t, err := o.trailEntry(ctx, c, role, f)
		page.Entries = append(page.Entries, t)
		return true, err
	})
	return page, err
}

// walk reads the ledger in pages, in one direction or the other, until it is
// told to stop.
func (o *Office) walk(ctx context.Context, q TrailQuery, size uint64, each func(ledger.Entry) (bool, error)) error {
	const step = 512
	from, to := q.From, size // entries from..to-1 are left
	if q.Newest {
		from = 0
		if q.From > 0 && q.From < size {
			to = q.From + 1
		}
	}
	for from < to {
		lo, hi := from, min(from+step, to)
		if q.Newest {
			lo, hi = max(to, step)-step, to
			lo = max(lo, from)
		}
		part, err := o.store.Entries(ctx, lo, hi-lo)
		if err != nil {
			return err
		}
		if q.Newest {
			part = slices.Clone(part)
			slices.Reverse(part)
			to = lo
		} else {
			from = hi
		}
		for _, e := range part {
			if goOn, err := each(e); err != nil || !goOn {
				return err
			}
		}
	}
	return nil
}

func (q TrailQuery) picks(f study.Fact) bool {
	switch {
	case q.Subject != "" && f.Subject != q.Subject,
		len(q.Kinds) > 0 && !slices.Contains(q.Kinds, f.Event.Kind()),
		q.Actor != "" && f.Actor != q.Actor,
		!q.Since.IsZero() && f.At.Before(q.Since),
		!q.Until.IsZero() && !f.At.Before(q.Until),
		q.Changed && f.Event.Kind() != study.KindCorrected:
		return false
	}
	return true
}

func (o *Office) trailEntry(ctx context.Context, c Caller, role study.Role, f study.Fact) (TrailEntry, error) {
	t := TrailEntry{
		Index: f.Index, Kind: f.Event.Kind(), At: f.At, Made: f.Made, Zone: f.Zone, Actor: f.Actor, Role: f.Role, From: f.From,
		Subject: f.Subject, Reason: f.Reason, Signature: f.Signature,
	}
	if !MayRead(role, f.Event.Kind()) {
		t.Reason, t.About = "", Withheld
		return t, nil
	}
	ev, err := Reveal(ctx, o, c, f.Subject, f.Event)
	if err != nil {
		return t, err
	}
	if t.Reason, err = Reveal(ctx, o, c, f.Subject, f.Reason); err != nil {
		return t, err
	}
	t.About = About(ev)
	raw, err := json.Marshal(f.Event)
	if err != nil {
		return t, err
	}
	t.Data, err = Reveal(ctx, o, c, f.Subject, json.RawMessage(raw))
	return t, err
}

// kinds of facts whose content is about the supply of treatment.
var supply = []study.Kind{study.KindRandomised, study.KindDispensed, study.KindReturned}

// MayRead says whether a role reads the content of a kind of fact, or only that
// it happened. A pharmacist reads of supply and not of answers; administrators
// and custodians read of no participant; no role reads an arm, for none is
// there.
func MayRead(role study.Role, k study.Kind) bool {
	switch role {
	case study.RolePharmacist:
		return slices.Contains(supply, k) || ofTrial(k)
	case study.RoleAdministrator, study.RoleCustodian:
		return ofTrial(k)
	}
	return true
}

func ofTrial(k study.Kind) bool {
	switch k {
	case study.KindOpened, study.KindDryRun, study.KindLocked, study.KindAllocationsOpen, study.KindReported:
		return true
	}
	return false
}
