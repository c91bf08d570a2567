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
		Title:    first1(t.Trial.Title, t.Trial.ID, t.Say("Trial")),
		Question: first1(t.Trial.Question, t.Say("The question is not stated.")),
		Facts:    t.facts(),
	}
	all := t.place(protocol.Primary)
	if len(all) == 0 {
		f.Answer = t.Say("No primary estimand is stated, so there is nothing that this trial can confirm.")
		return f
	}
	r := all[0]
	f.Answer, f.Reading = t.found(r), t.meant(r)
	if t.Dummy {
		f.Answer = t.Say("Of arms made up for the dry run: %s", f.Answer)
		f.Reading = t.Say("Nothing follows from this. Were it the real allocation, one would read: %s", f.Reading)
	}
	if len(all) > 1 {
		f.Reading += t.Say(" There are %s primary estimands; this is the first, and all are below.", t.Int(len(all)))
	}
	if _, ok := spanOf(r); ok {
		f.Figure = []picture{t.forestOne("fig-primary", r)}
	}
	return f
}

func (t trial) eyebrow() string {
	parts := []string{t.design()}
	if t.Trial.External {
		parts = append(parts, t.Say("run elsewhere, analysed here"))
	}
	for _, g := range t.Trial.Registry {
		s := g.ID
		if !strings.HasPrefix(g.ID, g.Name) {
			s = strings.TrimSpace(g.Name + " " + g.ID)
		}
		if !g.Registered.IsZero() {
			s += t.Say(", registered %s", t.Date(g.Registered.String()))
		}
		parts = append(parts, s)
	}
	if t.Trial.ID != "" {
		parts = append(parts, strings.TrimSpace(t.Say("protocol %s %s", t.Trial.ID, t.Trial.Version)))
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
		{Name: t.Say("Randomised"), Value: t.Int(t.Flow.Randomised), Kind: "count"},
		{Name: t.Say("Analysed"), Value: t.Int(analysed), Kind: "count"},
		{Name: t.Say("Lost to follow-up"), Value: t.Int(lost), Kind: "count"},
	}
	check := func(name string, b *bool, note string) {
		f := fact{Name: name, Value: capital(t.Say(yes(b))), Kind: yes(b)}
		if b == nil {
			f.Note = note
		}
		out = append(out, f)
	}
	check(t.Say("Registered before the first participant"), t.Trial.RegisteredBefore, t.Say("no date to compare"))
	check(t.Say("Outcomes as registered"), t.Trial.AsRegistered, t.Say("no sealed protocol to compare"))
	note := t.Say("not checked")
	if t.Trial.External {
		note = t.Say("no ledger: run elsewhere")
	}
	check(t.Say("Ledger verified"), t.Provenance.LedgerVerified, note)
	return out
}

// forestOne is one estimand's row in its own unit.
func (t trial) forestOne(id string, r estimate.Result) picture {
	a, b := t.sides(r)
	left, right := t.Say("in favour of %s", a), t.Say("in favour of %s", b)
	if r.Better == protocol.Higher {
		left, right = right, left
	}
	if r.Better == "" {
		left, right = "", ""
	}
	one := figure.ForestRow{
		Label: r.Label, Note: strings.TrimSpace(r.When + t.better(r.Better)), Value: t.value(r) + t.unit(r.Unit),
		Estimate: r.Estimate, Low: r.Low, High: r.High, Hollow: r.Place == protocol.Exploratory,
	}
	if r.Matters != nil && !bad(*r.Matters) {
		one.Band = *r.Matters
	}
	what := t.Say("Difference")
	axis := t.Say("Difference%s: %s minus %s", t.inUnit(r.Unit), a, b)
	if r.Ratio() {
		what, axis = t.Say("Ratio"), t.Say("Ratio: %s to %s (logarithmic)", a, b)
	}
	caption := t.Say("%s with its %s interval.", what, t.level(r))
	if one.Band > 0 {
		caption += t.Say(" Shaded: smaller than people notice (%s%s).", t.Given(one.Band), t.unit(r.Unit))
	}
	draw := func(width float64, suffix string) *figure.Canvas {
		return figure.Forest{
			Voice: t.Voice,
			ID:    id + suffix, Title: t.Say("%s between %s and %s in %s", what, a, b, r.Label), Width: width,
			Axis: axis, Left: left, Right: right, Ratio: r.Ratio(), Rows: []figure.ForestRow{one},
		}.SVG()
	}
	return picture{
		Title: t.Say("The primary difference."), Caption: caption,
		Wide: inline(draw(wideWidth, "")), Narrow: inline(draw(narrowWidth, "-narrow")),
		Tables: []table{{
			Caption: r.Label, Head: []string{"", what + t.inUnit(r.Unit), t.Say("Low"), t.Say("High"), "p"},
			Rows: []row{{Head: t.Say("%s and %s", capital(a), b), Cells: t.cells(r)}},
		}},
	}
}

// inline marks a figure's markup as safe: a Canvas escapes all that it writes.
func inline(c *figure.Canvas) template.HTML { return template.HTML(c.Inline()) }

// inUnit is a unit in brackets, or nothing.
func (t trial) inUnit(u string) string {
	if u == "" {
		return ""
	}
	return " (" + t.unitName(u) + ")"
}

func (t trial) better(b protocol.Better) string {
	switch b {
	case protocol.Lower:
		return t.Say(" · lower is better")
	case protocol.Higher:
		return t.Say(" · higher is better")
	}
	return ""
}

// cells are an estimate, its limits and p, each in a cell.
func (t trial) cells(r estimate.Result) []string {
	d := digits(r)
	one := func(v *float64) string {
		if v == nil {
			return figure.Dash
		}
		return t.Fixed(*v, d)
	}
	return []string{one(r.Estimate), one(r.Low), one(r.High), t.PCell(r.P)}
}
