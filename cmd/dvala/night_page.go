package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"dvala/report/figure"
	"dvala/sleep"
)

//go:embed night_page.css
var nightCSS string

//go:embed night_page.gohtml
var nightMarkup string

var nightTemplate = template.Must(template.New("page").Parse(nightMarkup))

// nightPage is a page of the verbs that look at nights: it needs nothing else and
// runs nothing.
type nightPage struct {
	Title    string
	Lead     []string
	Sections []nightSection
}

// nightSection is a part of a page under one heading, in this order.
type nightSection struct {
	ID, Title string
	Text      []string
	Tables    []nightTable
	Pictures  []nightPicture
	Grid      bool // pictures beside each other where there is room
	Broad     bool // and those pictures want more of it
	Legend    template.HTML
	After     []nightTable // behind the pictures
}

// nightTable is a table whose first column heads its rows.
type nightTable struct {
	Caption string
	Head    []string
	Rows    [][]nightCell
	Words   bool // the last column is words, not numbers
	Foot    bool // the last row sums up the others
}

// nightCell is a cell, perhaps with a link, with a second line, or with the same
// once more below.
type nightCell struct {
	Text, Link, Sub string
	Then            *nightCell
}

// nightPicture is a picture, wide and for a narrow screen, with what it says in a
// sentence and its numbers.
type nightPicture struct {
	ID, Title    string
	Sentence     string
	Wide, Narrow template.HTML // Narrow may be ""
	Tables       []nightTable
}

// inlined is a picture as markup; its writer escapes all text.
func inlined(c *figure.Canvas) template.HTML { return template.HTML(c.Inline()) } //nolint:gosec // see above

// tableOf gives a figure's numbers.
func tableOf(t figure.Table) nightTable {
	out := nightTable{Caption: t.Caption, Head: t.Head}
	for _, r := range t.Rows {
		out.Rows = append(out.Rows, cells(r...))
	}
	return out
}

func cells(text ...string) []nightCell {
	out := make([]nightCell, len(text))
	for i, t := range text {
		out[i].Text = t
	}
	return out
}

// stageKeys is the legend of the stages that occur.
func stageKeys(stages []sleep.Stage) template.HTML {
	var out template.HTML
	for _, s := range stages {
		out += `<span class="key">` + inlined(figure.StageKey("key", s)) + template.HTML(figure.Escape(figure.StageName(s))) + "</span>\n" //nolint:gosec // escaped here
	}
	return out
}

// write writes the page.
func (p nightPage) write(w io.Writer) error {
	style := figure.Style() + nightCSS
	sum := sha256.Sum256([]byte(style))
	return nightTemplate.Execute(w, struct {
		nightPage
		Style  template.CSS
		Policy string
	}{p, template.CSS(style), "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}) //nolint:gosec // ours
}
