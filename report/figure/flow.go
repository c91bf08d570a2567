package figure

import (
	"cmp"

	"dvala/report/voice"
)

// Flow is a CONSORT flow diagram: enrolment, then a column for each arm (or
// each sequence of a crossover) through the same stages.
type Flow struct {
	voice.Voice
	ID, Title  string
	Width      float64
	Assessed   Box
	Excluded   Box // beside the way down
	Randomised Box
	Stages     []string // what each row of boxes is called: Allocation, Follow-up, Analysis
	Columns    [][]Box  // by arm, one box per stage
	Enrolment  string   // what the rows above the columns are called; Enrolment unless said
}

// Box is a box of the diagram: a heading and lines, of which those that begin
// with a tab are indented (reasons).
type Box struct {
	Head  string
	Lines []string
}

const (
	boxPad   = 9.0
	boxGap   = 26.0 // the arrows' length
	minWidth = 150.0
)

// laid is a box broken into lines for a width.
type laid struct {
	head   []string
	lines  []string
	indent []bool
	height float64
}

func (b Box) lay(width float64) laid {
	in := width - 2*boxPad
	l := laid{head: Wrap(b.Head, in*bold, FontSize)}
	for _, s := range b.Lines {
		indented := s != "" && s[0] == '\t'
		room := in
		if indented {
			room -= 10
		}
		for i, w := range Wrap(s, room, small+0.5) {
			l.lines = append(l.lines, w)
			l.indent = append(l.indent, indented || i > 0)
		}
	}
	l.height = 2*boxPad + step*float64(len(l.head)) + (step-1)*float64(len(l.lines)) - 2
	return l
}

func (c *Canvas) box(x, y, w, h float64, l laid) {
	c.Empty("rect", Class("box"), Num("x", x), Num("y", y), Num("width", w), Num("height", h), Num("rx", 2))
	ty := y + boxPad + 10
	ty = c.Lines("strong", x+boxPad, ty, step, l.head)
	for i, s := range l.lines {
		dx, class := 0.0, "note"
		if l.indent[i] {
			dx, class = 10, "note dim"
		}
		c.Text(class, x+boxPad+dx, ty, s)
		ty += step - 1
	}
}

// arrow draws a line to a point and its head, pointing down or right.
func (c *Canvas) arrow(x1, y1, x2, y2 float64) {
	c.Line("flow", x1, y1, x2, y2)
	p := new(Path)
	if x1 == x2 {
		p.Move(x2, y2).Line(x2-4, y2-7).Line(x2+4, y2-7).Close()
	} else {
		p.Move(x2, y2).Line(x2-7, y2-4).Line(x2-7, y2+4).Close()
	}
	c.Path("head", p)
}

// SVG draws the diagram. With so many arms that a column would be narrower
// than 150 units the picture is wider than asked.
func (f Flow) SVG() *Canvas {
	n := max(len(f.Columns), 1)
	gap, margin := 24.0, 0.0
	if f.Width >= 600 {
		margin = 30 // for the stages' names, set upright at the left
	} else {
		gap = 10
	}
	width := max(f.Width, float64(n)*minWidth+float64(n-1)*gap+margin)
	c := NewCanvas(f.ID, width, 0, f.Title, f.Describe())
	inner := width - margin
	col := (inner - float64(n-1)*gap) / float64(n)
	x, y := f.enrolment(c, margin, inner)
	y = f.fan(c, margin, col, gap, x, y)
	for row := range f.Stages {
		laidOut := make([]laid, n)
		height := 0.0
		if margin > 0 {
			height = Width(f.Stages[row], small) + 12 // for its name, set upright
		}
		for i, boxes := range f.Columns {
			if row < len(boxes) {
				laidOut[i] = boxes[row].lay(col)
				height = max(height, laidOut[i].height)
			}
		}
		for i, boxes := range f.Columns {
			if row >= len(boxes) {
				continue
			}
			x := margin + float64(i)*(col+gap)
			c.box(x, y, col, height, laidOut[i])
			if row+1 < len(f.Stages) {
				c.arrow(x+col/2, y+height, x+col/2, y+height+boxGap)
			}
		}
		f.pill(c, margin, y, height, f.Stages[row])
		y += height + boxGap
	}
	c.SetHeight(y - boxGap + 2)
	return c
}

// enrolment draws the boxes above the columns; the way goes on from (x, y).
func (f Flow) enrolment(c *Canvas, margin, inner float64) (x, y float64) {
	// Wide: as CONSORT draws it, the main boxes in the middle. Narrow: at the left.
	main, side := inner*0.38, inner*0.29
	left := margin + (inner-main)/2
	if margin == 0 {
		main, side, left = inner*0.44, inner*0.50, 0
	}
	centre, sideX := left+main/2, margin+inner-side
	a, e, r := f.Assessed.lay(main), f.Excluded.lay(side), f.Randomised.lay(main)
	top := 1.0
	c.box(left, top, main, a.height, a)
	between := max(e.height+20, boxGap)
	sideY := top + a.height + 10
	c.arrow(centre, top+a.height, centre, top+a.height+between)
	c.arrow(centre, sideY+e.height/2, sideX, sideY+e.height/2)
	c.box(sideX, sideY, side, e.height, e)
	y = top + a.height + between
	c.box(left, y, main, r.height, r)
	y += r.height
	f.pill(c, margin, top, y-top, cmp.Or(f.Enrolment, f.Say("Enrolment")))
	return centre, y
}

// fan draws the branches from (x, y) to the columns and gives where these begin.
func (f Flow) fan(c *Canvas, margin, col, gap, x, y float64) float64 {
	n := len(f.Columns)
	if n == 0 {
		return y
	}
	at := func(i int) float64 { return margin + float64(i)*(col+gap) + col/2 }
	c.Line("flow", x, y, x, y+14)
	c.Line("flow", min(at(0), x), y+14, max(at(n-1), x), y+14)
	for i := range n {
		c.arrow(at(i), y+14, at(i), y+34)
	}
	return y + 34
}

// pill names a stage at the left edge, read upwards.
func (f Flow) pill(c *Canvas, margin, y, height float64, name string) {
	if margin == 0 {
		return
	}
	c.Empty("rect", Class("pill"), Num("x", 0.5), Num("y", y), Num("width", 19), Num("height", height), Num("rx", 2))
	c.Open("g", At("transform", "rotate(-90 14 "+Coord(y+height/2)+")"))
	c.Text("small dim mid", 14, y+height/2, name)
	c.Close()
}

// Describe tells the flow in a sentence.
func (f Flow) Describe() string {
	s := f.Assessed.Head + "; " + f.Excluded.Head + "; " + f.Randomised.Head + "."
	for _, boxes := range f.Columns {
		for i, b := range boxes {
			if i == 0 {
				s += " " + b.Head + ":"
				continue
			}
			s += " " + b.Head
			if i+1 < len(boxes) {
				s += ","
			} else {
				s += "."
			}
		}
	}
	return s
}

// Table gives the flow as rows, in reading order.
func (f Flow) Table() Table {
	t := Table{Caption: f.Title, Head: []string{f.Say("Stage"), f.Say("Box"), f.Say("Of these")}}
	add := func(stage string, b Box) {
		rest := ""
		for i, l := range b.Lines {
			if i > 0 {
				rest += "; "
			}
			rest += trimTab(l)
		}
		if rest == "" {
			rest = Dash
		}
		t.Rows = append(t.Rows, []string{stage, b.Head, rest})
	}
	add(f.Say("Enrolment"), f.Assessed)
	add(f.Say("Enrolment"), f.Excluded)
	add(f.Say("Enrolment"), f.Randomised)
	for i, boxes := range f.Columns {
		for j, b := range boxes {
			if j < len(f.Stages) {
				add(f.Say("%s, column %d", f.Stages[j], i+1), b)
			}
		}
	}
	return t
}

func trimTab(s string) string {
	if s != "" && s[0] == '\t' {
		return s[1:]
	}
	return s
}
