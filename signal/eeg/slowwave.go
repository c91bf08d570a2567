package eeg

import (
	"math"
	"sort"

	"dvala/signal"
	"dvala/sleep"
)

// Bounds is a least and a greatest value.
type Bounds struct{ Min, Max float64 }

func (b Bounds) inside(v float64) bool { return v > b.Min && v < b.Max }

// SlowWaveParams says what counts as a slow wave.
type SlowWaveParams struct {
	Low, High    float64 // Hz
	Width        float64 // Hz; of both transitions of the filter
	NegSeconds   Bounds  // between the crossings around the trough, both excluded
	PosSeconds   Bounds  // and around the peak after it
	NegUV        Bounds  // depth of the trough, both included
	PosUV        Bounds  // height of the peak, both included
	PeakToPeakUV Bounds  // both excluded
	Rate         float64 // Hz to which the signal is resampled first; 0 is as it comes
	Coupling     *CouplingParams
}

// DefaultSlowWaves gives YASA's values, without coupling, at 100 samples per
// second whatever the recorder's rate.
func DefaultSlowWaves() SlowWaveParams {
	return SlowWaveParams{
		Low: 0.3, High: 1.5, Width: 0.2, NegSeconds: Bounds{0.3, 1.5}, PosSeconds: Bounds{0.1, 1},
		NegUV: Bounds{40, 200}, PosUV: Bounds{10, 150}, PeakToPeakUV: Bounds{75, 350}, Rate: 100,
	}
}

// SlowWave is one event: a trough and the peak after it.
type SlowWave struct {
	StartS       float64     `json:"start_s"` // the last sample before the signal falls through 0
	TroughS      float64     `json:"trough_s"`
	MidS         float64     `json:"mid_s"` // the last sample before it rises through 0
	PeakS        float64     `json:"peak_s"`
	EndS         float64     `json:"end_s"`
	DurationS    float64     `json:"duration_s"`
	TroughUV     float64     `json:"trough_uv"`
	PeakUV       float64     `json:"peak_uv"`
	PeakToPeakUV float64     `json:"peak_to_peak_uv"`
	SlopeUVPerS  float64     `json:"slope_uv_per_s"` // from the trough to 0
	FrequencyHz  float64     `json:"frequency_hz"`   // 1/duration
	Symmetry     float64     `json:"symmetry"`       // share of the duration that is below 0
	Stage        sleep.Stage `json:"stage"`          // at the trough; unscored until told
	Coupling     *Coupling   `json:"coupling,omitempty"`
}

// SlowWaves finds slow waves in one channel: in the signal between 0.3 and
// 1.5 Hz, a trough of 40 to 200 µV and the next peak of 10 to 150 µV, 75 to
// 350 µV apart, the half wave below 0 lasting 0.3 to 1.5 s and the one above
// 0.1 to 1 s, with one crossing of 0 between them.
//
//	slope = |trough| / (time from trough to crossing)
//
// A half wave with two troughs that both pass belongs to no event, as in YASA.
//
//	x     µV; not modified
//	rate  samples per second, 50 and more
//	mask  where trough and peak must lie, len(x) values; nil is everywhere
//
// Source: YASA (Vallat & Walker 2021, doi:10.7554/eLife.70092), after Massimini
// 2004, doi:10.1523/JNEUROSCI.1318-04.2004 and Carrier 2011,
// doi:10.1111/j.1460-9568.2010.07543.x.
func SlowWaves(x []float64, rate float64, mask []bool, p SlowWaveParams) ([]SlowWave, error) {
	if err := check(x, rate, mask); err != nil {
		return nil, err
	}
	if p.Rate != 0 && p.Rate != rate {
		return p.resampled(x, rate, mask)
	}
	band, err := signal.Bandpass(rate, p.Low, p.High, p.Width, p.Width)
	if err != nil {
		return nil, err
	}
	var l landmarks
	band.FilterEach(x, p.ranges(mask, len(x), rate), func(at int, y []float64) { l.scan(at, y, mask, p) })
	waves, troughs := p.waves(l, rate)
	if p.Coupling != nil {
		err = couple(x, rate, band, *p.Coupling, waves, troughs)
	}
	return waves, err
}

// ranges is where the filtered signal is needed: the mask, and as far around it
// as a wave can reach.
func (p SlowWaveParams) ranges(mask []bool, n int, rate float64) []signal.Range {
	if mask == nil {
		return []signal.Range{{From: 0, To: n}}
	}
	return signal.Join(signal.Runs(mask, p.reach(rate)), int(filterThrough*rate))
}

// filterThrough is how many seconds that nobody asked for are cheaper to filter
// through than to leave out, since a block is minutes long.
const filterThrough = 60

// reach is how far a wave can go from its trough or its peak, in samples.
func (p SlowWaveParams) reach(rate float64) int {
	return int(math.Ceil((p.NegSeconds.Max+p.PosSeconds.Max)*rate)) + 1
}

// extreme is a trough or a peak of the filtered signal.
type extreme struct {
	at int
	uv float64
}

// landmarks are places on the filtered signal, each list in order.
type landmarks struct {
	troughs, peaks []extreme // deep and high enough, and in the mask
	crossings      []int     // the last sample before the sign changes

	end       int     // after the last sample seen
	seen      int     // samples seen without a gap
	before, v float64 // the last two of them
}

// scan looks at a further piece of the filtered signal; a piece that does not
// begin where the last one ended begins anew.
func (l *landmarks) scan(at int, y []float64, mask []bool, p SlowWaveParams) {
	if at != l.end {
		l.seen = 0
	}
	l.end = at + len(y)
	for ; l.seen < 2 && len(y) > 0; at, y = at+1, y[1:] {
		if l.seen == 1 && (l.v > 0) != (y[0] > 0) {
			l.crossings = append(l.crossings, at-1)
		}
		l.before, l.v = l.v, y[0]
		l.seen++
	}
	before, v := l.before, l.v
	positive, rising := v > 0, v > before
	for i, next := range y {
		if now := next > 0; now != positive {
			positive = now
			l.crossings = append(l.crossings, at+i-1)
		}
		if now := next > v; now != rising {
			rising = now
			p.turn(l, extreme{at + i - 1, v}, before, next, mask)
		}
		before, v = v, next
	}
	l.before, l.v = before, v
}

// turn keeps a sample as a trough or a peak if it is one, is deep or high
// enough and lies in the mask. A level bottom or top is none.
func (p SlowWaveParams) turn(l *landmarks, e extreme, before, after float64, mask []bool) {
	switch {
	case mask != nil && !mask[e.at]:
	case before < e.uv && e.uv > after && e.uv >= p.PosUV.Min && e.uv <= p.PosUV.Max:
		l.peaks = append(l.peaks, e)
	case before > e.uv && e.uv < after && -e.uv >= p.NegUV.Min && -e.uv <= p.NegUV.Max:
		l.troughs = append(l.troughs, e)
	}
}

// waves puts troughs and peaks together and keeps what passes.
func (p SlowWaveParams) waves(l landmarks, rate float64) (out []SlowWave, at []int) {
	type found struct {
		start, mid, end int
		trough, peak    extreme
	}
	var all []found
	next := 0
	for _, trough := range l.troughs {
		for next < len(l.peaks) && l.peaks[next].at < trough.at {
			next++
		}
		if next == len(l.peaks) {
			break
		}
		f := found{trough: trough, peak: l.peaks[next]}
		// The crossings before and after each; the one between must be the same.
		i := sort.SearchInts(l.crossings, trough.at)
		if i == 0 || i+1 >= len(l.crossings) || l.crossings[i] >= f.peak.at || l.crossings[i+1] < f.peak.at {
			continue
		}
		f.start, f.mid, f.end = l.crossings[i-1], l.crossings[i], l.crossings[i+1]
		ptp := f.peak.uv - trough.uv
		below, above := float64(f.mid-f.start)/rate, float64(f.end-f.mid)/rate
		if f.mid > trough.at && f.end > f.peak.at && p.PeakToPeakUV.inside(ptp) && p.NegSeconds.inside(below) && p.PosSeconds.inside(above) {
			all = append(all, f)
		}
	}
	for i, f := range all {
		if i > 0 && all[i-1].start == f.start || i+1 < len(all) && all[i+1].start == f.start {
			continue
		}
		d := float64(f.end)/rate - float64(f.start)/rate
		d = math.RoundToEven(d*1e4) / 1e4
		out = append(out, SlowWave{
			StartS: float64(f.start) / rate, TroughS: float64(f.trough.at) / rate, MidS: float64(f.mid) / rate,
			PeakS: float64(f.peak.at) / rate, EndS: float64(f.end) / rate, DurationS: d,
			TroughUV: f.trough.uv, PeakUV: f.peak.uv, PeakToPeakUV: f.peak.uv - f.trough.uv,
			SlopeUVPerS: -f.trough.uv / (float64(f.mid)/rate - float64(f.trough.at)/rate),
			FrequencyHz: 1 / d, Symmetry: float64(f.mid-f.start) / float64(f.end-f.start),
		})
		at = append(at, f.trough.at)
	}
	return out, at
}
