package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"dvala/report/figure"
	"dvala/sleep"
)

// scoreJSON writes all nights as one list.
func scoreJSON(w io.Writer, nights []scored) error {
	if nights == nil {
		nights = []scored{}
	}
	return writeJSON(w, nights)
}

// writeJSON writes for programs, and so that a person can read it.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// scoreCSV writes a row a night; what is absent is an empty cell.
func scoreCSV(w io.Writer, nights []scored) error {
	c := csv.NewWriter(w)
	head := []string{"file", "night", "kind", "scorer", "epoch_s"}
	for _, r := range (sleep.Architecture{}).Table() {
		head = append(head, r.Name)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for _, n := range nights {
		row := []string{n.File, n.Night, n.Kind, n.Scorer, strconv.FormatFloat(n.Architecture.EpochS, 'f', -1, 64)}
		if n.totalsOnly() {
			row[4] = ""
		}
		for _, r := range n.Architecture.Table() {
			cell := ""
			if r.Value != nil && !n.totalsOnly() {
				cell = strconv.FormatFloat(*r.Value, 'f', -1, 64)
			}
			row = append(row, cell)
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// cell writes a measure for people: counts whole, the rest with one decimal, a
// dash for what is absent.
func cell(r sleep.Row) string {
	switch {
	case r.Value == nil:
		return "–"
	case r.Unit == "":
		return figure.Fixed(*r.Value, 0)
	case r.Unit == "bits":
		return figure.Fixed(*r.Value, 2)
	}
	return figure.Fixed(*r.Value, 1)
}

// scoreDetail prints each night in full: a drawing and the table.
func scoreDetail(p *Program, nights []scored) error {
	for i, n := range nights {
		if i > 0 {
			fmt.Fprintln(p.Stdout)
		}
		fmt.Fprintln(p.Stdout, n.title())
		about := fmt.Sprintf("%s, epochs of %v", n.Kind, n.Hypnogram.Epoch())
		if n.Scorer != "" {
			about += ", " + n.Scorer
		}
		fmt.Fprintf(p.Stdout, "%s\n\n%s\n", about, figure.HypnogramText(n.Hypnogram, min(max(p.Width, 40), 120), p.Color))
		for _, r := range n.Architecture.Table() {
			if r.Value == nil && quiet[r.Name] {
				continue
			}
			line := fmt.Sprintf("  %-46s %9s %s", r.Label, cell(r), r.Unit)
			if _, err := fmt.Fprintln(p.Stdout, strings.TrimRight(line, " ")); err != nil {
				return err
			}
		}
		for _, nap := range n.Naps {
			from, _ := nap.Start()
			to, _ := nap.End()
			fmt.Fprintf(p.Stdout, "  nap %s to %s\n", from.Format("2006-01-02 15:04"), to.Format("15:04"))
		}
		judgedText(p.Stdout, n)
	}
	return nil
}

// judgedText prints criteria and norms, where an age was given.
func judgedText(w io.Writer, n scored) {
	if len(n.Quality) > 0 {
		fmt.Fprintln(w)
	}
	for _, c := range n.Quality {
		fmt.Fprintf(w, "  %-74s %s\n", c.Asks, c.Verdict)
	}
	if len(n.Norms) > 0 {
		fmt.Fprintln(w)
	}
	for _, v := range n.Norms {
		name, _, _ := strings.Cut(v.Source, ",")
		name, _, _ = strings.Cut(name, " (")
		fmt.Fprintf(w, "  %-24s %7s  %s the %s to %s of %s (%s)\n", v.Measure, figure.Fixed(v.Value, 1), v.Place, figure.Given(v.Low), figure.Given(v.High), v.Of, name)
	}
}

// quiet are rows that say nothing when they are absent.
var quiet = map[string]bool{"unstaged_min": true}

// lineColumns are the measures of a night on one line.
var lineColumns = []struct{ name, head string }{
	{"tib_min", "TIB"}, {"tst_min", "TST"}, {"sol_min", "SOL"}, {"waso_spt_min", "WASO"}, {"se_tib_pct", "SE %"},
	{"n1_min", "N1"}, {"n2_min", "N2"}, {"light_min", "light"}, {"n3_min", "N3"}, {"rem_min", "REM"},
	{"rem_latency_onset_min", "R lat"}, {"awakenings", "awak."}, {"cycles", "cycles"}, {"unscored_min", "?"},
}

// scoreLines prints a line a night, in minutes unless said.
func scoreLines(w io.Writer, nights []scored) error {
	labels := make([]string, len(nights))
	wide := len("night")
	for i, n := range nights {
		labels[i] = strings.TrimSpace(shorten(n.File, 36) + " " + n.Night)
		wide = max(wide, len([]rune(labels[i])))
	}
	fmt.Fprintf(w, "%-*s", wide, "night")
	for _, c := range lineColumns {
		fmt.Fprintf(w, " %6s", c.head)
	}
	fmt.Fprintln(w)
	for i, n := range nights {
		fmt.Fprintf(w, "%s%s", labels[i], strings.Repeat(" ", wide-len([]rune(labels[i]))))
		rows := map[string]sleep.Row{}
		for _, r := range n.Architecture.Table() {
			rows[r.Name] = r
		}
		for _, c := range lineColumns {
			fmt.Fprintf(w, " %6s", cell(rows[c.name]))
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}

// shorten keeps the end of a long path, which tells files apart.
func shorten(path string, most int) string {
	base := filepath.Base(path)
	if runes := []rune(base); len(runes) > most {
		return "…" + string(runes[len(runes)-most+1:])
	}
	return base
}

// scoreHTML writes one page that needs nothing else.
func scoreHTML(w io.Writer, nights []scored, person *personReport) error {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Nights</title>\n<style>\n")
	b.WriteString(figure.Style())
	b.WriteString(`body{background:var(--paper);color:var(--ink);font:15px/1.45 -apple-system,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h2{font-size:1rem;margin:2.5rem 0 .3rem}
p{color:var(--muted);margin:.2rem 0 .8rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;columns:2}
td{padding:.1rem .6rem .1rem 0;border-bottom:1px solid var(--rule)}
td.n{text-align:right}
section{break-inside:avoid}
</style>
<h1>Nights</h1>
`)
	if person != nil && len(person.dated) > 0 {
		pic := figure.Raster{ID: "raster", Title: "All nights, double-plotted", Nights: person.dated}
		fmt.Fprintf(&b, "<section>\n<p>%s</p>\n%s\n</section>\n", html.EscapeString(pic.Describe()), pic.SVG().Inline())
	}
	staged, totals := split(nights)
	for i, n := range staged {
		pic := figure.Hypnogram{ID: "night-" + strconv.Itoa(i+1), Title: "Hypnogram, " + n.title(), Night: n.Hypnogram, Lights: n.lights, Cycles: true}
		fmt.Fprintf(&b, "<section>\n<h2>%s</h2>\n<p>%s</p>\n%s\n<details><summary>All measures</summary>\n<table>\n",
			html.EscapeString(n.title()), html.EscapeString(pic.Describe()), pic.SVG().Inline())
		for _, r := range n.Architecture.Table() {
			if r.Value == nil && quiet[r.Name] {
				continue
			}
			fmt.Fprintf(&b, "<tr><td>%s</td><td class=\"n\">%s</td><td>%s</td></tr>\n", html.EscapeString(r.Label), cell(r), html.EscapeString(r.Unit))
		}
		b.WriteString("</table></details>\n</section>\n")
	}
	var lines strings.Builder
	if err := scoreTotals(&lines, totals); err != nil {
		return err
	}
	for line := range strings.Lines(lines.String()) {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(strings.TrimSpace(line)))
	}
	b.WriteString("</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
