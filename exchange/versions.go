package exchange

import (
	"slices"

	"dvala/protocol"
	"dvala/study"
)

// merged is the protocol that a trial began with, and beside what that asks, what
// its amendments ask: their visits, in the order of their days, and their
// questions at screening. What both have stands as it was first, so that a table
// has one column for it.
func merged(c protocol.Checked, s *study.State) protocol.Protocol {
	p := c.Protocol()
	if s == nil || len(s.Amendments) == 0 {
		return p
	}
	p.Population.Screening = slices.Clone(p.Population.Screening)
	for _, a := range s.Amendments {
		next := a.Protocol.Protocol()
		p.Visits = mergedVisits(p.Visits, next.Visits)
		for _, q := range next.Population.Screening {
			if !slices.ContainsFunc(p.Population.Screening, func(w protocol.Question) bool { return w.Name == q.Name }) {
				p.Population.Screening = append(p.Population.Screening, q)
			}
		}
		if p.Diary == nil {
			p.Diary = next.Diary
		}
	}
	return p
}

// mergedVisits adds to visits those of a later version that they have not, each
// before the first of a later day.
func mergedVisits(visits, later []protocol.Visit) []protocol.Visit {
	out := slices.Clone(visits)
	for _, v := range later {
		if slices.ContainsFunc(out, func(w protocol.Visit) bool { return w.ID == v.ID }) {
			continue
		}
		at := slices.IndexFunc(out, func(w protocol.Visit) bool { return w.Day > v.Day })
		if at < 0 {
			at = len(out)
		}
		out = slices.Insert(out, at, v)
	}
	return out
}

// asked gives every instrument that a version of the protocol asks, once, in the
// order in which it is first asked.
func (x *export) asked() []string {
	var out []string
	put := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, c := range x.versions() {
		p := c.Protocol()
		for _, v := range p.Visits {
			for _, id := range v.Instruments {
				put(id)
			}
		}
		if p.Diary != nil {
			put(p.Diary.Instrument)
		}
	}
	return out
}

// diaries gives the instruments that are the diary in some version.
func (x *export) diaries() []string {
	var out []string
	for _, c := range x.versions() {
		if d := c.Protocol().Diary; d != nil && !slices.Contains(out, d.Instrument) {
			out = append(out, d.Instrument)
		}
	}
	return out
}

func (x *export) versions() []protocol.Checked {
	out := []protocol.Checked{x.checked}
	for _, a := range x.state.Amendments {
		out = append(out, a.Protocol)
	}
	return out
}
