package study

import (
	"dvala/fault"
	"dvala/protocol"
)

// lastPeriodOver refuses to lock an n-of-1 trial while somebody still has a
// period ahead of her: with the lock come the openings and the results, and who
// has seen what helped before is not blind to what is to come.
func (d *decision) lastPeriodOver() error {
	if d.s.Protocol.Protocol().Design.Kind != protocol.NOf1 {
		return nil
	}
	for _, code := range d.s.Order {
		p := d.s.People[code]
		if p.Randomised == nil || p.Completed != nil || len(p.Leavings()) > 0 {
			continue
		}
		if last := p.Randomised.Date.Add(d.s.lastTreated()); !last.Before(d.today()) {
			return fault.New("period-ahead", string(code), "the last period of this person ends on %v, and no result is shown before", last).
				WithHint("lock when it is over; to end early, record the withdrawal first")
		}
	}
	return nil
}

// lastTreated is the last day of treatment, counted from randomisation.
func (s *State) lastTreated() int {
	design := s.Protocol.Protocol().Design
	return s.Protocol.PeriodStart(max(design.Periods, 1)) + design.TreatmentDays
}
