package figure

import (
	"math"

	"dvala/report/voice"
)

// Steps are shares that fall in steps over the days, as Kaplan and Meier's: one
// line for each arm, with its interval behind it.
type Steps struct {
	voice.Voice
	ID, Title     string
	Width, Height float64
	Arms          []StepsArm
}

// StepsArm is one arm's line. Before its first step it is 1; after its last it
// goes on to End.
type StepsArm struct {
	Label string
	Look  Look
	N     int
	End   float64
	At    []Step
}

// Step is the share from a day on.
type Step struct{ Day, Share, Low, High float64 }

// mostDays is how far an axis of days goes; what lies beyond is no day of a trial.
const mostDays = 1e6

// clean gives the steps that can be drawn, beginning at 1 on day 0.
func (a StepsArm) clean() []Step {
	share := func(v float64) bool { return v >= 0 && v <= 1 }
	out := []Step{{0, 1, 1, 1}}
	for _, s := range a.At {
		if s.Day >= out[len(out)-1].Day && s.Day <= mostDays && share(s.Share) && share(s.Low) && share(s.High) {
			out = append(out, s)
		}
	}
	return out
}

// end is the last day drawn.
func (a StepsArm) end() float64 {
	steps := a.clean()
	last := steps[len(steps)-1].Day
	if a.End > last && a.End <= mostDays {
		return a.End
	}
	return last
}

// SVG draws the picture.
func (s Steps) SVG() *Canvas {
	c := NewCanvas(s.ID, s.Width, s.Height, s.Title, s.Describe())
	p := s.plot()
	ticks, d := Ticks(p.y.From, p.y.To, 4)
	for _, t := range ticks {
		c.Line("grid", p.left, p.y.At(t), p.right, p.y.At(t))
		c.Text("small dim end", p.left-6, p.y.At(t)+4, s.Fixed(t, d))
	}
	c.Line("axis", p.left, p.bottom, p.right, p.bottom)
	days, d := Ticks(p.x.From, p.x.To, 6)
	for _, t := range days {
		c.Line("axis", p.x.At(t), p.bottom, p.x.At(t), p.bottom+4)
		c.Text("small dim mid", p.x.At(t), p.bottom+16, s.Fixed(t, d))
	}
	c.Text("small dim", 0, 11, "%")
	c.Text("small dim mid", (p.left+p.right)/2, s.Height-4, s.Say("day from randomisation"))
	for _, a := range s.Arms {
		a.band(c, p)
	}
	for _, a := range s.Arms {
		a.line(c, p)
	}
	return c
}

func (s Steps) plot() plot {
	end, low := 1.0, 1.0
	for _, a := range s.Arms {
		for _, st := range a.clean() {
			low = math.Min(low, st.Low)
		}
		end = math.Max(end, a.end())
	}
	left, right, top, bottom := 46.0, s.Width-12, 22.0, s.Height-36
	from := math.Max(0, math.Floor(10*low-0.5)*10)
	return plot{Scale{0, end, left, right}, Scale{from, 100, bottom, top}, left, right, top, bottom}
}

// corners walks the steps: along, then down.
func (a StepsArm) corners(p plot, of func(Step) float64, put func(x, y float64)) {
	steps := a.clean()
	for i, st := range steps {
		y := p.y.At(100 * of(st))
		put(p.x.At(st.Day), y)
		next := a.end()
		if i+1 < len(steps) {
			next = steps[i+1].Day
		}
		put(p.x.At(next), y)
	}
}

func (a StepsArm) line(c *Canvas, p plot) {
	path := new(Path)
	a.corners(p, func(s Step) float64 { return s.Share }, func(x, y float64) { path.Line(x, y) })
	class := a.Look.Class + " line"
	if a.Look.Hollow {
		class += " dash"
	}
	c.Path(class, path)
	for _, st := range a.clean()[1:] {
		c.Mark(a.Look, p.x.At(st.Day), p.y.At(100*st.Share), 3)
	}
}

func (a StepsArm) band(c *Canvas, p plot) {
	if len(a.clean()) < 2 {
		return
	}
	path := new(Path)
	var back [][2]float64
	a.corners(p, func(s Step) float64 { return s.High }, func(x, y float64) { path.Line(x, y) })
	a.corners(p, func(s Step) float64 { return s.Low }, func(x, y float64) { back = append(back, [2]float64{x, y}) })
	for i := len(back) - 1; i >= 0; i-- {
		path.Line(back[i][0], back[i][1])
	}
	c.Path(a.Look.Class+" ribbon", path.Close())
}

// Describe tells where each line ends.
func (s Steps) Describe() string {
	out := s.Say("Share without the event by day, in per cent")
	for _, a := range s.Arms {
		steps := a.clean()
		last := steps[len(steps)-1]
		out += s.Say("; %s, %s people: %s at the end", a.Label, s.Int(a.N), s.Fixed(100*last.Share, 1))
	}
	return out + "."
}
