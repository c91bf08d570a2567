package report

import (
	"dvala/report/figure"
)

// family tells how the primary and secondary estimands are held to one error
// rate, with the picture of the procedure where it hands the rate on.
func (t trial) family() section {
	m := t.Multiplicity
	s := section{ID: "family", Title: t.Say("How the error rate is held")}
	if len(m.Nodes) < 2 {
		return section{}
	}
	s.Blocks = append(s.Blocks, block{Text: t.Say("%s The error rate of the family is %s\u202f%%, two-sided.", map[string]string{
		"fixed-sequence": t.Say("Each estimand is tested at the whole error rate, in this order, until one is not shown; what comes after it is not tested."),
		"graph":          t.Say("Each estimand begins with a share of the error rate, and hands it on along the arrows once it is shown (Bretz and others 2009)."),
		"holm":           t.Say("All are tested together by the method of Holm."),
		"hochberg":       t.Say("All are tested together by the method of Hochberg, which takes them to be positively dependent."),
		"none":           t.Say("Nothing holds the family together: only a single primary estimand is tested."),
	}[m.Method], t.Trim(t.Fixed(100*m.Alpha, 1)))})
	tb := table{Caption: t.Say("The procedure and what it did"), Head: []string{t.Say("Estimand"), t.Say("Begins with"), "p", t.Say("p, adjusted"), t.Say("Shown")}}
	g := figure.Graph{Voice: t.Voice, ID: "fig-family", Title: t.Say("The procedure that holds the error rate"), Width: wideWidth}
	for i, n := range m.Nodes {
		shown := t.Say("no")
		if n.Shown {
			shown = t.Say("yes")
			if n.Step > 0 {
				shown = t.Say("yes, step %d", n.Step)
			}
		}
		share := figure.Dash
		if len(m.Arrows) > 0 || m.Method == "graph" {
			share = t.Trim(t.Fixed(100*n.Share, 1)) + figure.NarrowSpace + "%"
		}
		name := t.Int(i+1) + ". " + n.Label
		tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{share, t.PCell(n.P), t.PCell(n.PAdjusted), shown}})
		g.Nodes = append(g.Nodes, figure.GraphNode{Label: name, Note: share + " · " + map[bool]string{true: t.Say("shown"), false: t.Say("not shown")}[n.Shown], Done: n.Shown})
	}
	for _, a := range m.Arrows {
		if a.From < 0 || a.To < 0 || a.From >= len(g.Nodes) || a.To >= len(g.Nodes) {
			continue
		}
		g.Arrows = append(g.Arrows, figure.GraphArrow{From: a.From, To: a.To, Label: t.Trim(t.Fixed(100*a.Share, 1)) + figure.NarrowSpace + "%"})
	}
	if len(g.Arrows) > 0 {
		wide := g.SVG()
		g.ID, g.Width = "fig-family-narrow", narrowWidth
		s.Blocks = append(s.Blocks, block{Figures: []picture{{
			Title: t.Say("The procedure."), Caption: t.Say("Each box is an estimand with the share of the error rate it begins with; an arrow says how much of its share goes where once it is shown."),
			Wide: inline(wide), Narrow: inline(g.SVG()), Tables: []table{tb},
		}}})
		return s
	}
	s.Blocks = append(s.Blocks, block{Table: &tb})
	return s
}
