package signal

import "math/bits"

// Range is samples From, included, up to To, excluded.
type Range struct{ From, To int }

// Runs gives the stretches of true, each widened by margin samples on both
// sides and joined where they then meet.
func Runs(mask []bool, margin int) []Range {
	var out []Range
	for i := 0; i < len(mask); {
		if !mask[i] {
			i++
			continue
		}
		j := i + 1
		for j < len(mask) && mask[j] {
			j++
		}
		r := Range{max(i-margin, 0), min(j+margin, len(mask))}
		if k := len(out) - 1; k >= 0 && r.From <= out[k].To {
			out[k].To = r.To
		} else {
			out = append(out, r)
		}
		i = j
	}
	return out
}

// Join makes one of ranges in order that are less than gap apart.
func Join(ranges []Range, gap int) []Range {
	var out []Range
	for _, r := range ranges {
		if k := len(out) - 1; k >= 0 && r.From-out[k].To < gap {
			out[k].To = max(out[k].To, r.To)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// Filter gives the filtered signal, as long as x.
//
// Beyond its ends the signal is continued by its own mirror image turned about
// the end point (2·x₀ − x₋ₖ), as MNE does, and by zeros where it is too short
// even for that.
func (f FIR) Filter(x []float64) []float64 {
	y := make([]float64, len(x))
	FilterRanges(x, []Range{{0, len(x)}}, []FIR{f}, [][]float64{y})
	return y
}

// FilterRanges filters x with several filters at once, for the ranges given
// only; outputs[i] is as long as x, and outside the ranges stays as it was.
// The result within a range does not depend on which ranges were asked for,
// but for rounding.
//
// Method: overlap-save. Two blocks go through one complex transform, as its
// real and imaginary part; every filter shares the forward one.
func FilterRanges(x []float64, ranges []Range, filters []FIR, outputs [][]float64) {
	half, longest := 0, 0
	for _, f := range filters {
		half = max(half, f.half())
	}
	for _, r := range ranges {
		longest = max(longest, r.To-r.From)
	}
	if longest == 0 || len(filters) == 0 {
		return
	}
	n := blockLength(half, longest)
	t := transformOf(n)
	spectra := make([][]float64, len(filters))
	for i, f := range filters {
		spectra[i] = t.spectrum(f)
	}
	step := n - 2*half
	fwd, back := make([]complex128, n), make([]complex128, n)
	ext := extended{x: x, pad: edgeOf(half, len(x))}
	for _, r := range ranges {
		for at := r.From; at < r.To; at += 2 * step {
			ext.load(fwd, at-half, at+step-half)
			t.forward(fwd)
			for i, s := range spectra {
				for k, v := range s {
					back[k] = complex(real(fwd[k])*v, imag(fwd[k])*v)
				}
				t.backward(back)
				unpack(outputs[i], back[half:half+step], at, r.To)
			}
		}
	}
}

// blockLength picks the transform: long enough that the overlap is a small
// share of it, short enough to stay in the processor's cache.
func blockLength(half, longest int) int {
	n := 1 << bits.Len(uint(16*half))
	n = min(n, 1<<14)
	for n < 4*half+2 {
		n *= 2
	}
	for n > 64 && n/2 >= longest+2*half && n/2 > 2*half {
		n /= 2
	}
	return max(n, 16)
}

// spectrum is the filter's response in the order of the transform, divided by
// n. It is real, because the taps are symmetric about sample 0.
func (t *transform) spectrum(f FIR) []float64 {
	c := make([]complex128, t.n)
	for i, v := range f.taps {
		c[(i-f.half()+t.n)%t.n] += complex(v, 0)
	}
	t.forward(c)
	out := make([]float64, t.n)
	for i, v := range c {
		out[i] = real(v) * t.inverse
	}
	return out
}

// unpack writes the two blocks that lie in a transform's real and imaginary
// part to where they belong.
func unpack(dst []float64, block []complex128, at, to int) {
	step := len(block)
	first := dst[at:min(at+step, to)]
	for i := range first {
		first[i] = real(block[i])
	}
	if at+step < to {
		second := dst[at+step : min(at+2*step, to)]
		for i := range second {
			second[i] = imag(block[i])
		}
	}
}

// extended is a signal with what it is taken to be beyond its ends.
type extended struct {
	x   []float64
	pad int // samples of mirror image on each side; zeros beyond
}

func edgeOf(half, n int) int { return max(min(2*half+1, n)-1, 0) }

// load fills a transform with two blocks, from a and from b on.
func (e extended) load(dst []complex128, a, b int) {
	n := len(dst)
	if a >= 0 && b >= 0 && a+n <= len(e.x) && b+n <= len(e.x) {
		xa, xb := e.x[a:a+n], e.x[b:b+n]
		for i := range dst {
			dst[i] = complex(xa[i], xb[i])
		}
		return
	}
	for i := range dst {
		dst[i] = complex(e.at(a+i), e.at(b+i))
	}
}

// at gives sample i, mirrored about the nearer end point beyond it.
func (e extended) at(i int) float64 {
	n := len(e.x)
	switch {
	case i >= 0 && i < n:
		return e.x[i]
	case i < 0 && -i <= e.pad:
		return 2*e.x[0] - e.x[-i]
	case i >= n && i-n+1 <= e.pad:
		return 2*e.x[n-1] - e.x[2*n-2-i]
	}
	return 0
}
