package main

import (
	"fmt"
	"runtime"
	"time"

	"dvala/edf"
	"dvala/fault"
	"dvala/signal"
	"dvala/signal/eeg"
	"dvala/signal/heart"
	"dvala/sleep"
)

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
	rows, err := f.Timeline(brain, runtime.GOMAXPROCS(0)) // at once: a pass over the file for each would cost more
	if err != nil {
		return r, err
	}
	errs := make([]error, len(brain)+1)
	tickets := make(chan struct{}, runtime.GOMAXPROCS(0))
	done := make(chan int)
	for k, i := range brain {
		go func() {
			tickets <- struct{}{}
			r.Channels[k], errs[k] = cmd.channel(h, i, rows[k], s)
			rows[k] = nil
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

// channel measures one channel; raw is turned into µV.
func (cmd *SignalsCmd) channel(h edf.Header, i int, raw []float64, s staged) (channelReport, error) {
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
	var err error
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
