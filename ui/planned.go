package ui

import (
	"html/template"
	"strings"

	"dvala/protocol"
	"dvala/report/figure"
)

// planned draws how a protocol leads people through the trial: screened, run in,
// randomised, and then arm by arm, or sequence by sequence, through treatment and
// visits to the end.
func (a *ask) planned(c protocol.Checked) []template.HTML {
	var out []template.HTML
	for _, of := range []struct {
		id    string
		width float64
	}{{"planned", 880}, {"planned-narrow", 320}} {
		f := a.plannedFlow(c)
		f.ID, f.Width = of.id, of.width
		out = append(out, template.HTML(f.SVG().Inline())) //nolint:gosec // made by our own writer, which escapes its texts
	}
	return out
}

func (a *ask) plannedFlow(c protocol.Checked) figure.Flow {
	p := c.Protocol()
	f := figure.Flow{
		Title: a.t("The flow that is planned"), Enrolment: a.t("Enrolment"),
		Assessed:   figure.Box{Head: a.t("Screened and asked for consent")},
		Excluded:   figure.Box{Head: a.t("Not taken in"), Lines: []string{a.t("who does not meet the criteria, or does not consent")}},
		Randomised: figure.Box{Head: a.t("Randomised: %s planned", grouped(a.lang, p.Design.Participants)), Lines: a.drawn(p)},
	}
	if d := p.Design.RunInDays; d > 0 {
		f.Assessed.Lines = append(f.Assessed.Lines, a.t("run-in %s", a.dayCount(d)))
	}
	f.Assessed.Lines = append(f.Assessed.Lines, a.visitLines(p, -1_000_000, -1)...)
	switch {
	case len(p.Design.Sequences) > 0:
		a.bySequence(&f, p)
	case p.Design.Cycles > 0:
		a.byCycle(&f, p)
	default:
		a.byArm(&f, p)
	}
	f.Stages = append(f.Stages, a.t("End"))
	for i := range f.Columns {
		f.Columns[i] = append(f.Columns[i], figure.Box{Head: a.t("The end, day %d", c.LastDay())})
	}
	return f
}

// drawn says how people are randomised.
func (a *ask) drawn(p protocol.Protocol) []string {
	out := []string{a.words.tell(a.lang, string(p.Randomisation.Method))}
	var strata []string
	for _, s := range p.Randomisation.Strata {
		strata = append(strata, a.words.stratum(a.lang, s.Name))
	}
	if len(strata) > 0 {
		out = append(out, a.t("stratified by")+" "+strings.Join(strata, ", "))
	}
	return out
}

func (a *ask) byArm(f *figure.Flow, p protocol.Protocol) {
	f.Stages = []string{a.t("Treatment"), a.t("Visits")}
	for _, arm := range p.Arms {
		f.Columns = append(f.Columns, []figure.Box{
			{Head: a.in(arm.Label), Lines: []string{a.dayCount(p.Design.TreatmentDays)}},
			{Head: a.t("Visits"), Lines: a.visitLines(p, 0, 1_000_000)},
		})
	}
}

func (a *ask) bySequence(f *figure.Flow, p protocol.Protocol) {
	label := map[string]string{}
	for _, arm := range p.Arms {
		label[arm.ID] = a.in(arm.Label)
	}
	length := p.Design.TreatmentDays + p.Design.WashoutDays
	for i, s := range p.Design.Sequences {
		var column []figure.Box
		for k, arm := range s.Arms {
			if i == 0 {
				f.Stages = append(f.Stages, a.t("Period %d", k+1))
			}
			from := k * length
			b := figure.Box{Head: label[arm], Lines: []string{a.t("days %d to %d", from, from+p.Design.TreatmentDays)}}
			if k+1 < len(s.Arms) && p.Design.WashoutDays > 0 {
				b.Lines = append(b.Lines, a.t("then %s without treatment", a.dayCount(p.Design.WashoutDays)))
			}
			last := from + length - 1
			if k+1 == len(s.Arms) {
				last = 1_000_000
			}
			b.Lines = append(b.Lines, a.visitLines(p, from, last)...)
			column = append(column, b)
		}
		f.Columns = append(f.Columns, column)
	}
}

func (a *ask) byCycle(f *figure.Flow, p protocol.Protocol) {
	var arms []string
	for _, arm := range p.Arms {
		arms = append(arms, a.in(arm.Label))
	}
	var column []figure.Box
	for k := range p.Design.Cycles {
		f.Stages = append(f.Stages, a.t("Cycle %d", k+1))
		column = append(column, figure.Box{Head: strings.Join(arms, ", "), Lines: []string{a.t("in an order drawn anew, %s each", a.dayCount(p.Design.TreatmentDays))}})
	}
	f.Columns = [][]figure.Box{column}
}

// visitLines are the visits that are planned within some days.
func (a *ask) visitLines(p protocol.Protocol, from, to int) (out []string) {
	for _, v := range p.Visits {
		if v.Day >= from && v.Day <= to {
			out = append(out, a.t("%s, day %s", a.in(v.Label), minus(v.Day)))
		}
	}
	return out
}

// dayCount says how many days: one is one.
func (a *ask) dayCount(n int) string { return dayCount(a.words, a.lang, n) }

func dayCount(c *catalogue, lang string, n int) string {
	if n == 1 {
		return c.say(lang, "1 day")
	}
	return c.say(lang, "%d days", n)
}
