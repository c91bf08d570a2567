package multiple

import (
	"fmt"
	"math"
	"strings"

	"dvala/fault"
	"dvala/stats"
)

// Picture says what a graph's picture shows beside its weights and arrows.
type Picture struct {
	Names []string // of the hypotheses
	Shown []bool   // those rejected so far are drawn filled; nil for none
}

// After gives the graph that is left when hypotheses have been rejected, in
// any order: it does not matter which. Those that are gone have no weight and
// no arrows.
func (g Graph) After(rejected ...int) (Graph, error) {
	if err := g.Check(); err != nil {
		return Graph{}, err
	}
	m := len(g.Weights)
	left := make([]bool, m)
	for i := range left {
		left[i] = true
	}
	w, tr := g.Weights, g.Transition
	for _, j := range rejected {
		if j < 0 || j >= m || !left[j] {
			return Graph{}, fault.New(stats.BadArgument, "graph", "hypothesis %d is not among those left", j+1)
		}
		left[j] = false
		w, tr = remove(j, left, w, tr)
	}
	out := Graph{}
	for i := range m {
		out.Weights = append(out.Weights, math.Min(1, w[i])) // rounding can pass 1
		var row []float64
		for _, v := range tr[i] {
			row = append(row, math.Min(1, v))
		}
		out.Transition = append(out.Transition, row)
	}
	return out, nil
}

// Words tells the graph in sentences, one per hypothesis: what it begins with,
// and where that goes once it is shown.
func (g Graph) Words(names []string) ([]string, error) {
	if err := g.named(names); err != nil {
		return nil, err
	}
	var out []string
	for i, name := range names {
		s := name + " begins with " + share(g.Weights[i]) + " of the error rate"
		if g.Weights[i] == 0 {
			s = name + " begins with nothing"
		}
		var to []string
		for j, v := range g.Transition[i] {
			if v > 0 {
				to = append(to, share(v)+" to "+names[j])
			}
		}
		if len(to) > 0 {
			s += "; once it is shown, what it has goes on: " + strings.Join(to, ", ")
		}
		out = append(out, s+".")
	}
	return out, nil
}

func (g Graph) named(names []string) error {
	if err := g.Check(); err != nil {
		return err
	}
	if len(names) != len(g.Weights) {
		return fault.New(stats.Lengths, "names", "%d names for %d hypotheses", len(names), len(g.Weights))
	}
	return nil
}

// share writes a share as people do: 1/3 rather than 0.333.
func share(v float64) string {
	for d := 1.0; d <= 12; d++ {
		n := math.Round(v * d)
		if math.Abs(v*d-n) < 1e-9 {
			if d == 1 {
				return fmt.Sprintf("%.0f", n)
			}
			return fmt.Sprintf("%.0f/%.0f", n, d)
		}
	}
	return fmt.Sprintf("%.3g", v)
}

// Sizes of the picture, in its own units.
const (
	nodeX, nodeY = 74.0, 30.0 // half axes of an ellipse
	margin       = 24.0
	head         = 9.0  // of an arrow
	bend         = 0.16 // of an arrow's length, so that two opposite ones part
)

type point struct{ x, y float64 }

// places gives the hypotheses' middles, and the size of the picture.
func (g Graph) places() (at []point, width, height float64) {
	at, ok := g.rows()
	if !ok {
		at = circle(len(g.Weights))
	}
	var lo, hi point
	for i, p := range at {
		if i == 0 {
			lo, hi = p, p
		}
		lo = point{math.Min(lo.x, p.x), math.Min(lo.y, p.y)}
		hi = point{math.Max(hi.x, p.x), math.Max(hi.y, p.y)}
	}
	dx, dy := nodeX+2*margin-lo.x, nodeY+2*margin-lo.y
	for i := range at {
		at[i].x += dx
		at[i].y += dy
	}
	return at, hi.x - lo.x + 2*(nodeX+2*margin), hi.y - lo.y + 2*(nodeY+2*margin)
}

// circle puts them around, the first at the top and on with the clock.
func circle(m int) []point {
	var at []point
	radius := math.Max(110, 1.35*nodeX/math.Sin(math.Pi/float64(max(m, 3))))
	for i := range m {
		a := 2*math.Pi*float64(i)/float64(m) - math.Pi/2
		at = append(at, point{radius * math.Cos(a), radius * math.Sin(a)})
	}
	return at
}

// rows puts those that begin with weight above, and each other one below the
// nearest that hands it something. It is for graphs of one or two a row, whose
// arrows lead no further than the next row.
func (g Graph) rows() ([]point, bool) {
	m := len(g.Weights)
	depth := make([]int, m)
	for i := range depth {
		if depth[i] = -1; g.Weights[i] > 0 {
			depth[i] = 0
		}
	}
	for d := range m {
		for i := range m {
			for j, v := range g.Transition[i] {
				if v > 0 && depth[i] == d && depth[j] < 0 {
					depth[j] = d + 1
				}
			}
		}
	}
	count := make([]int, m+1)
	order := make([]int, m)
	for i, d := range depth {
		if d < 0 || count[d] == 2 {
			return nil, false
		}
		order[i] = count[d]
		count[d]++
	}
	at := make([]point, m)
	for i, d := range depth {
		at[i].y = 150 * float64(d)
		if count[d] == 2 {
			at[i].x = 150 * (2*float64(order[i]) - 1)
		}
		for j, v := range g.Transition[i] {
			if v > 0 && (depth[j]-d > 1 || d-depth[j] > 1) {
				return nil, false
			}
		}
	}
	return at, true
}

// SVG draws the graph as Bretz does: an ellipse with its share of the error
// rate for each hypothesis, and an arrow with the share that it hands on. The
// picture stands alone, takes the colour of the text around it, and holds its
// content in words.
func (g Graph) SVG(p Picture) (string, error) {
	words, err := g.Words(p.Names)
	if err != nil {
		return "", err
	}
	if p.Shown != nil && len(p.Shown) != len(p.Names) {
		return "", fault.New(stats.Lengths, "shown", "%d entries for %d hypotheses", len(p.Shown), len(p.Names))
	}
	at, width, height := g.places()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" font-family="sans-serif" font-size="13" text-anchor="middle" fill="currentColor">`, width, height)
	fmt.Fprintf(&b, "\n<title>How the error rate is passed on</title>\n<desc>%s</desc>\n", escape(strings.Join(words, " ")))
	for i, row := range g.Transition {
		for j, v := range row {
			if v > 0 {
				arrow(&b, at[i], at[j], share(v))
			}
		}
	}
	for i, name := range p.Names {
		fill := "none"
		if p.Shown != nil && p.Shown[i] {
			fill = "currentColor"
		}
		fmt.Fprintf(&b, `<ellipse cx="%.1f" cy="%.1f" rx="%.0f" ry="%.0f" fill="%s" fill-opacity="0.15" stroke="currentColor" stroke-width="1.5"/>`+"\n", at[i].x, at[i].y, nodeX, nodeY, fill)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", at[i].x, at[i].y-3, escape(short(name)))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" font-weight="bold">%s</text>`+"\n", at[i].x, at[i].y+15, share(g.Weights[i]))
	}
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// arrow is a curve from the rim of one ellipse to that of another, bent to its
// left, its share written a third of the way along.
func arrow(b *strings.Builder, from, to point, label string) {
	mid := point{(from.x + to.x) / 2, (from.y + to.y) / 2}
	c := point{mid.x + 2*bend*(to.y-from.y), mid.y - 2*bend*(to.x-from.x)}
	start, end := rim(from, c), rim(to, c)
	on := func(t float64) point {
		u := 1 - t
		return point{u*u*start.x + 2*u*t*c.x + t*t*end.x, u*u*start.y + 2*u*t*c.y + t*t*end.y}
	}
	fmt.Fprintf(b, `<path d="M%.1f %.1f Q%.1f %.1f %.1f %.1f" fill="none" stroke="currentColor"/>`+"\n", start.x, start.y, c.x, c.y, end.x, end.y)
	a := math.Atan2(end.y-c.y, end.x-c.x)
	wing := func(turn float64) point {
		return point{end.x - head*math.Cos(a+turn), end.y - head*math.Sin(a+turn)}
	}
	l, r := wing(0.4), wing(-0.4)
	fmt.Fprintf(b, `<path d="M%.1f %.1f L%.1f %.1f L%.1f %.1f Z"/>`+"\n", end.x, end.y, l.x, l.y, r.x, r.y)
	t := on(1.0 / 3)
	d := math.Hypot(c.x-mid.x, c.y-mid.y)
	t.x += 12 * (c.x - mid.x) / d
	t.y += 12*(c.y-mid.y)/d + 4
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="12">%s</text>`+"\n", t.x, t.y, label)
}

// rim is where the line from an ellipse's middle towards a point leaves it.
func rim(middle, towards point) point {
	dx, dy := towards.x-middle.x, towards.y-middle.y
	k := 1 / math.Hypot(dx/(nodeX+2), dy/(nodeY+2))
	return point{middle.x + k*dx, middle.y + k*dy}
}

// short cuts a name to what an ellipse holds.
func short(name string) string {
	r := []rune(name)
	if len(r) <= 19 {
		return name
	}
	return string(r[:18]) + "…"
}

func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
