package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

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
	Begun   bool      // From is meant, though it may be 0
	Limit   int       // at most; 0: 100
	Newest  bool      // backwards, from the end or from From
	// By puts the entries in another order than that of their places; Kinds
	// compares kinds for it, nil: as they are spelled.
	By    study.By
	Order func(x, y study.Kind) int
}

// TrailPage is a page of it.
type TrailPage struct {
	Entries []TrailEntry
	Next    uint64 // where the next page begins
	More    bool
	Around  Stretch
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
	About     string          // in English words
	Says      Said            // the same in parts, for other languages
	Data      json.RawMessage // nil where it is not for the reader's role
}

const mostTrail = 1000 // entries a page

// Trail reads the audit trail. Entries about people whom the caller may not see
// are left out; what her role may not read of the others is withheld.
func (o *Office) Trail(ctx context.Context, c Caller, q TrailQuery) (TrailPage, error) {
	if err := o.See(ctx, c, "see-trail", q.Subject, func(*study.State) error { return nil }); err != nil {
		return TrailPage{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, mostTrail)
	var page TrailPage
	o.store.View(func(s *study.State) { page.Around = o.trailStretch(c, s, q) })
	if next := page.Around.Next; next != nil {
		page.More, page.Next = true, *next
	}
	facts, err := o.factsAt(ctx, page.Around.Places)
	if err != nil {
		return page, err
	}
	for _, f := range facts {
		role, err := o.as(c, "see-trail", f.Subject, o.siteOfEvent(f.Event))
		if err != nil {
			continue // not for her
		}
		t, err := o.trailEntry(ctx, c, role, f)
		if err != nil {
			return page, err
		}
		page.Entries = append(page.Entries, t)
	}
	return page, nil
}

// factsAt reads what entries say.
func (o *Office) factsAt(ctx context.Context, places []uint64) ([]study.Fact, error) {
	entries, err := o.entriesAt(ctx, places)
	if err != nil {
		return nil, err
	}
	out := make([]study.Fact, len(entries))
	for i, e := range entries {
		if out[i], err = study.Decode(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// trailStretch finds the entries of a page that are about whom the caller may see.
func (o *Office) trailStretch(c Caller, s *study.State, q TrailQuery) (none Stretch) {
	type whose struct {
		site string
		hers bool
	}
	may := map[whose]bool{}
	see := func(p *study.Participant) bool {
		var w whose
		var who study.Subject
		if p != nil {
			w, who = whose{p.Site, p.Subject == c.Subject}, p.Subject
		}
		sees, asked := may[w]
		if !asked {
			_, err := As(c, "see-trail", who, w.site, o.now())
			sees = err == nil
			may[w] = sees
		}
		return sees
	}
	pick := study.Selection{Subject: q.Subject, Kinds: q.Kinds, Since: q.Since, Until: q.Until, See: see}
	if q.Actor != "" {
		pick.Actor = func(name string) bool { return name == q.Actor }
	}
	if q.Changed {
		pick.Kinds = []study.Kind{study.KindCorrected}
		if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, study.KindCorrected) {
			return none
		}
	}
	var from *uint64
	switch {
	case q.Newest && q.From >= s.Entries: // what has not been written yet comes before the newest
	case q.Begun || q.From > 0:
		from = &q.From
	}
	return o.stretch(s, pick, study.Sorting{By: q.By, Down: q.Newest, Kinds: q.Order}, from, q.Limit)
}

// siteOfEvent gives the site that an entry about nobody is about, if it is about
// one.
func (o *Office) siteOfEvent(ev study.Event) string {
	switch e := ev.(type) {
	case study.NotScreened:
		return e.Site
	case study.AmendmentInForce:
		return e.Site
	case study.KitsReceived:
		return e.Site
	case study.KitNoted:
		return o.siteOf(study.NoteKit(e))
	}
	return ""
}

func (o *Office) trailEntry(ctx context.Context, c Caller, role study.Role, f study.Fact) (TrailEntry, error) {
	t := TrailEntry{
		Index: f.Index, Kind: f.Event.Kind(), At: f.At, Made: f.Made, Zone: f.Zone, Actor: f.Actor, Role: f.Role, From: f.From,
		Subject: f.Subject, Reason: f.Reason, Signature: f.Signature,
	}
	if !MayRead(role, f.Event.Kind(), f.Subject) {
		t.Reason, t.About, t.Says = "", Withheld, Said{phrase(Withheld)}
		return t, nil
	}
	ev, err := Reveal(ctx, o, c, f.Subject, f.Event)
	if err != nil {
		return t, err
	}
	if t.Reason, err = Reveal(ctx, o, c, f.Subject, f.Reason); err != nil {
		return t, err
	}
	t.About, t.Says = About(ev), Says(ev)
	raw, err := json.Marshal(f.Event)
	if err != nil {
		return t, err
	}
	t.Data, err = Reveal(ctx, o, c, f.Subject, json.RawMessage(raw))
	return t, err
}
