package reml

import (
	"math"

	"dvala/stats/dense"
)

// Value is a criterion (−2 log likelihood) at a point, with its derivatives.
type Value struct {
	F        float64
	Gradient []float64
	Hessian  dense.Matrix // observed
	Expected dense.Matrix // positive semidefinite stand-in, used where the observed is not definite
}

// Objective evaluates the criterion at x; ok is false outside its domain.
// Without derivs only F is needed.
type Objective func(x []float64, derivs bool) (v Value, ok bool)

// Step is one iteration, for the history of a fit.
type Step struct {
	F         float64 `json:"m2ll"`
	Decrement float64 `json:"decrement"` // g'H⁻¹g: how far, in units of −2 log likelihood, the maximum is believed to be
	Damping   float64 `json:"damping"`   // multiple of the expected information added to the Hessian
	Halvings  int     `json:"halvings"`
}

// Optimum is where Newton's method ended.
type Optimum struct {
	X         []float64
	At        Value
	Converged bool
	History   []Step
	Reason    string // why it ended, if not converged
}

// Convergence: the Newton decrement is in units of −2 log likelihood, where 1
// is already beyond what data can tell and 1e-12 is some millionth of a standard error.
const (
	decrementDone = 1e-16 // there
	decrementNear = 1e-12 // there, once a step no longer shortens it
	decrementFair = 1e-9  // there, once two steps no longer do
	maxIterations = 200
)

// Newton minimises a criterion by Newton's method with the observed Hessian,
// damped towards the expected one where it is not positive definite, and with
// step halving.
//
// It stops when the decrement g'H⁻¹g is below 1e-16, or cannot be brought lower
// for rounding while already below 1e-12 (one step) or 1e-9 (two). Nothing else
// counts as converged, and the point with the least decrement is the answer.
func Newton(f Objective, x []float64) Optimum {
	o := Optimum{X: append([]float64(nil), x...)}
	v, ok := f(o.X, true)
	if !ok {
		o.Reason = "the starting point is outside the domain"
		return o
	}
	// Near the maximum of an ill-conditioned problem rounding decides, and the
	// decrement stops falling: the best point so far stays.
	best, bestDec, stale := o, math.Inf(1), 0
	for range maxIterations {
		step, dec, damp := direction(v)
		if step == nil {
			o.Reason = "no descent direction"
			break
		}
		h := Step{F: v.F, Decrement: dec, Damping: damp}
		if damp == 0 {
			if dec < bestDec/4 {
				stale = 0
			} else {
				stale++
			}
			if dec < bestDec {
				bestDec = dec
				best = Optimum{X: append([]float64(nil), o.X...), At: v}
			}
		}
		if bestDec < decrementDone || (bestDec < decrementNear && stale >= 1) || (bestDec < decrementFair && stale >= 2) {
			best.History, best.Converged = append(o.History, h), true
			return best
		}
		next, nv, halvings := search(f, o.X, v, step, dec)
		h.Halvings = halvings
		o.History = append(o.History, h)
		if next == nil {
			if bestDec < decrementFair {
				best.History, best.Converged = o.History, true
				return best
			}
			o.Reason = "no step lowers the criterion"
			break
		}
		o.X, v = next, nv
	}
	if bestDec < decrementFair {
		best.History, best.Converged = o.History, true
		return best
	}
	o.At = v
	if o.Reason == "" {
		o.Reason = "too many iterations"
	}
	return o
}

// direction solves (H + μE)·step = −g for the smallest μ that is definite.
func direction(v Value) (step []float64, decrement, damping float64) {
	n := len(v.Gradient)
	if n == 0 {
		return []float64{}, 0, 0
	}
	scale := make([]float64, n)
	for i := range scale {
		// At the boundary the expected information of a parameter vanishes and
		// the observed one rules.
		d := math.Max(math.Abs(v.Expected.At(i, i)), math.Abs(v.Hessian.At(i, i)))
		if !(d > 0) {
			d = 1e-8
		}
		scale[i] = 1 / math.Sqrt(d)
	}
	for mu := 0.0; mu < 1e12; mu = math.Max(0.1, mu*4) {
		m := dense.New(n, n)
		for i := range n {
			for j := range n {
				m.Set(i, j, (v.Hessian.At(i, j)+mu*v.Expected.At(i, j))*scale[i]*scale[j])
			}
			m.Set(i, i, m.At(i, i)+mu*1e-3)
		}
		l, _, ok := dense.Cholesky(m, 1e-11)
		if !ok {
			continue
		}
		step = make([]float64, n)
		for i, g := range v.Gradient {
			step[i] = -g * scale[i]
		}
		dense.SolveLower(l, step)
		decrement = dense.Dot(step, step)
		dense.SolveLowerT(l, step)
		for i := range step {
			step[i] *= scale[i]
		}
		return step, decrement, mu
	}
	return nil, 0, 0
}

// search halves the step until the criterion falls, allowing for rounding. Next
// to the maximum the criterion's own rounding is larger than what is left to
// fall, and the gradient knows better: there the whole step is taken, and the
// decrement after it says whether it was good.
func search(f Objective, x []float64, v Value, step []float64, dec float64) ([]float64, Value, int) {
	slack := 1e-13 * (1 + math.Abs(v.F))
	if dec < decrementFair {
		slack = 1e-9 * (1 + math.Abs(v.F))
	}
	next := make([]float64, len(x))
	t := 1.0
	for h := range 50 {
		for i := range x {
			next[i] = x[i] + t*step[i]
		}
		nv, ok := f(next, true)
		if ok && nv.F <= v.F-1e-4*t*dec+slack {
			return next, nv, h
		}
		t /= 2
	}
	return nil, Value{}, 50
}
