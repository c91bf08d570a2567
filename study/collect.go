package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/sleep"
)

// visit gives a visit of the protocol and refuses one that lies after a
// randomisation that has not been.
func (d *decision) visit(id string) (protocol.Visit, error) {
	v, ok := d.s.Visit(d.p, id)
	if !ok {
		return v, fault.New("visit-unknown", "visit", "the protocol has no visit %.60q for this person", id)
	}
	if v.Day > 0 && d.p.Randomised == nil {
		return v, fault.New("not-randomised", string(d.p.Subject), "this visit is counted from randomisation, which has not been")
	}
	return v, nil
}

// DayZero gives the date from which a person's visits are counted: that of
// randomisation, and before it the planned one.
func (p *Participant) DayZero() (civil.Date, bool) {
	switch {
	case p.Randomised != nil:
		return p.Randomised.Date, true
	case p.Enrolled != nil:
		return p.Enrolled.Planned, true
	}
	return civil.Date{}, false
}

// Window gives the first and the last date on which a visit of this person
// counts.
func (p *Participant) Window(v protocol.Visit) (first, last civil.Date, ok bool) {
	zero, ok := p.DayZero()
	return zero.Add(v.Day - v.Before), zero.Add(v.Day + v.After), ok
}

// atVisit adds the deviation of doing something outside a visit's window: once
// a visit and day, however many instruments are answered there. What was done
// stands all the same.
func (d *decision) atVisit(v protocol.Visit, ev Event) []Event {
	first, last, ok := d.p.Window(v)
	today := d.today()
	if !ok || !today.Before(first) && !last.Before(today) {
		return []Event{ev}
	}
	dev := Deviation{
		Code: "visit-outside-window", Date: today,
		Note: fmt.Sprintf("visit %s counts from %v to %v", v.ID, first, last),
	}
	if slices.Contains(d.p.Deviations, dev) {
		return []Event{ev}
	}
	return []Event{ev, dev}
}

func (d *decision) answer(c Answer) ([]Event, error) {
	if err := d.enrolled(); err != nil {
		return nil, err
	}
	if (c.Visit == "") == c.Night.IsZero() {
		return nil, fault.New("answer-of", "", "an instrument is answered at a visit or for a night, one of the two")
	}
	def, ok := d.s.Instrument(instrument.ID(c.Instrument), "")
	if !ok {
		return nil, fault.New("instrument-unknown", "instrument", "there is no instrument %.60q", c.Instrument)
	}
	if err := d.language(c.Language); err != nil {
		return nil, err
	}
	_, raw, err := readAnswers(def, c.Answers)
	if err != nil {
		return nil, err
	}
	a := Answered{
		Instrument: c.Instrument, Version: def.Version, Visit: c.Visit, Night: c.Night, Date: d.today(),
		Language: c.Language, Validated: c.Validated, Answers: raw, Confirmed: c.Confirmed,
	}
	var l fault.List
	for _, w := range c.Confirmed {
		checkWords(&l, "confirmed", w, maxWord)
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	a.Paradata = c.Paradata.kept(def)
	if c.Visit != "" {
		return d.answerVisit(a)
	}
	return d.answerDiary(a)
}

func (d *decision) answerVisit(a Answered) ([]Event, error) {
	v, err := d.visit(a.Visit)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.Instruments, a.Instrument) {
		return nil, fault.New("instrument-not-asked", "instrument", "%s is not asked at visit %s", a.Instrument, v.ID)
	}
	if _, twice := d.p.Visits[a.Visit][a.Instrument]; twice {
		return nil, fault.New("answered-already", a.Instrument, "this instrument has been answered at visit %s", a.Visit).
			WithHint("correct the entry, item by item, with a reason")
	}
	if zero, ok := d.p.DayZero(); ok {
		a.Late = zero.Add(v.Day).Before(a.Date) || d.waited()
	}
	return append(d.atVisit(v, a), d.ask(a, d.s.Entries, d.local.Location())...), nil
}

// answerDiary takes the diary of a night. It is filled in on the day of waking
// up; later on that day than the protocol's hour, or within the days that it
// allows for filling in, it is late; after that it is refused, because a diary
// from memory is another instrument.
func (d *decision) answerDiary(a Answered) ([]Event, error) {
	diary := d.s.Diary(d.p, a.Night)
	if diary == nil || diary.Instrument != a.Instrument {
		return nil, fault.New("instrument-not-asked", "instrument", "%.60s is not the protocol's diary", a.Instrument)
	}
	if err := d.inSpan(a.Night, diary.ToDay); err != nil {
		return nil, err
	}
	if _, twice := d.p.Diary[a.Night]; twice {
		return nil, fault.New("answered-already", a.Instrument, "the diary of the night to %v is filled in", a.Night).
			WithHint("correct the entry, item by item, with a reason")
	}
	behind := a.Date.Sub(a.Night)
	if behind > diary.BackfillDays {
		return nil, fault.New("diary-closed", "night", "the night to %v is %d days ago; the diary can be filled in for %d", a.Night, behind, diary.BackfillDays)
	}
	a.Retrospective = behind > 0
	shift := schedule.Shift(*diary, d.p.WakeOn(a.Night))
	a.Late = a.Retrospective || civil.ClockOf(d.local) >= diary.ClosesAt+shift || d.waited()
	return append([]Event{a}, d.ask(a, d.s.Entries, d.local.Location())...), nil
}

// inSpan refuses a night that nobody has slept yet, that was before consent, or
// that is after the last the protocol asks about.
func (d *decision) inSpan(night civil.Date, toDay int) error {
	var l fault.List
	checkDate(&l, "night", night)
	if err := l.Err(); err != nil {
		return err
	}
	if d.today().Before(night) {
		return fault.New("night-future", "night", "the night to %v is not over", night)
	}
	if first := d.consentDate(); !first.Before(night) {
		return fault.New("before-consent", "night", "the night to %v began before consent, which was on %v", night, first)
	}
	if d.p.Randomised != nil && night.Sub(d.p.Randomised.Date) > toDay {
		return fault.New("night-outside", "night", "the night to %v is after day %d, the last that is asked about", night, toDay)
	}
	return nil
}

// consentDate gives the date of the first consent where the person was.
func (d *decision) consentDate() civil.Date {
	return civil.DateOf(d.p.Consents[0].At.In(d.local.Location()))
}

// readAnswers reads answers in the form of instrument.Answers, holds them
// against the definition, and gives them in canonical form.
func readAnswers(def *instrument.Definition, raw json.RawMessage) (instrument.Answers, json.RawMessage, error) {
	var a instrument.Answers
	if err := strict(raw, &a); err != nil {
		if fault.CodeOf(err) != "" {
			return nil, nil, err
		}
		return nil, nil, fault.Wrap("answer-form", "answers", err)
	}
	if len(a) == 0 {
		return nil, nil, fault.New("answer-empty", "answers", "nothing is answered").WithHint("what is not filled in is not sent: it is missing, which is known without an entry")
	}
	if err := def.Check(bare(def, a)).Err(); err != nil {
		return nil, nil, err
	}
	var l fault.List
	for _, id := range slices.Sorted(maps.Keys(a)) {
		if s, ok := a[id].Text(); ok {
			checkSealed(&l, string(id), Words(s))
		}
	}
	if err := l.Err(); err != nil {
		return nil, nil, err
	}
	out, err := plain(a)
	return a, out, err
}

func (d *decision) night(c RecordNight) ([]Event, error) {
	if err := d.enrolled(); err != nil {
		return nil, err
	}
	if w, left := d.p.WithdrewFrom(FromDevice); left {
		return nil, fault.New("stopped-device", string(d.p.Subject), "the person stopped wearing devices on %v", w.Date)
	}
	n := c.NightRecorded
	devices := d.s.protocolOn(d.p.Site, n.Night).Protocol().Devices
	i := slices.IndexFunc(devices, func(v protocol.Device) bool { return v.Vendor == n.Vendor })
	if i < 0 {
		return nil, fault.New("device-unknown", "vendor", "the protocol has no device of %.60q", n.Vendor)
	}
	if err := d.inSpan(n.Night, devices[i].ToDay); err != nil {
		return nil, err
	}
	if err := checkFiles("source", n.Source); err != nil {
		return nil, err
	}
	record, err := n.night()
	if err != nil {
		return nil, err
	}
	if n.Record, err = plain(record); err != nil {
		return nil, fault.Wrap("night-form", "record", err)
	}
	old, replaces := d.p.Nights[n.Vendor][n.Night]
	if replaces && old.Source.SHA256 == n.Source.SHA256 {
		if was, err := plain(old.Night); err == nil && bytes.Equal(was, n.Record) {
			return nil, nil
		}
	}
	return one(n, d.mayTell(replaces))
}

// mayTell refuses a night that was not read from a device's file by the program,
// if a participant gives it, or if it would take the place of another without a
// reason: a record in JSON can say anything.
func (d *decision) mayTell(replaces bool) error {
	switch {
	case d.m.Read || d.m.Role == RoleSystem:
		return nil
	case d.m.Role == RoleParticipant:
		return fault.New("night-upload", "record", "a participant's night is read from the file of her device, and told in no other way").
			WithHint("upload the file as it came from the device")
	case replaces:
		return d.reasoned("replacing a night of a device")
	}
	return nil
}

// night reads the record and holds it against what the event says of it.
func (n NightRecorded) night() (sleep.Night, error) {
	var record sleep.Night
	if err := strict(n.Record, &record); err != nil {
		if fault.CodeOf(err) != "" {
			return record, err
		}
		return record, fault.Wrap("night-form", "record", err)
	}
	var l fault.List
	if record.Date != n.Night {
		l.Addf("night-date", "record.date", "is of the night to %v, and the entry of the night to %v", record.Date, n.Night)
	}
	if record.Source.Vendor != n.Vendor {
		l.Addf("night-vendor", "record.source.vendor", "is of %q, and the entry of %q", record.Source.Vendor, n.Vendor)
	}
	if h := record.Source.SHA256; h != "" && h != n.Source.SHA256 {
		l.Addf("night-source", "record.source.sha256", "is not the hash of the source file")
	}
	return record, l.Err()
}

func (d *decision) dose(c TakeDose) ([]Event, error) {
	if err := d.randomised(); err != nil {
		return nil, err
	}
	t := c.DoseTaken
	if err := t.check(); err != nil {
		return nil, err
	}
	for _, from := range []string{FromTreatment, FromFollowUp} {
		if w, left := d.p.WithdrewFrom(from); left && w.Date.Before(t.Date) {
			return nil, fault.New("stopped-treatment", string(d.p.Subject), "the person stopped the treatment on %v", w.Date)
		}
	}
	plan := d.protocol().Protocol().Dose
	switch _, twice := d.p.Doses[t.Date]; {
	case plan == nil:
		return nil, fault.New("dose-unplanned", "", "the protocol gives nothing to take")
	case twice:
		return nil, fault.New("dose-already", "date", "the dose of %v has been told", t.Date).WithHint("correct the entry, with a reason")
	case d.today().Before(t.Date):
		return nil, fault.New("dose-future", "date", "%v is still to come", t.Date)
	case t.Date.Before(d.p.Randomised.Date):
		return nil, fault.New("dose-before", "date", "%v is before randomisation", t.Date)
	}
	back := 1 // as long as the evening is open in the schedule
	if diary := d.s.Diary(d.p, t.Date); diary != nil {
		back = max(back, diary.BackfillDays)
	}
	t.Retrospective = d.today().Sub(t.Date) > back
	out := []Event{t}
	if t.Units > plan.PerDay {
		out = append(out, Deviation{
			Code: "dose-above-plan", Date: t.Date,
			Note: fmt.Sprintf("%d taken, %d a day planned", t.Units, plan.PerDay),
		})
	}
	return out, nil
}

func (t DoseTaken) check() error {
	var l fault.List
	checkDate(&l, "date", t.Date)
	l.Merge("units-range", "units", checkUnits(t.Units))
	return l.Err()
}
