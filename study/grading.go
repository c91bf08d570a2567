package study

import (
	"slices"

	"dvala/fault"
)

// How an event is graded hangs together: whether it is serious, by which
// criterion, how it ended and when. It is asked of the staff when they grade or
// correct one, never of what a participant tells, and never of a ledger: what
// was entered under earlier rules is read as it stands.

// CriterionDeath is the criterion of ICH E2A that a fatal outcome meets.
const CriterionDeath = "death"

// OutcomeFatal says that the person died of the event, or with it.
const OutcomeFatal = "fatal"

// graded says what of a grading contradicts itself.
func (a AdverseEvent) graded() error {
	var l fault.List
	died := slices.Contains(a.Criteria, CriterionDeath)
	switch {
	case a.Outcome == OutcomeFatal && !a.Serious:
		l.Addf("fatal-serious", "serious", "an event with a fatal outcome is serious").
			WithHint("say that it is serious, because of the death (ICH E2A); its clock begins with that")
	case a.Outcome == OutcomeFatal && !died:
		l.Addf("fatal-serious", "criteria", "an event with a fatal outcome is serious because of the death").
			WithHint("name death among the criteria")
	case a.Outcome != OutcomeFatal && died:
		l.Addf("fatal-outcome", "outcome", "an event that is serious because of a death has a fatal outcome").
			WithHint("say that the outcome is fatal, or take death from the criteria")
	case a.Serious && len(a.Criteria) == 0:
		l.Addf("serious-criteria", "criteria", "a serious event meets at least one criterion").
			WithHint("say why it is serious: death, danger to life, hospitalisation, disability, a congenital anomaly, or medically important")
	}
	if !a.End.IsZero() && (a.Outcome == "ongoing" || a.Outcome == "recovering") {
		l.Addf("outcome-end", "end", "an event that goes on has no end").
			WithHint("say how it ended, or leave the end empty")
	}
	return l.Err()
}

// gradedNow holds a grading against the rules for whoever gives it. A participant
// tells what she has to tell; but that somebody died, she does not tell of herself.
func (d *decision) gradedNow(a AdverseEvent) error {
	if d.m.Role != RoleParticipant {
		return a.graded()
	}
	if a.Outcome == OutcomeFatal || slices.Contains(a.Criteria, CriterionDeath) {
		return fault.New("fatal-told", "outcome", "a death is recorded by the staff").
			WithHint("call the number of the trial, and tell them")
	}
	return nil
}

// regraded refuses a correction that makes a grading contradict itself where it
// did not before: several members change together in a new version.
func (d *decision) regraded(old, changed Event) error {
	was, is := harmIn(old)
	now, also := harmIn(changed)
	if !is || !also {
		return nil
	}
	var l, before, after fault.List
	before.Merge("adverse-form", "", was.graded())
	after.Merge("adverse-form", "", d.gradedNow(now))
	for _, p := range after {
		if !slices.ContainsFunc(before, func(b *fault.Problem) bool { return b.Code == p.Code && b.Place == p.Place }) {
			l.Addf(p.Code, p.Place, "%s", p.Message).WithHint("change what belongs together at once, in a new version of the event (update-adverse-event)")
		}
	}
	return l.Err()
}

// RuleDeathDate asks about a fatal outcome without the day.
const RuleDeathDate = "death-date"

// askHarm raises a query where an event is fatal and the day is not given, and
// closes what the event settles: that query, and the one that asked for the event.
// The event is known by the entry that told it first.
func (d *decision) askHarm(a AdverseEvent, entry uint64) []Event {
	if d.m.Role == RoleParticipant {
		return nil
	}
	fatal := a.Outcome == OutcomeFatal
	undated := fatal && a.End.IsZero()
	asks := undated
	var out []Event
	for _, q := range d.p.Queries {
		ofDay := q.Rule == RuleDeathDate && q.About != nil && *q.About == entry
		switch {
		case ofDay && asks && q.How != "corrected":
			asks = false // it is asked already, or was waived
		case q.OpenNow() && (ofDay && !undated || fatal && q.Rule == RuleDeathEvent):
			out = append(out, QueryClosed{Query: q.ID, How: "corrected"})
		}
	}
	if asks {
		out = append(out, QueryRaised{
			Entry: &entry, Field: "end", Rule: RuleDeathDate, Text: "the outcome is fatal, and the day of the death is not given as the end of the event",
		})
	}
	return out
}

// harmOf gives the entry that told an adverse event first, by that of a version.
func (p *Participant) harmOf(version uint64) uint64 {
	for _, r := range p.AdverseLog {
		if slices.ContainsFunc(r.Versions, func(v AdverseVersion) bool { return v.Entry == version }) {
			return r.Entry
		}
	}
	return version
}
