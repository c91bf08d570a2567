package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
)

// What is asked of a person on a day is what the version of the protocol says
// that is in force at her site on that day: see schedule.Course. What concerns
// the moment (the information that is consented to, contacts, the hours of the
// safety clock, languages) is that of the version in force at that moment. What
// people are compared on (arms, randomisation, design, estimands, and with them
// zone and sites) is the same in all versions.

// CourseAt gives the versions by which a site works, each from its date.
func (s *State) CourseAt(site string) schedule.Course {
	out := schedule.CourseOf(s.Protocol)
	if len(s.Amendments) == 0 {
		return out
	}
	var dates []civil.Date
	for _, a := range s.Amendments {
		if from, ok := a.From[site]; ok {
			dates = append(dates, from)
		}
	}
	slices.SortFunc(dates, civil.Date.Compare)
	for _, d := range slices.Compact(dates) {
		if c := s.protocolOn(site, d); c.HashHex() != out[len(out)-1].Protocol.HashHex() {
			out = append(out, schedule.Version{From: d, Protocol: c})
		}
	}
	return out
}

// Course gives the versions by which a person is in the trial.
func (s *State) Course(p *Participant) schedule.Course { return s.CourseAt(p.Site) }

// protocolOn gives the version in force at a site on a date: of those that have
// come into force by then, the one approved last.
func (s *State) protocolOn(site string, day civil.Date) protocol.Checked {
	for _, a := range slices.Backward(s.Amendments) {
		if from, ok := a.From[site]; ok && !day.Before(from) {
			return a.Protocol
		}
	}
	return s.Protocol
}

// ProtocolAt gives the protocol in force at a site at an instant.
func (s *State) ProtocolAt(site string, now time.Time) protocol.Checked {
	if len(s.Amendments) == 0 {
		return s.Protocol
	}
	return s.protocolOn(site, civil.DateOf(now.In(s.Protocol.Zone())))
}

// ProtocolFor gives the protocol in force for a person at an instant.
func (s *State) ProtocolFor(p *Participant, now time.Time) protocol.Checked {
	return s.ProtocolAt(p.Site, now)
}

// Anchor gives what a person's plan hangs on. In a trial that was amended the
// visits she has begun are part of it.
func (s *State) Anchor(p *Participant) schedule.Anchor {
	a := p.Anchor()
	if len(s.Amendments) > 0 {
		a.Begun = p.begun()
	}
	return a
}

// begun gives the visits of which something was done, and when first.
func (p *Participant) begun() map[string]civil.Date {
	out := map[string]civil.Date{}
	add := func(visit string, on civil.Date) {
		if first, ok := out[visit]; !ok || on.Before(first) {
			out[visit] = on
		}
	}
	for id, of := range p.Visits {
		for _, r := range of {
			add(id, r.Answered.Date)
		}
	}
	for _, k := range p.Kits {
		add(k.Visit, k.Date)
	}
	return out
}

// Visit gives a visit as a person has it: see schedule.Course.
func (s *State) Visit(p *Participant, id string) (protocol.Visit, bool) {
	if len(s.Amendments) == 0 {
		return s.Protocol.Visit(id)
	}
	v, _, ok := s.Course(p).Visit(s.Anchor(p), id)
	return v, ok
}

// Visits gives all visits that a person has.
func (s *State) Visits(p *Participant) []protocol.Visit { return s.Course(p).Visits(s.Anchor(p)) }

// Diary gives the diary that a person is asked for the night to a date; nil
// where the version of that date asks none.
func (s *State) Diary(p *Participant, night civil.Date) *protocol.Diary {
	return s.protocolOn(p.Site, night).Protocol().Diary
}

// AsksDevice says whether any version by which a person is in the trial asks for
// the nights of a device.
func (s *State) AsksDevice(p *Participant) bool {
	return slices.ContainsFunc(s.Course(p), func(v schedule.Version) bool { return len(v.Protocol.Protocol().Devices) > 0 })
}

// Versions gives all versions of the protocol, the first and those approved
// since, in force or not.
func (s *State) Versions() []protocol.Checked {
	out := []protocol.Checked{s.Protocol}
	for _, a := range s.Amendments {
		out = append(out, a.Protocol)
	}
	return out
}

// asked gives the version by which a form is asked: that of its night, or that
// to which its visit belongs.
func (d *decision) asked(a Answered) protocol.Checked {
	if a.Visit == "" {
		return d.s.protocolOn(d.p.Site, a.Night)
	}
	_, by, _ := d.s.Course(d.p).Visit(d.s.Anchor(d.p), a.Visit)
	return by
}
