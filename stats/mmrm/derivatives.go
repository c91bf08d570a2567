package mmrm

import (
	"dvala/stats/dense"
	"dvala/stats/reml"
)

// local is what one pattern adds to the derivatives.
type local struct {
	s  []float64    // S̃
	u  dense.Matrix // Ũ
	xu []float64    // per (a, b): Σ_i x̃_ia·ẽ_ib
}

// transform gives S̃, Ũ and their products of a pattern.
func (b *pattern) transform(li dense.Matrix, p int, delta []float64) local {
	k := len(b.visits)
	o := local{s: make([]float64, k*k*p*p), u: dense.New(k, k), xu: make([]float64, k*k*p)}
	if b.s == nil {
		b.transformRows(li, p, delta, o)
		return o
	}
	// Σ_i x_ij·e_ik and Σ_i e_ij·e_ik, with e = r − x·δ
	xe, te := make([]float64, k*k*p), dense.New(k, k)
	for j := range k {
		for l := range k {
			c := j*k + l
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
	copy(o.u.A, li.Mul(te).Mul(li.T()).A)
	sandwich(o.s, b.s, li, k, p*p)
	sandwich(o.xu, xe, li, k, p)
	return o
}

// sandwich sets out_ab to Σ_jl w_aj·w_bl·in_jl for blocks of the given size,
// passing by what is zero in w.
func sandwich(out, in []float64, w dense.Matrix, k, size int) {
	half := make([]float64, k*k*size)
	for a := range k {
		for j := range k {
			v := w.At(a, j)
			if v == 0 {
				continue
			}
			axpy(half[a*k*size:(a+1)*k*size], v, in[j*k*size:(j+1)*k*size])
		}
	}
	for a := range k {
		for c := range k {
			for l := range k {
				if v := w.At(c, l); v != 0 {
					axpy(out[(a*k+c)*size:(a*k+c+1)*size], v, half[(a*k+l)*size:(a*k+l+1)*size])
				}
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

func (b *pattern) transformRows(li dense.Matrix, p int, delta []float64, o local) {
	k := len(b.visits)
	wx, u, e := make([]float64, k*p), make([]float64, k), make([]float64, k)
	for i := range b.n {
		x := b.x[i*k*p : (i+1)*k*p]
		for j := range k {
			e[j] = b.r[i*k+j] - dense.Dot(x[j*p:(j+1)*p], delta)
		}
		weigh(wx, u, li, x, e, p)
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

// derivatives gives gradient, observed and expected Hessian in the parameters
// that the jets are functions of, and leaves P_r in the state.
func (st *state) derivatives(jets [][]jet) reml.Value {
	g := st.g
	p := g.p
	n := len(jets[0][0].g) // parameters of a group
	nk := n * g.groups
	st.p = make([]dense.Matrix, nk)
	for r := range st.p {
		st.p[r] = dense.New(p, p)
	}
	v := reml.Value{F: st.f, Gradient: make([]float64, nk), Hessian: dense.New(nk, nk), Expected: dense.New(nk, nk)}
	xwdu := dense.New(nk, p)
	st.s = make([][]float64, len(g.patterns))
	st.m = make([][]dense.Matrix, len(g.patterns))
	ds := directions(jets, g.m)
	slopes := make([]dense.Matrix, g.groups) // of the criterion in the entries of Σ
	for c := range slopes {
		slopes[c] = dense.New(g.m, g.m)
	}
	for i, b := range g.patterns {
		o := b.transform(st.li[i], p, st.delta)
		st.s[i] = o.s
		st.add(i, b, o, v, xwdu, ds[b.group], slopes[b.group])
	}
	if n > 2*g.m {
		copy(st.p, reml.Along(st.entries(), jacobian(jets, n)))
	}
	st.curvature(v.Hessian, jets, slopes)
	pp := make([]dense.Matrix, nk)
	for r := range nk {
		pp[r] = st.phi.Mul(st.p[r])
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

// directions gives ∂Σ/∂λ of each group's parameters.
func directions(jets [][]jet, m int) [][]dense.Matrix {
	out := make([][]dense.Matrix, len(jets))
	for c, js := range jets {
		for a := range js[0].g {
			d := dense.New(m, m)
			for l := range m {
				for i := l; i < m; i++ {
					v := js[vechIndex(m, i, l)].g[a]
					d.Set(i, l, v)
					d.Set(l, i, v)
				}
			}
			out[c] = append(out[c], d)
		}
	}
	return out
}

// add puts one pattern's part into gradient and Hessian (lower triangle), and
// into the slopes in the entries of Σ.
func (st *state) add(i int, b *pattern, o local, v reml.Value, xwdu dense.Matrix, ds []dense.Matrix, slopes dense.Matrix) {
	p, k := st.g.p, len(b.visits)
	n, from := float64(b.n), b.group*len(ds)
	li := st.li[i]
	t := li.T()
	c := dense.New(k, k)
	if st.reml {
		for j := range k * k {
			c.A[j] = dense.Dot(st.phi.A, o.s[j*p*p:(j+1)*p*p])
		}
		c.Symmetrise()
	}
	uc, half, hr, er := o.u, dense.New(k, k), dense.New(k, k), dense.New(k, k)
	uc.AddScaled(1, c)
	dense.MulTo(half, t, uc)
	dense.MulTo(hr, half, li)
	back := hr
	for j, u := range b.visits {
		for l, w := range b.visits {
			slopes.A[u*slopes.C+w] += n*st.w[i].At(j, l) - back.At(j, l)
		}
	}
	ms, all := make([]dense.Matrix, len(ds)), make([]float64, len(ds)*k*k)
	for r, d := range ds {
		ms[r] = dense.Matrix{R: k, C: k, A: all[r*k*k : (r+1)*k*k]}
		dense.MulTo(half, li, b.seen(d))
		dense.MulTo(ms[r], half, t)
		ms[r].Symmetrise()
		for j := range k {
			v.Gradient[from+r] += n * ms[r].At(j, j)
		}
		v.Gradient[from+r] -= dense.Dot(ms[r].A, uc.A)
		for j, m := range ms[r].A {
			if m == 0 {
				continue
			}
			axpy(xwdu.Row(from+r), m, o.xu[j*p:(j+1)*p])
			if len(ds) <= 2*st.g.m {
				axpy(st.p[from+r].A, -m, o.s[j*p*p:(j+1)*p*p])
			}
		}
	}
	st.m[i] = ms
	for r := range ds {
		dense.MulTo(hr, uc, ms[r])
		dense.MulTo(er, c, ms[r])
		for j, m := range ms[r].A {
			hr.A[j] = 2*hr.A[j] - n*m
			er.A[j] = n*m - 2*er.A[j]
		}
		for s := range r + 1 {
			// tr(X·M_s) with M_s symmetric
			v.Hessian.A[(from+r)*v.Hessian.C+from+s] += dense.Dot(hr.A, ms[s].A)
			v.Expected.A[(from+r)*v.Hessian.C+from+s] += dense.Dot(er.A, ms[s].A)
		}
	}
}

// curvature adds Σ_t slope_t·∂²θ_t/∂λ_r∂λ_s, θ the entries of Σ, to the lower
// triangle of the Hessian.
func (st *state) curvature(h dense.Matrix, jets [][]jet, slopes []dense.Matrix) {
	m := st.g.m
	for c, js := range jets {
		n := len(js[0].g)
		for l := range m {
			for i := l; i < m; i++ {
				g := slopes[c].At(i, l)
				if i != l {
					g *= 2
				}
				e := js[vechIndex(m, i, l)]
				for a := range n {
					for b := range a + 1 {
						h.A[(c*n+a)*h.C+c*n+b] += g * e.h[a*n+b]
					}
				}
			}
		}
	}
}

// entries gives −X'W·E_t·W·X for the entries of Σ, group after group.
func (st *state) entries() []dense.Matrix {
	g := st.g
	p := g.p
	per := g.m * (g.m + 1) / 2
	out := make([]dense.Matrix, per*g.groups)
	for t := range out {
		out[t] = dense.New(p, p)
	}
	for i, b := range g.patterns {
		k := len(b.visits)
		s := make([]float64, k*k*p*p)
		sandwich(s, st.s[i], st.li[i].T(), k, p*p)
		for l := range k {
			for j := l; j < k; j++ {
				t := out[b.group*per+vechIndex(g.m, b.visits[j], b.visits[l])].A
				axpy(t, -1, s[(j*k+l)*p*p:(j*k+l+1)*p*p])
				if j != l {
					axpy(t, -1, s[(l*k+j)*p*p:(l*k+j+1)*p*p])
				}
			}
		}
	}
	return out
}

// contract gives Σ_rs v_rs·X'W·D_r·W·D_s·W·X for Kenward–Roger.
func (st *state) contract(v dense.Matrix) dense.Matrix {
	g := st.g
	p := g.p
	out := dense.New(p, p)
	for i, b := range g.patterns {
		k, ms := len(b.visits), st.m[i]
		from := b.group * len(ms)
		n := dense.New(k, k)
		for r := range ms {
			t := dense.New(k, k)
			for s := range ms {
				t.AddScaled(v.At(from+r, from+s), ms[s])
			}
			n.AddScaled(1, ms[r].Mul(t))
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
	if k == m.R {
		return m
	}
	out := dense.New(k, k)
	for j, u := range b.visits {
		for l, c := range b.visits {
			out.Set(j, l, m.At(u, c))
		}
	}
	return out
}
