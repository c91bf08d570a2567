package estimate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readMeasure gives one number for each slot.
func (x *external) readMeasure(me measure, place string) map[slot]float64 {
	t := x.sheets.get(me.Table)
	all := map[slot][]float64{}
	unknown := map[string]bool{}
	for _, r := range t.rows {
		id, ok := t.subject(r)
		if !ok || !x.keep(t, r, me.Where, place) {
			continue
		}
		if x.people[id] == nil {
			unknown[id] = true
			continue
		}
		at, ok := x.slotOf(t, r, me, id, place)
		if !ok {
			continue
		}
		if v, ok := x.value(t, r, me.Value, place+".value"); ok {
			all[at] = append(all[at], v)
		}
	}
	if len(unknown) > 0 {
		x.m.problem(x.l, "person-unknown", place, "%d people of the table %s are not among the randomised and are left out: %s", len(unknown), me.Table, strings.Join(first(sortedKeys(unknown), 6), ", ")).AsWarning()
	}
	out := make(map[slot]float64, len(all))
	for _, at := range inOrder(all) {
		v := all[at]
		if me.Over == "" && len(v) > 1 {
			x.m.problem(x.l, "value-several", place, "%s has %d values where one is wanted (%s)", at.subject, len(v), at).
				WithHint("say with over what they amount to: mean, sum, …")
			continue
		}
		out[at] = over(me.Over, v)
	}
	return out
}

// inOrder gives the slots in a fixed order, so that problems are told in one.
func inOrder(all map[slot][]float64) []slot {
	return slices.SortedFunc(maps.Keys(all), func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.visit, b.visit), cmp.Compare(a.period, b.period), cmp.Compare(a.day, b.day))
	})
}

func (s slot) String() string {
	if s.visit != "" {
		return "visit " + s.visit
	}
	return fmt.Sprintf("period %d, day %d", s.period, s.day)
}

func first(s []string, n int) []string {
	if len(s) > n {
		return append(s[:n:n], "…")
	}
	return s
}

// over sums several numbers up in one.
func over(how string, v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	switch how {
	case "mean":
		return mean(s)
	case "sum":
		return mean(s) * float64(len(s))
	case "count":
		return float64(len(s))
	case "max":
		return s[len(s)-1]
	case "median":
		return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
	}
	return s[0]
}

// slotOf says where a row's value belongs.
func (x *external) slotOf(t *sheet, r sheetRow, me measure, id, place string) (slot, bool) {
	at := slot{subject: id, period: 1}
	if !me.Period.empty() {
		v, ok := x.text(t, r, me.Period, place+".period")
		n, err := strconv.Atoi(v)
		if !ok || err != nil || n < 0 || n > max(x.p.Design.Periods, 1) {
			x.row(r, "value-period", place+".period", "%q is not a period", v)
			return at, false
		}
		at.period = n
	}
	if !me.Visit.empty() {
		v, ok := x.text(t, r, me.Visit, place+".visit")
		visit, known := x.checked.Visit(v)
		if !ok || !known {
			x.row(r, "value-visit", place+".visit", "%q is no visit of the protocol", v)
			return at, false
		}
		at.visit, at.day = v, visit.Day
		if me.Period.empty() {
			at.period = max(visit.Period, 1)
		}
	}
	if !me.Day.empty() {
		v, ok := x.text(t, r, me.Day, place+".day")
		n, err := strconv.Atoi(v)
		if !ok || err != nil {
			x.row(r, "value-day", place+".day", "%q is not a day", v)
			return at, false
		}
		at.day = n
	}
	return at, true
}

// keep says whether all conditions hold; a missing cell meets none.
func (x *external) keep(t *sheet, r sheetRow, all []condition, place string) bool {
	for i, c := range all {
		holds, known := x.holds(t, r, c, place+".where["+strconv.Itoa(i)+"]")
		if !holds || !known {
			return false
		}
	}
	return true
}

func (x *external) holds(t *sheet, r sheetRow, c condition, place string) (holds, known bool) {
	v, ok := t.cell(r, c.Column)
	if !ok {
		return false, false
	}
	if len(c.OneOf) > 0 {
		return slices.Contains(c.OneOf, v), true
	}
	n, ok := x.number(t, r, c.Column, place)
	if !ok {
		return false, false
	}
	return (c.AtLeast == nil || n >= *c.AtLeast) && (c.Below == nil || n < *c.Below), true
}

// number reads a column's number; what is there and is none is a problem.
func (x *external) number(t *sheet, r sheetRow, column, place string) (float64, bool) {
	v, ok := t.cell(r, column)
	if !ok {
		return 0, false
	}
	n, good := t.number(v)
	if !good {
		x.row(r, "value-number", place, "column %s: %q is not a number", column, v)
	}
	return n, good
}

// value computes a row's number: what the row says, times a factor, less the
// terms.
func (x *external) value(t *sheet, r sheetRow, v valueMap, place string) (float64, bool) {
	n, ok := x.plain(t, r, v, place)
	if !ok {
		return 0, false
	}
	if v.Times != 0 {
		n *= v.Times
	}
	for _, term := range v.Minus {
		m, ok := x.number(t, r, term.Column, place+".minus")
		if !ok {
			return 0, false
		}
		if term.Times != 0 {
			m *= term.Times
		}
		n -= m
	}
	return n, true
}

func (x *external) plain(t *sheet, r sheetRow, v valueMap, place string) (float64, bool) {
	switch {
	case v.Column != "":
		return x.number(t, r, v.Column, place)
	case v.Reciprocal != "":
		n, ok := x.number(t, r, v.Reciprocal, place)
		if !ok || n == 0 {
			return 0, false
		}
		return 1 / n, true
	case v.Minutes != nil:
		from, ok1 := x.clock(t, r, v.Minutes.From, *v.Minutes, place)
		to, ok2 := x.clock(t, r, v.Minutes.To, *v.Minutes, place)
		return float64((to - from + 24*60) % (24 * 60)), ok1 && ok2
	case v.Holds != nil:
		holds, known := x.holds(t, r, *v.Holds, place)
		if holds {
			return 1, known
		}
		return 0, known
	}
	var xs []float64
	for _, c := range v.Mean {
		if n, ok := x.number(t, r, c, place); ok {
			xs = append(xs, n)
		}
	}
	if len(xs) < max(v.AtLeast, 1) {
		return 0, false
	}
	return mean(xs), true
}

func (x *external) clock(t *sheet, r sheetRow, column string, c clockSpan, place string) (int, bool) {
	v, ok := t.cell(r, column)
	if !ok {
		return 0, false
	}
	n, good := clock(v, c.Digits == "hhmm")
	if !good {
		x.row(r, "value-clock", place, "column %s: %q is not a time of day", column, v)
	}
	return n, good
}
