package report

import (
	"fmt"
	"slices"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// primary is the primary estimand in full; several are told one after the other.
func (t trial) primary() section {
	s := section{ID: "primary", Title: t.Say("Primary estimand")}
	all := t.place(protocol.Primary)
	if len(all) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("The protocol states none."), Class: "none"})
		return s
	}
	if len(all) > 1 {
		s.Title = t.Say("Primary estimands")
	}
	for i, r := range all {
		s.Blocks = append(s.Blocks, t.inFull(r, i)...)
	}
	return s
}

// inFull tells one estimand: what was to be estimated, the answer, what the
// interval means, each arm's side, and what other assumptions would have said.
func (t trial) inFull(r estimate.Result, i int) []block {
	out := []block{{Sub: joinWhen(r)}}
	if r.Failed != "" {
		out = append(out, block{Text: t.Say("There is no estimate: %s", sentence(r.Failed)), Class: "failed"})
	} else if i > 0 {
		out = append(out, block{Figures: []picture{t.forestOne(fmt.Sprintf("fig-primary-%d", i+1), r)}})
	}
	out = append(out, block{Text: t.Say("What was to be estimated"), Class: "lead"}, block{Pairs: t.attributes(r)})
	if r.Failed == "" {
		out = append(out, block{Text: t.Say("What was found"), Class: "lead"}, block{Pairs: t.answerPairs(r)})
		if said := strings.TrimSpace(t.found(r) + " " + t.meant(r)); said != "" {
			out = append(out, block{Sub: t.Say("What the interval means")}, block{Text: said}, block{Text: t.meaning(r), Class: "note"})
		}
	}
	out = append(out, block{Table: t.armTable(r)})
	if len(r.Notes) > 0 {
		out = append(out, block{Items: r.Notes})
	}
	id := fmt.Sprintf("fig-primary-%d", i+1)
	out = append(out, t.individuals(id, r)...)
	out = append(out, t.times(id, r)...)
	out = append(out, t.further(id, r)...)
	return append(out, t.fits(r)...)
}

// attributes are the five of ICH E9(R1), and the model that answers them.
func (t trial) attributes(r estimate.Result) []pair {
	a, b := t.sides(r)
	e := r.Estimand
	out := []pair{
		{Name: t.Say("Treatments compared"), Value: first1(joined(e.Treatment, t.Say(" with "), e.Comparator), t.Say("%s with %s", capital(a), b))},
		{Name: t.Say("Population"), Value: first1(e.Population, t.Say("Everyone randomised"))},
		{Name: t.Say("Variable"), Value: first1(e.Variable, joinWhen(r)+t.inUnit(r.Unit)+t.better(r.Better))},
	}
	var events []string
	for _, v := range e.Events {
		events = append(events, capital(v.Event)+": "+v.Means+" ("+v.Strategy+")")
	}
	if len(events) == 0 {
		events = []string{t.Say("None named")}
	}
	for k, v := range events {
		name := ""
		if k == 0 {
			name = t.Say("Events after randomisation")
		}
		out = append(out, pair{Name: name, Value: v})
	}
	return append(out,
		pair{Name: t.Say("Summary measure"), Value: first1(e.Summary, t.Say("Difference in means, %s minus %s", a, b))},
		pair{Name: t.Say("Model"), Value: first1(sentence(r.Method), t.plain(r.Model))})
}

// joined joins two texts, if both are there.
func joined(a, between, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + between + within(b)
}

func joinWhen(r estimate.Result) string {
	if r.When == "" {
		return r.Label
	}
	return r.Label + ", " + r.When
}

// meaning says what an interval is, since it is so often read as more.
func (t trial) meaning(r estimate.Result) string {
	return t.Say("If the trial were run again and again and each time analysed so, %s of such intervals would hold the true difference, provided the model's assumptions are right. Values inside are compatible with these data; those outside are hardly so.", t.level(r))
}

func (t trial) answerPairs(r estimate.Result) []pair {
	ps := []pair{
		{Name: t.Say("Estimate"), Value: t.Say("%s%s, %s interval", t.value(r), t.unit(r.Unit), t.level(r))},
		{Name: t.Say("p-value"), Value: t.PCell(r.P)},
	}
	add := func(name, v string) {
		if v != "" && v != figure.Dash {
			ps = append(ps, pair{Name: name, Value: v})
		}
	}
	add(t.Say("p-value, adjusted for multiplicity"), t.PCell(r.PAdjusted))
	add(t.Say("Claim"), capital(t.claim(r)))
	add(t.Say("Standard error"), t.Maybe(r.SE))
	add(t.Say("Degrees of freedom"), t.Maybe(r.DF))
	add(t.Say("Hedges’ g"), t.hedges(r))
	if r.Matters != nil {
		add(t.Say("Least difference that people notice"), t.Given(*r.Matters)+t.unit(r.Unit)+bracket(r.MattersFrom))
	} else {
		add(t.Say("Least difference that people notice"), t.Say("not stated"))
	}
	n := t.Say("%s people", t.Int(r.N))
	if r.N == 1 && t.IsSwedish() {
		n = t.Say("1 person")
	}
	if r.Rows > 0 && r.Rows != r.N {
		n += t.Say(", %s values", t.Int(r.Rows))
	}
	add(t.Say("In the analysis"), n)
	if len(r.Dropped) > 0 {
		add(t.Say("Left out"), t.reasons(r.Dropped))
	}
	if r.Converged != nil {
		add(t.Say("The fit converged"), t.Say(yes(r.Converged)))
	}
	return ps
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(s, ".") + ")"
}

func (t trial) hedges(r estimate.Result) string {
	if r.G == nil {
		return figure.Dash
	}
	if r.GLow == nil || r.GHigh == nil {
		return t.Fixed(*r.G, 2)
	}
	return t.Fixed(*r.G, 2) + " (" + t.Range(r.GLow, r.GHigh, 2) + ")"
}

// armTable is each arm's side of a result.
func (t trial) armTable(r estimate.Result) *table {
	tb := &table{
		Caption: t.Say("%s%s, by arm", joinWhen(r), t.inUnit(r.Unit)),
		Head:    []string{"", "n", t.Say("Baseline mean"), t.Say("Mean (SD)"), t.Say("Adjusted mean (%s interval)", t.level(r))},
		Note:    t.Say("Adjusted mean: the model’s mean for each arm at the same values of everything adjusted for (least-squares mean)."),
	}
	for _, a := range r.Arms {
		seen := t.Maybe(a.Mean)
		if a.Mean != nil && a.SD != nil {
			seen += " (" + t.Three(*a.SD) + ")"
		}
		adjusted := t.Maybe(a.Adjusted)
		if a.Adjusted != nil && a.Low != nil && a.High != nil {
			d := figure.Decimals(*a.Adjusted)
			adjusted = t.Fixed(*a.Adjusted, d) + " (" + t.Range(a.Low, a.High, d) + ")"
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(a.Arm), Cells: []string{t.Int(a.N), t.Maybe(a.Baseline), seen, adjusted}})
	}
	return tb
}

// secondary is the others that are part of the procedure, in its order.
func (t trial) secondary() section {
	s := section{ID: "secondary", Title: t.Say("Secondary estimands")}
	all := t.place(protocol.Secondary)
	if len(all) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("The protocol states none."), Class: "none"})
		return s
	}
	s.Blocks = append(s.Blocks, block{Text: t.Say("In the order in which the protocol tests them. Whatever they show, they are secondary: the trial was planned for the primary estimand. A result that was not tested supports no claim, however its interval lies.")})
	s.Blocks = append(s.Blocks, t.many("fig-secondary", t.Say("Secondary estimands"), all, true)...)
	s.Blocks = append(s.Blocks, t.moreOf("fig-secondary-more", all)...)
	return s
}

// exploratory stand under their own heading and claim nothing.
func (t trial) exploratory() section {
	s := section{ID: "exploratory", Title: t.Say("Exploratory estimands")}
	all := t.place(protocol.Exploratory)
	if len(all) == 0 {
		return section{}
	}
	s.Blocks = append(s.Blocks, block{Text: t.Say("These were looked at without being part of the procedure that holds the error rate. Among many such intervals some leave out zero by chance alone. They suggest questions for another trial and answer none.")})
	s.Blocks = append(s.Blocks, t.many("fig-exploratory", t.Say("Exploratory estimands"), all, false)...)
	s.Blocks = append(s.Blocks, t.moreOf("fig-exploratory-more", all)...)
	return s
}

// many is a forest plot and a table of several results, and what there is to
// say about each in words.
func (t trial) many(id, title string, all []estimate.Result, claims bool) []block {
	var out []block
	if pics := t.forests(id, title, all); len(pics) > 0 {
		out = append(out, block{Figures: pics})
	}
	tb := &table{Caption: t.Say("%s: every number in its own unit", title)}
	tb.Head = []string{t.Say("Estimand"), "n", t.Say("Difference or ratio (%s interval)", t.level(all[0])), "p"}
	if claims {
		tb.Head, tb.Prose = append(tb.Head, t.Say("p, adjusted"), t.Say("Claim")), []int{5}
	}
	explored := !claims && slices.ContainsFunc(all, func(r estimate.Result) bool { return r.PExplored != nil })
	if explored {
		tb.Head = append(tb.Head, t.Say("p, by Benjamini–Hochberg"))
		tb.Note = t.Say("Benjamini and Hochberg’s p is adjusted among the exploratory estimands: it bounds the share of false alarms among those called, and supports no claim.")
	}
	tb.Head = append(tb.Head, t.Say("Hedges’ g"))
	stated := slices.ContainsFunc(all, func(r estimate.Result) bool { return r.Matters != nil })
	if stated {
		tb.Head = append(tb.Head, t.Say("Matters from"))
	}
	for _, r := range all {
		name := r.Label
		if claims && r.Order > 0 {
			name = t.Int(r.Order) + ". " + name
		}
		line := row{Head: name, Note: strings.TrimPrefix(strings.TrimSpace(r.When+t.better(r.Better)), "· ")}
		line.Cells = []string{t.Int(r.N), t.value(r), t.PCell(r.P)}
		if t.value(r) != figure.Dash {
			line.Cells[1] += t.unit(r.Unit)
		}
		if claims {
			line.Cells = append(line.Cells, t.PCell(r.PAdjusted), t.claim(r))
		}
		if explored {
			line.Cells = append(line.Cells, t.PCell(r.PExplored))
		}
		line.Cells = append(line.Cells, t.hedges(r))
		if stated {
			line.Cells = append(line.Cells, t.matters(r))
		}
		tb.Rows = append(tb.Rows, line)
	}
	return append(append(out, block{Table: tb}), t.readings(all)...)
}

// matters is the smallest difference that people notice, or a dash.
func (t trial) matters(r estimate.Result) string {
	if r.Matters == nil {
		return figure.Dash
	}
	return t.Given(*r.Matters) + t.unit(r.Unit)
}

// readings says in a line each what the intervals are compatible with.
func (t trial) readings(all []estimate.Result) []block {
	tb := &table{Caption: t.Say("What each is compatible with, in words, and how it was estimated"), Head: []string{t.Say("Estimand"), t.Say("Reading"), t.Say("Method")}, Words: true, Folded: true}
	for _, r := range all {
		said := strings.TrimSpace(t.found(r) + " " + t.meant(r))
		if r.Failed != "" {
			said = t.Say("No estimate: %s", sentence(r.Failed))
		}
		method := sentence(r.Method)
		if len(r.Dropped) > 0 {
			method += t.Say(" Left out: %s.", t.reasons(r.Dropped))
		}
		for _, n := range r.Notes {
			method += " " + sentence(n)
		}
		tb.Rows = append(tb.Rows, row{Head: joinWhen(r), Cells: []string{said, strings.TrimSpace(method)}})
	}
	return []block{{Table: tb}}
}

// terms are the period and sequence effects of a crossover, and the other
// coefficients that a reader is owed.
func (t trial) terms() section {
	s := section{ID: "terms", Title: t.Say("Other effects in the models")}
	crossed := t.crossover() && !t.ofOne()
	if crossed {
		s.Title = t.Say("Period and sequence effects")
		s.Blocks = append(s.Blocks, block{Text: t.Say("In a crossover a difference between the periods is taken out of the comparison. A sequence effect would come from what the first treatment leaves behind; its test is weak, decides nothing here, and is shown so that the reader can judge.")})
	}
	before := len(s.Blocks)
	for _, r := range t.Estimands {
		if len(r.Terms) == 0 {
			continue
		}
		tb := &table{
			Caption: joinWhen(r) + t.inUnit(r.Unit), Head: []string{t.Say("Term"), t.Say("Estimate (%s interval)", t.level(r)), t.Say("SE"), "p"},
			Folded: !crossed,
		}
		for _, x := range r.Terms {
			d := figure.Decimals(x.Estimate, x.Low, x.High)
			tb.Rows = append(tb.Rows, row{Head: x.Name, Cells: []string{
				t.Fixed(x.Estimate, d) + " (" + t.Range(&x.Low, &x.High, d) + ")", t.Three(x.SE), t.PCell(x.P),
			}})
		}
		s.Blocks = append(s.Blocks, block{Table: tb})
	}
	if len(s.Blocks) == before {
		if !crossed {
			return section{}
		}
		s.Blocks = append(s.Blocks, block{Text: t.Say("No model reported any."), Class: "none"})
	}
	return s
}
