package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
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
		width := min(max(p.Width, 40), 120)
		fmt.Fprintf(p.Stdout, "%s\n\n%s%s\n", about, figure.CyclesText(n.Hypnogram, n.lights, width), figure.HypnogramText(n.Hypnogram, width, p.Color))
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
		if _, err := io.WriteString(p.Stdout, n.furtherText()); err != nil {
			return err
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
	{"tib_min", "TIB"},
	{"tst_min", "TST"},
	{"sol_min", "SOL"},
	{"waso_spt_min", "WASO"},
	{"se_tib_pct", "SE %"},
	{"n1_min", "N1"},
	{"n2_min", "N2"},
	{"light_min", "light"},
	{"n3_min", "N3"},
	{"rem_min", "REM"},
	{"rem_latency_onset_min", "R lat"},
	{"awakenings", "awak."},
	{"cycles", "cycles"},
	{"unscored_min", "?"},
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
