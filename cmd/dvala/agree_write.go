package main

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"time"

	"dvala/report/figure"
)

// sleepStart is a start for rows without a clock: the measures need an instant
// that lights can be set to, and none of them depends on which.
var sleepStart = time.Date(2000, 1, 1, 22, 0, 0, 0, time.UTC)

// agreeText tells the agreement in tables.
func agreeText(a agreement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s that both scored, classes %s\n\n", plural(a.Nights, "night"), plural(a.Epochs, "epoch"), a.Scheme)
	fmt.Fprintf(&b, "  %-22s %7s   %s\n", "", "pooled", "95 % interval over nights, mean of nights")
	for _, r := range a.Overall {
		fmt.Fprintf(&b, "  %-22s %7s   %s\n", r.Name, rateCell(r.Pooled), rateRest(r))
	}
	b.WriteString("\n  reference in rows, device in columns\n\n       ")
	for _, c := range a.Classes {
		fmt.Fprintf(&b, " %8v", c)
	}
	b.WriteString("\n")
	for i, row := range a.Matrix {
		fmt.Fprintf(&b, "  %-5v", a.Classes[i])
		for _, n := range row {
			fmt.Fprintf(&b, " %8d", n)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, s := range a.Stages {
		if i == 0 {
			b.WriteString("       ")
			for _, r := range s.Rates {
				fmt.Fprintf(&b, " %11s", r.Name)
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  %-5v", s.Stage)
		for _, r := range s.Rates {
			fmt.Fprintf(&b, " %11s", rateCell(r.Pooled))
		}
		b.WriteString("\n")
	}
	if len(a.Measures) > 0 {
		b.WriteString("\n  differences, device − reference, night by night\n\n")
		fmt.Fprintf(&b, "  %-32s %4s %9s %9s   %s\n", "", "n", "reference", "device", "bias, limits of agreement")
		for _, m := range a.Measures {
			fmt.Fprintf(&b, "  %-32s %4d %9s %9s   %s\n", strings.TrimSuffix(m.Label+", "+m.Unit, ", "), m.N, figure.Fixed(m.RefMean, 1), figure.Fixed(m.DevMean, 1), biasText(m))
		}
	}
	if len(a.Unmatched) > 0 {
		fmt.Fprintf(&b, "\n  on one side only: %s\n", strings.Join(a.Unmatched, ", "))
	}
	return b.String()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return figure.Int(n) + " " + noun + "s"
}

func rateCell(v *float64) string {
	if v == nil {
		return "–"
	}
	return figure.Fixed(*v, 3)
}

func rateRest(r agreeRate) string {
	s := "–"
	if r.Low != nil {
		s = rateCell(r.Low) + " to " + rateCell(r.High)
	}
	return s + ", " + rateCell(r.NightMean)
}

// biasText tells bias and limits, and where they change with the size.
func biasText(m measureDifference) string {
	one := func(v float64) string { return figure.Fixed(v, 1) }
	if !m.Proportional && !m.Heteroscedastic {
		return fmt.Sprintf("%s (%s to %s), %s to %s", one(m.Bias.Value), one(m.Bias.Low), one(m.Bias.High), one(m.Lower.Value), one(m.Upper.Value))
	}
	sorted := slices.Sorted(slices.Values(m.ref))
	var parts []string
	for _, size := range []float64{sorted[(len(sorted)-1)/4], sorted[3*(len(sorted)-1)/4]} { // about the quartiles
		low, high := m.LimitsAt(size)
		parts = append(parts, fmt.Sprintf("at %s: %s, %s to %s", one(size), one(m.BiasAt(size)), one(low), one(high)))
	}
	return strings.Join(parts, "; ")
}

// agreeHTML writes one page with the tables and a Bland–Altman picture of each
// measure.
func agreeHTML(w io.Writer, a agreement) error {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Agreement</title>\n<style>\n")
	b.WriteString(figure.Style())
	b.WriteString("body{background:var(--paper);color:var(--ink);font:15px/1.45 -apple-system,\"Segoe UI\",Arial,system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}\npre{font-size:12px;overflow-x:auto}\nh2{font-size:1rem;margin-top:2rem}\n</style>\n<h1>Agreement</h1>\n<pre>")
	b.WriteString(html.EscapeString(agreeText(a)))
	b.WriteString("</pre>\n")
	for i, m := range a.Measures {
		pic := figure.BlandAltman{
			ID: fmt.Sprintf("ba-%d", i+1), Title: "Differences in " + m.Label, Unit: m.Unit,
			Size: m.ref, Difference: make([]float64, len(m.ref)), Bias: m.BiasAt, Limits: m.LimitsAt,
		}
		for k := range m.ref {
			pic.Difference[k] = m.dev[k] - m.ref[k]
		}
		fmt.Fprintf(&b, "<h2>%s</h2>\n%s\n", html.EscapeString(m.Label), pic.SVG().Inline())
	}
	b.WriteString("</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
