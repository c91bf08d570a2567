package reml

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Standard holds the units in which a model is fitted: columns of X other than
// the intercept centred and scaled to unit spread, the outcome too, so that raw
// dates and seconds do as well as small whole numbers. Once Untangle was
// called, the columns are also made orthogonal.
//
//	x̃ = L⁻¹·(x − mean)/sd    β = C·β̃·ySD + (yMean, 0, …)
type Standard struct {
	YMean, YSD float64
	LogScale   float64 // log|C|
	c          dense.Matrix
	mean, inv  []float64
	l          *dense.Matrix
	p          int
}

// MeanSD gives mean and spread with divisor n.
func MeanSD(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	var s float64
	for _, v := range x {
		s += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(s / float64(len(x)))
}

// NewStandard finds the units of a design, whose first column is the intercept,
// and an outcome. A column or outcome that does not vary is a fault.
func NewStandard(x dense.Matrix, names []string, y []float64) (*Standard, error) {
	p, n := x.C, float64(x.R)
	s := &Standard{p: p, mean: make([]float64, p), inv: make([]float64, p)}
	s.YMean, s.YSD = MeanSD(y)
	if !(s.YSD > 1e-13*math.Abs(s.YMean)) {
		return nil, fault.New(stats.Constant, "outcome", "all %d values are the same", x.R)
	}
	for i := range x.R {
		for j, v := range x.Row(i) {
			s.mean[j] += v
		}
	}
	for j := range s.mean {
		s.mean[j] /= n
	}
	sd := make([]float64, p)
	for i := range x.R {
		for j, v := range x.Row(i) {
			sd[j] += (v - s.mean[j]) * (v - s.mean[j])
		}
	}
	s.c = dense.Identity(p)
	s.inv[0], s.mean[0] = 1, 0
	for j := 1; j < p; j++ {
		v := math.Sqrt(sd[j] / n)
		if !(v > 1e-13*math.Abs(s.mean[j])) {
			return nil, fault.New(stats.Collinear, names[j], "the column does not vary").
				WithHint("is a group empty at a visit?")
		}
		s.inv[j] = 1 / v
		s.c.Set(j, j, 1/v)
		s.c.Set(0, j, -s.mean[j]/v)
		s.LogScale -= math.Log(v)
	}
	return s, nil
}

// Row sets dst to a row of the design in standard units.
func (s *Standard) Row(dst, x []float64) {
	for j, v := range x {
		dst[j] = (v - s.mean[j]) * s.inv[j]
	}
	if s.l != nil {
		dense.SolveLower(*s.l, dst)
	}
}

// Y gives an outcome in standard units.
func (s *Standard) Y(y float64) float64 { return (y - s.YMean) / s.YSD }

// Entangled says whether a column is so nearly a combination of others that
// products of the columns lose digits: xx is X̃'X̃ and l its Cholesky factor.
func Entangled(xx, l dense.Matrix) bool {
	for j := range xx.R {
		if l.At(j, j)*l.At(j, j) < 1e-2*xx.At(j, j) {
			return true
		}
	}
	return false
}

// Untangle makes the columns orthogonal from here on, row by row.
func (s *Standard) Untangle(l dense.Matrix) {
	c := dense.New(s.p, s.p)
	for i := range s.p {
		row := append([]float64(nil), s.c.Row(i)...)
		dense.SolveLower(l, row)
		copy(c.Row(i), row)
		s.LogScale -= math.Log(l.At(i, i))
	}
	s.c, s.l = c, &l
}

// Beta brings coefficients to the units of the data.
func (s *Standard) Beta(b []float64) []float64 {
	out := s.c.MulVec(b)
	for i := range out {
		out[i] *= s.YSD
	}
	out[0] += s.YMean
	return out
}

// Phi brings a covariance of coefficients to the units of the data.
func (s *Standard) Phi(m dense.Matrix) dense.Matrix {
	out := s.c.Mul(m).Mul(s.c.T())
	for i := range out.A {
		out.A[i] *= s.YSD * s.YSD
	}
	out.Symmetrise()
	return out
}

// Form gives the map that brings forms X'·X to the units of the data. The
// covariance parameters stay in standard units, which cancel.
func (s *Standard) Form() func(dense.Matrix) dense.Matrix {
	inv := dense.New(s.p, s.p) // C is upper triangular
	for j := range s.p {
		for i := j; i >= 0; i-- {
			v := 0.0
			if i == j {
				v = 1
			}
			for k := i + 1; k <= j; k++ {
				v -= s.c.At(i, k) * inv.At(k, j)
			}
			inv.Set(i, j, v/s.c.At(i, i))
		}
	}
	t := inv.T()
	return func(m dense.Matrix) dense.Matrix {
		out := t.Mul(m).Mul(inv)
		for i := range out.A {
			out.A[i] /= s.YSD * s.YSD
		}
		return out
	}
}

// Likelihood turns the criterion without constants into −2 log likelihood in
// the units of the data.
func (s *Standard) Likelihood(f float64, rows int, reml bool) float64 {
	dim := float64(rows)
	if reml {
		dim -= float64(s.p)
		f -= 2 * s.LogScale
	}
	return f + dim*(math.Log(2*math.Pi)+2*math.Log(s.YSD))
}

// Contrast brings a combination of coefficients to standard units: l'β is
// YSD times it applied to β̃ (and the mean of y, which has no error).
func (s *Standard) Contrast(l []float64) []float64 { return s.c.T().MulVec(l) }
