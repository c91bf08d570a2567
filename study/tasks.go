package study

import (
	"slices"
	"time"

	"dvala/protocol"
	"dvala/schedule"
)

// Arrived gives what has come of a person, by the task it belongs to. A night
// is whole when a main sleep is in it; a device that says that it was not worn
// has answered, but not with a night.
func (p *Participant) Arrived(c protocol.Checked) schedule.Done {
	done := schedule.Done{}
	add := func(k schedule.Key) { done[k] = p.ArrivedAt(c, k) }
	for id := range p.Visits {
		add(schedule.Key{Kind: schedule.Visit, Name: id})
	}
	for night := range p.Diary {
		add(schedule.Key{Kind: schedule.Diary, Date: night})
	}
	for vendor, of := range p.Nights {
		for night := range of {
			add(schedule.Key{Kind: schedule.Device, Name: vendor, Date: night})
		}
	}
	for date := range p.Doses {
		add(schedule.Key{Kind: schedule.Dose, Date: date})
	}
	for _, x := range p.LetOff {
		r := done[x.Task.Key()]
		r.Excused = true
		done[x.Task.Key()] = r
	}
	return done
}

func (p *Participant) visitArrived(c protocol.Checked, id string) schedule.Receipt {
	r := schedule.Receipt{}
	for name, response := range p.Visits[id] {
		r.Parts = append(r.Parts, name)
		if response.At.After(r.At) {
			r.At = response.At
		}
	}
	slices.Sort(r.Parts)
	if v, ok := c.Visit(id); ok {
		r.Complete = len(r.Parts) > 0 && !slices.ContainsFunc(v.Instruments, func(i string) bool { return !slices.Contains(r.Parts, i) })
	}
	return r
}

// TaskOf gives the task that a fact belongs to.
func TaskOf(ev Event) (schedule.Key, bool) {
	switch e := ev.(type) {
	case Answered:
		if e.Visit != "" {
			return schedule.Key{Kind: schedule.Visit, Name: e.Visit}, true
		}
		return schedule.Key{Kind: schedule.Diary, Date: e.Night}, true
	case NightRecorded:
		return schedule.Key{Kind: schedule.Device, Name: e.Vendor, Date: e.Night}, true
	}
	return schedule.Key{}, false
}

// ArrivedAt gives what has come of one task.
func (p *Participant) ArrivedAt(c protocol.Checked, k schedule.Key) schedule.Receipt {
	switch k.Kind {
	case schedule.Visit:
		return p.visitArrived(c, k.Name)
	case schedule.Diary:
		if r, ok := p.Diary[k.Date]; ok {
			return schedule.Receipt{Complete: true, At: r.At}
		}
	case schedule.Dose:
		if r, ok := p.Doses[k.Date]; ok {
			return schedule.Receipt{Complete: true, At: r.At}
		}
	case schedule.Device:
		if n, ok := p.Nights[k.Name][k.Date]; ok {
			return schedule.Receipt{Complete: !n.Night.Main.IsEmpty(), At: n.At}
		}
	}
	return schedule.Receipt{}
}

// Tasks gives everything that is planned for a person and how it stands at an
// instant.
func (s *State) Tasks(p *Participant, now time.Time) []schedule.Task {
	c := s.ProtocolFor(p, now)
	return schedule.Tasks(c, p.Anchor(), now, p.Arrived(c))
}

// Evenings gives the doses of a person as tasks, and how they stand.
func (s *State) Evenings(p *Participant, now time.Time) []schedule.Task {
	c := s.ProtocolFor(p, now)
	return schedule.Evenings(c, p.Anchor(), now, p.Arrived(c))
}

// LastAt gives the time of the latest entry.
func (s *State) LastAt() (time.Time, bool) { return s.last, s.Entries > 0 }
