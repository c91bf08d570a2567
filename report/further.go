package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/report/figure"
)

// more is what a secondary or exploratory estimand has besides its line: the
// contrast over time, its curves, other assumptions, the fits.
func (t trial) more(id string, r estimate.Result) []block {
	var out []block
	out = append(out, t.individuals(id, r)...)
	out = append(out, t.times(id, r)...)
	out = append(out, t.curves(id, r)...)
	out = append(out, t.further(id, r)...)
	if len(out) == 0 {
		return nil
	}
	out = append(out, t.fits(r)...)
	return append([]block{{Sub: joinWhen(r)}}, out...)
}

// moreOf tells more of each; those of which there are only the fits to tell
// stand together at the end.
func (t trial) moreOf(id string, all []estimate.Result) []block {
	var out, rest []block
	for i, r := range all {
		if told := t.more(fmt.Sprintf("%s-%d", id, i+1), r); told != nil {
			out = append(out, told...)
		} else {
			rest = append(rest, t.fits(r)...)
		}
	}
	if len(rest) > 0 && len(out) > 0 {
		out = append(out, block{Sub: "How the other models sit"})
	}
	return append(out, rest...)
}

// times shows the contrast at each visit or week of the model.
func (t trial) times(id string, r estimate.Result) []block {
	if len(r.Times) < 2 {
		return nil
	}
	a, b := t.sides(r)
	left, right := t.favours(r)
	tb := &table{
		Caption: "Adjusted means and differences over the time of the model" + inUnit(r.Unit),
		Head:    []string{"", t.armOf(r, 0), t.armOf(r, 1), "Difference (" + level(r) + " interval)", "SE", "df", "p"},
		Note:    "Adjusted mean (people with values). Only the estimand’s own time was to be tested.",
	}
	var rows []figure.ForestRow
	for _, p := range r.Times {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		name := capital(p.When)
		line := row{Head: name}
		if p.Target {
			line.Note = "the estimand’s own"
		}
		for i := range 2 {
			cell := figure.Dash
			if i < len(p.Arms) {
				cell = figure.Maybe(p.Arms[i].Adjusted) + " (" + figure.Int(p.Arms[i].N) + ")"
			}
			line.Cells = append(line.Cells, cell)
		}
		line.Cells = append(line.Cells, value(one), figure.Three(p.SE), figure.Maybe(p.DF), figure.PCell(&p.P))
		tb.Rows = append(tb.Rows, line)
		f := figure.ForestRow{Label: name, Value: value(one) + unit(r.Unit), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: !p.Target}
		if r.Matters != nil && !bad(*r.Matters) {
			f.Band = *r.Matters
		}
		rows = append(rows, f)
	}
	caption := "Differences over the time of the model with their " + level(r) + " intervals; filled: what the estimand is about."
	pic := t.drawForest(id+"-times", "Differences over time in "+r.Label, caption, "Difference"+inUnit(r.Unit)+": "+a+" minus "+b, left, right, rows, false)
	return []block{{Text: "Over the time of the model", Class: "lead"}, {Figures: []picture{pic}}, {Table: tb}}
}

func (t trial) armOf(r estimate.Result, i int) string {
	if i < len(r.Arms) {
		return t.label(r.Arms[i].Arm)
	}
	return figure.Dash
}

// favours names the sides of an axis.
func (t trial) favours(r estimate.Result) (left, right string) {
	a, b := t.sides(r)
	left, right = "in favour of "+a, "in favour of "+b
	switch r.Better {
	case "higher":
		return right, left
	case "lower":
		return left, right
	}
	return "", ""
}

// further shows the same estimand under other assumptions.
func (t trial) further(id string, r estimate.Result) []block {
	if len(r.Sensitivity) == 0 {
		return nil
	}
	a, b := t.sides(r)
	left, right := t.favours(r)
	tb := &table{
		Caption: "Sensitivity analyses: " + joinWhen(r), Head: []string{"Analysis", "n", "Estimate (" + level(r) + " interval)", "SE", "p"},
		Note: "Other assumptions about the same estimand. None of them supports a claim; where they agree with the first line, its answer does not hang on its assumptions.",
	}
	words := &table{Caption: "What each of them assumes", Head: []string{"Analysis", "Method", "Said"}, Words: true, Folded: true}
	rows := []figure.ForestRow{t.furtherRow(r, "The analysis itself", false)}
	tb.Rows = append(tb.Rows, row{Head: "The analysis itself", Cells: []string{figure.Int(r.N), value(r) + unit(r.Unit), figure.Maybe(r.SE), figure.PCell(r.P)}})
	for _, s := range r.Sensitivity {
		name := estimate.SensitivityTitle(s.Analysis)
		shown := value(s)
		if shown != figure.Dash {
			shown += map[bool]string{true: " odds ratio", false: unit(s.Unit)}[s.Ratio()]
		}
		line := row{Head: name, Cells: []string{figure.Int(s.N), shown, figure.Maybe(s.SE), figure.PCell(s.P)}}
		said := typeset(s.Sentence)
		if s.Failed != "" {
			line.Note, said = "no estimate: "+s.Failed, "No estimate: "+sentence(s.Failed)
		}
		tb.Rows = append(tb.Rows, line)
		method := sentence(s.Method)
		for _, n := range s.Notes {
			method += " " + sentence(n)
		}
		words.Rows = append(words.Rows, row{Head: name, Cells: []string{method, said}})
		if s.Unit == r.Unit && !s.Ratio() && s.Low != nil {
			rows = append(rows, t.furtherRow(s, name, true))
		}
	}
	out := []block{{Text: "Would other assumptions have changed the answer?", Class: "lead"}}
	if len(rows) > 1 {
		caption := "The same difference under other assumptions, in the same unit, with " + level(r) + " intervals."
		pic := t.drawForest(id+"-sensitivity", "Sensitivity analyses of "+r.Label, caption, "Difference"+inUnit(r.Unit)+": "+a+" minus "+b, left, right, rows, false)
		out = append(out, block{Figures: []picture{pic}})
	}
	out = append(out, block{Table: tb}, block{Table: words})
	for _, s := range r.Sensitivity {
		out = append(out, t.tipping(id+"-tipping", s)...)
	}
	return out
}

func (t trial) furtherRow(r estimate.Result, name string, hollow bool) figure.ForestRow {
	row := figure.ForestRow{Label: name, Value: value(r) + unit(r.Unit), Estimate: r.Estimate, Low: r.Low, High: r.High, Hollow: hollow}
	if _, ok := spanOf(r); !ok {
		row.Estimate, row.Value = nil, "no interval"
	}
	if r.Matters != nil && !bad(*r.Matters) {
		row.Band = *r.Matters
	}
	return row
}

// tipping shows how the answer moves as the missing values are shifted.
func (t trial) tipping(id string, r estimate.Result) []block {
	tip := r.Tipping
	if tip == nil || len(tip.Points) == 0 {
		return nil
	}
	arm := within(t.label(tip.Arm))
	said := figure.Int(tip.Imputed) + " people with " + arm + " lack the last visit. "
	if tip.Imputed == 1 {
		said = "One person with " + arm + " lacks the last visit. "
	}
	limit := figure.Three(tip.Limit) + unit(r.Unit)
	switch len(tip.Crossings) {
	case 0:
		said += "However their values are shifted, up to " + limit + " either way from what the model expects, p stays on the same side of " + alpha(r) + "."
	case 1:
		said += "p would cross " + alpha(r) + " if their values lay " + shift(tip.Crossings[0], r.Unit) + " what the model expects, and at no other shift up to " + limit + "."
	default:
		said += "p would cross " + alpha(r) + " if their values lay "
		for i, x := range tip.Crossings {
			if i > 0 {
				said += " or "
			}
			said += shift(x, r.Unit)
		}
		said += " what the model expects."
	}
	a, b := t.sides(r)
	left, right := t.favours(r)
	tb := &table{Caption: "Tipping point: missing values with " + arm + " shifted", Head: []string{"Shift" + inUnit(r.Unit), "Difference (" + level(r) + " interval)", "p"}}
	var rows []figure.ForestRow
	for _, p := range tip.Points {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		name := "Shifted by " + figure.Trim(figure.Three(p.Delta))
		if p.Delta == 0 {
			name = "Not shifted"
		}
		tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{value(one), figure.PCell(&p.P)}})
		rows = append(rows, figure.ForestRow{Label: name, Value: value(one), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: p.Delta != 0})
	}
	caption := "The difference as the missing values with " + arm + " are shifted from what the model expects, with " + level(r) + " intervals."
	pic := t.drawForest(id, "Tipping point of "+r.Label, caption, "Difference"+inUnit(r.Unit)+": "+a+" minus "+b, left, right, rows, false)
	pic.Title, pic.Tables = "Tipping point.", []table{*tb}
	return []block{{Text: "How far off would the missing values have to be?", Class: "lead"}, {Text: typeset(said)}, {Figures: []picture{pic}}}
}

func alpha(r estimate.Result) string { return figure.Trim(figure.Fixed(1-r.Level, 4)) }

// shift says which way a shift goes: "3.2 points below".
func shift(x float64, u string) string {
	way := " above"
	if x < 0 {
		way = " below"
	}
	return figure.Three(math.Abs(x)) + unit(u) + way
}

// curves are the shares without an event over the days.
func (t trial) curves(id string, r estimate.Result) []block {
	if len(r.Curves) == 0 {
		return nil
	}
	tb := &table{Caption: r.Label + ": share without the event, by Kaplan and Meier", Head: []string{"Arm and day", "At risk", "Share (" + level(r) + " interval)"}}
	for _, c := range r.Curves {
		tb.Rows = append(tb.Rows, row{Head: t.label(c.Arm) + ": " + figure.Int(c.Events) + " of " + figure.Int(c.N), Group: true})
		if len(c.Points) == 0 {
			tb.Rows = append(tb.Rows, row{Head: "no event", Under: true, Cells: []string{figure.Int(c.N), figure.Dash}})
		}
		for _, p := range c.Points {
			low, high := 100*p.Low, 100*p.High
			tb.Rows = append(tb.Rows, row{Head: "day " + figure.Given(p.Day), Under: true, Cells: []string{
				figure.Int(p.AtRisk), figure.Fixed(100*p.Share, 1) + figure.NarrowSpace + "% (" + figure.Range(&low, &high, 1) + ")",
			}})
		}
	}
	f := figure.Steps{ID: id + "-curves", Title: r.Label + ": share without the event", Width: 640, Height: 280}
	for _, c := range r.Curves {
		arm := figure.StepsArm{Label: t.label(c.Arm), Look: t.look(c.Arm), N: c.N, End: c.End}
		for _, p := range c.Points {
			arm.At = append(arm.At, figure.Step{Day: p.Day, Share: p.Share, Low: p.Low, High: p.High})
		}
		f.Arms = append(f.Arms, arm)
	}
	wide := f.SVG()
	f.ID, f.Width = f.ID+"-narrow", narrowWidth
	pic := picture{
		Caption: "Kaplan and Meier’s share without the event, with its " + level(r) + " interval; a mark for each day with an event.",
		Wide:    inline(wide), Narrow: inline(f.SVG()), Tables: []table{*tb},
	}
	var out []block
	if l := t.armLegend(id + "-key"); l != "" {
		out = append(out, block{Legend: l})
	}
	return append(out, block{Figures: []picture{pic}})
}

// fits says what was tried, how the model sits, and what becomes of the answer
// without each person.
func (t trial) fits(r estimate.Result) []block {
	tb := &table{Caption: "How the model sits on the data: " + joinWhen(r), Head: []string{"", "Numbers"}, Words: true, Folded: true}
	add := func(name, said string) { tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{said}}) }
	for _, f := range r.Fits {
		said := "converged"
		if !f.Stands {
			said = "does not stand: " + first1(f.Why, "no reason is told")
		}
		add("Fitted: "+f.Model, said+"; "+figure.Int(f.Iterations)+" iterations")
	}
	if d := r.Diagnostics; d != nil {
		if q := d.Residuals; q != nil {
			add("Standardised residuals", figure.Int(q.N)+": median "+figure.Fixed(q.Median, 2)+", quartiles "+figure.Fixed(q.Q1, 2)+" and "+figure.Fixed(q.Q3, 2)+
				" (±0.67 if normal), from "+figure.Fixed(q.Min, 2)+" to "+figure.Fixed(q.Max, 2)+"; skewness "+figure.Fixed(q.Skewness, 2)+", excess kurtosis "+figure.Fixed(q.Kurtosis, 2)+
				"; "+figure.Int(q.Beyond)+" further than 3 from 0")
		}
		if in := d.Influence; in != nil {
			n := figure.Decimals(in.Low, in.High)
			said := "the estimate without one person runs from " + figure.Fixed(in.Low, n) + " to " + figure.Fixed(in.High, n) + unit(r.Unit) + "; without " + figure.Int(in.Crossed) +
				" of " + figure.Int(in.People) + " people p would lie on the other side of " + alpha(r)
			if in.Failed > 0 {
				said += "; without " + figure.Int(in.Failed) + " the model cannot be fitted"
			}
			add("Each person left out in turn", said)
		}
	}
	if len(tb.Rows) == 0 {
		return nil
	}
	return []block{{Table: tb}}
}
