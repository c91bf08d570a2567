package mmrm

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/reml"
)

// working joins the optimiser's parameters, group after group, to the natural
// ones.
type working struct {
	g    *data
	form form
	reml bool
	last evaluation
}

// evaluation is the last one with derivatives, which the optimiser's answer
// mostly is.
type evaluation struct {
	x  []float64
	st *state
	v  reml.Value
}

// start takes the moments of the least-squares residuals, with correlations
// drawn in until they make a covariance.
func (w *working) start() []float64 {
	var x []float64
	for _, s := range w.g.moments {
		s = s.Clone()
		var mean float64
		for i := range s.R {
			mean += s.At(i, i) / float64(s.R)
		}
		for i := range s.R {
			if s.At(i, i) < 1e-4*mean {
				s.Set(i, i, 1e-4*mean)
			}
		}
		for range 60 {
			if _, _, ok := dense.Cholesky(s, 1e-8); ok {
				break
			}
			for i := range s.R {
				for j := range s.C {
					if i != j {
						s.Set(i, j, 0.9*s.At(i, j))
					}
				}
			}
		}
		x = append(x, w.form.start(s)...)
	}
	return x
}

// sigmas gives the covariances and the jets they come from.
func (w *working) sigmas(x []float64, write func([]jet) []jet) ([]dense.Matrix, [][]jet) {
	n := w.form.params()
	var out []dense.Matrix
	var jets [][]jet
	for c := range w.g.groups {
		js := write(variables(x[c*n : (c+1)*n]))
		s := dense.New(w.g.m, w.g.m)
		for j := range w.g.m {
			for i := j; i < w.g.m; i++ {
				v := js[vechIndex(w.g.m, i, j)].v
				s.Set(i, j, v)
				s.Set(j, i, v)
			}
		}
		out = append(out, s)
		jets = append(jets, js)
	}
	return out, jets
}

func (w *working) objective(x []float64, derivs bool) (reml.Value, bool) {
	sigma, jets := w.sigmas(x, w.form.working)
	st, ok := w.g.evaluate(sigma, w.reml)
	if !ok {
		return reml.Value{}, false
	}
	if !derivs {
		return reml.Value{F: st.f}, true
	}
	w.last = evaluation{append([]float64(nil), x...), st, st.derivatives(jets)}
	return w.last.v, true
}

// jacobian stacks the gradients of the natural parameters, group by group.
func jacobian(jets [][]jet, n int) dense.Matrix {
	per := len(jets[0])
	j := dense.New(per*len(jets), n*len(jets))
	for c, js := range jets {
		for r, e := range js {
			copy(j.A[(c*per+r)*j.C+c*n:], e.g)
		}
	}
	return j
}

// fill turns the optimum into a result in the units of the data.
func (f *Fit) fill(w *working, o reml.Optimum, level float64) error {
	g := w.g
	if !slices.Equal(w.last.x, o.X) {
		if _, ok := w.objective(o.X, true); !ok {
			return fault.New(stats.NoConvergence, "", "the covariance at the maximum is not positive definite")
		}
	}
	st, v := w.last.st, w.last.v
	sigma := st.sigma
	f.state = st
	// Inference stays in the working parameters: in the entries of a nearly
	// singular Σ it would be differences of numbers a million times larger.
	observed, ok1 := twiceInverse(v.Hessian)
	expected, ok2 := twiceInverse(v.Expected)
	if !ok1 || !ok2 {
		return fault.New(stats.NoConvergence, "", "the information on the covariance is singular at the maximum")
	}
	scale := g.unit.YSD * g.unit.YSD
	for _, s := range sigma {
		s = s.Clone()
		for i := range s.A {
			s.A[i] *= scale
		}
		f.Sigma = append(f.Sigma, s)
	}
	m2ll := g.unit.Likelihood(st.f, g.rows, w.reml)
	f.LogLik = -m2ll / 2
	k := float64(f.Parameters)
	f.AIC = m2ll + 2*k
	f.BIC = m2ll + math.Log(float64(f.People))*k

	b := append([]float64(nil), g.ols...)
	for i, d := range st.delta {
		b[i] += d
	}
	f.inf = reml.Inference{
		Unit: g.unit, Beta: b, Phi: st.phi, P: st.p, V: observed, VExp: expected, Contract: st.contract, Clusters: st.clusters, Level: level, REML: w.reml,
		Curve: func() *dense.Matrix { return w.curve(o.X, sigma) },
	}
	return nil
}

func twiceInverse(h dense.Matrix) (dense.Matrix, bool) {
	inv, ok := dense.Inverse(h)
	for i := range inv.A {
		inv.A[i] *= 2
	}
	return inv, ok
}

// curve gives Σ_t P_t·Σ_ab V_ab·∂²θ_t/∂λ_a∂λ_b for the Kenward–Roger that has a
// second-derivative term, in the parameters of the peer.
func (w *working) curve(x []float64, sigma []dense.Matrix) *dense.Matrix {
	if w.form.linear() || !w.reml {
		return nil
	}
	n := w.form.params()
	var at []float64
	for c := range w.g.groups {
		at = append(at, w.form.toPeer(x[c*n:(c+1)*n])...)
	}
	_, jets := w.sigmas(at, w.form.peer)
	st, ok := w.g.evaluate(sigma, w.reml)
	if !ok {
		return nil
	}
	inv, ok := dense.Inverse(st.derivatives(jets).Hessian)
	if !ok {
		return nil
	}
	p := st.entries()
	per := len(jets[0])
	out := dense.New(w.g.p, w.g.p)
	for c, js := range jets {
		for r, e := range js {
			var sum float64
			for a := range n {
				for b := range n {
					sum += 2 * inv.At(c*n+a, c*n+b) * e.h[a*n+b]
				}
			}
			out.AddScaled(sum, p[c*per+r])
		}
	}
	return &out
}
