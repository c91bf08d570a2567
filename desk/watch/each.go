package watch

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/schedule"
	"dvala/study"
)

// What the sums of this package count can also be looked at one by one: the tasks
// of one person behind Compliance, and the forms and items behind Missing.

// Counted is one task, and how Compliance counts it.
type Counted struct {
	schedule.Task
	Kept
}

// Tasks gives the tasks of one person that Compliance counts as due.
func Tasks(s *study.State, p *study.Participant, now time.Time) []Counted {
	if p.Enrolled == nil {
		return nil
	}
	var out []Counted
	for _, t := range append(s.Tasks(p, now), s.Evenings(p, now)...) {
		c := Counted{Task: t}
		if c.add(t, now); c.Kept.Due > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Filled is one form that was due, and how Missing counts it.
type Filled struct {
	Visit, Instrument string
	On                civil.Date      // the day for which it was planned
	Response          *study.Response // nil: it has not come
	Items             []FilledItem    // of what has come
}

// FilledItem is an item that was to be answered: blank, not known, or answered.
type FilledItem struct {
	Item           *instrument.Item
	Blank, NotSure bool
}

// Forms gives the forms of one person that Missing counts as due.
func Forms(s *study.State, p *study.Participant, now time.Time) []Filled {
	if p.Enrolled == nil {
		return nil
	}
	var out []Filled
	c := s.ProtocolFor(p, now)
	note := func(visit, id string, on civil.Date, r *study.Response) {
		out = append(out, Filled{visit, id, on, r, itemsOf(s, r)})
	}
	for _, t := range s.Tasks(p, now) {
		if t.State == schedule.Excused || now.Before(t.Due) {
			continue
		}
		switch t.Kind {
		case schedule.Visit:
			if v, ok := c.Visit(t.Name); ok {
				for _, id := range v.Instruments {
					note(v.ID, id, t.On, p.Visits[v.ID][id])
				}
			}
		case schedule.Diary:
			note("", c.Protocol().Diary.Instrument, t.On, p.Diary[t.Date])
		}
	}
	return out
}

// itemsOf gives the items of a form that were to be answered.
func itemsOf(s *study.State, r *study.Response) (out []FilledItem) {
	if r == nil {
		return nil
	}
	d, ok := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !ok {
		return nil
	}
	for i := range d.Items {
		it := &d.Items[i]
		a, there := r.Answers[it.ID]
		switch {
		case there:
			out = append(out, FilledItem{Item: it, NotSure: a.IsNotSure() || a.IsDeclined()})
		case !it.Optional && it.AskIf == nil:
			out = append(out, FilledItem{Item: it, Blank: true})
		}
	}
	return out
}
