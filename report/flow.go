package report

import (
	"fmt"

	"dvala/estimate"
	"dvala/report/figure"
)

// flow is the CONSORT 2025 diagram.
func (t trial) flow() section {
	s := section{ID: "flow", Title: "Flow of participants"}
	f := t.Flow
	draw := func(width float64, id string) figure.Flow {
		d := figure.Flow{
			ID: id, Title: "CONSORT flow of participants", Width: width,
			Assessed:   figure.Box{Head: "Assessed for eligibility " + inBrackets(f.Screened)},
			Excluded:   figure.Box{Head: "Excluded " + inBrackets(total(f.Excluded)), Lines: countLines(f.Excluded)},
			Randomised: figure.Box{Head: "Randomised " + inBrackets(f.Randomised)},
			Stages:     []string{"Allocation", "Follow-up", "Analysis"},
		}
		for _, a := range f.Arms {
			d.Columns = append(d.Columns, t.column(a))
		}
		return d
	}
	wide := draw(wideWidth, "fig-flow")
	caption := "Counted from the record of the trial, by arm as randomised."
	if t.crossover() {
		caption = "Counted from the record of the trial, by sequence as randomised; everyone was to have each treatment in turn."
	}
	if t.ofOne() {
		caption = "Counted from the record of the trial; everyone was to have each treatment several times, in an order of their own."
	}
	s.Blocks = append(s.Blocks, block{Figures: []picture{{
		Caption: caption,
		Wide:    inline(wide.SVG()), Narrow: inline(draw(narrowWidth, "fig-flow-narrow").SVG()),
		Tables: []table{t.flowTable()},
	}}})
	return s
}

// inBrackets is "(n = 12)", which no line's end may part.
func inBrackets(n int) string { return "(n\u00a0=\u00a0" + figure.Int(n) + ")" }

func countLines(cs []estimate.Count) []string {
	var out []string
	for _, c := range cs {
		out = append(out, fmt.Sprintf("\t%s %s", plain(c.What), inBrackets(c.N)))
	}
	return out
}

// column is one arm's boxes.
func (t trial) column(a estimate.ArmFlow) []figure.Box {
	got := "Received the treatment"
	if t.crossover() {
		got = "Received a treatment"
	}
	n := func(k int) string { return " " + inBrackets(k) }
	alloc := figure.Box{Head: "Allocated to " + t.label(a.Arm) + n(a.Randomised), Lines: []string{got + n(a.Received)}}
	if not := a.Randomised - a.Received; not > 0 {
		alloc.Lines = append(alloc.Lines, "Did not receive it"+n(not))
	}
	follow := figure.Box{Head: "Completed" + n(a.Completed)}
	follow.Lines = append(append(follow.Lines, "Lost to follow-up"+n(total(a.Lost))), countLines(a.Lost)...)
	follow.Lines = append(append(follow.Lines, "Stopped the treatment"+n(total(a.Stopped))), countLines(a.Stopped)...)
	if a.Unblinded > 0 {
		follow.Lines = append(follow.Lines, unblindedRow+n(a.Unblinded))
	}
	analysis := figure.Box{Head: "Analysed" + n(a.Analysed)}
	analysis.Lines = append(append(analysis.Lines, "Not in the primary analysis"+n(total(a.NotAnalysed))), countLines(a.NotAnalysed)...)
	return []figure.Box{alloc, follow, analysis}
}

// unblindedRow is in the table where anybody was.
const unblindedRow = "Unblinded in an emergency"

func (t trial) flowTable() table {
	tb := table{Caption: "Flow of participants, numbers", Head: []string{""}, Words: true}
	rows := []struct {
		name string
		get  func(estimate.ArmFlow) string
	}{
		{"Randomised", func(a estimate.ArmFlow) string { return figure.Int(a.Randomised) }},
		{"Received at least one dose", func(a estimate.ArmFlow) string { return figure.Int(a.Received) }},
		{"Stopped the treatment", func(a estimate.ArmFlow) string { return withReasons(a.Stopped) }},
		{"Lost to follow-up", func(a estimate.ArmFlow) string { return withReasons(a.Lost) }},
		{unblindedRow, func(a estimate.ArmFlow) string { return figure.Int(a.Unblinded) }},
		{"Completed", func(a estimate.ArmFlow) string { return figure.Int(a.Completed) }},
		{"Analysed for the primary estimand", func(a estimate.ArmFlow) string { return figure.Int(a.Analysed) }},
		{"Not analysed", func(a estimate.ArmFlow) string { return withReasons(a.NotAnalysed) }},
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
	tb.Note = fmt.Sprintf("Screened %s; excluded before randomisation %s. Randomised %s.",
		figure.Int(t.Flow.Screened), withReasons(t.Flow.Excluded), figure.Int(t.Flow.Randomised))
	return tb
}

// withReasons is "3: Adverse event (2); Moved (1)", or 0.
func withReasons(cs []estimate.Count) string {
	if total(cs) == 0 {
		return "0"
	}
	return figure.Int(total(cs)) + ": " + reasons(cs)
}
