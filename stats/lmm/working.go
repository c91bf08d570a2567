package lmm

import (
	"math"

	"dvala/stats/dense"
	"dvala/stats/reml"
)

// working is the parametrisation for the optimiser: the free entries of a lower
// triangle Λ with G = ΛΛ', and log σ². No Λ gives a G that is not a
// covariance, and a variance of 0 or a correlation of ±1 is an ordinary point,
// where the derivative of a diagonal entry vanishes.
type working struct {
	g        *sums
	reml     bool
	free     []pair // of Λ, a ≥ b
	start    []float64
	singular bool
	params   int // of the full model, boundary or not
}

func startWorking(g *sums, uncorrelated, useREML bool) *working {
	w := &working{g: g, reml: useREML}
	cov, s2 := g.moments()
	l, _, ok := dense.Cholesky(cov, 1e-9)
	for _, e := range pairs(g.q) {
		if e.a != e.b && uncorrelated {
			continue
		}
		w.free = append(w.free, e)
		v := 0.0
		switch {
		case uncorrelated || !ok:
			if e.a == e.b {
				v = math.Sqrt(cov.At(e.a, e.a))
			}
		default:
			v = l.At(e.a, e.b)
		}
		w.start = append(w.start, v)
	}
	w.start = append(w.start, math.Log(s2))
	w.params = len(w.start)
	return w
}

// moments gives a covariance of the random effects and a residual variance to
// start from: each person's own regression of residuals on Z, its spread less
// what the residual variance puts there. Directions in which nothing is left
// get a fifth of the residual variance instead, so that the start is inside.
func (g *sums) moments() (cov dense.Matrix, s2 float64) {
	q := g.q
	cov = dense.New(q, q)
	noise := dense.New(q, q)
	within, df, people := g.rr, float64(g.rows), 0.0
	for k := range g.people {
		s := dense.Matrix{R: q, C: q, A: g.s[k*q*q : (k+1)*q*q]}
		l, _, ok := dense.Cholesky(s, 1e-6)
		if !ok || g.n[k] < float64(q) {
			continue
		}
		z := append([]float64(nil), g.z[k*q:(k+1)*q]...)
		dense.SolveLower(l, z)
		within -= dense.Dot(z, z)
		df -= float64(q)
		dense.SolveLowerT(l, z)
		people++
		for i, u := range z {
			for j, v := range z {
				cov.A[i*q+j] += u * v
			}
		}
		noise.AddScaled(1, dense.InverseFrom(l))
	}
	s2 = g.rr / float64(g.rows) / 2
	if people < 3 || df < 3 || !(within > 0.01*g.rr) {
		cov.Zero()
		for i := range q {
			cov.Set(i, i, s2/g.zMean2[i]/float64(q))
		}
		return cov, s2
	}
	s2 = within / df
	for i := range cov.A {
		cov.A[i] = (cov.A[i] - s2*noise.A[i]) / people
	}
	// In units in which each direction adds alike to the outcome.
	for i := range q {
		for j := range q {
			cov.A[i*q+j] *= math.Sqrt(g.zMean2[i] * g.zMean2[j])
		}
	}
	values, vectors := dense.Eigen(cov)
	out := dense.New(q, q)
	for k, v := range values {
		v = math.Max(v, 0.2*s2/float64(q))
		for i := range q {
			for j := range q {
				out.A[i*q+j] += v * vectors.At(i, k) * vectors.At(j, k) / math.Sqrt(g.zMean2[i]*g.zMean2[j])
			}
		}
	}
	return out, s2
}

func (w *working) sigma2(x []float64) float64 { return math.Exp(x[len(x)-1]) }

func (w *working) lambda(x []float64) dense.Matrix {
	l := dense.New(w.g.q, w.g.q)
	for i, e := range w.free {
		l.Set(e.a, e.b, x[i])
	}
	return l
}

func (w *working) covariance(x []float64) dense.Matrix {
	l := w.lambda(x)
	return l.Mul(l.T())
}

// jacobian gives ∂θ/∂x for the natural θ = (vech G, σ²).
func (w *working) jacobian(x []float64) dense.Matrix {
	l := w.lambda(x)
	ps := pairs(w.g.q)
	j := dense.New(len(ps)+1, len(x))
	for c, e := range w.free { // dG = E_ab·Λ' + Λ·E_ab'
		for r, f := range ps {
			var v float64
			if f.a == e.a {
				v += l.At(f.b, e.b)
			}
			if f.b == e.a {
				v += l.At(f.a, e.b)
			}
			j.Set(r, c, v)
		}
	}
	j.Set(len(ps), len(x)-1, w.sigma2(x))
	return j
}

// curvature adds Σ_t c_t·∂²θ_t/∂x∂x' to h. Only Λ entries of one column
// interact: ∂²G_{ab} = 1 for (a, k) and (b, k), twice that on the diagonal.
func (w *working) curvature(h dense.Matrix, x, c []float64) {
	ps := pairs(w.g.q)
	at := func(a, b int) float64 {
		for r, f := range ps {
			if (f.a == a && f.b == b) || (f.a == b && f.b == a) {
				if a == b {
					return 2 * c[r]
				}
				return c[r]
			}
		}
		return 0
	}
	for i, e := range w.free {
		for j, f := range w.free {
			if e.b == f.b {
				h.A[i*h.C+j] += at(e.a, f.a)
			}
		}
	}
	n := len(x) - 1
	h.A[n*h.C+n] += c[len(ps)] * w.sigma2(x)
}

// objective is the criterion in working parameters.
func (w *working) objective(x []float64, derivs bool) (reml.Value, bool) {
	st, ok := w.g.evaluate(w.covariance(x).A, w.sigma2(x), w.reml)
	if !ok {
		return reml.Value{}, false
	}
	if !derivs {
		return reml.Value{F: st.f}, true
	}
	return w.chain(x, st.derivatives()), true
}

func (w *working) chain(x []float64, v reml.Value) reml.Value {
	j := w.jacobian(x)
	jt := j.T()
	out := reml.Value{F: v.F, Gradient: jt.MulVec(v.Gradient), Hessian: jt.Mul(v.Hessian).Mul(j), Expected: jt.Mul(v.Expected).Mul(j)}
	w.curvature(out.Hessian, x, v.Gradient)
	return out
}

// optimise runs Newton's method, and again on fewer parameters while one of the
// random directions has no variance.
func (w *working) optimise() reml.Optimum {
	return w.descend(w.start, func(x []float64) reml.Optimum { return reml.Newton(w.objective, x) })
}

// descend runs the optimiser until no random direction is without variance. A
// run that ends near the boundary without reaching it is tried on the boundary,
// which stands if it is no worse.
func (w *working) descend(x []float64, newton func(x []float64) reml.Optimum) reml.Optimum {
	var history []reml.Step
	const negligible, small = 1e-8, 1e-2 // of the residual variance
	for {
		o := newton(x)
		history = append(history, o.History...)
		o.History = history
		threshold := negligible
		if !o.Converged {
			threshold = small
		}
		free := w.free
		next, reduced := w.reduce(o.X, threshold)
		if !reduced {
			return o
		}
		if !o.Converged {
			if p := newton(next); !p.Converged || p.At.F > o.At.F+1e-6 {
				w.free = free
				return o
			}
		}
		w.singular = true
		x = next
	}
}

// reduce takes out a column of Λ whose diagonal has vanished, after bringing G
// into the form in which it is zero. Negligible is a share of the residual
// variance, in G's own scale.
func (w *working) reduce(x []float64, negligible float64) ([]float64, bool) {
	s2 := math.Exp(x[len(w.free)])
	g := w.covariance(x)
	drop, least := -1, negligible
	for i, e := range w.free {
		if v := x[i] * x[i] * w.g.zMean2[e.a] / s2; e.a == e.b && v < least {
			drop, least = e.a, v
		}
	}
	if drop < 0 {
		return x, false
	}
	var free []pair
	for _, e := range w.free {
		if e.b != drop {
			free = append(free, e)
		}
	}
	// Schur complements of G over the columns that stay.
	q := w.g.q
	l := dense.New(q, q)
	keep := func(a, b int) bool {
		for _, e := range free {
			if e.a == a && e.b == b {
				return true
			}
		}
		return false
	}
	for b := range q {
		if !keep(b, b) {
			continue
		}
		v := g.At(b, b)
		for k := range b {
			v -= l.At(b, k) * l.At(b, k)
		}
		d := math.Sqrt(math.Max(v, s2/w.g.zMean2[b]*1e-4))
		l.Set(b, b, d)
		for a := b + 1; a < q; a++ {
			if !keep(a, b) {
				continue
			}
			v := g.At(a, b)
			for k := range b {
				v -= l.At(a, k) * l.At(b, k)
			}
			l.Set(a, b, v/d)
		}
	}
	out := make([]float64, 0, len(free)+1)
	for _, e := range free {
		out = append(out, l.At(e.a, e.b))
	}
	before := w.free
	w.free = free
	return append(out, x[len(before):]...), true // log σ², and whatever stands behind it
}

// fill turns the optimum into a result in the units of the data.
func (f *Fit) fill(w *working, o reml.Optimum) reml.Inference {
	g := w.g
	gm, s2 := w.covariance(o.X), w.sigma2(o.X)
	st, _ := g.evaluate(gm.A, s2, w.reml)
	natural := st.derivatives()
	f.state = st

	v := w.chain(o.X, natural)
	j := w.jacobian(o.X)
	lift := func(h dense.Matrix) dense.Matrix {
		inv, ok := dense.Inverse(h)
		if !ok {
			return dense.New(j.R, j.R)
		}
		out := j.Mul(inv).Mul(j.T())
		for i := range out.A {
			out.A[i] *= 2
		}
		return out
	}
	thetaCov := lift(v.Hessian)

	scale := g.unit.YSD * g.unit.YSD
	f.G = g.toU.Mul(gm).Mul(g.toU.T())
	for i := range f.G.A {
		f.G.A[i] *= scale
	}
	f.G.Symmetrise()
	f.Sigma2 = s2 * scale
	m := thetaMap(g.toU)
	f.ThetaCov = m.Mul(thetaCov).Mul(m.T())
	for i := range f.ThetaCov.A {
		f.ThetaCov.A[i] *= scale * scale
	}

	n, p := float64(g.rows), float64(g.p)
	m2ll := g.unit.Likelihood(st.f, g.rows, w.reml)
	f.LogLik = -m2ll / 2
	k := p + float64(w.params)
	f.AIC = m2ll + 2*k
	f.BIC = m2ll + math.Log(n)*k
	return w.inference(st, j, v)
}

// thetaMap is the linear map of (vech G, σ²) under G → C·G·C'.
func thetaMap(c dense.Matrix) dense.Matrix {
	ps := pairs(c.R)
	m := dense.New(len(ps)+1, len(ps)+1)
	for s, e := range ps {
		for r, f := range ps {
			v := c.At(f.a, e.a) * c.At(f.b, e.b)
			if e.a != e.b {
				v += c.At(f.a, e.b) * c.At(f.b, e.a)
			}
			m.Set(r, s, v)
		}
	}
	m.Set(len(ps), len(ps), 1)
	return m
}

// inference is what the state hands over, all of it in standard units and in the
// working parameters, in which a G on or near its boundary is nothing special.
func (w *working) inference(st *state, j dense.Matrix, v reml.Value) reml.Inference {
	g := w.g
	b := append([]float64(nil), g.ols...)
	for i, d := range st.delta {
		b[i] += d
	}
	return reml.Inference{
		Unit: g.unit, Beta: b, Phi: st.phi, P: reml.Along(st.p, j), V: twiceInverse(v.Hessian), VExp: twiceInverse(v.Expected), REML: w.reml,
		Contract: func(v dense.Matrix) dense.Matrix { return st.contract(j.Mul(v).Mul(j.T())) },
	}
}

// twiceInverse is zero where the information is not definite, which inference
// then tells.
func twiceInverse(h dense.Matrix) dense.Matrix {
	inv, ok := dense.Inverse(h)
	if !ok {
		return dense.New(h.R, h.R)
	}
	for i := range inv.A {
		inv.A[i] *= 2
	}
	return inv
}
