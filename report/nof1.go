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
	out := []block{{Text: "Person by person", Class: "lead"}}
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
		Caption: joinWhen(r) + inUnit(r.Unit) + ", person by person",
		Head:    []string{"Person", "Nights (with the treatment)", "Own effect (" + level(r) + " interval)", "p", "p of the orders"},
		Note:    "Own effect: treatment minus comparator from her own nights alone. p of the orders: exact, of all the orders in which her cycles could have been drawn.",
	}
	shrunk, believed := r.People[0].Shrunk != nil, r.People[0].Belief != nil
	if shrunk {
		tb.Head = append(tb.Head, "Drawn towards the mean")
		tb.Note += " Drawn towards the mean: her own estimate and the others’, weighed by how well each is known and how much people differ."
	}
	if believed {
		tb.Head = append(tb.Head, "Posterior (interval)", "Probability of a benefit")
	}
	for _, p := range r.People {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		line := row{Head: p.Subject, Cells: []string{figure.Int(p.Nights) + " (" + figure.Int(p.Active) + ")", value(one), figure.PCell(&p.P), figure.PCell(p.OrderP)}}
		if shrunk {
			line.Cells = append(line.Cells, figure.Maybe(p.Shrunk))
		}
		if believed {
			line.Cells = append(line.Cells, believedValue(*p.Belief), figure.Fixed(*p.Belief.Benefit, 2))
		}
		tb.Rows = append(tb.Rows, line)
	}
	return tb
}

func believedValue(b estimate.Belief) string {
	return value(estimate.Result{Estimate: &b.Mean, Low: &b.Low, High: &b.High})
}

// personForest draws everybody's own interval, and the mean below them.
func (t trial) personForest(id string, r estimate.Result) picture {
	a, b := t.sides(r)
	left, right := t.favours(r)
	var rows []figure.ForestRow
	for _, p := range r.People {
		one := estimate.Result{Estimate: &p.Estimate, Low: &p.Low, High: &p.High}
		rows = append(rows, figure.ForestRow{Label: p.Subject, Value: value(one) + unit(r.Unit), Estimate: &p.Estimate, Low: &p.Low, High: &p.High, Hollow: true})
	}
	mean := figure.ForestRow{Label: "Mean of all", Value: value(r) + unit(r.Unit), Estimate: r.Estimate, Low: r.Low, High: r.High}
	if r.Matters != nil && !bad(*r.Matters) {
		mean.Band = *r.Matters
	}
	rows = append(rows, mean)
	caption := "Each person’s own effect with its " + level(r) + " interval; filled: the mean."
	if s := r.Spread; s != nil && s.Low != nil {
		next := estimate.Result{Estimate: r.Estimate, Low: s.Low, High: s.High}
		rows = append(rows, figure.ForestRow{Label: "The next person", Note: "where her effect lies", Value: value(next) + unit(r.Unit), Estimate: r.Estimate, Low: s.Low, High: s.High, Hollow: true})
		caption += fmt.Sprintf(" People’s true effects are estimated to have a standard deviation of %s%s (test of none: %s).", figure.Three(s.SD), unit(r.Unit), figure.PCell(&s.QP))
	}
	return t.drawForest(id+"-people", r.Label+", person by person", caption, "Difference"+inUnit(r.Unit)+": "+a+" minus "+b, left, right, rows, false)
}

func (t trial) posteriorText(r estimate.Result) string {
	p := r.Posterior
	whose := "the mean effect"
	if p.Between == nil {
		whose = "the effect"
	}
	out := fmt.Sprintf("Under the prior %s, %s%s is believed to be %s, and to be a benefit with probability %s.", p.Prior, whose, inUnit(r.Unit), believedValue(p.Effect), figure.Fixed(*p.Effect.Benefit, 2))
	if p.Next != nil {
		out += fmt.Sprintf(" In one more person like these it would be %s, a benefit with probability %s.", believedValue(*p.Next), figure.Fixed(*p.Next.Benefit, 2))
	}
	return out + " The prior stood in the protocol before there were data; another prior gives another answer."
}

// periodPicture shows one person's periods in their order: the mean of the
// nights of each, with its interval, by treatment.
func (t trial) periodPicture(id string, r estimate.Result, p estimate.PersonEffect) picture {
	f := figure.Series{ID: id, Title: r.Label + ", periods of " + p.Subject, Width: narrowWidth, Height: 222, Unit: r.Unit}
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
	caption := "Means of the nights of each period, placed at its first night, with 95" + figure.NarrowSpace + "% intervals that take nights as independent."
	return picture{Title: p.Subject, Caption: caption, Wide: inline(f.SVG()), Tables: []table{ofFigure(f.Table())}}
}

// ofOne says whether people each had an order of their own.
func (t trial) ofOne() bool { return t.Trial.Design == protocol.NOf1 }
