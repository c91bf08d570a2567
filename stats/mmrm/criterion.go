package mmrm

import (
	"math"

	"dvala/stats/dense"
	"dvala/stats/reml"
)

// The criterion −2 log likelihood and its derivatives in the natural
// parameters, the lower triangle of Σ by columns (one after another by group),
// from the sums of each pattern of visits. With W = V⁻¹ of a pattern and
//
//	S̃_ab = Σ_i (W·X_i)_a'·(W·X_i)_b    C_ab = tr(Φ·S̃_ab)    Ũ = Σ_i u_i·u_i'
//
// (W·X_i)_a being row a, every term of gradient and Hessian is a product of
// entries of W with entries of S̃, C or Ũ.

// state is one evaluation, kept for inference at the end.
type state struct {
	g     *data
	reml  bool
	sigma []dense.Matrix
	w     []dense.Matrix // per pattern
	phi   dense.Matrix
	delta []float64
	f     float64
	p     []dense.Matrix // −X'W·E_r·W·X
	s     [][]float64    // per pattern: S̃, k×k blocks of p×p
}

// evaluate forms the criterion. ok is false where a Σ is not positive definite.
func (g *data) evaluate(sigma []dense.Matrix, useREML bool) (*state, bool) {
	p := g.p
	st := &state{g: g, reml: useREML, sigma: sigma, w: make([]dense.Matrix, len(g.patterns))}
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
		w := dense.InverseFrom(l)
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

// weigh sets wx and wr to W·x and W·r of one person.
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
			wr[j] += v * r[l]
			for a, u := range x[l*p : (l+1)*p] {
				o[a] += v * u
			}
		}
	}
}

// local is what one pattern adds to the derivatives.
type local struct {
	s  []float64    // S̃
	u  dense.Matrix // Ũ
	xu []float64    // per (a, b): Σ_i (W·X_i)_a'·u_ib
}

// transform gives S̃, Ũ and X'W-u sums of a pattern.
func (b *pattern) transform(w dense.Matrix, p int, delta []float64) local {
	k := len(b.visits)
	o := local{s: make([]float64, k*k*p*p), u: dense.New(k, k), xu: make([]float64, k*k*p)}
	if b.s == nil {
		b.transformRows(w, p, delta, o)
		return o
	}
	// Σ_i x_ij·e_ik and Σ_i e_ij·e_ik, with e = r − x·δ
	xe, te := make([]float64, k*k*p), dense.New(k, k)
	for j := range k {
		for l := range k {
			c := (j*k + l)
			for a := range p {
				xe[c*p+a] = b.sr[c*p+a] - dense.Dot(b.s[c*p*p+a*p:c*p*p+(a+1)*p], delta)
			}
		}
	}
	for j := range k {
		for l := range k {
			re := b.t[j*k+l] - dense.Dot(b.sr[(l*k+j)*p:(l*k+j+1)*p], delta)
			te.Set(j, l, re-dense.Dot(xe[(j*k+l)*p:(j*k+l+1)*p], delta))
		}
	}
	te.Symmetrise()
	copy(o.u.A, w.Mul(te).Mul(w).A)
	sandwich(o.s, b.s, w, k, p*p)
	sandwich(o.xu, xe, w, k, p)
	return o
}

// sandwich sets out_ab to Σ_jl W_aj·W_bl·in_jl for blocks of the given size.
func sandwich(out, in []float64, w dense.Matrix, k, size int) {
	half := make([]float64, k*k*size)
	for a := range k {
		for j := range k {
			v := w.At(a, j)
			for l := range k {
				axpy(half[(a*k+l)*size:(a*k+l+1)*size], v, in[(j*k+l)*size:(j*k+l+1)*size])
			}
		}
	}
	for a := range k {
		for c := range k {
			for l := range k {
				axpy(out[(a*k+c)*size:(a*k+c+1)*size], w.At(c, l), half[(a*k+l)*size:(a*k+l+1)*size])
			}
		}
	}
}

func axpy(y []float64, a float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}

func (b *pattern) transformRows(w dense.Matrix, p int, delta []float64, o local) {
	k := len(b.visits)
	wx, u, e := make([]float64, k*p), make([]float64, k), make([]float64, k)
	for i := range b.n {
		x := b.x[i*k*p : (i+1)*k*p]
		for j := range k {
			e[j] = b.r[i*k+j] - dense.Dot(x[j*p:(j+1)*p], delta)
		}
		weigh(wx, u, w, x, e, p)
		for j := range k {
			for l := range k {
				o.u.A[j*k+l] += u[j] * u[l]
				s := o.s[(j*k+l)*p*p:]
				for a := range p {
					v := wx[j*p+a]
					o.xu[(j*k+l)*p+a] += v * u[l]
					if v != 0 {
						axpy(s[a*p:(a+1)*p], v, wx[l*p:(l+1)*p])
					}
				}
			}
		}
	}
}

// derivatives gives gradient, observed and expected Hessian in the natural
// parameters, and leaves P_r in the state.
func (st *state) derivatives() reml.Value {
	g := st.g
	p := g.p
	per := g.m * (g.m + 1) / 2
	nk := per * g.groups
	st.p = make([]dense.Matrix, nk)
	for r := range st.p {
		st.p[r] = dense.New(p, p)
	}
	v := reml.Value{F: st.f, Gradient: make([]float64, nk), Hessian: dense.New(nk, nk), Expected: dense.New(nk, nk)}
	xwdu := dense.New(nk, p)
	st.s = make([][]float64, len(g.patterns))
	for i, b := range g.patterns {
		o := b.transform(st.w[i], p, st.delta)
		st.s[i] = o.s
		st.add(i, b, o, v, xwdu, per)
	}
	pp := make([]dense.Matrix, nk)
	for r := range nk {
		pp[r] = st.phi.Mul(st.p[r])
		if st.reml {
			for i := range p {
				v.Gradient[r] += pp[r].At(i, i)
			}
		}
	}
	for r := range nk {
		q := st.phi.MulVec(xwdu.Row(r))
		for s := range r + 1 {
			h, e := v.Hessian.At(r, s), v.Expected.At(r, s)
			h -= 2 * dense.Dot(q, xwdu.Row(s))
			if st.reml {
				t := dense.TraceProduct(pp[r], pp[s])
				h -= t
				e += t
			}
			v.Hessian.Set(r, s, h)
			v.Hessian.Set(s, r, h)
			v.Expected.Set(r, s, e)
			v.Expected.Set(s, r, e)
		}
	}
	return v
}

// orders lists (a, b) and, off the diagonal, (b, a).
func orders(a, b int) [][2]int {
	if a == b {
		return [][2]int{{a, b}}
	}
	return [][2]int{{a, b}, {b, a}}
}

// entry is a natural parameter that a pattern sees: its index, and its place
// among the pattern's visits in either order.
type entry struct {
	index  int
	orders [][2]int
}

func (st *state) entries(b *pattern, per int) []entry {
	var out []entry
	for l := range b.visits {
		for j := l; j < len(b.visits); j++ {
			out = append(out, entry{b.group*per + vechIndex(st.g.m, b.visits[j], b.visits[l]), orders(j, l)})
		}
	}
	return out
}

// add puts one pattern's part into gradient and Hessian (lower triangle).
func (st *state) add(i int, b *pattern, o local, v reml.Value, xwdu dense.Matrix, per int) {
	p, k := st.g.p, len(b.visits)
	w := st.w[i]
	n := float64(b.n)
	c := dense.New(k, k)
	if st.reml {
		for j := range k * k {
			c.A[j] = dense.Dot(st.phi.A, o.s[j*p*p:(j+1)*p*p])
		}
	}
	es := st.entries(b, per)
	for _, e := range es {
		for _, z := range e.orders {
			v.Gradient[e.index] += n*w.At(z[0], z[1]) - o.u.At(z[0], z[1])
			axpy(st.p[e.index].A, -1, o.s[(z[0]*k+z[1])*p*p:(z[0]*k+z[1]+1)*p*p])
			axpy(xwdu.Row(e.index), 1, o.xu[(z[0]*k+z[1])*p:(z[0]*k+z[1]+1)*p])
		}
	}
	for _, e := range es {
		for _, f := range es {
			if f.index > e.index {
				continue
			}
			var tw, tu, tc float64
			for _, x := range e.orders {
				for _, y := range f.orders {
					m := w.At(x[1], y[0])
					tw += m * w.At(y[1], x[0])
					tu += m * o.u.At(x[0], y[1])
					tc += m * c.At(x[0], y[1])
				}
			}
			h := -n*tw + 2*tu
			if st.reml {
				h += 2 * tc
			}
			v.Hessian.A[e.index*v.Hessian.C+f.index] += h
			v.Expected.A[e.index*v.Hessian.C+f.index] += n*tw - 2*tc
		}
	}
}

// direction is how the covariance of a group moves with a working parameter.
type direction struct {
	group int
	sigma dense.Matrix
}

// contract gives Σ_rs v_rs·X'W·D_r·W·D_s·W·X for Kenward–Roger.
func (st *state) contract(ds []direction, v dense.Matrix) dense.Matrix {
	g := st.g
	p := g.p
	out := dense.New(p, p)
	for i, b := range g.patterns {
		k := len(b.visits)
		n := dense.New(k, k)
		for r, d := range ds {
			if d.group != b.group {
				continue
			}
			t := dense.New(k, k)
			for s, e := range ds {
				if e.group == b.group {
					t.AddScaled(v.At(r, s), b.seen(e.sigma))
				}
			}
			n.AddScaled(1, b.seen(d.sigma).Mul(st.w[i]).Mul(t))
		}
		for j := range k * k {
			axpy(out.A, n.A[j], st.s[i][j*p*p:(j+1)*p*p])
		}
	}
	out.Symmetrise()
	return out
}

// seen gives the part of a matrix of visits that the pattern sees.
func (b *pattern) seen(m dense.Matrix) dense.Matrix {
	k := len(b.visits)
	out := dense.New(k, k)
	for j, u := range b.visits {
		for l, c := range b.visits {
			out.Set(j, l, m.At(u, c))
		}
	}
	return out
}
