package report

import (
	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// habits tells what sleep went with, within people and between them.
func (t trial) habits() section {
	h := t.Habits
	if h == nil {
		return section{}
	}
	s := section{ID: "habits", Title: t.Say("What sleep went with")}
	s.Blocks = append(s.Blocks, block{Text: t.Say("%s Within: on a night with more of it than is usual for the person. Between: in people whose usual is more of it. The two need not agree, and neither is an effect of a treatment.", h.Note)})
	if h.Failed != "" {
		s.Blocks = append(s.Blocks, block{Text: t.Say("There is no estimate: %s", sentence(h.Failed)), Class: "failed"})
		return s
	}
	tb := &table{
		Caption: t.Say("%s%s: what it went with", h.Label, t.inUnit(h.Unit)), Head: []string{t.Say("Habit"), t.Say("Varied in"), t.Say("Within people (interval)"), t.Say("p, by Benjamini–Hochberg"), t.Say("Between people (interval)"), t.Say("p, by Benjamini–Hochberg")},
		Note: t.Say("%s nights of %s people, those before treatment included. P-values are adjusted over all effects in the table, and support no claim.", t.Int(h.Nights), t.Int(h.People)),
	}
	if len(h.Dropped) > 0 {
		tb.Note += t.Say(" Nights left out: %s.", t.reasons(h.Dropped))
	}
	var rows []figure.ForestRow
	for _, r := range h.Rows {
		step := t.Say("for each %s%s more", t.Given(r.Per), t.unit(r.Unit))
		if r.Per == 1 && r.Unit != "" {
			step = t.Say("for each %s more", estimate.UnitOneIn(protocol.Language(t.Lang()), r.Unit))
		}
		if r.Unit == "" {
			step = t.Say("for each step of %s", t.Given(r.Per))
		}
		if r.Lag > 0 {
			step += t.Say(", %s days before", t.Int(r.Lag))
		}
		line := row{Head: r.Habit, Note: step, Cells: []string{t.Int(r.Varies)}}
		for _, e := range []*estimate.HabitEffect{r.Within, r.Between} {
			if e == nil {
				line.Cells = append(line.Cells, figure.Dash, figure.Dash)
				continue
			}
			line.Cells = append(line.Cells, t.effect(e), t.PCell(e.PExplored))
		}
		tb.Rows = append(tb.Rows, line)
		f := figure.ForestRow{Label: r.Habit, Note: step, Value: t.Say("no estimate"), Hollow: true}
		if e := r.Within; e != nil {
			f.Estimate, f.Low, f.High, f.Value = &e.Estimate, &e.Low, &e.High, t.effect(e)+t.unit(h.Unit)
		}
		rows = append(rows, f)
	}
	pic := t.drawForest("fig-habits", t.Say("Habits and %s within people", h.Label), t.Say("Within people: the difference on a night with more of it than usual."), t.Say("Difference%s", t.inUnit(h.Unit)), t.Say("less"), t.Say("more"), rows, false)
	s.Blocks = append(s.Blocks, block{Figures: []picture{pic}}, block{Table: tb})
	return s
}

func (t trial) effect(e *estimate.HabitEffect) string {
	d := figure.Decimals(e.Estimate, e.Low, e.High)
	return t.Fixed(e.Estimate, d) + " (" + t.Range(&e.Low, &e.High, d) + ")"
}
