// Package report turns the results of a trial into one HTML file: what was
// asked and what was found first, then flow, baseline, estimands in their
// order, days, nights, harms and the rest in the order CONSORT 2025 asks, and
// at the end what one needs to get the same file again.
//
// HTML is a pure function of estimate.Results: the same results give the same
// bytes. HTMLIn gives the same in Swedish, from the same results. The file holds no script and asks for nothing from elsewhere; its
// content security policy allows its own style sheet, by hash, and nothing
// more. All text from outside is escaped, by html/template in the page and by
// figure.Canvas in the pictures.
//
// A section is a list of blocks (paragraphs, tables, pairs, figures), made in
// Go and laid out by page/report.gohtml; the first screen has a template of
// its own. What the words may claim is decided in reading.go alone.
//
// The file is described in doc/formats/report.md.
package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"slices"

	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/report/voice"
)

//go:embed page/report.gohtml
var pageSource string

//go:embed page/report.css
var pageStyle string

// pageTemplates are the page in each language.
var pageTemplates = map[string]*template.Template{"en": pageIn(voice.In("en")), "sv": pageIn(voice.In("sv"))}

func pageIn(v voice.Voice) *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{"say": v.Say}).Parse(pageSource))
}

// page is what the template lays out.
type page struct {
	Lang     string
	Title    string
	Policy   string
	Style    template.CSS
	Banners  []banner
	First    first
	Sections []section
	Standing string
	Program  string
}

// banner stands above everything and says what the numbers are not.
type banner struct{ Kind, Head, Text string }

// section is one numbered part.
type section struct {
	ID, Title string
	Blocks    []block
}

// block is one thing in a section; exactly one field is set, and Lang or
// Class may stand beside it.
type block struct {
	Text    string
	Sub     string // a heading below the section's
	Items   []string
	Pairs   []pair
	Table   *table
	Figures []picture
	Grid    string // how many pictures stand beside each other: "three", "two" or ""
	Code    string
	Legend  template.HTML
	Lang    string
	Class   string
}

type pair struct {
	Name, Value string
	Mono        bool
}

// table is a table with a header row; the first column heads its rows.
type table struct {
	Caption string
	Head    []string
	Rows    []row
	Note    string
	Words   bool  // all cells are words, to be set from the left
	Prose   []int // the columns whose cells are words
	Folded  bool  // one click away
}

// IsProse says whether a column, counted from 0 at the rows' heads, is words.
func (t table) IsProse(col int) bool { return t.Words || slices.Contains(t.Prose, col) }

// IsProseCell is IsProse for the cells of a row, counted without its head.
func (t table) IsProseCell(cell int) bool { return t.IsProse(cell + 1) }

type row struct {
	Head  string
	Note  string // under the head, smaller
	Cells []string
	Group bool // a heading over rows, without cells
	Under bool // belongs to the group above
}

// picture is a figure, with its numbers in tables one click away. Narrow is
// for small screens, where it differs.
type picture struct {
	Title, Caption string
	Wide, Narrow   template.HTML
	Tables         []table
}

const standing = "This report is not medical advice, and no regulator has reviewed it. It tells what one trial found, under the assumptions its methods state."

// HTML writes the report in English. The bytes depend on the results alone.
func HTML(r estimate.Results) ([]byte, error) { return newTrial(r).html() }

// HTMLIn writes the report in a language, English or Swedish, from the same
// results, whose own texts are in English. What the protocol says in Swedish is
// said so; what it says in English alone stands as it is, marked as English. The
// bytes depend on the results and the protocol's texts alone.
func HTMLIn(lang protocol.Language, r estimate.Results, said protocol.Said) ([]byte, error) {
	v := voice.In(lang)
	if !v.IsSwedish() {
		return HTML(r)
	}
	t := newTrialIn(v, estimate.InSwedish(r, said, voice.Foreign))
	english := newTrial(r)
	t.inEnglish = &english
	raw, err := t.html()
	if err != nil {
		return nil, err
	}
	return []byte(voice.Marked(string(raw))), nil
}

// html lays the report out.
func (t trial) html() ([]byte, error) {
	style := figure.Style() + pageStyle
	sum := sha256.Sum256([]byte(style))
	p := page{
		Lang:     t.Lang(),
		Title:    t.title(),
		Policy:   "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Style:    template.CSS(style),
		Banners:  t.banners(),
		First:    t.first(),
		Sections: t.sections(),
		Standing: t.Say(standing),
		Program:  t.Provenance.Program,
	}
	var b bytes.Buffer
	b.Grow(1 << 18)
	if err := pageTemplates[p.Lang].Execute(&b, p); err != nil {
		return nil, fault.Wrap("report-template", "report", err)
	}
	return bytes.Map(func(c rune) rune {
		if figure.Printable(c) {
			return c
		}
		return -1
	}, b.Bytes()), nil
}

// sections in their order. A part that a design does not have is left out; a
// part without data says so.
func (t trial) sections() []section {
	var out []section
	for _, s := range []section{
		t.flow(), t.baseline(), t.primary(), t.secondary(), t.family(), t.exploratory(), t.habits(), t.days(), t.nights(),
		t.adherence(), t.harms(), t.blinding(), t.deviations(), t.missing(), t.terms(), t.checks(),
		t.methods(), t.reproduce(), t.consort(), t.people(),
	} {
		if len(s.Blocks) > 0 {
			out = append(out, s)
		}
	}
	return out
}
