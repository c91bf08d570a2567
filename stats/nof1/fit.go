package nof1

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// solution of one linear model.
type solution struct {
	beta      []float64
	cov       dense.Matrix
	residuals []float64
	sigma, df float64
	logLik    float64
}

func (s solution) estimate(name string, j int, level float64) stats.Estimate {
	return stats.T(name, s.beta[j], math.Sqrt(s.cov.At(j, j)), s.df, level)
}

func (d data) leastSquares() (solution, error) {
	n, p := d.x.R, d.x.C
	if n <= p+1 {
		return solution{}, fault.New(stats.TooFew, "", "%d nights cannot support %d coefficients and an error", n, p)
	}
	s, _, ok := d.weighted(d.x, d.y)
	if !ok {
		f := dense.NewQR(d.x)
		return solution{}, fault.New(stats.Collinear, d.names[f.Column], "the column is a combination of the others").
			WithHint("each block must hold nights of both conditions for blocks to have levels of their own")
	}
	size := 0.0
	for _, v := range d.y {
		size = math.Max(size, math.Abs(v))
	}
	if math.IsInf(s.sigma, 0) || math.IsNaN(s.sigma) {
		return solution{}, fault.New(stats.NotFinite, "outcome", "the numbers, up to %.3g, are too large to square", size).
			WithHint("use a larger unit")
	}
	if !(s.sigma > 1e-13*size) {
		return solution{}, fault.New(stats.Constant, "outcome", "nothing is left of the outcome beside the model: its error cannot be told")
	}
	return s, nil
}

// weighted is least squares of y on x, with log|X'X| of it.
func (d data) weighted(x dense.Matrix, y []float64) (s solution, logDet float64, ok bool) {
	f := dense.NewQR(x)
	if !f.OK {
		return s, 0, false
	}
	var rotated []float64
	s.beta, rotated = f.Solve(y)
	s.residuals = f.Residual(rotated)
	s.df = float64(x.R - x.C)
	s.sigma = math.Sqrt(dense.Dot(s.residuals, s.residuals) / s.df)
	s.cov = f.CrossInverse()
	for i := range s.cov.A {
		s.cov.A[i] *= s.sigma * s.sigma
	}
	return s, f.LogAbsDet(), true
}

// neweyWest is the covariance of the least-squares coefficients with Bartlett
// weights 1 − l/(lag+1), nights counted as they follow one another.
func (d data) neweyWest(s solution, lag int) dense.Matrix {
	n, p := d.x.R, d.x.C
	bread := s.cov.Clone()
	for i := range bread.A {
		bread.A[i] /= s.sigma * s.sigma
	}
	meat := dense.New(p, p)
	for l := range lag + 1 {
		w := 1 - float64(l)/float64(lag+1)
		for i := l; i < n; i++ {
			e := w * s.residuals[i] * s.residuals[i-l]
			for a := range p {
				for b := range p {
					v := d.x.At(i, a) * d.x.At(i-l, b)
					if l > 0 {
						v += d.x.At(i-l, a) * d.x.At(i, b)
					}
					meat.A[a*p+b] += e * v
				}
			}
		}
	}
	return bread.Mul(meat).Mul(bread)
}

// The search for φ: a grid, since the likelihood can have two maxima, then the
// root of its slope. Beyond the edge the model is no longer told from drift.
const (
	edge     = 0.99
	gridStep = 0.01
	slope    = 1e-3 // half-width of the five-point slope, good to some 1e-11
)

// serial fits e_t = φ^h·e_{t−h} + white noise by REML.
//
//	−2l = (n−p)·(log 2πσ² + 1) + log|R(φ)| + log|X'R(φ)⁻¹X|
//
// The process has no memory beyond the night before, so whitening is one pass:
// (e_t − φ^h·e_{t−h})/√(1−φ^2h).
func (d data) serial() (solution, float64, error) {
	eval := func(phi float64) (s solution, f float64) {
		x, y, logR := d.whiten(phi)
		s, logDet, ok := d.weighted(x, y)
		if !ok {
			return s, math.Inf(1)
		}
		return s, s.df*(math.Log(2*math.Pi*s.sigma*s.sigma)+1) + logR + logDet
	}
	value := func(phi float64) float64 { _, f := eval(phi); return f }
	n := int(math.Round(2 * edge / gridStep))
	best, at := math.Inf(1), 0
	for i := range n + 1 {
		if f := value(-edge + float64(i)*gridStep); f < best {
			best, at = f, i
		}
	}
	if at == 0 || at == n {
		return solution{}, 0, fault.New(stats.NoConvergence, "phi", "the correlation between neighbouring nights runs to %+.2f", -edge+float64(at)*gridStep).
			WithHint("a trend or a level per block may say what the nights have in common")
	}
	change := func(p float64) float64 {
		return value(p-2*slope) - 8*value(p-slope) + 8*value(p+slope) - value(p+2*slope)
	}
	lo := -edge + float64(at-1)*gridStep
	hi := lo + 2*gridStep
	for hi-lo > 1e-13 {
		if mid := (lo + hi) / 2; change(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	phi := (lo + hi) / 2
	s, f := eval(phi)
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return solution{}, 0, fault.New(stats.NoConvergence, "phi", "the likelihood has no value at %g", phi)
	}
	s.logLik = -f / 2
	return s, phi, nil
}

func (d data) whiten(phi float64) (x dense.Matrix, y []float64, logR float64) {
	x, y = d.x.Clone(), append([]float64(nil), d.y...)
	for i := len(y) - 1; i > 0; i-- {
		r := math.Pow(phi, float64(d.day[i]-d.day[i-1]))
		v := 1 - r*r
		logR += math.Log(v)
		s := 1 / math.Sqrt(v)
		y[i] = (y[i] - r*y[i-1]) * s
		a, b := x.Row(i), x.Row(i-1)
		for j := range a {
			a[j] = (a[j] - r*b[j]) * s
		}
	}
	return x, y, logR
}
