package mmrm

import (
	"math"

	"dvala/stats/dense"
)

// The criterion −2 log likelihood and its derivatives in the parameters of the
// optimiser, from the sums of each pattern of visits. With V = L·L' of a pattern,
// D_r = ∂V/∂λ_r, and a tilde for what L⁻¹ has been applied to,
//
//	S̃_ab = Σ_i x̃_ia·x̃_ib'    C_ab = tr(Φ·S̃_ab)    Ũ = Σ_i ẽ_i·ẽ_i'    M_r = L⁻¹·D_r·L⁻ᵀ
//
// x̃_ia being row a, every term of gradient and Hessian is a trace of products of
// M with C and Ũ. In M a covariance that is nearly singular is nothing special; in
// V⁻¹ every term would be a difference of numbers larger by its condition squared.

// state is one evaluation, kept for inference at the end.
type state struct {
	g     *data
	reml  bool
	sigma []dense.Matrix
	w     []dense.Matrix // per pattern: V⁻¹
	li    []dense.Matrix // and L⁻¹
	phi   dense.Matrix
	delta []float64
	f     float64
	p     []dense.Matrix   // −X'W·D_r·W·X
	s     [][]float64      // per pattern: S̃, k×k blocks of p×p
	m     [][]dense.Matrix // per pattern: M_r of its group
}

// evaluate forms the criterion. ok is false where a Σ is not positive definite.
func (g *data) evaluate(sigma []dense.Matrix, useREML bool) (*state, bool) {
	p := g.p
	st := &state{g: g, reml: useREML, sigma: sigma, w: make([]dense.Matrix, len(g.patterns)), li: make([]dense.Matrix, len(g.patterns))}
	xwx, xwr := dense.New(p, p), make([]float64, p)
	var rwr, logdet float64
	for i, b := range g.patterns {
		k := len(b.visits)
		v := dense.New(k, k)
		for j, a := range b.visits {
			for l, c := range b.visits {
				v.Set(j, l, sigma[b.group].At(a, c))
			}
		}
		l, _, ok := dense.Cholesky(v, 1e-15)
		if !ok {
			return nil, false
		}
		logdet += float64(b.n) * dense.LogDet(l)
		st.li[i] = lowerInverse(l)
		w := st.li[i].T().Mul(st.li[i])
		st.w[i] = w
		rwr += dense.Dot(w.A, b.t)
		b.cross(w, p, xwx, xwr)
	}
	for i := range p {
		for j := range i {
			xwx.Set(j, i, xwx.At(i, j))
		}
	}
	l, _, ok := dense.Cholesky(xwx, 1e-14)
	if !ok {
		return nil, false
	}
	st.phi = dense.InverseFrom(l)
	st.delta = xwr
	dense.SolveLower(l, st.delta)
	quad := rwr - dense.Dot(st.delta, st.delta)
	dense.SolveLowerT(l, st.delta)
	st.f = logdet + quad
	if useREML {
		st.f += dense.LogDet(l)
	}
	return st, !math.IsNaN(st.f) && !math.IsInf(st.f, 0)
}

// cross adds X'WX (lower triangle) and X'Wr of a pattern.
func (b *pattern) cross(w dense.Matrix, p int, xwx dense.Matrix, xwr []float64) {
	k := len(b.visits)
	if b.s != nil {
		for j := range k {
			for l := range k {
				v := w.At(j, l)
				s := b.s[(j*k+l)*p*p:]
				for a := range p {
					xwr[a] += v * b.sr[(j*k+l)*p+a]
					row := xwx.A[a*p : a*p+a+1]
					for c := range row {
						row[c] += v * s[a*p+c]
					}
				}
			}
		}
		return
	}
	wx, wr := make([]float64, k*p), make([]float64, k)
	for i := range b.n {
		x, r := b.x[i*k*p:(i+1)*k*p], b.r[i*k:(i+1)*k]
		weigh(wx, wr, w, x, r, p)
		for j := range k {
			for a := range p {
				u := x[j*p+a]
				if u == 0 {
					continue
				}
				xwr[a] += u * wr[j]
				row := xwx.A[a*p : a*p+a+1]
				for c := range row {
					row[c] += u * wx[j*p+c]
				}
			}
		}
	}
}

// lowerInverse gives L⁻¹ of a lower triangle.
func lowerInverse(l dense.Matrix) dense.Matrix {
	n := l.R
	out := dense.New(n, n)
	for j := range n {
		out.Set(j, j, 1/l.At(j, j))
		for i := j + 1; i < n; i++ {
			var v float64
			for k := j; k < i; k++ {
				v -= l.At(i, k) * out.At(k, j)
			}
			out.Set(i, j, v/l.At(i, i))
		}
	}
	return out
}

// weigh sets wx and wr to w·x and w·r of one person.
func weigh(wx, wr []float64, w dense.Matrix, x, r []float64, p int) {
	k := w.R
	for j := range k {
		o := wx[j*p : (j+1)*p]
		for a := range o {
			o[a] = 0
		}
		wr[j] = 0
		for l := range k {
			v := w.At(j, l)
			if v == 0 {
				continue
			}
			wr[j] += v * r[l]
			for a, u := range x[l*p : (l+1)*p] {
				o[a] += v * u
			}
		}
	}
}
