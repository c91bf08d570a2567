package study

import "dvala/fault"

// Kinds of facts about those who do not take part.
const (
	KindNotScreened     Kind = "not-screened"     // asked, and never came as far as screening; nobody's code
	KindScreeningClosed Kind = "screening-closed" // screened, and will not be enrolled
)

// Why somebody is not enrolled, as the flow of participants counts them.
const (
	NotEligible = "not-eligible"
	NotWilling  = "declined"
	NotReached  = "no-contact"
	NoShow      = "no-show"
	NoTime      = "no-time"
	TooFar      = "too-far"
	OtherTrial  = "other-trial"
	NoLanguage  = "no-language" // none of the protocol's is hers
	NotOther    = "other"
)

// WhyNot gives all reasons for not being enrolled, in order. They are enough
// without a word more about somebody who never agreed to anything.
func WhyNot() []string {
	return []string{NotEligible, NotWilling, NotReached, NoShow, NoTime, TooFar, OtherTrial, NoLanguage, NotOther}
}

type (
	// LogNotScreened counts somebody who was asked and is not screened. No name
	// and no code: only that it was, where, and why, in a word of WhyNot.
	LogNotScreened struct {
		Site string `json:"site"`
		Why  string `json:"why"`
	}
	// CloseScreening says that a person who was screened will not be enrolled.
	CloseScreening struct{ ScreeningClosed }
	// NotScreened is one person of whom nothing is known but this.
	NotScreened struct {
		Site string `json:"site"`
		Why  string `json:"why"`            // one of WhyNot
		Note Words  `json:"note,omitempty"` // in ledgers from before it was refused
	}
	// ScreeningClosed ends a screening without enrolment.
	ScreeningClosed struct {
		Why  string `json:"why"` // one of WhyNot
		Note Words  `json:"note,omitempty"`
	}
)

func (LogNotScreened) command()    {}
func (LogNotScreened) about() whom { return theTrial }
func (LogNotScreened) leads() Kind { return KindNotScreened }
func (CloseScreening) command()    {}
func (CloseScreening) about() whom { return onePerson }
func (CloseScreening) leads() Kind { return KindScreeningClosed }
func (NotScreened) Kind() Kind     { return KindNotScreened }
func (ScreeningClosed) Kind() Kind { return KindScreeningClosed }

func (c LogNotScreened) decide(d *decision) ([]Event, error) {
	if _, ok := d.s.Protocol.Site(c.Site); !ok {
		return nil, fault.New("site-unknown", "site", "the protocol has no site %.60q", c.Site)
	}
	if d.m.Reason != "" {
		return nil, fault.New("words-keyless", "reason", "nothing is written in words about somebody who has no code: there is no key under which it could be kept, nor erased").
			WithHint("say why by one of the words %v", WhyNot())
	}
	e := NotScreened{Site: c.Site, Why: c.Why}
	return one(e, e.check())
}

func (c CloseScreening) decide(d *decision) ([]Event, error) {
	switch {
	case d.p.Enrolled != nil:
		return nil, fault.New("enrolled-already", string(d.p.Subject), "the person is enrolled").WithHint("record a withdrawal instead")
	case d.p.Closed != nil:
		return nil, fault.New("screening-closed", string(d.p.Subject), "the screening is closed already")
	case c.Why == NotEligible && d.p.Eligible():
		return nil, fault.New("eligible", "why", "the rules let this person in")
	}
	return one(c.ScreeningClosed, c.check())
}

func (e NotScreened) check() error     { return checkWhy(e.Why, e.Note) }
func (e ScreeningClosed) check() error { return checkWhy(e.Why, e.Note) }

func checkWhy(why string, note Words) error {
	var l fault.List
	oneOf(&l, "why", why, vocabulary["not-screened"]...)
	checkSealed(&l, "note", note)
	return l.Err()
}

func (e NotScreened) fold(s *State, _ *Participant, f Fact) error {
	if s.Locked != nil {
		return fault.New("locked", "", "a person after the lock")
	}
	s.NotScreened = append(s.NotScreened, e)
	return nil
}

func (e ScreeningClosed) fold(_ *State, p *Participant, _ Fact) error {
	p.Closed = &e
	return nil
}

// NotEnrolled says why a person who was screened is not in the trial, and false
// while she may still come in or is in it. Somebody whom the rules keep out
// needs no closing entry.
func (p *Participant) NotEnrolled() (why string, ok bool) {
	switch {
	case p.Enrolled != nil:
		return "", false
	case p.Closed != nil:
		return p.Closed.Why, true
	case !p.Eligible():
		return NotEligible, true
	}
	if w, left := p.WithdrewFrom(FromFollowUp); left {
		if w.Why == WhyDied {
			return NotOther, true
		}
		return NotWilling, true
	}
	return "", false
}
