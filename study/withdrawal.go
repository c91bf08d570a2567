package study

import (
	"slices"

	"dvala/civil"
	"dvala/fault"
)

// From what a person withdraws, and what each implies.
const (
	// FromTreatment: no kit, no dose; diary, device and visits go on.
	FromTreatment = "treatment"
	// FromDevice: no night of a ring or watch; all else goes on.
	FromDevice = "device"
	// FromFollowUp: nothing is collected any more and nobody reminds her; what
	// was collected stays; harms are still taken.
	FromFollowUp = "follow-up"
	// FromIdentifiers: follow-up ends with it, and the key under which her name,
	// her words and her files are kept is destroyed. `erased` says when it was.
	FromIdentifiers = "identifiers"
)

// KindErased says that a person's key is destroyed.
const KindErased Kind = "erased"

type (
	// RecordErasure says that the key is destroyed; whoever keeps the keys gives
	// it when that is done.
	RecordErasure struct{}
	// Erased: identity, free text and uploaded files of the person cannot be read
	// by anybody any more.
	Erased struct{}
)

func (RecordErasure) command()    {}
func (RecordErasure) about() whom { return onePerson }
func (RecordErasure) leads() Kind { return KindErased }
func (RecordErasure) afterLock()  {}
func (Erased) Kind() Kind         { return KindErased }
func (Erased) afterLock()         {}

func (d *decision) withdraw(c Withdraw) ([]Event, error) {
	if len(d.p.Consents) == 0 {
		return nil, d.consented()
	}
	if err := d.mayLeave(c.From); err != nil {
		return nil, err
	}
	if d.m.Role != RoleParticipant && blank(d.m.Reason) {
		return nil, fault.New("reason-missing", "reason", "a withdrawal entered for somebody needs a reason")
	}
	w := Withdrew{From: c.From, Why: c.Why, Date: d.today(), Words: c.Words}
	if !c.Date.IsZero() {
		w.Date = c.Date
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	if err := d.ofDeath(c); err != nil {
		return nil, err
	}
	ask := d.askForDeath(w, d.s.Entries)
	_, left := d.p.WithdrewFrom(FromFollowUp)
	if c.From == FromIdentifiers && !left && d.p.Completed == nil {
		whole := w
		whole.From = FromFollowUp
		w.Words = ""
		return append([]Event{whole, w}, ask...), nil
	}
	return append([]Event{w}, ask...), nil
}

// mayLeave refuses to leave what has been left, or never was.
func (d *decision) mayLeave(from string) error {
	_, left := d.p.WithdrewFrom(FromFollowUp)
	if _, twice := d.p.WithdrewFrom(from); twice && (from == FromIdentifiers || !left) {
		return fault.New("withdrew-already", string(d.p.Subject), "the person has left the %s already", from)
	}
	switch {
	case from == FromIdentifiers:
		return nil // also afterwards
	case left:
		return fault.New("withdrew", string(d.p.Subject), "the person has left the trial already")
	case d.p.Completed != nil:
		return fault.New("completed", string(d.p.Subject), "the person has completed the trial")
	case from == FromTreatment && d.p.Randomised == nil:
		return fault.New("not-randomised", string(d.p.Subject), "the person has no treatment to leave").WithHint("withdraw from follow-up instead")
	case from == FromDevice && !d.s.AsksDevice(d.p):
		return fault.New("device-unknown", "from", "the protocol has no device to leave")
	}
	return nil
}

// afterLeaving marks what arrives after the person has left, and was entered
// before: once a day, however much comes.
func (d *decision) afterLeaving() []Event {
	if d.p == nil || !d.waited() {
		return nil
	}
	v := Deviation{
		Code: "arrived-after-leaving", Date: civil.DateOf(d.m.At.In(d.local.Location())),
		Note: "entered before the person left, and waited on her device",
	}
	if slices.Contains(d.p.Deviations, v) {
		return nil
	}
	return []Event{v}
}

func (w Withdrew) check() error {
	var l fault.List
	oneOf(&l, "from", w.From, vocabulary["withdrawal"]...)
	oneOf(&l, "why", w.Why, vocabulary["why"]...)
	checkDate(&l, "date", w.Date)
	if w.Why == WhyDied && (w.From == FromTreatment || w.From == FromDevice) {
		l.Addf("death-from", "from", "who died has left the trial").WithHint("record that she left the trial")
	}
	checkSealed(&l, "words", w.Words)
	return l.Err()
}

func (c RecordErasure) decide(d *decision) ([]Event, error) {
	_, asked := d.p.WithdrewFrom(FromIdentifiers)
	switch {
	case d.p.Erased:
		return nil, nil // it is done once
	case !asked && blank(d.m.Reason):
		return nil, fault.New("reason-missing", "reason", "the person has not asked for this; it needs a reason")
	}
	return []Event{Erased{}}, nil
}

func (e Erased) fold(_ *State, p *Participant, _ Fact) error {
	if p.Erased {
		return fault.New("erased", "", "a key is destroyed once")
	}
	p.Erased = true
	return nil
}

// Stopped says whether nobody may remind or write to the person any more about
// what she is to do: she has left or died, or asked to be forgotten, or is through.
func (p *Participant) Stopped() bool {
	_, died := p.Died()
	return died || p.Completed != nil || p.Erased || p.Closed != nil || slices.ContainsFunc(p.Withdrawn, func(w Withdrew) bool {
		return w.From == FromFollowUp || w.From == FromIdentifiers
	})
}
