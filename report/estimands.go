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
	s := section{ID: "primary", Title: "Primary estimand"}
	all := t.place(protocol.Primary)
	if len(all) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "The protocol states none.", Class: "none"})
		return s
	}
	if len(all) > 1 {
		s.Title = "Primary estimands"
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
		out = append(out, block{Text: "There is no estimate: " + sentence(r.Failed), Class: "failed"})
	} else if i > 0 {
		out = append(out, block{Figures: []picture{t.forestOne(fmt.Sprintf("fig-primary-%d", i+1), r)}})
	}
	out = append(out, block{Text: "What was to be estimated", Class: "lead"}, block{Pairs: t.attributes(r)})
	if r.Failed == "" {
		out = append(out, block{Text: "What was found", Class: "lead"}, block{Pairs: t.answerPairs(r)})
		if said := strings.TrimSpace(found(r) + " " + meant(r)); said != "" {
			out = append(out, block{Sub: "What the interval means"}, block{Text: said}, block{Text: meaning(r), Class: "note"})
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
		{Name: "Treatments compared", Value: first1(joined(e.Treatment, " with ", e.Comparator), capital(a)+" with "+b)},
		{Name: "Population", Value: first1(e.Population, "Everyone randomised")},
		{Name: "Variable", Value: first1(e.Variable, joinWhen(r)+inUnit(r.Unit)+better(r.Better))},
	}
	var events []string
	for _, v := range e.Events {
		events = append(events, capital(v.Event)+": "+v.Means+" ("+v.Strategy+")")
	}
	if len(events) == 0 {
		events = []string{"None named"}
	}
	for k, v := range events {
		name := ""
		if k == 0 {
			name = "Events after randomisation"
		}
		out = append(out, pair{Name: name, Value: v})
	}
	return append(out,
		pair{Name: "Summary measure", Value: first1(e.Summary, "Difference in means, "+a+" minus "+b)},
		pair{Name: "Model", Value: first1(sentence(r.Method), plain(r.Model))})
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
func meaning(r estimate.Result) string {
	return "If the trial were run again and again and each time analysed so, " + level(r) + " of such intervals would hold the true difference, provided the model's assumptions are right. " +
		"Values inside are compatible with these data; those outside are hardly so."
}

func (t trial) answerPairs(r estimate.Result) []pair {
	ps := []pair{
		{Name: "Estimate", Value: value(r) + unit(r.Unit) + ", " + level(r) + " interval"},
		{Name: "p-value", Value: figure.PCell(r.P)},
	}
	add := func(name, v string) {
		if v != "" && v != figure.Dash {
			ps = append(ps, pair{Name: name, Value: v})
		}
	}
	add("p-value, adjusted for multiplicity", figure.PCell(r.PAdjusted))
	add("Claim", capital(t.claim(r)))
	add("Standard error", figure.Maybe(r.SE))
	add("Degrees of freedom", figure.Maybe(r.DF))
	add("Hedges’ g", hedges(r))
	if r.Matters != nil {
		add("Least difference that people notice", figure.Given(*r.Matters)+unit(r.Unit)+bracket(r.MattersFrom))
	} else {
		add("Least difference that people notice", "not stated")
	}
	n := figure.Int(r.N) + " people"
	if r.Rows > 0 && r.Rows != r.N {
		n += ", " + figure.Int(r.Rows) + " values"
	}
	add("In the analysis", n)
	if len(r.Dropped) > 0 {
		add("Left out", reasons(r.Dropped))
	}
	if r.Converged != nil {
		add("The fit converged", yes(r.Converged))
	}
	return ps
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(s, ".") + ")"
}

func hedges(r estimate.Result) string {
	if r.G == nil {
		return figure.Dash
	}
	if r.GLow == nil || r.GHigh == nil {
		return figure.Fixed(*r.G, 2)
	}
	return figure.Fixed(*r.G, 2) + " (" + figure.Range(r.GLow, r.GHigh, 2) + ")"
}

// armTable is each arm's side of a result.
func (t trial) armTable(r estimate.Result) *table {
	tb := &table{
		Caption: joinWhen(r) + inUnit(r.Unit) + ", by arm",
		Head:    []string{"", "n", "Baseline mean", "Mean (SD)", "Adjusted mean (" + level(r) + " interval)"},
		Note:    "Adjusted mean: the model’s mean for each arm at the same values of everything adjusted for (least-squares mean).",
	}
	for _, a := range r.Arms {
		seen := figure.Maybe(a.Mean)
		if a.Mean != nil && a.SD != nil {
			seen += " (" + figure.Three(*a.SD) + ")"
		}
		adjusted := figure.Maybe(a.Adjusted)
		if a.Adjusted != nil && a.Low != nil && a.High != nil {
			d := figure.Decimals(*a.Adjusted)
			adjusted = figure.Fixed(*a.Adjusted, d) + " (" + figure.Range(a.Low, a.High, d) + ")"
		}
		tb.Rows = append(tb.Rows, row{Head: t.label(a.Arm), Cells: []string{figure.Int(a.N), figure.Maybe(a.Baseline), seen, adjusted}})
	}
	return tb
}

// secondary is the others that are part of the procedure, in its order.
func (t trial) secondary() section {
	s := section{ID: "secondary", Title: "Secondary estimands"}
	all := t.place(protocol.Secondary)
	if len(all) == 0 {
		s.Blocks = append(s.Blocks, block{Text: "The protocol states none.", Class: "none"})
		return s
	}
	s.Blocks = append(s.Blocks, block{Text: "In the order in which the protocol tests them. Whatever they show, they are secondary: the trial was planned for the primary estimand. " +
		"A result that was not tested supports no claim, however its interval lies."})
	s.Blocks = append(s.Blocks, t.many("fig-secondary", "Secondary estimands", all, true)...)
	s.Blocks = append(s.Blocks, t.moreOf("fig-secondary-more", all)...)
	return s
}

// exploratory stand under their own heading and claim nothing.
func (t trial) exploratory() section {
	s := section{ID: "exploratory", Title: "Exploratory estimands"}
	all := t.place(protocol.Exploratory)
	if len(all) == 0 {
		return section{}
	}
	s.Blocks = append(s.Blocks, block{Text: "These were looked at without being part of the procedure that holds the error rate. " +
		"Among many such intervals some leave out zero by chance alone. They suggest questions for another trial and answer none."})
	s.Blocks = append(s.Blocks, t.many("fig-exploratory", "Exploratory estimands", all, false)...)
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
	tb := &table{Caption: title + ": every number in its own unit"}
	tb.Head = []string{"Estimand", "n", "Difference or ratio (" + level(all[0]) + " interval)", "p"}
	if claims {
		tb.Head, tb.Prose = append(tb.Head, "p, adjusted", "Claim"), []int{5}
	}
	explored := !claims && slices.ContainsFunc(all, func(r estimate.Result) bool { return r.PExplored != nil })
	if explored {
		tb.Head = append(tb.Head, "p, by Benjamini–Hochberg")
		tb.Note = "Benjamini and Hochberg’s p is adjusted among the exploratory estimands: it bounds the share of false alarms among those called, and supports no claim."
	}
	tb.Head = append(tb.Head, "Hedges’ g")
	stated := slices.ContainsFunc(all, func(r estimate.Result) bool { return r.Matters != nil })
	if stated {
		tb.Head = append(tb.Head, "Matters from")
	}
	for _, r := range all {
		name := r.Label
		if claims && r.Order > 0 {
			name = figure.Int(r.Order) + ". " + name
		}
		line := row{Head: name, Note: strings.TrimPrefix(strings.TrimSpace(r.When+better(r.Better)), "· ")}
		line.Cells = []string{figure.Int(r.N), value(r), figure.PCell(r.P)}
		if value(r) != figure.Dash {
			line.Cells[1] += unit(r.Unit)
		}
		if claims {
			line.Cells = append(line.Cells, figure.PCell(r.PAdjusted), t.claim(r))
		}
		if explored {
			line.Cells = append(line.Cells, figure.PCell(r.PExplored))
		}
		line.Cells = append(line.Cells, hedges(r))
		if stated {
			line.Cells = append(line.Cells, matters(r))
		}
		tb.Rows = append(tb.Rows, line)
	}
	return append(append(out, block{Table: tb}), t.readings(all)...)
}

// matters is the smallest difference that people notice, or a dash.
func matters(r estimate.Result) string {
	if r.Matters == nil {
		return figure.Dash
	}
	return figure.Given(*r.Matters) + unit(r.Unit)
}

// readings says in a line each what the intervals are compatible with.
func (t trial) readings(all []estimate.Result) []block {
	tb := &table{Caption: "What each is compatible with, in words, and how it was estimated", Head: []string{"Estimand", "Reading", "Method"}, Words: true, Folded: true}
	for _, r := range all {
		said := strings.TrimSpace(found(r) + " " + meant(r))
		if r.Failed != "" {
			said = "No estimate: " + sentence(r.Failed)
		}
		method := sentence(r.Method)
		if len(r.Dropped) > 0 {
			method += " Left out: " + reasons(r.Dropped) + "."
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
	s := section{ID: "terms", Title: "Other effects in the models"}
	crossed := t.crossover() && !t.ofOne()
	if crossed {
		s.Title = "Period and sequence effects"
		s.Blocks = append(s.Blocks, block{Text: "In a crossover a difference between the periods is taken out of the comparison. A sequence effect would come from what the first treatment leaves behind; " +
			"its test is weak, decides nothing here, and is shown so that the reader can judge."})
	}
	before := len(s.Blocks)
	for _, r := range t.Estimands {
		if len(r.Terms) == 0 {
			continue
		}
		tb := &table{
			Caption: joinWhen(r) + inUnit(r.Unit), Head: []string{"Term", "Estimate (" + level(r) + " interval)", "SE", "p"},
			Folded: !crossed,
		}
		for _, x := range r.Terms {
			d := figure.Decimals(x.Estimate, x.Low, x.High)
			tb.Rows = append(tb.Rows, row{Head: x.Name, Cells: []string{
				figure.Fixed(x.Estimate, d) + " (" + figure.Range(&x.Low, &x.High, d) + ")", figure.Three(x.SE), figure.PCell(x.P),
			}})
		}
		s.Blocks = append(s.Blocks, block{Table: tb})
	}
	if len(s.Blocks) == before {
		if !crossed {
			return section{}
		}
		s.Blocks = append(s.Blocks, block{Text: "No model reported any.", Class: "none"})
	}
	return s
}
