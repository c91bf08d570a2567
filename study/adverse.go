package study

import (
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// An adverse event is told once, by the person in her own words or by the staff,
// and graded and followed by new versions of it. A serious one starts a clock
// when the site becomes aware: within the protocol's hours it must have been
// passed on, which is an entry of its own.

// Kinds of facts about harms, besides KindAdverseEvent.
const (
	KindAdverseEventUpdated Kind = "adverse-event-updated" // a new version, whole
	KindSeriousReported     Kind = "serious-reported"      // a serious one was passed on
)

// AdverseEvent as told by the participant and graded by the investigator.
type AdverseEvent struct {
	Term     string     `json:"term" words:"hers"` // what happened, in words
	Severity string     `json:"severity"`          // mild, moderate, severe
	Serious  bool       `json:"serious"`
	Related  string     `json:"related"` // unassessed, unrelated, possible, probable, definite
	Onset    civil.Date `json:"onset"`
	End      civil.Date `json:"end,omitzero"`
	Outcome  string     `json:"outcome"` // recovered, recovering, ongoing, sequelae, fatal, unknown
	// Words are the person's own.
	Words Words `json:"words,omitempty"`
	// Coded is what a dictionary calls it (a preferred term of MedDRA, say). It
	// names nobody and is never sealed: tables count by it.
	Coded string `json:"coded,omitempty"`
	// Expected says what the investigator holds: expected or unexpected. Unsaid,
	// it is told by the protocol's list (State.Expected).
	Expected string `json:"expected,omitempty"`
	// Criteria by which it is serious.
	Criteria []string `json:"criteria,omitempty"`
	// Action is what was done with the treatment.
	Action string `json:"action,omitempty"`
	// Aware is when the site came to know, where that was not when it was entered.
	Aware time.Time `json:"aware,omitzero"`
	// Unblinding is the entry that asked to unblind the person because of it, where
	// it was told after that request; a request made later names the event itself.
	Unblinding uint64 `json:"unblinding,omitempty"`
}

// ToldByHer is the term of an event until somebody of the staff has given it one:
// what the person wrote is kept apart from it. It is not sealed.
const ToldByHer = "told by the participant"

// NotCoded is what an event is called whose term cannot be read and that nobody
// has coded.
const NotCoded = "not coded"

// Name gives what an event is called in tables, which are made without any
// person's key: what it is coded as, or its term where that is in the clear.
func (a AdverseEvent) Name() string {
	switch {
	case a.Coded != "":
		return a.Coded
	case Words(a.Term).Sealed():
		return NotCoded
	}
	return a.Term
}

// SeriousCriteria are those of ICH E2A.
func SeriousCriteria() []string {
	return []string{"death", "life-threatening", "hospitalisation", "disability", "congenital-anomaly", "medically-important"}
}

type (
	// UpdateAdverseEvent gives a new version of an adverse event.
	UpdateAdverseEvent struct{ AdverseEventUpdated }
	// AdverseEventUpdated is a new version; Event is the entry that told it first.
	AdverseEventUpdated struct {
		Event uint64 `json:"event"`
		AdverseEvent
	}
	// ReportSerious says that a serious adverse event was passed on.
	ReportSerious struct{ SeriousReported }
	// SeriousReported names the event, to whom it was passed on and when.
	SeriousReported struct {
		Event uint64    `json:"event"` // the entry that told it first
		To    string    `json:"to"`    // sponsor, authority, ethics committee, …
		On    time.Time `json:"on"`
	}
)

func (UpdateAdverseEvent) command()    {}
func (UpdateAdverseEvent) about() whom { return onePerson }
func (UpdateAdverseEvent) leads() Kind { return KindAdverseEventUpdated }
func (ReportSerious) command()         {}
func (ReportSerious) about() whom      { return onePerson }
func (ReportSerious) leads() Kind      { return KindSeriousReported }

// Kind methods.
func (AdverseEventUpdated) Kind() Kind { return KindAdverseEventUpdated }
func (SeriousReported) Kind() Kind     { return KindSeriousReported }

// AdverseRecord is an adverse event with all its versions.
type AdverseRecord struct {
	Entry    uint64 // that told it first, by which it is known
	Versions []AdverseVersion
	// Aware is when the site knew that it was serious; zero while it is not.
	Aware    time.Time
	Reported []SeriousReported
}

// AdverseVersion is one version, after corrections.
type AdverseVersion struct {
	Entry uint64
	At    time.Time
	By    string
	Role  Role
	Event AdverseEvent
}

// Now gives the version in force.
func (r *AdverseRecord) Now() AdverseEvent { return r.Versions[len(r.Versions)-1].Event }

// SeriousClock is the time that a serious adverse event leaves.
type SeriousClock struct {
	Subject  Subject
	Record   *AdverseRecord
	Aware    time.Time
	Due      time.Time
	Reported time.Time // zero while it has not been passed on
	Overdue  bool      // it was passed on too late, or has not been and the time is over
}

// SeriousClocks gives the clock of every serious adverse event of a person, at
// an instant.
func (s *State) SeriousClocks(p *Participant, now time.Time) []SeriousClock {
	var out []SeriousClock
	for _, r := range p.AdverseLog {
		if r.Aware.IsZero() || !r.Now().Serious {
			continue
		}
		hours := s.ProtocolFor(p, r.Aware).Protocol().Safety.SeriousWithinHours
		c := SeriousClock{Subject: p.Subject, Record: r, Aware: r.Aware, Due: r.Aware.Add(time.Duration(hours) * time.Hour)}
		for _, x := range r.Reported {
			if c.Reported.IsZero() || x.On.Before(c.Reported) {
				c.Reported = x.On
			}
		}
		c.Overdue = c.Reported.After(c.Due) || c.Reported.IsZero() && now.After(c.Due)
		out = append(out, c)
	}
	return out
}

// Expected says whether an adverse event was to be expected: as the investigator
// says, or as the protocol names it.
func (s *State) Expected(p *Participant, a AdverseEvent, now time.Time) bool {
	if a.Expected != "" {
		return a.Expected == "expected"
	}
	return slices.ContainsFunc(s.ProtocolFor(p, now).Protocol().Safety.Expected, func(name string) bool { return strings.EqualFold(name, a.Name()) })
}

// adverse takes an adverse event at any time after consent, also of a person
// who has left.
func (d *decision) adverse(c ReportAdverseEvent) ([]Event, error) {
	if len(d.p.Consents) == 0 {
		return nil, d.consented()
	}
	a := c.AdverseEvent
	if err := d.adverseNow(&a); err != nil {
		return nil, err
	}
	return append([]Event{a}, d.askHarm(a, d.s.Entries)...), nil
}

func (d *decision) adverseNow(a *AdverseEvent) error {
	if !a.Aware.IsZero() {
		a.Aware = wireTime(a.Aware)
	}
	var l fault.List
	l.Merge("adverse-form", "", a.check())
	l.Merge("adverse-form", "", d.gradedNow(*a))
	if d.today().Before(a.Onset) {
		l.Addf("date-future", "onset", "%v is still to come", a.Onset)
	}
	if a.Aware.After(d.m.At) {
		l.Addf("date-future", "aware", "is still to come")
	}
	l.Merge("unblinding-unknown", "unblinding", d.p.unblindingFor(*a))
	return l.Err()
}

// harmIn gives the adverse event that an entry tells, first or anew.
func harmIn(e Event) (AdverseEvent, bool) {
	switch e := e.(type) {
	case AdverseEvent:
		return e, true
	case AdverseEventUpdated:
		return e.AdverseEvent, true
	}
	return AdverseEvent{}, false
}

// unblindingFor refuses an event that names a request nobody made.
func (p *Participant) unblindingFor(a AdverseEvent) error {
	if a.Unblinding == 0 {
		return nil
	}
	_, err := p.asked(a.Unblinding)
	return err
}

func (a AdverseEvent) check() error {
	var l fault.List
	if blank(a.Term) && blank(a.Coded) {
		l.Addf("term-missing", "term", "an adverse event needs its name in words")
	}
	checkSealedTo(&l, "term", Words(a.Term), maxWord)
	checkWords(&l, "coded", a.Coded, maxWord)
	oneOf(&l, "severity", a.Severity, vocabulary["severity"]...)
	oneOf(&l, "related", a.Related, vocabulary["related"]...)
	oneOf(&l, "outcome", a.Outcome, vocabulary["outcome"]...)
	checkDate(&l, "onset", a.Onset)
	if !a.End.IsZero() {
		checkDate(&l, "end", a.End)
		if a.End.Before(a.Onset) {
			l.Addf("date-order", "end", "ends on %v, before it begins on %v", a.End, a.Onset)
		}
	}
	checkSealed(&l, "words", a.Words)
	if a.Expected != "" {
		oneOf(&l, "expected", a.Expected, vocabulary["expected"]...)
	}
	for _, c := range a.Criteria {
		oneOf(&l, "criteria", c, SeriousCriteria()...)
	}
	if len(a.Criteria) > 0 && !a.Serious {
		l.Addf("serious-criteria", "criteria", "an event that is not serious meets no criterion of it")
	}
	if a.Action != "" {
		oneOf(&l, "action", a.Action, vocabulary["action"]...)
	}
	return l.Err()
}

func (c UpdateAdverseEvent) decide(d *decision) ([]Event, error) {
	r, ok := d.p.adverseRecord(c.Event)
	if !ok {
		return nil, fault.New("entry-unknown", "event", "entry %d tells no adverse event of %s", c.Event, d.p.Subject)
	}
	e := c.AdverseEventUpdated
	if err := d.adverseNow(&e.AdverseEvent); err != nil {
		return nil, err
	}
	if same(r.Now(), e.AdverseEvent) {
		return nil, fault.New("correction-same", "", "the event stands so already")
	}
	return append([]Event{e}, d.askHarm(e.AdverseEvent, e.Event)...), nil
}

func same(a, b AdverseEvent) bool {
	x, _ := plain(a)
	y, _ := plain(b)
	return string(x) == string(y)
}

func (p *Participant) adverseRecord(entry uint64) (*AdverseRecord, bool) {
	i := slices.IndexFunc(p.AdverseLog, func(r *AdverseRecord) bool { return r.Entry == entry })
	if i < 0 {
		return nil, false
	}
	return p.AdverseLog[i], true
}

func (e AdverseEvent) fold(s *State, p *Participant, f Fact) error {
	r := &AdverseRecord{Entry: f.Index}
	p.AdverseLog = append(p.AdverseLog, r)
	p.Adverse, p.adverseOf = append(p.Adverse, e), append(p.adverseOf, f.Index)
	r.add(f, e)
	s.facts[f.Index] = f
	p.imply()
	return nil
}

func (e AdverseEventUpdated) fold(s *State, p *Participant, f Fact) error {
	r, ok := p.adverseRecord(e.Event)
	if !ok {
		return fault.New("entry-unknown", "", "entry %d tells no adverse event", e.Event)
	}
	last := r.Versions[len(r.Versions)-1].Entry
	i := slices.Index(p.adverseOf, last)
	p.Adverse[i], p.adverseOf[i] = e.AdverseEvent, f.Index
	delete(s.facts, last) // an older version is history; the newest can be corrected
	r.add(f, e.AdverseEvent)
	s.facts[f.Index] = f
	p.imply()
	return nil
}

// add puts a version on; the clock begins with the first that is serious.
func (r *AdverseRecord) add(f Fact, e AdverseEvent) {
	r.Versions = append(r.Versions, AdverseVersion{Entry: f.Index, At: f.At, By: f.Actor, Role: f.Role, Event: e})
	r.clock(f.At, e)
}

func (r *AdverseRecord) clock(at time.Time, e AdverseEvent) {
	switch {
	case !e.Serious:
	case !e.Aware.IsZero():
		r.Aware = e.Aware
	case r.Aware.IsZero():
		r.Aware = at
	}
}

// corrected puts a corrected version where the earlier one stood.
func (p *Participant) corrected(entry uint64, e AdverseEvent) {
	for _, r := range p.AdverseLog {
		if last := &r.Versions[len(r.Versions)-1]; last.Entry == entry {
			last.Event = e
			r.clock(last.At, e)
		}
	}
	p.Adverse[slices.Index(p.adverseOf, entry)] = e
	p.imply()
}

func (c ReportSerious) decide(d *decision) ([]Event, error) {
	e := c.SeriousReported
	e.On = wireTime(e.On)
	r, ok := d.p.adverseRecord(e.Event)
	switch {
	case !ok || !r.Now().Serious:
		return nil, fault.New("entry-unknown", "event", "entry %d tells no serious adverse event of %s", e.Event, d.p.Subject)
	case e.On.After(d.m.At):
		return nil, fault.New("date-future", "on", "is still to come")
	}
	return one(e, e.check())
}

func (e SeriousReported) check() error {
	var l fault.List
	if e.To == "" || e.On.IsZero() {
		l.Addf("serious-report", "to", "say to whom it was passed on, and when")
	}
	checkWords(&l, "to", e.To, maxWord)
	return l.Err()
}

func (e SeriousReported) fold(_ *State, p *Participant, _ Fact) error {
	r, ok := p.adverseRecord(e.Event)
	if !ok {
		return fault.New("entry-unknown", "", "entry %d tells no adverse event", e.Event)
	}
	r.Reported = append(r.Reported, e)
	return nil
}
