package report

import (
	"fmt"
	"math"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// This file decides what the words may claim. It says "no evidence of a
// difference" where the interval holds zero, "too small to notice" only where
// the interval lies inside the smallest difference that matters, and never
// more than the interval does.

// span is a result's interval turned so that up is better for the treatment.
type span struct{ low, high float64 }

func spanOf(r estimate.Result) (span, bool) {
	if r.Low == nil || r.High == nil || r.Estimate == nil || bad(*r.Low) || bad(*r.High) || bad(*r.Estimate) {
		return span{}, false
	}
	if r.Better == protocol.Lower {
		return span{-*r.High, -*r.Low}, true
	}
	return span{*r.Low, *r.High}, true
}

func bad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// clear says that the interval leaves out zero.
func (s span) clear() bool { return s.low > 0 || s.high < 0 }

// digits is the number of decimals of an estimate and its interval.
func digits(r estimate.Result) int {
	var vs []float64
	for _, v := range []*float64{r.Estimate, r.Low, r.High} {
		if v != nil {
			vs = append(vs, *v)
		}
	}
	return figure.Decimals(vs...)
}

// unit is the unit of a difference with the space before it, or nothing.
func unit(u string) string {
	if strings.TrimSpace(u) == "" {
		return ""
	}
	if u == "%" { // a difference of percentages
		return " percentage points"
	}
	return " " + u
}

// level is the interval's, "95 %".
func level(r estimate.Result) string {
	l := r.Level
	if !(l > 0 && l < 1) {
		l = 0.95
	}
	d := 0
	if math.Abs(100*l-math.Round(100*l)) > 1e-9 {
		d = 1
	}
	return figure.Fixed(100*l, d) + figure.NarrowSpace + "%"
}

// interval is "95 % interval −5.61 to −1.23; p = 0.0021".
func interval(r estimate.Result) string {
	return level(r) + " interval " + figure.Range(r.Low, r.High, digits(r)) + pAfter(r)
}

// pAfter is "; p = 0.0021", unbroken by a line's end, or nothing.
func pAfter(r estimate.Result) string {
	if r.P == nil {
		return ""
	}
	return "; p\u00a0" + strings.ReplaceAll(figure.P(*r.P), " ", "\u00a0")
}

// value is the estimate and its interval for a table: "−3.42 (−5.61 to −1.23)".
func value(r estimate.Result) string {
	if r.Failed != "" || r.Estimate == nil {
		return figure.Dash
	}
	d := digits(r)
	if r.Low == nil || r.High == nil {
		return figure.Fixed(*r.Estimate, d)
	}
	return figure.Fixed(*r.Estimate, d) + " (" + figure.Range(r.Low, r.High, d) + ")"
}

// moment begins a sentence with the time point.
func moment(r estimate.Result) string {
	w := strings.TrimSpace(r.When)
	switch {
	case w == "":
		return ""
	case strings.HasPrefix(w, "nights "), strings.HasPrefix(w, "night "):
		return "Over " + w + ", "
	}
	return capital(w) + ", "
}

// answer is the result in one sentence: what differed, by how much, with the
// interval and its unit.
func (t trial) answer(r estimate.Result) string {
	s, ok := spanOf(r)
	if !ok {
		return fmt.Sprintf("%s: no estimate. %s", r.Label, sentence(first1(r.Failed, "the interval could not be computed")))
	}
	a, b := t.sides(r)
	d := digits(r)
	size := figure.Fixed(math.Abs(*r.Estimate), d) + unit(r.Unit)
	if !s.clear() {
		who, on := "the groups", "in"
		if t.crossover() {
			who = "the treatments"
		}
		if strings.HasPrefix(r.Unit, "point") {
			on = "on"
		}
		return capital(fmt.Sprintf("%s%s differed by %s%s %s %s (%s minus %s; %s).",
			moment(r), who, figure.Fixed(*r.Estimate, d), unit(r.Unit), on, theLabel(r.Label), a, b, interval(r)))
	}
	way := "higher"
	if *r.Estimate < 0 {
		way = "lower"
	}
	near, far := math.Min(math.Abs(*r.Low), math.Abs(*r.High)), math.Max(math.Abs(*r.Low), math.Abs(*r.High))
	return capital(fmt.Sprintf("%s%s was %s %s with %s than with %s (%s interval %s to %s %s%s).",
		moment(r), theLabel(r.Label), size, way, a, b, level(r), figure.Fixed(near, d), figure.Fixed(far, d), way, pAfter(r)))
}

// reading says what the interval is compatible with, and what it rules out.
func (t trial) reading(r estimate.Result) string {
	s, ok := spanOf(r)
	if !ok {
		return ""
	}
	a, b := t.sides(r)
	if r.Matters == nil || !(*r.Matters > 0) || bad(*r.Matters) {
		return t.readingAlone(r, s, a, b)
	}
	m := *r.Matters
	least := figure.Given(m) + unit(r.Unit)
	out := capital(least) + " is the least difference that people notice"
	if r.MattersFrom != "" {
		out += " (" + strings.TrimSuffix(r.MattersFrom, ".") + ")"
	}
	return out + ". " + against(s, m, a, b)
}

// against sets the interval beside the smallest difference that matters.
func against(s span, m float64, a, b string) string {
	gain, loss := "an advantage of "+a+" of that size", "an advantage of "+b+" of that size"
	switch {
	case s.low >= m:
		return "All of the interval is on the side of " + a + " and at least that large: the data are compatible only with an advantage that people would notice."
	case s.high <= -m:
		return "All of the interval is on the side of " + b + " and at least that large: the data are compatible only with a disadvantage of " + a + " that people would notice."
	case s.low > 0 && s.high < m:
		return "There is evidence of a difference in favour of " + a + ", and that it is smaller than this: the data rule " + gain + " out."
	case s.low > 0:
		return "There is evidence of a difference in favour of " + a + "; the data are compatible both with one too small to notice and with one that people notice."
	case s.high < 0 && s.low > -m:
		return "There is evidence of a difference in favour of " + b + ", and that it is smaller than this."
	case s.high < 0:
		return "There is evidence of a difference in favour of " + b + "; the data are compatible both with one too small to notice and with one that people notice."
	case s.high < m && s.low > -m:
		return "There is no evidence of a difference, and the data rule out one of that size in either direction: this is evidence that any difference is too small to notice."
	case s.high < m:
		return "There is no evidence of a difference, and the data rule " + gain + " out; they do not rule out " + loss + "."
	case s.low > -m:
		return "There is no evidence of a difference, and no evidence that there is none: the data are compatible with " + gain + " as well as with no difference at all; they rule out " + loss + "."
	}
	return "There is no evidence of a difference, and no evidence that there is none: the data are compatible with " + gain + ", with none, and with " + loss + "."
}

// readingAlone reads an interval for which nobody has said what matters.
func (t trial) readingAlone(r estimate.Result, s span, a, b string) string {
	unsaid := " From which size on people notice a difference is not stated for this outcome."
	d := digits(r)
	up, down := figure.Fixed(math.Abs(s.high), d)+unit(r.Unit), figure.Fixed(math.Abs(s.low), d)+unit(r.Unit)
	switch {
	case s.low > 0:
		return fmt.Sprintf("There is evidence of a difference in favour of %s; the data are compatible with anything from %s to %s.", a, down, up) + unsaid
	case s.high < 0:
		return fmt.Sprintf("There is evidence of a difference in favour of %s; the data are compatible with anything from %s to %s.", b, up, down) + unsaid
	}
	return fmt.Sprintf("There is no evidence of a difference, and no evidence that there is none: the data are compatible with anything from %s in favour of %s to %s in favour of %s.", down, b, up, a) + unsaid
}

// claim says what the multiplicity procedure made of a result.
func (t trial) claim(r estimate.Result) string {
	s, ok := spanOf(r)
	_, b := t.sides(r)
	switch {
	case r.Failed != "":
		return "no estimate"
	case r.Place == protocol.Exploratory:
		return "exploratory: not tested"
	case r.Claim == "confirmed" && ok && s.high < 0:
		return "difference confirmed, in favour of " + b
	case r.Claim == "confirmed":
		return "difference confirmed"
	case r.Claim == "not confirmed":
		return "not confirmed"
	case r.Claim == "":
		return figure.Dash
	}
	return r.Claim
}

// caution explains where interval and claim seem to disagree.
func (t trial) caution(r estimate.Result) string {
	s, ok := spanOf(r)
	if !ok || !s.clear() || r.Claim == "confirmed" || r.Place == protocol.Exploratory {
		return ""
	}
	if r.Claim == "not tested" {
		return "The interval leaves out zero, but an earlier estimand in the order was not confirmed, so this one was not tested and nothing is claimed from it."
	}
	return "The interval, taken alone, leaves out zero; counted together with the other estimands the difference is not confirmed."
}

// sentence makes a sentence of a message.
func sentence(s string) string {
	s = capital(strings.TrimSpace(s))
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}
