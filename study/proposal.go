package study

import (
	"encoding/json"
	"slices"
	"time"

	"dvala/fault"
)

// Some things want two people. A command that is a Proposal only proposes: the
// fact `proposed` says what, in the command's own words and under its own name.
// It happens when somebody else, by another account, in one of the roles that
// may, signs the fact `approved`; or it does not, by `declined`.
//
//	proposed ─► approved   it happens
//	     └────► declined   it does not; it may be proposed again

// Kinds of facts about proposals.
const (
	KindProposed Kind = "proposed" // what one person wants and another has to approve
	KindApproved Kind = "approved" // by a second person, signed: now it happens
	KindDeclined Kind = "declined" // or withdrawn by who proposed it
)

// Proposal is a command that happens only when a second person approves it. A
// proposal is about a person or about the trial, as about says; the approval's
// subject is the same.
type Proposal interface {
	Command
	about() whom
	// propose says whether it can be proposed now, and by whom.
	propose(d *decision) error
	// approvers are the roles in which the second person may act.
	approvers() []Role
	// approve says whether it can still be done, and what stands beside it. The
	// decision is that of the approval.
	approve(d *decision, of *Proposing) ([]Event, error)
	// carry does it. p is nil of a proposal about the trial as a whole; f is the
	// approval.
	carry(s *State, p *Participant, f Fact) error
}

type (
	// Approve a proposal, by a signature with the meaning approval.
	Approve struct {
		Proposal uint64 `json:"proposal"` // the entry that proposes
	}
	// Decline a proposal, or take one's own back, with a reason.
	Decline struct {
		Proposal uint64 `json:"proposal"`
	}
	// Proposed says what is proposed: a command by its name and data. The reason
	// is the fact's.
	Proposed struct {
		What    string          `json:"what"`
		Details json.RawMessage `json:"details"`
	}
	// Approved makes a proposal happen.
	Approved struct {
		Proposal uint64 `json:"proposal"`
	}
	// Declined ends a proposal.
	Declined struct {
		Proposal uint64 `json:"proposal"`
	}
)

func (Approve) command()        {}
func (Approve) about() whom     { return either }
func (Approve) leads() Kind     { return KindApproved }
func (Approve) afterLock()      {}
func (Decline) command()        {}
func (Decline) about() whom     { return either }
func (Decline) leads() Kind     { return KindDeclined }
func (Decline) afterLock()      {}
func (Proposed) Kind() Kind     { return KindProposed }
func (Proposed) afterLock()     {}
func (Approved) Kind() Kind     { return KindApproved }
func (Approved) afterLock()     {}
func (Declined) Kind() Kind     { return KindDeclined }
func (Declined) afterLock()     {}
func (p *Proposing) Open() bool { return p.Settled == "" }

// Proposing is a proposal and what became of it.
type Proposing struct {
	Entry   uint64
	Subject Subject // empty of the trial as a whole
	What    string  // the command's name
	Wants   Proposal
	By      string
	Role    Role
	At      time.Time
	Reason  string
	// Settled is empty while it waits, then approved or declined, by whom, when
	// and why.
	Settled   Kind
	SettledBy string
	SettledAt time.Time
	Why       string
	Signature *Signature
}

// Waiting gives the proposals that nobody has settled, in their order: those
// about a person, or, with an empty code, those about the trial as a whole.
func (s *State) Waiting(who Subject) []*Proposing {
	var out []*Proposing
	for _, p := range s.Proposals {
		if p.Open() && p.Subject == who {
			out = append(out, p)
		}
	}
	return out
}

// Proposed gives a proposal by its entry.
func (s *State) Proposed(entry uint64) (*Proposing, bool) {
	i := slices.IndexFunc(s.Proposals, func(p *Proposing) bool { return p.Entry == entry })
	if i < 0 {
		return nil, false
	}
	return s.Proposals[i], true
}

// propose takes a proposal, of which there may be one of a kind at a time.
func (d *decision) propose(c Proposal) ([]Event, error) {
	if err := d.reasoned("a proposal"); err != nil {
		return nil, err
	}
	if err := c.propose(d); err != nil {
		return nil, err
	}
	if whole, is := c.(interface{ filled(*decision) Proposal }); is {
		c = whole.filled(d)
	}
	details, err := plain(c)
	if err != nil {
		return nil, fault.Wrap("command-form", "", err)
	}
	what := NameOf(c)
	for _, other := range d.s.Waiting(d.m.Subject) {
		if other.What == what {
			return nil, fault.New("proposed-already", place(other.Entry), "this has been proposed, and waits for a second person").
				WithHint("approve or decline that proposal first")
		}
	}
	return []Event{Proposed{What: what, Details: details}}, nil
}

func (c Approve) decide(d *decision) ([]Event, error) {
	p, err := d.waiting(c.Proposal)
	if err != nil {
		return nil, err
	}
	switch {
	case d.s.Locked != nil && !isAfterLock(p.Wants):
		return nil, fault.New("locked", "", "the database was locked on %s", d.s.LockedAt.Format(time.DateOnly))
	case p.By == d.m.Actor:
		return nil, fault.New("second-person", "actor", "%s has proposed this; another person has to approve it", p.By)
	case !slices.Contains(p.Wants.approvers(), d.m.Role):
		return nil, fault.New("approver-role", "role", "%s is approved by %v", p.What, p.Wants.approvers())
	}
	if err := d.signed(MeansApproval); err != nil {
		return nil, err
	}
	beside, err := p.Wants.approve(d, p)
	if err != nil {
		return nil, err
	}
	return append([]Event{Approved(c)}, beside...), nil
}

func (c Decline) decide(d *decision) ([]Event, error) {
	p, err := d.waiting(c.Proposal)
	if err != nil {
		return nil, err
	}
	if p.By != d.m.Actor && !slices.Contains(p.Wants.approvers(), d.m.Role) {
		return nil, fault.New("approver-role", "role", "%s is declined by %v, or by who proposed it", p.What, p.Wants.approvers())
	}
	return one(Declined(c), d.reasoned("declining a proposal"))
}

// waiting finds the proposal that is to be settled.
func (d *decision) waiting(entry uint64) (*Proposing, error) {
	p, ok := d.s.Proposed(entry)
	if !ok || p.Subject != d.m.Subject {
		return nil, fault.New("proposal-unknown", "proposal", "%s proposes nothing about this subject", place(entry))
	}
	if !p.Open() {
		return nil, fault.New("proposal-settled", "proposal", "this was %s by %s on %s", p.Settled, p.SettledBy, p.SettledAt.Format(time.DateOnly))
	}
	return p, nil
}

// wants reads what is proposed.
func (e Proposed) wants() (Proposal, error) {
	cmd, err := ReadCommand(e.What, e.Details)
	if err != nil {
		return nil, err
	}
	c, is := cmd.(Proposal)
	if !is {
		return nil, fault.New("proposal-form", "what", "%.60q is not proposed: it is done", e.What)
	}
	return c, nil
}

func (e Proposed) fold(s *State, p *Participant, f Fact) error {
	c, err := e.wants()
	if err != nil {
		return err
	}
	if (c.about() == onePerson) != (p != nil) && c.about() != either {
		return fault.New("subject-unknown", "", "a proposal of %s about the wrong subject", e.What)
	}
	s.Proposals = append(s.Proposals, &Proposing{
		Entry: f.Index, Subject: f.Subject, What: e.What, Wants: c, By: f.Actor, Role: f.Role, At: f.At, Reason: f.Reason,
	})
	return nil
}

func (e Approved) fold(s *State, p *Participant, f Fact) error {
	of, err := s.settle(e.Proposal, f)
	if err != nil {
		return err
	}
	if of.By == f.Actor || f.Signature == nil {
		return fault.New("second-person", "", "an approval that is not a second person's signature")
	}
	return of.Wants.carry(s, p, f)
}

func (e Declined) fold(s *State, _ *Participant, f Fact) error {
	_, err := s.settle(e.Proposal, f)
	return err
}

// settle ends a proposal.
func (s *State) settle(entry uint64, f Fact) (*Proposing, error) {
	of, ok := s.Proposed(entry)
	if !ok || !of.Open() || of.Subject != f.Subject {
		return nil, fault.New("proposal-unknown", "", "settles %s, which proposes nothing that waits", place(entry))
	}
	of.Settled, of.SettledBy, of.SettledAt, of.Why, of.Signature = f.Event.Kind(), f.Actor, f.At, f.Reason, f.Signature
	return of, nil
}
