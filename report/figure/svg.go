package figure

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Canvas writes one SVG picture, element by element. Elements opened are
// closed in reverse order at the latest when the picture is taken; whatever
// text is handed in, the result is well-formed XML.
type Canvas struct {
	id            string
	width, height float64
	title, desc   string
	body          strings.Builder
	open          []string
}

// NewCanvas begins a picture of the given size in user units. The id must be
// unique on the page; it prefixes all ids within (see Local).
func NewCanvas(id string, width, height float64, title, desc string) *Canvas {
	return &Canvas{id: Ident(id), width: width, height: height, title: title, desc: desc}
}

// SetHeight sets the height, for pictures that know it only when drawn.
func (c *Canvas) SetHeight(h float64) { c.height = h }

// Local gives an id of this picture's own, for patterns and clips.
func (c *Canvas) Local(name string) string { return c.id + "-" + Ident(name) }

// Attr is one attribute of an element.
type Attr struct{ Name, Value string }

// At is an attribute with a text value.
func At(name, value string) Attr { return Attr{name, value} }

// Num is an attribute with a number.
func Num(name string, v float64) Attr { return Attr{name, Coord(v)} }

// Class is the class attribute; several classes are separated by spaces.
func Class(names string) Attr { return Attr{"class", names} }

// Open writes a start tag; Close writes the end tag that belongs to it.
func (c *Canvas) Open(name string, attrs ...Attr) {
	c.tag(name, attrs)
	c.body.WriteByte('>')
	c.open = append(c.open, name)
}

// Close ends the element opened last; without one it does nothing.
func (c *Canvas) Close() {
	if n := len(c.open); n > 0 {
		c.body.WriteString("</" + c.open[n-1] + ">")
		c.open = c.open[:n-1]
	}
}

// Empty writes an element without content.
func (c *Canvas) Empty(name string, attrs ...Attr) {
	c.tag(name, attrs)
	c.body.WriteString("/>")
}

func (c *Canvas) tag(name string, attrs []Attr) {
	c.body.WriteString("\n<" + name)
	for _, a := range attrs {
		if a.Name == "class" && a.Value == "" {
			continue
		}
		c.body.WriteString(" " + a.Name + `="` + Escape(a.Value) + `"`)
	}
}

// Line draws a straight line.
func (c *Canvas) Line(class string, x1, y1, x2, y2 float64) {
	c.Empty("line", Class(class), Num("x1", x1), Num("y1", y1), Num("x2", x2), Num("y2", y2))
}

// Rect draws a rectangle.
func (c *Canvas) Rect(class string, x, y, w, h float64) {
	c.Empty("rect", Class(class), Num("x", x), Num("y", y), Num("width", w), Num("height", h))
}

// Circle draws a circle.
func (c *Canvas) Circle(class string, x, y, r float64) {
	c.Empty("circle", Class(class), Num("cx", x), Num("cy", y), Num("r", r))
}

// Path draws a path; an empty one draws nothing.
func (c *Canvas) Path(class string, p *Path) {
	if p.b.Len() > 0 {
		c.Empty("path", Class(class), At("d", p.b.String()))
	}
}

// Text writes one line of text with its baseline at y. The classes "mid" and
// "end" centre it at x or end it there.
func (c *Canvas) Text(class string, x, y float64, s string) {
	if s == "" {
		return
	}
	c.tag("text", []Attr{Class(class), Num("x", x), Num("y", y)})
	c.body.WriteString(">" + Escape(s) + "</text>")
}

// Inline gives the picture for a page that includes Style.
func (c *Canvas) Inline() string { return c.write("") }

// File gives the picture as a file that stands alone.
func (c *Canvas) File() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + c.write("<style>"+Escape(Style())+"</style>\n") + "\n")
}

func (c *Canvas) write(style string) string {
	for len(c.open) > 0 {
		c.Close()
	}
	var b strings.Builder
	b.Grow(c.body.Len() + len(style) + 512)
	w, h := Coord(c.width), Coord(c.height)
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" class="fig" role="img" id="` + c.id + `"` +
		` viewBox="0 0 ` + w + " " + h + `" width="` + w + `" height="` + h + `"` +
		` aria-labelledby="` + c.id + `-t" aria-describedby="` + c.id + `-d">` + "\n")
	b.WriteString(`<title id="` + c.id + `-t">` + Escape(c.title) + "</title>\n")
	b.WriteString(`<desc id="` + c.id + `-d">` + Escape(c.desc) + "</desc>\n")
	b.WriteString(style)
	b.WriteString(strings.TrimPrefix(c.body.String(), "\n"))
	b.WriteString("\n</svg>")
	return b.String()
}

// Path is the outline of a shape.
type Path struct{ b strings.Builder }

// Move lifts the pen to a point.
func (p *Path) Move(x, y float64) *Path { return p.add("M", x, y) }

// Line draws to a point; as the first call it moves there.
func (p *Path) Line(x, y float64) *Path {
	if p.b.Len() == 0 {
		return p.Move(x, y)
	}
	return p.add("L", x, y)
}

// Dot adds a stroke of no length, which a round cap makes a point.
func (p *Path) Dot(x, y float64) *Path {
	p.add("M", x, y)
	p.b.WriteString("h0")
	return p
}

// Bar adds a rectangle.
func (p *Path) Bar(x, y, w, h float64) *Path {
	p.b.WriteString("M" + Coord(x) + " " + Coord(y) + "h" + Coord(w) + "v" + Coord(h) + "h" + Coord(-w) + "Z")
	return p
}

// Close returns to where the outline began.
func (p *Path) Close() *Path { p.b.WriteByte('Z'); return p }

func (p *Path) add(op string, x, y float64) *Path {
	p.b.WriteString(op + Coord(x) + " " + Coord(y))
	return p
}

// Coord writes a coordinate: at most two decimals, no trailing zeros, no
// negative zero, and 0 for what is not finite.
func Coord(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	v = math.Round(v*100) / 100
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Escape makes text safe as content and as an attribute's value, and drops
// what XML cannot hold and what would turn the reading direction.
func Escape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\'':
			b.WriteString("&#39;")
		case !Printable(r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Printable says whether a character may stand in a page of ours: no control
// characters but tab and newline, no overrides of the reading direction, and
// nothing that XML does not know.
func Printable(r rune) bool {
	switch {
	case r == '\t' || r == '\n':
		return true
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff:
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return false
	}
	return utf8.ValidRune(r)
}

// Ident makes an id of any text: lower-case letters, digits and hyphens.
func Ident(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if n := b.Len(); n > 0 && b.String()[n-1] != '-' {
			b.WriteByte('-')
		}
	}
	if out := strings.TrimRight(b.String(), "-"); out != "" {
		return out
	}
	return "f"
}
