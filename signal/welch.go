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
	starts := make([]int, 0, count)
	for _, r := range ranges {
		for at := r.From; at+n <= r.To; at += hop {
			starts = append(starts, at)
		}
	}
	e := newPairs(n, p.Window.values(n))
	bins := n/2 + 1
	out := make([]float64, bins)
	var all []float64 // one segment after the other, for the median
	if p.Average == Median {
		all = make([]float64, bins*(count+1)) // of an odd number the last has a companion
	}
	for k := 0; k < count; k += 2 {
		a := x[starts[k] : starts[k]+n]
		b, both := a, k+1 < count
		if both {
			b = x[starts[k+1] : starts[k+1]+n]
		}
		if p.Average == Median {
			e.of(a, b, all[k*bins:(k+1)*bins], all[(k+1)*bins:(k+2)*bins])
			continue
		}
		e.of(a, b, e.one, e.other)
		for i := range out {
			out[i] += e.one[i]
			if both {
				out[i] += e.other[i]
			}
		}
	}
	scale := 1 / (rate * e.energy)
	column := make([]float64, count)
	for i := range out {
		v := out[i] / float64(count)
		if p.Average == Median {
			for k := range column {
				column[k] = all[k*bins+i]
			}
			v = medianOf(column) / medianBias(count)
		}
		out[i] = v * scale * sides(i, n)
	}
	return Spectrum{Step: rate / float64(n), Density: out, Segments: count}, nil
}

// pairs transforms two segments at once, as the real and the imaginary part of
// one complex signal.
type pairs struct {
	fft        *fourier.CmplxFFT
	window     []float64
	energy     float64 // Σw²
	in, out    []complex128
	one, other []float64
}

func newPairs(n int, window []float64) *pairs {
	e := &pairs{
		fft: fourier.NewCmplxFFT(n), window: window,
		in: make([]complex128, n), out: make([]complex128, n), one: make([]float64, n/2+1), other: make([]float64, n/2+1),
	}
	for _, w := range window {
		e.energy += w * w
	}
	return e
}

// of gives |FFT(w·(x−x̄))|² of two segments, from Z = A + iB:
// A(k) = (Z(k) + Z*(n−k))/2 and B(k) = (Z(k) − Z*(n−k))/2i.
func (e *pairs) of(a, b, powerA, powerB []float64) {
	ma, mb := meanOf(a), meanOf(b)
	for i, w := range e.window {
		e.in[i] = complex((a[i]-ma)*w, (b[i]-mb)*w)
	}
	z := e.fft.Coefficients(e.out, e.in)
	n := len(z)
	for k := range powerA {
		p, q := z[k], z[(n-k)%n]
		re, im := (real(p)+real(q))/2, (imag(p)-imag(q))/2
		powerA[k] = re*re + im*im
		re, im = (imag(p)+imag(q))/2, (real(q)-real(p))/2
		powerB[k] = re*re + im*im
	}
}

func meanOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
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
	mean := meanOf(x)
	for i, v := range x {
		e.in[i] = (v - mean) * e.window[i]
	}
	for i, c := range e.fft.Coefficients(e.coeff, e.in) {
		e.power[i] = real(c)*real(c) + imag(c)*imag(c)
	}
	return e.power
}

// medianOf changes the order of what it is given.
func medianOf(v []float64) float64 {
	m := len(v) / 2
	upper := rank(v, m)
	if len(v)%2 == 1 {
		return upper
	}
	return (slices.Max(v[:m]) + upper) / 2
}

// rank puts the value that would stand at place k of the sorted values there,
// smaller ones before it and larger ones after it, and gives it: Hoare's
// selection with the median of three.
func rank(v []float64, k int) float64 {
	lo, hi := 0, len(v)-1
	for hi-lo > 12 {
		mid := lo + (hi-lo)/2
		a, b, c := v[lo], v[mid], v[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return v[k]
		}
	}
	slices.Sort(v[lo : hi+1])
	return v[k]
}

func medianBias(n int) float64 {
	b := 1.0
	for k := 1; k <= (n-1)/2; k++ {
		b += 1/float64(2*k+1) - 1/float64(2*k)
	}
	return b
}
