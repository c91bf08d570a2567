package eeg

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/dsp/fourier"

	"dvala/signal"
)

// track is a quantity known at the middle of windows and taken to run straight
// between them; before the first and after the last it is 0.
type track struct {
	beg, end []int     // of each window, in samples
	middle   []float64 // in samples
	value    []float64
	done     []bool // whether the value is known
}

// newWindows lays windows of that many seconds every step seconds over n
// samples, cut off at the ends.
//
// Their ends are cut to whole samples toward zero, as YASA does, although that
// makes windows of 0.3 s at 100 Hz 29 to 31 samples long by the whim of
// rounding.
func newWindows(n int, rate, window, step float64) track {
	count := int(math.Ceil(float64(n) / rate / step))
	t := track{beg: make([]int, count), end: make([]int, count), middle: make([]float64, count)}
	for i := range count {
		centre := float64(float64(i) * step)
		t.beg[i] = max(int(float64(centre-window/2)*rate), 0)
		t.end[i] = int(float64(centre+window/2) * rate)
		if t.end[i] > n-1 {
			t.end[i] = n - 1
		}
		t.end[i] = max(t.end[i], t.beg[i]+1)
		t.middle[i] = float64(t.beg[i]+t.end[i]) / 2
	}
	t.value, t.done = make([]float64, count), make([]bool, count)
	return t
}

// alike gives a track on the same windows, with nothing known yet.
func (t track) alike() track {
	t.value, t.done = make([]float64, len(t.value)), make([]bool, len(t.done))
	return t
}

func (t track) set(i int, v float64) { t.value[i], t.done[i] = v, true }

// firstAt gives the first window that ends after a sample.
func (t track) firstAt(sample int) int {
	return sort.Search(len(t.end), func(i int) bool { return t.end[i] > sample })
}

// interval gives the window after whose middle a sample lies, −1 before the
// first.
func (t track) interval(sample int) int {
	if len(t.middle) < 2 {
		return -1
	}
	at := float64(sample)
	i := int((at - t.middle[0]) / (t.middle[len(t.middle)-1] - t.middle[0]) * float64(len(t.middle)-1))
	i = min(max(i, 0), len(t.middle)-1)
	for i > 0 && t.middle[i] > at {
		i--
	}
	for i+1 < len(t.middle) && t.middle[i+1] <= at {
		i++
	}
	if t.middle[i] > at {
		return -1
	}
	return i
}

// at gives the value at a sample.
func (t track) at(sample int) float64 {
	i := t.interval(sample)
	if i < 0 {
		return 0
	}
	return t.between(i, float64(sample))
}

func (t track) between(i int, at float64) float64 {
	if i+1 >= len(t.middle) {
		if at == t.middle[i] {
			return t.value[i]
		}
		return 0
	}
	slope := (t.value[i+1] - t.value[i]) / (t.middle[i+1] - t.middle[i])
	return t.value[i] + slope*(at-t.middle[i])
}

// sampleFrom and sampleTo give the samples between the middles of windows i
// and i+1, the latter included.
func (t track) sampleFrom(i int) int { return int(math.Ceil(t.middle[i])) }
func (t track) sampleTo(i int) int   { return int(math.Floor(t.middle[i+1])) }

// each calls do for every sample from … to with its value.
func (t track) each(from, to int, do func(sample int, v float64)) {
	i := -1
	for at := from; at < to; at++ {
		for i+1 < len(t.middle) && t.middle[i+1] <= float64(at) {
			i++
		}
		if i < 0 {
			do(at, 0)
			continue
		}
		do(at, t.between(i, float64(at)))
	}
}

// share is the share of sigma power in the broad band, from windows of 2 s
// every 0.2 s; the signal is taken to be 0 beyond its ends.
type share struct {
	n, length, hop         int
	rate                   float64
	low, high, from, until int // bins: sigma low … high, broad from … until, all included
	fft                    *fourier.FFT
	window, in             []float64
	out                    []complex128
}

func newShare(n int, rate float64, p SpindleParams) *share {
	length := int(2 * rate)
	s := &share{n: n, length: length, rate: rate, fft: fourier.NewFFT(length), in: make([]float64, length), out: make([]complex128, length/2+1)}
	s.hop = length - int(float64(length)-0.2*rate)
	bin := rate / float64(length)
	first := func(hz float64) int { return int(math.Ceil(hz/bin - 1e-9)) }
	last := func(hz float64) int { return min(int(math.Floor(hz/bin+1e-9)), length/2) }
	s.low, s.high, s.from, s.until = first(p.Low), last(p.High), first(p.BroadLow), last(p.BroadHigh)
	s.window = make([]float64, length)
	for i := range s.window {
		s.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(length))
	}
	return s
}

func (s *share) track() track {
	count := s.n/s.hop + 1
	t := track{middle: make([]float64, count), value: make([]float64, count), done: make([]bool, count)}
	for i := range count {
		t.middle[i] = float64(i * s.hop)
	}
	return t
}

// of gives the share in window i.
func (s *share) of(x []float64, i int) float64 {
	first := i*s.hop - s.length/2
	for k := range s.in {
		s.in[k] = 0
		if j := first + k; j >= 0 && j < len(x) {
			s.in[k] = x[j] * s.window[k]
		}
	}
	s.out = s.fft.Coefficients(s.out, s.in)
	sigma, all := 0.0, 0.0
	for k := s.from; k <= s.until; k++ {
		v := real(s.out[k])*real(s.out[k]) + imag(s.out[k])*imag(s.out[k])
		all += v
		if k >= s.low && k <= s.high {
			sigma += v
		}
	}
	if all == 0 {
		return 0
	}
	return sigma / all
}

// envelope gives instantaneous power and frequency of a band-passed signal
// around events.
type envelope struct {
	x    []float64
	rate float64
	in   []float64
	out  []complex128
}

func newEnvelope(x []float64, rate float64) *envelope { return &envelope{x: x, rate: rate} }

// envelopeSeconds is how much of the signal on each side an event's envelope
// is computed with, fading out.
const envelopeSeconds = 4

// of gives the median of log10 power and the median frequency within a range.
func (e *envelope) of(r signal.Range) (logPower, hz float64) {
	pad := int(envelopeSeconds * e.rate)
	e.in = e.in[:0]
	for i := r.From - pad; i < r.To+pad+1; i++ {
		v := 0.0
		if i >= 0 && i < len(e.x) {
			v = e.x[i]
		}
		away := max(r.From-i, i-r.To, 0)
		e.in = append(e.in, v*fade(float64(away)/float64(pad)))
	}
	e.out = signal.Analytic(e.out, e.in)
	a := e.out[pad : len(e.in)-pad]
	var powers, freqs []float64
	for i := range r.To - r.From {
		if p := real(a[i])*real(a[i]) + imag(a[i])*imag(a[i]); p > 0 {
			powers = append(powers, math.Log10(p))
		}
		if r.From+i+1 >= len(e.x) {
			break
		}
		step := math.Atan2(imag(a[i+1]), real(a[i+1])) - math.Atan2(imag(a[i]), real(a[i]))
		if step > 0 { // the one step per turn from π to −π is left out
			freqs = append(freqs, step*e.rate/(2*math.Pi))
		}
	}
	if len(powers) == 0 || len(freqs) == 0 {
		return 0, 0
	}
	return median(powers), median(freqs)
}

// fade falls smoothly from 1 to 0: Blackman's window, one side of it.
func fade(u float64) float64 {
	if u >= 1 {
		return 0
	}
	return 0.42 + 0.5*math.Cos(math.Pi*u) + 0.08*math.Cos(2*math.Pi*u)
}
