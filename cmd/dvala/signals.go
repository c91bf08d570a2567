package main

import (
	"fmt"
	"time"

	"dvala/signal"
	"dvala/signal/eeg"
	"dvala/signal/heart"
	"dvala/sleep"
)

// SignalsCmd measures what the electrodes recorded, by sleep stage: power in
// bands, spindles, slow waves and how sigma sits on them, heart rate and its
// variability.
type SignalsCmd struct {
	File string `arg:"" type:"path" help:"EDF, EDF+, BDF or BDF+."`

	Hypnogram string        `type:"path" placeholder:"FILE" help:"The stages: EDF+, NSRR or Profusion XML, Noxturnal, a table or a list of epochs. Without it those in the file itself."`
	Map       string        `placeholder:"NAME|0=W,1=N1,…" help:"What the codes of a table or a list mean, as for score."`
	Epoch     time.Duration `placeholder:"30s" help:"Length of an epoch, where the hypnogram does not say."`
	Offset    *float64      `placeholder:"SECONDS" help:"When the first epoch begins, after the first record. Without it by the clocks of both files, or at once."`
	Channel   []string      `placeholder:"LABEL" help:"EEG channels, by label or a part of it; without it all that look like EEG."`
	ECG       string        `placeholder:"LABEL" help:"Channel with the heart; without it the one that looks like it, or none."`
	Events    bool          `help:"Tell every spindle and slow wave too (json and csv)."`
	Format    string        `enum:"text,json,csv,html" default:"text" help:"text, json, csv or html."`
}

// signalsReport is what signals found, for programs.
type signalsReport struct {
	File       string           `json:"file"`
	Start      string           `json:"start,omitempty"`
	Scoring    string           `json:"scoring,omitempty"` // kind of the hypnogram
	OffsetS    float64          `json:"offset_s"`
	Hypnogram  sleep.Hypnogram  `json:"hypnogram"`
	Channels   []channelReport  `json:"channels"`
	Heart      []heartReport    `json:"heart,omitempty"`
	Beats      int              `json:"beats,omitempty"`
	HeartLabel string           `json:"heart_channel,omitempty"`
	Bands      []map[string]any `json:"bands"`
}

type channelReport struct {
	Label     string                `json:"label"`
	RateHz    float64               `json:"rate_hz"`
	Artefacts []eeg.Mark            `json:"artefacts"`
	Power     []stagePower          `json:"power"`
	Spindles  []eeg.SpindleSummary  `json:"spindles"`
	SlowWaves []eeg.SlowWaveSummary `json:"slow_waves"`
	Spindle   []eeg.Spindle         `json:"spindle_events,omitempty"`
	SlowWave  []eeg.SlowWave        `json:"slow_wave_events,omitempty"`

	spectrogram signal.Spectrogram
}

// stagePower is the power of one stage in the bands of signal.Bands.
type stagePower struct {
	Stage    sleep.Stage `json:"stage"`
	Minutes  float64     `json:"minutes"`
	Segments int         `json:"segments"`
	TotalUV2 float64     `json:"total_uv2"`
	BandUV2  []float64   `json:"band_uv2"`
	Share    []float64   `json:"share"`
}

type heartReport struct {
	Stage sleep.Stage `json:"stage"`
	heart.Measures
}

// Run measures the file and prints.
func (cmd *SignalsCmd) Run(p *Program) error {
	f, closer, err := openEDF(cmd.File)
	if err != nil {
		return named(err, cmd.File)
	}
	defer closer.Close()
	for _, w := range f.Warnings() {
		fmt.Fprintln(p.Stderr, w.In(cmd.File).Text())
	}
	scoring, err := cmd.scoring(p, f)
	if err != nil {
		return err
	}
	r, err := cmd.measure(p, f, scoring)
	if err != nil {
		return named(err, cmd.File)
	}
	switch cmd.Format {
	case "json":
		return writeJSON(p.Stdout, r)
	case "csv":
		return signalsCSV(p.Stdout, r, cmd.Events)
	case "html":
		return signalsHTML(p.Stdout, r)
	}
	return signalsText(p.Stdout, r)
}
