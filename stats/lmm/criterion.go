package lmm

import (
	"math"

	"dvala/stats/dense"
	"dvala/stats/reml"
)

// The criterion −2 log likelihood and its derivatives in the natural
// parameters θ = (vech(G) by columns, σ²), from the sums of each person. With
//
//	B = (σ²I + S·G)⁻¹    S = Z'Z, T = Z'X of the person
//	M = G·B              V⁻¹ = W = (I − Z·M·Z')/σ²
//
// every Z'Wᵏ is BᵏZ', so nothing here is larger than q×p per person, and the
// cost of an evaluation does not depend on the number of nights.

// pair is the position in G of a natural parameter, a ≥ b.
type pair struct{ a, b int }

func pairs(q int) []pair {
	var out []pair
	for b := range q {
		for a := b; a < q; a++ {
			out = append(out, pair{a, b})
		}
	}
	return out
}

// state is one evaluation, kept for inference at the end.
type state struct {
	g     *sums
	reml  bool
	pairs []pair
	s2    float64
	b, m  []float64 // per person q×q
	a     []float64 // per person Z'WX, q×p
	xwx   dense.Matrix
	phi   dense.Matrix
	delta []float64 // β̃ minus least squares
	quad  float64   // e'We
	f     float64   // −2 log likelihood without constants of scale
	p     []dense.Matrix
	xw3x  dense.Matrix
	scratch
}

type scratch struct{ mt, a2, tmp []float64 }

// evaluate forms the criterion at G (q×q, row by row) and σ². ok is false
// where the covariance is not one.
func (g *sums) evaluate(gm []float64, s2 float64, useREML bool) (st *state, ok bool) {
	p, q := g.p, g.q
	if !(s2 > 1e-15) || math.IsInf(s2, 0) {
		return nil, false
	}
	st = &state{
		g: g, reml: useREML, pairs: pairs(q), s2: s2,
		b: make([]float64, g.people*q*q), m: make([]float64, g.people*q*q), a: make([]float64, g.people*q*p),
		scratch: scratch{make([]float64, q*p), make([]float64, q*p), make([]float64, 2*q*q)},
	}
	st.xwx = g.xx.Clone()
	xwr := append([]float64(nil), g.xr...)
	rwr, logdet := g.rr, 0.0
	mz := make([]float64, q)
	for k := range g.people {
		s := g.s[k*q*q : (k+1)*q*q]
		t := g.t[k*q*p : (k+1)*q*p]
		z := g.z[k*q : (k+1)*q]
		b, m := st.b[k*q*q:(k+1)*q*q], st.m[k*q*q:(k+1)*q*q]
		det, ok := invertCore(b, st.tmp, s, gm, s2, q)
		if !ok {
			return nil, false
		}
		logdet += (g.n[k]-float64(q))*math.Log(s2) + math.Log(det)
		mul(m, gm, b, q, q, q)
		mul(st.mt, m, t, q, q, p)
		mul(st.a[k*q*p:(k+1)*q*p], b, t, q, q, p)
		mul(mz, m, z, q, q, 1)
		for c := range q {
			rwr -= z[c] * mz[c]
			tc, mtc := t[c*p:(c+1)*p], st.mt[c*p:(c+1)*p]
			for i, u := range tc {
				xwr[i] -= u * mz[c]
				row := st.xwx.A[i*p : i*p+i+1]
				for j := range row {
					row[j] -= u * mtc[j]
				}
			}
		}
	}
	for i := range p {
		xwr[i] /= s2
		for j := range i + 1 {
			v := st.xwx.At(i, j) / s2
			st.xwx.Set(i, j, v)
			st.xwx.Set(j, i, v)
		}
	}
	l, _, ok := dense.Cholesky(st.xwx, 1e-14)
	if !ok {
		return nil, false
	}
	st.phi = dense.InverseFrom(l)
	st.delta = append([]float64(nil), xwr...)
	dense.SolveLower(l, st.delta)
	st.quad = rwr/s2 - dense.Dot(st.delta, st.delta)
	dense.SolveLowerT(l, st.delta)
	st.f = logdet + st.quad
	if useREML {
		st.f += dense.LogDet(l)
	}
	return st, !math.IsNaN(st.f)
}

// invertCore sets b to (s2·I + S·G)⁻¹ and gives its determinant before
// inversion.
func invertCore(b, tmp, s, gm []float64, s2 float64, q int) (det float64, ok bool) {
	if q == 1 {
		det = s2 + s[0]*gm[0]
		b[0] = 1 / det
		return det, det > 0
	}
	c := tmp[:q*q]
	mul(c, s, gm, q, q, q)
	for i := range q {
		c[i*q+i] += s2
	}
	if q == 2 {
		det = c[0]*c[3] - c[1]*c[2]
		b[0], b[1], b[2], b[3] = c[3]/det, -c[1]/det, -c[2]/det, c[0]/det
		return det, det > 0
	}
	for i := range b {
		b[i] = 0
	}
	for i := range q {
		b[i*q+i] = 1
	}
	det = 1
	for j := range q {
		best := j
		for i := j + 1; i < q; i++ {
			if math.Abs(c[i*q+j]) > math.Abs(c[best*q+j]) {
				best = i
			}
		}
		if c[best*q+j] == 0 {
			return 0, false
		}
		if best != j {
			det = -det
			for k := range q {
				c[j*q+k], c[best*q+k] = c[best*q+k], c[j*q+k]
				b[j*q+k], b[best*q+k] = b[best*q+k], b[j*q+k]
			}
		}
		d := c[j*q+j]
		det *= d
		for k := range q {
			c[j*q+k] /= d
			b[j*q+k] /= d
		}
		for i := range q {
			f := c[i*q+j]
			if i == j || f == 0 {
				continue
			}
			for k := range q {
				c[i*q+k] -= f * c[j*q+k]
				b[i*q+k] -= f * b[j*q+k]
			}
		}
	}
	return det, det > 0
}

// mul sets out (r×c) to a (r×n) times b (n×c), all row by row.
func mul(out, a, b []float64, r, n, c int) {
	for i := range r {
		o := out[i*c : (i+1)*c]
		for j := range o {
			o[j] = 0
		}
		for k := range n {
			v := a[i*n+k]
			for j, w := range b[k*c : (k+1)*c] {
				o[j] += v * w
			}
		}
	}
}

// totals are the sums over people that the derivatives need.
type totals struct {
	k, k2, w, c, c2 []float64 // q×q: Z'WZ, Z'W²Z, ωω', AΦA', A₂ΦA'
	tr1, tr2        float64   // tr W, tr W²
	e2, e3          float64   // e'W²e, e'W³e
	trK, trC, uu    dense.Matrix
	xwdu            dense.Matrix // p×k: X'W·D_s·u
}

// derivatives gives gradient, observed Hessian and expected Hessian (2 × the
// expected information) in θ. It also leaves P_r and X'W³X in the state.
func (st *state) derivatives() reml.Value {
	g := st.g
	p, q, nk := g.p, g.q, len(st.pairs)+1
	st.p = make([]dense.Matrix, nk)
	for r := range st.p {
		st.p[r] = dense.New(p, p)
	}
	st.xw3x = dense.New(p, p)
	t := totals{
		k: make([]float64, q*q), k2: make([]float64, q*q), w: make([]float64, q*q), c: make([]float64, q*q), c2: make([]float64, q*q),
		trK: dense.New(nk, nk), trC: dense.New(nk, nk), uu: dense.New(nk, nk), xwdu: dense.New(p, nk),
	}
	for k := range g.people {
		st.person(k, &t)
	}
	st.closeSums(&t)
	return st.assemble(&t)
}

// person adds one person's part, in five steps: products (1), what the residuals
// weigh (2), traces (3), the p×p sums (4), and pairs of parameters (5).
func (st *state) person(k int, t *totals) {
	g := st.g
	p, q := g.p, g.q
	nk := len(st.pairs) + 1
	var buf [8 * maxRandom * maxRandom]float64
	part := func(i int) []float64 { return buf[i*q*q : (i+1)*q*q] }
	kk, k2, c, c2, ke, kc := part(0), part(1), part(2), part(3), part(4), part(5)
	s, tt := g.s[k*q*q:(k+1)*q*q], g.t[k*q*p:(k+1)*q*p]
	b, m, a := st.b[k*q*q:(k+1)*q*q], st.m[k*q*q:(k+1)*q*q], st.a[k*q*p:(k+1)*q*p]
	// 1. K = Z'WZ, BK, MT and BA
	mul(kk, b, s, q, q, q)
	mul(k2, b, kk, q, q, q)
	mul(st.mt, m, tt, q, q, p)
	mul(st.a2, b, a, q, q, p)
	// 2. ζ = Z'e, ω = Z'We, ω₂ = Z'W²e, mζ = M·ζ
	vec := part(6)
	zeta, omega := vec[:q], buf[7*q*q:7*q*q+q]
	var buf2 [2 * maxRandom]float64
	omega2, mzeta := buf2[:q], buf2[maxRandom:maxRandom+q]
	for i := range q {
		zeta[i] = g.z[k*q+i] - dense.Dot(tt[i*p:(i+1)*p], st.delta)
	}
	mul(omega, b, zeta, q, q, 1)
	mul(omega2, b, omega, q, q, 1)
	mul(mzeta, m, zeta, q, q, 1)

	// 3.
	var trMS, trKM, wmz, w2mz float64
	for i := range q {
		wmz += omega[i] * mzeta[i]
		w2mz += omega2[i] * mzeta[i]
		for j := range q {
			trMS += m[i*q+j] * s[j*q+i]
			trKM += kk[i*q+j] * m[j*q+i]
		}
	}
	w1 := (g.n[k] - trMS) / st.s2
	t.tr1 += w1
	t.tr2 += (w1 - trKM) / st.s2
	t.e2 -= wmz
	t.e3 -= w2mz

	// 4. X'W²X and X'W³X lose A'MT and A₂'MT; P_r gathers A'E_rA.
	sig := st.p[nk-1]
	for i := range q {
		ai, mi, a2i := a[i*p:(i+1)*p], st.mt[i*p:(i+1)*p], st.a2[i*p:(i+1)*p]
		for x, u := range ai {
			v := a2i[x]
			t.xwdu.A[x*nk+nk-1] -= u * mzeta[i]
			row2, row3 := sig.A[x*p:x*p+x+1], st.xw3x.A[x*p:x*p+x+1]
			for y := range row2 {
				row2[y] -= u * mi[y]
				row3[y] -= v * mi[y]
			}
		}
	}
	for r, e := range st.pairs {
		ra, rb := a[e.a*p:(e.a+1)*p], a[e.b*p:(e.b+1)*p]
		pr := st.p[r].A
		for x := range p {
			row := pr[x*p : x*p+x+1]
			if e.a == e.b {
				u := ra[x]
				t.xwdu.A[x*nk+r] += u * omega[e.a]
				for y := range row {
					row[y] -= u * ra[y]
				}
				continue
			}
			u, v := ra[x], rb[x]
			t.xwdu.A[x*nk+r] += u*omega[e.b] + v*omega[e.a]
			for y := range row {
				row[y] -= u*rb[y] + v*ra[y]
			}
		}
	}
	st.quadratic(c, a, a)
	st.quadratic(c2, st.a2, a)
	for i := range q * q {
		t.k[i] += kk[i]
		t.k2[i] += k2[i]
		t.c[i] += c[i]
		t.c2[i] += c2[i]
		t.w[i] += omega[i/q] * omega[i%q]
	}
	// The σ² cross terms of u'D_rWD_su.
	for r, e := range st.pairs {
		v := omega[e.a] * omega2[e.b]
		if e.a != e.b {
			v += omega[e.b] * omega2[e.a]
		}
		t.uu.A[r*nk+nk-1] += v
	}
	// 5. Of pairs of G: tr(E_r·K·E_s·K), tr(E_r·K·E_s·C), ω'E_r·K·E_s·ω.
	for r, e := range st.pairs {
		leftE(ke, e, kk, q)
		leftE(kc, e, c, q)
		for s2 := r; s2 < nk-1; s2++ {
			f := st.pairs[s2]
			t.trK.A[r*nk+s2] += traceE(ke, f, kk, q)
			// tr(E_r K E_s C) + tr(E_s K E_r C), halved where they meet
			t.trC.A[r*nk+s2] += (traceE(ke, f, c, q) + traceE(kc, f, kk, q)) / 2
			t.uu.A[r*nk+s2] += bilinear(omega, e, kk, f, q)
		}
	}
}

// quadratic sets c to l·Φ·a' for q×p matrices.
func (st *state) quadratic(c, l, a []float64) {
	p, q := st.g.p, st.g.q
	for i := range q {
		var row [maxColumns]float64
		li := l[i*p : (i+1)*p]
		for x, u := range li {
			for y, v := range st.phi.A[x*p : (x+1)*p] {
				row[y] += u * v
			}
		}
		for j := range q {
			c[i*q+j] = dense.Dot(row[:p], a[j*p:(j+1)*p])
		}
	}
}

// leftE sets out to E_r·k, E_r being 1 at the pair and its mirror.
func leftE(out []float64, e pair, k []float64, q int) {
	for i := range out {
		out[i] = 0
	}
	copy(out[e.a*q:(e.a+1)*q], k[e.b*q:(e.b+1)*q])
	copy(out[e.b*q:(e.b+1)*q], k[e.a*q:(e.a+1)*q])
}

// traceE is tr(x·E_f·y).
func traceE(x []float64, f pair, y []float64, q int) float64 {
	var s float64
	for i := range q {
		s += x[i*q+f.a] * y[f.b*q+i]
		if f.a != f.b {
			s += x[i*q+f.b] * y[f.a*q+i]
		}
	}
	return s
}

// bilinear is ω'E_e·K·E_f·ω.
func bilinear(w []float64, e pair, k []float64, f pair, q int) float64 {
	row := func(i int) float64 {
		v := k[i*q+f.a] * w[f.b]
		if f.a != f.b {
			v += k[i*q+f.b] * w[f.a]
		}
		return v
	}
	s := w[e.a] * row(e.b)
	if e.a != e.b {
		s += w[e.b] * row(e.a)
	}
	return s
}

// closeSums turns what was taken away per person into W², W³ forms.
func (st *state) closeSums(t *totals) {
	p, nk := st.g.p, len(st.pairs)+1
	sig := st.p[nk-1]
	mirror := func(m dense.Matrix) {
		for i := range p {
			for j := range i {
				m.Set(j, i, m.At(i, j))
			}
		}
	}
	for i := range p {
		for j := range i + 1 {
			w2 := (st.xwx.At(i, j) + sig.At(i, j)) / st.s2
			w3 := (w2 + st.xw3x.At(i, j)) / st.s2
			sig.Set(i, j, -w2)
			st.xw3x.Set(i, j, w3)
		}
		t.xwdu.A[i*nk+nk-1] /= st.s2
	}
	for _, m := range st.p {
		mirror(m)
	}
	mirror(st.xw3x)
	t.e2 = (st.quad + t.e2) / st.s2
	t.e3 = (t.e2 + t.e3) / st.s2
}

// assemble puts the derivatives together.
func (st *state) assemble(t *totals) reml.Value {
	nk := len(st.pairs) + 1
	last := nk - 1
	q := st.g.q
	v := reml.Value{F: st.f, Gradient: make([]float64, nk), Hessian: dense.New(nk, nk), Expected: dense.New(nk, nk)}
	at := func(m []float64, e pair) float64 {
		if e.a == e.b {
			return m[e.a*q+e.a]
		}
		return m[e.a*q+e.b] + m[e.b*q+e.a]
	}
	for r, e := range st.pairs {
		v.Gradient[r] = at(t.k, e) - at(t.w, e)
		t.trK.Set(r, last, at(t.k2, e))
		t.trC.Set(r, last, at(t.c2, e))
	}
	v.Gradient[last] = t.tr1 - t.e2
	t.trK.Set(last, last, t.tr2)
	t.trC.Set(last, last, dense.TraceProduct(st.phi, st.xw3x))
	t.uu.Set(last, last, t.e3)
	pp := make([]dense.Matrix, nk)
	for r := range nk {
		pp[r] = st.phi.Mul(st.p[r])
		if st.reml {
			for i := range pp[r].R {
				v.Gradient[r] += pp[r].At(i, i)
			}
		}
	}
	xw := t.xwdu.T()
	for r := range nk {
		for s := r; s < nk; s++ {
			h := -t.trK.At(r, s) + 2*(t.uu.At(r, s)-st.phi.Quad(xw.Row(r), xw.Row(s)))
			e := t.trK.At(r, s)
			if st.reml {
				pq := dense.TraceProduct(pp[r], pp[s])
				h += 2*t.trC.At(r, s) - pq
				e += pq - 2*t.trC.At(r, s)
			}
			v.Hessian.Set(r, s, h)
			v.Hessian.Set(s, r, h)
			v.Expected.Set(r, s, e)
			v.Expected.Set(s, r, e)
		}
	}
	return v
}

// contract gives Σ_rs v_rs·X'W·D_r·W·D_s·W·X, once, for Kenward–Roger.
func (st *state) contract(v dense.Matrix) dense.Matrix {
	g := st.g
	p, q, nk := g.p, g.q, len(st.pairs)+1
	out := st.xw3x.Clone()
	for i := range out.A {
		out.A[i] *= v.At(nk-1, nk-1)
	}
	inner, cross := dense.New(q, q), dense.New(q, q)
	ke := make([]float64, q*q)
	for k := range g.people {
		b, s, a := st.b[k*q*q:(k+1)*q*q], g.s[k*q*q:(k+1)*q*q], st.a[k*q*p:(k+1)*q*p]
		kk := make([]float64, q*q)
		mul(kk, b, s, q, q, q)
		mul(st.a2, b, a, q, q, p)
		inner.Zero()
		cross.Zero()
		for r, e := range st.pairs {
			leftE(ke, e, kk, q)
			for c, f := range st.pairs {
				w := v.At(r, c)
				for i := range q { // inner += w·E_r·K·E_c
					inner.A[i*q+f.b] += w * ke[i*q+f.a]
					if f.a != f.b {
						inner.A[i*q+f.a] += w * ke[i*q+f.b]
					}
				}
			}
			w := v.At(r, nk-1)
			cross.A[e.a*q+e.b] += w
			if e.a != e.b {
				cross.A[e.b*q+e.a] += w
			}
		}
		am := dense.Matrix{R: q, C: p, A: a}
		a2 := dense.Matrix{R: q, C: p, A: st.a2}
		out.AddScaled(1, am.T().Mul(inner).Mul(am))
		x := am.T().Mul(cross).Mul(a2)
		out.AddScaled(1, x)
		out.AddScaled(1, x.T())
	}
	out.Symmetrise()
	return out
}
