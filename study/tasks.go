package study

import (
	"slices"
	"time"

	"dvala/schedule"
)

// Arrived gives what has come of a person, by the task it belongs to. A night
// is whole when a main sleep is in it; a device that says that it was not worn
// has answered, but not with a night.
func (s *State) Arrived(p *Participant) schedule.Done {
	done := schedule.Done{}
	add := func(k schedule.Key) { done[k] = s.ArrivedAt(p, k) }
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

func (s *State) visitArrived(p *Participant, id string) schedule.Receipt {
	r := schedule.Receipt{}
	for name, response := range p.Visits[id] {
		r.Parts = append(r.Parts, name)
		if response.At.After(r.At) {
			r.At = response.At
		}
	}
	slices.Sort(r.Parts)
	if v, ok := s.Visit(p, id); ok {
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
func (s *State) ArrivedAt(p *Participant, k schedule.Key) schedule.Receipt {
	switch k.Kind {
	case schedule.Visit:
		return s.visitArrived(p, k.Name)
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

// Plan gives everything that is planned for a person, without how it stands.
func (s *State) Plan(p *Participant) []schedule.Task { return s.Course(p).Plan(s.Anchor(p)) }

// Tasks gives everything that is planned for a person and how it stands at an
// instant.
func (s *State) Tasks(p *Participant, now time.Time) []schedule.Task {
	return s.Course(p).Tasks(s.Anchor(p), now, s.Arrived(p))
}

// Evenings gives the doses of a person as tasks, and how they stand.
func (s *State) Evenings(p *Participant, now time.Time) []schedule.Task {
	return s.Course(p).Evenings(s.Anchor(p), now, s.Arrived(p))
}

// LastAt gives the time of the latest entry.
func (s *State) LastAt() (time.Time, bool) { return s.last, s.Entries > 0 }
