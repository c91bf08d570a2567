package estimate

import (
	"math"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/effect"
	"dvala/stats/linear"
	"dvala/stats/terms"
)

// Blinded is what everybody together, without an arm, tells of the spread of an
// estimand's outcome: what a sample size is planned with again while a trial
// runs (Kieser and Friede 2003). No group is in it or needed for it.
type Blinded struct {
	Estimand   string
	When, Unit string
	Randomised int
	Known      int // with a value, and with all that is adjusted for
	// Within says that the spread is of differences between a person's periods,
	// brought to one period.
	Within bool
	SD     float64 // of the values, or within a person in one period
	// Left is the SD of what baseline, strata and covariates leave, and Columns how
	// many columns they are; equal to SD and 0 where nothing is adjusted for.
	Left    float64
	Columns int
	// Share of responders, where the outcome is yes or no.
	Share *float64
}

// BlindSpread pools everybody randomised who has a value by now.
func BlindSpread(c protocol.Checked, d *Data, e protocol.Estimand) (Blinded, error) {
	r := newRun(c, d)
	for i := range r.data.People {
		r.data.People[i].Group = "" // whoever hands in more than a blind table
	}
	r.blind = true
	s := r.setOf(e)
	if r.parallel() {
		s = s.seenAtEnd() // models of several visits or weeks take people without one
	}
	b := Blinded{
		Estimand: e.ID, When: r.when(e.Variable), Unit: s.outcome.Unit, Randomised: len(r.data.People), Known: len(s.members),
		Within: !r.parallel(),
	}
	switch {
	case b.Known < 4:
		return b, fault.New(stats.TooFew, e.ID, "%d people have a value %s, and a spread wants at least 4", b.Known, b.When)
	case s.outcome.Kind == "binary":
		var sum float64
		for _, m := range s.members {
			x, _ := m.mean(1)
			sum += x
		}
		share := sum / float64(b.Known)
		b.Share = &share
		return b, nil
	case e.Summary != "mean-difference":
		return b, fault.New("blinded-summary", "estimands", "%s is told as %s, whose size does not come from a spread", e.ID, words(e.Summary))
	case b.Within:
		return b, r.blindWithin(s, &b)
	}
	return b, r.blindBetween(s, &b)
}

// blindBetween is the spread of people's values, and what is left of it.
func (r *run) blindBetween(s *set, b *Blinded) error {
	y := make([]float64, len(s.members))
	for i, m := range s.members {
		y[i], _ = m.mean(1)
	}
	b.SD = effect.GroupOf(y).SD
	b.Left = b.SD
	var res Result
	cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(y), &res)
	if err != nil {
		return err
	}
	if len(cols.names) == 0 {
		return spreadThere(b)
	}
	design, err := terms.Build(cols.vars, cols.names...)
	if err != nil {
		return err
	}
	fit, err := linear.Ordinary(design, y, linear.Options{Level: r.level})
	if err != nil {
		return err
	}
	b.Left, b.Columns = fit.Sigma, len(design.Columns)-1
	return spreadThere(b)
}

// blindWithin is that of differences between the two periods; divided by √2, of
// one period.
func (r *run) blindWithin(s *set, b *Blinded) error {
	if r.p.Design.Periods != 2 {
		return fault.New("blinded-summary", "design.periods", "a spread within people is pooled for two periods, and the design has %d", r.p.Design.Periods)
	}
	var d []float64
	for _, m := range s.members {
		one, _ := m.mean(1)
		two, _ := m.mean(2)
		d = append(d, two-one)
	}
	b.SD = effect.GroupOf(d).SD / math.Sqrt2
	b.Left = b.SD
	return spreadThere(b)
}

func spreadThere(b *Blinded) error {
	if !(b.SD > 0) || !(b.Left > 0) {
		return fault.New(stats.Constant, b.Estimand, "the values do not vary")
	}
	return nil
}
