package simulate

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// life is one person's way through the trial.
type life struct {
	*play
	candidate
	r       *rand.Rand // what she does
	subject study.Subject
	day0    civil.Date // of randomisation, planned and then real
	first   civil.Date // first night after enrolment
	treated bool       // has been randomised
	gone    bool       // left follow-up, or the trial
	stopped bool       // stopped the dose
	today   *Day       // of the night last lived
	ring    []ringNight
	taken   map[string]int // units taken, by visit at which the kit was given
	kit     string         // visit of the kit in hand
	abroad  string         // zone while travelling
	drawer  bool           // the ring is not on the finger
}

func (l *life) meta(role study.Role) study.Meta {
	m := study.Meta{Subject: l.subject, Role: role, Zone: l.zoneName()}
	switch role {
	case study.RoleParticipant:
		m.Actor = string(l.subject)
	default:
		m.Actor = string(role) + "@" + l.site
		m.Zone = l.p.Zone
	}
	return m
}

func (l *life) zoneName() string {
	if l.abroad != "" {
		return l.abroad
	}
	return l.p.Zone
}

func (l *life) place() *time.Location {
	z, err := civil.Zone(l.zoneName())
	if err != nil {
		return l.zone
	}
	return z
}

// screening: answers, consent, enrolment, and what follows from it.
func (l *life) screening() error {
	m := l.meta(study.RoleCoordinator)
	m.Subject = ""
	l.give(study.Screen{Site: l.site, Answers: l.answers}, m)
	if err := l.flush(); err != nil {
		return err
	}
	order := l.trial.State().Order
	if len(order) == 0 {
		return fault.New("simulate-screening", "", "a screened person is not in the state")
	}
	l.subject = order[len(order)-1]
	if !l.consents {
		return nil
	}
	l.schedule(l.now.Add(25*time.Minute), func() error {
		l.give(study.Consent{Version: l.p.Consent.Version, Language: l.language()}, l.meta(study.RoleParticipant))
		l.give(study.Enrol{Zone: l.p.Zone, Wake: civil.Clock((int(l.person.Rise) + 18*60) % 1440)}, l.meta(study.RoleCoordinator))
		l.begin(civil.DateOf(l.now.In(l.zone)))
		return nil
	})
	return nil
}

func (l *life) language() protocol.Language {
	for _, have := range l.p.Languages {
		if have == protocol.Language(l.person.Language) {
			return have
		}
	}
	return l.p.Languages[0]
}

// begin lays out the run-in and the treatment.
func (l *life) begin(enrolled civil.Date) {
	l.day0 = enrolled.Add(l.p.Design.RunInDays)
	l.first = enrolled.Add(1)
	l.taken = map[string]int{}
	last := l.day0.Add(l.Protocol.LastDay())
	if !l.staysIn {
		out := enrolled.Add(max(1, l.p.Design.RunInDays-1))
		l.schedule(out.At(11*60, l.zone), func() error {
			m := l.meta(study.RoleCoordinator)
			m.Reason = "did not keep up the diary in the run-in"
			l.give(study.Withdraw{From: "follow-up", Why: "no-time"}, m)
			l.gone = true
			return nil
		})
	}
	l.travel()
	for _, v := range l.p.Visits {
		l.visits(v)
	}
	l.leave()
	l.harms(last)
	l.conduct(last)
	for night := l.first; !last.Before(night); night = night.Add(1) {
		l.nightsAndDays(night)
	}
}

// nightsAndDays schedules the evening before a night and the morning after it.
func (l *life) nightsAndDays(night civil.Date) {
	l.schedule(night.Add(-1).At(22*60+15, l.zone), func() error { return l.evening(night) })
	l.schedule(night.At(6*60+5, l.zone), func() error { return l.morning(night) })
}

// treatedOn says whether the person is under the treatment on a day, how many
// days of its period have passed, and how many it has.
func (l *life) treatedOn(night civil.Date) (treated bool, day, last int) {
	d := l.p.Design
	since := night.Sub(l.day0)
	if !l.treated || since <= 0 {
		return false, 0, d.TreatmentDays
	}
	period := 0
	for k := 1; k <= max(1, d.Periods); k++ {
		if since > l.Protocol.PeriodStart(k) {
			period = k
		}
	}
	pers := l.trial.State().People[l.subject]
	if pers == nil || pers.Randomised == nil {
		return false, 0, d.TreatmentDays
	}
	arm := l.Assigned(pers.Randomised.Slot)
	if s, ok := l.Protocol.Sequence(arm); ok && period >= 1 && period <= len(s.Arms) {
		arm = s.Arms[period-1]
	}
	a, _ := l.Protocol.Arm(arm)
	day = since - l.Protocol.PeriodStart(period)
	treated = a.Role == protocol.Treatment && !l.stopped && day <= d.TreatmentDays+2
	return treated, day, d.TreatmentDays
}

// severity is the person's true ISI after a night, and how much better it is
// than before the treatment.
func (l *life) severity(night civil.Date) (now, since float64) {
	treated, day, last := l.treatedOn(night)
	now = l.Model.SeverityOn(l.person, day, last, treated)
	return now, l.person.Severity - now
}

// evening: the dose.
func (l *life) evening(night civil.Date) error {
	if l.gone {
		return nil
	}
	r := Stream(l.Seed, "evening"+night.String(), l.person.Number)
	date := night.Add(-1)
	day := date.Sub(l.day0)
	if l.p.Dose == nil || !l.treated || l.stopped || !l.dosing(day) {
		return nil
	}
	units := 0
	if chance(r, l.person.DoseTaken) {
		units = l.p.Dose.PerDay
		if units > 1 && chance(r, 0.02) {
			units--
		}
	}
	l.taken[l.kit] += units
	if !chance(r, 0.96) {
		return nil // not told
	}
	l.give(study.TakeDose{DoseTaken: study.DoseTaken{Date: date, Units: units}}, l.meta(study.RoleParticipant))
	return nil
}

// dosing says whether a day counted from randomisation is one of treatment.
func (l *life) dosing(day int) bool {
	for k := 1; k <= max(1, l.p.Design.Periods); k++ {
		if from := l.Protocol.PeriodStart(k); day >= from && day < from+l.p.Design.TreatmentDays {
			return true
		}
	}
	return false
}

// morning: the night is lived; then the ring and the diary see it.
func (l *life) morning(night civil.Date) error {
	if l.gone {
		return nil
	}
	r := Stream(l.Seed, "night"+night.String(), l.person.Number)
	severity, _ := l.severity(night)
	d := l.Model.DayOf(r, l.person, night, severity, l.today)
	stages := Night(r, d.Plan)
	t := TruthOf(stages)
	d.Feel(r, t.TSTMin, t.WASOMin, severity)
	l.today = &d
	l.wear(Stream(l.Seed, "ring"+night.String(), l.person.Number), night, d, stages, t)
	l.diary(r, night, d, t)
	return nil
}

// inSpan says whether a night is one that the protocol asks about.
func (l *life) inSpan(night civil.Date, from, to int) bool {
	n := night.Sub(l.day0)
	return n >= from && n <= to && (n <= 0 || l.treated)
}

func (l *life) diary(r *rand.Rand, night civil.Date, d Day, t Truth) {
	if l.p.Diary == nil || !l.inSpan(night, l.p.Diary.FromDay, l.p.Diary.ToDay) || !chance(r, l.person.DiaryKept) {
		return
	}
	def, ok := instrument.ByID(instrument.ID(l.p.Diary.Instrument))
	if !ok {
		return
	}
	planned, units := 0, 0
	if pers := l.trial.State().People[l.subject]; l.p.Dose != nil && l.treated && l.dosing(night.Sub(l.day0)-1) {
		planned = l.p.Dose.PerDay
		units = planned
		if pers != nil {
			if dose, ok := pers.Doses[night.Add(-1)]; ok {
				units = dose.Units
			}
		}
	}
	a := Morning(r, d, t, units, planned, def)
	if used, _ := a["sleep-aid"].Number(); used == 1 && planned > 0 {
		l.give(study.NoteEvent{EventOccurred: study.EventOccurred{Event: study.EventSleepAid, From: night.Add(-1), To: night.Add(-1)}}, l.meta(study.RoleParticipant))
	}
	wait := time.Duration(10+r.IntN(100)) * time.Minute
	switch {
	case chance(r, 0.05):
		wait += 11 * time.Hour // late on the day
	case l.p.Diary.BackfillDays > 0 && chance(r, 0.02):
		wait += 25 * time.Hour // the day after
	}
	rise := night.Add(-1).At(18*60, l.place()).Add(time.Duration(d.TryMin+d.Plan.InBedMin) * time.Minute)
	l.schedule(rise.Add(wait), func() error { return l.sendDiary(r, night, a, def) })
}

func (l *life) sendDiary(r *rand.Rand, night civil.Date, a instrument.Answers, def *instrument.Definition) error {
	if l.gone {
		return nil
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	l.give(study.Answer{Instrument: string(def.ID), Night: night, Language: l.language(), Answers: raw}, l.meta(study.RoleParticipant))
	if l.person.Corrects && night.Sub(l.day0) > 2 {
		l.person.Corrects = false
		l.schedule(l.now.Add(3*time.Hour), func() error { return l.correct(r, night) })
	}
	return nil
}

// correct changes one answer of a diary that was sent.
func (l *life) correct(r *rand.Rand, night civil.Date) error {
	if err := l.flush(); err != nil {
		return err
	}
	p := l.trial.State().People[l.subject]
	if p == nil || p.Diary[night] == nil || l.gone {
		return nil
	}
	was, ok := p.Diary[night].Answers["stress"].Number()
	if !ok {
		return nil
	}
	now := was + 2
	if now > 10 {
		now = was - 2
	}
	raw, err := json.Marshal(instrument.Number(now))
	if err != nil {
		return err
	}
	m := l.meta(study.RoleParticipant)
	m.Reason = []string{"tapped the wrong number", "thought of another day"}[r.IntN(2)]
	l.give(study.Correct{Entry: p.Diary[night].Entry, Field: "answers.stress", New: raw}, m)
	return nil
}
