package signal

import (
	"math"

	"dvala/fault"
)

// Resample gives x at up/down times its rate: ⌈n·up/down⌉ samples, the first at
// the same instant as the first of x.
//
//	y(m) = Σ_k x(k)·h(m·down − k·up)
//
// h is a sinc with its edge at the lower of both half rates under a Kaiser
// window (β = 5) that reaches 10 of the longer sample intervals to each side.
// It is that of scipy.signal.resample_poly; beyond its ends x goes on as in
// FIR.Filter, where SciPy takes zeros.
func Resample(x []float64, up, down int) ([]float64, error) {
	if up < 1 || down < 1 || up > maxFactor || down > maxFactor {
		return nil, fault.New("resample-ratio", "", "no resampling by %d to %d", up, down).WithHint("both must be 1 to %d", maxFactor)
	}
	g := gcd(up, down)
	up, down = up/g, down/g
	if up == 1 && down == 1 || len(x) == 0 {
		return append([]float64(nil), x...), nil
	}
	y := make([]float64, resampled(len(x), up, down))
	phases, reach := polyphase(up, 1/float64(max(up, down)), float64(10*max(up, down)), 5)
	resample(y, x, up, down, phases, reach, 0)
	return y, nil
}

// resampled is how many samples n become.
func resampled(n, up, down int) int { return (n*up + down - 1) / down }

// resample fills y with the samples from one of that number on.
func resample(y, x []float64, up, down int, phases [][]float64, reach, from int) {
	ext := extended{x: x, pad: max(min(reach, len(x)-1), 0)}
	// The phase and the sample are counted on, since to divide for every sample
	// takes longer than a short kernel.
	whole, part := down/up, down%up
	phase, first := from*down%up, from*down/up-reach
	for m := range y {
		h := phases[phase]
		if first >= 0 && first+len(h) <= len(x) {
			y[m] = dot(h, x[first:first+len(h)])
		} else {
			y[m] = 0
			for i, v := range h {
				y[m] += v * ext.at(first+i)
			}
		}
		phase, first = phase+part, first+whole
		if phase >= up {
			phase, first = phase-up, first+1
		}
	}
}

const maxFactor = 4096

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s, t, u, v float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s += a[i] * b[i]
		t += a[i+1] * b[i+1]
		u += a[i+2] * b[i+2]
		v += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s += a[i] * b[i]
	}
	return s + t + u + v
}

// polyphase gives, for each phase, the taps by which reach samples before the
// current one up to reach after it are multiplied: a sinc of that edge (a share
// of half of up times the rate) under a Kaiser window that reaches span of the
// finer samples to each side.
func polyphase(up int, edge, span, beta float64) (phases [][]float64, reach int) {
	half := int(math.Ceil(span))
	h := make([]float64, 2*half+1)
	sum := 0.0
	for i := range h {
		m := float64(i - half)
		v := edge
		if m != 0 {
			v = math.Sin(math.Pi*m*edge) / (math.Pi * m)
		}
		r := m / float64(half)
		h[i] = v * besselI0(beta*math.Sqrt(1-r*r)) / besselI0(beta)
		sum += h[i]
	}
	reach = half/up + 1
	phases = make([][]float64, up)
	for p := range phases {
		phases[p] = make([]float64, 2*reach+1)
		for i := range phases[p] {
			if k := half + p - (i-reach)*up; k >= 0 && k < len(h) {
				phases[p][i] = h[k] / sum * float64(up)
			}
		}
	}
	return phases, reach
}

// besselI0 is the modified Bessel function of order 0, by its series.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1; k < 100 && term > sum*1e-17; k++ {
		term *= x / 2 / float64(k) * (x / 2 / float64(k))
		sum += term
	}
	return sum
}

// ResampleTo resamples from one rate to another, whose ratio must be that of
// two whole numbers up to 4096.
func ResampleTo(x []float64, from, to float64) ([]float64, error) {
	up, down, ok := ratio(to, from)
	if !ok {
		return nil, noRatio(from, to)
	}
	return Resample(x, up, down)
}

func noRatio(from, to float64) error {
	return fault.New("resample-ratio", "", "no ratio of small whole numbers makes %g of %g samples per second", to, from)
}

// ratio finds a/b as whole numbers, by continued fractions.
func ratio(a, b float64) (num, den int, ok bool) {
	if !(a > 0) || !(b > 0) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return 0, 0, false
	}
	want := a / b
	v, p0, q0, p1, q1 := want, 0.0, 1.0, 1.0, 0.0
	for range 30 {
		w := math.Floor(v)
		p0, q0, p1, q1 = p1, q1, w*p1+p0, w*q1+q0
		if p1 > maxFactor || q1 > maxFactor {
			return 0, 0, false
		}
		if p1 > 0 && math.Abs(p1/q1-want) < 1e-9*want {
			return int(p1), int(q1), true
		}
		v = 1 / (v - w)
	}
	return 0, 0, false
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
