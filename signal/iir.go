package signal

import (
	"math"
	"math/cmplx"

	"dvala/fault"
)

// Section is one second-order part of a recursive filter:
// y = (b0 + b1·z⁻¹ + b2·z⁻²)/(1 + a1·z⁻¹ + a2·z⁻²) x.
type Section struct{ B0, B1, B2, A1, A2 float64 }

// IIR is a recursive filter as a row of sections.
type IIR struct{ sections []Section }

// Sections gives the sections, as a copy.
func (f IIR) Sections() []Section { return append([]Section(nil), f.sections...) }

// Kind is what a Butterworth filter lets pass.
type Kind uint8

// Kinds of filter.
const (
	LowPass  Kind = iota // below High
	HighPass             // above Low
	BandPass             // between; its order is twice the one given
)

// Butterworth designs a filter of the order given, by the bilinear transform
// of the analogue one with its edges warped to where they belong; at an edge
// 1/√2 of the amplitude is left, of both ways of Filter together ½.
//
//	order  1 … 12
//	low    Hz, not used by LowPass
//	high   Hz, not used by HighPass
//
// Source: Butterworth 1930. Equal to scipy.signal.butter but for the grouping
// of its sections.
func Butterworth(kind Kind, order int, rate, low, high float64) (IIR, error) {
	usesLow, usesHigh := kind != LowPass, kind != HighPass
	if order < 1 || order > 12 || !(rate > 0) || usesLow && !(low > 0 && low < rate/2) || usesHigh && !(high > 0 && high < rate/2) || kind == BandPass && low >= high {
		return IIR{}, fault.New("filter-band", "", "no Butterworth filter of order %d from %g to %g Hz at %g samples per second", order, low, high, rate)
	}
	warp := func(hz float64) float64 { return 2 * math.Tan(math.Pi*hz/rate) } // of a rate of 1
	var poles []complex128
	for k := range order {
		poles = append(poles, cmplx.Exp(complex(0, math.Pi*float64(2*k+order+1)/float64(2*order))))
	}
	zerosAtOne := 0 // zeros at z = 1; all others are at z = −1
	var centre float64
	switch kind {
	case LowPass:
		poles = scaled(poles, complex(warp(high), 0))
	case HighPass:
		for i, p := range poles {
			poles[i] = complex(warp(low), 0) / p
		}
		zerosAtOne, centre = order, math.Pi
	case BandPass:
		lo, hi := warp(low), warp(high)
		wide, mid := complex(hi-lo, 0), complex(lo*hi, 0)
		var both []complex128
		for _, p := range poles {
			h := p * wide / 2
			r := cmplx.Sqrt(h*h - mid)
			both = append(both, h+r, h-r)
		}
		poles, zerosAtOne, centre = both, order, 2*math.Atan(math.Sqrt(lo*hi)/2)
	}
	for i, p := range poles {
		poles[i] = (2 + p) / (2 - p)
	}
	return assemble(poles, zerosAtOne, centre), nil
}

func scaled(v []complex128, by complex128) []complex128 {
	for i := range v {
		v[i] *= by
	}
	return v
}

// assemble pairs conjugate poles, gives each section its zeros and scales the
// whole to gain 1 at the angle given.
func assemble(poles []complex128, atOne int, centre float64) IIR {
	var f IIR
	var reals []float64
	atMinus := len(poles) - atOne
	zero := func() float64 {
		// Zeros at 1 and at −1 in turn, so that no section passes much more than others.
		if atOne > 0 && (atOne >= atMinus || atMinus == 0) {
			atOne--
			return 1
		}
		atMinus--
		return -1
	}
	add := func(a1, a2 float64, degree int) {
		z := zero()
		s := Section{1, -z, 0, a1, a2}
		if degree == 2 {
			y := zero()
			s.B1, s.B2 = -z-y, z*y
		}
		at := cmplx.Exp(complex(0, -centre))
		g := cmplx.Abs((complex(s.B0, 0) + complex(s.B1, 0)*at + complex(s.B2, 0)*at*at) / (1 + complex(a1, 0)*at + complex(a2, 0)*at*at))
		s.B0, s.B1, s.B2 = s.B0/g, s.B1/g, s.B2/g
		f.sections = append(f.sections, s)
	}
	for _, p := range poles {
		switch {
		case math.Abs(imag(p)) < 1e-12:
			reals = append(reals, real(p))
		case imag(p) > 0:
			add(-2*real(p), real(p)*real(p)+imag(p)*imag(p), 2)
		}
	}
	for len(reals) >= 2 {
		add(-reals[0]-reals[1], reals[0]*reals[1], 2)
		reals = reals[2:]
	}
	if len(reals) == 1 {
		add(-reals[0], 0, 1)
	}
	return f
}

// Filter runs the filter forth and back, so that it shifts nothing in time and
// its gain is squared. The ends are continued as in FIR.Filter, by three times
// the filter's length, and each run begins as if it had always met its first
// sample.
func (f IIR) Filter(x []float64) []float64 {
	if len(x) == 0 || len(f.sections) == 0 {
		return append([]float64(nil), x...)
	}
	taps, short := 2*len(f.sections)+1, 0
	for _, s := range f.sections {
		if s.B2 == 0 && s.A2 == 0 {
			short++
		}
	}
	edge := min(3*(taps-short), len(x)-1)
	ext := extended{x: x, pad: edge}
	y := make([]float64, len(x)+2*edge)
	for i := range y {
		y[i] = ext.at(i - edge)
	}
	f.run(y)
	reverse(y)
	f.run(y)
	reverse(y)
	return y[edge : edge+len(x) : edge+len(x)]
}

// run filters in place, each section starting in the steady state of a signal
// that has always been what the first sample is.
func (f IIR) run(y []float64) {
	level := y[0]
	for _, s := range f.sections {
		gain := (s.B0 + s.B1 + s.B2) / (1 + s.A1 + s.A2)
		z2 := (s.B2 - s.A2*gain) * level
		z1 := (s.B1-s.A1*gain)*level + z2
		for i, v := range y {
			out := s.B0*v + z1
			z1 = s.B1*v - s.A1*out + z2
			z2 = s.B2*v - s.A2*out
			y[i] = out
		}
		level *= gain
	}
}

func reverse(v []float64) {
	for i, j := 0, len(v)-1; i < j; i, j = i+1, j-1 {
		v[i], v[j] = v[j], v[i]
	}
}
