package eeg

import (
	"math"
	"slices"

	"dvala/signal"
	"dvala/sleep"
)

// SpindleParams says what counts as a spindle.
type SpindleParams struct {
	Low, High           float64 // Hz; the sigma band
	BroadLow, BroadHigh float64 // Hz; the band it is compared with
	RelPower            float64 // least share of sigma power in the broad band
	Corr                float64 // least correlation of sigma with the broad band
	RMS                 float64 // standard deviations of the moving RMS above its mean
	MaxRMS              float64 // µV; the RMS threshold is never above this
	MinSeconds          float64 // durations lie between the two, both excluded
	MaxSeconds          float64
	MergeSeconds        float64 // events closer than this are one
	Rate                float64 // Hz to which the signal is resampled first; 0 is as it comes
}

// DefaultSpindles gives YASA's values, at 100 samples per second whatever the
// recorder's rate, so that the same night has the same spindles at any rate.
func DefaultSpindles() SpindleParams {
	return SpindleParams{
		Low: 12, High: 15, BroadLow: 1, BroadHigh: 30, RelPower: 0.2, Corr: 0.65, RMS: 1.5, MaxRMS: 10,
		MinSeconds: 0.5, MaxSeconds: 2, MergeSeconds: 0.5, Rate: 100,
	}
}

// Spindle is one event.
type Spindle struct {
	StartS       float64     `json:"start_s"`
	PeakS        float64     `json:"peak_s"` // of the most prominent peak
	EndS         float64     `json:"end_s"`
	DurationS    float64     `json:"duration_s"`
	AmplitudeUV  float64     `json:"amplitude_uv"`       // peak to peak, broad band, line taken off
	SigmaUV      float64     `json:"sigma_amplitude_uv"` // peak to peak, sigma band
	RMSUV        float64     `json:"rms_uv"`             // broad band, line taken off
	LogPower     float64     `json:"log10_sigma_power"`  // median of log10 µV² of the sigma envelope
	RelPower     float64     `json:"relative_power"`     // median share of sigma in the broad band
	FrequencyHz  float64     `json:"frequency_hz"`       // median instantaneous frequency
	Oscillations int         `json:"oscillations"`       // peaks at least 60 ms apart
	Symmetry     float64     `json:"symmetry"`           // where the peak lies, 0 at the start, 1 at the end
	Stage        sleep.Stage `json:"stage"`              // at the start; unscored until told
}

// Spindles finds sleep spindles in one channel by three thresholds that must
// hold at once, of the signal in the sigma band and in the broad band:
//
//	power(12–15 Hz)/power(1–30 Hz) ≥ 0.2      2 s Hann windows every 0.2 s
//	correlation of sigma and broad ≥ 0.65     windows of 0.3 s every 0.1 s
//	RMS of sigma ≥ mean + 1.5·SD              same windows; SD of the middle 80 %
//
// each interpolated linearly to samples; mean and SD are over the mask. The
// number of thresholds that hold is averaged over 0.1 s, and an event is where
// that exceeds 2. Events less than 0.5 s apart are joined, and those of 0.5 to
// 2 s are kept.
//
//	x     µV; not modified
//	rate  samples per second, 50 and more
//	mask  where to look, len(x) values; nil is everywhere
//
// Source: YASA (Vallat & Walker 2021, doi:10.7554/eLife.70092), after Lacourse
// 2019, doi:10.1016/j.jneumeth.2018.08.014. Invariants (TestSpindleInvariants):
// turning the signal's sign, adding an offset, or adding masked-out time
// changes nothing; another rate changes no more than a sample.
func Spindles(x []float64, rate float64, mask []bool, p SpindleParams) ([]Spindle, error) {
	if err := check(x, rate, mask); err != nil {
		return nil, err
	}
	x, rate, mask, err := atRate(x, rate, mask, p.Rate)
	if err != nil {
		return nil, err
	}
	broad, err := signal.BandpassAuto(rate, p.BroadLow, p.BroadHigh)
	if err != nil {
		return nil, err
	}
	sigma, err := signal.Bandpass(rate, p.Low, p.High, 1.5, 1.5)
	if err != nil {
		return nil, err
	}
	f := &spindleFinder{p: p, rate: rate, n: len(x), mask: mask, broad: make([]float64, len(x)), sigma: make([]float64, len(x))}
	if mask == nil {
		f.ranges = []signal.Range{{From: 0, To: len(x)}}
	} else {
		f.ranges = signal.Runs(mask, int(marginSeconds*rate))
	}
	signal.FilterRanges(x, f.ranges, []signal.FIR{broad, sigma}, [][]float64{f.broad, f.sigma})
	return f.find(), nil
}

// marginSeconds is how far around the mask the filtered signals are needed:
// the windows of the thresholds and those of the envelope.
const marginSeconds = 4.5

// atRate resamples signal and mask, if that is asked for.
func atRate(x []float64, rate float64, mask []bool, want float64) ([]float64, float64, []bool, error) {
	if want == 0 || want == rate {
		return x, rate, mask, nil
	}
	y, err := signal.ResampleTo(x, rate, want)
	if err != nil {
		return nil, 0, nil, err
	}
	return y, want, maskAt(mask, rate, want, len(y)), nil
}

// maskAt is the mask at another rate, n samples long.
func maskAt(mask []bool, rate, want float64, n int) []bool {
	if mask == nil {
		return nil
	}
	m := make([]bool, n)
	source := func(i int) int { return min(int(float64(i)*rate/want), len(mask)-1) }
	for _, r := range signal.Runs(mask, 0) {
		i := max(min(int(float64(r.From)*want/rate), n), 0)
		for i > 0 && source(i-1) >= r.From {
			i--
		}
		for i < n && source(i) < r.From {
			i++
		}
		last := max(min(int(float64(r.To)*want/rate)-1, n), i) // below it no question arises
		for ; i < last; i++ {
			m[i] = true
		}
		for ; i < n && source(i) < r.To; i++ {
			m[i] = true
		}
	}
	return m
}

// spindleFinder holds one channel. What the thresholds need is computed where
// they are near to being met and nowhere else.
type spindleFinder struct {
	p            SpindleParams
	rate         float64
	n            int
	mask         []bool
	ranges       []signal.Range
	broad, sigma []float64

	rms, corr, rel track
	least          float64 // the RMS threshold
	scores         []uint8 // thresholds met, plus 1; 0 is not known
	spectrum       *share
	envelope       *envelope
}

func (f *spindleFinder) find() []Spindle {
	if f.n < int(2*f.rate) {
		return nil
	}
	f.rms = newWindows(f.n, f.rate, 0.3, 0.1)
	f.corr = f.rms.alike()
	f.spectrum = newShare(f.n, f.rate, f.p)
	f.rel = f.spectrum.track()
	f.scores = make([]uint8, f.n)
	f.envelope = newEnvelope(f.sigma, f.rate)
	if !f.threshold() {
		return nil
	}
	var out []Spindle
	for _, r := range f.events() {
		start, end := float64(r.From)/f.rate, float64(r.To-1)/f.rate
		if d := end - start; d > f.p.MinSeconds && d < f.p.MaxSeconds {
			out = append(out, f.measure(r))
		}
	}
	return out
}

// threshold computes the moving RMS and the value it must reach.
func (f *spindleFinder) threshold() bool {
	for _, r := range f.ranges {
		for i := f.rms.firstAt(r.From); i < len(f.rms.value) && f.rms.beg[i] < r.To; i++ {
			sum := 0.0
			for _, v := range f.sigma[f.rms.beg[i]:f.rms.end[i]] {
				sum += v * v
			}
			f.rms.set(i, math.Sqrt(sum/float64(f.rms.end[i]-f.rms.beg[i])))
		}
	}
	looked := f.n
	for _, m := range f.mask {
		if !m {
			looked--
		}
	}
	all := make([]float64, 0, looked)
	sum := 0.0
	f.rms.each(0, f.n, func(at int, v float64) {
		if f.mask == nil || f.mask[at] {
			all = append(all, v)
			sum += v
		}
	})
	if len(all) == 0 {
		return false
	}
	f.least = min(sum/float64(len(all))+f.p.RMS*trimmedSD(all, 0.1), f.p.MaxRMS)
	return f.least > 0
}

// events gives the stretches above the soft threshold, joined where close, in
// order.
func (f *spindleFinder) events() []signal.Range {
	w := int(0.1 * f.rate)
	before, after := w/2, (w-1)/2 // the window reaches so far around its sample
	hit := make([]bool, f.n)
	for i := 0; i+1 < len(f.rms.value); i++ {
		if f.rms.value[i] < f.least && f.rms.value[i+1] < f.least || !f.rms.done[i] {
			continue
		}
		for at := f.rms.sampleFrom(i); at <= f.rms.sampleTo(i); at++ {
			if !f.loud(at) || !f.alike(at) || f.score(at) < 3 {
				continue
			}
			for m := max(at-after, 0); m <= min(at+before, f.n-1); m++ {
				if hit[m] {
					continue
				}
				sum := 0
				for k := m - before; k <= m+after; k++ {
					sum += f.score(k)
				}
				hit[m] = sum > 2*w
			}
		}
	}
	var out []signal.Range
	for _, r := range signal.Runs(hit, 0) {
		if k := len(out) - 1; k >= 0 && float64(r.From-out[k].To+1) < f.p.MergeSeconds*f.rate {
			out[k].To = r.To
		} else {
			out = append(out, r)
		}
	}
	return out
}

func (f *spindleFinder) loud(at int) bool { return f.rms.at(at) >= f.least }

func (f *spindleFinder) alike(at int) bool {
	i := f.corr.interval(at)
	for j := i; j >= 0 && j <= i+1 && j < len(f.corr.value); j++ {
		if !f.corr.done[j] {
			f.corr.set(j, correlation(f.sigma[f.corr.beg[j]:f.corr.end[j]], f.broad[f.corr.beg[j]:f.corr.end[j]]))
		}
	}
	return f.corr.at(at) >= f.p.Corr
}

func (f *spindleFinder) strong(at int) bool {
	i := f.rel.interval(at)
	for j := i; j >= 0 && j <= i+1 && j < len(f.rel.value); j++ {
		f.share(j)
	}
	return f.rel.at(at) >= f.p.RelPower
}

// share is the share of sigma in window j, computed once.
func (f *spindleFinder) share(j int) float64 {
	if !f.rel.done[j] {
		f.rel.set(j, f.spectrum.of(f.broad, j))
	}
	return f.rel.value[j]
}

// score counts the thresholds that hold at a sample: none outside the mask.
func (f *spindleFinder) score(at int) int {
	if at < 0 || at >= f.n || f.mask != nil && !f.mask[at] {
		return 0
	}
	if f.scores[at] == 0 {
		s := uint8(1)
		for _, holds := range [3]bool{f.loud(at), f.alike(at), f.strong(at)} {
			if holds {
				s++
			}
		}
		f.scores[at] = s
	}
	return int(f.scores[at]) - 1
}

// measure describes one event.
func (f *spindleFinder) measure(r signal.Range) Spindle {
	s := Spindle{StartS: float64(r.From) / f.rate, EndS: float64(r.To-1) / f.rate}
	s.DurationS = s.EndS - s.StartS
	flat := withoutLine(f.broad[r.From:r.To])
	s.AmplitudeUV = slices.Max(flat) - slices.Min(flat)
	sigma := f.sigma[r.From:r.To]
	s.SigmaUV = slices.Max(sigma) - slices.Min(sigma)
	sum := 0.0
	for _, v := range flat {
		sum += v * v
	}
	s.RMSUV = math.Sqrt(sum / float64(len(flat)))
	s.LogPower, s.FrequencyHz = f.envelope.of(r)
	s.RelPower = f.medianShare(r)
	peaks := signal.Apart(flat, signal.Maxima(flat), 0.06*f.rate)
	s.Oscillations = len(peaks)
	best, top := 0, math.Inf(-1)
	for _, k := range peaks {
		if v := signal.Prominence(flat, k); v > top {
			best, top = k, v
		}
	}
	if len(peaks) == 0 { // a stretch without a maximum between its ends
		best = slices.Index(flat, slices.Max(flat))
	}
	s.PeakS = s.StartS + float64(best)/f.rate
	s.Symmetry = float64(best) / float64(len(flat))
	return s
}

// medianShare is over the windows whose middles lie in the range, or the
// nearest one.
func (f *spindleFinder) medianShare(r signal.Range) float64 {
	hop := f.spectrum.hop
	from, to := (r.From+hop-1)/hop, (r.To-1)/hop
	if from > to {
		from = (r.From + r.To - 1 + hop) / 2 / hop
		to = from
	}
	var shares []float64
	for i := from; i <= min(to, len(f.rel.value)-1); i++ {
		shares = append(shares, f.share(i))
	}
	if len(shares) == 0 {
		return f.share(len(f.rel.value) - 1)
	}
	return median(shares)
}

// withoutLine takes off the least-squares line.
func withoutLine(y []float64) []float64 {
	n := float64(len(y))
	mean, slope, norm := 0.0, 0.0, 0.0
	for _, v := range y {
		mean += v
	}
	mean /= n
	for i, v := range y {
		t := float64(i) - (n-1)/2
		slope += t * v
		norm += t * t
	}
	if norm > 0 {
		slope /= norm
	}
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = v - mean - slope*(float64(i)-(n-1)/2)
	}
	return out
}

// correlation is Pearson's; NaN, which meets no threshold, where one is constant.
func correlation(x, y []float64) float64 {
	y = y[:len(x)]
	mx, my := 0.0, 0.0
	for i, v := range x {
		mx += v
		my += y[i]
	}
	mx /= float64(len(x))
	my /= float64(len(x))
	xx, yy, xy := 0.0, 0.0, 0.0
	for i, v := range x {
		a, b := v-mx, y[i]-my
		xx += a * a
		yy += b * b
		xy += a * b
	}
	return xy / math.Sqrt(xx*yy)
}

func median(v []float64) float64 {
	slices.Sort(v)
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}
