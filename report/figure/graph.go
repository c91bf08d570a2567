package figure

import "dvala/report/voice"

// Graph is a procedure over several hypotheses: a box for each, one below the
// other, and arrows that hand a share of the error rate on.
type Graph struct {
	voice.Voice
	ID, Title string
	Width     float64
	Nodes     []GraphNode
	Arrows    []GraphArrow
}

// GraphNode is one hypothesis.
type GraphNode struct {
	Label string
	Note  string // below the label, smaller
	Done  bool   // it was shown
}

// GraphArrow leads from one node to another, counted from 0.
type GraphArrow struct {
	From, To int
	Label    string
}

const (
	graphGap  = 44.0 // between boxes
	graphLane = 46.0 // beside them, for an arrow and its label
	graphPad  = 10.0
)

// graphBox is a node laid out.
type graphBox struct {
	label, note []string
	y, h        float64
}

// lanes counts the arrows that run beside the boxes: down on the right, up on
// the left.
func (g Graph) lanes() (left, right int) {
	for _, a := range g.Arrows {
		switch {
		case a.To == a.From+1:
		case a.To > a.From:
			right++
		default:
			left++
		}
	}
	return left, right
}

// SVG draws the procedure.
func (g Graph) SVG() *Canvas {
	nl, nr := g.lanes()
	left, right := graphLane*float64(nl), graphLane*float64(nr)
	boxW := min(max(g.Width-left-right-2, 150), 420)
	width := max(g.Width, left+right+boxW+2)
	x := left + (width-left-right-boxW)/2
	c := NewCanvas(g.ID, width, 0, g.Title, g.Describe())
	boxes := make([]graphBox, len(g.Nodes))
	y := 2.0
	for i, n := range g.Nodes {
		b := graphBox{label: Wrap(n.Label, (boxW-2*graphPad)*bold, FontSize), note: Wrap(n.Note, boxW-2*graphPad, small), y: y}
		b.h = step*float64(len(b.label)+len(b.note)) + 2*graphPad - 4
		boxes[i] = b
		y += b.h + graphGap
	}
	for i, n := range g.Nodes {
		b := boxes[i]
		class := "box"
		if n.Done {
			class = "box done"
		}
		c.Empty("rect", Class(class), Num("x", x), Num("y", b.y), Num("width", boxW), Num("height", b.h), Num("rx", 2))
		ty := c.Lines("strong mid", x+boxW/2, b.y+graphPad+8, step, b.label)
		c.Lines("dim small mid", x+boxW/2, ty, step, b.note)
	}
	g.arrows(c, boxes, x, boxW)
	c.SetHeight(max(y-graphGap+4, 8))
	return c
}

func (g Graph) arrows(c *Canvas, boxes []graphBox, x, w float64) {
	l, r := 0, 0
	for _, a := range g.Arrows {
		if a.From < 0 || a.To < 0 || a.From >= len(boxes) || a.To >= len(boxes) || a.From == a.To {
			continue
		}
		from, to := boxes[a.From], boxes[a.To]
		switch {
		case a.To == a.From+1:
			mid := x + w/2
			c.arrow(mid, from.y+from.h, mid, to.y)
			c.Text("small dim", mid+8, (from.y+from.h+to.y)/2+4, a.Label)
		case a.To > a.From:
			r++
			g.beside(c, x+w, 1, float64(r), from, to, a.Label)
		default:
			l++
			g.beside(c, x, -1, float64(l), from, to, a.Label)
		}
	}
}

// beside draws an arrow in a lane: out of one box's side, along, and into the
// other's. Lanes end a little apart, so that arrows do not lie on each other.
func (g Graph) beside(c *Canvas, edge, way, lane float64, from, to graphBox, label string) {
	out := edge + way*(graphLane*lane-30)
	shift := 4 * (lane - 1)
	y1, y2 := from.y+from.h/2+shift+3, to.y+to.h/2-shift-3
	p := new(Path).Move(edge, y1).Line(out, y1).Line(out, y2).Line(edge+way*5, y2)
	c.Path("flow", p)
	c.Path("head", new(Path).Move(edge, y2).Line(edge+way*6, y2-3.5).Line(edge+way*6, y2+3.5).Close())
	class := "small dim"
	if way < 0 {
		class = "small dim end"
	}
	c.Text(class, out+way*4, (y1+y2)/2+4, label)
}

// Describe tells the procedure in a sentence.
func (g Graph) Describe() string {
	done := 0
	for _, n := range g.Nodes {
		if n.Done {
			done++
		}
	}
	s := g.Say("%d hypotheses, %d of them shown.", len(g.Nodes), done)
	for _, a := range g.Arrows {
		if a.From >= 0 && a.To >= 0 && a.From < len(g.Nodes) && a.To < len(g.Nodes) {
			s += " " + g.Say("%s goes from %s to %s.", a.Label, g.Nodes[a.From].Label, g.Nodes[a.To].Label)
		}
	}
	return s
}
