package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"dvala/report/figure"
	"dvala/sleep"
	"dvala/sleep/agree"
)

// agreeHTML writes one page: rates, the error matrix, the stages, and for each
// measure its differences in a row and a picture.
func agreeHTML(w io.Writer, a agreement) error {
	page := nightPage{Title: "Agreement of a device with a reference"}
	page.Lead = append(page.Lead, fmt.Sprintf("%s, %s that both scored, classes %s.", plural(a.Nights, "night"), plural(a.Epochs, "epoch"), a.Scheme))
	if len(a.Overall) > 1 && a.Overall[1].Pooled != nil {
		lead := fmt.Sprintf("They agree on %s of the epochs; kappa is %s", percentOf(a.Overall[0].Pooled), rateInterval(a.Overall[1]))
		page.Lead = append(page.Lead, lead+".")
	}
	page.Sections = append(page.Sections, epochSection(a))
	if len(a.Measures) > 0 {
		page.Sections = append(page.Sections, measureSection(a))
	}
	page.Sections = append(page.Sections, perNightSection(a))
	return page.write(w)
}

func percentOf(v *float64) string {
	if v == nil {
		return figure.Dash
	}
	return figure.Percent(*v, 100)
}

// rateInterval writes a rate with its interval.
func rateInterval(r agreeRate) string {
	if r.Low == nil {
		return rateCell(r.Pooled)
	}
	return fmt.Sprintf("%s (%s to %s)", rateCell(r.Pooled), rateCell(r.Low), rateCell(r.High))
}

// epochSection is the agreement epoch by epoch.
func epochSection(a agreement) nightSection {
	overall := nightTable{
		Caption: "All epochs pooled, with 95 % intervals by bootstrap over nights; and the mean of the nights",
		Head:    []string{"", "Pooled", "95 % interval", "Mean of nights", "Nights"},
	}
	for _, r := range a.Overall {
		interval := figure.Dash
		if r.Low != nil {
			interval = rateCell(r.Low) + " to " + rateCell(r.High)
		}
		overall.Rows = append(overall.Rows, cells(rateName(r.Name), rateCell(r.Pooled), interval, rateCell(r.NightMean), figure.Int(r.Nights)))
	}
	stages := nightTable{Caption: "Each stage against all others, pooled, with 95 % intervals by bootstrap over nights", Head: []string{"Stage"}}
	for i, s := range a.Stages {
		row := cells(s.Stage.String())
		for _, r := range s.Rates {
			if i == 0 {
				stages.Head = append(stages.Head, rateName(r.Name))
			}
			cell := nightCell{Text: rateCell(r.Pooled)}
			if r.Low != nil {
				cell.Sub = rateCell(r.Low) + " to " + rateCell(r.High)
			}
			row = append(row, cell)
		}
		stages.Rows = append(stages.Rows, row)
	}
	return nightSection{ID: "epochs", Title: "Epoch by epoch", Tables: []nightTable{overall, stages}, Pictures: []nightPicture{
		matrixPicture("errors", "Error matrix", "device", "reference", a.Classes, a.Matrix),
	}}
}

// rateName writes a rate's name as people do.
func rateName(name string) string {
	switch name {
	case "ppv", "npv", "pabak", "f1":
		return strings.ToUpper(name)
	}
	return name
}

// matrixPicture draws an error matrix.
func matrixPicture(id, title, across, down string, classes []sleep.Stage, n [][]int) nightPicture {
	m := figure.ErrorMatrix{ID: id, Title: title, Across: across, Down: down, N: n}
	for _, c := range classes {
		m.Classes = append(m.Classes, c.String())
	}
	return nightPicture{Title: title, Sentence: m.Describe(), Wide: inlined(m.SVG()), Tables: []nightTable{tableOf(m.Table())}}
}

func rowTotal(counts []int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

// measureSection is the agreement night by night, measure by measure.
func measureSection(a agreement) nightSection {
	t := nightTable{
		Caption: "Differences, device − reference, with 95 % intervals. Where they grow with the size, bias and limits are given at the reference's quartiles.",
		Head:    []string{"Measure", "Nights", "Reference, mean (SD)", "Device, mean (SD)", "Bias", "Lower limit of agreement", "Upper limit of agreement", "Grows with the size"},
		Words:   true,
	}
	s := nightSection{ID: "measures", Title: "Night by night: differences of each measure", Grid: true}
	s.Text = []string{"Each dot is a night. The full line is the bias, the broken lines are the 95 % limits of agreement, the ribbons their 95 % intervals; " +
		"sloped lines follow differences that change with the size, and limits that open are a spread that changes with it."}
	for i, m := range a.Measures {
		label := strings.TrimSuffix(m.Label+", "+m.Unit, ", ")
		mean := func(mean, sd float64) string {
			return fmt.Sprintf("%s (%s)", figure.Fixed(mean, 1), figure.Fixed(sd, 1))
		}
		row := cells(label, figure.Int(m.N), mean(m.RefMean, m.RefSD), mean(m.DevMean, m.DevSD))
		t.Rows = append(t.Rows, append(append(row, m.cells()...), nightCell{Text: m.grows()}))
		pic := m.picture(fmt.Sprintf("ba-%d", i+1))
		s.Pictures = append(s.Pictures, nightPicture{Title: label, Sentence: pic.Describe(), Wide: inlined(pic.SVG()), Tables: []nightTable{tableOf(pic.Table())}})
	}
	s.Tables = []nightTable{t}
	return s
}

// grows says what of a measure's differences changes with its size.
func (m measureDifference) grows() string {
	switch {
	case m.Proportional && m.Heteroscedastic:
		return "bias and spread"
	case m.Proportional:
		return "bias"
	case m.Heteroscedastic:
		return "spread"
	}
	return "no"
}

// cells give bias and limits with their intervals: one of each, or, where they
// change with the size, at the quartiles of the reference.
func (m measureDifference) cells() []nightCell {
	one := func(v float64) string { return figure.Fixed(v, 1) }
	with := func(i agree.Interval) nightCell {
		return nightCell{Text: one(i.Value), Sub: one(i.Low) + " to " + one(i.High)}
	}
	if !m.Proportional && !m.Heteroscedastic {
		if m.Drawn {
			return []nightCell{with(m.Boot.Bias), with(m.Boot.Lower), with(m.Boot.Upper)}
		}
		return []nightCell{with(m.Bias), with(m.Lower), with(m.Upper)}
	}
	out := make([]nightCell, 3)
	for i, size := range m.quartiles() {
		low, high := m.LimitsAt(size)
		values := []agree.Interval{{Value: m.BiasAt(size)}, {Value: low}, {Value: high}}
		if m.Drawn {
			values[0] = m.Boot.BiasAt(size)
			values[1], values[2] = m.Boot.LimitsAt(size)
		}
		for k, v := range values {
			cell := nightCell{Text: one(v.Value) + " at " + one(size)}
			if m.Drawn {
				cell.Sub = with(v).Sub
			}
			if i == 0 {
				out[k] = cell
			} else {
				out[k].Then = &cell
			}
		}
	}
	if !m.Proportional {
		out[0] = with(m.Bias)
		if m.Drawn {
			out[0] = with(m.Boot.Bias)
		}
	}
	return out
}

// picture is the Bland–Altman plot of a measure.
func (m measureDifference) picture(id string) figure.BlandAltman {
	p := figure.BlandAltman{
		ID: id, Title: "Differences in " + m.Label, Unit: m.Unit, Width: 320, Height: 236,
		Size: m.ref, Difference: make([]float64, len(m.ref)), Bias: m.BiasAt, Limits: m.LimitsAt,
		BiasInterval: m.biasInterval, LimitIntervals: m.limitIntervals,
	}
	for k := range m.ref {
		p.Difference[k] = m.dev[k] - m.ref[k]
	}
	return p
}

// biasInterval gives the 95 % interval of the bias at a size: of the mean, or of
// the height of its line.
func (m measureDifference) biasInterval(size float64) (low, high float64) {
	if m.Drawn {
		i := m.Boot.BiasAt(size)
		return i.Low, i.High
	}
	if !m.Proportional {
		return m.Bias.Low, m.Bias.High
	}
	half := halfWidth(m.BiasLine, size, m.RefMean)
	return m.BiasAt(size) - half, m.BiasAt(size) + half
}

// limitIntervals gives the 95 % intervals of the limits at a size. Where bias or
// spread grow and nothing was drawn they are those of the limits' distance from the bias, the bias taken
// as known.
func (m measureDifference) limitIntervals(size float64) (lower, upper [2]float64) {
	if m.Drawn {
		l, u := m.Boot.LimitsAt(size)
		return [2]float64{l.Low, l.High}, [2]float64{u.Low, u.High}
	}
	low, high := m.LimitsAt(size)
	switch {
	case m.Heteroscedastic:
		half := 1.96 * math.Sqrt(math.Pi/2) * halfWidth(m.SpreadLine, size, m.RefMean)
		return [2]float64{low - half, low + half}, [2]float64{high - half, high + half}
	case m.Proportional:
		b := m.BiasAt(size)
		return [2]float64{b + m.Lower.Low, b + m.Lower.High}, [2]float64{b + m.Upper.Low, b + m.Upper.High}
	}
	return [2]float64{m.Lower.Low, m.Lower.High}, [2]float64{m.Upper.Low, m.Upper.High}
}

// halfWidth gives half the 95 % interval of the height of a fitted line at a
// size, from the intervals of its height at 0 and of its slope. With w0 and w1 half
// of those and mean the mean size, w0² = h² + mean² w1², so
//
//	h(size)² = w0² − mean² w1² + (size − mean)² w1².
func halfWidth(l agree.Line, size, mean float64) float64 {
	w0, w1 := (l.At0.High-l.At0.Low)/2, (l.Slope.High-l.Slope.Low)/2
	return math.Sqrt(math.Max(w0*w0-mean*mean*w1*w1, 0) + (size-mean)*(size-mean)*w1*w1)
}

// perNightSection is a row a night.
func perNightSection(a agreement) nightSection {
	t := nightTable{Caption: "Each night by itself", Head: []string{"Night", "Epochs", "Accuracy", "Kappa"}}
	lags := false
	for _, n := range a.PerNight {
		lags = lags || n.Lag != nil
	}
	if lags {
		t.Head = append(t.Head, "Lag, epochs")
	}
	for _, n := range a.PerNight {
		row := cells(n.Night, figure.Int(n.Epochs), rateCell(n.Accuracy), rateCell(n.Kappa))
		if lags {
			lag := figure.Dash
			if n.Lag != nil {
				lag = figure.Int(n.Lag.Epochs)
			}
			row = append(row, nightCell{Text: lag})
		}
		t.Rows = append(t.Rows, row)
	}
	s := nightSection{ID: "nights", Title: "The nights", Tables: []nightTable{t}}
	if len(a.Unmatched) > 0 {
		s.Text = []string{"On one side only: " + strings.Join(a.Unmatched, ", ") + "."}
	}
	return s
}
