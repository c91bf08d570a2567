package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dvala/fault"
	"dvala/instrument"
)

// correctable gives the fields of each kind that a correction may change: a
// field's name, or a name and a dot for the members of an object. What is not
// here is put right in another way: a night by a better record, an allocation
// or a kit not at all (what was given was given; note a deviation).
var correctable = map[Kind][]string{
	KindScreened:            {"answers."},
	KindAnswered:            {"answers."},
	KindDoseTaken:           {"units"},
	KindReturned:            {"units"},
	KindEventOccurred:       {"event", "from", "to", "note"},
	KindAdverseEvent:        adverseFields,
	KindAdverseEventUpdated: adverseFields,
	KindMedication:          {"name", "coded", "dose", "indication", "start", "stop", "ongoing", "note"},
	KindPregnancy:           {"whose", "known", "due", "note"},
	KindDeviceIncident:      {"what", "device", "coded", "date", "consequence", "note"},
	KindDeviation:           {"code", "note", "date", "category"},
	KindWithdrew:            {"why", "date", "words"},
}

var adverseFields = []string{
	"term", "coded", "severity", "serious", "related", "onset", "end", "outcome", "words", "expected", "criteria", "action", "aware", "unblinding",
}

func mayCorrect(k Kind, field string) bool {
	head, item, inner := strings.Cut(field, ".")
	if inner {
		return item != "" && slices.Contains(correctable[k], head+".")
	}
	return slices.Contains(correctable[k], field)
}

func (d *decision) correct(c Correct) ([]Event, error) {
	old, ok := d.s.facts[c.Entry]
	switch {
	case !ok || old.Subject != d.m.Subject:
		return nil, fault.New("entry-unknown", "entry", "entry %d holds nothing about %s that can be corrected", c.Entry, d.m.Subject)
	case !mayCorrect(old.Event.Kind(), c.Field):
		return nil, fault.New("field-fixed", "field", "%.60q of a %s entry is not corrected", c.Field, old.Event.Kind()).
			WithHint("what can be is %s", strings.Join(correctable[old.Event.Kind()], ", "))
	case d.p.LockedForm(c.Entry):
		return nil, fault.New("locked", "entry", "this form is locked").WithHint("two people can unlock it, with a reason")
	case strings.TrimSpace(d.m.Reason) == "":
		return nil, fault.New("reason-missing", "reason", "a correction needs a reason")
	}
	if err := d.mayChange(old); err != nil {
		return nil, err
	}
	was, err := fieldOf(old.Event, c.Field)
	if err != nil {
		return nil, err
	}
	changed, err := d.s.withField(old, c.Field, c.New)
	if err != nil {
		return nil, err
	}
	// Read back, so that 3 and 3.0 are the same correction.
	now, err := fieldOf(changed, c.Field)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(was, now) {
		return nil, fault.New("correction-same", "new", "the entry says that already")
	}
	if e, is := changed.(EventOccurred); is && c.Field == "event" {
		if err := notImplied(e.Event); err != nil {
			return nil, err
		}
	}
	if a, is := harmIn(changed); is {
		if err := d.p.unblindingFor(a); err != nil {
			return nil, err
		}
		if err := d.regraded(old.Event, changed); err != nil {
			return nil, err
		}
	}
	out := []Event{Corrected{Entry: c.Entry, Field: c.Field, Old: was, New: now}}
	out = append(out, d.settled(old, changed)...)
	if s, is := changed.(Screened); is && !s.Eligible && d.p.Enrolled != nil && d.p.Screening.Eligible {
		out = append(out, Deviation{
			Code: "enrolled-not-eligible", Date: d.today(),
			Note: fmt.Sprintf("the corrected answer to %s fails %s", strings.TrimPrefix(c.Field, "answers."), strings.Join(s.Failed, ", ")),
		})
	}
	return append(out, d.wrongStratum(changed)...), nil
}

// wrongStratum gives the deviation of a randomisation in a cell that, by a
// corrected answer, was not the person's. She keeps her slot.
func (d *decision) wrongStratum(changed Event) []Event {
	s, is := changed.(Screened)
	if !is || d.p.Randomised == nil && d.p.Allocation == nil {
		return nil
	}
	if d.p.Allocation != nil {
		return d.wrongLevels(s)
	}
	was, err := d.s.Protocol.CellOf(d.p.Site, d.p.Screening.Answers)
	if err != nil {
		return nil // it could not be told before either
	}
	now, err := d.s.Protocol.CellOf(d.p.Site, s.Answers)
	if err == nil && (now.Key == was.Key || now.Key == d.p.Randomised.Cell) {
		return nil
	}
	note := "randomised in " + d.p.Randomised.Cell + "; by the corrected answer it would have been " + now.Key
	if err != nil {
		note = "randomised in " + d.p.Randomised.Cell + "; by the corrected answer it would have been in none"
	}
	return []Event{Deviation{Code: "stratum-wrong", Date: d.today(), Note: note}}
}

// wrongLevels is the same under minimisation, where she was balanced by the levels
// of the factors as they stood.
func (d *decision) wrongLevels(s Screened) []Event {
	counted := strings.Join(d.p.Allocation.Levels, ", ")
	now, err := d.s.Protocol.LevelsOf(d.p.Site, s.Answers)
	if err != nil {
		return []Event{Deviation{Code: "stratum-wrong", Date: d.today(), Note: "balanced as " + counted + "; by the corrected answer it would have been as none"}}
	}
	var levels []string
	for _, l := range now {
		levels = append(levels, l.Level)
	}
	if slices.Equal(levels, d.p.Allocation.Levels) {
		return nil
	}
	return []Event{Deviation{Code: "stratum-wrong", Date: d.today(), Note: "balanced as " + counted + "; by the corrected answer it would have been as " + strings.Join(levels, ", ")}}
}

// recent is how long a participant may put her own diary right by herself.
const recent = 7 * 24 * time.Hour

// mayChange refuses a correction by who may not: the sponsor's side never changes
// what a participant told (ICH E6(R3) 3.16.1), it asks; and she herself corrects
// what she told lately, and leaves the rest to the staff.
func (d *decision) mayChange(old Fact) error {
	switch d.m.Role {
	case RoleCoordinator, RoleInvestigator:
		return nil
	case RolePharmacist:
		if old.Event.Kind() == KindReturned {
			return nil
		}
	case RoleParticipant:
		own := old.Actor == d.m.Actor || old.Role == RoleParticipant
		late := d.m.At.Sub(old.At) > recent
		switch e := old.Event.(type) {
		case Answered:
			own, late = own && e.Visit == "", late || d.m.At.Sub(old.When()) > recent
		case DoseTaken, Medication, AdverseEvent:
		default:
			own = false
		}
		if own && !late {
			return nil
		}
		return fault.New("correction-late", "entry", "a participant corrects what she told herself in the last %d days", int(recent.Hours()/24)).
			WithHint("the staff can correct it for her, with the reason")
	}
	return fault.New("correction-role", "role", "%s does not change what participants told", d.m.Role).WithHint("raise a query")
}

// members gives an event's JSON as its members.
func members(ev Event) (map[string]json.RawMessage, error) {
	raw, err := plain(ev)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	return m, json.Unmarshal(raw, &m)
}

// fieldOf gives what stands in a field; null where nothing does.
func fieldOf(ev Event, field string) (json.RawMessage, error) {
	m, err := members(ev)
	if err != nil {
		return nil, err
	}
	head, item, inner := strings.Cut(field, ".")
	v := m[head]
	if inner {
		var of map[string]json.RawMessage
		if err := json.Unmarshal(v, &of); err != nil {
			return nil, err
		}
		v = of[item]
	}
	if v == nil {
		return json.RawMessage("null"), nil
	}
	return v, nil
}

// withField gives the event with another value in one field, read and checked
// as if it had come that way. Null takes the value out.
func (s *State) withField(old Fact, field string, value json.RawMessage) (Event, error) {
	ev := old.Event
	m, err := members(ev)
	if err != nil {
		return nil, err
	}
	head, item, inner := strings.Cut(field, ".")
	into, name := m, head
	var of map[string]json.RawMessage
	if inner {
		if err := json.Unmarshal(m[head], &of); err != nil {
			return nil, err
		}
		into, name = of, item
	}
	if value = bytes.TrimSpace(value); len(value) == 0 || string(value) == "null" {
		delete(into, name)
	} else {
		into[name] = value
	}
	if inner {
		if m[head], err = plain(of); err != nil {
			return nil, fault.Wrap("correction-form", "new", err)
		}
	}
	raw, err := plain(m)
	if err != nil {
		return nil, fault.Wrap("correction-form", "new", err)
	}
	changed, err := decoders[ev.Kind()](raw)
	if err != nil {
		if fault.CodeOf(err) != "" {
			return nil, err
		}
		return nil, fault.Wrap("correction-form", "new", err)
	}
	return s.checkContent(changed, old.At)
}

// checkContent holds a payload against the rules that do not depend on when it
// comes, and gives it in canonical form. The answers of a screening are judged
// by the protocol of its day.
func (s *State) checkContent(ev Event, at time.Time) (Event, error) {
	switch e := ev.(type) {
	case Screened:
		return judge(s.ProtocolAt(e.Site, at), e.Site, e.Answers)
	case Answered:
		def, ok := s.Instrument(instrument.ID(e.Instrument), e.Version)
		if !ok {
			return nil, fault.New("instrument-unknown", "instrument", "there is no instrument %s of version %s here", e.Instrument, e.Version)
		}
		_, raw, err := readAnswers(def, e.Answers)
		e.Answers = raw
		return e, err
	}
	return ev, s.checkForm(ev)
}

// checkForm holds a payload against the rules that need neither the person's
// history nor a reading of its content.
func (s *State) checkForm(ev Event) error {
	switch e := ev.(type) {
	case Opened:
		return s.checkOpened(e)
	case EventOccurred:
		return e.check(s.Protocol.Protocol())
	case interface{ check() error }:
		return e.check()
	}
	return nil
}

// applyCorrected puts a correction into force: the corrected fact takes the
// place of the earlier one wherever that has led.
func (s *State) applyCorrected(p *Participant, f Fact, c Corrected) error {
	old, ok := s.facts[c.Entry]
	if !ok || old.Subject != f.Subject || !mayCorrect(old.Event.Kind(), c.Field) {
		return fault.New("entry-unknown", "", "corrects entry %d, which holds no such thing", c.Entry)
	}
	was, err := fieldOf(old.Event, c.Field)
	if err != nil {
		return err
	}
	if !bytes.Equal(was, c.Old) {
		return fault.New("correction-old", "", "says that %s stood there, and it was %s", c.Old, was)
	}
	changed, err := s.withField(old, c.Field, c.New)
	if err != nil {
		return err
	}
	if err := s.replace(p, old, changed); err != nil {
		return err
	}
	old.Event = changed
	s.facts[c.Entry] = old
	delete(p.Verified, c.Entry)
	p.Corrections = append(p.Corrections, CorrectionMade{Corrected: c, At: f.At, By: f.Actor, Reason: f.Reason, Index: f.Index})
	return nil
}

// replace puts a corrected payload where the earlier one is folded in.
func (s *State) replace(p *Participant, old Fact, changed Event) error {
	at := func(entries []uint64) int { return slices.Index(entries, old.Index) }
	switch e := changed.(type) {
	case Screened:
		p.Screening = e
	case Answered:
		f := old
		f.Event = e
		return s.applyAnswered(p, f, e)
	case DoseTaken:
		p.Doses[e.Date].Units = e.Units
	case Returned:
		return s.applyReturned(p, old, e)
	case EventOccurred:
		p.noted[at(p.notedOf)] = e
		p.imply()
	case AdverseEvent:
		p.corrected(old.Index, e)
	case AdverseEventUpdated:
		p.corrected(old.Index, e.AdverseEvent)
	case Medication:
		reenter(p.Medications, old.Index, e)
	case Pregnancy:
		p.Pregnancies[p.pregnancy(old.Index)].What = e
	case DeviceIncident:
		reenter(p.Incidents, old.Index, e)
	case Deviation:
		p.Deviations[at(p.deviationOf)] = e
	case Withdrew:
		p.Withdrawn[at(p.withdrawnOf)] = e
		p.imply()
	}
	return nil
}
