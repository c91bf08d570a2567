package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"dvala/estimate"
	"dvala/estimate/pool"
	"dvala/fault"
	"dvala/report/figure"
	"dvala/stats/meta"
)

// PoolCmd puts the answers of several trials together.
type PoolCmd struct {
	Results  []string `arg:"" help:"The trials' results.json; FILE#ESTIMAND takes another estimand than the primary one."`
	Estimand string   `help:"Which estimand to take of each; the primary one unless given."`
	Spread   string   `enum:"reml,dl,pm,ml,common" default:"reml" help:"How the spread between trials is estimated: reml, dl (DerSimonian and Laird), pm (Paule and Mandel), ml; or common, one effect for all."`
	Errors   string   `enum:"knapp-hartung,held,normal" default:"knapp-hartung" help:"The mean's error: knapp-hartung, the same held at 1 or more, or normal."`
	Level    float64  `default:"0.95" help:"Of the intervals."`
	Despite  []string `help:"Attributes of the estimand that may differ: treatment, comparator, population, variable, events. It is said beside the result."`
	SVG      string   `name:"svg" type:"path" placeholder:"FILE" help:"Draw the forest plot into a file."`
	Format   string   `enum:"text,json" default:"text" help:"text or json."`
}

// Run pools.
func (cmd *PoolCmd) Run(p *Program) error {
	studies, err := cmd.read()
	if err != nil {
		return err
	}
	o := pool.Options{Despite: cmd.Despite}
	o.Level = cmd.Level
	o.Spread = map[string]meta.Spread{"dl": meta.DerSimonianLaird, "pm": meta.PauleMandel, "ml": meta.ML, "common": meta.Common}[cmd.Spread]
	o.Errors = map[string]meta.Errors{"held": meta.KnappHartungAtLeast, "normal": meta.Normal}[cmd.Errors]
	if cmd.Spread == "common" {
		o.Errors = meta.Normal
	}
	r, err := pool.Together(studies, o)
	if err != nil {
		return err
	}
	if cmd.SVG != "" {
		if err := os.WriteFile(cmd.SVG, poolForest(r).SVG().File(), 0o644); err != nil {
			return fault.Wrap("file-unwritable", cmd.SVG, err)
		}
	}
	if cmd.Format == "json" {
		return writeJSON(p.Stdout, r)
	}
	_, err = io.WriteString(p.Stdout, poolText(r))
	return err
}

// read takes every file's estimand; all problems at once.
func (cmd *PoolCmd) read() ([]pool.Study, error) {
	var out []pool.Study
	var l fault.List
	for _, name := range cmd.Results {
		path, id, named := strings.Cut(name, "#")
		if !named {
			id = cmd.Estimand
		}
		b, err := os.ReadFile(path)
		if err != nil {
			l = append(l, fault.Wrap("file-unreadable", path, err))
			continue
		}
		r, err := estimate.ParseResults(b)
		if err == nil {
			var s pool.Study
			if s, err = pool.Of(path, r, id); err == nil {
				out = append(out, s)
				continue
			}
		}
		l.Merge("results-json", path, err)
	}
	return out, l.Err()
}

// poolForest draws the trials and what they are together.
func poolForest(p pool.Pooled) figure.Forest {
	q := p.Question
	unit := ""
	if q.Unit != "" {
		unit = " (" + q.Unit + ")"
	}
	f := figure.Forest{ID: "pool", Title: q.Label + ": trials and their mean", Width: 760, Ratio: q.Ratio, Axis: "Difference" + unit}
	if q.Ratio {
		f.Axis = "Ratio (logarithmic)"
	}
	a, b := "in favour of "+q.As.Treatment, "in favour of "+q.As.Comparator
	switch p.Better {
	case "lower":
		f.Left, f.Right = a, b
	case "higher":
		f.Left, f.Right = b, a
	}
	row := func(label, note string, estimate, low, high float64) {
		f.Rows = append(f.Rows, figure.ForestRow{Label: label, Note: note, Estimate: &estimate, Low: &low, High: &high, Value: interval(estimate, low, high)})
	}
	for _, t := range p.Trials {
		row(t.Trial, fmt.Sprintf("%d people, weight %.1f %%", t.N, t.Weight), t.Estimate, t.Low, t.High)
	}
	if m := p.Random; m != nil {
		row("Mean, random effects", p.Spread+"; "+p.Errors, m.Estimate, m.Low, m.High)
		if p.Predicted != nil {
			row("One more such trial", "where its effect lies", m.Estimate, p.Predicted[0], p.Predicted[1])
		}
	}
	row("One common effect", "the same for all", p.Common.Estimate, p.Common.Low, p.Common.High)
	return f
}

func interval(x, low, high float64) string {
	return number(x) + " (" + number(low) + " to " + number(high) + ")"
}

// poolText is the terminal's page: a forest plot in letters.
func poolText(p pool.Pooled) string {
	var b strings.Builder
	q := p.Question
	of := "difference"
	if q.Ratio {
		of = strings.ReplaceAll(q.Summary, "-", " ")
	}
	if q.Unit != "" {
		of += " in " + q.Unit
	}
	fmt.Fprintf(&b, "%s\n%s against %s: %s of %d trials, %.0f %% intervals\n\n", q.As.Variable, q.As.Treatment, q.As.Comparator, of, len(p.Trials), 100*p.Level)
	f := poolForest(p)
	wide := 0
	for _, r := range f.Rows {
		wide = max(wide, len([]rune(r.Label)))
	}
	s := newStrip(f)
	for i, r := range f.Rows {
		if i == len(p.Trials) {
			b.WriteByte('\n')
		}
		note := ""
		if i < len(p.Trials) {
			note = fmt.Sprintf("  %5.1f %%  n %d", p.Trials[i].Weight, p.Trials[i].N)
		}
		pad := strings.Repeat(" ", wide-len([]rune(r.Label)))
		fmt.Fprintf(&b, "  %s%s  %s  %s%s\n", r.Label, pad, s.line(*r.Estimate, *r.Low, *r.High), r.Value, note)
	}
	m, how := p.Common, "one common effect"
	if p.Random != nil {
		m, how = *p.Random, p.Spread+"; "+p.Errors
		fmt.Fprintf(&b, "\nMean under random effects (%s): %s, p = %.3g\n", how, interval(m.Estimate, m.Low, m.High), m.P)
		fmt.Fprintf(&b, "Between trials: SD %s, I² %.0f %%, Q %s on %.0f degrees of freedom, p = %.3g\n", number(math.Sqrt(p.Tau2)), p.I2, number(p.Q), p.QDF, p.QP)
	} else {
		fmt.Fprintf(&b, "\nMean (%s): %s, p = %.3g; Q %s on %.0f degrees of freedom, p = %.3g\n", how, interval(m.Estimate, m.Low, m.High), m.P, number(p.Q), p.QDF, p.QP)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "%s\n", n)
	}
	for _, d := range p.Despite {
		for i, a := range d.Are {
			fmt.Fprintf(&b, "  %s of %s: %s\n", d.Attribute, p.Trials[i].Trial, a)
		}
	}
	return b.String()
}

// strip is the axis of a forest plot in letters.
type strip struct {
	low, high float64
	ratio     bool
}

const stripWidth = 41

func newStrip(f figure.Forest) strip {
	s := strip{ratio: f.Ratio}
	for _, r := range f.Rows {
		s.low, s.high = min(s.low, s.at(*r.Low)), max(s.high, s.at(*r.High))
	}
	return s
}

func (s strip) at(x float64) float64 {
	if s.ratio {
		return math.Log(x)
	}
	return x
}

func (s strip) column(x float64) int {
	if !(s.high > s.low) {
		return 0
	}
	return int(math.Round((s.at(x) - s.low) / (s.high - s.low) * (stripWidth - 1)))
}

// line draws an interval, no difference being the upright.
func (s strip) line(estimate, low, high float64) string {
	out := []rune(strings.Repeat(" ", stripWidth))
	none := 0.0
	if s.ratio {
		none = 1
	}
	out[s.column(none)] = '│'
	for i := s.column(low); i <= s.column(high); i++ {
		out[i] = '─'
	}
	if i := s.column(none); out[i] == '─' {
		out[i] = '┼'
	}
	out[s.column(estimate)] = '●'
	return string(out)
}
