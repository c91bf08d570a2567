package signal

import (
	"math"

	"dvala/fault"
)

// Tapers gives the first k discrete prolate spheroidal sequences of n samples
// with time-halfbandwidth nw, each of energy 1, and their concentrations: the
// share of each one's energy within ±nw/n cycles per sample.
//
// The first and every other is symmetric with a positive sum, the rest are
// antisymmetric and begin with a positive lobe.
//
// Method: the sequences are the eigenvectors of the tridiagonal matrix
//
//	T_ii = ((n−1)/2 − i)²·cos(2πnw/n),  T_i,i+1 = (i+1)(n−1−i)/2
//
// of the k largest eigenvalues, found by bisection on Sturm's count and
// inverse iteration. Source: Slepian 1978, doi:10.1002/j.1538-7305.1978.tb02104.x;
// Percival & Walden 1993, chapter 8.
func Tapers(n int, nw float64, k int) (tapers [][]float64, concentration []float64, err error) {
	if n < 2 || n > 1<<20 || !(nw > 0) || nw >= float64(n)/2 || k < 1 || k > n {
		return nil, nil, fault.New("tapers", "", "no %d tapers of %d samples with time-halfbandwidth %g", k, n, nw)
	}
	d, e := make([]float64, n), make([]float64, n) // e[i] couples i−1 and i
	c := math.Cos(2 * math.Pi * nw / float64(n))
	for i := range d {
		m := float64(n-1)/2 - float64(i)
		d[i] = m * m * c
		e[i] = float64(i) * float64(n-i) / 2
	}
	for j := range k {
		v := eigenvector(d, e, eigenvalue(d, e, n-1-j), tapers)
		orient(v, j)
		tapers = append(tapers, v)
		concentration = append(concentration, concentrationOf(v, nw/float64(n)))
	}
	return tapers, concentration, nil
}

// eigenvalue gives the one with index below it, by bisection.
func eigenvalue(d, e []float64, index int) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range d {
		r := math.Abs(e[i])
		if i+1 < len(e) {
			r += math.Abs(e[i+1])
		}
		lo, hi = math.Min(lo, d[i]-r), math.Max(hi, d[i]+r)
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if below(d, e, mid) > index {
			hi = mid
		} else {
			lo = mid
		}
	}
	return lo + (hi-lo)/2
}

// below counts the eigenvalues under v by Sturm's sequence.
func below(d, e []float64, v float64) int {
	count, q := 0, 1.0
	for i := range d {
		q = d[i] - v - e[i]*e[i]/q
		if q == 0 {
			q = 1e-300
		}
		if q < 0 {
			count++
		}
	}
	return count
}

// eigenvector solves (T − λ)v = b a few times, kept orthogonal to the vectors
// before it.
func eigenvector(d, e []float64, lambda float64, before [][]float64) []float64 {
	n := len(d)
	v := make([]float64, n)
	for i := range v {
		v[i] = 1 + float64(i%7)/10 + float64(i)/float64(n) // neither symmetric nor antisymmetric
	}
	for range 4 {
		solveTridiagonal(d, e, lambda, v)
		for _, u := range before {
			dot := 0.0
			for i := range v {
				dot += u[i] * v[i]
			}
			for i := range v {
				v[i] -= dot * u[i]
			}
		}
		norm := 0.0
		for _, x := range v {
			norm += x * x
		}
		norm = 1 / math.Sqrt(norm)
		for i := range v {
			v[i] *= norm
		}
	}
	return v
}

// solveTridiagonal solves (T − λ)x = b in place, with partial pivoting: the
// matrix is as good as singular by design.
func solveTridiagonal(d, e []float64, lambda float64, b []float64) {
	n := len(d)
	diag, up, up2 := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range d {
		diag[i] = d[i] - lambda
		if i+1 < n {
			up[i] = e[i+1]
		}
	}
	for i := 0; i+1 < n; i++ {
		low := e[i+1]
		if math.Abs(low) > math.Abs(diag[i]) { // the row below comes first
			f := diag[i] / low
			diag[i], up[i], diag[i+1], up[i+1], up2[i] = low, diag[i+1], up[i]-f*diag[i+1], -f*up[i+1], up[i+1]
			b[i], b[i+1] = b[i+1], b[i]-f*b[i+1]
			continue
		}
		if diag[i] == 0 {
			diag[i] = 1e-300
		}
		f := low / diag[i]
		diag[i+1] -= f * up[i]
		b[i+1] -= f * b[i]
	}
	if diag[n-1] == 0 {
		diag[n-1] = 1e-300
	}
	for i := n - 1; i >= 0; i-- {
		s := b[i]
		if i+1 < n {
			s -= up[i] * b[i+1]
		}
		if i+2 < n {
			s -= up2[i] * b[i+2]
		}
		b[i] = s / diag[i]
	}
}

// orient fixes the sign.
func orient(v []float64, j int) {
	s := 0.0
	for i, x := range v {
		w := 1.0
		if j%2 == 1 {
			w = float64(len(v)-1-2*i) / float64(len(v))
		}
		s += w * x
	}
	if s < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
}

// concentrationOf is Σ_m r(m)·sin(2πWm)/(πm), r being the autocorrelation.
func concentrationOf(v []float64, w float64) float64 {
	n := len(v)
	size := 16
	for size < 2*n {
		size *= 2
	}
	t := transformOf(size)
	c := make([]complex128, size)
	for i, x := range v {
		c[i] = complex(x, 0)
	}
	t.forward(c)
	for i, x := range c {
		c[i] = complex(real(x)*real(x)+imag(x)*imag(x), 0)
	}
	t.backward(c)
	out := 2 * w * real(c[0]) * t.inverse
	for m := 1; m < n; m++ {
		out += 2 * real(c[m]) * t.inverse * math.Sin(2*math.Pi*w*float64(m)) / (math.Pi * float64(m))
	}
	return out
}

// Multitaper estimates the spectrum of the whole of x, less its mean, with
// tapers of half-bandwidth given:
//
//	S(f) = c(f)/rate · Σ λ_k·|Σ v_k(t)·x(t)·e^(−2πift)|² / Σ λ_k
//
// over the tapers whose concentration λ exceeds 0.9; c as in Welch.
//
//	halfBandwidth  Hz; the resolution is twice that. At 30 s, 0.5 Hz gives nw
//	               15 and 29 tapers.
//
// Source: Thomson 1982, doi:10.1109/PROC.1982.12433, with eigenvalue weights
// (not the adaptive ones); Prerau 2017, doi:10.1152/physiol.00062.2015.
func Multitaper(x []float64, rate, halfBandwidth float64) (Spectrum, error) {
	m, err := NewMultitaper(len(x), rate, halfBandwidth)
	if err != nil {
		return Spectrum{}, err
	}
	return m.Of(x), nil
}

// Multitapers estimates spectra of signals of one length; it may not be used
// by two goroutines at once.
type Multitapers struct {
	rate   float64
	each   []*periodogram
	weight []float64
}

// NewMultitaper makes the tapers once for many signals of n samples.
func NewMultitaper(n int, rate, halfBandwidth float64) (*Multitapers, error) {
	if !(rate > 0) || !(halfBandwidth > 0) {
		return nil, fault.New("tapers", "", "a half-bandwidth of %g Hz at %g samples per second", halfBandwidth, rate)
	}
	nw := halfBandwidth * float64(n) / rate
	k := int(math.Floor(2*nw)) - 1
	if k < 1 || k > 200 {
		return nil, fault.New("tapers", "", "%g s with a half-bandwidth of %g Hz give %d tapers", float64(n)/rate, halfBandwidth, k).
			WithHint("use 1 to 200: twice the seconds times the half-bandwidth, less one")
	}
	v, l, err := Tapers(n, nw, k)
	if err != nil {
		return nil, err
	}
	m := &Multitapers{rate: rate}
	total := 0.0
	for j := range v {
		if j > 0 && l[j] <= 0.9 {
			break
		}
		m.each = append(m.each, newPeriodogram(n, v[j]))
		m.weight = append(m.weight, l[j])
		total += l[j]
	}
	for j := range m.weight {
		m.weight[j] /= total
	}
	return m, nil
}

// Of estimates one spectrum; x has the length that the tapers were made for.
func (m *Multitapers) Of(x []float64) Spectrum {
	n := len(x)
	out := Spectrum{Step: m.rate / float64(n), Density: make([]float64, n/2+1), Segments: 1}
	for j, e := range m.each {
		for i, v := range e.of(x) {
			out.Density[i] += v * m.weight[j] / m.rate * sides(i, n)
		}
	}
	return out
}
