package eeg

import (
	"time"

	"dvala/signal"
	"dvala/sleep"
)

// SpindleSummary is the spindles of one stage.
type SpindleSummary struct {
	Stage        sleep.Stage `json:"stage"`
	Minutes      float64     `json:"minutes"` // of that stage
	N            int         `json:"n"`
	DensityPerM  float64     `json:"density_per_min"`
	DurationS    *float64    `json:"duration_s,omitempty"` // means, absent without spindles
	AmplitudeUV  *float64    `json:"amplitude_uv,omitempty"`
	SigmaUV      *float64    `json:"sigma_amplitude_uv,omitempty"`
	FrequencyHz  *float64    `json:"frequency_hz,omitempty"`
	Oscillations *float64    `json:"oscillations,omitempty"`
	Symmetry     *float64    `json:"symmetry,omitempty"`
}

// SlowWaveSummary is the slow waves of one stage.
type SlowWaveSummary struct {
	Stage        sleep.Stage   `json:"stage"`
	Minutes      float64       `json:"minutes"`
	N            int           `json:"n"`
	DensityPerM  float64       `json:"density_per_min"`
	DurationS    *float64      `json:"duration_s,omitempty"`
	PeakToPeakUV *float64      `json:"peak_to_peak_uv,omitempty"`
	TroughUV     *float64      `json:"trough_uv,omitempty"`
	SlopeUVPerS  *float64      `json:"slope_uv_per_s,omitempty"`
	FrequencyHz  *float64      `json:"frequency_hz,omitempty"`
	Symmetry     *float64      `json:"symmetry,omitempty"`
	Strength     *float64      `json:"coupling_strength,omitempty"`
	Phase        *PhaseSummary `json:"coupling_phase,omitempty"`
}

// StageSpindles tells each spindle the stage it begins in.
func StageSpindles(s []Spindle, h sleep.Hypnogram, offset time.Duration) {
	for i := range s {
		s[i].Stage, _ = StageAt(h, offset, s[i].StartS)
	}
}

// StageSlowWaves tells each slow wave the stage its trough lies in.
func StageSlowWaves(s []SlowWave, h sleep.Hypnogram, offset time.Duration) {
	for i := range s {
		s[i].Stage, _ = StageAt(h, offset, s[i].TroughS)
	}
}

// Minutes gives how long the signal and the stage coincide.
func Minutes(h sleep.Hypnogram, n int, rate float64, offset time.Duration, s sleep.Stage) float64 {
	samples := 0
	for _, r := range Stretches(h, n, rate, offset, s) {
		samples += r.To - r.From
	}
	return float64(samples) / rate / 60
}

// SummariseSpindles gives one stage's count, density and means; minutes is how
// much of the stage was looked at.
func SummariseSpindles(all []Spindle, s sleep.Stage, minutes float64) SpindleSummary {
	out := SpindleSummary{Stage: s, Minutes: minutes}
	var mine []Spindle
	for _, e := range all {
		if e.Stage == s {
			mine = append(mine, e)
		}
	}
	out.N, out.DensityPerM = len(mine), perMinute(len(mine), minutes)
	out.DurationS = mean(mine, func(e Spindle) float64 { return e.DurationS })
	out.AmplitudeUV = mean(mine, func(e Spindle) float64 { return e.AmplitudeUV })
	out.SigmaUV = mean(mine, func(e Spindle) float64 { return e.SigmaUV })
	out.FrequencyHz = mean(mine, func(e Spindle) float64 { return e.FrequencyHz })
	out.Oscillations = mean(mine, func(e Spindle) float64 { return float64(e.Oscillations) })
	out.Symmetry = mean(mine, func(e Spindle) float64 { return e.Symmetry })
	return out
}

// SummariseSlowWaves is SummariseSpindles for slow waves, with the phase at
// which sigma peaks.
func SummariseSlowWaves(all []SlowWave, s sleep.Stage, minutes float64) SlowWaveSummary {
	out := SlowWaveSummary{Stage: s, Minutes: minutes}
	var mine, coupled []SlowWave
	var phases []float64
	for _, e := range all {
		if e.Stage != s {
			continue
		}
		mine = append(mine, e)
		if e.Coupling != nil {
			coupled = append(coupled, e)
			phases = append(phases, e.Coupling.PhaseRad)
		}
	}
	out.N, out.DensityPerM = len(mine), perMinute(len(mine), minutes)
	out.DurationS = mean(mine, func(e SlowWave) float64 { return e.DurationS })
	out.PeakToPeakUV = mean(mine, func(e SlowWave) float64 { return e.PeakToPeakUV })
	out.TroughUV = mean(mine, func(e SlowWave) float64 { return e.TroughUV })
	out.SlopeUVPerS = mean(mine, func(e SlowWave) float64 { return e.SlopeUVPerS })
	out.FrequencyHz = mean(mine, func(e SlowWave) float64 { return e.FrequencyHz })
	out.Symmetry = mean(mine, func(e SlowWave) float64 { return e.Symmetry })
	out.Strength = mean(coupled, func(e SlowWave) float64 { return e.Coupling.Strength })
	if p, ok := Phases(phases); ok {
		out.Phase = &p
	}
	return out
}

// perMinute is 0 of no time: nothing was found where nothing was looked at.
func perMinute(n int, minutes float64) float64 {
	if minutes <= 0 {
		return 0
	}
	return float64(n) / minutes
}

func mean[E any](all []E, of func(E) float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	sum := 0.0
	for _, e := range all {
		sum += of(e)
	}
	sum /= float64(len(all))
	return &sum
}

// Without gives the ranges less the marked stretches.
func Without(ranges []signal.Range, marks []Mark, rate float64) []signal.Range {
	var out []signal.Range
	for _, r := range ranges {
		at := r.From
		for _, m := range marks {
			from, to := int(m.StartS*rate+0.5), int(m.EndS*rate+0.5)
			if to <= at || from >= r.To {
				continue
			}
			if from > at {
				out = append(out, signal.Range{From: at, To: from})
			}
			at = max(at, to)
		}
		if at < r.To {
			out = append(out, signal.Range{From: at, To: r.To})
		}
	}
	return out
}
