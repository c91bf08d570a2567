package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
)

// Anchor gives what a person's plan hangs on.
func (p *Participant) Anchor() schedule.Anchor {
	var a schedule.Anchor
	if p.Enrolled == nil {
		return a
	}
	a.Enrolled = p.EnrolledOn
	if zone, err := civil.Zone(p.Enrolled.Zone); err == nil {
		a.Zone = zone
	}
	if p.Randomised != nil {
		a.Randomised = p.Randomised.Date
	}
	if w, ok := p.WithdrewFrom("follow-up"); ok {
		a.Left = w.Date
	}
	return a
}

// Arrived gives what has come of a person, by the task it belongs to. A night
// is whole when a main sleep is in it; a device that says that it was not worn
// has answered, but not with a night.
func (p *Participant) Arrived(c protocol.Checked) schedule.Done {
	done := schedule.Done{}
	for id := range p.Visits {
		k, r := p.visitArrived(c, id)
		done[k] = r
	}
	for night := range p.Diary {
		k, r := p.diaryArrived(night)
		done[k] = r
	}
	for vendor, of := range p.Nights {
		for night := range of {
			k, r := p.nightArrived(vendor, night)
			done[k] = r
		}
	}
	return done
}

func (p *Participant) visitArrived(c protocol.Checked, id string) (schedule.Key, schedule.Receipt) {
	k := schedule.Key{Kind: schedule.Visit, Name: id}
	r := schedule.Receipt{}
	for name, response := range p.Visits[id] {
		r.Parts = append(r.Parts, name)
		if response.At.After(r.At) {
			r.At = response.At
		}
	}
	slices.Sort(r.Parts)
	if v, ok := c.Visit(id); ok {
		r.Complete = !slices.ContainsFunc(v.Instruments, func(i string) bool { return !slices.Contains(r.Parts, i) })
	}
	return k, r
}

func (p *Participant) diaryArrived(night civil.Date) (schedule.Key, schedule.Receipt) {
	return schedule.Key{Kind: schedule.Diary, Date: night}, schedule.Receipt{Complete: true, At: p.Diary[night].At}
}

func (p *Participant) nightArrived(vendor string, night civil.Date) (schedule.Key, schedule.Receipt) {
	n := p.Nights[vendor][night]
	return schedule.Key{Kind: schedule.Device, Name: vendor, Date: night}, schedule.Receipt{Complete: !n.Night.Main.IsEmpty(), At: n.At}
}

// ArrivedFor gives what has come of the task that a fact belongs to.
func (p *Participant) ArrivedFor(c protocol.Checked, ev Event) (schedule.Key, schedule.Receipt, bool) {
	switch e := ev.(type) {
	case Answered:
		if e.Visit != "" {
			k, r := p.visitArrived(c, e.Visit)
			return k, r, true
		}
		k, r := p.diaryArrived(e.Night)
		return k, r, true
	case NightRecorded:
		k, r := p.nightArrived(e.Vendor, e.Night)
		return k, r, true
	}
	return schedule.Key{}, schedule.Receipt{}, false
}

// Tasks gives everything that is planned for a person and how it stands at an
// instant.
func (s *State) Tasks(p *Participant, now time.Time) []schedule.Task {
	return schedule.Tasks(s.Protocol, p.Anchor(), now, p.Arrived(s.Protocol))
}
