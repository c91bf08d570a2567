package study

import (
	"regexp"
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

// Intercurrent events by the names that protocols give them. A protocol may
// name others in its estimands; these are always known.
const (
	EventStoppedDose = "stopped-dose"
	EventSleepAid    = "prohibited-sleep-aid"
	EventTravel      = "travel"
	EventRingLost    = "ring-lost"
	EventUnblinded   = "unblinded"
	EventWithdrew    = "withdrew"
	EventDied        = "died"
)

func knownEvent(p protocol.Protocol, name string) bool {
	return slices.Contains(vocabulary["event"], name) || slices.ContainsFunc(p.Estimands, func(e protocol.Estimand) bool {
		return slices.ContainsFunc(e.Events, func(v protocol.Event) bool { return v.Event == name })
	})
}

func (d *decision) event(c NoteEvent) ([]Event, error) {
	if err := d.randomised(); err != nil {
		return nil, err
	}
	if err := notImplied(c.Event); err != nil {
		return nil, err
	}
	return one(c.EventOccurred, c.check(d.protocol().Protocol()))
}

// notImplied refuses an event that follows from a rule of its own: noted by hand
// it would stand without the signature, the reason or the date that the rule asks.
func notImplied(event string) error {
	switch event {
	case EventWithdrew:
		return fault.New("event-implied", "event", "this event follows from a withdrawal and is not noted by hand").WithHint("record the withdrawal")
	case EventDied:
		return fault.New("event-implied", "event", "this event follows from a death and is not noted by hand").WithHint("report the adverse event, with its fatal outcome")
	case EventUnblinded:
		return fault.New("event-implied", "event", "this event follows from an emergency unblinding and is not noted by hand").
			WithHint("the investigator asks for it, with a reason and the physician's key: request-unblinding")
	}
	return nil
}

func (e EventOccurred) check(p protocol.Protocol) error {
	var l fault.List
	if !knownEvent(p, e.Event) {
		l.Addf("event-unknown", "event", "%.60q is not an intercurrent event of the protocol", e.Event)
	}
	checkDate(&l, "from", e.From)
	if !e.To.IsZero() {
		checkDate(&l, "to", e.To)
		if e.To.Before(e.From) {
			l.Addf("date-order", "to", "ends on %v, before it begins on %v", e.To, e.From)
		}
	}
	checkSealed(&l, "note", Words(e.Note))
	return l.Err()
}

// deviation takes what went against the protocol at any time, also of who has
// left: a kit that never came back is noted then.
func (d *decision) deviation(c NoteDeviation) ([]Event, error) {
	v := c.Deviation
	if v.Date.IsZero() {
		v.Date = d.today()
	}
	return one(v, v.check())
}

var deviationCode = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func (v Deviation) check() error {
	var l fault.List
	if !deviationCode.MatchString(v.Code) || len(v.Code) > maxWord {
		l.Addf("deviation-code", "code", "%.60q is not a code", v.Code).WithHint("words in small letters joined by hyphens, as in kit-mix-up")
	}
	checkSealed(&l, "note", Words(v.Note))
	checkDate(&l, "date", v.Date)
	if v.Category != "" {
		oneOf(&l, "category", v.Category, vocabulary["category"]...)
	}
	return l.Err()
}
