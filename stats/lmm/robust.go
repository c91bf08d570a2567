package lmm

import (
	"math"

	"dvala/stats/dense"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// source is the data again, for what needs more than the sums: robust errors.
type source struct {
	d      *terms.Design
	y      []float64
	person []int
	slopes [][]float64
}

// clusters gives each person in a basis of what her columns of X and Z span.
// Across the rest V is σ²·I, X and Z are 0, and a sandwich passes it by: so a
// person costs (p+q)³ and not nights³.
//
//	K = [Z X]'[Z X] = U·Λ·U',  Q = [Z X]·U·Λ^(−½),  Q'X = Λ^(−½)·U'·K_X, …
func (w *working) clusters(r source, gm dense.Matrix, st *state) reml.Clusters {
	g := w.g
	m := g.q + g.p
	return func(yield func(reml.Cluster) bool) {
		cross, ze := w.crossProducts(r, st)
		for k := range g.people {
			kk := dense.Matrix{R: m, C: m, A: cross[k*m*m : (k+1)*m*m]}
			if !yield(w.cluster(kk, ze[k*m:(k+1)*m], st.s2, gm)) {
				return
			}
		}
	}
}

func (w *working) cluster(kk dense.Matrix, ze []float64, s2 float64, gm dense.Matrix) reml.Cluster {
	g := w.g
	m, q, p := g.q+g.p, g.q, g.p
	values, u := dense.Eigen(kk)
	var top float64
	for _, v := range values {
		top = math.Max(top, v)
	}
	var keep []int
	for i, v := range values {
		if v > 1e-11*top {
			keep = append(keep, i)
		}
	}
	n := len(keep)
	c := reml.Cluster{X: dense.New(n, p), V: dense.New(n, n), E: make([]float64, n)}
	z := dense.New(n, q)
	for a, i := range keep {
		f := math.Sqrt(values[i])
		for j := range m {
			v := u.At(j, i)
			c.E[a] += v * ze[j] / f
			if j < q {
				z.Set(a, j, f*v)
			} else {
				c.X.Set(a, j-q, f*v)
			}
		}
	}
	c.V = z.Mul(gm).Mul(z.T())
	for a := range n {
		c.V.A[a*n+a] += s2
	}
	return c
}

// crossProducts reads the rows for each person's [Z X]'[Z X] and [Z X]'e.
func (w *working) crossProducts(r source, st *state) (cross, ze []float64) {
	g := w.g
	m := g.q + g.p
	cross, ze = make([]float64, g.people*m*m), make([]float64, g.people*m)
	row := make([]float64, m)
	row[0] = 1
	for i, k := range r.person {
		for j, col := range r.slopes {
			row[j+1] = (col[i] - g.zMean[j+1]) / g.zSD[j+1]
		}
		x := row[g.q:]
		g.unit.Row(x, r.d.X.Row(i))
		e := g.unit.Y(r.y[i])
		for j, v := range x {
			e -= v * (g.ols[j] + st.delta[j])
		}
		for a, u := range row {
			ze[k*m+a] += u * e
			into := cross[(k*m+a)*m : (k*m+a+1)*m]
			for b, v := range row {
				into[b] += u * v
			}
		}
	}
	return cross, ze
}
