package report

import (
	"strconv"
	"strings"

	"dvala/estimate"
	"dvala/report/figure"
)

// adherence is who took what was planned, and who wrote and wore.
func (t trial) adherence() section {
	s := section{ID: "adherence", Title: t.Say("Adherence")}
	if len(t.Adherence) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No doses, diary days or nights are counted in this trial."), Class: "none"})
		return s
	}
	tb := &table{
		Caption: t.Say("Doses, diary days and ring nights by arm"),
		Head:    []string{"", t.Say("People"), t.Say("Mean share of planned doses"), t.Say("Adherent"), t.Say("Diary days: mean (SD), median [quartiles]"), t.Say("Ring nights: mean (SD), median [quartiles]")},
		Note:    t.Say("Doses planned are those until withdrawal. Adherent: at or above the share that the protocol states."),
	}
	for _, a := range t.Adherence {
		share := figure.Dash
		if a.MeanShare != nil {
			share = t.Fixed(100**a.MeanShare, 1) + figure.NarrowSpace + "%"
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(a.Arm), Cells: []string{
			t.Int(a.People), share, t.CountOf(a.Adherent, a.People), t.spread(a.DiaryDays), t.spread(a.RingNights),
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

// harmsKnown says whether the trial recorded harms at all.
func (t trial) harmsKnown() bool { return len(t.Harms.Arms) > 0 && t.Harms.NotRecorded == "" }

// harms are the adverse events, serious ones first.
func (t trial) harms() section {
	s := section{ID: "harms", Title: t.Say("Adverse events")}
	if !t.harmsKnown() {
		s.Blocks = append(s.Blocks, block{Text: t.Say("%s That is not the same as none.", sentence(first1(t.Harms.NotRecorded, t.Say("Adverse events were not recorded in the data of this trial")))), Class: "none"})
		return s
	}
	all := &table{Caption: t.Say("People with at least one adverse event, and events"), Head: []string{"", t.Say("People"), t.Say("With at least one"), t.Say("Events")}}
	for _, a := range t.Harms.Arms {
		all.Rows = append(all.Rows, row{Head: t.label(a.Arm), Cells: []string{t.Int(a.People), t.CountOf(a.AtLeastOne, a.People), t.Int(a.Events)}})
	}
	s.Blocks = append(append(s.Blocks, block{Table: all}), t.deaths()...)
	if len(t.Harms.Serious) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No serious adverse event was recorded.")})
	} else {
		s.Blocks = append(s.Blocks, block{Sub: t.Say("Serious")}, block{Table: t.harmTable(t.Say("Serious adverse events by term"), t.Harms.Serious)})
	}
	s.Blocks = append(s.Blocks, t.unblindings()...)
	s.Blocks = append(s.Blocks, block{Sub: t.Say("All, by term")})
	if len(t.Harms.Terms) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No adverse event was recorded.")})
		return s
	}
	s.Blocks = append(s.Blocks, block{Table: t.harmTable(t.Say("Adverse events by term"), t.Harms.Terms)})
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
		Caption: t.Say("People unblinded in an emergency, by the adverse event that led to it"), Head: []string{t.Say("Because of")},
		Note: t.Say("To one named physician each, by the custodian or by holders of the break-glass key. Being unblinded is an intercurrent event; each estimand says what it does with it. Someone unblinded because of two events is in the rows of both, and once in the last."),
	}
	all := row{Head: t.Say("Anyone")}
	for _, a := range t.Harms.Arms {
		tb.Head = append(tb.Head, t.label(a.Arm)+" "+t.inBrackets(a.People))
		all.Cells = append(all.Cells, t.CountOf(a.Unblinded, a.People))
	}
	for _, u := range rows {
		r := row{Head: first1(u.Term, t.Say("no adverse event named"))}
		for i, a := range t.Harms.Arms {
			r.Cells = append(r.Cells, t.unblindedCell(u, i, a.People))
		}
		tb.Rows = append(tb.Rows, r)
	}
	tb.Rows = append(tb.Rows, all)
	return []block{{Sub: t.Say("Emergency unblinding")}, {Table: tb}}
}

func (t trial) unblindedCell(u estimate.UnblindedRow, i, people int) string {
	if i >= len(u.People) {
		return figure.Dash
	}
	return t.CountOf(u.People[i], people)
}

func (t trial) harmTable(caption string, rows []estimate.HarmRow) *table {
	tb := &table{
		Caption: caption, Head: []string{t.Say("People (%) [95\u202f% interval], events")},
		Note: t.Say("Intervals are exact (Clopper and Pearson). Someone with the same event twice counts once among people and twice among events. No tests: the trial was not planned to compare harms, and few events prove neither harm nor safety."),
	}
	for _, a := range t.Harms.Arms {
		tb.Head = append(tb.Head, t.label(a.Arm)+" "+t.inBrackets(a.People))
	}
	for _, h := range rows {
		r := row{Head: h.Term}
		for i, a := range t.Harms.Arms {
			r.Cells = append(r.Cells, t.harmCell(h, i, a.People))
		}
		tb.Rows = append(tb.Rows, r)
	}
	return tb
}

func (t trial) harmCell(h estimate.HarmRow, i, people int) string {
	if i >= len(h.People) {
		return figure.Dash
	}
	s := t.CountOf(h.People[i], people)
	if i < len(h.Low) && i < len(h.High) {
		s += t.Say(" [%s to %s]", t.Fixed(100*h.Low[i], 1), t.Fixed(100*h.High[i], 1))
	}
	if i < len(h.Events) {
		s += ", " + t.Int(h.Events[i])
	}
	return s
}

// blinding is what people believed they had.
func (t trial) blinding() section {
	s := section{ID: "blinding", Title: t.Say("Blinding")}
	g := t.Guess
	if g == nil || len(g.Arms) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("It was not asked what people believed they had."), Class: "none"})
		return s
	}
	tb := &table{
		Caption: t.Say("What people believed at the end"),
		Head:    append(append([]string{t.Say("Had")}, t.capitals(g.Options)...), t.Say("Bang’s index (95\u202f% interval)")),
		Note:    t.Say("Bang’s blinding index: 0 is guessing by chance, 1 is everyone right, −1 is everyone wrong. Right guesses can come from noticing an effect as well as from a broken blind."),
	}
	if g.Each {
		tb.Caption = t.Say("What people believed at the end of each period")
		tb.Note += t.Say(" Guesses of one person are alike: with several people the interval is over people, and of one person it takes her guesses as independent.")
	}
	var rows []figure.ForestRow
	for i, a := range g.Arms {
		r := row{Head: t.label(a)}
		for j := range g.Options {
			cell := figure.Dash
			if i < len(g.Counts) && j < len(g.Counts[i]) {
				cell = t.Int(g.Counts[i][j])
			}
			r.Cells = append(r.Cells, cell)
		}
		index := figure.Dash
		if i < len(g.Index) && i < len(g.Low) && i < len(g.High) {
			index = t.Fixed(g.Index[i], 2) + " (" + t.Range(&g.Low[i], &g.High[i], 2) + ")"
			rows = append(rows, figure.ForestRow{Label: t.label(a), Value: index, Estimate: &g.Index[i], Low: &g.Low[i], High: &g.High[i]})
		}
		r.Cells = append(r.Cells, index)
		tb.Rows = append(tb.Rows, r)
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	if j := g.James; j != nil {
		s.Blocks = append(s.Blocks, block{Text: t.Say("James’s blinding index of the whole trial is %s (95\u202f%% interval %s): 1 is that nobody knows or ventures a guess, 0.5 is guessing by chance, 0 is everyone right.", t.Fixed(j.Value, 2), t.Range(&j.Low, &j.High, 2))})
	}
	if len(rows) > 0 {
		f := figure.Forest{
			Voice: t.Voice,
			ID:    "fig-blinding", Title: t.Say("Bang’s blinding index by arm"), Width: wideWidth, Axis: t.Say("Bang’s blinding index"),
			Left: t.Say("guessed wrong"), Right: t.Say("guessed right"), Span: &[2]float64{-1, 1}, Rows: rows,
		}
		wide := f.SVG()
		f.ID, f.Width = "fig-blinding-narrow", narrowWidth
		s.Blocks = append(s.Blocks, block{Figures: []picture{{Title: t.Say("Bang’s blinding index"), Caption: t.Say("by arm; 0 is chance."), Wide: inline(wide), Narrow: inline(f.SVG())}}})
	}
	return s
}

func (t trial) capitals(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = t.plain(w)
	}
	return out
}

// deviations from the protocol, by kind.
func (t trial) deviations() section {
	s := section{ID: "deviations", Title: t.Say("Deviations from the protocol")}
	if len(t.Deviations) == 0 {
		text := t.Say("None is recorded.")
		if t.Trial.External {
			text = t.Say("The data of this trial do not record any; that is not the same as none.")
		}
		s.Blocks = append(s.Blocks, block{Text: text, Class: "none"})
		return s
	}
	tb := &table{Caption: t.Say("Deviations by kind"), Head: append([]string{t.Say("Kind")}, t.labels(t.groups())...)}
	for _, d := range t.Deviations {
		r := row{Head: t.plain(d.Code)}
		for i := range t.groups() {
			cell := figure.Dash
			if i < len(d.Arms) {
				cell = t.Int(d.Arms[i])
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
	s := section{ID: "missing", Title: t.Say("What was missing, and why")}
	if len(t.Missing) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("Planned values were not counted in this trial."), Class: "none"})
		return s
	}
	tb := &table{Caption: t.Say("Values planned and received"), Head: []string{t.Say("Outcome and arm"), t.Say("Planned"), t.Say("Received"), t.Say("Missing"), t.Say("Why")}, Prose: []int{4}}
	last := ""
	for _, m := range t.Missing {
		name := first1(m.Label, m.Outcome)
		if name != last {
			tb.Rows = append(tb.Rows, row{Head: name, Group: true})
			last = name
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(m.Arm), Under: true, Cells: []string{
			t.Int(m.Planned), t.Int(m.Got), t.CountOf(m.Planned-m.Got, m.Planned), t.reasons(m.Why),
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	if n := t.afterDeath(); n > 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("%s of the values planned are of after a death. They do not exist, and are counted here under their own reason; an estimand that names death says what it does with it.", t.Int(n))})
	}
	return s
}

// afterDeath counts the planned values that are of after a death.
func (t trial) afterDeath() int {
	n := 0
	for _, m := range t.Missing {
		for _, c := range m.Why {
			if c.What == estimate.AfterDeath {
				n += c.N
			}
		}
	}
	return n
}

// deaths are those of any cause by arm; nothing where nobody died.
func (t trial) deaths() []block {
	var parts []string
	died := 0
	for _, a := range t.Harms.Arms {
		died += a.Died
		parts = append(parts, t.label(a.Arm)+" "+t.CountOf(a.Died, a.People))
	}
	if died == 0 {
		return nil
	}
	return []block{{Text: t.Say("Died, of any cause: %s.", strings.Join(parts, "; "))}}
}

// checks are what was verified about the data.
func (t trial) checks() section {
	s := section{ID: "checks", Title: t.Say("Checks of the data")}
	if len(t.Checks) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("None beyond those every trial passes."), Class: "none"})
		return s
	}
	tb := &table{Caption: t.Say("Checks"), Head: []string{t.Say("Check"), t.Say("Held"), t.Say("Numbers")}, Words: true}
	for _, c := range t.Checks {
		held := figure.Dash
		if c.Held != nil {
			held = t.Say(yes(c.Held))
		}
		tb.Rows = append(tb.Rows, row{Head: capital(c.What), Cells: []string{held, first1(c.Detail, figure.Dash)}})
	}
	s.Blocks = append(s.Blocks, block{Table: tb})
	return s
}

func number(v uint64) string { return strconv.FormatUint(v, 10) }
