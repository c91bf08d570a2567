package signal

import "math"

// Band is a stretch of frequencies.
type Band struct {
	Name      string
	Low, High float64 // Hz
}

// Bands gives those of sleep EEG, as YASA divides them.
func Bands() []Band {
	return []Band{{"delta", 0.5, 4}, {"theta", 4, 8}, {"alpha", 8, 12}, {"sigma", 12, 16}, {"beta", 16, 30}, {"gamma", 30, 40}}
}

// Whole gives the band from the lowest edge to the highest.
func Whole(bands []Band) Band {
	out := Band{Name: "total", Low: math.Inf(1), High: math.Inf(-1)}
	for _, b := range bands {
		out.Low, out.High = math.Min(out.Low, b.Low), math.Max(out.High, b.High)
	}
	return out
}

// edge tolerates that a frequency such as 7·(1/3) is not quite what it says.
const edge = 1e-9

// Power integrates a spectrum over Low ≤ f < High:
//
//	P = Δf · Σ S(f)
//
// Each frequency belongs to one band only, so the powers of bands that touch
// add up to that of the whole, and relative powers to 1. ok is false if no
// frequency lies in the band.
func (s Spectrum) Power(b Band) (p float64, ok bool) {
	for i, v := range s.Density {
		if f := s.Freq(i); f >= b.Low-edge && f < b.High-edge {
			p, ok = p+v, true
		}
	}
	return p * s.Step, ok
}

// SimpsonPower integrates by Simpson's rule over Low ≤ f ≤ High, both edges
// included: the definition of YASA, by which a frequency on the edge of two
// bands counts in both, so that relative powers need not add up to 1 where a
// band has an odd number of steps. ok is
// false with fewer than two frequencies. Where their number is even, the last
// interval takes the parabola through the last three points, as SciPy does
// since 1.11.
func (s Spectrum) SimpsonPower(b Band) (p float64, ok bool) {
	var y []float64
	for i, v := range s.Density {
		if f := s.Freq(i); f >= b.Low-edge && f <= b.High+edge {
			y = append(y, v)
		}
	}
	if len(y) < 2 {
		return 0, false
	}
	return simpson(y, s.Step), true
}

func simpson(y []float64, dx float64) float64 {
	n := len(y)
	if n == 2 {
		return dx * (y[0] + y[1]) / 2
	}
	last := 0.0
	if n%2 == 0 {
		last = dx / 12 * (5*y[n-1] + 8*y[n-2] - y[n-3])
		n--
	}
	sum := y[0] + y[n-1]
	for i := 1; i < n-1; i++ {
		sum += y[i] * float64(2+2*(i%2))
	}
	return last + sum*dx/3
}
