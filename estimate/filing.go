package estimate

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"dvala/protocol"
)

// file puts an outcome's values into the tables, and what was planned and is
// not there among the absent.
func (x *external) file(me measure, values map[slot]float64) {
	o, _ := x.checked.Outcome(me.Outcome)
	for at, v := range values {
		if o.Source.Nightly() {
			x.out.Nights = append(x.out.Nights, NightValue{at.subject, o.ID, at.period, at.day, v})
		} else {
			x.out.Values = append(x.out.Values, Value{at.subject, o.ID, at.visit, at.period, at.day, v})
		}
	}
	planned := x.planned(o)
	for id := range x.people {
		for _, at := range planned {
			at.subject = id
			if _, ok := values[at]; !ok {
				x.out.Absent = append(x.out.Absent, Absent{Subject: id, Outcome: o.ID, Visit: at.visit, Period: at.period, Day: at.day, Why: "no value in the tables"})
			}
		}
	}
}

// planned gives the slots at which an estimand wants an outcome.
func (x *external) planned(o protocol.Outcome) []slot {
	seen := map[slot]bool{}
	var out []slot
	put := func(s slot) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	for _, e := range x.p.Estimands {
		v := e.Variable
		if v.Outcome != o.ID {
			continue
		}
		for _, id := range append([]string{v.Visit, v.BaselineVisit}, v.Visits...) {
			if visit, ok := x.checked.Visit(id); ok {
				put(slot{visit: id, day: visit.Day, period: max(visit.Period, 1)})
			}
		}
		for _, span := range []*protocol.Span{v.Nights, v.BaselineNights} {
			for period := 1; span != nil && period <= max(x.p.Design.Periods, 1); period++ {
				for day := span.From; day <= span.To; day++ {
					put(slot{period: period, day: day})
				}
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].String() < out[j].String() })
	return out
}

// complete marks who has values to the end.
func (x *external) complete() {
	has := map[string]map[int]bool{}
	last := 0
	for _, v := range x.out.Values {
		mark(has, v.Subject, v.Period, x.parallel(), v.Day)
		last = max(last, v.Day)
	}
	for _, n := range x.out.Nights {
		mark(has, n.Subject, n.Period, x.parallel(), n.Day)
		last = max(last, n.Day)
	}
	for id, p := range x.people {
		p.Completed = has[id][last]
		if !x.parallel() {
			p.Completed = true
			for k := 1; k <= x.p.Design.Periods; k++ {
				p.Completed = p.Completed && has[id][k]
			}
		}
	}
}

// mark notes a value by period, or by day in a parallel trial.
func mark(has map[string]map[int]bool, subject string, period int, parallel bool, day int) {
	if has[subject] == nil {
		has[subject] = map[int]bool{}
	}
	if parallel {
		period = day
	}
	has[subject][period] = true
}

// compare carries out a check: the measure's mean by treatment, and the mean
// difference within people who have both, or between groups.
func (x *external) compare(ck checkMap, values map[slot]float64) Check {
	arms := [2]string{ck.Treatment, ck.Comparator}
	by := [2]map[string][]float64{{}, {}}
	for at, v := range values {
		arm := x.arm(x.people[at.subject].Group, at.period)
		for k := range arms {
			if arm == arms[k] {
				by[k][at.subject] = append(by[k][at.subject], v)
			}
		}
	}
	var means [2]float64
	for k := range arms {
		var xs []float64
		for _, id := range sortedKeys(by[k]) {
			xs = append(xs, mean(slices.Sorted(slices.Values(by[k][id]))))
		}
		if len(xs) == 0 {
			return Check{What: ck.What, Detail: "no values with " + x.label(arms[k])}
		}
		means[k] = mean(xs)
	}
	diff := means[0] - means[1]
	how := "between groups"
	if !x.parallel() {
		var d []float64
		for _, id := range sortedKeys(by[0]) {
			if b, ok := by[1][id]; ok {
				d = append(d, mean(by[0][id])-mean(b))
			}
		}
		if len(d) == 0 {
			return Check{What: ck.What, Detail: "nobody has both values"}
		}
		diff, how = mean(d), fmt.Sprintf("within the %d people who have both", len(d))
	}
	held := (ck.AtLeast == nil || diff >= *ck.AtLeast) && (ck.AtMost == nil || diff <= *ck.AtMost)
	n := together(means[0], means[1], diff)
	return Check{
		What: ck.What, Held: &held,
		Detail: fmt.Sprintf("mean %s with %s (%d people) and %s with %s (%d people); difference %s %s; %s was expected",
			amount(n[0], ck.Unit), inText(x.label(arms[0])), len(by[0]), amount(n[1], ck.Unit), inText(x.label(arms[1])), len(by[1]),
			amount(n[2], ck.Unit), how, expected(ck)),
	}
}

func expected(ck checkMap) string {
	num := func(f *float64) string { return strings.Replace(strconv.FormatFloat(*f, 'f', -1, 64), "-", "−", 1) }
	switch {
	case ck.AtLeast != nil && ck.AtMost != nil:
		return num(ck.AtLeast) + " to " + num(ck.AtMost)
	case ck.AtLeast != nil:
		return num(ck.AtLeast) + " or more"
	case math.Abs(*ck.AtMost) > 0:
		return num(ck.AtMost) + " or less"
	}
	return "0 or less"
}
