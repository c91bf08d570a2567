package signal

import (
	"math"

	"dvala/fault"
)

// FIR is a linear filter of an odd number of symmetric taps, used without
// delay: it shifts no wave in time.
type FIR struct {
	taps []float64
}

// hammingFactor is the length of a Hamming-windowed filter times its
// transition width, in samples per cycle, as MNE takes it.
const hammingFactor = 3.3

// Bandpass designs a filter that lets low … high pass:
//
//	h = lowpass(high + highWidth/2) − lowpass(low − lowWidth/2)
//
// each lowpass a Hamming-windowed sinc of gain 1 at 0 Hz. Its length is that
// of the narrower transition, 3.3/width seconds made an odd number of samples;
// the shorter lowpass stands in the middle of it. Half the amplitude (−6 dB)
// is left in the middle of each transition.
//
//	rate                  Hz
//	low, high             Hz; the pass band's edges, 0 < low < high
//	lowWidth, highWidth   Hz; the transitions below low and above high
//
// Source: the firwin design of MNE (Gramfort 2013,
// doi:10.3389/fnins.2013.00267), whose taps it equals.
func Bandpass(rate, low, high, lowWidth, highWidth float64) (FIR, error) {
	switch {
	case !(rate > 0) || !(low > 0) || !(high > low) || !(lowWidth > 0) || !(highWidth > 0):
		return FIR{}, fault.New("filter-band", "", "no band-pass from %g to %g Hz with transitions of %g and %g Hz", low, high, lowWidth, highWidth)
	case low-lowWidth < 0 || high+highWidth > rate/2:
		return FIR{}, fault.New("filter-rate", "", "a filter up to %g Hz does not fit a signal of %g samples per second", high+highWidth, rate).
			WithHint("frequencies must stay between 0 and half the rate")
	}
	n := oddAtLeast(hammingFactor / math.Min(lowWidth, highWidth) * rate)
	if n > maxTaps {
		return FIR{}, fault.New("filter-long", "", "a transition of %g Hz at %g samples per second takes %d taps", math.Min(lowWidth, highWidth), rate, n)
	}
	h := make([]float64, n)
	add := func(edge, width, sign float64) {
		one := lowpass(min(oddNear(hammingFactor/width*rate), n), edge/(rate/2))
		offset := (n - len(one)) / 2
		for i, v := range one {
			h[offset+i] += sign * v
		}
	}
	add(high+highWidth/2, highWidth, 1)
	add(low-lowWidth/2, lowWidth, -1)
	return FIR{h}, nil
}

// BandpassAuto is Bandpass with MNE's own transitions: a quarter of the edge,
// at least 2 Hz, and no more than there is room for.
func BandpassAuto(rate, low, high float64) (FIR, error) {
	return Bandpass(rate, low, high, math.Min(math.Max(0.25*low, 2), low), math.Min(math.Max(0.25*high, 2), rate/2-high))
}

const maxTaps = 1 << 16

// Taps gives the taps, as a copy.
func (f FIR) Taps() []float64 { return append([]float64(nil), f.taps...) }

// half is how many samples the filter reaches to each side.
func (f FIR) half() int { return len(f.taps) / 2 }

// oddAtLeast rounds up to a whole number and then to an odd one.
func oddAtLeast(v float64) int {
	n := int(math.Ceil(v))
	return n + (n-1)%2
}

// oddNear rounds to the nearest whole number and then up to an odd one.
func oddNear(v float64) int {
	n := int(math.RoundToEven(v))
	return n + 1 - n%2
}

// lowpass is a sinc of n taps under a Hamming window, with gain 1 at 0 Hz. The
// edge is a share of half the rate.
func lowpass(n int, edge float64) []float64 {
	h := make([]float64, n)
	sum := 0.0
	for i := range h {
		m := float64(i) - float64(n-1)/2
		v := edge
		if m != 0 {
			v = math.Sin(math.Pi*edge*m) / (math.Pi * m)
		}
		w := 1.0
		if n > 1 {
			w = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/float64(n-1))
		}
		h[i] = v * w
		sum += h[i]
	}
	for i := range h {
		h[i] /= sum
	}
	return h
}
