package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/protocol"
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
		out = append(out, block{Sub: t.Say("How the other models sit")})
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
		Caption: t.Say("Adjusted means and differences over the time of the model%s", t.inUnit(r.Unit)),
		Head:    []string{"", t.armOf(r, 0), t.armOf(r, 1), t.Say("Difference (%s interval)", t.level(r)), t.Say("SE"), t.Say("df"), "p"},
		Note:    t.Say("Adjusted mean (people with values). Only the estimand’s own time was to be tested."),
	}
	var rows []figure.ForestRow
	for _, p := range r.Times {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		name := capital(p.When)
		line := row{Head: name}
		if p.Target {
			line.Note = t.Say("the estimand’s own")
		}
		for i := range 2 {
			cell := figure.Dash
			if i < len(p.Arms) {
				cell = t.Maybe(p.Arms[i].Adjusted) + " (" + t.Int(p.Arms[i].N) + ")"
			}
			line.Cells = append(line.Cells, cell)
		}
		line.Cells = append(line.Cells, t.value(one), t.Three(p.SE), t.Maybe(p.DF), t.PCell(&p.P))
		tb.Rows = append(tb.Rows, line)
		f := figure.ForestRow{Label: name, Value: t.value(one) + t.unit(r.Unit), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: !p.Target}
		if r.Matters != nil && !bad(*r.Matters) {
			f.Band = *r.Matters
		}
		rows = append(rows, f)
	}
	caption := t.Say("Differences over the time of the model with their %s intervals; filled: what the estimand is about.", t.level(r))
	pic := t.drawForest(id+"-times", t.Say("Differences over time in %s", r.Label), caption, t.Say("Difference%s: %s minus %s", t.inUnit(r.Unit), a, b), left, right, rows, false)
	return []block{{Text: t.Say("Over the time of the model"), Class: "lead"}, {Figures: []picture{pic}}, {Table: tb}}
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
	left, right = t.Say("in favour of %s", a), t.Say("in favour of %s", b)
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
		Caption: t.Say("Sensitivity analyses: %s", joinWhen(r)), Head: []string{t.Say("Analysis"), "n", t.Say("Estimate (%s interval)", t.level(r)), t.Say("SE"), "p"},
		Note: t.Say("Other assumptions about the same estimand. None of them supports a claim; where they agree with the first line, its answer does not hang on its assumptions."),
	}
	words := &table{Caption: t.Say("What each of them assumes"), Head: []string{t.Say("Analysis"), t.Say("Method"), t.Say("Said")}, Words: true, Folded: true}
	rows := []figure.ForestRow{t.furtherRow(r, t.Say("The analysis itself"), false)}
	tb.Rows = append(tb.Rows, row{Head: t.Say("The analysis itself"), Cells: []string{t.Int(r.N), t.value(r) + t.unit(r.Unit), t.Maybe(r.SE), t.PCell(r.P)}})
	for _, s := range r.Sensitivity {
		name := estimate.SensitivityTitleIn(protocol.Language(t.Lang()), s.Analysis)
		shown := t.value(s)
		if shown != figure.Dash {
			shown += map[bool]string{true: t.Say(" odds ratio"), false: t.unit(s.Unit)}[s.Ratio()]
		}
		line := row{Head: name, Cells: []string{t.Int(s.N), shown, t.Maybe(s.SE), t.PCell(s.P)}}
		said := t.typeset(s.Sentence)
		if s.Failed != "" {
			line.Note, said = t.Say("no estimate: %s", s.Failed), t.Say("No estimate: %s", sentence(s.Failed))
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
	out := []block{{Text: t.Say("Would other assumptions have changed the answer?"), Class: "lead"}}
	if len(rows) > 1 {
		caption := t.Say("The same difference under other assumptions, in the same unit, with %s intervals.", t.level(r))
		pic := t.drawForest(id+"-sensitivity", t.Say("Sensitivity analyses of %s", r.Label), caption, t.Say("Difference%s: %s minus %s", t.inUnit(r.Unit), a, b), left, right, rows, false)
		out = append(out, block{Figures: []picture{pic}})
	}
	out = append(out, block{Table: tb}, block{Table: words})
	for _, s := range r.Sensitivity {
		out = append(out, t.tipping(id+"-tipping", s)...)
	}
	return out
}

func (t trial) furtherRow(r estimate.Result, name string, hollow bool) figure.ForestRow {
	row := figure.ForestRow{Label: name, Value: t.value(r) + t.unit(r.Unit), Estimate: r.Estimate, Low: r.Low, High: r.High, Hollow: hollow}
	if _, ok := spanOf(r); !ok {
		row.Estimate, row.Value = nil, t.Say("no interval")
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
	said := t.Say("%s people with %s lack the last visit. ", t.Int(tip.Imputed), arm)
	if tip.Imputed == 1 {
		said = t.Say("One person with %s lacks the last visit. ", arm)
	}
	limit := t.Three(tip.Limit) + t.unit(r.Unit)
	switch len(tip.Crossings) {
	case 0:
		said += t.Say("However their values are shifted, up to %s either way from what the model expects, p stays on the same side of %s.", limit, t.alpha(r))
	case 1:
		said += t.Say("p would cross %s if their values lay %s what the model expects, and at no other shift up to %s.", t.alpha(r), t.shift(tip.Crossings[0], r.Unit), limit)
	default:
		said += t.Say("p would cross %s if their values lay ", t.alpha(r))
		for i, x := range tip.Crossings {
			if i > 0 {
				said += t.Say(" or ")
			}
			said += t.shift(x, r.Unit)
		}
		said += t.Say(" what the model expects.")
	}
	a, b := t.sides(r)
	left, right := t.favours(r)
	tb := &table{Caption: t.Say("Tipping point: missing values with %s shifted", arm), Head: []string{t.Say("Shift%s", t.inUnit(r.Unit)), t.Say("Difference (%s interval)", t.level(r)), "p"}}
	var rows []figure.ForestRow
	for _, p := range tip.Points {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		name := t.Say("Shifted by %s", t.Trim(t.Three(p.Delta)))
		if p.Delta == 0 {
			name = t.Say("Not shifted")
		}
		tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{t.value(one), t.PCell(&p.P)}})
		rows = append(rows, figure.ForestRow{Label: name, Value: t.value(one), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: p.Delta != 0})
	}
	caption := t.Say("The difference as the missing values with %s are shifted from what the model expects, with %s intervals.", arm, t.level(r))
	pic := t.drawForest(id, t.Say("Tipping point of %s", r.Label), caption, t.Say("Difference%s: %s minus %s", t.inUnit(r.Unit), a, b), left, right, rows, false)
	pic.Title, pic.Tables = t.Say("Tipping point."), []table{*tb}
	return []block{{Text: t.Say("How far off would the missing values have to be?"), Class: "lead"}, {Text: t.typeset(said)}, {Figures: []picture{pic}}}
}

func (t trial) alpha(r estimate.Result) string { return t.Trim(t.Fixed(1-r.Level, 4)) }

// shift says which way a shift goes: "3.2 points below".
func (t trial) shift(x float64, u string) string {
	way := t.Say(" above")
	if x < 0 {
		way = t.Say(" below")
	}
	return t.Three(math.Abs(x)) + t.unit(u) + way
}

// curves are the shares without an event over the days.
func (t trial) curves(id string, r estimate.Result) []block {
	if len(r.Curves) == 0 {
		return nil
	}
	tb := &table{Caption: t.Say("%s: share without the event, by Kaplan and Meier", r.Label), Head: []string{t.Say("Arm and day"), t.Say("At risk"), t.Say("Share (%s interval)", t.level(r))}}
	for _, c := range r.Curves {
		tb.Rows = append(tb.Rows, row{Head: t.Say("%s: %s of %s", t.label(c.Arm), t.Int(c.Events), t.Int(c.N)), Group: true})
		if len(c.Points) == 0 {
			tb.Rows = append(tb.Rows, row{Head: t.Say("no event"), Under: true, Cells: []string{t.Int(c.N), figure.Dash}})
		}
		for _, p := range c.Points {
			low, high := 100*p.Low, 100*p.High
			tb.Rows = append(tb.Rows, row{Head: t.Say("day %s", t.Given(p.Day)), Under: true, Cells: []string{
				t.Int(p.AtRisk), t.Fixed(100*p.Share, 1) + figure.NarrowSpace + "% (" + t.Range(&low, &high, 1) + ")",
			}})
		}
	}
	f := figure.Steps{Voice: t.Voice, ID: id + "-curves", Title: t.Say("%s: share without the event", r.Label), Width: 640, Height: 280}
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
		Caption: t.Say("Kaplan and Meier’s share without the event, with its %s interval; a mark for each day with an event.", t.level(r)),
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
	tb := &table{Caption: t.Say("How the model sits on the data: %s", joinWhen(r)), Head: []string{"", t.Say("Numbers")}, Words: true, Folded: true}
	add := func(name, said string) { tb.Rows = append(tb.Rows, row{Head: name, Cells: []string{said}}) }
	for _, f := range r.Fits {
		said := t.Say("converged")
		if !f.Stands {
			said = t.Say("does not stand: %s", first1(f.Why, t.Say("no reason is told")))
		}
		add(t.Say("Fitted: %s", f.Model), t.Say("%s; %s iterations", said, t.Int(f.Iterations)))
	}
	if d := r.Diagnostics; d != nil {
		if q := d.Residuals; q != nil {
			add(t.Say("Standardised residuals"), t.Say("%s: median %s, quartiles %s and %s (±0.67 if normal), from %s to %s; skewness %s, excess kurtosis %s; %s further than 3 from 0", t.Int(q.N), t.Fixed(q.Median, 2), t.Fixed(q.Q1, 2), t.Fixed(q.Q3, 2), t.Fixed(q.Min, 2), t.Fixed(q.Max, 2), t.Fixed(q.Skewness, 2), t.Fixed(q.Kurtosis, 2), t.Int(q.Beyond)))
		}
		if in := d.Influence; in != nil {
			n := figure.Decimals(in.Low, in.High)
			said := t.Say("the estimate without one person runs from %s to %s%s; without %s of %s people p would lie on the other side of %s", t.Fixed(in.Low, n), t.Fixed(in.High, n), t.unit(r.Unit), t.Int(in.Crossed), t.Int(in.People), t.alpha(r))
			if in.Failed > 0 {
				said += t.Say("; without %s the model cannot be fitted", t.Int(in.Failed))
			}
			add(t.Say("Each person left out in turn"), said)
		}
	}
	if len(tb.Rows) == 0 {
		return nil
	}
	return []block{{Table: tb}}
}
