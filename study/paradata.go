package study

import (
	"math"

	"dvala/fault"
	"dvala/instrument"
)

// Paradata is how a form was filled in, as its own page saw it: nothing of what
// was answered, and nothing about who did. All of it may be absent, and what is
// not believable is left out and never a reason to refuse an answer.
type Paradata struct {
	Seconds int     `json:"seconds,omitempty"` // the form was in sight, over all sittings
	Width   int     `json:"width,omitempty"`   // of the window, in CSS pixels
	Ratio   float64 `json:"ratio,omitempty"`   // device pixels a CSS pixel
	View    string  `json:"view,omitempty"`    // one question at a time, or the whole page
	Resumed bool    `json:"resumed,omitempty"` // begun earlier and taken up again
	// Lines tells of visual analogue lines, by item.
	Lines map[string]Line `json:"lines,omitempty"`
}

// Line is how a visual analogue line was when it was last marked.
type Line struct {
	Px    int    `json:"px"`    // its length in CSS pixels, of which 96 are nominally an inch
	By    string `json:"by"`    // touch, mouse, pen, keys
	Marks int    `json:"marks"` // times it was marked
}

// Views of a form.
const (
	ViewOne  = "one"
	ViewPage = "page"
)

const (
	longestForm = 24 * 3600 // seconds
	widest      = 20000     // CSS pixels
	mostMarks   = 9999
	ratioLow    = 0.1
	ratioHigh   = 20
)

// MM gives the nominal length of a line in millimetres, a CSS pixel being 1/96
// inch. What it measures on the glass no browser tells.
func (l Line) MM() float64 { return float64(l.Px) * 25.4 / 96 }

// kept gives what of it can be believed of an instrument's form; nil for nothing.
func (p *Paradata) kept(def *instrument.Definition) *Paradata {
	if p == nil {
		return nil
	}
	out := Paradata{Resumed: p.Resumed}
	if p.Seconds > 0 && p.Seconds <= longestForm {
		out.Seconds = p.Seconds
	}
	if p.Width > 0 && p.Width <= widest {
		out.Width = p.Width
	}
	if p.Ratio >= ratioLow && p.Ratio <= ratioHigh {
		out.Ratio = math.Round(p.Ratio*100) / 100
	}
	if p.View == ViewOne || p.View == ViewPage {
		out.View = p.View
	}
	for i := range def.Items {
		it := &def.Items[i]
		l, ok := p.Lines[string(it.ID)]
		if it.Kind != instrument.VAS || !ok || l.check() != nil {
			continue
		}
		if out.Lines == nil {
			out.Lines = map[string]Line{}
		}
		out.Lines[string(it.ID)] = l
	}
	if out.Seconds == 0 && out.Width == 0 && out.Ratio == 0 && out.View == "" && !out.Resumed && out.Lines == nil {
		return nil
	}
	return &out
}

func (l Line) check() error {
	var list fault.List
	if l.Px < 1 || l.Px > widest || l.Marks < 1 || l.Marks > mostMarks {
		list.Addf("paradata", "lines", "a line has 1 to %d pixels and 1 to %d marks", widest, mostMarks)
	}
	oneOf(&list, "lines", l.By, "touch", "mouse", "pen", "keys")
	return list.Err()
}

func (p *Paradata) check() error {
	if p == nil {
		return nil
	}
	var l fault.List
	if p.Seconds < 0 || p.Seconds > longestForm || p.Width < 0 || p.Width > widest {
		l.Addf("paradata", "paradata", "a form takes up to a day, on up to %d pixels", widest)
	}
	if p.Ratio != 0 && !(p.Ratio >= ratioLow && p.Ratio <= ratioHigh) {
		l.Addf("paradata", "paradata.ratio", "%v is no ratio of a screen", p.Ratio)
	}
	oneOf(&l, "paradata.view", p.View, "", ViewOne, ViewPage)
	for id, line := range p.Lines {
		checkWords(&l, "paradata.lines", id, maxWord)
		l.Merge("paradata", "paradata.lines."+id, line.check())
	}
	return l.Err()
}
