package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
)

// Decide says what a command makes happen, or refuses it with a *fault.Problem
// or a fault.List. It changes nothing: the same state, command and
// circumstances give the same answer.
//
// A command whose idempotency key is already on the ledger gives no events and
// no error: what it asked for has happened (see Done). The same holds for a
// device's night that is already in force byte for byte.
func Decide(s *State, cmd Command, m Meta) ([]Event, error) {
	d, err := begin(s, cmd, m)
	if err != nil || d.done {
		return nil, err
	}
	events, err := d.events(cmd)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	return slices.Concat(events, d.doubted(), d.afterLeaving()), nil
}

// events dispatches a command to its rules.
func (d *decision) events(cmd Command) ([]Event, error) {
	switch c := cmd.(type) {
	case Proposal:
		return d.propose(c)
	case ruled:
		return c.decide(d)
	case Open:
		return d.open(c)
	case Screen:
		return d.screen(c)
	case Consent:
		return d.consent(c)
	case Enrol:
		return d.enrol(c)
	case Randomise:
		return d.randomise()
	case Dispense:
		return d.dispense(c)
	case Return:
		return d.takeBack(c)
	case Answer:
		return d.answer(c)
	case RecordNight:
		return d.night(c)
	case TakeDose:
		return d.dose(c)
	case NoteEvent:
		return d.event(c)
	case ReportAdverseEvent:
		return d.adverse(c)
	case NoteDeviation:
		return d.deviation(c)
	case Correct:
		return d.correct(c)
	case Withdraw:
		return d.withdraw(c)
	case Complete:
		return d.complete()
	case RecordDryRun:
		return one(c.DryRun, c.DryRun.check())
	case Lock:
		return d.lock(c)
	case OpenAllocations:
		return d.openAllocations(c)
	case RecordReport:
		return d.report(c)
	}
	return nil, fault.New("command-unknown", "", "%T is not a command of this trial", cmd)
}

// decision is a command on its way to events.
type decision struct {
	s     *State
	m     Meta
	p     *Participant // of m.Subject; nil where the command has none
	local time.Time    // when it was done, on the wall where the person was
	done  bool         // the key says that this has happened already
}

func (d *decision) today() civil.Date { return civil.DateOf(d.local) }

// one gives a single event, or the error.
func one(ev Event, err error) ([]Event, error) {
	if err != nil {
		return nil, err
	}
	return []Event{ev}, nil
}

// begin checks what is alike for all commands: circumstances, the idempotency
// key, the phase of the trial, and the person.
func begin(s *State, cmd Command, m Meta) (decision, error) {
	d := decision{s: s}
	if m.Key != "" {
		if ran, ok := s.keys[m.Key]; ok {
			d.done = true
			return d, s.sameCommand(ran, cmd, m)
		}
	}
	m, err := s.complete(m)
	if err != nil {
		return d, err
	}
	d.m = m
	zone, err := civil.Zone(m.Zone)
	if err != nil {
		return d, err
	}
	d.local = m.When().In(zone)
	if err := d.mayDate(cmd); err != nil {
		return d, err
	}
	if err := s.phase(cmd); err != nil {
		return d, err
	}
	if err := d.person(cmd); err != nil {
		return d, err
	}
	return d, d.unlockedPerson(cmd)
}

// slack is how far back a command's time may lie before the latest entry's:
// callers stamp their commands before they queue for the ledger.
const slack = 2 * time.Second

// complete fills in what a command may leave out and holds its time against the
// ledger's, where time never runs backwards: a command stamped up to two
// seconds before the latest entry takes that entry's time; one stamped earlier
// is refused, for then a clock was set back and the dates it gives are wrong.
func (s *State) complete(m Meta) (Meta, error) {
	m.At = wireTime(m.At)
	if !m.Made.IsZero() {
		m.Made = wireTime(m.Made)
	}
	if m.Zone == "" {
		m.Zone = s.Protocol.Protocol().Zone
		if p, ok := s.People[m.Subject]; ok && p.Enrolled != nil {
			m.Zone = p.ZoneName(p.dateAt(m.When()))
		}
	}
	if m.At.Before(s.last) {
		if s.last.Sub(m.At) > slack {
			return m, fault.New("clock-backwards", "at", "the command is of %s, and the ledger already holds an entry of %s",
				m.At.Format(ledger.TimeLayout), s.last.Format(ledger.TimeLayout)).
				WithHint("time never runs backwards on the ledger: set the clock right, or give the commands in the order of their times")
		}
		m.At = s.last
	}
	return m, m.check()
}

// Done gives the entries that a command with this key led to.
func (s *State) Done(key string) (from, n uint64, ok bool) {
	ran, ok := s.keys[key]
	return ran.from, ran.n, ok && key != ""
}

// kindOf gives the kind of the first event that a command leads to.
func kindOf(cmd Command) Kind {
	switch c := cmd.(type) {
	case Proposal:
		return KindProposed
	case ruled:
		return c.leads()
	case Open:
		return KindOpened
	case Screen:
		return KindScreened
	case Consent:
		return KindConsented
	case Enrol:
		return KindEnrolled
	case Randomise:
		return KindRandomised
	case Dispense:
		return KindDispensed
	case Return:
		return KindReturned
	case Answer:
		return KindAnswered
	case RecordNight:
		return KindNightRecorded
	case TakeDose:
		return KindDoseTaken
	case NoteEvent:
		return KindEventOccurred
	case ReportAdverseEvent:
		return KindAdverseEvent
	case NoteDeviation:
		return KindDeviation
	case Correct:
		return KindCorrected
	case Withdraw:
		return KindWithdrew
	case Complete:
		return KindCompleted
	case RecordDryRun:
		return KindDryRun
	case Lock:
		return KindLocked
	case OpenAllocations:
		return KindAllocationsOpen
	}
	return KindReported
}

// LeadsTo gives the kind of entry that a command of a name leads to first.
func LeadsTo(name string) (Kind, bool) {
	read, ok := written[name]
	if !ok {
		return "", false
	}
	cmd, err := read(nil)
	if err != nil {
		return "", false
	}
	return kindOf(cmd), true
}

// phase refuses what the trial is not ready for, or is past.
//
//	nothing ──Open──► collecting ──RecordDryRun…──► dry run made ──Lock──► locked
//	locked ──OpenAllocations──► opened ──RecordReport…──► reported
func (s *State) phase(cmd Command) error {
	if _, is := cmd.(Open); is {
		if s.Opened != nil {
			return fault.New("trial-open", "", "the trial has begun already")
		}
		return nil
	}
	if s.Opened == nil {
		return fault.New("trial-not-open", "", "the trial has not begun").WithHint("the first entry names the protocol and the sealed list")
	}
	switch cmd.(type) {
	case OpenAllocations:
		if s.Locked == nil {
			return fault.New("not-locked", "", "the openings are published only after the database is locked")
		}
		if s.Openings != nil {
			return fault.New("openings-published", "", "the openings have been published already")
		}
	case RecordReport:
		if s.Openings == nil {
			return fault.New("not-opened", "", "a report is made only after the openings are published").
				WithHint("before that, make the dry run on a dummy allocation")
		}
	default:
		if _, still := cmd.(afterLock); s.Locked != nil && !still {
			return fault.New("locked", "", "the database was locked on %s", s.LockedAt.Format(time.DateOnly)).
				WithHint("nothing about a participant is added or changed after the lock")
		}
	}
	return nil
}

func (d *decision) open(c Open) ([]Event, error) {
	o := c.Opened
	if len(o.Instruments) == 0 {
		var err error
		if o.Instruments, err = d.s.used(); err != nil {
			return nil, err
		}
	}
	return one(o, d.s.checkOpened(o))
}

// checkOpened says what of an opening entry does not fit the protocol and the
// sealed list at hand, and what no trial may begin with.
func (s *State) checkOpened(o Opened) error {
	var l fault.List
	if o.Trial != s.Protocol.ID() {
		l.Addf("opened-trial", "trial", "names %q; the protocol is of %q", o.Trial, s.Protocol.ID())
	}
	if o.ProtocolHash != s.Protocol.HashHex() {
		l.Addf("opened-protocol", "protocol_hash", "is not the hash of the protocol's canonical form")
	}
	if s.sealed.Trial != s.Protocol.ID() || s.sealed.Protocol != s.Protocol.HashHex() {
		l.Addf("sealed-protocol", "sealed_file", "the list was sealed for another protocol, or for another version of this one").
			WithHint("seal again with the protocol as it is now: dvala seal")
	}
	if o.SealedList.SHA256 != s.sealed.SHA256 {
		l.Addf("opened-sealed", "sealed_file", "is not the hash of the sealed list")
	}
	if s.Protocol.Minimises() != (s.sealed.Live != nil) {
		l.Addf("sealed-protocol", "sealed_file", "the list names a process that names its slots, where the protocol does not minimise, or none where it does").
			WithHint("seal again with the protocol as it is now: dvala seal")
	}
	l.Merge("file-ref", "", checkFiles("opening entry", Files(o)...))
	s.checkInstruments(&l, o.Instruments)
	switch seeded := o.Sealing == "seed"; {
	case o.Sealing != "seed" && o.Sealing != "custodian":
		l.Addf("opened-sealing", "sealing", "%.60q is neither custodian nor seed", o.Sealing)
	case seeded != s.sealed.Seeded:
		l.Addf("opened-sealing", "sealing", "says %q, and the sealed list says otherwise", o.Sealing)
	case seeded && !o.Simulated:
		l.Addf("seeded-list", "sealing", "a list drawn from a seed is refused for a real trial: whoever knows the seed knows every arm").
			WithHint("let the custodian seal the list from secret randomness: dvala seal")
	case seeded != (o.Seed != nil):
		l.Addf("opened-seed", "seed", "the seed is named when the list was drawn from one, and only then")
	}
	if o.Program == "" || o.Zones == "" {
		l.Addf("opened-program", "program", "the program and the release of its time zone rules have to be named")
	}
	for _, w := range []string{o.Trial, o.Program, o.Zones, o.ProtocolHash} {
		checkWords(&l, "opened", w, maxWord)
	}
	return l.Err()
}

func (d *decision) openAllocations(c OpenAllocations) ([]Event, error) {
	return one(c.AllocationsOpen, c.AllocationsOpen.check())
}

func (d *decision) report(c RecordReport) ([]Event, error) {
	return one(c.Reported, c.Reported.check())
}

func (r DryRun) check() error          { return checkReport("dry run", r.Results, r.Report, r.Translated) }
func (o AllocationsOpen) check() error { return checkFiles("openings", o.Openings) }
func (r Reported) check() error        { return checkReport("report", r.Results, r.Report, r.Translated) }

// Files gives every file that an event names.
func Files(ev Event) []File {
	switch e := ev.(type) {
	case Opened:
		out := []File{e.Protocol, e.SealedList}
		for _, i := range e.Instruments {
			out = append(out, i.Definition)
		}
		return out
	case Consented:
		return e.files()
	case Proposed:
		if c, err := e.wants(); err == nil {
			switch x := c.(type) {
			case AmendProtocol:
				out := []File{x.Protocol}
				for _, i := range x.Instruments {
					out = append(out, i.Definition)
				}
				return out
			case ExtendList:
				return []File{x.SealedList}
			}
		}
	case NightRecorded:
		return []File{e.Source}
	case DryRun:
		return reportFiles(e.Results, e.Report, e.Translated)
	case AllocationsOpen:
		return []File{e.Openings}
	case Reported:
		return reportFiles(e.Results, e.Report, e.Translated)
	case UnblindingGranted:
		return []File{e.Key}
	case ListExtended:
		return []File{e.SealedList}
	}
	return nil
}

// checkFiles reports references that name no file.
func checkFiles(place string, files ...File) error {
	var l fault.List
	for _, f := range files {
		if err := (ledger.FileRef{SHA256: f.SHA256, Bytes: f.Bytes, Name: f.Name}).Check(); err != nil {
			l.Add(fault.Wrap("file-ref", place, err))
		}
		checkWords(&l, place, f.Name, maxWord)
	}
	return l.Err()
}
