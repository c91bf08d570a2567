package schedule

import (
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// Evenings gives the doses of a participant by a protocol that was never
// amended: see Course.Evenings.
func Evenings(c protocol.Checked, a Anchor, now time.Time, done Done) []Task {
	return CourseOf(c).Evenings(a, now, done)
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
