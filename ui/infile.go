package ui

import (
	"dvala/fault"
)

// inFile is all that is wrong with a file that a form brought, in the file's own
// places.
type inFile struct {
	field string
	list  fault.List
}

// Error gives the problems, a line each.
func (f *inFile) Error() string { return f.list.Error() }

// Unwrap gives the problems.
func (f *inFile) Unwrap() error { return f.list }

// at says that something is wrong with the file that a field brought.
func at(field string, err error) error {
	f := &inFile{field: field}
	f.list.Merge("file", "", err)
	return f
}

// filed says what is wrong in a file, in the reader's language: by the message
// itself, whose values tell what to change, before any sentence of its code.
func (c *catalogue) filed(lang string, x *fault.Problem) problem {
	p := problem{Code: string(x.Code), Line: x.Line, Place: x.Place, Text: x.Message, Hint: x.Hint}
	if p.Text == "" {
		p.Text = x.Error()
	}
	if lang == "en" {
		return p
	}
	p.Place = c.inFile(p.Place)
	if place, ok := c.codes["place:"+x.Place][lang]; ok {
		p.Place = place
	}
	said, known := c.message(lang, x.Message)
	if !known {
		said, known = c.told(lang, x)
	}
	if p.Foreign = !known; known {
		p.Text = said
	}
	if p.Hint != "" {
		p.Hint, known = c.message(lang, x.Hint)
		p.HintForeign = !known
	}
	return p
}

// filedAll says each.
func (c *catalogue) filedAll(lang string, l fault.List) []problem {
	out := make([]problem, len(l))
	for i, x := range l {
		out[i] = c.filed(lang, x)
	}
	return out
}

// placeFile shows what is wrong in a file on top, and at its field that something is.
func (a *ask) placeFile(p *formPage, in *inFile) {
	p.InFile = a.words.filedAll(a.lang, in.list.Errors())
	for i := range p.Fields {
		if f := &p.Fields[i]; f.Name == in.field {
			f.Problem = a.t("Something is wrong in this file. It stands at the top.")
		}
	}
}
