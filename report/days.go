package report

import (
	"html/template"
	"maps"
	"slices"
	"strconv"

	"dvala/estimate"
	"dvala/report/figure"
	"dvala/sleep"
)

// days are the outcomes day by day, small pictures beside each other.
func (t trial) days() section {
	s := section{ID: "days", Title: t.Say("Day by day")}
	if len(t.Series) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No outcome has values by day."), Class: "none"})
		return s
	}
	said := t.Say("Means of those with a value that day, with 95\u202f% intervals of the mean. They describe; the estimands above compare. Before day 0 nobody had been randomised.")
	if t.drawnPeople() {
		said += t.Say(" The faint points are people’s own values.")
	}
	s.Blocks = append(s.Blocks, block{Text: said})
	if l := t.armLegend("key-arm"); l != "" {
		s.Blocks = append(s.Blocks, block{Legend: l})
	}
	n := 0
	for _, group := range []struct{ source, name string }{{"instrument", t.Say("Questionnaires")}, {"diary", t.Say("Diary")}, {"device", t.Say("Ring or watch")}, {"", t.Say("Other measures")}} {
		var pics []picture
		for _, x := range t.Series {
			if x.Source == group.source || group.source == "" && x.Source != "instrument" && x.Source != "diary" && x.Source != "device" {
				n++
				pics = append(pics, t.seriesPicture("fig-day-"+strconv.Itoa(n), x))
			}
		}
		if len(pics) > 0 {
			s.Blocks = append(s.Blocks, block{Sub: group.name}, block{Figures: pics, Grid: "three"})
		}
	}
	return s
}

// drawnPeople says whether people's own values are behind the means.
func (t trial) drawnPeople() bool {
	for _, x := range t.Series {
		for _, a := range x.Arms {
			for _, p := range a.Points {
				if len(p.People) > 0 {
					return true
				}
			}
		}
	}
	return false
}

func (t trial) seriesPicture(id string, x estimate.Series) picture {
	f := figure.Series{Voice: t.Voice, ID: id, Title: t.Say("%s by day", x.Label), Width: narrowWidth, Height: 222, Unit: t.unitName(x.Unit)}
	for _, a := range x.Arms {
		arm := figure.SeriesArm{Label: t.label(a.Arm), Look: t.look(a.Arm)}
		for _, p := range a.Points {
			arm.Points = append(arm.Points, figure.SeriesPoint{Day: p.Day, N: p.N, Mean: p.Mean, Low: p.Low, High: p.High, People: p.People})
		}
		f.Arms = append(f.Arms, arm)
	}
	return picture{Title: x.Label, Caption: "", Wide: inline(f.SVG()), Tables: []table{ofFigure(f.Table())}}
}

// armLegend shows how each arm is drawn.
func (t trial) armLegend(id string) template.HTML {
	var out template.HTML
	for i, a := range t.Arms {
		label := t.label(a.ID)
		c := figure.NewCanvas(id+"-"+strconv.Itoa(i+1), 34, 16, label, t.Say("How %s is drawn.", label))
		look := t.look(a.ID)
		class := look.Class + " line"
		if look.Hollow {
			class += " dash"
		}
		c.Line(class, 1, 8, 33, 8)
		c.Mark(look, 17, 8, 4.5)
		out += `<span class="key">` + inline(c) + template.HTML(figure.Escape(label)) + `</span>`
	}
	return out
}

// nights are the average night of each arm.
func (t trial) nights() section {
	s := section{ID: "nights", Title: t.Say("The average night")}
	if len(t.Nights) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("No nights with stages are recorded."), Class: "none"})
		return s
	}
	var pics []picture
	seen := map[sleep.Stage]bool{}
	for i, n := range t.Nights {
		f := t.night("fig-night-"+strconv.Itoa(i+1), n)
		for _, st := range f.Present() {
			seen[st] = true
		}
		pics = append(pics, picture{Title: f.Arm, Caption: n.Span, Wide: inline(f.SVG()), Tables: []table{ofFigure(f.Table())}})
	}
	s.Blocks = append(s.Blocks,
		block{Text: t.Say("At each moment of the night, the share of nights that were in each stage; the strip below the axis is how many nights still ran. Stages are the device’s own judgement. No share is better than another in itself.")},
		block{Legend: t.stageLegend(seen)},
		block{Figures: pics, Grid: "two"})
	return s
}

func (t trial) night(id string, n estimate.AverageNight) figure.Night {
	label := t.label(n.Arm)
	f := figure.Night{
		Voice: t.Voice,
		ID:    id, Title: t.Say("Stages through the average night: %s", label), Width: 400, Height: 290, Arm: label,
		From: t.plainFrom(n.From), StepMin: n.StepMin, Nights: n.Nights, Shares: map[sleep.Stage][]float64{},
	}
	// Sorted, so that unknown letters are summed in one order.
	for _, letter := range slices.Sorted(maps.Keys(n.Shares)) {
		st, err := sleep.ParseStage(letter)
		if err != nil {
			st = sleep.Unscored // a letter that is none of ours says nothing about the stage
		}
		f.Shares[st] = addTo(f.Shares[st], n.Shares[letter])
	}
	return f
}

// addTo sums two lines of shares, step by step.
func addTo(a, b []float64) []float64 {
	out := make([]float64, max(len(a), len(b)))
	copy(out, a)
	for i, v := range b {
		out[i] += v
	}
	return out
}

func (t trial) plainFrom(s string) string {
	switch s {
	case "lights-off":
		return t.Say("lights off")
	case "sleep-onset":
		return t.Say("sleep onset")
	}
	return s
}

func (t trial) stageLegend(seen map[sleep.Stage]bool) template.HTML {
	var out template.HTML
	for _, st := range []sleep.Stage{sleep.W, sleep.R, sleep.N1, sleep.Light, sleep.N2, sleep.N3, sleep.Asleep, sleep.Unscored} {
		if !seen[st] {
			continue
		}
		out += `<span class="key">` + inline(figure.StageKeyIn(t.Voice, "key-stage", st)) + template.HTML(figure.Escape(t.Say(figure.StageName(st)))) + `</span>`
	}
	return out
}
