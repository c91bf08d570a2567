package lmm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// sums is all that the likelihood needs to know of the data: per person Z'Z,
// Z'X, Z'y, and in total X'X, X'y, y'y. The rows are read twice and then let go.
//
// Everything is held in standard units: columns of X other than the intercept
// are centred and scaled to unit spread, the outcome too, and the random slopes
// are scaled (and centred, where their covariance with the intercept is free,
// so that the model stays the same). Raw dates and minutes then do as well as
// small whole numbers.
type sums struct {
	rows, people, p, q int

	n []float64 // rows of each person
	s []float64 // Z'Z, q×q each
	t []float64 // Z'X, q×p each
	z []float64 // Z'r, q each; r is the residual of least squares

	xx dense.Matrix
	xr []float64
	rr float64

	ols      []float64    // least-squares coefficients in standard units
	toBeta   dense.Matrix // β = toBeta·β̃ + (mean of y, 0, …) once scaled by ySD
	yMean    float64
	ySD      float64
	toU      dense.Matrix // u = toU·ũ·ySD
	logScale float64      // log|toBeta|
	zMean2   []float64    // mean square of each standard Z column
}

// gather reads the rows.
//
//	person  codes 0 … people−1, one per row
//	slopes  columns of Z besides the intercept
func gather(d *terms.Design, y []float64, person []int, slopes [][]float64, centreZ bool) (*sums, error) {
	g := &sums{rows: d.X.R, p: d.X.C, q: 1 + len(slopes)}
	for _, k := range person {
		g.people = max(g.people, k+1)
	}
	xm, xs, err := g.scales(d)
	if err != nil {
		return nil, err
	}
	g.yMean, g.ySD = meanSD(y)
	if !(g.ySD > 1e-13*math.Abs(g.yMean)) {
		return nil, fault.New(stats.Constant, "outcome", "all %d values are the same", g.rows)
	}
	g.toBeta = standardiser(xm, xs)
	for _, s := range xs[1:] {
		g.logScale -= math.Log(s)
	}
	zm, zs := make([]float64, g.q), make([]float64, g.q)
	zs[0] = 1
	for j, x := range slopes {
		m, s := meanSD(x)
		if !(s > 1e-13*math.Abs(m)) {
			return nil, fault.New(stats.Collinear, "random slope", "column %d of the random slopes does not vary", j+1)
		}
		if centreZ {
			zm[j+1], zs[j+1] = m, s
		} else {
			zs[j+1] = math.Sqrt(m*m + s*s)
		}
	}
	g.toU = standardiser(zm, zs)
	g.read(d, y, person, slopes, xm, xs, zm, zs, nil)
	l, bad, ok := dense.Cholesky(g.xx, 1e-12)
	if !ok {
		return nil, fault.New(stats.Collinear, d.Columns[bad], "the column is a combination of the ones before it").
			WithHint("leave out one of the terms that say the same")
	}
	if g.entangled(l) {
		g.read(d, y, person, slopes, xm, xs, zm, zs, &l)
		g.untangle(l)
	}
	return g, g.finish(d)
}

// entangled says whether a column is so nearly a combination of others that
// products of the columns lose digits.
func (g *sums) entangled(l dense.Matrix) bool {
	for j := range g.p {
		if l.At(j, j)*l.At(j, j) < 1e-2*g.xx.At(j, j) {
			return true
		}
	}
	return false
}

// untangle takes note that the columns were replaced by X̃·L'⁻¹.
func (g *sums) untangle(l dense.Matrix) {
	c := dense.New(g.p, g.p) // toBeta·L'⁻¹, row by row: L·c' = toBeta'
	for i := range g.p {
		row := append([]float64(nil), g.toBeta.Row(i)...)
		dense.SolveLower(l, row)
		copy(c.Row(i), row)
	}
	g.toBeta = c
	for j := range g.p {
		g.logScale -= math.Log(l.At(j, j))
	}
}

// standardiser gives C with b = C·b̃, for columns (x − mean)/sd beside an
// intercept.
func standardiser(mean, sd []float64) dense.Matrix {
	c := dense.Identity(len(sd))
	for j := 1; j < len(sd); j++ {
		c.Set(j, j, 1/sd[j])
		c.Set(0, j, -mean[j]/sd[j])
	}
	return c
}

func meanSD(x []float64) (mean, sd float64) {
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

// scales gives means and spreads of the columns of X.
func (g *sums) scales(d *terms.Design) (mean, sd []float64, err error) {
	mean, sd = make([]float64, g.p), make([]float64, g.p)
	for i := range g.rows {
		for j, v := range d.X.Row(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(g.rows)
	}
	for i := range g.rows {
		for j, v := range d.X.Row(i) {
			sd[j] += (v - mean[j]) * (v - mean[j])
		}
	}
	for j := 1; j < g.p; j++ {
		sd[j] = math.Sqrt(sd[j] / float64(g.rows))
		if !(sd[j] > 1e-13*math.Abs(mean[j])) {
			return nil, nil, fault.New(stats.Collinear, d.Columns[j], "the column does not vary")
		}
	}
	mean[0], sd[0] = 0, 1
	return mean, sd, nil
}

// read accumulates the sums. The upper triangles are filled afterwards. With l
// the columns are made orthogonal row by row, which keeps the digits that
// products of nearly dependent columns would lose.
func (g *sums) read(d *terms.Design, y []float64, person []int, slopes [][]float64, xm, xs, zm, zs []float64, l *dense.Matrix) {
	p, q := g.p, g.q
	g.rr = 0
	g.n = make([]float64, g.people)
	g.s = make([]float64, g.people*q*q)
	g.t = make([]float64, g.people*q*p)
	g.z = make([]float64, g.people*q)
	g.xx = dense.New(p, p)
	g.xr = make([]float64, p)
	x, z := make([]float64, p), make([]float64, q)
	inv := make([]float64, p)
	for j, s := range xs {
		inv[j] = 1 / s
	}
	z[0] = 1
	for i, k := range person {
		for j, v := range d.X.Row(i) {
			x[j] = (v - xm[j]) * inv[j]
		}
		if l != nil {
			dense.SolveLower(*l, x)
		}
		for j, col := range slopes {
			z[j+1] = (col[i] - zm[j+1]) / zs[j+1]
		}
		v := (y[i] - g.yMean) / g.ySD
		g.rr += v * v
		for a, u := range x {
			g.xr[a] += u * v
			row := g.xx.A[a*p : a*p+a+1]
			for b := range row {
				row[b] += u * x[b]
			}
		}
		g.n[k]++
		for a, u := range z {
			g.z[k*q+a] += u * v
			ss := g.s[(k*q+a)*q : (k*q+a+1)*q]
			for b, w := range z {
				ss[b] += u * w
			}
			tt := g.t[(k*q+a)*p : (k*q+a+1)*p]
			for b, w := range x {
				tt[b] += u * w
			}
		}
	}
	for a := range p {
		for b := range a {
			g.xx.Set(b, a, g.xx.At(a, b))
		}
	}
}

// finish takes out the least-squares fit, so that what follows works on
// residuals and loses no digits to a large mean.
func (g *sums) finish(d *terms.Design) error {
	l, bad, ok := dense.Cholesky(g.xx, 1e-12)
	if !ok {
		return fault.New(stats.Collinear, d.Columns[bad], "the column is a combination of the ones before it")
	}
	b := append([]float64(nil), g.xr...)
	dense.SolveLower(l, b)
	explained := dense.Dot(b, b)
	dense.SolveLowerT(l, b)
	g.ols = b
	total := g.rr
	g.rr -= explained
	if !(g.rr > 1e-13*total) {
		return fault.New(stats.Constant, "outcome", "the model leaves no residual variation").
			WithHint("is the outcome computed from one of the covariates?")
	}
	for j, r := range g.xx.MulVec(b) {
		g.xr[j] -= r
	}
	g.zMean2 = make([]float64, g.q)
	for k := range g.people {
		for a := range g.q {
			g.z[k*g.q+a] -= dense.Dot(g.t[(k*g.q+a)*g.p:(k*g.q+a+1)*g.p], b)
			g.zMean2[a] += g.s[(k*g.q+a)*g.q+a] / float64(g.rows)
		}
	}
	return nil
}
