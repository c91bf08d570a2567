package terms

import (
	"errors"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Standard holds the units in which a model is fitted: covariates centred
// within their interactions, columns of X other than the intercept centred and
// scaled to unit spread, the outcome too, so that raw dates and seconds do as
// well as small whole numbers. Once Untangle was called, the columns are also
// made orthogonal.
//
//	x̃ = L⁻¹·(S·x − mean)/sd    l'β = ySD·l̃'β̃ + yMean·l₀
//
// A row of the design and a combination of its coefficients are brought over by
// the same map, and nothing is ever brought back as a matrix: between an
// intercept at zero and data at 10¹² every digit of a covariance would be lost.
type Standard struct {
	YMean, YSD float64
	LogScale   float64 // of the columns
	shifts     []Shift
	mean, inv  []float64
	l          *dense.Matrix
	p          int
}

// MeanSD gives mean and spread with divisor n, about the first value first, so
// that a large mean takes no digits from either.
func MeanSD(x []float64) (mean, sd float64) {
	if len(x) == 0 {
		return 0, 0
	}
	for _, v := range x {
		mean += v - x[0]
	}
	mean = x[0] + mean/float64(len(x))
	var s float64
	for _, v := range x {
		s += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(s / float64(len(x)))
}

// NewStandard finds the units of a design, whose first column is the intercept,
// and an outcome. A column or outcome that does not vary is a fault.
func NewStandard(d *Design, y []float64) (*Standard, error) {
	mean, sd := MeanSD(y)
	if !(sd > 1e-13*math.Abs(mean)) {
		return nil, fault.New(stats.Constant, "outcome", "all %d values are the same", d.X.R)
	}
	s, err := NewColumns(d)
	if err != nil {
		return nil, err
	}
	s.YMean, s.YSD = mean, sd
	return s, nil
}

// NewColumns is NewStandard without an outcome, which stays as it is.
func NewColumns(d *Design) (*Standard, error) {
	x := d.X
	p, n := x.C, float64(x.R)
	s := &Standard{YSD: 1, p: p, mean: make([]float64, p), inv: make([]float64, p), shifts: d.Shifts()}
	first, row, sum := make([]float64, p), make([]float64, p), make([]float64, p)
	s.shifted(first, x.Row(0))
	for i := range x.R {
		s.shifted(row, x.Row(i))
		for j, v := range row {
			sum[j] += v - first[j]
		}
	}
	for j := range sum {
		s.mean[j] = first[j] + sum[j]/n
		sum[j] = 0
	}
	for i := range x.R {
		s.shifted(row, x.Row(i))
		for j, v := range row {
			sum[j] += (v - s.mean[j]) * (v - s.mean[j])
		}
	}
	s.inv[0], s.mean[0] = 1, 0
	for j := 1; j < p; j++ {
		v := math.Sqrt(sum[j] / n)
		if !(v > 1e-13*math.Abs(s.mean[j])) {
			return nil, fault.New(stats.Collinear, d.Columns[j], "the column does not vary").
				WithHint("is a group empty at a visit?")
		}
		s.inv[j] = 1 / v
		s.LogScale -= math.Log(v)
	}
	return s, nil
}

// Standardised gives the units of a design's columns and its matrix in them. A
// column that is a combination of others is a fault that names it.
func (d *Design) Standardised() (*Standard, dense.Matrix, error) {
	repeated := func(column string) error {
		return fault.New(stats.Collinear, column, "the column is a combination of the ones before it")
	}
	s, err := NewColumns(d)
	var still *fault.Problem
	if errors.As(err, &still) {
		return nil, dense.Matrix{}, repeated(still.Place)
	}
	x := dense.New(d.X.R, d.X.C)
	for i := range x.R {
		s.Row(x.Row(i), d.X.Row(i))
	}
	if qr := dense.NewQR(x); !qr.OK {
		return nil, dense.Matrix{}, repeated(d.Columns[qr.Column])
	}
	return s, x, nil
}

func (s *Standard) shifted(dst, x []float64) {
	copy(dst, x)
	for _, h := range s.shifts {
		dst[h.Column] -= h.By * dst[h.Parent]
	}
}

// Row sets dst to a row of the design in standard units; or to a combination of
// coefficients, whose first weight may be other than 1.
func (s *Standard) Row(dst, x []float64) {
	if len(s.shifts) > 0 {
		s.shifted(dst, x)
		x = dst
	}
	if one := x[0]; one == 1 {
		for j, v := range x {
			dst[j] = (v - s.mean[j]) * s.inv[j]
		}
	} else {
		for j, v := range x {
			dst[j] = (v - s.mean[j]*one) * s.inv[j]
		}
	}
	if s.l != nil {
		dense.SolveLower(*s.l, dst)
	}
}

// Contrast gives a combination of coefficients in standard units.
func (s *Standard) Contrast(l []float64) []float64 {
	if s == nil {
		return l
	}
	out := make([]float64, len(l))
	s.Row(out, l)
	return out
}

// Value brings l̃'β̃ to the units of the data.
func (s *Standard) Value(l []float64, v float64) float64 {
	if s == nil {
		return v
	}
	return s.YSD*v + s.YMean*l[0]
}

// Scale is what an error of l̃'β̃ is multiplied by.
func (s *Standard) Scale() float64 {
	if s == nil {
		return 1
	}
	return s.YSD
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
	for i := range s.p {
		s.LogScale -= math.Log(l.At(i, i))
	}
	s.l = &l
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
