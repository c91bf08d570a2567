package lmm

import (
	"math"

	"dvala/stats/dense"
	"dvala/stats/reml"
)

// The criterion of Crossed in θ = (person a, within b, shared c, σ² s). All
// forms live in the space of cells: with C the indicators of cells, A and B the
// sums of cells over people and over periods, and D_r = (C·L_r)(C·L_r)',
// L = (A, I, B),
//
//	K = C'V⁻¹C = K₀ − K₀B·M·B'K₀,  M = (I/c + B'K₀B)⁻¹
//	K₀ of a person = diag(n·g) − h·(n·g)(n·g)',  g = 1/(s + n·b),  h = a/(1 + a·Σn·g)
//
// As V is homogeneous in θ, what concerns σ² follows from the rest:
//
//	W·W = (W − Σ_r θ_r·W·D_r·W)/s, the sum over person, within, shared

// crossedState is one evaluation, kept for inference.
type crossedState struct {
	g     *cells
	reml  bool
	theta [4]float64
	gc    []float64    // g of each cell
	h, s  []float64    // h and Σn·g of each person
	f0    dense.Matrix // K₀B, cells × periods
	kb, m dense.Matrix // B'K₀B, and M
	j     dense.Matrix // C'WX, cells × p
	w     []float64    // C'We
	phi   dense.Matrix
	xwx   dense.Matrix
	delta []float64
	quad  float64
	f     float64
	v     [3][]float64 // L_r'C'We
	p     [4]dense.Matrix
	q     [4][4]dense.Matrix
}

// evaluate forms the criterion; ok is false where the covariance is not one.
func (g *cells) evaluate(theta [4]float64, useREML bool) (*crossedState, bool) {
	a, b, c, s := theta[0], theta[1], theta[2], theta[3]
	if !(s > 1e-15) || math.IsInf(s, 0) {
		return nil, false
	}
	nc, p := len(g.n), g.p
	st := &crossedState{g: g, reml: useREML, theta: theta, gc: make([]float64, nc), h: make([]float64, g.people), s: make([]float64, g.people)}
	logdet := 0.0
	for k, n := range g.n {
		st.gc[k] = 1 / (s + n*b)
		st.s[g.person[k]] += n * st.gc[k]
		logdet += (n-1)*math.Log(s) + math.Log(s+n*b)
	}
	for i, sum := range st.s {
		st.h[i] = a / (1 + a*sum)
		logdet += math.Log1p(a * sum)
	}
	// C'W₀X, C'W₀r; and X'W₀X, X'W₀r, r'W₀r
	st.j, st.w = dense.New(nc, p), make([]float64, nc)
	st.xwx = g.xx.Clone()
	xwr := append([]float64(nil), g.xr...)
	rwr := g.rr
	for k := range nc {
		t, z, f := g.t[k*p:(k+1)*p], g.z[k], b*st.gc[k]
		rwr -= f * z * z
		for i, u := range t {
			xwr[i] -= f * u * z
			axpyTo(st.xwx.A[i*p:(i+1)*p], -f*u, t)
		}
	}
	for i := range st.xwx.A {
		st.xwx.A[i] /= s
	}
	for i := range xwr {
		xwr[i] /= s
	}
	rwr /= s
	tau := make([]float64, p)
	for i := range g.people {
		var zeta float64
		clear(tau)
		for k := g.first[i]; k < g.first[i+1]; k++ {
			zeta += st.gc[k] * g.z[k]
			axpyTo(tau, st.gc[k], g.t[k*p:(k+1)*p])
		}
		h := st.h[i]
		rwr -= h * zeta * zeta
		for x, u := range tau {
			xwr[x] -= h * u * zeta
			axpyTo(st.xwx.A[x*p:(x+1)*p], -h*u, tau)
		}
		for k := g.first[i]; k < g.first[i+1]; k++ {
			ng := g.n[k] * st.gc[k]
			st.w[k] = st.gc[k]*g.z[k] - h*ng*zeta
			row := st.j.Row(k)
			axpyTo(row, st.gc[k], g.t[k*p:(k+1)*p])
			axpyTo(row, -h*ng, tau)
		}
	}
	if c > 0 && !st.share(c, xwr, &rwr, &logdet) {
		return nil, false
	}
	st.xwx.Symmetrise()
	l, _, ok := dense.Cholesky(st.xwx, 1e-14)
	if !ok {
		return nil, false
	}
	st.phi = dense.InverseFrom(l)
	st.delta = xwr
	dense.SolveLower(l, st.delta)
	st.quad = rwr - dense.Dot(st.delta, st.delta)
	dense.SolveLowerT(l, st.delta)
	for k := range nc {
		st.w[k] -= dense.Dot(st.j.Row(k), st.delta)
	}
	st.f = logdet + st.quad
	if useREML {
		st.f += dense.LogDet(l)
	}
	return st, !math.IsNaN(st.f) && !math.IsInf(st.f, 0)
}

func axpyTo(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}

// share brings in the periods that all people share.
func (st *crossedState) share(c float64, xwr []float64, rwr, logdet *float64) bool {
	g := st.g
	m, nc := g.periods, len(g.n)
	st.f0 = dense.New(nc, m)
	for k := range nc {
		ng := g.n[k] * st.gc[k]
		i := g.person[k]
		st.f0.A[k*m+g.period[k]] += ng
		for o := g.first[i]; o < g.first[i+1]; o++ {
			st.f0.A[k*m+g.period[o]] -= st.h[i] * ng * g.n[o] * st.gc[o]
		}
	}
	st.kb = st.sumPeriods(st.f0)
	in := st.kb.Clone()
	for k := range m {
		in.A[k*m+k] += 1 / c
	}
	l, _, ok := dense.Cholesky(in, 1e-15)
	if !ok {
		return false
	}
	*logdet += dense.LogDet(l) + float64(m)*math.Log(c)
	st.m = dense.InverseFrom(l)
	bj, bw := st.sumPeriods(st.j), st.sumPeriods(dense.Matrix{R: nc, C: 1, A: st.w})
	mj, mw := st.m.Mul(bj), st.m.Mul(bw)
	st.xwx.AddScaled(-1, bj.T().Mul(mj))
	axpyTo(xwr, -1, bj.T().MulVec(mw.A))
	*rwr -= dense.Dot(bw.A, mw.A)
	st.j.AddScaled(-1, st.f0.Mul(mj))
	axpyTo(st.w, -1, st.f0.MulVec(mw.A))
	return true
}

// sumPeriods gives B'x of a matrix of cells, and sumPeople A'x.
func (st *crossedState) sumPeriods(x dense.Matrix) dense.Matrix {
	out := dense.New(st.g.periods, x.C)
	for k, j := range st.g.period {
		axpyTo(out.Row(j), 1, x.Row(k))
	}
	return out
}

func (st *crossedState) sumPeople(x dense.Matrix) dense.Matrix {
	out := dense.New(st.g.people, x.C)
	for k, i := range st.g.person {
		axpyTo(out.Row(i), 1, x.Row(k))
	}
	return out
}

// over gives L_r'x, and out gives L_r·x back in cells.
func (st *crossedState) over(r int, x dense.Matrix) dense.Matrix {
	switch r {
	case 0:
		return st.sumPeople(x)
	case 1:
		return x
	}
	return st.sumPeriods(x)
}

func (st *crossedState) out(r int, x dense.Matrix) dense.Matrix {
	if r == 1 {
		return x
	}
	of := st.g.person
	if r == 2 {
		of = st.g.period
	}
	y := dense.New(len(of), x.C)
	for k, i := range of {
		copy(y.Row(k), x.Row(i))
	}
	return y
}

// times gives K·x of a matrix of cells.
func (st *crossedState) times(x dense.Matrix) dense.Matrix {
	g := st.g
	y := dense.New(x.R, x.C)
	sum := make([]float64, x.C)
	for i := range g.people {
		clear(sum)
		for k := g.first[i]; k < g.first[i+1]; k++ {
			axpyTo(sum, g.n[k]*st.gc[k], x.Row(k))
		}
		for k := g.first[i]; k < g.first[i+1]; k++ {
			ng := g.n[k] * st.gc[k]
			axpyTo(y.Row(k), ng, x.Row(k))
			axpyTo(y.Row(k), -st.h[i]*ng, sum)
		}
	}
	if st.f0.R > 0 {
		y.AddScaled(-1, st.f0.Mul(st.m.Mul(st.f0.T().Mul(x))))
	}
	return y
}

// traces gives tr(W·D_r) and tr(W·D_r·W·D_s) = ‖L_r'K·L_s‖² of the three parts.
func (st *crossedState) traces() (one [3]float64, two [3][3]float64) {
	g := st.g
	// Without the shared periods: people a diagonal, cells blocks of a person.
	for i := range g.people {
		k := st.s[i] * (1 - st.h[i]*st.s[i])
		one[0] += k
		two[0][0] += k * k
		for c := g.first[i]; c < g.first[i+1]; c++ {
			ng := g.n[c] * st.gc[c]
			q := ng * (1 - st.h[i]*st.s[i])
			two[0][1] += q * q
			one[1] += ng - st.h[i]*ng*ng
			for o := g.first[i]; o < g.first[i+1]; o++ {
				v := -st.h[i] * ng * g.n[o] * st.gc[o]
				if o == c {
					v += ng
				}
				two[1][1] += v * v
			}
		}
	}
	if st.f0.R > 0 {
		st.sharedTraces(&one, &two)
	}
	two[1][0] = two[0][1]
	return one, two
}

// sharedTraces subtracts what the periods take, by matrices of their own size:
// with F = K₀B and G = F'F over people or cells,
//
//	‖X − F_r·M·F_s'‖² = ‖X‖² − 2·tr(M·F_s'X'F_r) + tr(M·G_r·M·G_s)
func (st *crossedState) sharedTraces(one *[3]float64, two *[3][3]float64) {
	g := st.g
	fp := st.sumPeople(st.f0)
	gp, gc := fp.T().Mul(fp), st.f0.T().Mul(st.f0)
	one[0] -= dense.TraceProduct(st.m, gp)
	one[1] -= dense.TraceProduct(st.m, gc)
	// X'F: of people, of cells by people, of cells
	kp, kc := fp.Clone(), dense.New(g.people, g.periods)
	for i := range g.people {
		shrink := 1 - st.h[i]*st.s[i]
		for j := range g.periods {
			kp.A[i*g.periods+j] *= st.s[i] * shrink
		}
		for c := g.first[i]; c < g.first[i+1]; c++ {
			axpyTo(kc.Row(i), g.n[c]*st.gc[c]*shrink, st.f0.Row(c))
		}
	}
	mgp, mgc := st.m.Mul(gp), st.m.Mul(gc)
	two[0][0] += -2*dense.TraceProduct(st.m, kp.T().Mul(fp)) + dense.TraceProduct(mgp, mgp)
	two[0][1] += -2*dense.TraceProduct(st.m, kc.T().Mul(fp)) + dense.TraceProduct(mgp, mgc)
	k0f := st.blocks(st.f0)
	two[1][1] += -2*dense.TraceProduct(st.m, k0f.T().Mul(st.f0)) + dense.TraceProduct(mgc, mgc)
	// Of the periods themselves: (I − K_b·M)·what they are of.
	t := dense.Identity(g.periods)
	t.AddScaled(-1, st.kb.Mul(st.m))
	bb := t.Mul(st.kb)
	for k := range g.periods {
		one[2] += bb.At(k, k)
	}
	two[2][2] = dense.TraceProduct(bb, bb)
	for r, gr := range []dense.Matrix{gp, gc} {
		v := dense.TraceProduct(t.Mul(gr), t.T())
		two[2][r], two[r][2] = v, v
	}
}

// blocks gives K₀·x.
func (st *crossedState) blocks(x dense.Matrix) dense.Matrix {
	shared := st.f0
	st.f0 = dense.Matrix{}
	y := st.times(x)
	st.f0 = shared
	return y
}

// derivatives gives gradient, observed and expected Hessian in θ, and leaves P_r
// and Q_rs in the state.
func (st *crossedState) derivatives() reml.Value {
	g := st.g
	p, s := g.p, st.theta[3]
	var tr [4]float64
	var tt, uu [4][4]float64
	var jr [3]dense.Matrix
	var xu [4][]float64
	one, two := st.traces()
	var lj, ly, klj, kly [3]dense.Matrix // L_r·J_r, L_r·v_r, and K of them
	for r := range 3 {
		jr[r] = st.over(r, st.j)
		v := st.over(r, dense.Matrix{R: len(g.n), C: 1, A: st.w})
		st.v[r] = v.A
		st.p[r] = jr[r].T().Mul(jr[r])
		xu[r] = jr[r].T().MulVec(v.A)
		lj[r], ly[r] = st.out(r, jr[r]), st.out(r, v)
		klj[r], kly[r] = st.times(lj[r]), st.times(ly[r])
		tr[r] = one[r]
	}
	for r := range 3 {
		for c := range 3 {
			tt[r][c] = two[r][c]
			uu[r][c] = dense.Dot(ly[r].A, kly[c].A)
			st.q[r][c] = lj[r].T().Mul(klj[c])
		}
	}
	st.homogeneous(&tr, &tt, &uu, &xu, s)
	v := reml.Value{F: st.f, Gradient: make([]float64, 4), Hessian: dense.New(4, 4), Expected: dense.New(4, 4)}
	var pp [4]dense.Matrix
	for r := range 4 {
		v.Gradient[r] = tr[r] - st.square(r)
		for i := range st.p[r].A {
			st.p[r].A[i] = -st.p[r].A[i]
		}
		pp[r] = st.phi.Mul(st.p[r])
		if st.reml {
			for i := range p {
				v.Gradient[r] += pp[r].At(i, i)
			}
		}
	}
	for r := range 4 {
		for c := range 4 {
			h := -tt[r][c] + 2*(uu[r][c]-st.phi.Quad(xu[r], xu[c]))
			e := tt[r][c]
			if st.reml {
				q, pq := dense.TraceProduct(st.phi, st.q[r][c]), dense.TraceProduct(pp[r], pp[c])
				h += 2*q - pq
				e += pq - 2*q
			}
			v.Hessian.Set(r, c, h)
			v.Expected.Set(r, c, e)
		}
	}
	v.Hessian.Symmetrise()
	v.Expected.Symmetrise()
	return v
}

// square is u'D_r·u.
func (st *crossedState) square(r int) float64 {
	if r < 3 {
		return dense.Dot(st.v[r], st.v[r])
	}
	v := st.quad
	for k := range 3 {
		v -= st.theta[k] * dense.Dot(st.v[k], st.v[k])
	}
	return v / st.theta[3]
}

// homogeneous fills in all that concerns σ². The P are without their sign here.
func (st *crossedState) homogeneous(tr *[4]float64, tt, uu *[4][4]float64, xu *[4][]float64, s float64) {
	p := st.g.p
	tr[3] = float64(st.g.rows)
	st.p[3] = st.xwx.Clone()
	xu[3] = make([]float64, p)
	for r := range 3 {
		t := st.theta[r]
		tr[3] -= t * tr[r]
		st.p[3].AddScaled(-t, st.p[r])
		axpyTo(xu[3], -t, xu[r])
	}
	tr[3] /= s
	scaleBy(st.p[3].A, 1/s)
	scaleBy(xu[3], 1/s)
	for r := range 3 {
		tt[r][3], uu[r][3] = tr[r], dense.Dot(st.v[r], st.v[r])
		st.q[r][3] = st.p[r].Clone()
		for c := range 3 {
			t := st.theta[c]
			tt[r][3] -= t * tt[r][c]
			uu[r][3] -= t * uu[r][c]
			st.q[r][3].AddScaled(-t, st.q[r][c])
		}
		tt[r][3] /= s
		uu[r][3] /= s
		scaleBy(st.q[r][3].A, 1/s)
		tt[3][r], uu[3][r], st.q[3][r] = tt[r][3], uu[r][3], st.q[r][3].T()
	}
	tt[3][3], uu[3][3] = tr[3], st.square(3)
	st.q[3][3] = st.p[3].Clone()
	for r := range 3 {
		t := st.theta[r]
		tt[3][3] -= t * tt[r][3]
		uu[3][3] -= t * uu[r][3]
		st.q[3][3].AddScaled(-t, st.q[r][3])
	}
	tt[3][3] /= s
	uu[3][3] /= s
	scaleBy(st.q[3][3].A, 1/s)
}

func scaleBy(x []float64, f float64) {
	for i := range x {
		x[i] *= f
	}
}

// contract gives Σ_rs v_rs·X'W·D_r·W·D_s·W·X.
func (st *crossedState) contract(v dense.Matrix) dense.Matrix {
	out := dense.New(st.g.p, st.g.p)
	for r := range 4 {
		for c := range 4 {
			out.AddScaled(v.At(r, c), st.q[r][c])
		}
	}
	out.Symmetrise()
	return out
}
