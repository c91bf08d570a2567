package report

import (
	"fmt"

	"dvala/report/figure"
)

// family tells how the primary and secondary estimands are held to one error
// rate, with the picture of the procedure where it hands the rate on.
func (t trial) family() section {
	m := t.Multiplicity
	s := section{ID: "family", Title: "How the error rate is held"}
	if len(m.Nodes) < 2 {
		return section{}
	}
	s.Blocks = append(s.Blocks, block{Text: map[string]string{
		"fixed-sequence": "Each estimand is tested at the whole error rate, in this order, until one is not shown; what comes after it is not tested.",
		"graph":          "Each estimand begins with a share of the error rate, and hands it on along the arrows once it is shown (Bretz and others 2009).",
		"holm":           "All are tested together by the method of Holm.",
		"hochberg":       "All are tested together by the method of Hochberg, which takes them to be positively dependent.",
		"none":           "Nothing holds the family together: only a single primary estimand is tested.",
	}[m.Method] + " The error rate of the family is " + figure.Trim(figure.Fixed(100*m.Alpha, 1)) + figure.NarrowSpace + "%, two-sided."})
	tb := table{Caption: "The procedure and what it did", Head: []string{"Estimand", "Begins with", "p", "p, adjusted", "Shown"}}
	g := figure.Graph{ID: "fig-family", Title: "The procedure that holds the error rate", Width: wideWidth}
	for i, n := range m.Nodes {
		shown := "no"
		if n.Shown {
			shown = "yes"
			if n.Step > 0 {
				shown = fmt.Sprintf("yes, step %d", n.Step)
			}
		}
		share := figure.Dash
		if len(m.Arrows) > 0 || m.Method == "graph" {
			share = figure.Trim(figure.Fixed(100*n.Share, 1)) + figure.NarrowSpace + "%"
		}
		name := figure.Int(i+1) + ". " + n.Label
		tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{share, figure.PCell(n.P), figure.PCell(n.PAdjusted), shown}})
		g.Nodes = append(g.Nodes, figure.GraphNode{Label: name, Note: share + " · " + map[bool]string{true: "shown", false: "not shown"}[n.Shown], Done: n.Shown})
	}
	for _, a := range m.Arrows {
		if a.From < 0 || a.To < 0 || a.From >= len(g.Nodes) || a.To >= len(g.Nodes) {
			continue
		}
		g.Arrows = append(g.Arrows, figure.GraphArrow{From: a.From, To: a.To, Label: figure.Trim(figure.Fixed(100*a.Share, 1)) + figure.NarrowSpace + "%"})
	}
	if len(g.Arrows) > 0 {
		wide := g.SVG()
		g.ID, g.Width = "fig-family-narrow", narrowWidth
		s.Blocks = append(s.Blocks, block{Figures: []picture{{
			Title: "The procedure.", Caption: "Each box is an estimand with the share of the error rate it begins with; an arrow says how much of its share goes where once it is shown.",
			Wide: inline(wide), Narrow: inline(g.SVG()), Tables: []table{tb},
		}}})
		return s
	}
	s.Blocks = append(s.Blocks, block{Table: &tb})
	return s
}
