package report

import (
	"dvala/estimate"
	"dvala/report/figure"
)

// baseline is Table 1: who took part, by group, without p-values.
func (t trial) baseline() section {
	s := section{ID: "baseline", Title: "Who took part"}
	if len(t.Baseline) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "No baseline values are recorded.", Class: "none"})
		return s
	}
	groups := t.groups()
	tb := &table{
		Caption: "Table 1. Baseline by group, all randomised",
		Head:    []string{"Mean (SD), median [quartiles], or n (%)"},
		Note: "SMD: standardised mean difference, the difference in standard deviations. There are no p-values here: " +
			"in a randomised trial they would test whether chance made chance's work.",
	}
	for _, g := range groups {
		tb.Head = append(tb.Head, t.label(g.ID)+" "+inBrackets(g.N))
	}
	tb.Head = append(tb.Head, "SMD")
	last := ""
	for _, b := range t.Baseline {
		name := b.Label + comma(b.Unit)
		r := row{Head: name}
		if b.Level != "" {
			if name != last {
				tb.Rows = append(tb.Rows, row{Head: name, Group: true})
			}
			r = row{Head: b.Level, Under: true}
		}
		last = name
		for i, g := range groups {
			cell := figure.Dash
			if i < len(b.Arms) {
				cell = baselineCell(b.Kind, b.Arms[i])
				if b.Arms[i].N < g.N && cell != figure.Dash {
					cell += ", n = " + figure.Int(b.Arms[i].N)
				}
			}
			r.Cells = append(r.Cells, cell)
		}
		r.Cells = append(r.Cells, smd(b.SMD))
		tb.Rows = append(tb.Rows, r)
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

func comma(u string) string {
	if u == "" {
		return ""
	}
	return ", " + u
}

func smd(v *float64) string {
	if v == nil {
		return figure.Dash
	}
	return figure.Fixed(*v, 2)
}

// baselineCell is a cell of Table 1; where a group has values missing the number
// there is stands behind it.
func baselineCell(kind string, a estimate.BaselineArm) string {
	if kind == "share" {
		if a.Count == nil {
			return figure.Dash
		}
		return figure.CountOf(*a.Count, a.N)
	}
	return spread(a)
}

// spread is "44.1 (5.87), 44 [39 to 49]".
func spread(a estimate.BaselineArm) string {
	if a.Mean == nil {
		return figure.Dash
	}
	d := figure.Decimals(*a.Mean)
	s := figure.Fixed(*a.Mean, d)
	if a.SD != nil {
		s += " (" + figure.Fixed(*a.SD, d) + ")"
	}
	if a.Median != nil {
		s += ", " + figure.Trim(figure.Fixed(*a.Median, d))
		if a.Q1 != nil && a.Q3 != nil {
			s += " [" + figure.Trim(figure.Fixed(*a.Q1, d)) + " to " + figure.Trim(figure.Fixed(*a.Q3, d)) + "]"
		}
	}
	return s
}
