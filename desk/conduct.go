package desk

import (
	"slices"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Harm is an adverse event as it stands, with the clock of a serious one.
type Harm struct {
	Subject study.Subject
	Site    string
	Record  study.AdverseRecord
	Clock   *study.SeriousClock // nil where it is not serious
	Over    bool                // of the clock: the time is up, or was when it was passed on
	// Unblindings are the entries that asked to unblind the person because of it.
	Unblindings []uint64
}

// NewHarm tells one of a person's adverse events.
func NewHarm(s *study.State, p *study.Participant, r *study.AdverseRecord, now time.Time) Harm {
	h := Harm{Subject: p.Subject, Site: p.Site, Record: *r}
	h.Record.Versions, h.Record.Reported = slices.Clone(r.Versions), slices.Clone(r.Reported)
	for _, u := range p.UnblindingsOver(r) {
		h.Unblindings = append(h.Unblindings, u.Entry)
	}
	for _, c := range s.SeriousClocks(p, now) {
		if c.Record.Entry == r.Entry {
			h.Clock, h.Over = &c, c.Overdue
		}
	}
	return h
}

// Strayed is a deviation from the protocol, its entry, and how it was judged.
type Strayed struct {
	Subject study.Subject
	Site    string
	Entry   uint64
	study.Deviation
	Review *study.Entered[study.DeviationReviewed] // the last; nil: none
}

// StrayedOf gives a person's deviations, in the order in which they were told.
func StrayedOf(p *study.Participant) []Strayed {
	entries := p.DeviationEntries()
	out := make([]Strayed, len(p.Deviations))
	for i, d := range p.Deviations {
		out[i] = Strayed{Subject: p.Subject, Site: p.Site, Entry: entries[i], Deviation: d}
		for _, r := range p.Reviews {
			if r.What.Entry == entries[i] {
				out[i].Review = &r
			}
		}
	}
	return out
}

// Questioned is a query and whom it is about.
type Questioned struct {
	Subject study.Subject
	Site    string
	study.Query
}

// NewQuestioned tells one of a person's queries.
func NewQuestioned(p *study.Participant, q *study.Query) Questioned {
	out := Questioned{Subject: p.Subject, Site: p.Site, Query: *q}
	out.Thread = slices.Clone(q.Thread)
	return out
}

// Emergency is a request to tell a physician what somebody takes, and what has
// come of it. What she takes is not in it.
type Emergency struct {
	Subject study.Subject
	Site    string
	study.Unblinding
	State string
	// Harms are the entries of the adverse events because of which it was asked.
	Harms []uint64
}

// States of an emergency.
const (
	EmergencyWaits = "waits for the parts"
	EmergencyReady = "can be read"
	EmergencyRead  = "read"
)

// NewEmergency tells one of those about a person.
func NewEmergency(p *study.Participant, u study.Unblinding) Emergency {
	e := Emergency{Subject: p.Subject, Site: p.Site, Unblinding: u, State: EmergencyWaits}
	e.Grants = slices.Clone(u.Grants)
	for _, r := range p.HarmsBehind(u) {
		e.Harms = append(e.Harms, r.Entry)
	}
	switch {
	case !u.Confirmed.IsZero():
		e.State = EmergencyRead
	case !u.Waiting(), u.Ready():
		e.State = EmergencyReady
	}
	return e
}

// Has counts the holders who have sent their parts.
func (e Emergency) Has() int {
	n := 0
	for _, g := range e.Grants {
		if g.By == study.ByHolder {
			n++
		}
	}
	return n
}

// AtSites gives the places, from one on, of the entries of some kinds that are
// about people of the sites for which yes is said.
func AtSites(s *study.State, from uint64, sees func(site string) bool, kinds ...study.Kind) func(yield func(uint64, *study.Participant) bool) {
	return func(yield func(uint64, *study.Participant) bool) {
		var about *study.Participant // whom the place that is given next is about
		see := func(p *study.Participant) bool {
			about = p
			return p != nil && sees(p.Site)
		}
		for place := range s.Select(study.Selection{Kinds: kinds, See: see}, from, false) {
			if !yield(place, about) {
				return
			}
		}
	}
}

// HarmsFrom gives the adverse events that were told from an entry on.
func HarmsFrom(s *study.State, from uint64, now time.Time, sees func(site string) bool) func(yield func(Harm) bool) {
	return func(yield func(Harm) bool) {
		for place, p := range AtSites(s, from, sees, study.KindAdverseEvent) {
			for _, r := range p.AdverseLog {
				if r.Entry == place && !yield(NewHarm(s, p, r, now)) {
					return
				}
			}
		}
	}
}

// StrayedFrom gives the deviations that were told from an entry on.
func StrayedFrom(s *study.State, from uint64, sees func(site string) bool) func(yield func(Strayed) bool) {
	return func(yield func(Strayed) bool) {
		for place, p := range AtSites(s, from, sees, study.KindDeviation) {
			for _, d := range StrayedOf(p) {
				if d.Entry == place && !yield(d) {
					return
				}
			}
		}
	}
}

// QuestionedFrom gives the queries that were raised from an entry on.
func QuestionedFrom(s *study.State, from uint64, sees func(site string) bool) func(yield func(Questioned) bool) {
	return func(yield func(Questioned) bool) {
		for place, p := range AtSites(s, from, sees, study.KindQueryRaised) {
			for _, q := range p.Queries {
				if q.ID == place && !yield(NewQuestioned(p, q)) {
					return
				}
			}
		}
	}
}

// EmergenciesFrom gives the emergencies that were asked for from an entry on.
func EmergenciesFrom(s *study.State, from uint64, sees func(site string) bool) func(yield func(Emergency) bool) {
	return func(yield func(Emergency) bool) {
		for place, p := range AtSites(s, from, sees, study.KindUnblindingRequested) {
			for _, u := range p.Unblindings {
				if u.Entry == place && !yield(NewEmergency(p, u)) {
					return
				}
			}
		}
	}
}

// WaitingFor counts the proposals that nobody has settled and that a caller may
// decline.
func WaitingFor(s *study.State, c Caller, now time.Time) (n int) {
	for _, x := range s.Proposals {
		if !x.Open() {
			continue
		}
		site := ""
		if x.Subject != "" {
			site = s.People[x.Subject].Site
		}
		_, err := As(c, "decline", x.Subject, site, now)
		if err == nil || fault.CodeOf(err) == CodeStrong {
			n++
		}
	}
	return n
}
