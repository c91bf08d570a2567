package voice

import "strings"

// Marked puts elements with lang="en" in the place of the marks of Foreign: a
// span in the page's text, a tspan in a picture's. In attributes, and in the
// titles and descriptions that can hold no element, the marks are dropped. A
// marked text that an element interrupts is marked again after it.
func Marked(page string) string {
	var b strings.Builder
	b.Grow(len(page) + 4096)
	m := marker{out: &b}
	for page != "" {
		at := strings.IndexByte(page, '<')
		if at < 0 {
			m.text(page)
			break
		}
		m.text(page[:at])
		end := strings.IndexByte(page[at:], '>')
		if end < 0 {
			b.WriteString(Plain(page[at:]))
			break
		}
		m.tag(page[at : at+end+1])
		page = page[at+end+1:]
	}
	return b.String()
}

// marker is where the page is, as far as marks are concerned.
type marker struct {
	out     *strings.Builder
	foreign bool // between the marks
	svg     bool
	bare    int // elements open that hold text alone
}

func (m *marker) text(s string) {
	if m.bare > 0 {
		m.out.WriteString(Plain(s))
		return
	}
	for s != "" {
		at := strings.IndexFunc(s, IsMark)
		if at < 0 {
			at = len(s)
		}
		m.run(s[:at])
		if at == len(s) {
			return
		}
		m.foreign = strings.HasPrefix(s[at:], string(foreignFrom))
		s = s[at+len(string(foreignFrom)):]
	}
}

// run is text between two marks or tags.
func (m *marker) run(s string) {
	if !m.foreign || strings.TrimSpace(s) == "" {
		m.out.WriteString(s)
		return
	}
	element := "span"
	if m.svg {
		element = "tspan"
	}
	m.out.WriteString("<" + element + ` lang="en">` + s + "</" + element + ">")
}

func (m *marker) tag(tag string) {
	name := strings.TrimLeft(tag, "</")
	name = name[:strings.IndexFunc(name, func(r rune) bool { return r == '>' || r == '/' || r == ' ' || r == '\n' })]
	closing := strings.HasPrefix(tag, "</")
	switch name {
	case "svg":
		m.svg = !closing
	case "title", "desc", "style":
		if closing {
			m.bare--
		} else {
			m.bare++
		}
		m.foreign = false
	case "p", "td", "th", "dd", "li", "figcaption":
		m.foreign = false // no mark reaches beyond the text it was set for
	}
	m.out.WriteString(Plain(tag))
}
