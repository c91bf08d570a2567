package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// That a person died is told once: as an adverse event whose outcome is fatal, by
// the staff. It ends her part in the trial as leaving it does, at once and without
// a second entry, for nobody may be reminded or waited for after it: tasks,
// reminders, letters and doses stop, and what was collected stays. Put right, it
// starts them again. A withdrawal with the reason died says the same where the
// event has not been told yet, and asks for it: only an event starts the clock.

// WhyDied is the reason of leaving by death.
const WhyDied = "died"

// RuleDeathEvent asks for the adverse event behind a death.
const RuleDeathEvent = "death-event"

// Died gives the day on which the person died, as far as it is known: the end of
// the fatal event, or the date of a withdrawal because of it, or, while neither
// says the day, the day on which it was told.
func (p *Participant) Died() (civil.Date, bool) {
	var told civil.Date
	for _, r := range p.AdverseLog {
		v := r.Versions[len(r.Versions)-1]
		if !v.fatal() {
			continue
		}
		if !v.Event.End.IsZero() {
			return v.Event.End, true
		}
		told = civil.DateOf(v.At.In(p.home()))
	}
	for _, w := range p.Withdrawn {
		if w.Why == WhyDied {
			return w.Date, true
		}
	}
	return told, !told.IsZero()
}

// fatal says whether a version tells a death. Of what a participant told of
// herself under earlier rules it takes a grading.
func (v AdverseVersion) fatal() bool {
	return v.Event.Outcome == OutcomeFatal && (v.Role != RoleParticipant || slices.Contains(v.Event.Criteria, CriterionDeath))
}

// toldFatal says whether an adverse event tells of the person's death.
func (p *Participant) toldFatal() bool {
	return slices.ContainsFunc(p.AdverseLog, func(r *AdverseRecord) bool { return r.Versions[len(r.Versions)-1].fatal() })
}

// home is the zone in which the person was enrolled.
func (p *Participant) home() *time.Location {
	if p.Enrolled != nil {
		if z, err := civil.Zone(p.Enrolled.Zone); err == nil {
			return z
		}
	}
	return time.UTC
}

// Leavings gives what the person left, in the order of entry, and that she left
// the trial by dying: in the place of a withdrawal that came after her death, or
// beside those that came before it.
func (p *Participant) Leavings() []Withdrew {
	on, died := p.Died()
	if !died || p.Completed != nil && !on.Before(p.Completed.Date) {
		return p.Withdrawn
	}
	out, left := slices.Clone(p.Withdrawn), false
	for i, w := range out {
		if w.From != FromFollowUp {
			continue
		}
		left = true
		if w.Why == WhyDied || on.Before(w.Date) {
			out[i].Why, out[i].Date = WhyDied, on
		}
	}
	if !left {
		out = append(out, Withdrew{From: FromFollowUp, Why: WhyDied, Date: on})
	}
	return out
}

// ofDeath says what of a withdrawal because of a death cannot be: nobody goes on
// with the trial afterwards, and it is nobody's own to tell. Another day than
// today's is said of a death alone.
func (d *decision) ofDeath(c Withdraw) error {
	if c.Why != WhyDied {
		if !c.Date.IsZero() {
			return fault.New("death-day", "date", "only the day of a death is given with a withdrawal").WithHint("a withdrawal counts from the day on which it is entered; correct it if that is wrong, with a reason")
		}
		return nil
	}
	switch {
	case d.m.Role == RoleParticipant:
		return fault.New("fatal-told", "why", "a death is recorded by the staff").WithHint("call the number of the trial, and tell them")
	case d.today().Before(c.Date):
		return fault.New("date-future", "date", "%v is still to come", c.Date)
	}
	return nil
}

// askForDeath asks for the adverse event of a death that a withdrawal told.
func (d *decision) askForDeath(w Withdrew, entry uint64) []Event {
	asked := slices.ContainsFunc(d.p.Queries, func(q *Query) bool { return q.Rule == RuleDeathEvent && q.How != "corrected" })
	if w.Why != WhyDied || d.p.toldFatal() || asked {
		return nil
	}
	return []Event{QueryRaised{
		Entry: &entry, Field: "why", Rule: RuleDeathEvent, Text: "the person died, and no adverse event with a fatal outcome tells of what",
	}}
}
