package figure

import (
	"math"

	"dvala/report/voice"
)

// Characters that numbers are set with.
const (
	Minus       = voice.Minus
	Dash        = voice.Dash        // for what is absent
	NarrowSpace = voice.NarrowSpace // before a percent sign; does not break
)

// english sets numbers where no voice is asked for.
var english voice.Voice

// Fixed is voice.Voice.Fixed in English.
func Fixed(v float64, decimals int) string { return english.Fixed(v, decimals) }

// Three is voice.Voice.Three in English.
func Three(v float64) string { return english.Three(v) }

// Given is voice.Voice.Given in English.
func Given(v float64) string { return english.Given(v) }

// Trim is voice.Voice.Trim in English.
func Trim(s string) string { return english.Trim(s) }

// Maybe is voice.Voice.Maybe in English.
func Maybe(v *float64) string { return english.Maybe(v) }

// Range is voice.Voice.Range in English.
func Range(low, high *float64, decimals int) string { return english.Range(low, high, decimals) }

// P is voice.Voice.P in English.
func P(p float64) string { return english.P(p) }

// PCell is voice.Voice.PCell in English.
func PCell(p *float64) string { return english.PCell(p) }

// Percent is voice.Voice.Percent in English.
func Percent(share float64, of int) string { return english.Percent(share, of) }

// CountOf is voice.Voice.CountOf in English.
func CountOf(n, of int) string { return english.CountOf(n, of) }

// Int is voice.Voice.Int in English.
func Int(n int) string { return english.Int(n) }

// Decimals is voice.Decimals.
func Decimals(vs ...float64) int { return voice.Decimals(vs...) }

// finite gives the number behind a pointer if there is one and it is finite.
func finite(v *float64) (float64, bool) {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return 0, false
	}
	return *v, true
}
