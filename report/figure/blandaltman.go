package figure

import (
	"fmt"
	"math"
)

// BlandAltman shows, night by night, how far a device's values lie from a
// reference's, against the reference, with the bias and the limits of agreement as they stand at
// each size.
type BlandAltman struct {
	ID, Title  string
	Unit       string
	Width      float64 // 520 if 0
	Size       []float64
	Difference []float64
	Bias       func(size float64) float64
	Limits     func(size float64) (low, high float64)
}

// SVG draws the picture.
func (p BlandAltman) SVG() *Canvas {
	width, height := p.Width, 260.0
	if !(width > 0) {
		width = 520
	}
	c := NewCanvas(p.ID, width, height, p.Title, p.Describe())
	var xs, ys Extent
	xs.Add(p.Size...)
	ys.Add(p.Difference...)
	if len(p.Size) == 0 || len(p.Size) != len(p.Difference) {
		c.Text("dim mid", width/2, height/2, "no nights")
		return c
	}
	ys.Add(0)
	for _, x := range []float64{xs.Low, xs.High} {
		low, high := p.Limits(x)
		ys.Add(low, high, p.Bias(x))
	}
	padX, padY := 0.04*(xs.High-xs.Low)+1e-9, 0.06*(ys.High-ys.Low)+1e-9
	x := Scale{xs.Low - padX, xs.High + padX, 58, width - 12}
	y := Scale{ys.Low - padY, ys.High + padY, height - 46, 12}
	p.axes(c, x, y, height)
	for _, f := range []struct {
		class string
		of    func(float64) float64
	}{
		{"ci line", p.Bias},
		{"ci line dash", func(v float64) float64 { low, _ := p.Limits(v); return low }},
		{"ci line dash", func(v float64) float64 { _, high := p.Limits(v); return high }},
	} {
		c.Path(f.class, new(Path).Move(x.At(xs.Low), y.At(f.of(xs.Low))).Line(x.At(xs.High), y.At(f.of(xs.High))))
	}
	for i, v := range p.Size {
		if d := p.Difference[i]; !math.IsNaN(v+d) && !math.IsInf(v+d, 0) {
			c.Circle("mark arm-t hollow", x.At(v), y.At(d), 2.5)
		}
	}
	return c
}

func (p BlandAltman) axes(c *Canvas, x, y Scale, height float64) {
	at, decimals := Ticks(y.From, y.To, 5)
	for _, v := range at {
		c.Line("grid", x.A, y.At(v), x.B, y.At(v))
		c.Text("small dim end", x.A-6, y.At(v)+4, Fixed(v, decimals))
	}
	c.Line("zero", x.A, y.At(0), x.B, y.At(0))
	at, decimals = Ticks(x.From, x.To, 6)
	c.Line("axis", x.A, y.A, x.B, y.A)
	for _, v := range at {
		c.Line("axis", x.At(v), y.A, x.At(v), y.A+4)
		c.Text("small dim mid", x.At(v), y.A+16, Fixed(v, decimals))
	}
	unit := ""
	if p.Unit != "" {
		unit = ", " + p.Unit
	}
	c.Text("small dim mid", (x.A+x.B)/2, height-8, "reference"+unit)
	c.Open("g", At("transform", "translate(14 "+Coord((y.A+y.B)/2)+") rotate(-90)"))
	c.Text("small dim mid", 0, 0, "device − reference"+unit)
	c.Close()
}

// Describe tells bias and limits in a sentence.
func (p BlandAltman) Describe() string {
	if len(p.Size) == 0 {
		return "No nights."
	}
	mean := 0.0
	for _, v := range p.Size {
		mean += v / float64(len(p.Size))
	}
	low, high := p.Limits(mean)
	return fmt.Sprintf("%d nights: at the reference's mean of %s the device differs by %s, with limits of agreement from %s to %s %s.",
		len(p.Size), Three(mean), Three(p.Bias(mean)), Three(low), Three(high), p.Unit)
}
