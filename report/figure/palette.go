package figure

import (
	"strconv"
	"strings"

	"dvala/sleep"
)

// Tint is one colour on light ground and on dark.
type Tint struct{ Light, Dark string }

// Ground colours, shared by figures and pages.
var ground = []struct {
	name string
	tint Tint
}{
	{"paper", Tint{"#FFFFFF", "#0E1320"}},
	{"ink", Tint{"#1B2230", "#D9DEE7"}},
	{"muted", Tint{"#5B6472", "#9AA4B4"}},
	{"rule", Tint{"#D5D9DF", "#2B3446"}},
	{"wash", Tint{"#F4F6F8", "#161D2D"}},
	{"band", Tint{"#EFE3C8", "#3A3320"}},
	{"accent", Tint{"#8A5A00", "#F0B95B"}},
}

// StageTint gives the colour of a stage. Unscored has none: it is hatched.
func StageTint(s sleep.Stage) (Tint, bool) {
	switch s {
	case sleep.W:
		return Tint{"#E3A23B", "#F0B95B"}, true
	case sleep.R:
		return Tint{"#B5446E", "#E07A9F"}, true
	case sleep.N1:
		return Tint{"#A9CCE3", "#B9D9EC"}, true
	case sleep.Light:
		return Tint{"#7FB3D5", "#8CC0E0"}, true
	case sleep.N2:
		return Tint{"#4F8FC0", "#5FA3D6"}, true
	case sleep.N3:
		return Tint{"#1B3A6B", "#3F66A8"}, true
	case sleep.Asleep:
		return Tint{"#9AA5B1", "#8893A0"}, true
	}
	return Tint{}, false
}

// StageClass is the class that fills a shape with a stage's colour.
func StageClass(s sleep.Stage) string {
	switch s {
	case sleep.Unscored:
		return "st-none"
	case sleep.Light:
		return "st-l"
	case sleep.Asleep:
		return "st-s"
	}
	return "st-" + strings.ToLower(s.String())
}

// StageName says a stage in words.
func StageName(s sleep.Stage) string {
	switch s {
	case sleep.W:
		return "wake"
	case sleep.R:
		return "REM"
	case sleep.Light:
		return "light (N1 or N2)"
	case sleep.N3:
		return "deep (N3)"
	case sleep.Asleep:
		return "asleep, stage unknown"
	case sleep.Unscored:
		return "not scored"
	}
	return s.String()
}

// Shape is the form of an arm's points.
type Shape uint8

// Shapes, told apart without colour.
const (
	Disc Shape = iota
	Square
	Diamond
	Triangle
)

// Look is how an arm is drawn: a class for its colour, a shape, and whether
// the shape is hollow.
type Look struct {
	Class  string
	Shape  Shape
	Hollow bool
}

var armTints = []struct {
	class string
	tint  Tint
}{
	{"arm-t", Tint{"#2F6F5E", "#7FE0C4"}}, // treatment
	{"arm-c", Tint{"#7A7F87", "#9CA3AE"}}, // comparator
	{"arm-u", Tint{"#7B4B94", "#C39BD8"}}, // further treatments
	{"arm-v", Tint{"#A5531D", "#E59A66"}},
	{"arm-w", Tint{"#3B5B8C", "#8FB2E6"}},
}

// Looks gives each arm its look: treatments solid, comparators hollow. The
// first treatment and the first comparator have the colours of the house.
func Looks(comparator []bool) []Look {
	shapes := []Shape{Disc, Diamond, Triangle, Square}
	hollow := []Shape{Square, Diamond, Triangle, Disc}
	further := []string{"arm-u", "arm-v", "arm-w"}
	out := make([]Look, len(comparator))
	seenT, seenC, next := 0, 0, 0
	for i, c := range comparator {
		n, list, class := seenT, shapes, "arm-t"
		if c {
			n, list, class = seenC, hollow, "arm-c"
			seenC++
		} else {
			seenT++
		}
		if n > 0 {
			class = further[next%len(further)]
			next++
		}
		out[i] = Look{Class: class, Shape: list[n%len(list)], Hollow: c}
	}
	return out
}

// Mark draws an arm's point.
func (c *Canvas) Mark(l Look, x, y, r float64) {
	class := l.Class + " mark"
	if l.Hollow {
		class = l.Class + " mark hollow"
	}
	switch l.Shape {
	case Disc:
		c.Circle(class, x, y, r)
	case Square:
		s := r * 0.9
		c.Rect(class, x-s, y-s, 2*s, 2*s)
	case Diamond:
		s := r * 1.25
		c.Path(class, new(Path).Move(x, y-s).Line(x+s, y).Line(x, y+s).Line(x-s, y).Close())
	default:
		s := r * 1.2
		c.Path(class, new(Path).Move(x, y-s).Line(x+s, y+s*0.8).Line(x-s, y+s*0.8).Close())
	}
}

// Hatch defines the pattern of what is unknown; shapes take it by the class
// st-none and At("fill", c.Hatch(...)).
func (c *Canvas) Hatch(name string) string {
	id := c.Local(name)
	c.Open("defs")
	c.Open("pattern", At("id", id), Num("width", 5), Num("height", 5), At("patternUnits", "userSpaceOnUse"), At("patternTransform", "rotate(45)"))
	c.Line("hatch", 0, 0, 0, 5)
	c.Close()
	c.Close()
	return "url(#" + id + ")"
}

// Style gives the rules for all classes that the pictures use, and the ground
// colours as custom properties for the page around them.
func Style() string {
	var b strings.Builder
	vars := func(dark bool) {
		put := func(name string, t Tint) {
			v := t.Light
			if dark {
				v = t.Dark
			}
			b.WriteString("--" + name + ":" + v + ";")
		}
		for _, g := range ground {
			put(g.name, g.tint)
		}
		for _, a := range armTints {
			put(a.class, a.tint)
		}
		for _, s := range sleep.Stages() {
			if t, ok := StageTint(s); ok {
				put(StageClass(s), t)
			}
		}
	}
	b.WriteString(":root{color-scheme:light dark;")
	vars(false)
	b.WriteString("}\n@media screen and (prefers-color-scheme:dark){:root{")
	vars(true)
	b.WriteString("}}\n")
	b.WriteString(shapeRules)
	for _, a := range armTints {
		v := "var(--" + a.class + ")"
		b.WriteString(".fig ." + a.class + "{stroke:" + v + ";fill:" + v + "}\n")
	}
	for _, s := range sleep.Stages() {
		if _, ok := StageTint(s); ok {
			b.WriteString(".fig ." + StageClass(s) + "{fill:var(--" + StageClass(s) + ")}\n")
		}
	}
	b.WriteString(lastRules)
	return b.String()
}

// FontSize is the size of a picture's text, in user units.
const FontSize = 12

var shapeRules = `.fig{display:block;max-width:100%;height:auto;font:` + strconv.Itoa(FontSize) + `px -apple-system,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",system-ui,sans-serif;font-variant-numeric:tabular-nums lining-nums}
.fig text{fill:var(--ink)}
.fig .dim{fill:var(--muted)}
.fig .small{font-size:11px}
.fig .note{font-size:11.5px}
.fig .strong{font-weight:650}
.fig .mid{text-anchor:middle}
.fig .end{text-anchor:end}
.fig .axis{stroke:var(--muted);stroke-width:1;fill:none}
.fig .grid{stroke:var(--rule);stroke-width:1;fill:none}
.fig .zero{stroke:var(--ink);stroke-width:1;fill:none}
.fig .paper{fill:var(--paper)}
.fig .band{fill:var(--band)}
.fig .wash{fill:var(--wash)}
.fig .box{fill:var(--paper);stroke:var(--muted);stroke-width:1}
.fig .done{fill:var(--wash);stroke:var(--ink);stroke-width:1.5}
.fig .pill{fill:var(--wash);stroke:var(--rule);stroke-width:1}
.fig .flow{stroke:var(--muted);stroke-width:1.25;fill:none}
.fig .head{fill:var(--muted)}
.fig .est{fill:var(--ink);stroke:var(--ink);stroke-width:1}
.fig .ci{stroke:var(--ink);stroke-width:1.75;fill:none}
.fig .hatch{stroke:var(--muted);stroke-width:1.5}
.fig .edge{stroke:var(--paper);stroke-width:.75;fill:none}
.fig .st-none{stroke:none}
.fig .tail{fill:var(--rule)}
.fig .tiny{font-size:10px}
.fig .step{stroke:var(--muted);stroke-width:.75;fill:none}
.fig .faint{opacity:.55}
.fig .cycle{fill:var(--rule)}
.fig .dot{fill:var(--ink);stroke:none;opacity:.45}
.fig .soft{fill:var(--muted);stroke:none;opacity:.16}
.fig .trend{stroke:var(--accent);stroke-width:1.5;fill:none}
.fig .weekend{fill:var(--band);opacity:.6}
.fig .middle{fill:var(--paper);stroke:var(--accent);stroke-width:1.25}
.fig .nap{fill:var(--paper);stroke:var(--st-n2);stroke-width:1.25}
`

// Rules that must win over the colours of arms.
const lastRules = `.fig .mark{stroke-width:1.5}
.fig .hollow{fill:var(--paper)}
.fig .line{fill:none;stroke-width:1.5}
.fig .dash{stroke-dasharray:5 3}
.fig .bar{fill:none;stroke-width:1.25}
.fig .ribbon{stroke:none;opacity:.18}
.fig .person{fill:none;stroke-width:2.2;stroke-linecap:round;opacity:.2}
`
