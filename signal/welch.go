package signal

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/dsp/fourier"

	"dvala/fault"
)

// Spectrum is a one-sided power spectral density.
type Spectrum struct {
	Step     float64   // Hz from one frequency to the next, the first being 0
	Density  []float64 // unit² per Hz
	Segments int       // how many segments it rests on
}

// Freq gives the frequency of entry i.
func (s Spectrum) Freq(i int) float64 { return float64(i) * s.Step }

// Window is the shape that a segment is multiplied with.
type Window uint8

// Windows, in their periodic form.
const (
	Hamming Window = iota
	Hann
)

func (w Window) values(n int) []float64 {
	a := 0.54
	if w == Hann {
		a = 0.5
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = a - (1-a)*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return out
}

// Average is how the segments' periodograms become one spectrum.
type Average uint8

// The median is divided by its bias under Gaussian noise; it forgives single
// bad segments. The mean does not.
const (
	Median Average = iota
	Mean
)

// WelchParams says how a spectrum is estimated; the zero value is segments of
// 4 s under a Hamming window, overlapping by half, averaged by the median: what
// YASA does.
type WelchParams struct {
	Seconds float64 // of a segment; 0 means 4
	Window  Window
	Average Average
}

// Welch estimates the spectrum of x from overlapping segments:
//
//	S(f) = c(f)/(rate·Σw²) · average over segments of |Σ w(t)·(x(t)−x̄)·e^(−2πift)|²
//
// with c = 2 except at 0 Hz and half the rate, where it is 1; x̄ is the mean of
// the segment. The average is the mean, or the median divided by
//
//	b(n) = 1 + Σ_{k=1}^{⌊(n−1)/2⌋} ( 1/(2k+1) − 1/2k ),
//
// its expectation over that of the mean for n segments.
//
// Missing data are not allowed within x: leave the range out instead, see
// WelchRanges. Source: Welch 1967, doi:10.1109/TAU.1967.1161901; the bias,
// Allen 2012, doi:10.1103/PhysRevD.85.122006, appendix B. Equal to
// scipy.signal.welch.
func Welch(x []float64, rate float64, p WelchParams) (Spectrum, error) {
	return WelchRanges(x, rate, []Range{{0, len(x)}}, p)
}

// WelchRanges is Welch over the segments that lie within one of the ranges, so
// that no segment spans a gap. A range shorter than a segment gives none.
func WelchRanges(x []float64, rate float64, ranges []Range, p WelchParams) (Spectrum, error) {
	if p.Seconds == 0 {
		p.Seconds = 4
	}
	n := int(p.Seconds * rate)
	if !(rate > 0) || n < 2 || n > 1<<22 {
		return Spectrum{}, fault.New("welch-segment", "", "segments of %g s at %g samples per second", p.Seconds, rate)
	}
	hop := n - n/2
	count := 0
	for _, r := range ranges {
		if r.To-r.From >= n {
			count += (r.To-r.From-n)/hop + 1
		}
	}
	if count == 0 {
		return Spectrum{}, fault.New("welch-short", "", "no stretch is as long as a segment of %g s", p.Seconds)
	}
	e := newPeriodogram(n, p.Window.values(n))
	bins := n/2 + 1
	sum := make([]float64, bins)
	var all []float64 // one frequency after the other, for the median
	if p.Average == Median {
		all = make([]float64, bins*count)
	}
	k := 0
	for _, r := range ranges {
		for at := r.From; at+n <= r.To; at += hop {
			for i, v := range e.of(x[at : at+n]) {
				if p.Average == Median {
					all[i*count+k] = v
				} else {
					sum[i] += v
				}
			}
			k++
		}
	}
	scale := 1 / (rate * e.energy)
	for i := range sum {
		v := sum[i] / float64(count)
		if p.Average == Median {
			v = medianOf(all[i*count:(i+1)*count]) / medianBias(count)
		}
		sum[i] = v * scale * sides(i, n)
	}
	return Spectrum{Step: rate / float64(n), Density: sum, Segments: count}, nil
}

// sides is 2 where a frequency stands for its negative too.
func sides(i, n int) float64 {
	if i == 0 || 2*i == n {
		return 1
	}
	return 2
}

// periodogram holds what the transforms of one length share.
type periodogram struct {
	fft    *fourier.FFT
	window []float64
	energy float64 // Σw²
	in     []float64
	coeff  []complex128
	power  []float64
}

func newPeriodogram(n int, window []float64) *periodogram {
	e := &periodogram{
		fft: fourier.NewFFT(n), window: window,
		in: make([]float64, n), coeff: make([]complex128, n/2+1), power: make([]float64, n/2+1),
	}
	for _, w := range window {
		e.energy += w * w
	}
	return e
}

// of gives |FFT(w·(x−x̄))|²; the slice is used again by the next call.
func (e *periodogram) of(x []float64) []float64 {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for i, v := range x {
		e.in[i] = (v - mean) * e.window[i]
	}
	for i, c := range e.fft.Coefficients(e.coeff, e.in) {
		e.power[i] = real(c)*real(c) + imag(c)*imag(c)
	}
	return e.power
}

// medianOf sorts what it is given.
func medianOf(v []float64) float64 {
	slices.Sort(v)
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}

func medianBias(n int) float64 {
	b := 1.0
	for k := 1; k <= (n-1)/2; k++ {
		b += 1/float64(2*k+1) - 1/float64(2*k)
	}
	return b
}
