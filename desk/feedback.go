package desk

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// Feedback says whether a person may see what she herself told: after the groups
// are opened, and with one person in the trial after her last period. Until then
// she is told that entries have come, which cannot change how she sleeps or hint
// at what she takes.
func Feedback(s *study.State, p *study.Participant, now time.Time) bool {
	if s.Protocol.Protocol().Design.Kind == protocol.NOf1 && lastPeriodOver(s, p, now) {
		return true
	}
	return s.Openings != nil
}

// lastPeriodOver says whether the last period of one person's trial is behind
// her, with nothing left to fill in that what she saw could sway.
func lastPeriodOver(s *study.State, p *study.Participant, now time.Time) bool {
	if p.Completed != nil {
		return true
	}
	d := s.Protocol.Protocol().Design
	day, ok := schedule.DayOf(s.Protocol, p.Anchor(), civil.DateOf(now.In(s.Protocol.Zone())))
	if !ok || p.Randomised == nil || day <= s.Protocol.PeriodStart(max(d.Periods, 1))+d.TreatmentDays {
		return false
	}
	return !slices.ContainsFunc(s.Tasks(p, now), func(t schedule.Task) bool {
		asked := t.Kind == schedule.Visit || t.Kind == schedule.Diary
		return asked && now.Before(t.Closes) && t.State != schedule.Complete && t.State != schedule.Excused
	})
}

// Stored counts what is stored of a person.
type Stored struct {
	Diaries, Forms, Nights, Doses, Adverse int
	Screening                              bool
	Consents                               []study.ConsentGiven
}

// StoredOf counts it.
func StoredOf(p *study.Participant) Stored {
	out := Stored{
		Diaries: len(p.Diary), Doses: len(p.Doses), Adverse: len(p.Adverse),
		Screening: len(p.Screening.Answers) > 0, Consents: slices.Clone(p.Consents),
	}
	for _, of := range p.Visits {
		out.Forms += len(of)
	}
	for _, of := range p.Nights {
		out.Nights += len(of)
	}
	return out
}
