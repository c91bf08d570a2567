package lmm

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// With an autocorrelated residual, V = Z·G·Z' + σ²·φ^|t−t'|, the sums per
// person depend on φ, so these models are fitted from the rows of each person:
// the cost grows with the cube of a person's nights. Natural parameters are
// (vech(G) by columns, σ², φ).

// rowsOf is one person's rows in standard units.
type rowsOf struct {
	x, z dense.Matrix
	y    []float64
	t    []float64
}

// serial is the data of such a model.
type serial struct {
	g      *sums // for units, starting values and the random part's form
	blocks []rowsOf

	longest float64 // distance between two nights of one person
}

func newSerial(g *sums, d *terms.Design, y []float64, person []int, slopes [][]float64, times []float64) (*serial, error) {
	if len(times) != len(y) {
		return nil, fault.New(stats.Lengths, "nights", "%d night numbers for %d rows", len(times), len(y))
	}
	at := make([][]int, g.people)
	for i, k := range person {
		if times[i] != math.Trunc(times[i]) || math.Abs(times[i]) > 1e9 {
			return nil, fault.New(stats.BadArgument, "nights", "row %d is night %v, which is not a whole number", i+1, times[i])
		}
		at[k] = append(at[k], i)
	}
	s := &serial{g: g}
	for _, rows := range at {
		slices.SortFunc(rows, func(a, b int) int { return int(times[a] - times[b]) })
		b := rowsOf{x: dense.New(len(rows), g.p), z: dense.New(len(rows), g.q)}
		for j, i := range rows {
			if j > 0 && times[i] == times[rows[j-1]] {
				return nil, fault.New(stats.BadArgument, "nights", "rows %d and %d are the same night of one person", rows[j-1]+1, i+1)
			}
			g.unit.Row(b.x.Row(j), d.X.Row(i))
			b.z.Set(j, 0, 1)
			for c, col := range slopes {
				b.z.Set(j, c+1, (col[i]-g.zMean[c+1])/g.zSD[c+1])
			}
			b.y = append(b.y, g.unit.Y(y[i]))
			b.t = append(b.t, times[i])
		}
		s.blocks = append(s.blocks, b)
		s.longest = math.Max(s.longest, b.t[len(b.t)-1]-b.t[0])
	}
	return s, nil
}

// serialState is one evaluation.
type serialState struct {
	s     *serial
	reml  bool
	theta []float64
	pow   powers
	phi   dense.Matrix
	beta  []float64
	f     float64
	w     []dense.Matrix
	p     []dense.Matrix
}

// powers is φ^h for every distance between nights that occurs, made once per
// evaluation.
type powers struct {
	phi   float64
	table []float64
}

// mostTabled bounds the table; distances beyond it are raised one by one.
const mostTabled = 4096

func newPowers(phi, longest float64) powers {
	p := powers{phi: phi, table: make([]float64, int(math.Min(longest, mostTabled))+1)}
	p.table[0] = 1
	for h := 1; h < len(p.table); h++ {
		p.table[h] = p.table[h-1] * phi
	}
	return p
}

func (p powers) to(h float64) float64 {
	if k := int(h); k < len(p.table) {
		return p.table[k]
	}
	return math.Pow(p.phi, h)
}

// correlations gives φ^|t−t'| and its first and second derivative in φ.
func (b rowsOf) correlations(p powers) (r, r1, r2 dense.Matrix) {
	n := len(b.t)
	r, r1, r2 = dense.New(n, n), dense.New(n, n), dense.New(n, n)
	for i := range n {
		r.Set(i, i, 1)
		for j := range i {
			h := math.Abs(b.t[i] - b.t[j])
			v, v1, v2 := p.to(h), h*p.to(h-1), 0.0
			if h >= 2 {
				v2 = h * (h - 1) * p.to(h-2)
			}
			r.Set(i, j, v)
			r.Set(j, i, v)
			r1.Set(i, j, v1)
			r1.Set(j, i, v1)
			r2.Set(i, j, v2)
			r2.Set(j, i, v2)
		}
	}
	return r, r1, r2
}

// random gives Z·E·Z' for one place of G.
func (b rowsOf) random(e pair) dense.Matrix {
	n := len(b.y)
	d := dense.New(n, n)
	for i := range n {
		for j := range n {
			v := b.z.At(i, e.a) * b.z.At(j, e.b)
			if e.a != e.b {
				v += b.z.At(i, e.b) * b.z.At(j, e.a)
			}
			d.Set(i, j, v)
		}
	}
	return d
}

// evaluate forms the criterion at θ.
func (s *serial) evaluate(theta []float64, useREML bool) (*serialState, bool) {
	p := s.g.p
	ps := pairs(s.g.q)
	s2, phi := theta[len(ps)], theta[len(ps)+1]
	if !(s2 > 1e-15) || !(math.Abs(phi) < 1) {
		return nil, false
	}
	st := &serialState{s: s, reml: useREML, theta: theta, pow: newPowers(phi, s.longest)}
	a, c := dense.New(p, p), make([]float64, p)
	var yy, logdet float64
	for _, b := range s.blocks {
		v, _, _ := b.correlations(st.pow)
		for i := range v.A {
			v.A[i] *= s2
		}
		for r, e := range ps {
			v.AddScaled(theta[r], b.random(e))
		}
		l, _, ok := dense.Cholesky(v, 1e-15)
		if !ok {
			return nil, false
		}
		logdet += dense.LogDet(l)
		w := dense.InverseFrom(l)
		st.w = append(st.w, w)
		wx := w.Mul(b.x)
		a.AddScaled(1, b.x.T().Mul(wx))
		for i, v := range b.y {
			for j, u := range wx.Row(i) {
				c[j] += u * v
			}
		}
		yy += w.Quad(b.y, b.y)
	}
	l, _, ok := dense.Cholesky(a, 1e-14)
	if !ok {
		return nil, false
	}
	st.phi = dense.InverseFrom(l)
	dense.SolveLower(l, c)
	st.f = logdet + yy - dense.Dot(c, c)
	dense.SolveLowerT(l, c)
	st.beta = c
	if useREML {
		st.f += dense.LogDet(l)
	}
	return st, !math.IsNaN(st.f)
}

// pieces are one person's matrices for the derivatives.
type pieces struct {
	wd, dwx, wdwx []dense.Matrix
	du            [][]float64
	h             map[[2]int]dense.Matrix
	wx            dense.Matrix
	u             []float64
}

func (st *serialState) pieces(k int) pieces {
	b, w := st.s.blocks[k], st.w[k]
	ps := pairs(st.s.g.q)
	s2 := st.theta[len(ps)]
	r, r1, r2 := b.correlations(st.pow)
	var o pieces
	o.wx = w.Mul(b.x)
	e := make([]float64, len(b.y))
	for i := range e {
		e[i] = b.y[i] - dense.Dot(b.x.Row(i), st.beta)
	}
	o.u = w.MulVec(e)
	scaled := r1.Clone()
	for i := range scaled.A {
		scaled.A[i] *= s2
		r2.A[i] *= s2
	}
	wz := w.Mul(b.z)
	for _, q := range ps {
		o.addRandom(b, q, w, wz)
	}
	o.h = map[[2]int]dense.Matrix{{len(ps), len(ps) + 1}: r1, {len(ps) + 1, len(ps) + 1}: r2}
	for _, d := range []dense.Matrix{r, scaled} {
		o.wd = append(o.wd, w.Mul(d))
		dwx := d.Mul(o.wx)
		o.dwx = append(o.dwx, dwx)
		o.wdwx = append(o.wdwx, w.Mul(dwx))
		o.du = append(o.du, d.MulVec(o.u))
	}
	return o
}

// addRandom adds the matrices of one place of G, whose derivative Z·E·Z' has
// rank two at most, so that none of them costs more than n².
func (o *pieces) addRandom(b rowsOf, q pair, w, wz dense.Matrix) {
	n, p := len(b.y), o.wx.C
	wd, dwx, du := dense.New(n, n), dense.New(n, p), make([]float64, n)
	for _, e := range [][2]int{{q.a, q.b}, {q.b, q.a}} {
		zwx, zu := make([]float64, p), 0.0
		for j := range n {
			axpy(zwx, b.z.At(j, e[1]), o.wx.Row(j))
			zu += b.z.At(j, e[1]) * o.u[j]
		}
		for i := range n {
			for j := range n {
				wd.A[i*n+j] += wz.At(i, e[0]) * b.z.At(j, e[1])
			}
			axpy(dwx.Row(i), b.z.At(i, e[0]), zwx)
			du[i] += b.z.At(i, e[0]) * zu
		}
		if q.a == q.b {
			break
		}
	}
	o.wd, o.dwx, o.wdwx, o.du = append(o.wd, wd), append(o.dwx, dwx), append(o.wdwx, w.Mul(dwx)), append(o.du, du)
}

func axpy(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}

// derivatives gives gradient, observed and expected Hessian in θ.
func (st *serialState) derivatives() reml.Value {
	p := st.s.g.p
	nk := len(st.theta)
	v := reml.Value{F: st.f, Gradient: make([]float64, nk), Hessian: dense.New(nk, nk), Expected: dense.New(nk, nk)}
	st.p = make([]dense.Matrix, nk)
	for r := range st.p {
		st.p[r] = dense.New(p, p)
	}
	xwdu := dense.New(nk, p)
	for k := range st.s.blocks {
		o := st.pieces(k)
		w := st.w[k]
		wxt := o.wx.T()
		for r := range nk {
			for i := range w.R {
				v.Gradient[r] += o.wd[r].At(i, i)
			}
			v.Gradient[r] -= dense.Dot(o.u, o.du[r])
			st.p[r].AddScaled(-1, wxt.Mul(o.dwx[r]))
			axpy(xwdu.Row(r), 1, wxt.MulVec(o.du[r]))
			wdu := w.MulVec(o.du[r])
			right := o.wdwx[r].Mul(st.phi)
			for s := range r + 1 {
				t := dense.TraceProduct(o.wd[r], o.wd[s])
				h, e := -t+2*dense.Dot(wdu, o.du[s]), t
				if st.reml {
					q := dense.Dot(right.A, o.dwx[s].A)
					h += 2 * q
					e -= 2 * q
				}
				if m, ok := o.h[[2]int{s, r}]; ok {
					h += dense.Dot(w.A, m.A) - m.Quad(o.u, o.u)
					if st.reml {
						h -= dense.TraceProduct(st.phi, wxt.Mul(m).Mul(o.wx))
					}
				}
				v.Hessian.A[r*nk+s] += h
				v.Expected.A[r*nk+s] += e
			}
		}
	}
	pp := make([]dense.Matrix, nk)
	for r := range nk {
		pp[r] = st.phi.Mul(st.p[r])
		if st.reml {
			for i := range p {
				v.Gradient[r] += pp[r].At(i, i)
			}
		}
		for s := range r + 1 {
			h, e := v.Hessian.At(r, s)-2*st.phi.Quad(xwdu.Row(r), xwdu.Row(s)), v.Expected.At(r, s)
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

func (st *serialState) contract(v dense.Matrix) dense.Matrix {
	p := st.s.g.p
	out := dense.New(p, p)
	for k := range st.s.blocks {
		o := st.pieces(k)
		for r := range st.theta {
			t := dense.New(o.wx.R, p)
			for s := range st.theta {
				t.AddScaled(v.At(r, s), o.wdwx[s])
			}
			out.AddScaled(1, o.dwx[r].T().Mul(t))
		}
	}
	out.Symmetrise()
	return out
}

// serialWorking adds φ = tanh(x) behind the parameters of working.
type serialWorking struct {
	*working
	s *serial
}

func (w serialWorking) theta(x []float64) []float64 {
	n := len(x) - 1
	g := w.covariance(x[:n])
	var out []float64
	for _, e := range pairs(w.g.q) {
		out = append(out, g.At(e.a, e.b))
	}
	return append(out, w.sigma2(x[:n]), math.Tanh(x[n]))
}

func (w serialWorking) jacobian(x []float64) dense.Matrix {
	n := len(x) - 1
	in := w.working.jacobian(x[:n])
	j := dense.New(in.R+1, n+1)
	for i := range in.R {
		copy(j.Row(i), in.Row(i))
	}
	t := math.Tanh(x[n])
	j.Set(in.R, n, 1-t*t)
	return j
}

func (w serialWorking) chain(x []float64, v reml.Value) reml.Value {
	j := w.jacobian(x)
	t := j.T()
	out := reml.Value{F: v.F, Gradient: t.MulVec(v.Gradient), Hessian: t.Mul(v.Hessian).Mul(j), Expected: t.Mul(v.Expected).Mul(j)}
	n := len(x) - 1
	inner := dense.New(n, n)
	w.curvature(inner, x[:n], v.Gradient)
	for a := range n {
		for b := range n {
			out.Hessian.A[a*(n+1)+b] += inner.At(a, b)
		}
	}
	ph := math.Tanh(x[n])
	out.Hessian.A[n*(n+1)+n] += v.Gradient[len(v.Gradient)-1] * -2 * ph * (1 - ph*ph)
	return out
}

func (w serialWorking) objective(x []float64, derivs bool) (reml.Value, bool) {
	st, ok := w.s.evaluate(w.theta(x), w.reml)
	if !ok {
		return reml.Value{}, false
	}
	if !derivs {
		return reml.Value{F: st.f}, true
	}
	return w.chain(x, st.derivatives()), true
}

func (w serialWorking) optimise() reml.Optimum {
	start := append(append([]float64(nil), w.start...), 0.1)
	return w.descend(start, func(x []float64) reml.Optimum { return reml.Newton(w.objective, x) })
}

// fillSerial turns the optimum into a result in the units of the data.
func (f *Fit) fillSerial(w serialWorking, o reml.Optimum) (reml.Inference, error) {
	g := w.g
	n := len(o.X) - 1
	st, _ := w.s.evaluate(w.theta(o.X), w.reml)
	v := w.chain(o.X, st.derivatives())
	j := w.jacobian(o.X)
	var cov [2]dense.Matrix
	for i, h := range []dense.Matrix{v.Hessian, v.Expected} {
		inv, ok := dense.Inverse(h)
		if !ok {
			return reml.Inference{}, fault.New(stats.NoConvergence, "", "the information on the covariance is singular at the maximum")
		}
		cov[i] = inv
		for k := range cov[i].A {
			cov[i].A[k] *= 2
		}
	}
	scale := g.unit.YSD * g.unit.YSD
	f.G = g.toU.Mul(w.covariance(o.X[:n])).Mul(g.toU.T())
	for i := range f.G.A {
		f.G.A[i] *= scale
	}
	f.G.Symmetrise()
	f.Sigma2 = w.sigma2(o.X[:n]) * scale
	phi := math.Tanh(o.X[n])
	f.Autocorrelation = &phi
	m2ll := g.unit.Likelihood(st.f, g.rows, w.reml)
	f.LogLik = -m2ll / 2
	k := float64(g.p + w.params + 1)
	f.AIC, f.BIC = m2ll+2*k, m2ll+math.Log(float64(g.rows))*k
	return reml.Inference{
		Unit: g.unit, Beta: st.beta, Phi: st.phi, P: reml.Along(st.p, j), V: cov[0], VExp: cov[1], Clusters: st.clusters, REML: w.reml,
		Contract: func(v dense.Matrix) dense.Matrix { return st.contract(j.Mul(v).Mul(j.T())) },
	}, nil
}

// clusters gives each person's nights.
func (st *serialState) clusters(yield func(reml.Cluster) bool) {
	for k, b := range st.s.blocks {
		v, ok := dense.Inverse(st.w[k])
		if !ok {
			return
		}
		e := append([]float64(nil), b.y...)
		for j := range e {
			e[j] -= dense.Dot(b.x.Row(j), st.beta)
		}
		if !yield(reml.Cluster{X: b.x, V: v, E: e}) {
			return
		}
	}
}
