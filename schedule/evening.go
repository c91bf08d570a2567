package schedule

import (
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// Evenings gives the doses of a participant as tasks of their own, one for each
// day of treatment, and how each stands at an instant. They are apart from Tasks
// because nothing is asked in them but what was taken. A dose is open from
// eight hours after getting up until she is up the next morning, and can be told
// for as many days after as the diary can be filled in, or one.
func Evenings(c protocol.Checked, a Anchor, now time.Time, done Done) []Task {
	day0, ok := DayZero(c, a)
	p := c.Protocol()
	if !ok || p.Dose == nil {
		return nil
	}
	back := 1
	if p.Diary != nil {
		back = max(back, p.Diary.BackfillDays)
	}
	var out []Task
	for period := 1; period <= max(p.Design.Periods, 1); period++ {
		first := c.PeriodStart(period)
		for day := first; day < first+p.Design.TreatmentDays; day++ {
			t := evening(c, a, day0, day, back)
			t.Period, t.Planned = period, a.Randomised.IsZero()
			t.stand(c, a, now, done)
			out = append(out, t)
		}
	}
	return out
}

func evening(c protocol.Checked, a Anchor, day0 civil.Date, day, back int) Task {
	on := day0.Add(day)
	zone := ZoneOn(c, a, on)
	wake := WakeOn(a, on)
	if wake == 0 {
		wake = Usual
	}
	last := on.Add(back)
	due := at(on.Add(1), wake, ZoneOn(c, a, on.Add(1)))
	closes := midnight(last.Add(1), zone)
	if due.After(closes) {
		closes = due
	}
	return Task{
		Key: Key{Kind: Dose, Date: on}, Day: day, On: on, Zone: zone, First: on, Last: last,
		Opens: at(on, wake+8*60, zone), Due: due, Closes: closes,
	}
}
