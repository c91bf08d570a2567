package civil

import "time"

// WindowStart is when a night's 24-hour window opens: 15:00 local time.
const WindowStart Clock = 15 * 60

// NightOf gives the night an instant belongs to, named by the date of waking
// up: the window that opens at 15:00 the day before and closes at 15:00 on
// that date, in the instant's own zone. 23:30 on Monday and 07:00 on Tuesday
// are both of the night to Tuesday.
func NightOf(t time.Time) Date {
	d := DateOf(t)
	if ClockOf(t) >= WindowStart {
		return d.Add(1)
	}
	return d
}

// Window gives the instants between which the night to this date lies: from
// 15:00 the day before, inclusive, to 15:00, exclusive. It is 23 or 25 hours
// long where clocks change.
func (d Date) Window(zone *time.Location) (from, to time.Time) {
	return d.Add(-1).At(WindowStart, zone), d.At(WindowStart, zone)
}
