package estimate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/instrument/diary"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// FromState makes the tables of a trial run here. With the zero Allocation
// nobody has a group, and the tables can be shown to anyone who is blind.
func FromState(c protocol.Checked, s *study.State, a Allocation) *Data {
	b := births{layout: layoutOf(c), out: &Data{}, measured: map[*study.RecordedNight]map[string]float64{}}
	b.facts(s)
	for _, subject := range s.Order {
		p := s.People[subject]
		b.out.Screened++
		if p.Randomised == nil {
			b.exclude(p)
			continue
		}
		b.person(p, a.Of[subject])
	}
	for _, x := range s.NotScreened {
		b.out.Screened++
		b.excluded = addCount(b.excluded, notScreened(x.Why))
	}
	b.out.GuessOptions = b.guessOptions(s)
	b.out.Excluded = b.excluded
	b.out.Checks = qualityChecks(s)
	b.out.Sort()
	return b.out
}

type births struct {
	layout
	out      *Data
	excluded []Count
	// measured keeps each night's measures, which several outcomes ask for.
	measured map[*study.RecordedNight]map[string]float64
}

func (b *births) facts(s *study.State) {
	f := &b.out.Facts
	if s.Opened != nil {
		f.Simulated = s.Opened.Simulated
		same := s.Opened.ProtocolHash == b.checked.HashHex()
		f.AsRegistered = &same
	}
	if !s.LockedAt.IsZero() {
		f.LockedAt = s.LockedAt.UTC().Format(time.RFC3339)
	}
	for _, subject := range s.Order {
		if at := s.People[subject].ScreenedAt; !at.IsZero() {
			d := civil.DateOf(at.In(b.checked.Zone()))
			if f.FirstScreened.IsZero() || d.Before(f.FirstScreened) {
				f.FirstScreened = d
			}
		}
	}
}

// exclude counts someone screened and not randomised, by the first reason that
// applied to her.
func (b *births) exclude(p *study.Participant) {
	why := "run-in not completed"
	switch {
	case p.Closed != nil && p.Closed.Why != study.NotEligible:
		why = notScreened(p.Closed.Why)
	case !p.Eligible():
		why = "not eligible"
		if len(p.Screening.Failed) > 0 {
			why = b.criterion(p.Screening.Failed[0])
		}
	case len(p.Consents) == 0:
		why = "no consent"
	case p.Enrolled == nil:
		why = "not enrolled"
	case len(p.Leavings()) > 0:
		why = "left before randomisation: " + words(p.Leavings()[0].Why)
	}
	b.excluded = addCount(b.excluded, why)
}

// notScreened tells why somebody did not come in, by the screening log.
func notScreened(why string) string {
	switch why {
	case study.NotWilling:
		return "declined to take part"
	case study.NoShow:
		return "did not come"
	case study.NotReached:
		return "could not be reached"
	case study.NoTime:
		return "had no time"
	case study.TooFar:
		return "too far away"
	case study.OtherTrial:
		return "in another trial"
	case study.NoLanguage:
		return "no language of the trial"
	case study.NotEligible:
		return "not eligible"
	}
	return "other reason"
}

func (b *births) criterion(id string) string {
	for _, k := range b.p.Population.Include {
		if k.ID == id {
			return "criterion not met: " + k.Show.In("en")
		}
	}
	for _, k := range b.p.Population.Exclude {
		if k.ID == id {
			return "excluded: " + k.Show.In("en")
		}
	}
	return "not eligible: " + words(id)
}

func (b *births) person(p *study.Participant, group string) {
	day0 := p.Randomised.Date
	person := Person{
		Subject: string(p.Subject), Site: p.Site, Group: group, Randomised: day0, Order: orderOf(p),
		Strata: b.strata(p), Answers: p.Screening.Answers, Completed: p.Completed != nil,
	}
	for _, w := range p.Leavings() {
		exit := &Exit{Day: w.Date.Sub(day0), Why: words(w.Why)}
		switch {
		case w.From == "treatment" && person.Stopped == nil:
			person.Stopped = exit
		case w.From == "follow-up" && person.Left == nil:
			person.Left = exit
		}
	}
	if on, died := p.Died(); died {
		day := on.Sub(day0)
		person.Died = &day
	}
	b.out.People = append(b.out.People, person)
	cover := Coverage{Subject: person.Subject}
	for _, o := range b.p.Outcomes {
		switch {
		case o.Source.Instrument != "":
			b.atVisits(p, person, o)
		case o.Source.Diary != "" && b.p.Diary != nil:
			b.diary(p, person, o)
		case o.Source.Device != "":
			b.device(p, person, o)
		}
	}
	b.habits(p, person)
	b.coverage(p, day0, &cover)
	b.out.Coverage = append(b.out.Coverage, cover)
	b.staged(p, day0)
	b.happened(p, day0)
	b.guess(p)
}

// orderOf gives a person's place in the order of randomisation: that of her slot
// within its cell, or of her request under minimisation, from 1.
func orderOf(p *study.Participant) int {
	if p.Allocation != nil {
		return p.Allocation.Turn + 1
	}
	return p.Randomised.Slot + 1
}

func (b *births) strata(p *study.Participant) map[string]string {
	out := map[string]string{}
	if p.Allocation != nil { // balanced by these levels, as they were told then
		for i, f := range b.p.Randomisation.Strata {
			out[f.Name] = p.Allocation.Levels[i]
		}
		return out
	}
	cell, ok := b.checked.Cell(p.Randomised.Cell)
	if !ok {
		return nil
	}
	for _, l := range cell.Levels {
		out[l.Stratum] = l.Level
	}
	return out
}

// atVisits takes an instrument's score at each visit that asks it.
func (b *births) atVisits(p *study.Participant, person Person, o protocol.Outcome) {
	for _, v := range b.p.Visits {
		if !slices.Contains(v.Instruments, o.Source.Instrument) {
			continue
		}
		period := max(v.Period, 1)
		r := p.Visits[v.ID][o.Source.Instrument]
		if r != nil {
			if x, ok := r.Scores.Value(instrument.ScaleID(o.Source.Score)); ok {
				b.out.Values = append(b.out.Values, Value{
					Subject: person.Subject, Outcome: o.ID, Visit: v.ID,
					Period: period, Day: r.Answered.Date.Sub(person.Randomised), X: x,
				})
				continue
			}
		}
		b.out.Absent = append(b.out.Absent, Absent{
			Subject: person.Subject, Outcome: o.ID, Visit: v.ID, Period: period, Day: v.Day,
			Why: whyAbsent(person, v.Day, r != nil, "not answered", "too few items answered"),
		})
	}
}

// AfterDeath is why a value is absent that would be of after a death: it does not
// exist, which is another thing than missing (ICH E9(R1), terminal events).
const AfterDeath = "died"

// whyAbsent gives the reason for a value that is not there.
func whyAbsent(p Person, day int, came bool, notCame, notUsable string) string {
	switch {
	case came:
		return notUsable
	case p.Died != nil && day >= *p.Died:
		return AfterDeath
	case p.Left != nil && day >= p.Left.Day:
		return "left the trial: " + p.Left.Why
	}
	return notCame
}

// diary takes a score or an item of the diary for each planned night.
func (b *births) diary(p *study.Participant, person Person, o protocol.Outcome) {
	zone := b.zoneOf(p)
	for day := b.p.Diary.FromDay; day <= b.p.Diary.ToDay; day++ {
		r := p.Diary[person.Randomised.Add(day)]
		x, ok := 0.0, false
		if r != nil {
			x, ok = diaryValue(o.Source.Diary, person.Randomised.Add(day), zone, r)
		}
		b.night(person, o.ID, day, x, ok, r != nil, "diary not filled in", "items not answered")
	}
}

// habits takes what the diary says of each habit that the protocol asks about.
func (b *births) habits(p *study.Participant, person Person) {
	if b.p.Habits == nil || b.p.Diary == nil {
		return
	}
	zone := b.zoneOf(p)
	for day := b.p.Diary.FromDay; day <= b.p.Diary.ToDay; day++ {
		date := person.Randomised.Add(day)
		r := p.Diary[date]
		if r == nil {
			continue
		}
		period, within := b.nightOf(day)
		for _, h := range b.p.Habits.Asked {
			if x, ok := diaryValue(h.Diary, date, zone, r); ok {
				b.out.Habits = append(b.out.Habits, NightValue{person.Subject, h.Diary, period, within, x})
			}
		}
	}
}

// diaryValue gives a measure derived from a morning's answers, a score, or an
// item as answered.
func diaryValue(name string, night civil.Date, zone *time.Location, r *study.Response) (float64, bool) {
	n, _ := diary.Read(night, zone, r.Answers) // what is implausible is absent in it
	for _, m := range n.Table() {
		if m.Name == name && m.Value != nil {
			return *m.Value, true
		}
	}
	if x, ok := r.Scores.Value(instrument.ScaleID(name)); ok {
		return x, true
	}
	return r.Answers[instrument.ItemID(name)].Number()
}

func (b *births) zoneOf(p *study.Participant) *time.Location {
	if p.Enrolled != nil {
		if z, err := civil.Zone(p.Enrolled.Zone); err == nil {
			return z
		}
	}
	return b.checked.Zone()
}

// device takes a measure of the device's night in force.
func (b *births) device(p *study.Participant, person Person, o protocol.Outcome) {
	for _, d := range b.p.Devices {
		if d.Vendor != o.Source.Device {
			continue
		}
		for day := d.FromDay; day <= d.ToDay; day++ {
			r := p.Nights[d.Vendor][person.Randomised.Add(day)]
			x, ok, why := 0.0, false, "nothing arrived from the device"
			if r != nil {
				x, ok = b.measureOf(r, o.Source.Measure)
				if s := r.Night.Status; s != "" && s != sleep.Worn {
					why = "device: " + words(string(s))
				}
			}
			b.night(person, o.ID, day, x, ok, r != nil && !r.Night.Main.IsEmpty(), why, "not defined for the night")
		}
	}
}

// night files a night's value, or why there is none.
func (b *births) night(person Person, outcome string, day int, x float64, ok, came bool, notCame, notUsable string) {
	period, within := b.nightOf(day)
	if ok {
		b.out.Nights = append(b.out.Nights, NightValue{person.Subject, outcome, period, within, x})
		return
	}
	b.out.Absent = append(b.out.Absent, Absent{
		Subject: person.Subject, Outcome: outcome, Period: period, Day: within,
		Why: whyAbsent(person, day, came, notCame, notUsable),
	})
}

// measureOf gives a measure by its JSON name: of the architecture, or one that
// the device measured beside stages.
func (b *births) measureOf(r *study.RecordedNight, name string) (float64, bool) {
	all, ok := b.measured[r]
	if !ok {
		all = map[string]float64{}
		if r.Night.Measured != nil {
			if text, err := json.Marshal(r.Night.Measured); err == nil {
				_ = json.Unmarshal(text, &all) // what was just written is an object of numbers
			}
		}
		if a, ok := r.Night.Architecture(); ok {
			for _, row := range a.Table() {
				if row.Value != nil {
					all[row.Name] = *row.Value
				}
			}
		}
		b.measured[r] = all
	}
	x, ok := all[name]
	return x, ok
}

// coverage counts diary days and device nights after randomisation.
func (b *births) coverage(p *study.Participant, day0 civil.Date, c *Coverage) {
	if d := b.p.Diary; d != nil {
		for day := max(d.FromDay, 1); day <= d.ToDay; day++ {
			c.DiaryOf++
			if p.Diary[day0.Add(day)] != nil {
				c.DiaryDays++
			}
		}
	}
	for _, d := range b.p.Devices {
		for day := max(d.FromDay, 1); day <= d.ToDay; day++ {
			c.DeviceOf++
			if r := p.Nights[d.Vendor][day0.Add(day)]; r != nil && !r.Night.Main.IsEmpty() {
				c.DeviceNights++
			}
		}
	}
}

// staged takes the stages of device nights, for the average night.
func (b *births) staged(p *study.Participant, day0 civil.Date) {
	for _, vendor := range slices.Sorted(maps.Keys(p.Nights)) {
		for date, r := range p.Nights[vendor] {
			if r.Night.Main.IsEmpty() {
				continue
			}
			lead := 0.0
			if start, ok := r.Night.Main.Start(); ok && r.Night.LightsOff != nil {
				lead = start.Sub(*r.Night.LightsOff).Minutes()
			}
			period, day := b.nightOf(date.Sub(day0))
			b.out.Staged = append(b.out.Staged, StagedNight{string(p.Subject), period, day, lead, r.Night.Main})
		}
	}
}

// happened takes doses, intercurrent and adverse events, and deviations.
func (b *births) happened(p *study.Participant, day0 civil.Date) {
	id := string(p.Subject)
	for date, d := range p.Doses {
		b.out.Doses = append(b.out.Doses, Dose{id, date.Sub(day0), d.Units})
	}
	for _, e := range p.Events {
		ev := Intercurrent{Subject: id, Event: e.Event, From: e.From.Sub(day0)}
		if !e.To.IsZero() {
			to := e.To.Sub(day0)
			ev.To = &to
		}
		b.out.Events = append(b.out.Events, ev)
	}
	for _, a := range p.Adverse {
		if day := a.Onset.Sub(day0); day >= 0 {
			b.out.Adverse = append(b.out.Adverse, Adverse{id, a.Name(), a.Severity, a.Related, a.Outcome, a.Serious, day})
		}
	}
	for _, u := range p.Unblindings {
		if u.Waiting() {
			continue
		}
		told := Unblinded{Subject: id, Day: u.Done.Sub(day0)}
		for _, r := range p.HarmsBehind(u) {
			told.Terms = append(told.Terms, r.Now().Name())
		}
		b.out.Unblinded = append(b.out.Unblinded, told)
	}
	for _, d := range p.Deviations {
		b.out.Deviations = append(b.out.Deviations, Deviation{id, d.Code, d.Date.Sub(day0)})
	}
}

// words turns a code into words: lost-to-follow-up → lost to follow-up.
func words(code string) string {
	out := strings.ReplaceAll(code, "-", " ")
	return strings.ReplaceAll(out, "follow up", "follow-up")
}

// addCount adds one to the reason, which is put at the end when new.
func addCount(in []Count, what string) []Count {
	for i := range in {
		if in[i].What == what {
			in[i].N++
			return in
		}
	}
	return append(in, Count{what, 1})
}

// sortCounts orders reasons by how many, then by name.
func sortCounts(in []Count) []Count {
	slices.SortStableFunc(in, func(a, b Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.What, b.What)
	})
	return in
}
