package report

import (
	"strings"

	"dvala/estimate"
	"dvala/report/figure"
)

// habits tells what sleep went with, within people and between them.
func (t trial) habits() section {
	h := t.Habits
	if h == nil {
		return section{}
	}
	s := section{ID: "habits", Title: "What sleep went with"}
	s.Blocks = append(s.Blocks, block{Text: h.Note + " Within: on a night with more of it than is usual for the person. Between: in people whose usual is more of it. The two need not agree, and neither is an effect of a treatment."})
	if h.Failed != "" {
		s.Blocks = append(s.Blocks, block{Text: "There is no estimate: " + sentence(h.Failed), Class: "failed"})
		return s
	}
	tb := &table{
		Caption: h.Label + inUnit(h.Unit) + ": what it went with", Head: []string{"Habit", "Varied in", "Within people (interval)", "p, by Benjamini–Hochberg", "Between people (interval)", "p, by Benjamini–Hochberg"},
		Note: figure.Int(h.Nights) + " nights of " + figure.Int(h.People) + " people, those before treatment included. P-values are adjusted over all effects in the table, and support no claim.",
	}
	if len(h.Dropped) > 0 {
		tb.Note += " Nights left out: " + reasons(h.Dropped) + "."
	}
	var rows []figure.ForestRow
	for _, r := range h.Rows {
		step := "for each " + figure.Given(r.Per) + unit(r.Unit) + " more"
		if r.Per == 1 && r.Unit != "" {
			step = "for each " + strings.TrimSuffix(r.Unit, "s") + " more"
		}
		if r.Unit == "" {
			step = "for each step of " + figure.Given(r.Per)
		}
		if r.Lag > 0 {
			step += ", " + figure.Int(r.Lag) + " days before"
		}
		line := row{Head: r.Habit, Note: step, Cells: []string{figure.Int(r.Varies)}}
		for _, e := range []*estimate.HabitEffect{r.Within, r.Between} {
			if e == nil {
				line.Cells = append(line.Cells, figure.Dash, figure.Dash)
				continue
			}
			line.Cells = append(line.Cells, effect(e), figure.PCell(e.PExplored))
		}
		tb.Rows = append(tb.Rows, line)
		f := figure.ForestRow{Label: r.Habit, Note: step, Value: "no estimate", Hollow: true}
		if e := r.Within; e != nil {
			f.Estimate, f.Low, f.High, f.Value = &e.Estimate, &e.Low, &e.High, effect(e)+unit(h.Unit)
		}
		rows = append(rows, f)
	}
	pic := t.drawForest("fig-habits", "Habits and "+h.Label+" within people", "Within people: the difference on a night with more of it than usual.", "Difference"+inUnit(h.Unit), "less", "more", rows, false)
	s.Blocks = append(s.Blocks, block{Figures: []picture{pic}}, block{Table: tb})
	return s
}

func effect(e *estimate.HabitEffect) string {
	d := figure.Decimals(e.Estimate, e.Low, e.High)
	return figure.Fixed(e.Estimate, d) + " (" + figure.Range(&e.Low, &e.High, d) + ")"
}
