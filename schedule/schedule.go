// Package schedule says what is due when: for a checked protocol and one
// participant's dates, every visit with its window, every morning's diary and
// every night of a device, as instants in the zone the person is in, and how
// each of them stands at a moment that is handed in.
//
// Days are counted from randomisation, which is day 0. In the run-in, before
// there is such a day, it is planned for run_in_days after enrolment, and what
// rests on the plan is marked Planned: a later randomisation moves it.
//
// A task passes through these states:
//
//	scheduled ──Opens──► open ──Due──► late ──Closes──► missed
//	     any of these, when something arrives ──► partial, complete
//	     any of these but complete, when left or let off ──► excused
//
// Late is late but still counts. doc/methods/schedule.md has the rules.
package schedule

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// Anchor is what a participant's plan hangs on.
type Anchor struct {
	Enrolled   civil.Date // no date: nothing is planned yet
	Randomised civil.Date // no date until it has happened
	Left       civil.Date // last day in the trial; no date while she is in it
	// LeftDevice and LeftTreatment are the last days on which she wore a device
	// and took the treatment; no date while she does.
	LeftDevice, LeftTreatment civil.Date
	// Wake is when she usually gets up, and Wakes what it was changed to, in the
	// order of their being told. Of several that cover a date, the last counts.
	Wake  civil.Clock
	Wakes []Wake
	// Zone is where the person lives; nil means the protocol's zone.
	Zone *time.Location
	// Stays are journeys to other zones. Of several that cover a date, the last
	// in the list counts.
	Stays []Stay
	// Begun are the visits of which something was done, and when first. It matters
	// where an amendment moves a visit or takes it out.
	Begun map[string]civil.Date
}

// Wake is when a person usually gets up, from a date on.
type Wake struct {
	From civil.Date
	At   civil.Clock
}

// Stay is a span of dates, both ends included, spent in another zone. A night
// is in the zone of the date of waking up.
type Stay struct {
	From, To civil.Date
	Zone     *time.Location
}

// Kind of a task.
type Kind string

// The kinds, in the order in which tasks of one moment are listed.
const (
	Visit  Kind = "visit"
	Diary  Kind = "diary"
	Device Kind = "device" // a night of a ring or watch
	Dose   Kind = "dose"   // an evening's dose; see Evenings
)

// State of a task.
type State string

// The states.
const (
	Scheduled State = "scheduled" // not yet open
	Open      State = "open"      // can be done, in time
	Partial   State = "partial"   // some of it has arrived
	Complete  State = "complete"  // all of it has arrived
	Late      State = "late"      // nothing has arrived; it still counts if it does
	Missed    State = "missed"    // nothing has arrived, and it is too late
	Excused   State = "excused"   // not expected: let off by the staff, or after leaving
)

// Key names a task of one participant. A night is named by its date of waking
// up, which no later randomisation moves.
type Key struct {
	Kind Kind
	Name string     // a visit's ID, a device's vendor; "" of the diary
	Date civil.Date // of a night; no date of a visit
}

// Task is one thing that is due.
type Task struct {
	Key
	Day     int        // from randomisation
	On      civil.Date // the visit's planned date, or the night's date of waking up
	Period  int        // of the design, from 1; 0 before randomisation
	Planned bool       // it rests on a randomisation that has not happened yet
	Zone    *time.Location

	// Dates on which it counts, both ends included.
	First, Last civil.Date
	// Opens is the first instant at which it can be done, Due the last in time
	// and Closes the last at which it counts; the last two are just outside.
	Opens, Due, Closes time.Time

	State State
	// Missing are the instruments of a visit that have not arrived.
	Missing []string
	// Tardy says that what arrived came after Due.
	Tardy bool
}

// Receipt is what has arrived for a task.
type Receipt struct {
	Parts    []string  // the instruments of a visit that are answered
	Complete bool      // of a diary entry or a night, or a visit without instruments: all is there
	At       time.Time // when the last of it arrived; may be zero
	Excused  bool      // the staff let the person off
}

// Done is what has arrived for a participant.
type Done map[Key]Receipt

// Tasks gives everything that is planned for a participant by a protocol that
// was never amended, and how it stands at an instant, in order of opening.
// Before enrolment there is nothing.
func Tasks(c protocol.Checked, a Anchor, now time.Time, done Done) []Task {
	return CourseOf(c).Tasks(a, now, done)
}

// Plan gives the same without looking at what has arrived: every state is
// scheduled.
func Plan(c protocol.Checked, a Anchor) []Task { return CourseOf(c).Plan(a) }

var rank = map[Kind]int{Visit: 0, Diary: 1, Device: 2}

// DayZero gives the date of randomisation, or the one planned in the run-in,
// and false before enrolment.
func DayZero(c protocol.Checked, a Anchor) (civil.Date, bool) {
	switch {
	case !a.Randomised.IsZero():
		return a.Randomised, true
	case !a.Enrolled.IsZero():
		return a.Enrolled.Add(c.Protocol().Design.RunInDays), true
	}
	return civil.Date{}, false
}

// DayOf counts a date from randomisation, or from the day planned for it.
func DayOf(c protocol.Checked, a Anchor, d civil.Date) (int, bool) {
	day0, ok := DayZero(c, a)
	if !ok {
		return 0, false
	}
	return d.Sub(day0), true
}

// ZoneOn gives the zone that a person is in on a date.
func ZoneOn(c protocol.Checked, a Anchor, d civil.Date) *time.Location {
	for _, s := range slices.Backward(a.Stays) {
		if !d.Before(s.From) && !s.To.Before(d) && s.Zone != nil {
			return s.Zone
		}
	}
	if a.Zone != nil {
		return a.Zone
	}
	return c.Zone()
}

// periodOf gives the period of the design that a task falls in. A visit says
// it itself; a night belongs to the period that began last before it.
func periodOf(c protocol.Checked, t Task) int {
	if t.Kind == Visit {
		if v, ok := c.Visit(t.Name); ok && v.Period > 0 {
			return v.Period
		}
	}
	if t.Kind == Visit && t.Day < 0 || t.Kind != Visit && t.Day < 1 {
		return 0
	}
	period := 1
	for period < c.Protocol().Design.Periods && t.Day > c.PeriodStart(period+1) {
		period++
	}
	return period
}
