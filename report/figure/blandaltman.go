package figure

import (
	"fmt"
	"math"
)

// BlandAltman shows, night by night, how far a device's values lie from a
// reference's, against the reference, with the bias and the limits of agreement as they stand at
// each size, and their intervals as ribbons.
type BlandAltman struct {
	ID, Title  string
	Unit       string
	Width      float64 // 520 if 0
	Height     float64 // half the width if 0
	Size       []float64
	Difference []float64
	Bias       func(size float64) float64
	Limits     func(size float64) (low, high float64)

	// Intervals, drawn where given.
	BiasInterval   func(size float64) (low, high float64)
	LimitIntervals func(size float64) (lower, upper [2]float64)
}

// blandSteps is how many straight pieces stand for the edge of a ribbon.
const blandSteps = 24

// blandLevel is one line of the picture: the bias or a limit.
type blandLevel struct {
	class    string
	of       func(float64) float64
	interval func(float64) (low, high float64) // nil where there is none
}

// levels lists the bias, the lower and the upper limit.
func (p BlandAltman) levels() []blandLevel {
	out := []blandLevel{
		{"ci line", p.Bias, p.BiasInterval},
		{"ci line dash", func(v float64) float64 { low, _ := p.Limits(v); return low }, nil},
		{"ci line dash", func(v float64) float64 { _, high := p.Limits(v); return high }, nil},
	}
	if p.LimitIntervals != nil {
		out[1].interval = func(v float64) (float64, float64) { l, _ := p.LimitIntervals(v); return l[0], l[1] }
		out[2].interval = func(v float64) (float64, float64) { _, u := p.LimitIntervals(v); return u[0], u[1] }
	}
	return out
}

// drawn says whether a night has both numbers.
func (p BlandAltman) drawn(i int) bool {
	v := p.Size[i] + p.Difference[i]
	return !math.IsNaN(v) && !math.IsInf(v, 0)
}

// extents gives what the axes must reach; ok is false without a night.
func (p BlandAltman) extents() (xs, ys Extent, ok bool) {
	if len(p.Size) != len(p.Difference) || p.Bias == nil || p.Limits == nil {
		return xs, ys, false
	}
	for i := range p.Size {
		if p.drawn(i) {
			xs.Add(p.Size[i])
			ys.Add(p.Difference[i])
			ok = true
		}
	}
	ys.Add(0)
	for _, x := range []float64{xs.Low, xs.High} {
		for _, l := range p.levels() {
			ys.Add(l.of(x))
			if l.interval != nil {
				low, high := l.interval(x)
				ys.Add(low, high)
			}
		}
	}
	return xs, ys, ok
}

// SVG draws the picture.
func (p BlandAltman) SVG() *Canvas {
	width, height := p.Width, p.Height
	if !(width > 0) {
		width = 520
	}
	if !(height > 0) {
		height = width / 2
	}
	c := NewCanvas(p.ID, width, height, p.Title, p.Describe())
	xs, ys, ok := p.extents()
	if !ok {
		c.Text("dim mid", width/2, height/2, "no nights")
		return c
	}
	padX, padY := 0.04*(xs.High-xs.Low)+1e-9, 0.06*(ys.High-ys.Low)+1e-9
	x := Scale{xs.Low - padX, xs.High + padX, 52, width - 40}
	y := Scale{ys.Low - padY, ys.High + padY, height - 40, 8}
	p.axes(c, x, y, height)
	levels := p.levels()
	for _, l := range levels {
		if l.interval == nil {
			continue
		}
		upper, lower := new(Path), make([][2]float64, 0, blandSteps+1)
		for i := range blandSteps + 1 {
			v := x.From + (x.To-x.From)*float64(i)/blandSteps
			low, high := l.interval(v)
			upper.Line(x.At(v), y.At(high))
			lower = append(lower, [2]float64{x.At(v), y.At(low)})
		}
		for i := len(lower) - 1; i >= 0; i-- {
			upper.Line(lower[i][0], lower[i][1])
		}
		c.Path("soft", upper.Close())
	}
	for i, v := range p.Size {
		if p.drawn(i) {
			c.Circle("dot", x.At(v), y.At(p.Difference[i]), 2.25)
		}
	}
	for _, l := range levels {
		c.Path(l.class, new(Path).Move(x.A, y.At(l.of(x.From))).Line(x.B, y.At(l.of(x.To))))
	}
	p.values(c, x, y, levels)
	return c
}

// values writes, at the right end of each line, where it ends: its one value
// where it is level.
func (p BlandAltman) values(c *Canvas, x, y Scale, levels []blandLevel) {
	at := make([]float64, 0, 3)
	for _, i := range []int{2, 0, 1} { // from the top
		l := levels[i]
		if math.Abs(l.of(x.From)-l.of(x.To)) > 1e-9*(y.To-y.From) {
			continue
		}
		v := l.of(x.To)
		pos := y.At(v) + 3.5
		for _, other := range at {
			if math.Abs(pos-other) < 11 {
				pos = other + 11
			}
		}
		at = append(at, pos)
		c.Text("tiny", x.B+4, pos, Fixed(v, 1))
	}
}

func (p BlandAltman) axes(c *Canvas, x, y Scale, height float64) {
	at, decimals := Ticks(y.From, y.To, 5)
	for _, v := range at {
		c.Line("grid", x.A, y.At(v), x.B, y.At(v))
		c.Text("small dim end", x.A-6, y.At(v)+4, Fixed(v, decimals))
	}
	c.Line("axis", x.A, y.At(0), x.B, y.At(0))
	at, decimals = Ticks(x.From, x.To, max(3, int((x.B-x.A)/60)))
	c.Line("axis", x.A, y.A, x.B, y.A)
	for _, v := range at {
		c.Line("axis", x.At(v), y.A, x.At(v), y.A+4)
		c.Text("small dim mid", x.At(v), y.A+16, Fixed(v, decimals))
	}
	c.Text("small dim mid", (x.A+x.B)/2, height-8, "reference"+p.unit())
	c.Open("g", At("transform", "translate(12 "+Coord((y.A+y.B)/2)+") rotate(-90)"))
	c.Text("small dim mid", 0, 0, "device − reference"+p.unit())
	c.Close()
}

func (p BlandAltman) unit() string {
	if p.Unit == "" {
		return ""
	}
	return ", " + p.Unit
}

// level says whether bias and limits are the same at all sizes.
func (p BlandAltman) level() bool {
	xs, _, _ := p.extents()
	for _, l := range p.levels() {
		if math.Abs(l.of(xs.Low)-l.of(xs.High)) >= 1e-9*(1+math.Abs(l.of(xs.Low))) {
			return false
		}
	}
	return true
}

// Describe tells bias and limits in a sentence, and where they change with the
// size, at both ends.
func (p BlandAltman) Describe() string {
	xs, _, ok := p.extents()
	if !ok {
		return "No nights."
	}
	n := 0
	for i := range p.Size {
		if p.drawn(i) {
			n++
		}
	}
	unit := ""
	if p.Unit != "" {
		unit = " " + p.Unit
	}
	at := func(v float64) string {
		low, high := p.Limits(v)
		return fmt.Sprintf("%s%s, limits of agreement %s to %s", Fixed(p.Bias(v), 1), unit, Fixed(low, 1), Fixed(high, 1))
	}
	if p.level() {
		return fmt.Sprintf("%s: the device differs from the reference by %s.", count(n, "night"), at(xs.Low))
	}
	return fmt.Sprintf("%s: where the reference says %s the device differs by %s; where it says %s, by %s.",
		count(n, "night"), Fixed(xs.Low, 1)+unit, at(xs.Low), Fixed(xs.High, 1)+unit, at(xs.High))
}

// Table gives bias and limits at five sizes.
func (p BlandAltman) Table() Table {
	t := Table{Caption: p.Title + ": bias and limits of agreement by size" + p.unit(), Head: []string{"Reference", "Bias", "Lower limit", "Upper limit"}}
	xs, _, ok := p.extents()
	if !ok {
		return t
	}
	interval := func(v, low, high float64) string {
		return fmt.Sprintf("%s (%s to %s)", Fixed(v, 1), Fixed(low, 1), Fixed(high, 1))
	}
	for i := range 5 {
		v := xs.Low + (xs.High-xs.Low)*float64(i)/4
		row := []string{Fixed(v, 1)}
		for _, l := range p.levels() {
			text := Fixed(l.of(v), 1)
			if l.interval != nil {
				low, high := l.interval(v)
				text = interval(l.of(v), low, high)
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
