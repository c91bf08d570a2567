package signal

import (
	"math"

	"dvala/fault"
)

// Narrow is a band-pass filter for a band that lies far below the rate, such as
// that of slow waves: it works at a low rate, which is enough for what it lets
// pass, and gives its result at any other where it is wanted.
//
//	halve as long as the rate stays above 16·top ─► filter ─► resample
//
// top is where the upper transition ends. Halving is
//
//	y(m) = Σ_j C(6, 3+j)/64 · x(2m + j),   j = −3 … 3,
//
// whose six zeros at half the rate leave 1.1·10⁻⁶ (−119 dB) of what would fold onto
// 0 … top; what it takes within the band, cos⁶(πf/rate), is given back by the filter.
// The filter is Bandpass at the rate wanted, brought to the low one.
type Narrow struct {
	halvings int
	rate     float64 // of what is filtered
	f        FIR
	back     Resampler
	direct   Resampler // for its ratio alone
}

// leastRate is the least rate at which a band up to top is filtered, in tops.
const leastRate = 16

// NarrowBandpass designs one for a signal of that rate, whose result is wanted at
// the rate to; the rest is as in Bandpass.
func NarrowBandpass(rate, to, low, high, width float64) (n Narrow, err error) {
	top := high + width
	if !(top > 0) || !(rate >= leastRate*top) || !(to >= leastRate*top) {
		return n, fault.New("filter-narrow", "", "a band up to %g Hz is not far below %g samples per second", top, math.Min(rate, to)).
			WithHint("a sixteenth of the rate at most")
	}
	for n.rate = rate; n.rate/2 >= leastRate*top; n.rate /= 2 {
		n.halvings++
	}
	f, err := Bandpass(to, low, high, width, width)
	if err != nil {
		return n, err
	}
	if n.back, err = ResamplerTo(n.rate, to, top); err != nil {
		return n, err
	}
	if n.direct, err = ResamplerTo(rate, to, top); err != nil {
		return n, err
	}
	if n.f, err = f.at(to, n.rate, top); err == nil {
		n.f = n.f.raised(n.fallen)
	}
	return n, err
}

// at is the filter for a signal of another rate: the same up to the frequency top.
func (f FIR) at(rate, other, top float64) (FIR, error) {
	r, err := ResamplerTo(rate, other, top)
	if err != nil {
		return FIR{}, err
	}
	// The middle tap stands where a sample of the other rate does.
	middle := r.down * ((f.half()+r.reach)/r.down + 1)
	wide := make([]float64, 2*middle+1)
	copy(wide[middle-f.half():], f.taps)
	y := make([]float64, r.Len(len(wide)))
	r.Resample(y, wide, []Range{{0, len(y)}})
	centre := middle / r.down * r.up
	reach := min(int(float64(f.half()+r.reach)*other/rate), centre)
	out := make([]float64, 2*reach+1)
	for k := range reach + 1 {
		v := (y[centre-k] + y[centre+k]) / 2 * rate / other
		out[reach-k], out[reach+k] = v, v
	}
	return FIR{out}, nil
}

// raised is the filter with its response divided by fallen, of a share of the rate
// up to a half.
func (f FIR) raised(fallen func(share float64) float64) FIR {
	const further = 128 // samples, after which nothing is left to speak of
	reach := f.half() + further
	size := 1
	for size < 4*reach {
		size *= 2
	}
	t := transformOf(size)
	c := make([]complex128, size)
	for k, v := range t.spectrum(f) { // in the order of the transform, divided by its size
		place := t.frequency[k]
		c[k] = complex(v/fallen(float64(min(place, size-place))/float64(size)), 0)
	}
	t.backward(c)
	out := make([]float64, 2*reach+1)
	for k := range reach + 1 {
		out[reach-k], out[reach+k] = real(c[k]), real(c[k])
	}
	return FIR{out}
}

// Rate is that of what Filter gives.
func (n Narrow) Rate() float64 { return n.rate }

// Len is how many samples n samples of the signal become at the rate wanted.
func (n Narrow) Len(samples int) int { return n.direct.Len(samples) }

// Filter filters x at the low rate, within ranges that count samples of what it
// gives; outside them that is 0.
func (n Narrow) Filter(x []float64, ranges []Range) []float64 {
	y := make([]float64, halvedTimes(len(x), n.halvings))
	from := func() source {
		var s source = extended{x, edgeOf((n.f.half()+2*halveReach)<<n.halvings, len(x))}
		for range n.halvings {
			s = halved{s, make([]float64, 2*halveChunk+2*halveReach)}
		}
		return s
	}
	var within []Range
	for _, r := range ranges {
		within = append(within, Range{max(r.From, 0), min(r.To, len(y))})
	}
	n.f.each(from, within, func(at int, piece []float64) { copy(y[at:], piece) })
	return y
}

// Back gives samples at … at+len(dst) at the rate wanted, of what Filter gave.
func (n Narrow) Back(dst, filtered []float64, at int) {
	resample(dst, filtered, n.back.up, n.back.down, n.back.phases, n.back.reach, at)
}

// fallen is what halving has left of a frequency, a share of the low rate.
func (n Narrow) fallen(share float64) float64 {
	left := 1.0
	for range n.halvings {
		share /= 2
		left *= math.Pow(math.Cos(math.Pi*share), 2*halveReach)
	}
	return left
}

const (
	halveReach = 3   // samples to each side
	halveChunk = 512 // samples made at a time, so that they stay in the cache
)

func halvedTimes(n, times int) int {
	for range times {
		n = (n + 1) / 2
	}
	return n
}

// halved is a source at half the rate.
type halved struct {
	source
	chunk []float64
}

func (h halved) stretch(from, n int, into []float64) []float64 {
	into = into[:n]
	for at := 0; at < n; at += halveChunk {
		part := into[at:min(at+halveChunk, n)]
		halve(part, h.source.stretch(2*(from+at)-halveReach, 2*len(part)+2*halveReach, h.chunk))
	}
	return into
}

// halve fills y from x, which begins halveReach samples before the first. Each
// sample is loaded once.
func halve(y, x []float64) {
	x = x[:2*len(y)+2*halveReach-1]
	a, b, c, d, e := x[0], x[1], x[2], x[3], x[4]
	x = x[5:]
	x = x[:2*len(y)]
	for m := range y {
		f, g := x[2*m], x[2*m+1]
		y[m] = 20./64*d + 15./64*(c+e) + (6./64*(b+f) + 1./64*(a+g))
		a, b, c, d, e = c, d, e, f, g
	}
}
