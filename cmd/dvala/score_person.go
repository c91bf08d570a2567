package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"dvala/report/figure"
	"dvala/sleep"
)

// personReport is what the nights of one person say together.
type personReport struct {
	Nights  []scored              `json:"nights"`
	Means   []sleep.Spread        `json:"means"`
	Timing  *sleep.Timing         `json:"timing,omitempty"` // of the nights whose clock is known
	Quality []sleep.WeekCriterion `json:"quality"`
	dated   []sleep.Night
}

// together sums up the nights of one person. Two nights of one date are a
// problem: it cannot know which counts.
func together(nights []scored, age *int) (personReport, error) {
	out := personReport{Nights: nights}
	var all []sleep.Architecture
	var criteria [][]sleep.Criterion
	var dated []sleep.Night
	for _, n := range nights {
		all = append(all, n.Architecture)
		criteria = append(criteria, sleep.QualityOf(n.Architecture, sleep.Sleeper{AgeYears: age}))
		date, ok := sleep.DateOf(n.Hypnogram)
		if !ok {
			continue
		}
		end, _ := n.Hypnogram.End()
		night := sleep.Night{Date: date, Zone: cmp.Or(n.zone, sleep.OffsetZone(end)), Status: sleep.Worn, Main: n.Hypnogram, Naps: n.Naps, Source: sleep.Provenance{Vendor: n.Kind}}
		if !n.lights.Off.IsZero() {
			night.LightsOff = &n.lights.Off
		}
		if !n.lights.On.IsZero() {
			night.LightsOn = &n.lights.On
		}
		made, err := sleep.NewNight(night)
		if err != nil {
			return personReport{}, err
		}
		dated = append(dated, made)
	}
	out.Means, out.Quality, out.dated = sleep.Spreads(all), sleep.QualityOfWeek(criteria), dated
	if len(dated) > 0 {
		timing, err := sleep.TimingOf(dated, nil)
		if err != nil {
			return personReport{}, err
		}
		out.Timing = &timing
	}
	return out, nil
}

// personText prints the nights under each other, means, timing and criteria.
func personText(p *Program, r personReport) error {
	w := p.Stdout
	shown := []string{"tst_min", "sol_min", "waso_spt_min", "se_tib_pct", "awakenings", "light_min", "n3_min", "rem_min", "cycles"}
	fmt.Fprintf(w, "\nover %s\n\n", plural(len(r.Nights), "night"))
	if len(r.dated) > 1 {
		fmt.Fprintln(w, figure.Raster{Nights: r.dated}.Text(min(max(p.Width, 40), 120), p.Color))
	}
	for _, m := range r.Means {
		if !slices.Contains(shown, m.Name) {
			continue
		}
		sd := "–"
		if m.SD != nil {
			sd = figure.Fixed(*m.SD, 1)
		}
		fmt.Fprintf(w, "  %-46s %9s %s (SD %s, n %d)\n", m.Label, figure.Fixed(m.Mean, 1), m.Unit, sd, m.N)
	}
	if r.Timing != nil {
		timingText(w, *r.Timing)
	}
	fmt.Fprintf(w, "\n  %-70s %5s %5s %5s %5s\n", "criterion, nights", "met", "not", "open", "?")
	for _, c := range r.Quality {
		fmt.Fprintf(w, "  %-70s %5d %5d %5d %5d\n", c.Asks, c.Met, c.NotMet, c.Undecided, c.Unknown)
	}
	_, err := fmt.Fprintln(w)
	return err
}

func timingText(w io.Writer, t sleep.Timing) {
	fmt.Fprintln(w)
	for _, r := range timingRows(t) {
		note := r[2]
		if note != "" {
			note = "(" + note + ")"
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-46s %9s %s", r[0], r[1], note), " "))
	}
}

// timingRows tells when sleep was: what, its value, and what it rests on.
func timingRows(t sleep.Timing) [][3]string {
	out := [][3]string{
		{"falls asleep at", clockText(t.OnsetH), ""},
		{"midsleep", clockText(t.MidsleepH), "SD " + hoursText(t.MidsleepSD)},
		{"wakes at", clockText(t.EndH), ""},
		{"social jetlag", hoursText(t.JetlagH), fmt.Sprintf("%d work and %d free nights", t.WorkNights, t.FreeNights)},
		{"composite phase deviation", hoursText(t.CPDH), plural(t.CPDN, "night")},
	}
	sri := "–"
	if t.SRI != nil {
		sri = figure.Fixed(*t.SRI, 1)
	}
	out = append(out, [3]string{"sleep regularity index", sri, fmt.Sprintf("%s with at most 6 h unknown; five are needed", plural(t.Days, "day"))})
	if t.Rhythm != nil {
		out = append(out, [3]string{"interdaily stability", figure.Fixed(t.Rhythm.IS, 2), ""}, [3]string{"intradaily variability", figure.Fixed(t.Rhythm.IV, 2), ""})
	}
	return out
}

// clockText writes hours after midnight as a clock does.
func clockText(h *float64) string {
	if h == nil {
		return "–"
	}
	m := int(*h*60+0.5) % (24 * 60)
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

// hoursText writes a length in hours and minutes.
func hoursText(h *float64) string {
	if h == nil {
		return "–"
	}
	sign, m := "", int(*h*60+0.5)
	if *h < 0 {
		sign, m = "−", int(-*h*60+0.5)
	}
	return fmt.Sprintf("%s%d:%02d h", sign, m/60, m%60)
}
