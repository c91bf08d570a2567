package simulate

import (
	"encoding/json"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// visits schedules a visit on its day, or a day or two off.
func (l *life) visits(v protocol.Visit) {
	r := Stream(l.Seed, "visit"+v.ID, l.person.Number)
	off := 0
	switch {
	case v.Day <= 0:
	case chance(r, 0.12) && v.After > 0:
		off = 1 + r.IntN(v.After)
	case chance(r, 0.08) && v.Before > 0:
		off = -1 - r.IntN(v.Before)
	case chance(r, 0.015):
		off = v.After + 1 // outside the window
	}
	missed := v.Day > 0 && chance(r, 0.03)
	at := l.day0.Add(v.Day+off).At(civil.Clock(9*60+r.IntN(7*60)), l.zone)
	l.schedule(at, func() error {
		if l.gone || v.Day > 0 && !l.treated {
			return nil
		}
		if missed {
			return l.afterVisit(v)
		}
		return l.atVisit(v)
	})
}

// atVisit: questionnaires first, then randomisation on day 0, then kits.
func (l *life) atVisit(v protocol.Visit) error {
	today := civil.DateOf(l.now.In(l.zone))
	for _, id := range v.Instruments {
		if err := l.fill(v.ID, id, today); err != nil {
			return err
		}
	}
	if v.Return && l.treated {
		if err := l.bringBack(v); err != nil {
			return err
		}
	}
	if v.Day == 0 && !l.treated && l.randomised {
		l.give(study.Randomise{}, l.meta(study.RoleInvestigator))
		l.treated = true
		if err := l.flush(); err != nil {
			return err
		}
		if err := l.attend(); err != nil {
			return err
		}
	}
	if v.Dispense && l.treated && !l.stopped {
		l.give(study.Dispense{Visit: v.ID}, l.meta(study.RolePharmacist))
		l.kit = v.ID
	}
	return l.afterVisit(v)
}

// afterVisit completes the trial after its last visit.
func (l *life) afterVisit(v protocol.Visit) error {
	last := l.p.Visits[0]
	for _, w := range l.p.Visits {
		if w.Day >= last.Day {
			last = w
		}
	}
	if v.ID != last.ID || !l.treated {
		return nil
	}
	// The last morning's diary and the ring's last nights come in first.
	l.schedule(l.now.Add(26*time.Hour), func() error {
		if l.gone {
			return nil
		}
		if err := l.upload(); err != nil {
			return err
		}
		l.give(study.Complete{}, l.meta(study.RoleCoordinator))
		l.gone = true
		return nil
	})
	return nil
}

func (l *life) fill(visit, id string, today civil.Date) error {
	def, ok := instrument.ByID(instrument.ID(id))
	if !ok {
		return nil
	}
	r := Stream(l.Seed, "answers"+visit+id, l.person.Number)
	severity, since := l.severity(today)
	mood := Stream(l.Seed, "mood"+visit, l.person.Number).NormFloat64()
	if chance(r, 0.01) {
		return nil // not filled in
	}
	raw, err := json.Marshal(l.Model.Fill(r, l.person, def, severity, mood, since))
	if err != nil {
		return err
	}
	l.give(study.Answer{Instrument: id, Visit: visit, Language: l.language(), Answers: raw}, l.meta(study.RoleParticipant))
	return nil
}

// bringBack counts what is left of the kits in hand.
func (l *life) bringBack(v protocol.Visit) error {
	if err := l.flush(); err != nil {
		return err
	}
	r := Stream(l.Seed, "return"+v.ID, l.person.Number)
	p := l.trial.State().People[l.subject]
	if p == nil || l.p.Dose == nil {
		return nil
	}
	for _, k := range p.Kits {
		if k.Returned != nil || k.Replaced != "" || chance(r, 0.05) {
			continue // forgotten at home
		}
		left := max(0, l.packed()-l.taken[k.Visit])
		l.give(study.Return{Visit: v.ID, Kit: k.Kit, Units: left}, l.meta(study.RolePharmacist))
	}
	return nil
}

// packed is how many units a kit holds: the days until the next kit or the end
// of the period, and three days more.
func (l *life) packed() int { return (l.p.Design.TreatmentDays + 3) * l.p.Dose.PerDay }

// leave schedules a withdrawal.
func (l *life) leave() {
	if l.person.LeavesOn == 0 || !l.randomised {
		return
	}
	r := Stream(l.Seed, "leave", l.person.Number)
	day := l.day0.Add(l.person.LeavesOn)
	l.schedule(day.At(civil.Clock(10*60+r.IntN(300)), l.zone), func() error {
		if l.gone || !l.treated {
			return nil
		}
		m := l.meta(study.RoleParticipant)
		if !l.person.LeavesAll {
			l.give(study.Withdraw{From: "treatment", Why: []string{"adverse-event", "other"}[r.IntN(2)]}, m)
			l.stopped = true
			return nil
		}
		why := []string{"lost-to-follow-up", "no-time", "moved", "other"}[r.IntN(4)]
		if why == "lost-to-follow-up" {
			m = l.meta(study.RoleCoordinator)
			m.Reason = "three telephone calls and a letter without an answer"
		}
		if err := l.upload(); err != nil {
			return err
		}
		l.give(study.Withdraw{From: "follow-up", Why: why}, m)
		l.gone = true
		return nil
	})
}

// complaints are adverse events as people tell them, with how often they come.
var complaints = []struct {
	term   string
	weight float64
}{
	{"headache", 5},
	{"loose stools", 3},
	{"nausea", 2},
	{"common cold", 4},
	{"abdominal discomfort", 2},
	{"vivid dreams", 2},
	{"dizziness", 1},
	{"back pain", 1},
	{"rash", 0.5},
}

// harms schedules adverse events: as many in every arm.
func (l *life) harms(last civil.Date) {
	r := Stream(l.Seed, "harms", l.person.Number)
	total := 0.0
	for _, c := range complaints {
		total += c.weight
	}
	for day := l.first; !last.Before(day); day = day.Add(1) {
		if !chance(r, l.Model.Harms/7) {
			continue
		}
		x := r.Float64() * total
		term := complaints[0].term
		for _, c := range complaints {
			if x -= c.weight; x <= 0 {
				term = c.term
				break
			}
		}
		e := study.AdverseEvent{
			Term: term, Severity: "mild", Related: []string{"unrelated", "possible"}[r.IntN(2)],
			Onset: day, End: day.Add(1 + r.IntN(3)), Outcome: "recovered",
		}
		if chance(r, 0.25) {
			e.Severity = "moderate"
		}
		if chance(r, 0.012) {
			e.Term, e.Severity, e.Serious, e.Related = "appendicitis, admitted to hospital", "severe", true, "unrelated"
			e.Criteria = []string{"hospitalisation"}
		}
		l.schedule(e.End.At(14*60, l.zone), func() error {
			if l.gone {
				return nil
			}
			l.give(study.ReportAdverseEvent{AdverseEvent: e}, l.meta(study.RoleInvestigator))
			return nil
		})
	}
}

// travel schedules a journey to a zone two or six hours off.
func (l *life) travel() {
	if !l.person.Travels || !l.randomised {
		return
	}
	r := Stream(l.Seed, "travel", l.person.Number)
	zone := []string{"America/New_York", "Europe/Athens", "Asia/Dubai"}[r.IntN(3)]
	from := l.day0.Add(3 + r.IntN(8))
	to := from.Add(2 + r.IntN(4))
	l.schedule(from.At(12*60, l.zone), func() error {
		if l.gone || !l.treated {
			return nil
		}
		l.give(study.NoteEvent{EventOccurred: study.EventOccurred{Event: study.EventTravel, From: from, To: to, Note: zone}}, l.meta(study.RoleParticipant))
		l.abroad = zone
		return nil
	})
	l.schedule(to.At(20*60, l.zone), func() error {
		l.abroad = ""
		return nil
	})
}
