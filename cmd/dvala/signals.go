package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/edf"
	"dvala/edf/annot"
	"dvala/fault"
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

// staged is a hypnogram and where it lies on the signal.
type staged struct {
	kind   string
	h      sleep.Hypnogram
	offset time.Duration
}

// scoring reads the hypnogram and puts it to the signal's time.
func (cmd *SignalsCmd) scoring(p *Program, f *edf.File) (staged, error) {
	var s staged
	name := cmd.Hypnogram
	if name == "" {
		notes, _, err := f.Annotations()
		if err != nil {
			return s, named(err, cmd.File)
		}
		h, warnings, err := edf.Hypnogram(f.Header(), notes, edf.Standard(), cmd.epoch(), time.UTC)
		if fault.CodeOf(err) == "edf-no-stages" {
			fmt.Fprintln(p.Stderr, fault.New("signals-no-stages", "", "no stages: the whole record is measured as one").
				WithHint("--hypnogram FILE says which stage is when").AsWarning().In(cmd.File).Text())
			return s, nil
		}
		if err != nil {
			return s, named(err, cmd.File)
		}
		s.kind, s.h, name = string(f.Header().Format), h, cmd.File
		cmd.warn(p, name, warnings)
	} else {
		found, warnings, err := cmd.readHypnogram(name)
		cmd.warn(p, name, warnings)
		if err != nil {
			return s, named(err, name)
		}
		s = found
	}
	return s, cmd.align(p, f, &s)
}

func (cmd *SignalsCmd) warn(p *Program, name string, l fault.List) {
	for _, w := range l {
		fmt.Fprintln(p.Stderr, w.In(name).Text())
	}
}

func (cmd *SignalsCmd) epoch() time.Duration {
	if cmd.Epoch > 0 {
		return cmd.Epoch
	}
	return 30 * time.Second
}

// align finds out when the first epoch begins, after the first sample.
func (cmd *SignalsCmd) align(p *Program, f *edf.File, s *staged) error {
	if cmd.Offset != nil {
		s.offset = time.Duration(*cmd.Offset * float64(time.Second))
		return nil
	}
	begin, ok := f.Header().Start(time.UTC)
	if st := f.Stretches(); len(st) > 0 {
		begin = begin.Add(st[0].From)
	}
	start, ok2 := s.h.Start()
	if ok && !ok2 {
		var err error
		s.h, err = s.h.StartingAt(begin) // so that figures show the clock
		return err
	}
	if !ok || !ok2 {
		return nil
	}
	// Neither file may know its zone: what both told is what a clock showed.
	wall := time.Date(start.Year(), start.Month(), start.Day(), start.Hour(), start.Minute(), start.Second(), start.Nanosecond(), time.UTC)
	s.offset = wall.Sub(begin)
	length := time.Duration(f.Records()) * f.Header().RecordDuration
	if s.offset >= length || -s.offset >= s.h.Duration() {
		return fault.New("signals-apart", "", "the stages begin %v, the record %v: they do not meet", wall.Format(time.DateTime), begin.Format(time.DateTime)).
			WithHint("--offset 0 puts the first epoch to the first sample")
	}
	if s.offset != 0 {
		fmt.Fprintf(p.Stderr, "%s: the first epoch begins %v after the first sample, by the clocks of both files\n", cmd.Hypnogram, s.offset)
	}
	return nil
}

// readHypnogram reads stages of any kind.
func (cmd *SignalsCmd) readHypnogram(name string) (staged, fault.List, error) {
	in, err := os.Open(name)
	if err != nil {
		return staged{}, nil, openFault(err)
	}
	defer in.Close()
	b := bufio.NewReaderSize(in, 1<<16)
	head, err := b.Peek(4096)
	if err != nil && err != io.EOF {
		return staged{}, nil, openFault(err)
	}
	opt, err := (&ScoreCmd{Map: cmd.Map, Epoch: cmd.Epoch}).options()
	if err != nil {
		return staged{}, nil, err
	}
	if annot.Kind(head) != "" {
		o := annot.Options{Epoch: cmd.Epoch}
		if m := opt.layout.Map; m != nil {
			o.Numbers = map[string]sleep.Stage{}
			for n := -9; n < 20; n++ {
				if s, ok := m.Stage(strconv.Itoa(n)); ok {
					o.Numbers[strconv.Itoa(n)] = s
				}
			}
		}
		s, warnings, err := annot.Read(b, o)
		if err != nil {
			return staged{}, warnings, err
		}
		h, more, err := s.Hypnogram(time.UTC)
		return staged{kind: s.Dialect, h: h}, append(warnings, more...), err
	}
	found, warnings, err := recognise(b, opt)
	switch {
	case err != nil:
		return staged{}, warnings, err
	case len(found) != 1:
		return staged{}, warnings, fault.New("signals-nights", "", "%d nights for one record", len(found)).WithHint("give a file with one night")
	}
	return staged{kind: found[0].Kind, h: found[0].Hypnogram}, warnings, nil
}

var (
	looksEEG  = regexp.MustCompile(`(?i)^(eeg\b|eeg |(fp[12z]|af[3478z]|f[1-8z]|fc[1-6z]|c[1-6z]|cp[1-6z]|p[1-8z]|po[3478z]|o[12z]|t[3-8])([ ._/:-]|$))`)
	looksECG  = regexp.MustCompile(`(?i)\b(ecg|ekg)`)
	otherwise = regexp.MustCompile(`(?i)eog|emg|ecg|ekg|chin|leg`)
)

// pick chooses the channels.
func (cmd *SignalsCmd) pick(h edf.Header) (brain []int, ecg int, err error) {
	ecg = -1
	usable := func(s edf.Signal) bool {
		rate, ok := s.Rate(h)
		_, _, scale := s.Scale()
		return ok && scale && rate >= 50
	}
	for _, want := range cmd.Channel {
		n := len(brain)
		for i, s := range h.Signals {
			if strings.Contains(strings.ToLower(s.Label), strings.ToLower(want)) && !slices.Contains(brain, i) && !s.IsAnnotations() {
				brain = append(brain, i)
			}
		}
		if n == len(brain) {
			return nil, -1, noChannel(h, want)
		}
	}
	for i, s := range h.Signals {
		switch {
		case !usable(s):
		case cmd.ECG != "" && strings.Contains(strings.ToLower(s.Label), strings.ToLower(cmd.ECG)), cmd.ECG == "" && looksECG.MatchString(s.Label):
			if ecg < 0 {
				ecg = i
			}
		case cmd.Channel == nil && looksEEG.MatchString(s.Label) && !otherwise.MatchString(s.Label):
			if _, ok := s.Microvolts(); ok {
				brain = append(brain, i)
			}
		}
	}
	if cmd.ECG != "" && ecg < 0 {
		return nil, -1, noChannel(h, cmd.ECG)
	}
	if len(brain) == 0 && ecg < 0 {
		return nil, -1, noChannel(h, "EEG")
	}
	return brain, ecg, nil
}

func noChannel(h edf.Header, want string) error {
	var labels []string
	for _, s := range h.Signals {
		labels = append(labels, s.Label)
	}
	return fault.New("signals-channel", "", "no channel %q that can be measured", want).WithHint("the file has %s; --channel names those to take", strings.Join(labels, ", "))
}

// stagesShown are the rows of tables by stage; without a hypnogram there is one.
func (s staged) stagesShown() []sleep.Stage {
	if s.h.IsEmpty() {
		return []sleep.Stage{sleep.Unscored}
	}
	var out []sleep.Stage
	for _, st := range sleep.Stages() {
		if st != sleep.Unscored && s.h.Count(st) > 0 {
			out = append(out, st)
		}
	}
	return out
}

// measure reads and measures all channels, as many at a time as there are
// processors.
func (cmd *SignalsCmd) measure(p *Program, f *edf.File, s staged) (signalsReport, error) {
	h := f.Header()
	brain, ecg, err := cmd.pick(h)
	if err != nil {
		return signalsReport{}, err
	}
	r := signalsReport{File: cmd.File, Scoring: s.kind, OffsetS: s.offset.Seconds(), Hypnogram: s.h, Channels: make([]channelReport, len(brain))}
	if t, ok := h.Start(time.UTC); ok {
		r.Start = t.Format(time.DateTime)
	}
	for _, b := range signal.Bands() {
		r.Bands = append(r.Bands, map[string]any{"name": b.Name, "low_hz": b.Low, "high_hz": b.High})
	}
	errs := make([]error, len(brain)+1)
	tickets := make(chan struct{}, runtime.GOMAXPROCS(0))
	done := make(chan int)
	for k, i := range brain {
		go func() {
			tickets <- struct{}{}
			r.Channels[k], errs[k] = cmd.channel(f, i, s)
			<-tickets
			done <- k
		}()
	}
	if ecg >= 0 {
		r.HeartLabel = h.Signals[ecg].Label
		r.Heart, r.Beats, errs[len(brain)] = heartOf(f, ecg, s)
	}
	for range brain {
		<-done
	}
	good := r.Channels[:0]
	for k, c := range r.Channels {
		if errs[k] != nil {
			fmt.Fprintln(p.Stderr, fault.Text(named(errs[k], cmd.File)))
			continue
		}
		good = append(good, c)
	}
	r.Channels = good
	if len(good) < len(brain) && len(good) == 0 {
		return r, errPrinted
	}
	return r, errs[len(brain)]
}

// channel measures one channel.
func (cmd *SignalsCmd) channel(f *edf.File, i int, s staged) (channelReport, error) {
	h := f.Header()
	sig := h.Signals[i]
	rate, _ := sig.Rate(h)
	place := func(err error) error {
		var l fault.List
		l.Merge("signals", sig.Label, err)
		for _, one := range l {
			if one.Place == "" {
				one.Place = sig.Label
			}
		}
		return l.Err()
	}
	factor, ok := sig.Microvolts()
	if !ok {
		return channelReport{}, fault.New("eeg-unit", sig.Label, "the unit is %q, not one of voltage", sig.Unit)
	}
	rows, err := f.Timeline([]int{i}, 1)
	if err != nil {
		return channelReport{}, place(err)
	}
	raw := rows[0]
	if factor != 1 {
		for k := range raw {
			raw[k] *= factor
		}
	}
	c := channelReport{Label: sig.Label, RateHz: rate, Power: []stagePower{}, Spindles: []eeg.SpindleSummary{}, SlowWaves: []eeg.SlowWaveSummary{}}
	var stageAt func(float64) sleep.Stage
	if !s.h.IsEmpty() {
		stageAt = func(t float64) sleep.Stage { st, _ := eeg.StageAt(s.h, s.offset, t); return st }
	}
	c.Artefacts = append([]eeg.Mark{}, eeg.Artefacts(raw, rate, eeg.DefaultArtefacts(), stageAt)...)
	x, _ := signal.Bridge(raw)
	if err := c.powers(x, s); err != nil {
		return c, place(err)
	}
	if c.spectrogram, err = signal.NewSpectrogram(raw, rate, 30, signal.WelchParams{Window: signal.Hann, Average: signal.Mean}); err != nil {
		return c, place(err)
	}
	return c, place(c.events(x, s, cmd.Events))
}

// clean gives where a stage is, less what is artefact.
func (c *channelReport) clean(n int, s staged, stages ...sleep.Stage) []signal.Range {
	if s.h.IsEmpty() {
		return eeg.Without([]signal.Range{{From: 0, To: n}}, c.Artefacts, c.RateHz)
	}
	return eeg.Without(eeg.Stretches(s.h, n, c.RateHz, s.offset, stages...), c.Artefacts, c.RateHz)
}

func (c *channelReport) powers(x []float64, s staged) error {
	for _, st := range s.stagesShown() {
		ranges := c.clean(len(x), s, st)
		sp, err := signal.WelchRanges(x, c.RateHz, ranges, signal.WelchParams{})
		if fault.CodeOf(err) == "welch-short" {
			continue
		}
		if err != nil {
			return err
		}
		total, ok := sp.Power(signal.Whole(signal.Bands()))
		if !ok || !(total > 0) {
			continue
		}
		row := stagePower{Stage: st, Segments: sp.Segments, TotalUV2: total}
		for _, r := range ranges {
			row.Minutes += float64(r.To-r.From) / c.RateHz / 60
		}
		for _, b := range signal.Bands() {
			p, _ := sp.Power(b)
			row.BandUV2, row.Share = append(row.BandUV2, p), append(row.Share, p/total)
		}
		c.Power = append(c.Power, row)
	}
	return nil
}

// events finds spindles and slow waves in N2 and N3, or everywhere without a
// hypnogram, outside artefacts.
func (c *channelReport) events(x []float64, s staged, keep bool) error {
	mask := make([]bool, len(x))
	minutes := map[sleep.Stage]float64{}
	look := []sleep.Stage{sleep.N2, sleep.N3}
	if s.h.IsEmpty() {
		look = []sleep.Stage{sleep.Unscored}
	}
	for _, st := range look {
		for _, r := range c.clean(len(x), s, st) {
			minutes[st] += float64(r.To-r.From) / c.RateHz / 60
			for i := r.From; i < r.To; i++ {
				mask[i] = true
			}
		}
	}
	spindles, err := eeg.Spindles(x, c.RateHz, mask, eeg.DefaultSpindles())
	if err != nil {
		return err
	}
	p := eeg.DefaultSlowWaves()
	p.Coupling = eeg.DefaultCoupling()
	waves, err := eeg.SlowWaves(x, c.RateHz, mask, p)
	if err != nil {
		return err
	}
	if !s.h.IsEmpty() {
		eeg.StageSpindles(spindles, s.h, s.offset)
		eeg.StageSlowWaves(waves, s.h, s.offset)
	}
	for _, st := range look {
		if minutes[st] > 0 {
			c.Spindles = append(c.Spindles, eeg.SummariseSpindles(spindles, st, minutes[st]))
			c.SlowWaves = append(c.SlowWaves, eeg.SummariseSlowWaves(waves, st, minutes[st]))
		}
	}
	if keep {
		c.Spindle, c.SlowWave = spindles, waves
	}
	return nil
}

// heartOf finds the beats and measures them by stage.
func heartOf(f *edf.File, i int, s staged) ([]heartReport, int, error) {
	h := f.Header()
	rate, _ := h.Signals[i].Rate(h)
	rows, err := f.Timeline([]int{i}, 1)
	if err != nil {
		return nil, 0, err
	}
	x, _ := signal.Bridge(rows[0])
	beats, err := heart.Beats(x, rate)
	if err != nil {
		return nil, 0, err
	}
	intervals, err := heart.Intervals(beats)
	if err != nil {
		return nil, 0, err
	}
	if s.h.IsEmpty() {
		return []heartReport{{sleep.Unscored, heart.Measure(intervals)}}, len(beats), nil
	}
	by := heart.ByStage(intervals, s.h, s.offset)
	var out []heartReport
	for _, st := range s.stagesShown() {
		if m, ok := by[st]; ok {
			out = append(out, heartReport{st, m})
		}
	}
	return out, len(beats), nil
}
