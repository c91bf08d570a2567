package report

import (
	"fmt"
	"math"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// forests draws several results. Where every one that has an estimate has a
// Hedges' g too they share one axis, turned so that right is better for the
// treatment; those without it follow. Otherwise each run of results with one unit has an axis of its
// own, unturned.
func (t trial) forests(id, title string, all []estimate.Result) []picture {
	drawn, standard, mixed := 0, true, false
	var scaled, other []estimate.Result
	for _, r := range all {
		has := r.G != nil && r.GLow != nil && r.GHigh != nil && r.Better != ""
		if _, ok := spanOf(r); !ok || has {
			scaled = append(scaled, r)
		} else {
			other = append(other, r)
		}
		if _, ok := spanOf(r); !ok {
			continue
		}
		drawn++
		standard = standard && has
		mixed = mixed || r.Unit != all[0].Unit || r.Better != all[0].Better || r.Ratio() != all[0].Ratio()
	}
	if drawn == 0 {
		return nil
	}
	if standard && mixed {
		return []picture{t.forestStandard(id, title, all)}
	}
	if len(scaled) > 1 && len(other) > 0 {
		return append(t.forests(id+"-g", title, scaled), t.forests(id, title, other)...)
	}
	var out []picture
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].Unit == all[from].Unit && all[to].Better == all[from].Better && all[to].Ratio() == all[from].Ratio() {
			to++
		}
		out = append(out, t.forestUnit(fmt.Sprintf("%s-%d", id, len(out)+1), title, all[from:to]))
		from = to
	}
	return out
}

func (t trial) forestStandard(id, title string, all []estimate.Result) picture {
	a, b := t.sides(all[0])
	var rows []figure.ForestRow
	banded := false
	for _, r := range all {
		row := t.forestRow(r)
		if _, ok := spanOf(r); ok {
			g, low, high := *r.G, *r.GLow, *r.GHigh
			if r.Better == protocol.Lower {
				g, low, high = -g, -high, -low
			}
			row.Estimate, row.Low, row.High = &g, &low, &high
			row.Band = standardBand(r)
			banded = banded || row.Band > 0
		}
		rows = append(rows, row)
	}
	caption := t.Say("On one scale: Hedges’ g with its %s interval, turned so that right is better with %s. The numbers at the right are in each outcome’s own unit and not turned.", t.level(all[0]), a)
	if banded {
		caption += t.Say(" Shaded: smaller than people notice, where that is known.")
	}
	return t.drawForest(id, title, caption, t.Say("Standardised difference (Hedges’ g)"), t.Say("in favour of %s", b), t.Say("in favour of %s", a), rows, false)
}

// standardBand is the smallest difference that matters on the scale of g: the
// factor between the two scales is g over the estimate. Where the estimate is
// next to nothing that factor is lost in rounding, and there is no band.
func standardBand(r estimate.Result) float64 {
	if r.Matters == nil || r.SE == nil || math.Abs(*r.Estimate) < 0.05**r.SE {
		return 0
	}
	if b := math.Abs(*r.Matters * *r.G / *r.Estimate); !bad(b) {
		return b
	}
	return 0
}

func (t trial) forestUnit(id, title string, all []estimate.Result) picture {
	a, b := t.sides(all[0])
	left, right := t.Say("in favour of %s", a), t.Say("in favour of %s", b)
	switch all[0].Better {
	case protocol.Higher:
		left, right = right, left
	case protocol.Lower:
	default:
		left, right = "", ""
	}
	var rows []figure.ForestRow
	for _, r := range all {
		rows = append(rows, t.forestRow(r))
	}
	if all[0].Ratio() {
		return t.drawForest(id, title, t.Say("Ratio with its %s interval.", t.level(all[0])), t.Say("Ratio: %s to %s (logarithmic)", a, b), left, right, rows, true)
	}
	caption := t.Say("Difference with its %s interval. Shaded, where known: smaller than people notice.", t.level(all[0]))
	return t.drawForest(id, title, caption, t.Say("Difference%s: %s minus %s", t.inUnit(all[0].Unit), a, b), left, right, rows, false)
}

func (t trial) forestRow(r estimate.Result) figure.ForestRow {
	name := r.Label
	if r.Order > 0 && r.Place == protocol.Secondary {
		name = t.Int(r.Order) + ". " + name
	}
	row := figure.ForestRow{
		Label: name, Note: strings.TrimPrefix(strings.TrimSpace(r.When+t.better(r.Better)), "· "),
		Estimate: r.Estimate, Low: r.Low, High: r.High, Hollow: r.Place == protocol.Exploratory,
		Value: t.value(r) + t.unit(r.Unit),
	}
	if _, ok := spanOf(r); !ok {
		row.Estimate, row.Value = nil, t.Say("no estimate")
	}
	if r.Matters != nil && !bad(*r.Matters) {
		row.Band = *r.Matters
	}
	return row
}

func (t trial) drawForest(id, title, caption, axis, left, right string, rows []figure.ForestRow, ratio bool) picture {
	f := figure.Forest{Voice: t.Voice, ID: id, Title: t.Say("%s: differences with their intervals", title), Width: wideWidth, Axis: axis, Left: left, Right: right, Rows: rows, Ratio: ratio}
	wide := f.SVG()
	f.ID, f.Width = id+"-narrow", narrowWidth
	return picture{Caption: caption, Wide: inline(wide), Narrow: inline(f.SVG()), Tables: []table{ofFigure(f.Table())}}
}

// ofFigure makes a page's table of a picture's.
func ofFigure(ft figure.Table) table {
	tb := table{Caption: ft.Caption, Head: ft.Head}
	for _, r := range ft.Rows {
		if len(r) > 0 {
			tb.Rows = append(tb.Rows, row{Head: r[0], Cells: r[1:]})
		}
	}
	return tb
}
