package instrument

import (
	"fmt"
	"math"
)

// interval is the least and the greatest that something can be.
type interval struct{ lo, hi float64 }

func (c *checker) scaleList() {
	d := c.d
	d.score = make(map[ScaleID]int, len(d.Scales))
	reach := make(map[string]interval)
	for i := range d.Items {
		if it := &d.Items[i]; it.numeric() {
			reach[string(it.ID)] = interval{float64(it.Min), float64(it.Max)}
		} else if it.Kind == YesNo {
			reach[string(it.ID)] = interval{0, 1}
		}
	}
	for i := range d.Scales {
		s, place := &d.Scales[i], fmt.Sprintf("scales[%d]", i)
		c.name(string(s.ID), place+".id")
		_, isItem := d.Item(ItemID(s.ID))
		if _, twice := d.score[s.ID]; twice || isItem {
			c.bad("id-twice", place+".id", "%s is the name of something else already", s.ID)
			continue
		}
		if parts, ok := c.parts(s, place, reach); ok && c.ruleFields(s, place) {
			c.scale(s, place, parts, reach)
		}
		d.score[s.ID] = i
	}
}

// parts finds what a scale is made of.
func (c *checker) parts(s *Scale, place string, reach map[string]interval) ([]interval, bool) {
	var out []interval
	seen := map[string]bool{}
	ok := true
	for i, name := range s.Of {
		at := fmt.Sprintf("%s.of[%d]", place, i)
		if seen[name] {
			c.bad("scale-of", at, "%s is there twice", name)
			ok = false
		}
		seen[name] = true
		it, isItem := c.d.Item(ItemID(name))
		if isItem {
			it.Scored = true
		}
		in, known := reach[name]
		switch {
		case s.Rule == Span:
			if known = isItem && it.Kind == Clock; !known {
				c.bad("scale-of", at, "%s is no time of day", name)
			}
		case !known:
			c.bad("scale-of", at, "%s is neither an item with a number nor a scale further up", name)
		}
		ok = ok && known
		out = append(out, in)
	}
	if want := map[Rule]int{Graded: 1, Span: 2, Percent: 2}[s.Rule]; len(s.Of) == 0 || want > 0 && len(s.Of) != want {
		c.bad("scale-of", place+".of", "%d parts are too many or too few for %s", len(s.Of), s.Rule)
		ok = false
	}
	return out, ok
}

// ruleFields checks that a rule has the fields it needs and no others.
func (c *checker) ruleFields(s *Scale, place string) bool {
	before := len(c.l)
	only := func(field string, given bool, r Rule) {
		if given && s.Rule != r {
			c.bad("scale-field", place+"."+field, "belongs to the rule %s", r)
		}
	}
	only("times", len(s.Times) > 0, Combination)
	only("plus", s.Plus != 0, Combination)
	only("from", s.From != 0, RescaledMean)
	only("factor", s.Factor != 0, RescaledMean)
	only("steps", len(s.Steps) > 0, Graded)
	switch s.Rule {
	case Sum, Mean, Span, Percent:
	case RescaledMean:
		if s.Factor == 0 {
			c.bad("scale-field", place+".factor", "a rescaled mean needs a factor")
		}
	case Combination:
		if len(s.Times) != len(s.Of) {
			c.bad("scale-field", place+".times", "%d factors for %d parts", len(s.Times), len(s.Of)).WithHint("one for each of of")
		}
		for i, x := range s.Times {
			if x == 0 {
				c.bad("scale-field", fmt.Sprintf("%s.times[%d]", place, i), "a factor of 0 leaves the part out")
			}
		}
	case Graded:
		c.steps(s, place)
	default:
		c.bad("scale-rule", place+".rule", "%q is not a rule", s.Rule).
			WithHint("sum, mean, rescaled-mean, combination, graded, span or percent")
	}
	return len(c.l) == before
}

func (c *checker) steps(s *Scale, place string) {
	if len(s.Steps) < 2 {
		c.bad("scale-steps", place+".steps", "grading needs two steps at least")
	}
	last := math.Inf(-1)
	for i, st := range s.Steps {
		at := fmt.Sprintf("%s.steps[%d]", place, i)
		var bound float64
		switch {
		case st.UpTo != nil && st.Below != nil:
			c.bad("scale-steps", at, "up-to and below in one step").WithHint("give one of them")
			continue
		case st.UpTo != nil:
			bound = *st.UpTo
		case st.Below != nil:
			bound = *st.Below
		}
		open := st.UpTo == nil && st.Below == nil
		if isLast := i == len(s.Steps)-1; open != isLast {
			c.bad("scale-steps", at, "the last step, and no other, has no bound")
		}
		if !open && bound <= last {
			c.bad("scale-steps", at, "the bound %v does not rise", bound)
		}
		last = bound
	}
}

func (c *checker) scale(s *Scale, place string, parts []interval, reach map[string]interval) {
	c.text(s.Label, place+".label", true)
	c.better(s.Better, place+".better")
	c.basis(s.Basis, place+".basis")
	if s.Unit == "" {
		c.bad("scale-unit", place+".unit", "the unit is missing").WithHint("points, mm, min or %%")
	}
	c.missing(s, place)
	c.polarity(s, place)
	if s.Rule == Percent && (parts[0].lo < 0 || parts[1].lo < 1) {
		c.bad("scale-of", place+".of", "a percentage is of parts that are never below 0, the second never below 1")
		return
	}
	r := s.reach(parts)
	if math.Abs(s.Range[0]-r.lo) > 1e-9 || math.Abs(s.Range[1]-r.hi) > 1e-9 {
		c.bad("scale-range", place+".range", "says %v to %v, and its parts give %v to %v", s.Range[0], s.Range[1], r.lo, r.hi)
	}
	reach[string(s.ID)] = r
	c.bands(s, place)
	width := r.hi - r.lo
	for i, d := range append(deref(s.Noticeable), s.Changes...) {
		at := fmt.Sprintf("%s.changes[%d]", place, i-len(deref(s.Noticeable)))
		if s.Noticeable != nil && i == 0 {
			at = place + ".noticeable"
		}
		c.basis(d.Basis, at+".basis")
		if d.Value <= 0 || d.Value > width {
			c.bad("scale-difference", at+".value", "a difference of %v on a scale %v wide", d.Value, width)
		}
		if d.What == "" {
			c.bad("scale-difference", at+".what", "what kind of difference this is, is missing")
		}
	}
}

func deref(d *Difference) []Difference {
	if d == nil {
		return nil
	}
	return []Difference{*d}
}

func (c *checker) missing(s *Scale, place string) {
	m, at := s.Missing, place+".missing"
	c.basis(m.Basis, at+".basis")
	n := len(s.Of)
	if m.AtLeast < 1 || m.AtLeast > n {
		c.bad("scale-missing", at+".at-least", "%d of %d parts", m.AtLeast, n)
		return
	}
	partial := m.AtLeast < n
	switch {
	case m.Fill && s.Rule != Sum:
		c.bad("scale-missing", at+".fill", "only a sum is filled; a mean is taken of what was answered")
	case partial && s.Rule != Mean && s.Rule != RescaledMean && !m.Fill:
		c.bad("scale-missing", at+".at-least", "a %s of some of its parts would be too small", s.Rule).WithHint("ask for all, or say fill: true for a sum")
	}
}

// polarity holds the direction of each item, after reversing, against that of
// the scale that adds them up.
func (c *checker) polarity(s *Scale, place string) {
	if s.Rule != Sum && s.Rule != Mean && s.Rule != RescaledMean || s.Better == NoBetter {
		return
	}
	for i, name := range s.Of {
		it, ok := c.d.Item(ItemID(name))
		if !ok || it.Better == NoBetter {
			continue
		}
		agree := it.Better == s.Better
		if agree == it.Reverse {
			c.bad("polarity", fmt.Sprintf("%s.of[%d]", place, i),
				"%s is better when %s (reverse: %v), and the score when %s", name, it.Better, it.Reverse, s.Better).
				WithHint("reverse the item, or set its direction right")
		}
	}
}

// reach gives the least and greatest score that the parts allow.
func (s *Scale) reach(parts []interval) interval {
	var sum interval
	for i, p := range parts {
		t := 1.0
		if s.Rule == Combination {
			t = s.Times[i]
		}
		a, b := p.lo*t, p.hi*t
		sum.lo += math.Min(a, b)
		sum.hi += math.Max(a, b)
	}
	n := float64(len(parts))
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range parts {
		lo, hi = math.Min(lo, p.lo), math.Max(hi, p.hi)
	}
	switch s.Rule {
	case Mean, RescaledMean:
		r := interval{sum.lo / n, sum.hi / n}
		if s.Missing.AtLeast < len(parts) { // the mean may rest on the widest items alone
			r = interval{lo, hi}
		}
		if s.Rule == RescaledMean {
			a, b := (r.lo-s.From)*s.Factor, (r.hi-s.From)*s.Factor
			r = interval{math.Min(a, b), math.Max(a, b)}
		}
		return r
	case Combination:
		return interval{sum.lo + s.Plus, sum.hi + s.Plus}
	case Graded:
		r := interval{math.Inf(1), math.Inf(-1)}
		for _, st := range s.Steps {
			r.lo, r.hi = math.Min(r.lo, st.Points), math.Max(r.hi, st.Points)
		}
		return r
	case Span:
		return interval{1, 24 * 60}
	case Percent:
		return interval{0, 100 * parts[0].hi / math.Max(parts[1].lo, 1)}
	}
	if s.Missing.Fill {
		return interval{math.Min(sum.lo, lo*n), math.Max(sum.hi, hi*n)}
	}
	return sum
}

func (c *checker) bands(s *Scale, place string) {
	last := math.Inf(-1)
	for i, b := range s.Bands {
		at := fmt.Sprintf("%s.bands[%d]", place, i)
		c.text(b.Label, at+".label", true)
		if b.Basis != (Basis{}) { // else it rests on what the scale rests on
			c.basis(b.Basis, at+".basis")
		}
		if b.From > b.To || b.From <= last || b.From < s.Range[0] || b.To > s.Range[1] {
			c.bad("scale-bands", at, "%v to %v overlaps the band before it or leaves the range", b.From, b.To).WithHint("bands rise, both ends inclusive")
		}
		last = b.To
	}
}
