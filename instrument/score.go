package instrument

import (
	"fmt"
	"math"

	"dvala/civil"
	"dvala/fault"
)

// Scores are the results of one form, in the order of the definition's scales.
type Scores []Result

// Result is one score, or why there is none.
type Result struct {
	Scale    ScaleID  `json:"scale"`
	Value    *float64 `json:"value,omitempty"` // absent, never 0, where the rule does not allow a score
	Absent   Absence  `json:"absent,omitempty"`
	Answered int      `json:"answered"` // of the items and scales it rests on
	Of       int      `json:"of"`
	Filled   int      `json:"filled,omitempty"` // answers that Missing.Fill stands in for
}

// Absence says why a score is absent.
type Absence string

const (
	TooFewAnswered Absence = "too-few-answered" // fewer items than Missing.AtLeast
	PartAbsent     Absence = "part-absent"      // a scale it is made of is absent
	NotDefined     Absence = "not-defined"      // the formula has no value here, as 0 hours in bed
)

// Value gives a score, and whether there is one.
func (s Scores) Value(id ScaleID) (float64, bool) {
	r, ok := s.Result(id)
	if !ok || r.Value == nil {
		return 0, false
	}
	return *r.Value, true
}

// Result gives a scale's result, absent or not.
func (s Scores) Result(id ScaleID) (Result, bool) {
	for _, r := range s {
		if r.Scale == id {
			return r, true
		}
	}
	return Result{}, false
}

// Score computes every scale of an instrument from one set of answers:
//
//	sum            Σ x
//	mean           Σ x / n
//	rescaled-mean  (Σ x / n − From) × Factor
//	combination    Σ Times·x + Plus
//	graded         points of the first step that holds x
//	span           minutes from one clock time to the next such, 0 < m ≤ 1440
//	percent        100 × x₁ / x₂
//
//	x      an item's answer, or Min + Max − answer where the item is reversed;
//	       or the value of a scale further up.
//	n      the items answered.
//
// An answer that is not there, "not sure" and "declined" all count as not
// answered. With fewer answered than Missing.AtLeast the score is absent with a
// reason; the form as a whole is an error only where an answer does not fit its
// item (Check). Sums are taken in the order of the definition, so equal answers
// give equal bits.
//
// Invariants (TestScoreInvariants): the order of items in the file changes no
// score; reversing an item and mirroring its answer changes no score; every
// score lies in its Range.
func Score(d *Definition, a Answers) (Scores, error) {
	if d == nil || d.canon == nil {
		return nil, fault.New("definition-unchecked", "", "this definition did not come from Parse")
	}
	if err := d.Check(a).Err(); err != nil {
		return nil, err
	}
	inner := make([]Result, 0, len(d.Scales))
	var out Scores
	for i := range d.Scales {
		r := d.result(&d.Scales[i], a, inner)
		inner = append(inner, r)
		if !d.Scales[i].Inner {
			out = append(out, r)
		}
	}
	return out, nil
}

// term is one x of a rule.
type term struct {
	x     float64
	times float64
}

func (d *Definition) result(s *Scale, a Answers, above Scores) Result {
	r := Result{Scale: s.ID, Of: len(s.Of)}
	if s.Rule == Span {
		return d.span(s, a, r)
	}
	var terms []term
	part := false
	for i, name := range s.Of {
		t := term{times: 1}
		if len(s.Times) > 0 {
			t.times = s.Times[i]
		}
		var ok bool
		if it, isItem := d.Item(ItemID(name)); isItem {
			t.x, ok = it.scored(a[it.ID])
		} else {
			t.x, ok = above.Value(ScaleID(name))
			part = part || !ok
		}
		if ok {
			terms = append(terms, t)
		}
	}
	r.Answered = len(terms)
	switch {
	case r.Answered < s.Missing.AtLeast && part:
		r.Absent = PartAbsent
		return r
	case r.Answered < s.Missing.AtLeast:
		r.Absent = TooFewAnswered
		return r
	}
	v := s.apply(terms)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.Absent = NotDefined
		return r
	}
	if s.Missing.Fill {
		r.Filled = r.Of - r.Answered
	}
	r.Value = &v
	return r
}

// apply gives the score of the terms, NaN where the formula has no value.
func (s *Scale) apply(ts []term) float64 {
	if len(ts) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, t := range ts {
		sum += t.x * t.times
	}
	n := float64(len(ts))
	switch s.Rule {
	case Sum:
		if s.Missing.Fill {
			return sum / n * float64(len(s.Of))
		}
		return sum
	case Mean:
		return sum / n
	case RescaledMean:
		return (sum/n - s.From) * s.Factor
	case Combination:
		return sum + s.Plus
	case Graded:
		return s.grade(ts[0].x)
	case Percent:
		if len(ts) < 2 || ts[1].x == 0 {
			return math.NaN()
		}
		return 100 * ts[0].x / ts[1].x
	}
	return math.NaN()
}

func (s *Scale) grade(x float64) float64 {
	for _, st := range s.Steps {
		switch {
		case st.UpTo != nil && x > *st.UpTo, st.Below != nil && x >= *st.Below:
			continue
		}
		return st.Points
	}
	return math.NaN()
}

func (d *Definition) span(s *Scale, a Answers, r Result) Result {
	var c []civil.Clock
	for _, name := range s.Of {
		if t, ok := a[ItemID(name)].Clock(); ok {
			c = append(c, t)
		}
	}
	if r.Answered = len(c); len(c) < 2 {
		r.Absent = TooFewAnswered
		return r
	}
	const day = 24 * 60
	m := (int(c[1]) - int(c[0]) + day) % day
	if m == 0 {
		m = day
	}
	v := float64(m)
	r.Value = &v
	return r
}

// scored gives the number with which an answer enters a score.
func (it *Item) scored(a Answer) (float64, bool) {
	x, ok := a.Number()
	if !ok {
		return 0, false
	}
	if it.Reverse {
		x = float64(it.Min) + float64(it.Max) - x
	}
	return x, true
}

// String gives "total 12" or "total – (too-few-answered, 6 of 7)".
func (r Result) String() string {
	if r.Value != nil {
		return fmt.Sprintf("%s %g", r.Scale, *r.Value)
	}
	return fmt.Sprintf("%s – (%s, %d of %d)", r.Scale, r.Absent, r.Answered, r.Of)
}
