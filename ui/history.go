package ui

import (
	"context"
	"strconv"
	"time"

	"dvala/desk"
	"dvala/study"
)

// trailOf gives the entries about somebody, the newest first, not more than most
// and none from before a place on, as far as the reader's role may see them; and
// the place before which older ones lie, if there are any.
func (a *ask) trailOf(who study.Subject, before uint64, most int) (out []desk.TrailEntry, older uint64, err error) {
	page, err := a.Office.Trail(a.r.Context(), a.caller, desk.TrailQuery{Subject: who, Newest: true, From: max(before, 1) - 1, Begun: true, Limit: most})
	if page.More {
		older = page.Next + 1
	}
	return page.Entries, older, err
}

func (s *Server) oneEntry(ctx context.Context, place uint64) (desk.Entry, error) {
	entries, err := s.Trial.Entries(ctx, place, 1)
	if err != nil {
		return desk.Entry{}, err
	}
	if len(entries) != 1 {
		return desk.Entry{}, noPage(strconv.FormatUint(place, 10))
	}
	return desk.NewEntry(entries[0])
}

// timelinePage is everything about one person, the newest first.
type timelinePage struct {
	Who     study.Subject
	Zone    *time.Location
	Entries []desk.TrailEntry
	Older   uint64
	History bool // the reader may see what a field ever was
	Part    bool // there are more than these, and an order of these alone would mislead
	Tell    *speaker
}

const timelineRows = 200

func (a *ask) timeline() (view, error) {
	p := timelinePage{Who: study.Subject(a.r.PathValue("person")), Tell: a.speaker()}
	before := ^uint64(0)
	err := a.see("see-person", p.Who, func(st *study.State, _ time.Time) error {
		p.Zone = zoneOf(st, p.Who)
		return nil
	})
	if err != nil {
		return view{}, err
	}
	if n, err := strconv.ParseUint(a.r.URL.Query().Get("before"), 10, 62); err == nil {
		before = n
	}
	p.History = a.may("see-history", p.Who)
	p.Entries, p.Older, err = a.trailOf(p.Who, before, timelineRows)
	p.Part = p.Older > 0 || before != ^uint64(0)
	return view{page: "timeline", title: string(p.Who) + " · " + a.t("Time line"), data: p}, err
}

func zoneOf(st *study.State, who study.Subject) *time.Location {
	if p, ok := st.People[who]; ok {
		if z := p.Anchor().Zone; z != nil {
			return z
		}
	}
	return st.Protocol.Zone()
}

// entryPage is one entry about a person: what it says, its history, and what of
// it can be corrected; large, where a kit is to be read off it.
type entryPage struct {
	desk.Entry
	Zone    *time.Location
	Kit     string // handed out by this entry
	Slot    bool   // a randomisation
	Visit   string // for which the next kit is to be handed out
	Hand    bool   // and the reader may
	Ask     bool   // the reader may raise a query about it
	Verify  bool   // and hold it against its source
	Close   bool   // and lock it
	Sign    bool   // and sign it
	Fields  []correctableField
	History []study.CorrectionMade
	Signed  []study.SigningNow // this entry
	Tell    *speaker
}

type correctableField struct {
	study.FieldValue
	Label   string
	Changed bool
}

func (a *ask) entry() (view, error) {
	who := study.Subject(a.r.PathValue("person"))
	n, err := strconv.ParseUint(a.r.PathValue("entry"), 10, 62)
	if err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	p := entryPage{Tell: a.speaker()}
	var fact study.Fact
	err = a.see("see-person", who, func(st *study.State, _ time.Time) error {
		if n >= st.Entries {
			return noPage(a.r.URL.Path)
		}
		p.Zone = zoneOf(st, who)
		fact, _ = st.FactOf(n)
		p.Tell = p.Tell.of(st, fact.Event)
		for _, c := range st.People[who].Corrections {
			if c.Entry == n {
				p.History = append(p.History, c)
			}
		}
		for _, x := range st.SignaturesOf(who) {
			if x.What == study.OfForm && x.Of == n {
				p.Signed = append(p.Signed, x)
			}
		}
		for _, v := range st.Visits(st.People[who]) {
			if v.Dispense && p.Visit == "" {
				p.Visit = v.ID
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	if p.Entry, err = a.oneEntry(a.r.Context(), n); err != nil {
		return view{}, err
	}
	if p.Subject != who { // of somebody else: the answer is that of an entry that is not there
		return view{}, noPage(a.r.URL.Path)
	}
	if p.Entry, err = desk.RevealEntry(a.r.Context(), a.Office, a.caller, p.Entry); err != nil {
		return view{}, err
	}
	a.told(&p, fact)
	p.Ask = a.may("raise-query", who)
	p.Verify, p.Close = a.may("verify-source", who), p.Kind == study.KindAnswered && a.may("lock-form", who)
	p.Sign = fact.Event != nil && a.may("sign", who)
	if p, err = desk.Reveal(a.r.Context(), a.Office, a.caller, who, p); err != nil {
		return view{}, err
	}
	return view{page: "entry", title: string(who) + " · " + a.t("Entry %d", n), data: p}, nil
}

// told fills in what an entry says.
func (a *ask) told(p *entryPage, fact study.Fact) {
	switch e := p.Event.(type) {
	case study.Dispensed:
		p.Kit = e.Kit
	case study.Randomised:
		p.Slot, p.Hand = true, p.Visit != "" && a.may("dispense", p.Subject)
	}
	if fact.Event == nil {
		return
	}
	values, err := study.Correctable(fact.Event)
	if err != nil || !a.may("correct", p.Subject) && len(p.History) == 0 {
		return
	}
	for _, v := range p.Tell.ordered(values) {
		f := correctableField{FieldValue: study.FieldValue{Field: v.Field, Value: p.Tell.Given(v.Field, v.Value)}, Label: p.Tell.Field(v.Field)}
		for _, c := range p.History {
			f.Changed = f.Changed || c.Field == v.Field
		}
		p.Fields = append(p.Fields, f)
	}
}
