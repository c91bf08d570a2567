package figure

import (
	"fmt"
	"math"
	"strings"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

// Hypnogram is one night's stages over time: wake on top, REM under it as a
// thick bar, depth downwards, what is unscored hatched without a colour. Where
// the source told light sleep only, the rows of N1 and N2 are one; where it told
// sleep only, all rows under wake are one hatched band. A legend says of these
// what occurs.
type Hypnogram struct {
	ID, Title string
	Width     float64 // 720 if 0
	Night     sleep.Hypnogram
	Lights    sleep.Lights // drawn where known
	Cycles    bool         // show the cycles above the rows
}

const (
	hypRow    = 21.0
	hypTop    = 10.0
	hypCycles = 14.0 // room for the strip of cycles
	hypLights = 14.0 // room for the words at the lights
	hypLeft   = 52.0
	hypRight  = 20.0
)

// hypLane is a row of the picture.
type hypLane struct {
	label  string
	y, h   float64
	stages []sleep.Stage
}

// lanes gives the rows that the stages of a night need, from the top.
func (h Hypnogram) lanes(top float64) []hypLane {
	n := h.Night
	wake := hypLane{"W", top, hypRow, []sleep.Stage{sleep.W}}
	if n.Count(sleep.Asleep) > 0 && n.Count(sleep.N1)+n.Count(sleep.N2)+n.Count(sleep.N3)+n.Count(sleep.R)+n.Count(sleep.Light) == 0 {
		return []hypLane{wake, {"asleep", top + hypRow, 2 * hypRow, []sleep.Stage{sleep.Asleep}}}
	}
	lanes := []hypLane{wake, {"R", top + hypRow, hypRow, []sleep.Stage{sleep.R}}}
	light := top + 2*hypRow
	if n.Count(sleep.N1)+n.Count(sleep.N2) == 0 && n.Count(sleep.Light) > 0 {
		lanes = append(lanes, hypLane{"N1 or N2", light, 2 * hypRow, []sleep.Stage{sleep.Light}})
	} else {
		lanes = append(lanes, hypLane{"N1", light, hypRow, []sleep.Stage{sleep.N1}}, hypLane{"N2", light + hypRow, hypRow, []sleep.Stage{sleep.N2}})
	}
	return append(lanes, hypLane{"N3", top + 4*hypRow, hypRow, []sleep.Stage{sleep.N3}})
}

// span gives where a stage is drawn: the row it has, else all rows it may be of.
func span(lanes []hypLane, s sleep.Stage) (y, h float64, ok bool) {
	for _, l := range lanes {
		if l.stages[0] == s {
			return l.y, l.h, true
		}
	}
	first, last := lanes[0], lanes[len(lanes)-1]
	switch s {
	case sleep.Light: // beside N1 and N2 in one night
		return lanes[2].y, lanes[3].y + lanes[3].h - lanes[2].y, true
	case sleep.Asleep:
		return first.y + first.h, last.y + last.h - first.y - first.h, true
	}
	return 0, 0, false
}

// SVG draws the night.
func (h Hypnogram) SVG() *Canvas {
	width := h.Width
	if !(width > 0) {
		width = 720
	}
	top := hypTop
	lights := h.marks()
	if len(lights) > 0 {
		top += hypLights
	}
	strip := top - 4
	if h.Cycles && len(cyclesOf(h.Night, h.Lights)) > 0 {
		top += hypCycles
	}
	lanes := h.lanes(top)
	last := lanes[len(lanes)-1]
	bottom := last.y + last.h + 6
	c := NewCanvas(h.ID, width, bottom+36, h.Title, h.Describe())
	if h.Night.IsEmpty() {
		c.Text("dim mid", width/2, bottom/2, "no sleep recorded")
		return c
	}
	x := Scale{0, h.Night.Duration().Hours(), hypLeft, width - hypRight}
	if h.Cycles {
		h.cycles(c, x, strip, lanes)
	}
	for _, l := range lanes {
		c.Line("grid", hypLeft, l.y+l.h/2, width-hypRight, l.y+l.h/2)
		for i, part := range strings.SplitAfter(l.label, "or ") {
			lines := float64(strings.Count(l.label, "or "))
			c.Text("small end", hypLeft-8, l.y+l.h/2+4+(float64(i)-lines/2)*13, strings.TrimSpace(part))
		}
	}
	hatch := h.hatching(c, x, lanes)
	h.steps(c, x, lanes)
	h.runs(c, x, lanes, hatch)
	for _, m := range lights {
		at, class := x.At(m.hours), "tiny dim"
		c.Line("zero", at, hypTop+4, at, bottom)
		if at > (x.A+x.B)/2 {
			class, at = "tiny dim end", at-6
		}
		c.Text(class, at+3, hypTop+10, m.label)
	}
	h.clock(c, x, bottom)
	c.SetHeight(h.legend(c, bottom+36, width))
	return c
}

// run is a stretch of one stage, in epochs.
type run struct {
	from, to int
	stage    sleep.Stage
}

func runsOf(n sleep.Hypnogram) []run {
	var out []run
	for i := range n.Len() {
		s := n.At(i)
		if k := len(out); k > 0 && out[k-1].stage == s {
			out[k-1].to = i + 1
			continue
		}
		out = append(out, run{i, i + 1, s})
	}
	return out
}

func (h Hypnogram) hours(epochs int) float64 {
	return (time.Duration(epochs) * h.Night.Epoch()).Hours()
}

// steps joins neighbouring runs with thin upright lines.
func (h Hypnogram) steps(c *Canvas, x Scale, lanes []hypLane) {
	runs := runsOf(h.Night)
	p := new(Path)
	for i := 1; i < len(runs); i++ {
		ya, ha, ok1 := span(lanes, runs[i-1].stage)
		yb, hb, ok2 := span(lanes, runs[i].stage)
		if !ok1 || !ok2 {
			continue
		}
		at := x.At(h.hours(runs[i].from))
		p.Move(at, ya+ha/2).Line(at, yb+hb/2)
	}
	c.Path("step", p)
}

// hatching draws what was not scored, over the height of all rows, and gives the
// pattern for whatever else is to be hatched: "" if nothing is.
func (h Hypnogram) hatching(c *Canvas, x Scale, lanes []hypLane) string {
	if h.Night.Count(sleep.Unscored) == 0 && h.Night.Count(sleep.Asleep) == 0 {
		return ""
	}
	hatch := c.Hatch("hatch")
	first, last := lanes[0], lanes[len(lanes)-1]
	for _, r := range runsOf(h.Night) {
		if a, b := x.At(h.hours(r.from)), x.At(h.hours(r.to)); r.stage == sleep.Unscored {
			c.Empty("rect", Class("st-none faint"), At("fill", hatch), Num("x", a), Num("y", first.y), Num("width", b-a), Num("height", last.y+last.h-first.y))
		}
	}
	return hatch
}

// runs draws each run as a bar, REM the thickest: one outline a stage, so that a
// page of many nights stays small. No bar is thinner than can be seen.
func (h Hypnogram) runs(c *Canvas, x Scale, lanes []hypLane, hatch string) {
	bars := map[sleep.Stage]*Path{}
	for _, r := range runsOf(h.Night) {
		y, height, ok := span(lanes, r.stage)
		if !ok {
			continue
		}
		thick := 9.0
		if r.stage == sleep.R {
			thick = 15
		}
		if height > hypRow {
			thick += height - hypRow
		}
		if bars[r.stage] == nil {
			bars[r.stage] = new(Path)
		}
		a, b := x.At(h.hours(r.from)), x.At(h.hours(r.to))
		bars[r.stage].Bar(a, y+(height-thick)/2, math.Max(b-a, 0.8), thick)
	}
	for _, s := range stack {
		p := bars[s]
		if p == nil {
			continue
		}
		c.Path(StageClass(s), p)
		if s == sleep.Asleep {
			c.Empty("path", Class("st-none"), At("fill", hatch), At("d", p.b.String()))
		}
	}
}

// clock draws the axis: the hours on the wall where the start is known, else
// hours from the start.
func (h Hypnogram) clock(c *Canvas, x Scale, y float64) {
	c.Line("axis", x.A, y, x.B, y)
	every := 1
	for _, every = range []int{1, 2, 3, 6} {
		if 34*x.To/float64(every) <= x.B-x.A {
			break
		}
	}
	name := "hours from the start of the record"
	for _, t := range hourMarks(h.Night) {
		at := x.At(t.hours)
		c.Line("axis", at, y, at, y+4)
		if t.n%every == 0 {
			c.Text("small dim mid", at, y+16, t.label)
		}
	}
	if date, ok := sleep.DateOf(h.Night); ok {
		name = "clock time, night to " + longDate(date)
	}
	c.Text("small dim mid", (x.A+x.B)/2, y+31, name)
}

// longDate writes a date as people do: Tuesday 24 November 2026.
func longDate(d civil.Date) string {
	return fmt.Sprintf("%v %d %v %d", d.Weekday(), d.Day, d.Month, d.Year)
}

// hourMark is a whole hour within a night.
type hourMark struct {
	hours float64 // from the start of the record
	n     int     // what it is a multiple of: the clock's hour, or hours from the start
	label string
}

// hourMarks lists the whole hours of a night, an hour of elapsed time apart:
// on the nights when clocks change a label is left out or stands twice.
func hourMarks(n sleep.Hypnogram) []hourMark {
	start, ok := n.Start()
	if !ok {
		var out []hourMark
		for i := 0; float64(i) <= n.Duration().Hours(); i++ {
			out = append(out, hourMark{float64(i), i, Int(i)})
		}
		return out
	}
	into := time.Duration(start.Minute())*time.Minute + time.Duration(start.Second())*time.Second + time.Duration(start.Nanosecond())
	first := (time.Hour - into) % time.Hour
	var out []hourMark
	for at := first; at <= n.Duration(); at += time.Hour {
		t := start.Add(at)
		out = append(out, hourMark{at.Hours(), t.Hour(), civil.ClockOf(t).String()})
	}
	return out
}

// Describe tells the night in a sentence.
func (h Hypnogram) Describe() string {
	a, ok := sleep.ArchitectureOf(h.Night, h.Lights)
	if !ok {
		return "Nothing was scored."
	}
	if a.TSTMin == nil || *a.TSTMin == 0 {
		return fmt.Sprintf("%s in bed and no sleep.", minutes(a.TIBMin))
	}
	s := fmt.Sprintf("%s asleep of %s in bed", minutes(*a.TSTMin), minutes(a.TIBMin))
	if start, ok := h.Night.Start(); ok {
		end, _ := h.Night.End()
		s = fmt.Sprintf("From %v to %v: %s", civil.ClockOf(start), civil.ClockOf(end), s)
	}
	for _, part := range []struct {
		name string
		v    *float64
	}{{"wake after falling asleep", a.WASOSPTMin}, {"deep sleep (N3)", a.N3Min}, {"REM sleep", a.REMMin}, {"not scored", &a.UnscoredMin}} {
		if part.v != nil && (*part.v > 0 || part.name != "not scored") {
			s += ", " + minutes(*part.v) + " " + part.name
		}
	}
	if a.Cycles != nil {
		noun := "cycles"
		if a.Cycles.Complete == 1 {
			noun = "cycle"
		}
		s += fmt.Sprintf(", %d complete %s", a.Cycles.Complete, noun)
	}
	return s + "."
}

// minutes writes a length as people say it: 7 h 25 min.
func minutes(v float64) string {
	m := int(math.Round(v))
	if m < 60 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %d min", m/60, m%60)
}
