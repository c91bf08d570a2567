package report

import (
	"strconv"

	"dvala/estimate"
	"dvala/report/figure"
)

// adherence is who took what was planned, and who wrote and wore.
func (t trial) adherence() section {
	s := section{ID: "adherence", Title: "Adherence"}
	if len(t.Adherence) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "No doses, diary days or nights are counted in this trial.", Class: "none"})
		return s
	}
	tb := &table{
		Caption: "Doses, diary days and ring nights by arm",
		Head:    []string{"", "People", "Mean share of planned doses", "Adherent", "Diary days: mean (SD), median [quartiles]", "Ring nights: mean (SD), median [quartiles]"},
		Note:    "Doses planned are those until withdrawal. Adherent: at or above the share that the protocol states.",
	}
	for _, a := range t.Adherence {
		share := figure.Dash
		if a.MeanShare != nil {
			share = figure.Fixed(100**a.MeanShare, 1) + figure.NarrowSpace + "%"
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(a.Arm), Cells: []string{
			figure.Int(a.People), share, figure.CountOf(a.Adherent, a.People), spread(a.DiaryDays), spread(a.RingNights),
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

// harmsKnown says whether the trial recorded harms at all.
func (t trial) harmsKnown() bool { return len(t.Harms.Arms) > 0 && t.Harms.NotRecorded == "" }

// harms are the adverse events, serious ones first.
func (t trial) harms() section {
	s := section{ID: "harms", Title: "Adverse events"}
	if !t.harmsKnown() {
		s.Blocks = append(s.Blocks, block{Text: sentence(first1(t.Harms.NotRecorded, "Adverse events were not recorded in the data of this trial")) + " That is not the same as none.", Class: "none"})
		return s
	}
	all := &table{Caption: "People with at least one adverse event, and events", Head: []string{"", "People", "With at least one", "Events"}}
	for _, a := range t.Harms.Arms {
		all.Rows = append(all.Rows, row{Head: t.label(a.Arm), Cells: []string{figure.Int(a.People), figure.CountOf(a.AtLeastOne, a.People), figure.Int(a.Events)}})
	}
	s.Blocks = append(s.Blocks, block{Table: all})
	if len(t.Harms.Serious) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "No serious adverse event was recorded."})
	} else {
		s.Blocks = append(s.Blocks, block{Sub: "Serious"}, block{Table: t.harmTable("Serious adverse events by term", t.Harms.Serious)})
	}
	s.Blocks = append(s.Blocks, t.unblindings()...)
	s.Blocks = append(s.Blocks, block{Sub: "All, by term"})
	if len(t.Harms.Terms) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "No adverse event was recorded."})
		return s
	}
	s.Blocks = append(s.Blocks, block{Table: t.harmTable("Adverse events by term", t.Harms.Terms)})
	return s
}

// unblindings are the people whose treatment was told to a physician in an
// emergency, by the adverse event that led to it; nothing where there were none.
func (t trial) unblindings() []block {
	rows := t.Harms.Unblinded
	if len(rows) == 0 {
		return nil
	}
	tb := &table{
		Caption: "People unblinded in an emergency, by the adverse event that led to it", Head: []string{"Because of"},
		Note: "To one named physician each, by the custodian or by holders of the break-glass key. Being unblinded is an intercurrent event; each estimand says what it does with it. " +
			"Someone unblinded because of two events is in the rows of both, and once in the last.",
	}
	all := row{Head: "Anyone"}
	for _, a := range t.Harms.Arms {
		tb.Head = append(tb.Head, t.label(a.Arm)+" "+inBrackets(a.People))
		all.Cells = append(all.Cells, figure.CountOf(a.Unblinded, a.People))
	}
	for _, u := range rows {
		r := row{Head: first1(u.Term, "no adverse event named")}
		for i, a := range t.Harms.Arms {
			r.Cells = append(r.Cells, unblindedCell(u, i, a.People))
		}
		tb.Rows = append(tb.Rows, r)
	}
	tb.Rows = append(tb.Rows, all)
	return []block{{Sub: "Emergency unblinding"}, {Table: tb}}
}

func unblindedCell(u estimate.UnblindedRow, i, people int) string {
	if i >= len(u.People) {
		return figure.Dash
	}
	return figure.CountOf(u.People[i], people)
}

func (t trial) harmTable(caption string, rows []estimate.HarmRow) *table {
	tb := &table{
		Caption: caption, Head: []string{"People (%) [95" + figure.NarrowSpace + "% interval], events"},
		Note: "Intervals are exact (Clopper and Pearson). Someone with the same event twice counts once among people and twice among events. " +
			"No tests: the trial was not planned to compare harms, and few events prove neither harm nor safety.",
	}
	for _, a := range t.Harms.Arms {
		tb.Head = append(tb.Head, t.label(a.Arm)+" "+inBrackets(a.People))
	}
	for _, h := range rows {
		r := row{Head: h.Term}
		for i, a := range t.Harms.Arms {
			r.Cells = append(r.Cells, harmCell(h, i, a.People))
		}
		tb.Rows = append(tb.Rows, r)
	}
	return tb
}

func harmCell(h estimate.HarmRow, i, people int) string {
	if i >= len(h.People) {
		return figure.Dash
	}
	s := figure.CountOf(h.People[i], people)
	if i < len(h.Low) && i < len(h.High) {
		s += " [" + figure.Fixed(100*h.Low[i], 1) + " to " + figure.Fixed(100*h.High[i], 1) + "]"
	}
	if i < len(h.Events) {
		s += ", " + figure.Int(h.Events[i])
	}
	return s
}

// blinding is what people believed they had.
func (t trial) blinding() section {
	s := section{ID: "blinding", Title: "Blinding"}
	g := t.Guess
	if g == nil || len(g.Arms) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "It was not asked what people believed they had.", Class: "none"})
		return s
	}
	tb := &table{
		Caption: "What people believed at the end",
		Head:    append(append([]string{"Had"}, capitals(g.Options)...), "Bang’s index (95"+figure.NarrowSpace+"% interval)"),
		Note:    "Bang’s blinding index: 0 is guessing by chance, 1 is everyone right, −1 is everyone wrong. Right guesses can come from noticing an effect as well as from a broken blind.",
	}
	if g.Each {
		tb.Caption = "What people believed at the end of each period"
		tb.Note += " Guesses of one person are alike: with several people the interval is over people, and of one person it takes her guesses as independent."
	}
	var rows []figure.ForestRow
	for i, a := range g.Arms {
		r := row{Head: t.label(a)}
		for j := range g.Options {
			cell := figure.Dash
			if i < len(g.Counts) && j < len(g.Counts[i]) {
				cell = figure.Int(g.Counts[i][j])
			}
			r.Cells = append(r.Cells, cell)
		}
		index := figure.Dash
		if i < len(g.Index) && i < len(g.Low) && i < len(g.High) {
			index = figure.Fixed(g.Index[i], 2) + " (" + figure.Range(&g.Low[i], &g.High[i], 2) + ")"
			rows = append(rows, figure.ForestRow{Label: t.label(a), Value: index, Estimate: &g.Index[i], Low: &g.Low[i], High: &g.High[i]})
		}
		r.Cells = append(r.Cells, index)
		tb.Rows = append(tb.Rows, r)
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	if j := g.James; j != nil {
		s.Blocks = append(s.Blocks, block{Text: "James’s blinding index of the whole trial is " + figure.Fixed(j.Value, 2) + " (95" + figure.NarrowSpace + "% interval " + figure.Range(&j.Low, &j.High, 2) +
			"): 1 is that nobody knows or ventures a guess, 0.5 is guessing by chance, 0 is everyone right."})
	}
	if len(rows) > 0 {
		f := figure.Forest{
			ID: "fig-blinding", Title: "Bang’s blinding index by arm", Width: wideWidth, Axis: "Bang’s blinding index",
			Left: "guessed wrong", Right: "guessed right", Span: &[2]float64{-1, 1}, Rows: rows,
		}
		wide := f.SVG()
		f.ID, f.Width = "fig-blinding-narrow", narrowWidth
		s.Blocks = append(s.Blocks, block{Figures: []picture{{Title: "Bang’s blinding index", Caption: "by arm; 0 is chance.", Wide: inline(wide), Narrow: inline(f.SVG())}}})
	}
	return s
}

func capitals(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = plain(w)
	}
	return out
}

// deviations from the protocol, by kind.
func (t trial) deviations() section {
	s := section{ID: "deviations", Title: "Deviations from the protocol"}
	if len(t.Deviations) == 0 {
		text := "None is recorded."
		if t.Trial.External {
			text = "The data of this trial do not record any; that is not the same as none."
		}
		s.Blocks = append(s.Blocks, block{Text: text, Class: "none"})
		return s
	}
	tb := &table{Caption: "Deviations by kind", Head: append([]string{"Kind"}, t.labels(t.groups())...)}
	for _, d := range t.Deviations {
		r := row{Head: plain(d.Code)}
		for i := range t.groups() {
			cell := figure.Dash
			if i < len(d.Arms) {
				cell = figure.Int(d.Arms[i])
			}
			r.Cells = append(r.Cells, cell)
		}
		tb.Rows = append(tb.Rows, r)
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

// missing is what was planned and did not come, and why.
func (t trial) missing() section {
	s := section{ID: "missing", Title: "What was missing, and why"}
	if len(t.Missing) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "Planned values were not counted in this trial.", Class: "none"})
		return s
	}
	tb := &table{Caption: "Values planned and received", Head: []string{"Outcome and arm", "Planned", "Received", "Missing", "Why"}, Prose: []int{4}}
	last := ""
	for _, m := range t.Missing {
		name := first1(m.Label, m.Outcome)
		if name != last {
			tb.Rows = append(tb.Rows, row{Head: name, Group: true})
			last = name
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(m.Arm), Under: true, Cells: []string{
			figure.Int(m.Planned), figure.Int(m.Got), figure.CountOf(m.Planned-m.Got, m.Planned), reasons(m.Why),
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

// checks are what was verified about the data.
func (t trial) checks() section {
	s := section{ID: "checks", Title: "Checks of the data"}
	if len(t.Checks) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "None beyond those every trial passes.", Class: "none"})
		return s
	}
	tb := &table{Caption: "Checks", Head: []string{"Check", "Held", "Numbers"}, Words: true}
	for _, c := range t.Checks {
		held := figure.Dash
		if c.Held != nil {
			held = yes(c.Held)
		}
		tb.Rows = append(tb.Rows, row{Head: capital(c.What), Cells: []string{held, first1(c.Detail, figure.Dash)}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

func number(v uint64) string { return strconv.FormatUint(v, 10) }
