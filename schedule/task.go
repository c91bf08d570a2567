package schedule

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// DiaryOpens is when the diary of the night to a date opens on that date:
// after most people have gone to bed and before most get up.
const DiaryOpens civil.Clock = 4 * 60

// A device's night should be in a day after its window closes, and counts for
// a week, which rings and watches can keep it without a telephone nearby. Both
// are choices of ours.
const (
	SyncDays = 1
	KeepDays = 7
)

// midnight gives the first instant of a date.
func midnight(d civil.Date, zone *time.Location) time.Time { return d.At(0, zone) }

// visit plans a visit: open from Before days ahead to the end of its day, late
// until After days behind.
func visit(v protocol.Visit, a Anchor, c protocol.Checked, day0 civil.Date) Task {
	on := day0.Add(v.Day)
	zone := ZoneOn(c, a, on)
	first, last := on.Add(-v.Before), on.Add(v.After)
	return Task{
		Key: Key{Kind: Visit, Name: v.ID}, Day: v.Day, On: on, Zone: zone,
		First: first, Last: last,
		Opens: midnight(first, zone), Due: midnight(on.Add(1), zone), Closes: midnight(last.Add(1), zone),
		Missing: slices.Clone(v.Instruments),
	}
}

// diary plans the entry about the night to a day: open from four in the
// morning to the protocol's closing time, late until midnight of the last day
// on which it may be filled in afterwards. Of somebody who gets up at other
// hours the morning is where hers is; see Shift.
func diary(d protocol.Diary, a Anchor, c protocol.Checked, day0 civil.Date, day int) Task {
	on := day0.Add(day)
	zone := ZoneOn(c, a, on)
	last := on.Add(d.BackfillDays)
	shift := Shift(d, WakeOn(a, on))
	opens, due := at(on, DiaryOpens+shift, zone), at(on, d.ClosesAt+shift, zone)
	if !due.After(opens) {
		opens = midnight(on, zone) // a diary that closes before four opens at midnight
	}
	closes := midnight(last.Add(1), zone)
	if due.After(closes) {
		closes = due
	}
	return Task{
		Key: Key{Kind: Diary, Date: on}, Day: day, On: on, Zone: zone,
		First: on, Last: last, Opens: opens, Due: due, Closes: closes,
	}
}

// Usual is the hour of getting up for which a protocol's closing time is meant.
const Usual civil.Clock = 7 * 60

// Shift gives by how much a person's mornings are moved: not at all while she
// usually gets up between four and three hours before the diary closes, and
// else by the difference between her hour and seven. So whoever gets up at 14:00
// has a diary from 11:00 on.
func Shift(d protocol.Diary, wake civil.Clock) civil.Clock {
	if wake == 0 || wake >= DiaryOpens && wake <= d.ClosesAt-3*60 || d.ClosesAt <= DiaryOpens+3*60 {
		return 0
	}
	return wake - Usual
}

// WakeOn gives when a person usually gets up on a date; 0 where nobody said.
func WakeOn(a Anchor, on civil.Date) civil.Clock {
	for _, w := range slices.Backward(a.Wakes) {
		if !on.Before(w.From) {
			return w.At
		}
	}
	return a.Wake
}

// at gives a time of a date that may lie before or after it.
func at(on civil.Date, c civil.Clock, zone *time.Location) time.Time {
	const whole = 24 * 60
	days := int(c) / whole
	if c < 0 {
		days = -((whole - 1 - int(c)) / whole)
	}
	return on.Add(days).At(c-civil.Clock(days*whole), zone)
}

// device plans a night of a device: it opens with the night's window, at 15:00
// the day before.
func device(d protocol.Device, a Anchor, c protocol.Checked, day0 civil.Date, day int) Task {
	on := day0.Add(day)
	zone := ZoneOn(c, a, on)
	from, to := on.Window(zone)
	return Task{
		Key: Key{Kind: Device, Name: d.Vendor, Date: on}, Day: day, On: on, Zone: zone,
		First: civil.DateOf(from), Last: on.Add(KeepDays), Opens: from,
		Due:    to.AddDate(0, 0, SyncDays),
		Closes: to.AddDate(0, 0, KeepDays),
	}
}

// stand sets how a task stands at an instant.
func (t *Task) stand(a Anchor, now time.Time, done Done) {
	r := done[t.Key]
	whole, some := r.Complete, len(r.Parts) > 0 || r.Complete || !r.At.IsZero()
	if asked := t.Missing; len(asked) > 0 {
		t.Missing = slices.DeleteFunc(slices.Clone(asked), func(id string) bool { return slices.Contains(r.Parts, id) })
		whole = len(t.Missing) == 0
	}
	t.Tardy = some && !r.At.IsZero() && !r.At.Before(t.Due)
	switch {
	case whole:
		t.State = Complete
	case r.Excused, t.afterLeaving(a):
		t.State = Excused
	case some:
		t.State = Partial
	case now.Before(t.Opens):
		t.State = Scheduled
	case now.Before(t.Due):
		t.State = Open
	case now.Before(t.Closes):
		t.State = Late
	default:
		t.State = Missed
	}
}

// afterLeaving says whether a task is of a day after the person left.
func (t *Task) afterLeaving(a Anchor) bool {
	left := func(on civil.Date) bool { return !on.IsZero() && on.Before(t.On) }
	return left(a.Left) || t.Kind == Device && left(a.LeftDevice) || t.Kind == Dose && left(a.LeftTreatment)
}

// In gives the tasks that are in one of some states, in their order.
func In(tasks []Task, states ...State) []Task {
	var out []Task
	for _, t := range tasks {
		if slices.Contains(states, t.State) {
			out = append(out, t)
		}
	}
	return out
}

// Actionable gives the tasks that can be done now and count: open, late, and
// partial ones that have not closed.
func Actionable(tasks []Task, now time.Time) []Task {
	return slices.DeleteFunc(In(tasks, Open, Late, Partial), func(t Task) bool {
		return now.Before(t.Opens) || !now.Before(t.Closes)
	})
}

// Next gives the first instant after now at which a task changes its state if
// nothing arrives, and false if none will.
func Next(tasks []Task, now time.Time) (time.Time, bool) {
	var best time.Time
	for _, t := range tasks {
		for _, at := range []time.Time{t.Opens, t.Due, t.Closes} {
			if at.After(now) && (best.IsZero() || at.Before(best)) && t.State != Complete && t.State != Excused {
				best = at
			}
		}
	}
	return best, !best.IsZero()
}

// Find gives a task by its key.
func Find(tasks []Task, k Key) (Task, bool) {
	i := slices.IndexFunc(tasks, func(t Task) bool { return t.Key == k })
	if i < 0 {
		return Task{}, false
	}
	return tasks[i], true
}
