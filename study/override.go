package study

import (
	"slices"
	"strings"

	"dvala/fault"
)

// OverrideEligibility lets a person in whom the protocol's rules keep out. It
// is a proposal: who proposes gives the reason, a second person signs, and it is
// a deviation. It covers the criteria that it names and no other: an answer
// that is corrected later and fails another criterion is not covered.
type OverrideEligibility struct {
	Criteria []string `json:"criteria"` // all that keep the person out
}

// Overridden is an override in force.
type Overridden struct {
	Criteria []string
	Entry    uint64 // of the approval
}

func (OverrideEligibility) command()          {}
func (OverrideEligibility) about() whom       { return onePerson }
func (OverrideEligibility) approvers() []Role { return []Role{RoleInvestigator} }

func (c OverrideEligibility) propose(d *decision) error {
	switch {
	case d.p.Eligible():
		return fault.New("eligible", string(d.p.Subject), "the rules let this person in")
	case !sameSet(c.Criteria, d.p.Screening.Failed):
		return fault.New("override-criteria", "criteria", "names %v, and what keeps the person out is %v", c.Criteria, d.p.Screening.Failed)
	}
	return d.inTrial()
}

func (c OverrideEligibility) approve(d *decision, of *Proposing) ([]Event, error) {
	if err := c.propose(d); err != nil {
		return nil, err
	}
	return []Event{Deviation{
		Code: "eligibility-overridden", Date: d.today(), Category: CategoryMajor,
		Note: "let in against " + strings.Join(c.Criteria, ", "),
	}}, nil
}

func (c OverrideEligibility) carry(_ *State, p *Participant, f Fact) error {
	p.Override = &Overridden{Criteria: c.Criteria, Entry: f.Index}
	return nil
}

// Eligible says whether the person may take part: by the rules, or by an
// override of every criterion that fails now.
func (p *Participant) Eligible() bool {
	return p.Screening.Eligible || p.Override != nil && !slices.ContainsFunc(p.Screening.Failed, func(id string) bool {
		return !slices.Contains(p.Override.Criteria, id)
	})
}

// sameSet says whether two lists name the same, in any order, each once.
func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) }) &&
		!slices.ContainsFunc(b, func(x string) bool { return !slices.Contains(a, x) })
}
