package report

import (
	"dvala/estimate"
	"dvala/report/figure"
)

// baseline is Table 1: who took part, by group, without p-values.
func (t trial) baseline() section {
	s := section{ID: "baseline", Title: t.Say("Who took part")}
	if len(t.Baseline) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No baseline values are recorded."), Class: "none"})
		return s
	}
	groups := t.groups()
	tb := &table{
		Caption: t.Say("Table 1. Baseline by group, all randomised"),
		Head:    []string{t.Say("Mean (SD), median [quartiles], or n (%)")},
		Note:    t.Say("SMD: standardised mean difference, the difference in standard deviations. There are no p-values here: in a randomised trial they would test whether chance made chance's work."),
	}
	for _, g := range groups {
		tb.Head = append(tb.Head, t.label(g.ID)+" "+t.inBrackets(g.N))
	}
	tb.Head = append(tb.Head, t.Say("SMD"))
	last := ""
	for _, b := range t.Baseline {
		name := b.Label + comma(t.unitName(b.Unit))
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
				cell = t.baselineCell(b.Kind, b.Arms[i])
				if b.Arms[i].N < g.N && cell != figure.Dash {
					cell += ", n = " + t.Int(b.Arms[i].N)
				}
			}
			r.Cells = append(r.Cells, cell)
		}
		r.Cells = append(r.Cells, t.smd(b.SMD))
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

func (t trial) smd(v *float64) string {
	if v == nil {
		return figure.Dash
	}
	return t.Fixed(*v, 2)
}

// baselineCell is a cell of Table 1; where a group has values missing the number
// there is stands behind it.
func (t trial) baselineCell(kind string, a estimate.BaselineArm) string {
	if kind == "share" {
		if a.Count == nil {
			return figure.Dash
		}
		return t.CountOf(*a.Count, a.N)
	}
	return t.spread(a)
}

// spread is "44.1 (5.87), 44 [39 to 49]".
func (t trial) spread(a estimate.BaselineArm) string {
	if a.Mean == nil {
		return figure.Dash
	}
	d := figure.Decimals(*a.Mean)
	s := t.Fixed(*a.Mean, d)
	if a.SD != nil {
		s += " (" + t.Fixed(*a.SD, d) + ")"
	}
	if a.Median != nil {
		s += ", " + t.Trim(t.Fixed(*a.Median, d))
		if a.Q1 != nil && a.Q3 != nil {
			s += t.Say(" [%s to %s]", t.Trim(t.Fixed(*a.Q1, d)), t.Trim(t.Fixed(*a.Q3, d)))
		}
	}
	return s
}
