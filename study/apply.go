package study

import (
	"encoding/hex"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
)

// Prepare decides a command and gives the facts and ledger entries it comes to,
// without changing the state. No facts and no error mean that it has happened
// already.
func (s *State) Prepare(cmd Command, m Meta) ([]Fact, []ledger.Entry, error) {
	events, err := Decide(s, cmd, m)
	if err != nil || len(events) == 0 {
		return nil, nil, err
	}
	if m, err = s.complete(m); err != nil {
		return nil, nil, err
	}
	m.Digest = ""
	if m.Key != "" {
		m.Digest = s.digestOf(cmd, m)
	}
	if _, is := cmd.(Screen); is {
		m.Subject = subjectAt(len(s.Order))
	}
	facts := make([]Fact, len(events))
	entries := make([]ledger.Entry, len(events))
	for i, ev := range events {
		facts[i] = Fact{Index: s.Entries + uint64(i), Meta: m, Event: ev}
		if entries[i], err = Encode(facts[i]); err != nil {
			return nil, nil, err
		}
		m.Digest = "" // the first entry has it
	}
	return facts, entries, nil
}

// Do decides a command and applies what it comes to: a whole trial in memory.
func (s *State) Do(cmd Command, m Meta) ([]Fact, error) {
	facts, entries, err := s.Prepare(cmd, m)
	if err != nil {
		return nil, err
	}
	for i := range facts {
		if err := s.ApplyEntry(facts[i], entries[i]); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// Apply folds one fact into the state. It refuses a fact that cannot follow on
// those before it (a slot given twice, a kit of another chain, a person nobody
// screened); then the state is not to be used any more.
func (s *State) Apply(f Fact) error {
	e, err := Encode(f)
	if err != nil {
		return err
	}
	return s.ApplyEntry(f, e)
}

// Replay reads one ledger entry and folds it into the state.
func (s *State) Replay(e ledger.Entry) (Fact, error) {
	f, err := Decode(e)
	if err != nil {
		return f, err
	}
	return f, s.ApplyEntry(f, e)
}

// ApplyEntry is Apply for a fact whose encoding is at hand.
func (s *State) ApplyEntry(f Fact, e ledger.Entry) error {
	if f.Index != s.Entries || e.Index != s.Entries {
		return fault.New("entry-order", place(f.Index), "comes where entry %d is due", s.Entries)
	}
	if f.At.Before(s.last) {
		return fault.New("clock-backwards", place(f.Index), "is of an earlier time than the entry before it")
	}
	if (s.Opened == nil) != (f.Event.Kind() == KindOpened) {
		return fault.New("entry-order", place(f.Index), "the opening entry is the first and comes once")
	}
	if err := s.note(f); err != nil {
		return err
	}
	if err := s.apply(f); err != nil {
		return fault.Wrap("entry-impossible", place(f.Index), err)
	}
	s.changed(f)
	s.last = f.At
	s.attribute(f)
	s.tree, _ = s.tree.Append(e.Bytes)
	s.Entries++
	return nil
}

// note keeps the idempotency key.
func (s *State) note(f Fact) error {
	if f.Key == "" {
		return nil
	}
	ran, ok := s.keys[f.Key]
	switch {
	case !ok:
		ran = span{from: f.Index, kind: f.Event.Kind(), subject: f.Subject, digest: f.Digest}
	case ran.from+ran.n != f.Index:
		return fault.New("key-reused", place(f.Index), "has the key of entry %d", ran.from)
	}
	ran.n++
	s.keys[f.Key] = ran
	return nil
}

func (s *State) apply(f Fact) error {
	if err := s.checkForm(f.Event); err != nil {
		return err
	}
	switch ev := f.Event.(type) {
	case Opened:
		s.Opened, s.OpenedAt = &ev, f.At
		return nil
	case Screened:
		return s.applyScreened(f, ev)
	case DryRun:
		s.DryRuns, s.rehearsed = append(s.DryRuns, ev), true
		return nil
	case Locked:
		if root := s.tree.Root(); s.Locked != nil || ev.Entries != s.Entries || ev.Root != hex.EncodeToString(root[:]) {
			return fault.New("locked", "", "the lock does not name the entries that stand before it")
		}
		s.Locked, s.LockedAt = &ev, f.At
		return nil
	case AllocationsOpen:
		if s.Locked == nil {
			return fault.New("not-locked", "", "openings before the lock")
		}
		s.Openings = &ev
		return nil
	case Reported:
		if s.Openings == nil {
			return fault.New("not-opened", "", "a report before the openings")
		}
		s.Reported = &ev
		return nil
	}
	p, ok := s.People[f.Subject]
	own, is := f.Event.(folded)
	if is && f.Subject == "" {
		return own.fold(s, nil, f)
	}
	if !ok {
		return fault.New("subject-unknown", "", "nobody has the code %q", f.Subject)
	}
	if _, still := f.Event.(afterLock); is && still {
		return own.fold(s, p, f)
	}
	if s.Locked != nil {
		return fault.New("locked", "", "a fact about a participant after the lock")
	}
	if p.Locked != nil {
		return fault.New("locked", "", "a fact about a participant who is locked")
	}
	return s.applyPerson(p, f)
}

func (s *State) applyPerson(p *Participant, f Fact) error {
	switch ev := f.Event.(type) {
	case Consented:
		p.Consents = append(p.Consents, ConsentGiven{Consented: ev, At: f.At})
	case Enrolled:
		zone, err := civil.Zone(ev.Zone)
		if err != nil {
			return err
		}
		p.Enrolled, p.EnrolledOn = &ev, civil.DateOf(f.At.In(zone))
	case Randomised:
		return s.applyRandomised(p, ev)
	case Dispensed:
		return s.applyDispensed(p, ev)
	case Returned:
		return s.applyReturned(p, f, ev)
	case Answered:
		return s.applyAnswered(p, f, ev)
	case NightRecorded:
		return s.applyNight(p, f, ev)
	case DoseTaken:
		p.Doses[ev.Date] = &DoseRecord{Entry: f.Index, At: f.When(), Units: ev.Units, Retrospective: ev.Retrospective}
		s.facts[f.Index] = f
	case EventOccurred:
		p.noted, p.notedOf = append(p.noted, ev), append(p.notedOf, f.Index)
		s.facts[f.Index] = f
		p.imply()
	case Deviation:
		p.Deviations, p.deviationOf = append(p.Deviations, ev), append(p.deviationOf, f.Index)
		s.facts[f.Index] = f
	case Corrected:
		return s.applyCorrected(p, f, ev)
	case Withdrew:
		p.Withdrawn, p.withdrawnOf = append(p.Withdrawn, ev), append(p.withdrawnOf, f.Index)
		if ev.From == FromFollowUp && p.leftAt.IsZero() {
			p.leftAt = f.When()
			s.comesToNothing(p)
		}
		s.facts[f.Index] = f
		p.imply()
	case Completed:
		p.Completed = &ev
	case folded:
		return ev.fold(s, p, f)
	default:
		return fault.New("event-kind", "", "%q is not about a person", f.Event.Kind())
	}
	return nil
}

func (s *State) applyScreened(f Fact, ev Screened) error {
	if f.Subject != subjectAt(len(s.Order)) {
		return fault.New("subject-order", "", "the code %q where %q is due", f.Subject, subjectAt(len(s.Order)))
	}
	if s.Locked != nil {
		return fault.New("locked", "", "a person after the lock")
	}
	judged, err := judge(s.ProtocolAt(ev.Site, f.At), ev.Site, ev.Answers)
	if err != nil {
		return err
	}
	if judged.Eligible != ev.Eligible || !slices.Equal(judged.Failed, ev.Failed) {
		return fault.New("not-eligible", "", "the protocol's rules judge these answers otherwise")
	}
	f.Event = judged
	s.People[f.Subject] = &Participant{
		Subject: f.Subject, Site: ev.Site, Screening: judged, ScreenedAt: f.At, place: len(s.Order),
		Visits: map[string]map[string]*Response{}, Diary: map[civil.Date]*Response{},
		Nights: map[string]map[civil.Date]*RecordedNight{}, Doses: map[civil.Date]*DoseRecord{},
	}
	s.Order = append(s.Order, f.Subject)
	s.facts[f.Index] = f
	return nil
}

func (s *State) applyRandomised(p *Participant, ev Randomised) error {
	if s.Protocol.Minimises() {
		if err := s.named(p, ev); err != nil {
			return err
		}
	} else if next, err := s.nextSlot(ev.Cell); err != nil {
		return err
	} else if next != ev.Slot || p.Randomised != nil {
		return fault.New("slot-order", "", "slot %d of stratum %s, where slot %d is due", ev.Slot, ev.Cell, next)
	}
	s.Taken[ev.Cell]++
	s.slotOf[ev.Slot] = p.Subject
	p.Randomised = &ev
	return nil
}

func (s *State) applyDispensed(p *Participant, ev Dispensed) error {
	if p.Randomised == nil {
		return fault.New("not-randomised", "", "a kit for a person who has no slot")
	}
	next, err := s.nextKit(p, ev.Visit, ev.Date)
	if err != nil {
		return err
	}
	if next != ev.Kit {
		return fault.New("kit-order", "", "kit %s, where %s is due", ev.Kit, next)
	}
	p.Kits = append(p.Kits, KitGiven{Dispensed: ev})
	return nil
}

func (s *State) applyReturned(p *Participant, f Fact, ev Returned) error {
	i := slices.IndexFunc(p.Kits, func(k KitGiven) bool { return k.Kit == ev.Kit })
	if i < 0 {
		return fault.New("kit-unknown", "", "kit %s was not handed out to this person", ev.Kit)
	}
	p.Kits[i].Returned = &ev.Units
	s.facts[f.Index] = f
	return nil
}

func (s *State) applyAnswered(p *Participant, f Fact, ev Answered) error {
	def, ok := s.Instrument(instrument.ID(ev.Instrument), ev.Version)
	if !ok {
		return fault.New("instrument-unknown", "", "there is no instrument %s of version %s here", ev.Instrument, ev.Version)
	}
	answers, _, err := readAnswers(def, ev.Answers)
	if err != nil {
		return err
	}
	scores, err := instrument.Score(def, bare(def, answers))
	if err != nil {
		return err
	}
	if err := ev.Paradata.check(); err != nil {
		return err
	}
	r := &Response{Entry: f.Index, At: f.When(), Answered: ev, Answers: answers, Scores: scores}
	if ev.Visit == "" {
		p.Diary[ev.Night] = r
	} else {
		if p.Visits[ev.Visit] == nil {
			p.Visits[ev.Visit] = map[string]*Response{}
		}
		p.Visits[ev.Visit][ev.Instrument] = r
	}
	s.facts[f.Index] = f
	return nil
}

// applyNight puts a night in force: a later one supersedes an earlier one of
// the same night and device, except that one without a main sleep never
// supersedes one that has it (a late fragment must not win over the night).
func (s *State) applyNight(p *Participant, f Fact, ev NightRecorded) error {
	record, err := ev.night()
	if err != nil {
		return err
	}
	of := p.Nights[ev.Vendor]
	if of == nil {
		of = map[civil.Date]*RecordedNight{}
		p.Nights[ev.Vendor] = of
	}
	n := &RecordedNight{Entry: f.Index, At: f.At, Night: record, Source: ev.Source}
	if old, ok := of[ev.Night]; ok {
		if record.Main.IsEmpty() && !old.Night.Main.IsEmpty() {
			return nil
		}
		n.Superseded = old.Superseded + 1
	}
	of[ev.Night] = n
	return nil
}

// imply makes the list of intercurrent events: those noted, and those that
// follow from leaving the treatment or the trial after randomisation.
func (p *Participant) imply() {
	p.Events = append(slices.Clone(p.noted), p.unblinded()...)
	if p.Randomised == nil {
		return
	}
	for _, w := range p.Leavings() {
		if w.From == FromFollowUp && w.Why == WhyDied {
			continue // told below: a death is no withdrawal
		}
		if w.From == FromDevice || w.From == FromIdentifiers {
			continue // neither says anything about the treatment; leaving with it has an entry of its own
		}
		stopped := slices.ContainsFunc(p.Events, func(e EventOccurred) bool { return e.Event == EventStoppedDose && e.To.IsZero() })
		if !stopped {
			p.Events = append(p.Events, EventOccurred{Event: EventStoppedDose, From: w.Date, Note: "left the " + w.From})
		}
		if w.From == FromFollowUp {
			p.Events = append(p.Events, EventOccurred{Event: EventWithdrew, From: w.Date, Note: w.Why})
		}
	}
	if on, died := p.Died(); died && !on.Before(p.Randomised.Date) {
		p.Events = append(p.Events, EventOccurred{Event: EventDied, From: on})
	}
}
