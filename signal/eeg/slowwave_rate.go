package eeg

import (
	"math"

	"dvala/signal"
)

// resampled finds the waves of a signal whose rate is not the one asked for. It
// is filtered at a low rate, which holds all of its band, and looked at in the
// rate asked for where a trough can be.
func (p SlowWaveParams) resampled(x []float64, rate float64, mask []bool) ([]SlowWave, error) {
	band, err := signal.NarrowBandpass(rate, p.Rate, p.Low, p.High, p.Width)
	if err != nil { // a band too wide for the short way
		return p.resampledFirst(x, rate, mask)
	}
	n := band.Len(len(x))
	mask = maskAt(mask, rate, p.Rate, n)
	ranges := p.ranges(mask, n, p.Rate)
	low := band.Filter(x, lowered(ranges, p.Rate, band.Rate()))
	var l landmarks
	piece := make([]float64, int(p.Rate)*60)
	for _, r := range p.deep(low, band.Rate(), ranges) {
		for at := r.From; at < r.To; at += len(piece) {
			y := piece[:min(len(piece), r.To-at)]
			band.Back(y, low, at)
			l.scan(at, y, mask, p)
		}
	}
	waves, troughs := p.waves(l, p.Rate)
	if p.Coupling != nil && len(waves) > 0 {
		err = p.coupleAt(x, rate, waves, troughs)
	}
	return waves, err
}

// resampledFirst resamples the whole and looks at that.
func (p SlowWaveParams) resampledFirst(x []float64, rate float64, mask []bool) ([]SlowWave, error) {
	x, rate, mask, err := atRate(x, rate, mask, p.Rate)
	if err != nil {
		return nil, err
	}
	return SlowWaves(x, rate, mask, p)
}

// coupleAt is couple for waves that were found at another rate than the signal's.
func (p SlowWaveParams) coupleAt(x []float64, rate float64, waves []SlowWave, troughs []int) error {
	band, err := signal.Bandpass(p.Rate, p.Low, p.High, p.Width, p.Width)
	if err != nil {
		return err
	}
	var y []float64
	if r, err := signal.ResamplerTo(rate, p.Rate, p.Coupling.High+sigmaWidth); err == nil {
		y = make([]float64, r.Len(len(x)))
		r.Resample(y, x, []signal.Range{{From: 0, To: len(y)}})
	} else if y, err = signal.ResampleTo(x, rate, p.Rate); err != nil {
		return err
	}
	return couple(y, p.Rate, band, *p.Coupling, waves, troughs)
}

// lowered is ranges at a lower rate, and what resampling wants around them.
func lowered(ranges []signal.Range, rate, low float64) []signal.Range {
	const around = 16 // samples; a band this low wants fewer
	out := make([]signal.Range, 0, len(ranges))
	for _, r := range ranges {
		out = append(out, signal.Range{From: int(float64(r.From)/rate*low) - around, To: int(float64(r.To)/rate*low) + around})
	}
	return out
}

// deep is where within the ranges a trough that counts can lie, and what belongs
// to such a wave. The trough itself may lie between two samples of the low rate:
// a signal without frequencies above f and never above a, at rest d from its
// trough, has risen there by (2πf·d)²·a/2 at most (Bernstein's inequality).
func (p SlowWaveParams) deep(low []float64, rate float64, ranges []signal.Range) []signal.Range {
	top := 0.0
	for _, v := range low {
		top = max(top, math.Abs(v))
	}
	turn := 2 * math.Pi * (p.High + p.Width) / (2 * rate)
	limit := -p.NegUV.Min + turn*turn/2*top + 1 // and what the filter leaves of other frequencies
	reach := p.reach(p.Rate)
	at := func(i int) int { return int(float64(i) / rate * p.Rate) }
	var out []signal.Range
	for _, r := range ranges {
		from := min(max(int(float64(r.From)/p.Rate*rate)-1, 0), len(low))
		for i := from; i < min(int(float64(r.To)/p.Rate*rate)+2, len(low)); i++ {
			if low[i] > limit {
				continue
			}
			s := signal.Range{From: max(at(i)-reach, r.From), To: min(at(i)+reach+2, r.To)}
			if k := len(out) - 1; k >= 0 && s.From <= out[k].To {
				out[k].To = s.To
			} else {
				out = append(out, s)
			}
		}
	}
	return out
}
