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

	unit   *terms.Standard
	ols    []float64    // least-squares coefficients in standard units
	toU    dense.Matrix // u = toU·ũ·YSD
	zMean2 []float64    // mean square of each standard Z column

	zMean, zSD []float64 // of the slopes, behind the intercept
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
	var err error
	if g.unit, err = terms.NewStandard(d, y); err != nil {
		return nil, err
	}
	zm, zs := make([]float64, g.q), make([]float64, g.q)
	zs[0] = 1
	for j, x := range slopes {
		m, s := terms.MeanSD(x)
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
	g.zMean, g.zSD = zm, zs
	g.read(d, y, person, slopes)
	l, bad, ok := dense.Cholesky(g.xx, 1e-12)
	if !ok {
		return nil, fault.New(stats.Collinear, d.Columns[bad], "the column is a combination of the ones before it").
			WithHint("leave out one of the terms that say the same")
	}
	if terms.Entangled(g.xx, l) {
		g.unit.Untangle(l)
		g.read(d, y, person, slopes)
	}
	return g, g.finish(d)
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

// read accumulates the sums. The upper triangles are filled afterwards.
func (g *sums) read(d *terms.Design, y []float64, person []int, slopes [][]float64) {
	p, q := g.p, g.q
	g.rr = 0
	g.n = make([]float64, g.people)
	g.s = make([]float64, g.people*q*q)
	g.t = make([]float64, g.people*q*p)
	g.z = make([]float64, g.people*q)
	g.xx = dense.New(p, p)
	g.xr = make([]float64, p)
	x, z := make([]float64, p), make([]float64, q)
	z[0] = 1
	for i, k := range person {
		g.unit.Row(x, d.X.Row(i))
		for j, col := range slopes {
			z[j+1] = (col[i] - g.zMean[j+1]) / g.zSD[j+1]
		}
		v := g.unit.Y(y[i])
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
