package report

import (
	"dvala/estimate"
	"dvala/report/figure"
)

// flow is the CONSORT 2025 diagram.
func (t trial) flow() section {
	s := section{ID: "flow", Title: t.Say("Flow of participants")}
	f := t.Flow
	draw := func(width float64, id string) figure.Flow {
		d := figure.Flow{
			Voice: t.Voice,
			ID:    id, Title: t.Say("CONSORT flow of participants"), Width: width,
			Assessed:   figure.Box{Head: t.Say("Assessed for eligibility %s", t.inBrackets(f.Screened))},
			Excluded:   figure.Box{Head: t.Say("Excluded %s", t.inBrackets(total(f.Excluded))), Lines: t.countLines(f.Excluded)},
			Randomised: figure.Box{Head: t.Say("Randomised %s", t.inBrackets(f.Randomised))},
			Stages:     []string{t.Say("Allocation"), t.Say("Follow-up"), t.Say("Analysis")},
		}
		for _, a := range f.Arms {
			d.Columns = append(d.Columns, t.column(a))
		}
		return d
	}
	wide := draw(wideWidth, "fig-flow")
	caption := t.Say("Counted from the record of the trial, by arm as randomised.")
	if t.crossover() {
		caption = t.Say("Counted from the record of the trial, by sequence as randomised; everyone was to have each treatment in turn.")
	}
	if t.ofOne() {
		caption = t.Say("Counted from the record of the trial; everyone was to have each treatment several times, in an order of their own.")
	}
	s.Blocks = append(s.Blocks, block{Figures: []picture{{
		Caption: caption,
		Wide:    inline(wide.SVG()), Narrow: inline(draw(narrowWidth, "fig-flow-narrow").SVG()),
		Tables: []table{t.flowTable()},
	}}})
	return s
}

// inBrackets is "(n = 12)", which no line's end may part.
func (t trial) inBrackets(n int) string { return "(n\u00a0=\u00a0" + t.Int(n) + ")" }

func (t trial) countLines(cs []estimate.Count) []string {
	var out []string
	for _, c := range cs {
		out = append(out, t.Say("\t%s %s", t.plain(c.What), t.inBrackets(c.N)))
	}
	return out
}

// column is one arm's boxes.
func (t trial) column(a estimate.ArmFlow) []figure.Box {
	got := t.Say("Received the treatment")
	if t.crossover() {
		got = t.Say("Received a treatment")
	}
	n := func(k int) string { return " " + t.inBrackets(k) }
	alloc := figure.Box{Head: t.Say("Allocated to %s%s", t.label(a.Arm), n(a.Randomised)), Lines: []string{got + n(a.Received)}}
	if not := a.Randomised - a.Received; not > 0 {
		alloc.Lines = append(alloc.Lines, t.Say("Did not receive it%s", n(not)))
	}
	follow := figure.Box{Head: t.Say("Completed%s", n(a.Completed))}
	follow.Lines = append(append(follow.Lines, t.Say("Lost to follow-up%s", n(total(a.Lost)))), t.countLines(a.Lost)...)
	follow.Lines = append(append(follow.Lines, t.Say("Stopped the treatment%s", n(total(a.Stopped)))), t.countLines(a.Stopped)...)
	if a.Unblinded > 0 {
		follow.Lines = append(follow.Lines, t.Say("Unblinded in an emergency%s", n(a.Unblinded)))
	}
	analysis := figure.Box{Head: t.Say("Analysed%s", n(a.Analysed))}
	analysis.Lines = append(append(analysis.Lines, t.Say("Not in the primary analysis%s", n(total(a.NotAnalysed)))), t.countLines(a.NotAnalysed)...)
	return []figure.Box{alloc, follow, analysis}
}

func (t trial) flowTable() table {
	unblindedRow := t.Say("Unblinded in an emergency") // in the table where anybody was
	tb := table{Caption: t.Say("Flow of participants, numbers"), Head: []string{""}, Words: true}
	rows := []struct {
		name string
		get  func(estimate.ArmFlow) string
	}{
		{t.Say("Randomised"), func(a estimate.ArmFlow) string { return t.Int(a.Randomised) }},
		{t.Say("Received at least one dose"), func(a estimate.ArmFlow) string { return t.Int(a.Received) }},
		{t.Say("Stopped the treatment"), func(a estimate.ArmFlow) string { return t.withReasons(a.Stopped) }},
		{t.Say("Lost to follow-up"), func(a estimate.ArmFlow) string { return t.withReasons(a.Lost) }},
		{unblindedRow, func(a estimate.ArmFlow) string { return t.Int(a.Unblinded) }},
		{t.Say("Completed"), func(a estimate.ArmFlow) string { return t.Int(a.Completed) }},
		{t.Say("Analysed for the primary estimand"), func(a estimate.ArmFlow) string { return t.Int(a.Analysed) }},
		{t.Say("Not analysed"), func(a estimate.ArmFlow) string { return t.withReasons(a.NotAnalysed) }},
	}
	unblinded := 0
	for _, a := range t.Flow.Arms {
		tb.Head = append(tb.Head, t.label(a.Arm))
		unblinded += a.Unblinded
	}
	for _, r := range rows {
		if r.name == unblindedRow && unblinded == 0 {
			continue
		}
		out := row{Head: r.name}
		for _, a := range t.Flow.Arms {
			out.Cells = append(out.Cells, r.get(a))
		}
		tb.Rows = append(tb.Rows, out)
	}
	tb.Note = t.Say("Screened %s; excluded before randomisation %s. Randomised %s.", t.Int(t.Flow.Screened), t.withReasons(t.Flow.Excluded), t.Int(t.Flow.Randomised))
	return tb
}

// withReasons is "3: Adverse event (2); Moved (1)", or 0.
func (t trial) withReasons(cs []estimate.Count) string {
	if total(cs) == 0 {
		return "0"
	}
	return t.Int(total(cs)) + ": " + t.reasons(cs)
}
