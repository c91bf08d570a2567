package signal

import "math/bits"

// Analytic gives the analytic signal of x, which is taken to be 0 beyond its
// ends: x itself as the real part and its Hilbert transform as the imaginary
// one. dst is used if it is long enough.
func Analytic(dst []complex128, x []float64) []complex128 {
	n := 1 << bits.Len(uint(max(len(x)-1, 1)))
	if cap(dst) < n {
		dst = make([]complex128, n)
	}
	dst = dst[:n]
	for i := range dst {
		dst[i] = 0
		if i < len(x) {
			dst[i] = complex(x[i], 0)
		}
	}
	t := transformOf(n)
	t.forward(dst)
	for i, k := range t.frequency {
		dst[i] *= complex(oneSided(k, n)*t.inverse, 0)
	}
	t.backward(dst)
	return dst[:len(x)]
}

// oneSided doubles positive frequencies and drops negative ones.
func oneSided(k, n int) float64 {
	switch {
	case k == 0 || 2*k == n:
		return 1
	case 2*k < n:
		return 2
	}
	return 0
}

// AnalyticRanges filters x within the ranges and gives the analytic signals of
// the results; outputs[i] is as long as x.
//
// It works on blocks that overlap by the filter's reach and a further margin,
// so the Hilbert transform, which reaches without end, is cut off there: what
// is lost is the filter's leakage near 0 Hz. Choose a margin of a few times
// the inverse of the narrowest transition.
func AnalyticRanges(x []float64, ranges []Range, margin int, filters []FIR, outputs [][]complex128) {
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
	over := half + margin
	n := blockLength(over, longest)
	t := transformOf(n)
	spectra := make([][]float64, len(filters))
	for i, f := range filters {
		spectra[i] = t.spectrum(f)
		for j, k := range t.frequency {
			spectra[i][j] *= oneSided(k, n)
		}
	}
	step := n - 2*over
	fwd, back := make([]complex128, n), make([]complex128, n)
	ext := extended{x: x, pad: edgeOf(half, len(x))}
	for _, r := range ranges {
		for at := r.From; at < r.To; at += step {
			ext.loadOne(fwd, at-over)
			t.forward(fwd)
			for i, s := range spectra {
				for k, v := range s {
					back[k] = complex(real(fwd[k])*v, imag(fwd[k])*v)
				}
				t.backward(back)
				copy(outputs[i][at:min(at+step, r.To)], back[over:over+step])
			}
		}
	}
}

func (e extended) loadOne(dst []complex128, a int) {
	for i := range dst {
		dst[i] = complex(e.at(a+i), 0)
	}
}
