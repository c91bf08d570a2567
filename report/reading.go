package report

import (
	"math"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// This file decides what tables and figures may claim; what sentences may is
// decided once, in the results (estimate.Speak).

// span is a result's interval turned so that up is better for the treatment;
// that of a ratio on the scale of its logarithm.
type span struct{ low, high float64 }

func spanOf(r estimate.Result) (span, bool) {
	if r.Low == nil || r.High == nil || r.Estimate == nil || bad(*r.Low) || bad(*r.High) || bad(*r.Estimate) {
		return span{}, false
	}
	low, high := *r.Low, *r.High
	if r.Ratio() {
		if low, high = math.Log(low), math.Log(high); bad(low) || bad(high) {
			return span{}, false
		}
	}
	if r.Better == protocol.Lower {
		low, high = -high, -low
	}
	return span{low, high}, true
}

func bad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

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
func (t trial) unit(u string) string {
	if strings.TrimSpace(u) == "" {
		return ""
	}
	if u == "%" { // a difference of percentages
		return t.Say(" percentage points")
	}
	return " " + t.unitName(u)
}

// unitName is a unit as the reader knows it.
func (t trial) unitName(u string) string { return estimate.UnitIn(protocol.Language(t.Lang()), u) }

// level is the interval's, "95 %".
func (t trial) level(r estimate.Result) string {
	l := r.Level
	if !(l > 0 && l < 1) {
		l = 0.95
	}
	d := 0
	if math.Abs(100*l-math.Round(100*l)) > 1e-9 {
		d = 1
	}
	return t.Fixed(100*l, d) + figure.NarrowSpace + "%"
}

// value is the estimate and its interval for a table: "−3.42 (−5.61 to −1.23)".
func (t trial) value(r estimate.Result) string {
	if r.Failed != "" || r.Estimate == nil {
		return figure.Dash
	}
	d := digits(r)
	if r.Low == nil || r.High == nil {
		return t.Fixed(*r.Estimate, d)
	}
	return t.Fixed(*r.Estimate, d) + " (" + t.Range(r.Low, r.High, d) + ")"
}

// typeset puts the spaces of print into a sentence of the results: none that
// breaks before a percent sign or inside a p-value.
func (t trial) typeset(s string) string {
	return strings.NewReplacer(" %", figure.NarrowSpace+"%", "p = ", "p\u00a0=\u00a0", "p < ", "p\u00a0<\u00a0", "p > ", "p\u00a0>\u00a0").Replace(s)
}

// found and meant are what a result says of itself; the words are the results'
// own, so that terminal and report say the same.
func (t trial) found(r estimate.Result) string { return t.typeset(first1(r.Found, r.Sentence)) }

func (t trial) meant(r estimate.Result) string { return t.typeset(r.Reading) }

// claim says what the multiplicity procedure made of a result.
func (t trial) claim(r estimate.Result) string {
	s, ok := spanOf(r)
	_, b := t.sides(r)
	switch {
	case r.Failed != "":
		return t.Say("no estimate")
	case r.Place == protocol.Exploratory:
		return t.Say("exploratory: not tested")
	case r.Claim == "confirmed" && ok && s.high < 0:
		return t.Say("difference confirmed, in favour of %s", b)
	case r.Claim == "confirmed":
		return t.Say("difference confirmed")
	case r.Claim == "not tested":
		return t.Say("not tested")
	case r.Claim == "not confirmed":
		return t.Say("not confirmed")
	case r.Claim == "":
		return figure.Dash
	}
	return t.Say(r.Claim)
}

// sentence makes a sentence of a message.
func sentence(s string) string {
	s = capital(strings.TrimSpace(s))
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}
