package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dvala/civil"
	"dvala/report/figure"
	"dvala/sleep"
)

// fewNights is how many nights stand under each other in full width; more stand
// beside each other.
const fewNights = 12

// scoreHTML writes one page: a table of all nights, what they say together, and
// each night drawn.
func scoreHTML(w io.Writer, nights []scored, person *personReport) error {
	staged, totals := split(nights)
	if person != nil {
		slices.SortStableFunc(staged, func(a, b scored) int { return strings.Compare(a.Night, b.Night) })
	}
	page := nightPage{Title: "Nights", Lead: []string{nightsLead(nights, person)}}
	if len(staged) > 0 {
		page.Sections = append(page.Sections, allNights(staged, person != nil))
	}
	if person != nil {
		page.Sections = append(page.Sections, personSections(*person)...)
	}
	if len(staged) > 1 {
		page.Sections = append(page.Sections, averageNight(staged))
	}
	if len(staged) > 0 {
		page.Sections = append(page.Sections, drawnNights(staged, person != nil))
	}
	if len(totals) > 0 {
		var lines strings.Builder
		if err := scoreTotals(&lines, totals); err != nil {
			return err
		}
		page.Sections = append(page.Sections, nightSection{ID: "totals", Title: "Totals without stages", Text: strings.Split(strings.TrimSpace(lines.String()), "\n")})
	}
	return page.write(w)
}

func nightsLead(nights []scored, person *personReport) string {
	files := map[string]bool{}
	for _, n := range nights {
		files[n.File] = true
	}
	lead := fmt.Sprintf("%s of %s.", plural(len(nights), "night"), plural(len(files), "file"))
	if person != nil {
		lead = fmt.Sprintf("%s of one person, from %s.", plural(len(nights), "night"), plural(len(files), "file"))
	}
	return lead
}

// allNights is a row a night, and their means where there are several.
func allNights(nights []scored, onePerson bool) nightSection {
	t := nightTable{
		Caption: "Minutes unless said. TIB time in bed, TST total sleep time, SOL sleep onset latency, WASO wake from sleep onset to the last sleep, " +
			"SE sleep efficiency (TST of TIB), R lat REM latency from sleep onset, awak. awakenings, ? not scored.",
		Head: []string{"Night"},
	}
	for _, c := range lineColumns {
		t.Head = append(t.Head, c.head)
	}
	var all []sleep.Architecture
	for i, n := range nights {
		row := []nightCell{{Text: n.shortName(onePerson), Link: "night-" + strconv.Itoa(i+1)}}
		rows := rowsByName(n.Architecture)
		for _, c := range lineColumns {
			row = append(row, nightCell{Text: cell(rows[c.name])})
		}
		t.Rows = append(t.Rows, row)
		all = append(all, n.Architecture)
	}
	if len(nights) > 1 {
		means := map[string]sleep.Spread{}
		for _, s := range sleep.Spreads(all) {
			means[s.Name] = s
		}
		row := cells("mean of " + plural(len(nights), "night"))
		for _, c := range lineColumns {
			text := figure.Dash
			if s, ok := means[c.name]; ok && s.N > 0 {
				text = figure.Fixed(s.Mean, 1)
			}
			row = append(row, nightCell{Text: text})
		}
		t.Rows, t.Foot = append(t.Rows, row), true
	}
	return nightSection{ID: "all", Title: "All nights", Tables: []nightTable{t}}
}

// shortName names a night: one of a person by its date alone where that is known.
func (s scored) shortName(onePerson bool) string {
	if date, err := civil.ParseDate(s.Night); err == nil && onePerson {
		return fmt.Sprintf("%s\u00a0%d\u00a0%s\u00a0%d", date.Weekday().String()[:3], date.Day, date.Month.String()[:3], date.Year)
	}
	return strings.TrimSpace(shorten(s.File, 36) + " " + s.Night)
}

func rowsByName(a sleep.Architecture) map[string]sleep.Row {
	rows := map[string]sleep.Row{}
	for _, r := range a.Table() {
		rows[r.Name] = r
	}
	return rows
}

// personSections are the raster of one person's nights, the times, the means and the
// criteria.
func personSections(r personReport) []nightSection {
	var out []nightSection
	if len(r.dated) > 0 {
		wide := figure.Raster{ID: "raster", Title: "All nights, double-plotted", Nights: r.dated}
		narrow := wide
		narrow.ID, narrow.Width = "raster-narrow", 350
		out = append(out, nightSection{ID: "when", Title: "When sleep was", Pictures: []nightPicture{{
			Title: wide.Title, Sentence: wide.Describe(), Wide: inlined(wide.SVG()), Narrow: inlined(narrow.SVG()),
			Tables: []nightTable{tableOf(wide.Table())},
		}}})
	}
	over := nightSection{ID: "over", Title: "Over the nights"}
	if r.Timing != nil {
		t := nightTable{Caption: "Times and regularity", Head: []string{"", "Value", "Of"}, Words: true}
		for _, row := range timingRows(*r.Timing) {
			t.Rows = append(t.Rows, cells(row[:]...))
		}
		over.Tables = append(over.Tables, t)
	}
	means := nightTable{Caption: "Means over the nights that define each measure", Head: []string{"Measure", "Unit", "Mean", "SD", "Nights"}}
	for _, m := range r.Means {
		sd := figure.Dash
		if m.SD != nil {
			sd = figure.Fixed(*m.SD, 1)
		}
		means.Rows = append(means.Rows, cells(m.Label, m.Unit, figure.Fixed(m.Mean, 1), sd, figure.Int(m.N)))
	}
	criteria := nightTable{Caption: "On how many nights each criterion was met", Head: []string{"Criterion", "Met", "Not met", "Open", "Unknown", "Source"}, Words: true}
	for _, c := range r.Quality {
		criteria.Rows = append(criteria.Rows, cells(c.Asks, figure.Int(c.Met), figure.Int(c.NotMet), figure.Int(c.Undecided), figure.Int(c.Unknown), c.Source))
	}
	over.Tables = append(over.Tables, means, criteria)
	return append(out, over)
}

// averageNight is the share of each stage through the nights.
func averageNight(nights []scored) nightSection {
	var of []figure.Hypnogram
	for _, n := range nights {
		of = append(of, n.drawing("", 0))
	}
	wide := figure.SharesOf(of)
	wide.ID, wide.Title, wide.Arm, wide.Width, wide.Height = "shares", "Stages through the average night", plural(len(nights), "night"), 720, 320
	narrow := wide
	narrow.ID, narrow.Width, narrow.Height = "shares-narrow", 350, 280
	return nightSection{
		ID: "average", Title: wide.Title,
		Text:   []string{"At each moment, the share of the nights still running that were in each stage; the strip under the axis is how many those were."},
		Legend: stageKeys(wide.Present()),
		Pictures: []nightPicture{{
			Title: wide.Arm, Sentence: wide.Describe(), Wide: inlined(wide.SVG()), Narrow: inlined(narrow.SVG()), Tables: []nightTable{tableOf(wide.Table())},
		}},
	}
}

// drawing is a night's hypnogram.
func (s scored) drawing(id string, width float64) figure.Hypnogram {
	return figure.Hypnogram{ID: id, Title: "Hypnogram, " + s.title(), Width: width, Night: s.Hypnogram, Lights: s.lights, Cycles: true}
}

// drawnNights draws each night, with its measures.
func drawnNights(nights []scored, onePerson bool) nightSection {
	s := nightSection{ID: "each", Title: "Night by night", Grid: len(nights) > fewNights}
	for i, n := range nights {
		id := "night-" + strconv.Itoa(i+1)
		narrow := n.drawing(id+"-narrow", 350)
		pic := nightPicture{ID: id, Title: n.shortName(onePerson), Sentence: narrow.Describe(), Wide: inlined(narrow.SVG()), Tables: n.tables()}
		if !s.Grid {
			pic.Narrow, pic.Wide = pic.Wide, inlined(n.drawing(id+"-wide", 720).SVG())
		}
		s.Pictures = append(s.Pictures, pic)
	}
	return s
}

// tables are a night's measures, cycles, naps, and what they were held against.
func (s scored) tables() []nightTable {
	measures := nightTable{Caption: "All measures", Head: []string{"Measure", "Value", "Unit"}, Words: true}
	for _, r := range s.Architecture.Table() {
		if r.Value != nil || !quiet[r.Name] {
			measures.Rows = append(measures.Rows, cells(r.Label, cell(r), r.Unit))
		}
	}
	for _, nap := range s.Naps {
		from, _ := nap.Start()
		to, _ := nap.End()
		measures.Rows = append(measures.Rows, cells("nap", from.Format("15:04")+"–"+to.Format("15:04"), ""))
	}
	out := []nightTable{measures}
	if c := tableOf(figure.CyclesTable(s.Hypnogram, s.lights)); len(c.Rows) > 0 {
		c.Words = true
		out = append(out, c)
	}
	out = append(out, s.furtherTables()...)
	if len(s.Quality) > 0 {
		t := nightTable{Caption: "Criteria", Head: []string{"Criterion", "Value", "Verdict", "Source"}, Words: true}
		for _, c := range s.Quality {
			value := figure.Dash
			if c.Value != nil {
				value = strings.TrimSpace(figure.Fixed(*c.Value, 1) + " " + c.Unit)
			}
			t.Rows = append(t.Rows, cells(c.Asks, value, string(c.Verdict), c.Source))
		}
		out = append(out, t)
	}
	if len(s.Norms) > 0 {
		t := nightTable{Caption: "Norms", Head: []string{"Measure", "Value", "Place", "From", "To", "Of", "Source"}, Words: true}
		for _, v := range s.Norms {
			t.Rows = append(t.Rows, cells(v.Measure, figure.Fixed(v.Value, 1), v.Place, figure.Given(v.Low), figure.Given(v.High), v.Of, v.Source))
		}
		out = append(out, t)
	}
	return out
}
