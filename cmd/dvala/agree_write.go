package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dvala/report/figure"
	"dvala/sleep/agree"
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
	b.WriteString("\n  epochs, and per cent of the reference's; reference in rows, device in columns\n\n       ")
	for _, c := range a.Classes {
		fmt.Fprintf(&b, " %8v      ", c)
	}
	b.WriteString("\n")
	for i, row := range a.Matrix {
		fmt.Fprintf(&b, "  %-5v", a.Classes[i])
		for _, n := range row {
			share := figure.Dash
			if total := rowTotal(row); total > 0 {
				share = figure.Fixed(100*float64(n)/float64(total), 1)
			}
			fmt.Fprintf(&b, " %8d %5s", n, share)
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
	with := func(i agree.Interval) string {
		return fmt.Sprintf("%s (%s to %s)", one(i.Value), one(i.Low), one(i.High))
	}
	if !m.Proportional && !m.Heteroscedastic {
		bias := m.Bias
		if m.Drawn {
			bias = m.Boot.Bias
		}
		return fmt.Sprintf("%s, %s to %s", with(bias), one(m.Lower.Value), one(m.Upper.Value))
	}
	var parts []string
	for _, size := range m.quartiles() {
		low, high := m.LimitsAt(size)
		bias := one(m.BiasAt(size))
		if m.Drawn {
			bias = with(m.Boot.BiasAt(size))
		}
		parts = append(parts, fmt.Sprintf("at %s: %s, %s to %s", one(size), bias, one(low), one(high)))
	}
	return strings.Join(parts, "; ")
}

// quartiles gives sizes of the reference that are about its quartiles.
func (m measureDifference) quartiles() [2]float64 {
	sorted := slices.Sorted(slices.Values(m.ref))
	return [2]float64{sorted[(len(sorted)-1)/4], sorted[3*(len(sorted)-1)/4]}
}

// agreePlots draws each measure's differences for the terminal.
func agreePlots(a agreement, width int) string {
	var b strings.Builder
	for _, m := range a.Measures {
		fmt.Fprintf(&b, "\n  %s: device − reference\n\n%s", strings.TrimSuffix(m.Label+", "+m.Unit, ", "), m.picture("").Text(min(max(width, 40), 100), 13))
	}
	return b.String()
}
