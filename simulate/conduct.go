package simulate

import (
	"encoding/json"
	"slices"
	"time"

	"dvala/civil"
	"dvala/study"
)

// What happens in a trial beside what is measured: medicines, queries of the
// monitor, deviations that are judged, packages that are damaged or lost. None of
// it says anything about how anybody slept, and each draws from a stream of its
// own, so that a trial has the same answers and nights with it and without it.

// medicines that people take beside the treatment, and for what.
var medicines = []study.Medication{
	{Name: "levothyroxine", Dose: "75 µg a day", Indication: "hypothyroidism"},
	{Name: "enalapril", Dose: "10 mg a day", Indication: "high blood pressure"},
	{Name: "paracetamol", Dose: "500 mg when needed", Indication: "headache"},
	{Name: "loratadine", Dose: "10 mg when needed", Indication: "hay fever"},
	{Name: "omeprazole", Dose: "20 mg a day", Indication: "heartburn"},
}

// conduct schedules it, from enrolment to a few days after a last day.
func (l *life) conduct(last civil.Date) {
	r := Stream(l.Seed, "conduct", l.person.Number)
	if chance(r, 0.35) {
		m := medicines[r.IntN(len(medicines))]
		m.Ongoing = true
		stops := chance(r, 0.25)
		at := l.first.Add(1).At(civil.Clock(10*60+r.IntN(300)), l.zone)
		l.schedule(at, func() error { return l.medicine(m, stops, last) })
	}
	if chance(r, 0.3) && l.p.Diary != nil {
		on := l.day0.Add(2 + r.IntN(max(1, last.Sub(l.day0)-2)))
		l.schedule(on.At(civil.Clock(13*60+r.IntN(180)), l.zone), l.query)
	}
	if chance(r, 0.05) {
		on := l.day0.Add(1 + r.IntN(max(1, last.Sub(l.day0)-1)))
		what := []string{"damaged", "lost"}[r.IntN(2)]
		l.schedule(on.At(civil.Clock(9*60+r.IntN(60)), l.zone), func() error { return l.shelf(what) })
	}
	if chance(r, 0.03) {
		on := l.day0.Add(1 + r.IntN(max(1, l.p.Design.TreatmentDays-1)))
		l.schedule(on.At(civil.Clock(16*60+r.IntN(60)), l.zone), l.lose)
	}
	l.schedule(last.Add(3).At(15*60, l.zone), l.judge)
}

// medicine records a medicine, and that it was stopped, as a correction of what
// was said first.
func (l *life) medicine(m study.Medication, stops bool, last civil.Date) error {
	if l.gone {
		return nil
	}
	l.give(study.RecordMedication{Medication: m}, l.meta(study.RoleCoordinator))
	if !stops {
		return nil
	}
	on := civil.DateOf(l.now.In(l.zone)).Add(5)
	if last.Before(on) {
		return nil
	}
	l.schedule(on.At(11*60, l.zone), func() error {
		if err := l.flush(); err != nil {
			return err
		}
		p := l.known()
		if l.gone || p == nil || len(p.Medications) == 0 {
			return nil
		}
		entry := p.Medications[len(p.Medications)-1].Entry
		meta := l.meta(study.RoleCoordinator)
		meta.Reason = "she has stopped taking it"
		l.give(study.Correct{Entry: entry, Field: "ongoing", New: json.RawMessage("false")}, meta)
		l.give(study.Correct{Entry: entry, Field: "stop", New: json.RawMessage(`"` + on.Add(-1).String() + `"`)}, meta)
		return nil
	})
	return nil
}

// query is what the monitor asks about a diary; the coordinator answers the next
// day, and the monitor closes it two days after.
func (l *life) query() error {
	if err := l.flush(); err != nil {
		return err
	}
	p := l.known()
	if p == nil || p.Completed != nil || len(p.Diary) == 0 {
		return nil
	}
	nights := make([]civil.Date, 0, len(p.Diary))
	for night := range p.Diary {
		nights = append(nights, night)
	}
	entry := p.Diary[slices.MaxFunc(nights, civil.Date.Compare)].Entry
	l.give(study.RaiseQuery{Entry: &entry, Field: "answers.sol", Text: "other than on the days before: is it as she meant it?"}, l.meta(study.RoleMonitor))
	l.settle(24*time.Hour, func(id uint64) {
		l.give(study.AnswerQuery{QueryAnswered: study.QueryAnswered{Query: id, Text: "asked her: it is"}}, l.meta(study.RoleCoordinator))
	})
	l.settle(72*time.Hour, func(id uint64) { l.give(study.CloseQuery{Query: id}, l.meta(study.RoleMonitor)) })
	return nil
}

// settle does something about the monitor's open query after a while.
func (l *life) settle(after time.Duration, do func(id uint64)) {
	l.schedule(l.now.Add(after), func() error {
		if err := l.flush(); err != nil {
			return err
		}
		if p := l.known(); p != nil {
			for _, q := range p.OpenQueries() {
				if !q.Automatic() {
					do(q.ID)
					break
				}
			}
		}
		return nil
	})
}

// shelf takes a spare of the person's chain out of the stock, where more than
// one is left for its visit.
func (l *life) shelf(what string) error {
	if err := l.flush(); err != nil {
		return err
	}
	p, s := l.known(), l.trial.State()
	if p == nil || p.Randomised == nil || l.gone {
		return nil
	}
	left := s.KitsLeft(p)
	n := map[string]int{}
	for _, k := range left {
		n[k.Visit]++
	}
	for _, k := range slices.Backward(left) {
		if n[k.Visit] > 1 && s.Stock[k.Number].Unfit == "" {
			m := l.meta(study.RolePharmacist)
			m.Subject, m.Reason = "", map[string]string{"damaged": "wet in the storeroom", "lost": "not on its shelf"}[what]
			l.give(study.NoteKit{Kit: k.Number, What: what}, m)
			return nil
		}
	}
	return nil
}

// lose replaces the package in hand, which is lost, by the next spare of the same
// chain, where there is one.
func (l *life) lose() error {
	if err := l.flush(); err != nil {
		return err
	}
	p, s := l.known(), l.trial.State()
	if p == nil || l.gone || l.stopped || l.kit == "" || len(p.Kits) == 0 {
		return nil
	}
	kit := p.Kits[len(p.Kits)-1]
	spare := slices.ContainsFunc(s.KitsLeft(p), func(k study.Kit) bool { return k.Visit == kit.Visit && s.Stock[k.Number].Unfit == "" })
	if kit.Visit != l.kit || kit.Returned != nil || !spare {
		return nil
	}
	m := l.meta(study.RolePharmacist)
	m.Reason = "left on a train"
	l.give(study.ReplaceKit{Kit: kit.Kit, What: "lost"}, m)
	l.taken[l.kit] = 0 // of the new one
	return nil
}

// judge is the investigator's look at the person's deviations.
func (l *life) judge() error {
	if err := l.flush(); err != nil {
		return err
	}
	p := l.known()
	if p == nil {
		return nil
	}
	entries := p.DeviationEntries()
	for i, d := range p.Deviations {
		if d.Category != "" {
			continue
		}
		category, note := study.CategoryMinor, "nobody's safety was touched, nor what the trial can show"
		if d.Code == "dose-above-plan" || d.Code == "enrolled-not-eligible" {
			category, note = study.CategoryMajor, "talked through with her"
		}
		l.give(study.ReviewDeviation{DeviationReviewed: study.DeviationReviewed{Entry: entries[i], Category: category, Note: note}}, l.meta(study.RoleInvestigator))
	}
	return nil
}

// known gives what the trial knows of the person.
func (l *life) known() *study.Participant { return l.trial.State().People[l.subject] }
