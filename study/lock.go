package study

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"dvala/fault"
)

// The lock comes in stages: a form, a person, the database. What is locked is
// not changed; unlocking wants two people and a reason, and is possible until
// the openings are published. The database is locked after a dry run, when every
// participant is, or with a reason why not.

// Kinds of facts about locks and signatures, besides KindLocked.
const (
	KindFormLocked     Kind = "form-locked"
	KindPersonLocked   Kind = "person-locked"
	KindUnlocked       Kind = "unlocked"
	KindSigned         Kind = "signed"
	KindSourceVerified Kind = "source-verified"
)

// What is locked, or signed.
const (
	OfForm   = "form"
	OfPerson = "person"
	OfTrial  = "trial"
)

// Locked closes the database.
type Locked struct {
	Entries uint64 `json:"entries"` // how many stood before this one
	Root    string `json:"root"`    // tree hash over them, hex
	// Waived are those who were enrolled and are not locked each by a signature;
	// the entry's reason says why.
	Waived []Subject `json:"waived,omitempty"`
}

type (
	// Lock the database; only after a dry run, when all queries are closed.
	Lock struct {
		Waive bool `json:"waive,omitempty"` // although participants are not locked one by one; with a reason
	}
	// LockForm locks one filled-in instrument, by the investigator's signature.
	LockForm struct{ FormLocked }
	// FormLocked names the entry that tells it.
	FormLocked struct {
		Entry uint64 `json:"entry"`
	}
	// LockPerson locks all that is known of a person, by the investigator's
	// signature, when no query about her is open.
	LockPerson struct{}
	// PersonLocked: see LockPerson.
	PersonLocked struct{}
	// Unlock proposes to unlock a form, a person or the trial.
	Unlock struct{ Unlocked }
	// Unlocked says what is open again.
	Unlocked struct {
		What  string `json:"what"`            // form, person, trial
		Entry uint64 `json:"entry,omitempty"` // of a form
	}
	// Sign a form, a person or the trial; the meaning is the signature's.
	Sign struct{ Signed }
	// Signed says what was signed: one entry, or all that the ledger held of the
	// person or the trial when this was written.
	Signed struct {
		What  string `json:"what"`
		Entry uint64 `json:"entry,omitempty"` // of a form
	}
	// VerifySource says that an entry was held against its source.
	VerifySource struct{ SourceVerified }
	// SourceVerified names the entry, and the fields if it was not all of them.
	SourceVerified struct {
		Entry  uint64   `json:"entry"`
		Fields []string `json:"fields,omitempty"`
	}
)

func (LockForm) command()         {}
func (LockForm) about() whom      { return onePerson }
func (LockForm) leads() Kind      { return KindFormLocked }
func (LockPerson) command()       {}
func (LockPerson) about() whom    { return onePerson }
func (LockPerson) leads() Kind    { return KindPersonLocked }
func (Unlock) command()           {}
func (Unlock) about() whom        { return either }
func (Unlock) afterLock()         {}
func (Unlock) approvers() []Role  { return []Role{RoleInvestigator, RoleMonitor} }
func (Sign) command()             {}
func (Sign) about() whom          { return either }
func (Sign) leads() Kind          { return KindSigned }
func (Sign) afterLock()           {}
func (VerifySource) command()     {}
func (VerifySource) about() whom  { return onePerson }
func (VerifySource) leads() Kind  { return KindSourceVerified }
func (VerifySource) afterLock()   {}
func (FormLocked) Kind() Kind     { return KindFormLocked }
func (PersonLocked) Kind() Kind   { return KindPersonLocked }
func (Unlocked) Kind() Kind       { return KindUnlocked }
func (Unlocked) afterLock()       {}
func (Signed) Kind() Kind         { return KindSigned }
func (Signed) afterLock()         {}
func (SourceVerified) Kind() Kind { return KindSourceVerified }
func (SourceVerified) afterLock() {}

// Signing is a signature that was given.
type Signing struct {
	Entry     uint64
	At        time.Time
	By        string
	Role      Role
	Signature Signature
	What      string
	Of        uint64 // a form's entry
}

// LockedForm says whether the form of an entry is locked.
func (p *Participant) LockedForm(entry uint64) bool { return slices.Contains(p.LockedForms, entry) }

// unlockedPerson refuses what would change a person who is locked.
func (d *decision) unlockedPerson(cmd Command) error {
	if d.p == nil || d.p.Locked == nil || isAfterLock(cmd) {
		return nil
	}
	return fault.New("locked", string(d.p.Subject), "this participant was locked by %s on %s", d.p.Locked.By, d.p.Locked.At.Format(time.DateOnly)).
		WithHint("two people can unlock her, with a reason")
}

func (c LockForm) decide(d *decision) ([]Event, error) {
	f, ok := d.s.facts[c.Entry]
	switch {
	case !ok || f.Subject != d.p.Subject || f.Event.Kind() != KindAnswered:
		return nil, fault.New("entry-unknown", "entry", "entry %d holds no form of %s", c.Entry, d.p.Subject)
	case d.p.LockedForm(c.Entry):
		return nil, fault.New("locked", "entry", "this form is locked already")
	case slices.ContainsFunc(d.p.OpenQueries(), func(q *Query) bool { return q.About != nil && *q.About == c.Entry }):
		return nil, fault.New("queries-open", "entry", "a query about this form is open").WithHint("close it, or waive it with a reason")
	}
	return one(c.FormLocked, d.byInvestigator())
}

// byInvestigator refuses a lock that the investigator has not signed.
func (d *decision) byInvestigator() error {
	if err := d.signed(MeansResponsibility); err != nil {
		return err
	}
	if d.m.Role != RoleInvestigator {
		return fault.New("lock-role", "role", "%s does not lock what people told: the investigator answers for it", d.m.Role)
	}
	return nil
}

// fold takes a lock without a signature too, of ledgers from before it wanted one.
func (e FormLocked) fold(_ *State, p *Participant, f Fact) error {
	p.LockedForms = append(p.LockedForms, e.Entry)
	if f.Signature != nil {
		p.Signatures = append(p.Signatures, Signing{Entry: f.Index, At: f.At, By: f.Actor, Role: f.Role, Signature: *f.Signature, What: OfForm, Of: e.Entry})
	}
	return nil
}

func (c LockPerson) decide(d *decision) ([]Event, error) {
	if err := d.ripe(d.p); err != nil {
		return nil, err
	}
	return one(PersonLocked{}, d.byInvestigator())
}

// ripe refuses to lock a person about whom something is still open.
func (d *decision) ripe(p *Participant) error {
	if n := len(p.OpenQueries()); n > 0 {
		return fault.New("queries-open", string(p.Subject), "%d queries are open", n).WithHint("close them, or waive each with a reason")
	}
	if _, waits := p.WaitsForSlot(); waits {
		return fault.New("allocation-waits", string(p.Subject), "the person waits to be randomised, and the custodian's program has not answered yet")
	}
	if w := d.s.Waiting(p.Subject); len(w) > 0 {
		return fault.New("proposals-open", string(p.Subject), "%s waits for a second person", w[0].What).WithHint("approve or decline it")
	}
	return nil
}

func (e PersonLocked) fold(s *State, p *Participant, f Fact) error {
	if p.Locked != nil || f.Signature == nil {
		return fault.New("locked", "", "a participant is locked once, by a signature")
	}
	p.Locked = &Signing{Entry: f.Index, At: f.At, By: f.Actor, Role: f.Role, Signature: *f.Signature, What: OfPerson}
	return nil
}

func (d *decision) lock(c Lock) ([]Event, error) {
	if !d.s.rehearsed {
		return nil, fault.New("no-dry-run", "", "the report has not been tried on a dummy allocation").
			WithHint("make tables and figures final before anyone knows an arm: record a dry run, then lock")
	}
	if err := d.lastPeriodOver(); err != nil {
		return nil, err
	}
	var l fault.List
	var open []Subject
	for _, who := range d.s.Order {
		p := d.s.People[who]
		if p.Locked != nil {
			continue
		}
		if err := d.ripe(p); err != nil {
			l.Merge("queries-open", string(who), err)
		}
		if p.Enrolled != nil {
			open = append(open, who)
		}
	}
	for _, w := range d.s.Waiting("") {
		l.Addf("proposals-open", "", "%s waits for a second person", w.What).WithHint("approve or decline it")
	}
	switch {
	case len(open) > 0 && !c.Waive:
		l.Addf("people-unlocked", "", "%d participants are not locked: %s", len(open), few(open)).
			WithHint("lock each with the investigator's signature, or waive that with a reason")
	case len(open) > 0 && blank(d.m.Reason):
		l.Addf("reason-missing", "reason", "locking the database over participants who are not locked needs a reason")
	}
	if d.m.Signature == nil {
		l.Addf("signature-missing", "signature", "the lock is signed by the investigator").WithHint("sign with the meaning %q", MeansResponsibility)
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	root := d.s.tree.Root()
	return []Event{Locked{Entries: d.s.Entries, Root: hex.EncodeToString(root[:]), Waived: open}}, nil
}

// few names the first of many.
func few(who []Subject) string {
	const most = 10
	var out []string
	for _, w := range who[:min(len(who), most)] {
		out = append(out, string(w))
	}
	if len(who) > most {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

func (c Unlock) propose(d *decision) error {
	return c.locked(d.s, d.p)
}

// locked says whether there is anything to unlock.
func (e Unlocked) locked(s *State, p *Participant) error {
	switch {
	case s.Openings != nil:
		return fault.New("openings-published", "", "the openings have been published; nothing is unlocked any more")
	case e.What != OfTrial && s.Locked != nil:
		return fault.New("locked", "", "the database is locked").WithHint("unlock the trial first")
	case e.What == OfTrial && p == nil && s.Locked != nil,
		e.What == OfPerson && p != nil && p.Locked != nil,
		e.What == OfForm && p != nil && p.Locked == nil && p.LockedForm(e.Entry):
		return nil
	}
	return fault.New("not-locked", "what", "there is no locked %.60s here to unlock", e.What)
}

func (c Unlock) approve(d *decision, _ *Proposing) ([]Event, error) {
	return one(c.Unlocked, c.locked(d.s, d.p))
}

// carry does nothing: the fact that stands beside the approval does it.
func (c Unlock) carry(*State, *Participant, Fact) error { return nil }

func (e Unlocked) fold(s *State, p *Participant, _ Fact) error {
	if err := e.locked(s, p); err != nil {
		return err
	}
	switch e.What {
	case OfForm:
		p.LockedForms = slices.DeleteFunc(p.LockedForms, func(n uint64) bool { return n == e.Entry })
	case OfPerson:
		p.Locked = nil
	case OfTrial:
		s.Locked, s.LockedAt, s.rehearsed = nil, time.Time{}, false // another dry run before another lock
	}
	return nil
}

func (c Sign) decide(d *decision) ([]Event, error) {
	if d.m.Signature == nil {
		return nil, d.signed(MeansReview)
	}
	return one(c.Signed, c.fits(d.s, d.p))
}

func (e Signed) fits(s *State, p *Participant) error {
	switch {
	case e.What == OfTrial && p == nil, e.What == OfPerson && p != nil && e.Entry == 0:
		return nil
	case e.What == OfForm && p != nil:
		if f, ok := s.facts[e.Entry]; ok && f.Subject == p.Subject {
			return nil
		}
		return fault.New("entry-unknown", "entry", "entry %d tells nothing of %s that is signed", e.Entry, p.Subject)
	}
	return fault.New("sign-what", "what", "a form and a person are signed with her code, the trial without one")
}

func (e Signed) fold(s *State, p *Participant, f Fact) error {
	if err := e.fits(s, p); err != nil || f.Signature == nil {
		return fault.New("signature-missing", "", "signs nothing that is there")
	}
	x := Signing{Entry: f.Index, At: f.At, By: f.Actor, Role: f.Role, Signature: *f.Signature, What: e.What, Of: e.Entry}
	if p != nil {
		p.Signatures = append(p.Signatures, x)
	} else {
		s.Signatures = append(s.Signatures, x)
	}
	return nil
}

func (c VerifySource) decide(d *decision) ([]Event, error) {
	f, ok := d.s.facts[c.Entry]
	if !ok || f.Subject != d.p.Subject {
		return nil, fault.New("entry-unknown", "entry", "entry %d tells nothing of %s that has a source", c.Entry, d.p.Subject)
	}
	for _, field := range c.Fields {
		if !mayCorrect(f.Event.Kind(), field) {
			return nil, fault.New("field-fixed", "fields", "%.60q is not a field of a %s entry", field, f.Event.Kind())
		}
	}
	return []Event{c.SourceVerified}, nil
}

// Verification is a mark that an entry was held against its source. A correction
// of the entry takes it away.
type Verification struct {
	At     time.Time
	By     string
	Fields []string // none: all of them
}

func (e SourceVerified) fold(_ *State, p *Participant, f Fact) error {
	if p.Verified == nil {
		p.Verified = map[uint64]Verification{}
	}
	p.Verified[e.Entry] = Verification{At: f.At, By: f.Actor, Fields: e.Fields}
	return nil
}
