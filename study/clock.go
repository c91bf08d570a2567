package study

import "dvala/fault"

// A clock that went far ahead would put its time on the ledger, where time never
// runs backwards. So a server whose clock was set far forward writes nothing
// until it agrees again with a clock that cannot be set, or an administrator has
// confirmed, with a reason, that the new time is the right one.

// KindClockConfirmed is of a time that an administrator found to be right.
const KindClockConfirmed Kind = "clock-confirmed"

type (
	// ConfirmClock says that a server's clock is right as it stands.
	ConfirmClock struct{ ClockConfirmed }
	// ClockConfirmed names the server; none means all.
	ClockConfirmed struct {
		Server string `json:"server,omitempty"`
	}
)

func (ConfirmClock) command()     {}
func (ConfirmClock) about() whom  { return theTrial }
func (ConfirmClock) leads() Kind  { return KindClockConfirmed }
func (ConfirmClock) afterLock()   {}
func (ClockConfirmed) Kind() Kind { return KindClockConfirmed }

func (c ConfirmClock) decide(d *decision) ([]Event, error) {
	if err := d.reasoned("confirming a clock"); err != nil {
		return nil, err
	}
	return one(c.ClockConfirmed, c.check())
}

func (e ClockConfirmed) check() error {
	var l fault.List
	checkWords(&l, "server", e.Server, maxWord)
	return l.Err()
}

func (e ClockConfirmed) fold(s *State, _ *Participant, f Fact) error {
	s.ClocksConfirmed = append(s.ClocksConfirmed, Entered[ClockConfirmed]{f.Index, f.At, e})
	return nil
}
