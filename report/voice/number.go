package voice

import (
	"math"
	"strconv"
	"strings"

	"dvala/civil"
)

// Characters that numbers are set with.
const (
	Minus       = "\u2212"
	Dash        = "–"      // for what is absent
	NarrowSpace = "\u202f" // before a percent sign; does not break
	HardSpace   = "\u00a0" // between thousands in Swedish
)

// Fixed writes a number with that many decimals, a true minus sign, thousands
// parted from 10,000 on, and no negative zero. What is not finite is a dash.
func (w Voice) Fixed(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Dash
	}
	if math.Abs(v) >= 1e12 { // no one reads so many digits
		m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e+")
		_, point := w.separators()
		return strings.NewReplacer("-", Minus, ".", point).Replace(m) + " × 10^" + e
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, frac, _ := strings.Cut(s, ".")
	thousands, point := w.separators()
	if len(whole) > 4 {
		whole = group(whole, thousands)
	}
	if frac != "" {
		whole += point + frac
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return Minus + whole
	}
	return whole
}

// separators stand between thousands and before decimals.
func (w Voice) separators() (thousands, point string) {
	if w.swedish {
		return HardSpace, ","
	}
	return ",", "."
}

func group(digits, separator string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
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
func (w Voice) Three(v float64) string { return w.Fixed(v, Decimals(v)) }

// Given writes a number as somebody stated it, with no more figures than it has.
func (w Voice) Given(v float64) string {
	for d := range 6 {
		if math.Abs(v-math.Round(v*math.Pow10(d))/math.Pow10(d)) < 1e-9*math.Max(1, math.Abs(v)) {
			return w.Fixed(v, d)
		}
	}
	return w.Three(v)
}

// Trim takes the zeros off the end of a number's decimals.
func (w Voice) Trim(s string) string {
	_, point := w.separators()
	if !strings.Contains(s, point) {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), point)
}

// Maybe writes a number with three significant figures, or a dash for nil.
func (w Voice) Maybe(v *float64) string {
	if v == nil {
		return Dash
	}
	return w.Three(*v)
}

// Range writes an interval, "−1.2 to 2.0", with as many decimals as told.
func (w Voice) Range(low, high *float64, decimals int) string {
	if low == nil || high == nil {
		return Dash
	}
	return w.Say("%s to %s", w.Fixed(*low, decimals), w.Fixed(*high, decimals))
}

// P writes a p-value with its sign: "= 0.61", "= 0.042", "< 0.001",
// "> 0.99"; two significant figures, never 0.000 and never 1.
func (w Voice) P(p float64) string {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1:
		return Dash
	case p < 0.001:
		return "< " + w.Fixed(0.001, 3)
	case p > 0.99:
		return "> " + w.Fixed(0.99, 2)
	}
	d := 1 - int(math.Floor(math.Log10(p)))
	if up := math.Round(p*math.Pow10(d)) / math.Pow10(d); 1-int(math.Floor(math.Log10(up)+1e-12)) < d {
		d-- // 0.0999 is 0.10
	}
	return "= " + w.Fixed(p, min(max(d, 2), 4))
}

// PCell writes a p-value for a table: no equals sign.
func (w Voice) PCell(p *float64) string {
	if p == nil {
		return Dash
	}
	return strings.TrimPrefix(w.P(*p), "= ")
}

// Percent writes a share as a percentage: whole per cents, or one decimal
// where there are a hundred or more to count.
func (w Voice) Percent(share float64, of int) string {
	d := 0
	if of >= 100 {
		d = 1
	}
	if math.IsNaN(share) {
		return Dash
	}
	// Halves are rounded up, as readers do, and not to the even neighbour.
	scale := math.Pow10(d)
	return w.Fixed(math.Round(100*share*scale+1e-9)/scale, d) + NarrowSpace + "%"
}

// CountOf writes "12 (30 %)"; of nobody, a dash stands for the share.
func (w Voice) CountOf(n, of int) string {
	if of <= 0 {
		return strconv.Itoa(n) + " (" + Dash + ")"
	}
	return w.Fixed(float64(n), 0) + " (" + w.Percent(float64(n)/float64(of), of) + ")"
}

// Int writes a whole number.
func (w Voice) Int(n int) string { return w.Fixed(float64(n), 0) }

var months = strings.Fields("januari februari mars april maj juni juli augusti september oktober november december")

// Date writes a date given as 2026-03-14, with or without a time of day behind
// it: in Swedish "14 mars 2026", in English as it stands.
func (w Voice) Date(s string) string {
	if !w.swedish || len(s) < 10 {
		return s
	}
	d, err := civil.ParseDate(s[:10])
	if err != nil {
		return s
	}
	out := strconv.Itoa(d.Day) + HardSpace + months[int(d.Month)-1] + " " + strconv.Itoa(d.Year)
	if rest, ok := strings.CutPrefix(s[10:], "T"); ok {
		return out + " kl." + HardSpace + strings.NewReplacer(":", ".", "Z", " UTC").Replace(rest)
	}
	return out + s[10:]
}
