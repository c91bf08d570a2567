package ui

import (
	"regexp"
	"strings"

	"dvala/fault"
)

// code says a problem by its code, if there are words for it.
func (c *catalogue) code(lang, code string) (string, bool) {
	text, ok := c.problems[code][lang]
	if !ok {
		text, ok = c.refusals[code][lang]
	}
	return text, ok
}

// said tells a problem in the reader's language. A sentence of the code's own
// comes first, then the message itself where it is known in her language; else, in
// English, the message if it has particulars (a day, a number, a code), and in
// another language the code's sentence with those behind it.
func (a *ask) said(p *fault.Problem) string {
	code := string(p.Code)
	if text, ok := a.words.problems[code][a.lang]; ok {
		return text
	}
	// A code of several fields says of each what it is about.
	if text, ok := a.words.refusals[code+":"+p.Place][a.lang]; ok {
		return text
	}
	text, ok := a.words.refusals[code][a.lang]
	of := particulars(p.Message)
	if ok && of == "" {
		return text
	}
	if a.lang != "en" { // the message itself, with its values
		if exact, known := a.words.refuse(a.lang, p.Message); known && p.Message != "" {
			return exact
		}
	}
	switch {
	case ok && a.lang != "en":
		return strings.TrimSuffix(text, ".") + " (" + of + ")."
	case p.Message == "":
		return p.Error()
	}
	return a.speaker().Note(p.Message)
}

// refusal is a problem as the pages show it.
func (a *ask) refusal(x *fault.Problem) problem {
	p := problem{Code: string(x.Code), Place: x.Place, Text: a.said(x), Hint: a.hint(x.Hint)}
	if a.lang != "en" {
		_, known := a.words.code(a.lang, p.Code)
		if !known {
			_, known = a.words.refuse(a.lang, x.Message)
		}
		p.Foreign, p.HintForeign = !known, p.Hint == x.Hint
	}
	return p
}

// particular is what a message says that is the same in every language: what
// stands in quotes, a date with or without its time, a code of a person or kit, and
// a number.
var particular = regexp.MustCompile(`"[^"]{1,60}"|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?|\b[A-Z]+-?\d+(?:-\d+)*\b|\b\d+(?:[.,:]\d+)*\b`)

// particulars gives those of a message.
func particulars(message string) string {
	found := particular.FindAllString(strings.NewReplacer("SHA-256", "", "UTF-8", "").Replace(message), -1)
	for i, f := range found {
		found[i] = strings.Trim(f, `"`)
	}
	return strings.Join(found, ", ")
}
