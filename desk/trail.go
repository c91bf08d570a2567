package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"dvala/fault"
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
	var places []uint64
	o.store.View(func(s *study.State) { places = o.trailPlaces(c, s, q) })
	var page TrailPage
	if len(places) > q.Limit {
		page.More, page.Next = true, places[q.Limit]
		places = places[:q.Limit]
	}
	facts, err := o.factsAt(ctx, places)
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

// factsAt reads entries: in one question where they lie close together.
func (o *Office) factsAt(ctx context.Context, places []uint64) ([]study.Fact, error) {
	out := make([]study.Fact, 0, len(places))
	if len(places) == 0 {
		return nil, nil
	}
	lo, hi := min(places[0], places[len(places)-1]), max(places[0], places[len(places)-1])
	if hi-lo >= 4*uint64(len(places)) {
		for _, place := range places {
			f, err := o.fact(ctx, place)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
		return out, nil
	}
	stretch, err := o.store.Entries(ctx, lo, hi-lo+1)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		if place-lo >= uint64(len(stretch)) {
			return nil, fault.New("entry-unknown", "entry", "the ledger has no entry %d", place)
		}
		f, err := study.Decode(stretch[place-lo])
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// trailPlaces finds the entries of a page, and the one after it, that are about
// whom the caller may see.
func (o *Office) trailPlaces(c Caller, s *study.State, q TrailQuery) (places []uint64) {
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
			return nil
		}
	}
	from := q.From
	if q.Newest && (from == 0 || from >= s.Entries) {
		from = s.Entries
	}
	for place := range s.Select(pick, from, q.Newest) {
		if places = append(places, place); len(places) > q.Limit {
			break
		}
	}
	return places
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
