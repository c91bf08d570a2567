package desk

import (
	"time"

	"dvala/civil"
	"dvala/desk/tally"
	"dvala/schedule"
	"dvala/study"
)

// standing is all that the desk's lists and sums say of one person, as it was
// last worked out. What goes by the days alone (the day of her trial, for how long
// nobody has heard from her) is filled in when it is asked for, so that a midnight
// costs nothing once her plan is over.
type standing struct {
	line           Line // its Day is counted when it is asked for
	zone           *time.Location
	flow           Flow
	excluded, left map[string]int
	month          civil.Date // of randomisation
	serious        int
	corrections    int
	deviations     map[string]int
	day            Day
	quality        map[schedule.Kind]*Quality
}

// Make works out how a person stands.
func (b *board) Make(s *study.State, p *study.Participant, now time.Time) (standing, time.Time) {
	tasks := s.Tasks(p, now)
	x := standing{
		line: newLine(s, p, now, tasks), zone: zoneOf(s, p), excluded: map[string]int{}, left: map[string]int{},
		corrections: len(p.Corrections), quality: map[schedule.Kind]*Quality{},
	}
	x.line.Day = 0
	x.flow.add(p, x.excluded, x.left)
	if p.Randomised != nil {
		x.month = monthOf(p.Randomised.Date)
	}
	for _, a := range p.Adverse {
		if a.Serious {
			x.serious++
		}
	}
	if len(p.Deviations) > 0 {
		x.deviations = map[string]int{}
		for _, d := range p.Deviations {
			x.deviations[d.Code]++
		}
	}
	if s.Locked == nil {
		x.day.add(s, p, now, tasks, x.quality)
	}
	return x, x.until(s, p, now, tasks)
}

// until gives the first moment at which any of it changes if nothing is written.
func (x *standing) until(s *study.State, p *study.Participant, now time.Time, tasks []schedule.Task) time.Time {
	var at []time.Time
	if next, ok := s.NextProtocol(p.Site, now); ok {
		at = append(at, next)
	}
	for _, c := range s.SeriousClocks(p, now) {
		at = append(at, c.Due.Add(1)) // it is over after that instant, not at it
	}
	var lastDay civil.Date // on which it matters what day it is
	for _, t := range tasks {
		at = append(at, t.Opens, t.Due, t.Closes)
		for _, d := range []civil.Date{t.On.Add(qualityDays), t.Last} {
			if lastDay.Before(d) {
				lastDay = d
			}
		}
	}
	if s.Locked == nil && expected(p) {
		if today := civil.DateOf(now.In(x.zone)); !lastDay.Before(today) {
			at = append(at, today.Add(1).Begins(x.zone))
		}
		at = append(at, lastHeard(p).Add(SilentDays).Begins(x.zone))
		if p.Randomised == nil {
			at = append(at, p.Enrolled.Planned.Begins(x.zone))
		}
	}
	return tally.Soonest(now, at...)
}
