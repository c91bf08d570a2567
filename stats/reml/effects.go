package reml

import (
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Effects are the fixed effects of a fitted model and what may be asked of
// them. Models embed it.
type Effects struct {
	// Coefficients are those of the design's columns, by Method.
	Coefficients []stats.Estimate
	Method       Method // of Mean and Difference; any may be asked of contrasts

	inf    Inference
	design *terms.Design
}

// NewEffects joins inference to the design that it is about.
func NewEffects(d *terms.Design, inf Inference, m Method) (Effects, error) {
	f := Effects{Method: m, inf: inf, design: d}
	for j, name := range d.Columns {
		l := make([]float64, len(d.Columns))
		l[j] = 1
		e, err := f.Contrast(name, l, m)
		if err != nil {
			return f, err
		}
		f.Coefficients = append(f.Coefficients, e)
	}
	return f, nil
}

// Contrast estimates a combination of the coefficients by the method asked for.
func (f *Effects) Contrast(name string, l []float64, m Method) (stats.Estimate, error) {
	return f.inf.Contrast(name, l, m)
}

// RobustContrast is Contrast with a sandwich error over people.
func (f *Effects) RobustContrast(name string, l []float64, kind Robust) (stats.Estimate, error) {
	return f.inf.RobustContrast(name, l, kind)
}

// RobustDifference is Difference with a sandwich error over people.
func (f *Effects) RobustDifference(name string, a, b terms.At, w terms.Weights, kind Robust) (stats.Estimate, error) {
	l, err := f.design.Difference(a, b, w)
	if err != nil {
		return stats.Estimate{}, err
	}
	return f.RobustContrast(name, l, kind)
}

// Test is a joint test of several combinations.
func (f *Effects) Test(name string, l dense.Matrix, m Method) (stats.Joint, error) {
	return f.inf.Test(name, l, m)
}

// Mean gives an adjusted mean at levels and values of the design's variables.
func (f *Effects) Mean(name string, at terms.At, w terms.Weights) (stats.Estimate, error) {
	l, err := f.design.Mean(at, w)
	if err != nil {
		return stats.Estimate{}, err
	}
	return f.Contrast(name, l, f.Method)
}

// Difference gives the adjusted mean at a minus the one at b.
func (f *Effects) Difference(name string, a, b terms.At, w terms.Weights) (stats.Estimate, error) {
	l, err := f.design.Difference(a, b, w)
	if err != nil {
		return stats.Estimate{}, err
	}
	return f.Contrast(name, l, f.Method)
}

// Fitted gives what the fixed effects say of each row of the design.
func (f *Effects) Fitted() []float64 {
	out := make([]float64, f.design.X.R)
	for i := range out {
		out[i] = f.inf.Fitted(f.design.X.Row(i))
	}
	return out
}
