package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"dvala/report/figure"
	"dvala/signal"
	"dvala/signal/eeg"
	"dvala/sleep"
)

// signalTable is one table of the report, for text and pages alike.
type signalTable struct {
	title string
	head  []string
	rows  [][]string
}

// stageCell names a stage, or all of an unscored record.
func stageCell(s sleep.Stage) string {
	if s == sleep.Unscored {
		return "all"
	}
	return s.String()
}

func decimals(v *float64, n int) string {
	if v == nil {
		return figure.Dash
	}
	return figure.Fixed(*v, n)
}

func (c channelReport) tables() []signalTable {
	power := signalTable{title: "Power, % of 0.5–40 Hz", head: []string{"stage", "min", "µV²"}}
	for _, b := range signal.Bands() {
		power.head = append(power.head, fmt.Sprintf("%s %g–%g", b.Name, b.Low, b.High))
	}
	for _, p := range c.Power {
		row := []string{stageCell(p.Stage), figure.Fixed(p.Minutes, 1), figure.Three(p.TotalUV2)}
		for _, v := range p.Share {
			row = append(row, figure.Fixed(100*v, 1))
		}
		power.rows = append(power.rows, row)
	}
	spindles := signalTable{title: "Spindles", head: []string{"stage", "min", "n", "per min", "s", "µV", "Hz", "oscillations", "symmetry"}}
	for _, s := range c.Spindles {
		spindles.rows = append(spindles.rows, []string{
			stageCell(s.Stage), figure.Fixed(s.Minutes, 1), figure.Int(s.N), figure.Fixed(s.DensityPerM, 2), decimals(s.DurationS, 2), decimals(s.AmplitudeUV, 1),
			decimals(s.FrequencyHz, 2), decimals(s.Oscillations, 1), decimals(s.Symmetry, 2),
		})
	}
	waves := signalTable{title: "Slow waves", head: []string{"stage", "min", "n", "per min", "s", "µV", "µV/s", "Hz", "sigma peaks at", "vector", "strength"}}
	for _, s := range c.SlowWaves {
		phase, length := figure.Dash, figure.Dash
		if s.Phase != nil && s.Phase.N > 1 { // one wave prefers its own phase
			phase, length = figure.Fixed(s.Phase.MeanRad*180/math.Pi, 0)+"°", figure.Fixed(s.Phase.VectorLen, 2)
		}
		waves.rows = append(waves.rows, []string{
			stageCell(s.Stage), figure.Fixed(s.Minutes, 1), figure.Int(s.N), figure.Fixed(s.DensityPerM, 2), decimals(s.DurationS, 2), decimals(s.PeakToPeakUV, 1),
			decimals(s.SlopeUVPerS, 0), decimals(s.FrequencyHz, 2), phase, length, decimals(s.Strength, 2),
		})
	}
	return []signalTable{power, spindles, waves}
}

func (r signalsReport) heartTable() signalTable {
	t := signalTable{title: fmt.Sprintf("Heart, %s: %s beats", r.HeartLabel, figure.Int(r.Beats)), head: []string{"stage", "intervals", "normal", "bpm", "SDNN ms", "RMSSD ms", "pNN50 %", "LF ms²", "HF ms²", "LF/HF"}}
	for _, h := range r.Heart {
		share := figure.Dash
		if h.Intervals > 0 {
			share = figure.Percent(float64(h.Normal)/float64(h.Intervals), h.Intervals)
		}
		t.rows = append(t.rows, []string{
			stageCell(h.Stage), figure.Int(h.Intervals), share, decimals(h.RateBPM, 1), decimals(h.SDNNMS, 1), decimals(h.RMSSDMS, 1),
			decimals(h.PNN50Pct, 1), decimals(h.LFMS2, 0), decimals(h.HFMS2, 0), decimals(h.LFHF, 2),
		})
	}
	return t
}

// artefactText says how much of a channel is marked, and why.
func (c channelReport) artefactText() string {
	if len(c.Artefacts) == 0 {
		return "no artefacts marked"
	}
	seconds := map[eeg.Reason]float64{}
	for _, m := range c.Artefacts {
		seconds[m.Reason] += m.EndS - m.StartS
	}
	var parts []string
	for _, reason := range []eeg.Reason{eeg.Missing, eeg.Flat, eeg.Clipped, eeg.Outlier} {
		if s := seconds[reason]; s > 0 {
			parts = append(parts, fmt.Sprintf("%g s %s", s, reason))
		}
	}
	return "left out as artefact: " + strings.Join(parts, ", ")
}

func signalsText(w io.Writer, r signalsReport) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", filepath.Base(r.File))
	if r.Start != "" {
		fmt.Fprintf(&b, ", from %s", r.Start)
	}
	if !r.Hypnogram.IsEmpty() {
		fmt.Fprintf(&b, ", %d epochs of %v (%s)", r.Hypnogram.Len(), r.Hypnogram.Epoch(), r.Scoring)
	}
	b.WriteString("\n")
	for _, c := range r.Channels {
		fmt.Fprintf(&b, "\n%s, %g Hz: %s\n", c.Label, c.RateHz, c.artefactText())
		for _, t := range c.tables() {
			t.text(&b)
		}
	}
	if r.HeartLabel != "" {
		b.WriteString("\n")
		r.heartTable().text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t signalTable) text(b *strings.Builder) {
	fmt.Fprintf(b, "  %s\n", t.title)
	if len(t.rows) == 0 {
		b.WriteString("    none\n")
		return
	}
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, row := range append([][]string{t.head}, t.rows...) {
		fmt.Fprintf(w, "  %s\t\n", strings.Join(row, "\t"))
	}
	w.Flush()
}

// signalsCSV writes one measure a line, and one event a line if asked.
func signalsCSV(w io.Writer, r signalsReport, events bool) error {
	out := csv.NewWriter(w)
	write := func(channel string, stage sleep.Stage, measure string, v *float64) {
		if v != nil {
			out.Write([]string{channel, stageCell(stage), measure, strconv.FormatFloat(*v, 'g', -1, 64)})
		}
	}
	number := func(v float64) *float64 { return &v }
	out.Write([]string{"channel", "stage", "measure", "value"})
	for _, c := range r.Channels {
		for _, p := range c.Power {
			write(c.Label, p.Stage, "minutes", number(p.Minutes))
			write(c.Label, p.Stage, "total_uv2", number(p.TotalUV2))
			for i, b := range signal.Bands() {
				write(c.Label, p.Stage, b.Name+"_uv2", number(p.BandUV2[i]))
				write(c.Label, p.Stage, b.Name+"_share", number(p.Share[i]))
			}
		}
		for _, s := range c.Spindles {
			write(c.Label, s.Stage, "spindle_n", number(float64(s.N)))
			write(c.Label, s.Stage, "spindle_density_per_min", number(s.DensityPerM))
			write(c.Label, s.Stage, "spindle_duration_s", s.DurationS)
			write(c.Label, s.Stage, "spindle_amplitude_uv", s.AmplitudeUV)
			write(c.Label, s.Stage, "spindle_frequency_hz", s.FrequencyHz)
			write(c.Label, s.Stage, "spindle_oscillations", s.Oscillations)
			write(c.Label, s.Stage, "spindle_symmetry", s.Symmetry)
		}
		for _, s := range c.SlowWaves {
			write(c.Label, s.Stage, "slow_wave_n", number(float64(s.N)))
			write(c.Label, s.Stage, "slow_wave_density_per_min", number(s.DensityPerM))
			write(c.Label, s.Stage, "slow_wave_duration_s", s.DurationS)
			write(c.Label, s.Stage, "slow_wave_peak_to_peak_uv", s.PeakToPeakUV)
			write(c.Label, s.Stage, "slow_wave_slope_uv_per_s", s.SlopeUVPerS)
			write(c.Label, s.Stage, "slow_wave_frequency_hz", s.FrequencyHz)
			write(c.Label, s.Stage, "coupling_strength", s.Strength)
			if s.Phase != nil {
				write(c.Label, s.Stage, "coupling_phase_rad", &s.Phase.MeanRad)
				write(c.Label, s.Stage, "coupling_vector_length", &s.Phase.VectorLen)
			}
		}
		if events {
			for _, s := range c.Spindle {
				write(c.Label, s.Stage, "spindle_at_s", &s.StartS)
			}
			for _, s := range c.SlowWave {
				write(c.Label, s.Stage, "slow_wave_at_s", &s.TroughS)
			}
		}
	}
	for _, h := range r.Heart {
		for _, m := range []struct {
			name string
			v    *float64
		}{
			{"heart_rate_bpm", h.RateBPM},
			{"sdnn_ms", h.SDNNMS},
			{"rmssd_ms", h.RMSSDMS},
			{"pnn50_pct", h.PNN50Pct},
			{"lf_ms2", h.LFMS2},
			{"hf_ms2", h.HFMS2},
			{"lf_hf", h.LFHF},
		} {
			write(r.HeartLabel, h.Stage, m.name, m.v)
		}
	}
	out.Flush()
	return out.Error()
}
