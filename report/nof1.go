package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/stats/dist"
)

// drawnAlone is up to how many people of a series get a picture of their own
// periods.
const drawnAlone = 6

// individuals tells what the treatment did in each person of a series of n-of-1
// trials, from her own nights and in the company of the others.
func (t trial) individuals(id string, r estimate.Result) []block {
	if len(r.People) == 0 {
		return nil
	}
	out := []block{{Text: t.Say("Person by person"), Class: "lead"}}
	if len(r.People) > 1 {
		out = append(out, block{Figures: []picture{t.personForest(id, r)}})
	}
	out = append(out, block{Table: t.personTable(r)})
	if p := r.Posterior; p != nil {
		out = append(out, block{Text: t.posteriorText(r)})
	}
	if len(r.People) <= drawnAlone {
		var pics []picture
		for i, p := range r.People {
			pics = append(pics, t.periodPicture(fmt.Sprintf("%s-person-%d", id, i+1), r, p))
		}
		grid := ""
		if len(pics) > 1 {
			grid = "two"
		}
		if l := t.armLegend(id + "-key"); l != "" {
			out = append(out, block{Legend: l})
		}
		out = append(out, block{Figures: pics, Grid: grid})
	}
	return out
}

func (t trial) personTable(r estimate.Result) *table {
	tb := &table{
		Caption: t.Say("%s%s, person by person", joinWhen(r), t.inUnit(r.Unit)),
		Head:    []string{t.Say("Person"), t.Say("Nights (with the treatment)"), t.Say("Own effect (%s interval)", t.level(r)), "p", t.Say("p of the orders")},
		Note:    t.Say("Own effect: treatment minus comparator from her own nights alone. p of the orders: exact, of all the orders in which her cycles could have been drawn."),
	}
	shrunk, believed := r.People[0].Shrunk != nil, r.People[0].Belief != nil
	if shrunk {
		tb.Head = append(tb.Head, t.Say("Drawn towards the mean"))
		tb.Note += t.Say(" Drawn towards the mean: her own estimate and the others’, weighed by how well each is known and how much people differ.")
	}
	if believed {
		tb.Head = append(tb.Head, t.Say("Posterior (interval)"), t.Say("Probability of a benefit"))
	}
	for _, p := range r.People {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		line := row{Head: p.Subject, Cells: []string{t.Int(p.Nights) + " (" + t.Int(p.Active) + ")", t.value(one), t.PCell(&p.P), t.PCell(p.OrderP)}}
		if shrunk {
			line.Cells = append(line.Cells, t.Maybe(p.Shrunk))
		}
		if believed {
			line.Cells = append(line.Cells, t.believedValue(*p.Belief), t.Fixed(*p.Belief.Benefit, 2))
		}
		tb.Rows = append(tb.Rows, line)
	}
	return tb
}

func (t trial) believedValue(b estimate.Belief) string {
	return t.value(estimate.Result{Estimate: &b.Mean, Low: &b.Low, High: &b.High})
}

// personForest draws everybody's own interval, and the mean below them.
func (t trial) personForest(id string, r estimate.Result) picture {
	a, b := t.sides(r)
	left, right := t.favours(r)
	var rows []figure.ForestRow
	for _, p := range r.People {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		rows = append(rows, figure.ForestRow{Label: p.Subject, Value: t.value(one) + t.unit(r.Unit), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: true})
	}
	mean := figure.ForestRow{Label: t.Say("Mean of all"), Value: t.value(r) + t.unit(r.Unit), Estimate: r.Estimate, Low: r.Low, High: r.High}
	if r.Matters != nil && !bad(*r.Matters) {
		mean.Band = *r.Matters
	}
	rows = append(rows, mean)
	caption := t.Say("Each person’s own effect with its %s interval; filled: the mean.", t.level(r))
	if s := r.Spread; s != nil && s.Low != nil {
		next := estimate.Result{Estimate: r.Estimate, Low: s.Low, High: s.High}
		rows = append(rows, figure.ForestRow{Label: t.Say("The next person"), Note: t.Say("where her effect lies"), Value: t.value(next) + t.unit(r.Unit), Estimate: r.Estimate, Low: s.Low, High: s.High, Hollow: true})
		caption += t.Say(" People’s true effects are estimated to have a standard deviation of %s%s (test of none: %s).", t.Three(s.SD), t.unit(r.Unit), t.PCell(&s.QP))
	}
	return t.drawForest(id+"-people", t.Say("%s, person by person", r.Label), caption, t.Say("Difference%s: %s minus %s", t.inUnit(r.Unit), a, b), left, right, rows, false)
}

func (t trial) posteriorText(r estimate.Result) string {
	p := r.Posterior
	whose := t.Say("the mean effect")
	if p.Between == nil {
		whose = t.Say("the effect")
	}
	out := t.Say("Under the prior %s, %s%s is believed to be %s, and to be a benefit with probability %s.", p.Prior, whose, t.inUnit(r.Unit), t.believedValue(p.Effect), t.Fixed(*p.Effect.Benefit, 2))
	if p.Next != nil {
		out += t.Say(" In one more person like these it would be %s, a benefit with probability %s.", t.believedValue(*p.Next), t.Fixed(*p.Next.Benefit, 2))
	}
	return t.Say("%s The prior stood in the protocol before there were data; another prior gives another answer.", out)
}

// periodPicture shows one person's periods in their order: the mean of the
// nights of each, with its interval, by treatment.
func (t trial) periodPicture(id string, r estimate.Result, p estimate.PersonEffect) picture {
	f := figure.Series{Voice: t.Voice, ID: id, Title: t.Say("%s, periods of %s", r.Label, p.Subject), Width: narrowWidth, Height: 222, Unit: t.unitName(r.Unit)}
	for _, a := range r.Arms {
		arm := figure.SeriesArm{Label: t.label(a.Arm), Look: t.look(a.Arm)}
		for _, m := range p.Periods {
			if m.Arm != a.Arm {
				continue
			}
			point := figure.SeriesPoint{Day: m.FirstDay, N: m.N, Mean: m.Mean}
			if m.SD != nil && m.Mean != nil && m.N > 1 {
				half := dist.TQuantile(0.975, float64(m.N-1)) * *m.SD / math.Sqrt(float64(m.N))
				low, high := *m.Mean-half, *m.Mean+half
				point.Low, point.High = &low, &high
			}
			arm.Points = append(arm.Points, point)
		}
		f.Arms = append(f.Arms, arm)
	}
	caption := t.Say("Means of the nights of each period, placed at its first night, with 95\u202f% intervals that take nights as independent.")
	return picture{Title: p.Subject, Caption: caption, Wide: inline(f.SVG()), Tables: []table{ofFigure(f.Table())}}
}

// ofOne says whether people each had an order of their own.
func (t trial) ofOne() bool { return t.Trial.Design == protocol.NOf1 }
