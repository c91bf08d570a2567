package figure

import (
	"fmt"
	"math"
	"slices"

	"dvala/report/voice"
	"dvala/sleep"
)

// Night is the share of each stage through the average night of one arm.
type Night struct {
	voice.Voice
	ID, Title     string
	Width, Height float64
	Arm           string
	From          string // what hour 0 is: "lights off"
	StepMin       float64
	Nights        []int                     // how many nights stand behind each step
	Shares        map[sleep.Stage][]float64 // 0 … 1; shorter slices end early
}

// Stages from the bottom of the stack to its top, as the rows of a hypnogram
// stand: deep below, wake above, the unknown on top of all.
var stack = []sleep.Stage{sleep.N3, sleep.N2, sleep.Light, sleep.N1, sleep.R, sleep.Asleep, sleep.W, sleep.Unscored}

// Present lists the stages that occur, from the top of the stack down.
func (n Night) Present() []sleep.Stage {
	var out []sleep.Stage
	for i := len(stack) - 1; i >= 0; i-- {
		for _, v := range n.Shares[stack[i]] {
			if v > 0 {
				out = append(out, stack[i])
				break
			}
		}
	}
	return out
}

func (n Night) steps() int { return len(n.Nights) }

// share gives one stage's share at one step, 0 where there is none.
func (n Night) share(s sleep.Stage, i int) float64 {
	v := n.Shares[s]
	if i >= len(v) || !(v[i] > 0) {
		return 0
	}
	return math.Min(v[i], 1)
}

// SVG draws the stacked areas, and under them how many nights remain.
func (n Night) SVG() *Canvas {
	c := NewCanvas(n.ID, n.Width, n.Height, n.Title, n.Describe())
	if !(n.StepMin > 0) || !slices.ContainsFunc(n.Nights, func(k int) bool { return k > 0 }) {
		c.Text("dim mid", n.Width/2, n.Height/2, n.Say("no nights"))
		return c
	}
	left, right, top, bottom := 40.0, n.Width-8, 10.0, n.Height-64
	hours := float64(n.steps()) * n.StepMin / 60
	x := Scale{0, hours, left, right}
	y := Scale{0, 1, bottom, top}
	hatch := c.Hatch("hatch")
	n.areas(c, x, y, hatch)
	for i := 0; i <= 4; i++ {
		v := float64(i) / 4
		c.Line("edge", left, y.At(v), right, y.At(v))
		c.Text("small dim end", left-5, y.At(v)+4, n.Fixed(100*v, 0)+NarrowSpace+"%")
	}
	n.remaining(c, x, bottom+5)
	ticks, d := Ticks(0, hours, int(math.Min(math.Ceil(hours), 12)))
	for _, h := range ticks {
		c.Line("axis", x.At(h), bottom+27, x.At(h), bottom+31)
		c.Text("small dim mid", x.At(h), bottom+43, n.Fixed(h, d))
	}
	c.Line("axis", left, bottom+27, right, bottom+27)
	c.Text("small dim mid", (left+right)/2, n.Height-5, n.Say("hours from %s", n.from()))
	return c
}

func (n Night) from() string {
	if n.From == "" {
		return n.Say("the start")
	}
	return n.From
}

// areas stacks the stages as step functions, since a share holds for a step.
func (n Night) areas(c *Canvas, x, y Scale, hatch string) {
	base := make([]float64, n.steps())
	at := func(i int) float64 { return x.At(float64(i) * n.StepMin / 60) }
	for _, s := range stack {
		upper := make([]float64, n.steps())
		any := false
		for i := range upper {
			v := n.share(s, i)
			upper[i] = math.Min(base[i]+v, 1)
			any = any || v > 0
		}
		if !any {
			continue
		}
		p := new(Path)
		for i, v := range upper {
			p.Line(at(i), y.At(v)).Line(at(i+1), y.At(v))
		}
		for i := len(base) - 1; i >= 0; i-- {
			p.Line(at(i+1), y.At(base[i])).Line(at(i), y.At(base[i]))
		}
		p.Close()
		if s != sleep.Unscored {
			c.Path(StageClass(s), p)
		}
		if s == sleep.Unscored || s == sleep.Asleep {
			c.Empty("path", Class("st-none"), At("fill", hatch), At("d", p.b.String()))
		}
		base = upper
	}
}

// remaining draws how many nights each step rests on.
func (n Night) remaining(c *Canvas, x Scale, top float64) {
	most := 0
	for _, k := range n.Nights {
		most = max(most, k)
	}
	if most == 0 {
		return
	}
	y := Scale{0, float64(most), top + 20, top + 2}
	p := new(Path).Move(x.At(0), y.At(0))
	for i, k := range n.Nights {
		a, b := x.At(float64(i)*n.StepMin/60), x.At(float64(i+1)*n.StepMin/60)
		p.Line(a, y.At(float64(k))).Line(b, y.At(float64(k)))
	}
	p.Line(x.B, y.At(0)).Close()
	c.Path("tail", p)
	c.Text("small dim end", x.A-5, top+15, "n "+n.Int(most))
}

// Describe tells the night by its hours: the share of each stage in the first,
// the middle and the last third.
func (n Night) Describe() string {
	if n.steps() == 0 {
		return n.Say("%s: no nights.", n.Arm)
	}
	out := n.Say("%s: share of each stage, by thirds of the night", n.Arm)
	for _, s := range n.Present() {
		out += "; " + n.Say(StageName(s))
		for third := range 3 {
			sep := " "
			if third > 0 {
				sep = ", "
			}
			out += sep + n.Percent(n.mean(s, third*n.steps()/3, (third+1)*n.steps()/3), 0)
		}
	}
	return out + "."
}

// mean weighs each step by the nights it rests on.
func (n Night) mean(s sleep.Stage, from, to int) float64 {
	sum, nights := 0.0, 0.0
	for i := from; i < to; i++ {
		sum += n.share(s, i) * float64(n.Nights[i])
		nights += float64(n.Nights[i])
	}
	if nights == 0 {
		return 0
	}
	return sum / nights
}

// Table gives the shares by hour.
func (n Night) Table() Table {
	present := n.Present()
	t := Table{Caption: n.Say("%s: share of each stage by hour from %s", n.Arm, n.from()), Head: []string{n.Say("Hour")}}
	for _, s := range present {
		t.Head = append(t.Head, n.Say(StageName(s)))
	}
	t.Head = append(t.Head, n.Say("nights at its start"))
	if !(n.StepMin > 0) {
		return t
	}
	per := int(math.Min(math.Max(math.Round(60/n.StepMin), 1), float64(n.steps())))
	for from := 0; from < n.steps(); from += per {
		to := min(from+per, n.steps())
		row := []string{fmt.Sprintf("%d–%d", from/per, from/per+1)}
		for _, s := range present {
			row = append(row, n.Percent(n.mean(s, from, to), 0))
		}
		t.Rows = append(t.Rows, append(row, n.Int(n.Nights[from])))
	}
	return t
}
