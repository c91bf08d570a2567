package study

import (
	"slices"

	"dvala/fault"
)

// KindDeviationReviewed is that of DeviationReviewed.
const KindDeviationReviewed Kind = "deviation-reviewed"

type (
	// ReviewDeviation judges a deviation.
	ReviewDeviation struct{ DeviationReviewed }
	// DeviationReviewed says how grave somebody holds a deviation to be, and why.
	DeviationReviewed struct {
		Entry    uint64 `json:"entry"`
		Category string `json:"category"` // minor, major
		Note     string `json:"note,omitempty" words:"hers"`
	}
)

func (ReviewDeviation) command()     {}
func (ReviewDeviation) about() whom  { return onePerson }
func (ReviewDeviation) leads() Kind  { return KindDeviationReviewed }
func (DeviationReviewed) Kind() Kind { return KindDeviationReviewed }

func (c ReviewDeviation) decide(d *decision) ([]Event, error) {
	if !slices.Contains(d.p.deviationOf, c.Entry) {
		return nil, fault.New("entry-unknown", "entry", "entry %d tells no deviation of %s", c.Entry, d.p.Subject)
	}
	return one(c.DeviationReviewed, c.check())
}

func (e DeviationReviewed) check() error {
	var l fault.List
	oneOf(&l, "category", e.Category, vocabulary["category"]...)
	checkSealed(&l, "note", Words(e.Note))
	return l.Err()
}

func (e DeviationReviewed) fold(s *State, p *Participant, f Fact) error {
	i := slices.Index(p.deviationOf, e.Entry)
	if i < 0 {
		return fault.New("entry-unknown", "", "entry %d tells no deviation", e.Entry)
	}
	p.Deviations[i].Category = e.Category
	if old, ok := s.facts[e.Entry]; ok {
		old.Event = p.Deviations[i]
		s.facts[e.Entry] = old
	}
	p.Reviews = append(p.Reviews, Entered[DeviationReviewed]{f.Index, f.At, e})
	return nil
}

// DeviationEntries gives the entries of a person's deviations, in step with
// Deviations.
func (p *Participant) DeviationEntries() []uint64 { return slices.Clone(p.deviationOf) }
