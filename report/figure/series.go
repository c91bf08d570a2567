package figure

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"dvala/report/voice"
)

// Series is one outcome over the days: a mean with its interval for each arm.
type Series struct {
	voice.Voice
	ID, Title     string
	Width, Height float64
	Unit          string
	Arms          []SeriesArm
}

// SeriesArm is one arm's line.
type SeriesArm struct {
	Label  string
	Look   Look
	Points []SeriesPoint
}

// SeriesPoint is one day. What is nil is not drawn, and the line has a gap.
type SeriesPoint struct {
	Day, N          int
	Mean, Low, High *float64
	People          []float64 // own values, drawn faintly behind
}

// few is up to how many days intervals are bars; beyond it they are ribbons.
const few = 10

type plot struct {
	x, y                     Scale
	left, right, top, bottom float64
}

// SVG draws the panel.
func (s Series) SVG() *Canvas {
	c := NewCanvas(s.ID, s.Width, s.Height, s.Title, s.Describe())
	p, days := s.plot()
	if days == 0 {
		c.Text("dim mid", s.Width/2, s.Height/2, s.Say("no values"))
		return c
	}
	s.axes(c, p)
	for i, a := range s.Arms {
		// Even where the means share a place, people of two arms stand side by side.
		a.people(c, p, (float64(i)-float64(len(s.Arms)-1)/2)*math.Max(dodge(days), 2.4))
	}
	if days > few {
		for _, a := range s.Arms {
			a.ribbon(c, p)
		}
	}
	for i, a := range s.Arms {
		// Arms stand a little apart, so that neither hides the other.
		shift := (float64(i) - float64(len(s.Arms)-1)/2) * dodge(days)
		a.draw(c, p, shift, days)
	}
	return c
}

func dodge(days int) float64 {
	if days > few {
		return 0
	}
	return 7
}

// plot finds the scales and how many days there are.
func (s Series) plot() (plot, int) {
	var x, y Extent
	seen := map[int]bool{}
	for _, a := range s.Arms {
		for _, p := range a.Points {
			if _, ok := finite(p.Mean); ok {
				seen[p.Day] = true
				x.Add(float64(p.Day))
				y.AddMaybe(p.Mean, p.Low, p.High)
				y.Add(p.People...)
			}
		}
	}
	left, right, top, bottom := 46.0, s.Width-10, 22.0, s.Height-36
	xf, xt := x.Padded(0.04)
	if x.Low == x.High {
		xf, xt = x.Low-1, x.High+1
	}
	yf, yt := y.Padded(0.06)
	return plot{Scale{xf, xt, left, right}, Scale{yf, yt, bottom, top}, left, right, top, bottom}, len(seen)
}

func (s Series) axes(c *Canvas, p plot) {
	if p.x.From < 0 && p.x.To > 0 {
		c.Rect("wash", p.left, p.top, p.x.At(0)-p.left, p.bottom-p.top)
		c.Line("axis dash", p.x.At(0), p.top, p.x.At(0), p.bottom)
	}
	ticks, d := Ticks(p.y.From, p.y.To, 4)
	for _, t := range ticks {
		c.Line("grid", p.left, p.y.At(t), p.right, p.y.At(t))
		c.Text("small dim end", p.left-6, p.y.At(t)+4, s.Fixed(t, d))
	}
	c.Line("axis", p.left, p.bottom, p.right, p.bottom)
	for _, t := range s.dayTicks(p) {
		x := p.x.At(float64(t))
		c.Line("axis", x, p.bottom, x, p.bottom+4)
		c.Text("small dim mid", x, p.bottom+16, s.Fixed(float64(t), 0))
	}
	unit := Wrap(s.Unit, s.Width-10, small)
	if len(unit) > 0 {
		c.Text("small dim", 0, 11, unit[0])
	}
	c.Text("small dim mid", (p.left+p.right)/2, s.Height-4, s.Say("day from randomisation"))
}

// dayTicks are the days themselves when few, whole weeks otherwise.
func (s Series) dayTicks(p plot) []int {
	first, last := int(math.Ceil(p.x.From)), int(math.Floor(p.x.To))
	step := 7
	for (last-first)/step > 8 {
		step *= 2
	}
	if last-first < 8 {
		step = 1
	}
	var out []int
	for d := int(math.Ceil(float64(first)/float64(step))) * step; d <= last; d += step {
		out = append(out, d)
	}
	return out
}

// people are points in one path, each a stroke of no length with a round end;
// those of a day that would lie within half a unit of another are one.
func (a SeriesArm) people(c *Canvas, p plot, shift float64) {
	path := new(Path)
	any := false
	for _, pt := range a.Points {
		if _, ok := finite(pt.Mean); !ok {
			continue
		}
		last := math.Inf(1)
		for _, v := range pt.People {
			y := math.Round(2*p.y.At(v)) / 2
			if math.IsNaN(y) || math.IsInf(y, 0) || y == last {
				continue
			}
			path.Dot(math.Round(10*(p.x.At(float64(pt.Day))+shift))/10, y)
			last, any = y, true
		}
	}
	if any {
		c.Path(a.Look.Class+" person", path)
	}
}

func (a SeriesArm) draw(c *Canvas, p plot, shift float64, days int) {
	line := new(Path)
	begun := false
	r := 4.0
	if days > few {
		r = 2.3
	}
	for _, pt := range a.Points {
		m, ok := finite(pt.Mean)
		if !ok {
			begun = false
			continue
		}
		x, y := p.x.At(float64(pt.Day))+shift, p.y.At(m)
		if begun {
			line.Line(x, y)
		} else {
			line.Move(x, y)
		}
		begun = true
	}
	class := a.Look.Class + " line"
	if a.Look.Hollow {
		class += " dash"
	}
	c.Path(class, line)
	for _, pt := range a.Points {
		m, ok := finite(pt.Mean)
		if !ok {
			continue
		}
		x := p.x.At(float64(pt.Day)) + shift
		low, okL := finite(pt.Low)
		high, okH := finite(pt.High)
		if days <= few && okL && okH {
			c.Line(a.Look.Class+" bar", x, p.y.At(low), x, p.y.At(high))
		}
		c.Mark(a.Look, x, p.y.At(m), r)
	}
}

// ribbon fills between the limits, broken where there are none.
func (a SeriesArm) ribbon(c *Canvas, p plot) {
	var run []SeriesPoint
	flush := func() {
		if len(run) > 1 {
			path := new(Path)
			for _, pt := range run {
				path.Line(p.x.At(float64(pt.Day)), p.y.At(*pt.High))
			}
			for i := len(run) - 1; i >= 0; i-- {
				path.Line(p.x.At(float64(run[i].Day)), p.y.At(*run[i].Low))
			}
			c.Path(a.Look.Class+" ribbon", path.Close())
		}
		run = run[:0]
	}
	for _, pt := range a.Points {
		_, okL := finite(pt.Low)
		_, okH := finite(pt.High)
		if !okL || !okH {
			flush()
			continue
		}
		run = append(run, pt)
	}
	flush()
}

// Describe tells where each arm begins and ends.
func (s Series) Describe() string {
	out := s.Say("Mean by day")
	if s.Unit != "" {
		out += ", " + s.Unit
	}
	for _, a := range s.Arms {
		var there []SeriesPoint
		for _, p := range a.Points {
			if _, ok := finite(p.Mean); ok {
				there = append(there, p)
			}
		}
		if len(there) == 0 {
			out += s.Say("; %s: no values", a.Label)
			continue
		}
		f, l := there[0], there[len(there)-1]
		out += s.Say("; %s: %s on day %s, %s on day %s", a.Label, s.Three(*f.Mean), s.Fixed(float64(f.Day), 0), s.Three(*l.Mean), s.Fixed(float64(l.Day), 0))
	}
	return out + "."
}

// Table gives every day's numbers, one row for each day.
func (s Series) Table() Table {
	t := Table{Caption: s.Title, Head: []string{s.Say("Day")}}
	if s.Unit != "" {
		t.Caption += ", " + s.Unit
	}
	rows := map[int][]string{}
	for i, a := range s.Arms {
		t.Head = append(t.Head, s.Say("%s: mean (95\u202f%% interval)", a.Label), "n")
		for _, p := range a.Points {
			row := rows[p.Day]
			for len(row) < 2*len(s.Arms) {
				row = append(row, Dash)
			}
			row[2*i], row[2*i+1] = s.meanCell(p), strconv.Itoa(p.N)
			rows[p.Day] = row
		}
	}
	for _, d := range slices.Sorted(maps.Keys(rows)) {
		t.Rows = append(t.Rows, append([]string{s.Fixed(float64(d), 0)}, rows[d]...))
	}
	return t
}

func (s Series) meanCell(p SeriesPoint) string {
	m, ok := finite(p.Mean)
	if !ok {
		return Dash
	}
	d := Decimals(m)
	low, okL := finite(p.Low)
	high, okH := finite(p.High)
	if !okL || !okH {
		return s.Fixed(m, d)
	}
	return s.Fixed(m, d) + " (" + s.Range(&low, &high, d) + ")"
}
