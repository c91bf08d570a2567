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
// root of its slope in every stretch where the criterion turns upwards. Beyond
// the edge the model is no longer told from drift.
const (
	edge      = 0.99
	gridSteps = 66 // of 0.03
)

// serial fits e_t = φ^h·e_{t−h} + white noise by REML.
//
//	−2l = (n−p)·(log 2πσ² + 1) + log|R(φ)| + log|X'R(φ)⁻¹X|
//
// The process has no memory beyond the night before, so whitening is one pass:
// (e_t − φ^h·e_{t−h})/√(1−φ^2h).
func (d data) serial() (solution, float64, error) {
	best, at := math.Inf(1), 0.0
	left, rising := d.criterion(-edge)
	if !rising.ok || left > 0 {
		best, at = rising.f, -edge
	}
	for i := range gridSteps {
		lo := -edge + 2*edge*float64(i)/gridSteps
		hi := -edge + 2*edge*float64(i+1)/gridSteps
		right, end := d.criterion(hi)
		if left < 0 && right >= 0 {
			phi := d.root(lo, hi)
			if _, c := d.criterion(phi); c.f < best {
				best, at = c.f, phi
			}
		}
		if i == gridSteps-1 && right < 0 && end.f < best {
			best, at = end.f, edge
		}
		left = right
	}
	if math.Abs(at) == edge {
		return solution{}, 0, fault.New(stats.NoConvergence, "phi", "the correlation between neighbouring nights runs to %+.2f", at).
			WithHint("a trend or a level per block may say what the nights have in common")
	}
	_, c := d.criterion(at)
	if !c.ok || math.IsInf(c.f, 0) || math.IsNaN(c.f) {
		return solution{}, 0, fault.New(stats.NoConvergence, "phi", "the likelihood has no value at %g", at)
	}
	c.s.logLik = -c.f / 2
	return c.s, at, nil
}

// evaluated is the fit at one φ, with −2 log likelihood.
type evaluated struct {
	s  solution
	f  float64
	ok bool
}

// criterion gives −2l at φ and its slope, which is exact: with the dots of
// whitened rows and outcomes for their derivatives in φ,
//
//	∂(−2l)/∂φ = 2·e'(ẏ − Ẋβ)/σ² + ∂log|R| + 2·tr{(X'X)⁻¹·X'Ẋ}
//
// since β makes X'e nothing.
func (d data) criterion(phi float64) (slope float64, c evaluated) {
	w := d.whiten(phi)
	s, logDet, ok := d.weighted(w.x, w.y)
	if !ok {
		return 0, evaluated{f: math.Inf(1)}
	}
	v := s.sigma * s.sigma
	slope = w.logRSlope
	for i, e := range s.residuals {
		dot := w.dx.Row(i)
		slope += 2 * (e*(w.dy[i]-dense.Dot(dot, s.beta)) + s.cov.Quad(w.x.Row(i), dot)) / v
	}
	return slope, evaluated{s: s, f: s.df*(math.Log(2*math.Pi*v)+1) + w.logR + logDet, ok: true}
}

// root is where the slope, negative at lo and positive at hi, is nothing: the
// false position, halving where it does not shrink the stretch (Illinois).
func (d data) root(lo, hi float64) float64 {
	fl, _ := d.criterion(lo)
	fh, _ := d.criterion(hi)
	side := 0
	for range 200 {
		x := (lo*fh - hi*fl) / (fh - fl)
		if !(x > lo && x < hi) {
			x = (lo + hi) / 2
		}
		f, _ := d.criterion(x)
		if f == 0 || hi-lo < 1e-15 || x == lo || x == hi {
			return x
		}
		if f < 0 {
			if math.Abs(x-lo) < 1e-15 {
				return x
			}
			lo, fl = x, f
			if side == -1 {
				fh /= 2
			}
			side = -1
		} else {
			if math.Abs(x-hi) < 1e-15 {
				return x
			}
			hi, fh = x, f
			if side == 1 {
				fl /= 2
			}
			side = 1
		}
	}
	return (lo + hi) / 2
}

// whitened are a person's nights made independent at a φ, with their derivatives
// in φ.
type whitened struct {
	x, dx           dense.Matrix
	y, dy           []float64
	logR, logRSlope float64
}

func (d data) whiten(phi float64) whitened {
	w := whitened{x: d.x.Clone(), dx: dense.New(d.x.R, d.x.C), y: append([]float64(nil), d.y...), dy: make([]float64, len(d.y))}
	for i := len(d.y) - 1; i > 0; i-- {
		h := float64(d.day[i] - d.day[i-1])
		r, slope := math.Pow(phi, h), h*math.Pow(phi, h-1)
		v := 1 - r*r
		s := 1 / math.Sqrt(v)
		w.logR += math.Log(v)
		w.logRSlope -= 2 * r * slope / v
		step := func(z, before float64) (value, dot float64) {
			value = (z - r*before) * s
			return value, slope * s * (r*s*value - before)
		}
		w.y[i], w.dy[i] = step(d.y[i], d.y[i-1])
		for j := range d.x.C {
			x, dx := step(d.x.At(i, j), d.x.At(i-1, j))
			w.x.Set(i, j, x)
			w.dx.Set(i, j, dx)
		}
	}
	return w
}
