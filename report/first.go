package report

import (
	"html/template"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// first is the first screen.
type first struct {
	Eyebrow, Title, Question string
	Answer, Reading          string
	Figure                   []picture
	Facts                    []fact
}

// fact is one of the short answers below the figure. Kind is yes, no, unknown
// or count.
type fact struct{ Name, Value, Note, Kind string }

// Widths of the pictures that have a wide and a narrow form.
const (
	wideWidth   = 800
	narrowWidth = 328
)

func (t trial) first() first {
	f := first{
		Eyebrow:  t.eyebrow(),
		Title:    first1(t.Trial.Title, t.Trial.ID, "Trial"),
		Question: first1(t.Trial.Question, "The question is not stated."),
		Facts:    t.facts(),
	}
	all := t.place(protocol.Primary)
	if len(all) == 0 {
		f.Answer = "No primary estimand is stated, so there is nothing that this trial can confirm."
		return f
	}
	r := all[0]
	f.Answer, f.Reading = found(r), meant(r)
	if t.Dummy {
		f.Answer = "Of arms made up for the dry run: " + f.Answer
		f.Reading = "Nothing follows from this. Were it the real allocation, one would read: " + f.Reading
	}
	if len(all) > 1 {
		f.Reading += " There are " + figure.Int(len(all)) + " primary estimands; this is the first, and all are below."
	}
	if _, ok := spanOf(r); ok {
		f.Figure = []picture{t.forestOne("fig-primary", r)}
	}
	return f
}

func (t trial) eyebrow() string {
	parts := []string{t.design()}
	if t.Trial.External {
		parts = append(parts, "run elsewhere, analysed here")
	}
	for _, g := range t.Trial.Registry {
		s := g.ID
		if !strings.HasPrefix(g.ID, g.Name) {
			s = strings.TrimSpace(g.Name + " " + g.ID)
		}
		if !g.Registered.IsZero() {
			s += ", registered " + g.Registered.String()
		}
		parts = append(parts, s)
	}
	if t.Trial.ID != "" {
		parts = append(parts, strings.TrimSpace("protocol "+t.Trial.ID+" "+t.Trial.Version))
	}
	return strings.Join(parts, " · ")
}

func (t trial) facts() []fact {
	lost, analysed := 0, 0
	for _, a := range t.Flow.Arms {
		lost += total(a.Lost)
		analysed += a.Analysed
	}
	out := []fact{
		{Name: "Randomised", Value: figure.Int(t.Flow.Randomised), Kind: "count"},
		{Name: "Analysed", Value: figure.Int(analysed), Kind: "count"},
		{Name: "Lost to follow-up", Value: figure.Int(lost), Kind: "count"},
	}
	check := func(name string, b *bool, note string) {
		f := fact{Name: name, Value: capital(yes(b)), Kind: yes(b)}
		if b == nil {
			f.Note = note
		}
		out = append(out, f)
	}
	check("Registered before the first participant", t.Trial.RegisteredBefore, "no date to compare")
	check("Outcomes as registered", t.Trial.AsRegistered, "no sealed protocol to compare")
	note := "not checked"
	if t.Trial.External {
		note = "no ledger: run elsewhere"
	}
	check("Ledger verified", t.Provenance.LedgerVerified, note)
	return out
}

// forestOne is one estimand's row in its own unit.
func (t trial) forestOne(id string, r estimate.Result) picture {
	a, b := t.sides(r)
	left, right := "in favour of "+a, "in favour of "+b
	if r.Better == protocol.Higher {
		left, right = right, left
	}
	if r.Better == "" {
		left, right = "", ""
	}
	one := figure.ForestRow{
		Label: r.Label, Note: strings.TrimSpace(r.When + better(r.Better)), Value: value(r) + unit(r.Unit),
		Estimate: r.Estimate, Low: r.Low, High: r.High, Hollow: r.Place == protocol.Exploratory,
	}
	if r.Matters != nil && !bad(*r.Matters) {
		one.Band = *r.Matters
	}
	what := "Difference"
	axis := "Difference" + inUnit(r.Unit) + ": " + a + " minus " + b
	if r.Ratio() {
		what, axis = "Ratio", "Ratio: "+a+" to "+b+" (logarithmic)"
	}
	caption := what + " with its " + level(r) + " interval."
	if one.Band > 0 {
		caption += " Shaded: smaller than people notice (" + figure.Given(one.Band) + unit(r.Unit) + ")."
	}
	draw := func(width float64, suffix string) *figure.Canvas {
		return figure.Forest{
			ID: id + suffix, Title: what + " between " + a + " and " + b + " in " + r.Label, Width: width,
			Axis: axis, Left: left, Right: right, Ratio: r.Ratio(), Rows: []figure.ForestRow{one},
		}.SVG()
	}
	return picture{
		Title: "The primary difference.", Caption: caption,
		Wide: inline(draw(wideWidth, "")), Narrow: inline(draw(narrowWidth, "-narrow")),
		Tables: []table{{
			Caption: r.Label, Head: []string{"", what + inUnit(r.Unit), "Low", "High", "p"},
			Rows: []row{{Head: capital(a) + " and " + b, Cells: cells(r)}},
		}},
	}
}

// inline marks a figure's markup as safe: a Canvas escapes all that it writes.
func inline(c *figure.Canvas) template.HTML { return template.HTML(c.Inline()) }

// inUnit is a unit in brackets, or nothing.
func inUnit(u string) string {
	if u == "" {
		return ""
	}
	return " (" + u + ")"
}

func better(b protocol.Better) string {
	switch b {
	case protocol.Lower:
		return " · lower is better"
	case protocol.Higher:
		return " · higher is better"
	}
	return ""
}

// cells are an estimate, its limits and p, each in a cell.
func cells(r estimate.Result) []string {
	d := digits(r)
	one := func(v *float64) string {
		if v == nil {
			return figure.Dash
		}
		return figure.Fixed(*v, d)
	}
	return []string{one(r.Estimate), one(r.Low), one(r.High), figure.PCell(r.P)}
}
