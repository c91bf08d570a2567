package figure

import (
	"math"
	"strconv"
	"strings"
)

// Characters that numbers are set with.
const (
	Minus       = "\u2212"
	Dash        = "–"      // for what is absent
	NarrowSpace = "\u202f" // before a percent sign; does not break
)

// Fixed writes a number with that many decimals, a true minus sign, commas
// from 10,000 on, and no negative zero. What is not finite is a dash.
func Fixed(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Dash
	}
	if math.Abs(v) >= 1e12 { // no one reads so many digits
		m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e+")
		return strings.Replace(m, "-", Minus, 1) + " × 10^" + e
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) > 4 {
		whole = group(whole)
	}
	if frac != "" {
		whole += "." + frac
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return Minus + whole
	}
	return whole
}

func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Decimals says how many decimals show three significant figures of the
// largest of the numbers: 12.3, 1.23, 0.123. At most 6 and at least 0, so an
// estimate and its interval stand on one grid.
func Decimals(vs ...float64) int {
	largest := 0.0
	for _, v := range vs {
		if a := math.Abs(v); a > largest && !math.IsInf(a, 0) {
			largest = a
		}
	}
	if largest == 0 {
		return 1
	}
	d := 2 - int(math.Floor(math.Log10(largest)))
	// Rounding may carry into the next power of ten: 9.996 is 10.0.
	if d >= 0 && d <= 6 {
		if up := math.Round(largest*math.Pow10(d)) / math.Pow10(d); up > 0 && 2-int(math.Floor(math.Log10(up)+1e-12)) < d {
			d--
		}
	}
	return min(max(d, 0), 6)
}

// Three writes a number with three significant figures.
func Three(v float64) string { return Fixed(v, Decimals(v)) }

// Given writes a number as somebody stated it, with no more figures than it has.
func Given(v float64) string {
	for d := range 6 {
		if math.Abs(v-math.Round(v*math.Pow10(d))/math.Pow10(d)) < 1e-9*math.Max(1, math.Abs(v)) {
			return Fixed(v, d)
		}
	}
	return Three(v)
}

// Trim takes the zeros off the end of a number's decimals.
func Trim(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Maybe writes a number with three significant figures, or a dash for nil.
func Maybe(v *float64) string {
	if v == nil {
		return Dash
	}
	return Three(*v)
}

// Range writes an interval, "−1.2 to 2.0", with as many decimals as told.
func Range(low, high *float64, decimals int) string {
	if low == nil || high == nil {
		return Dash
	}
	return Fixed(*low, decimals) + " to " + Fixed(*high, decimals)
}

// P writes a p-value with its sign: "= 0.61", "= 0.042", "< 0.001",
// "> 0.99"; two significant figures, never 0.000 and never 1.
func P(p float64) string {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1:
		return Dash
	case p < 0.001:
		return "< 0.001"
	case p > 0.99:
		return "> 0.99"
	}
	d := 1 - int(math.Floor(math.Log10(p)))
	if up := math.Round(p*math.Pow10(d)) / math.Pow10(d); 1-int(math.Floor(math.Log10(up)+1e-12)) < d {
		d-- // 0.0999 is 0.10
	}
	return "= " + Fixed(p, min(max(d, 2), 4))
}

// PCell writes a p-value for a table: no equals sign.
func PCell(p *float64) string {
	if p == nil {
		return Dash
	}
	return strings.TrimPrefix(P(*p), "= ")
}

// Percent writes a share as a percentage: whole per cents, or one decimal
// where there are a hundred or more to count.
func Percent(share float64, of int) string {
	d := 0
	if of >= 100 {
		d = 1
	}
	if math.IsNaN(share) {
		return Dash
	}
	// Halves are rounded up, as readers do, and not to the even neighbour.
	scale := math.Pow10(d)
	return Fixed(math.Round(100*share*scale+1e-9)/scale, d) + NarrowSpace + "%"
}

// CountOf writes "12 (30 %)"; of nobody, a dash stands for the share.
func CountOf(n, of int) string {
	if of <= 0 {
		return strconv.Itoa(n) + " (" + Dash + ")"
	}
	return Fixed(float64(n), 0) + " (" + Percent(float64(n)/float64(of), of) + ")"
}

// Int writes a whole number.
func Int(n int) string { return Fixed(float64(n), 0) }

// finite gives the number behind a pointer if there is one and it is finite.
func finite(v *float64) (float64, bool) {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return 0, false
	}
	return *v, true
}
