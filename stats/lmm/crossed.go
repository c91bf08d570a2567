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

// Periods are what nights are crossed with: the periods of a crossover, or the
// weeks of a year that people share.
type Periods struct {
	Period []int // code 0 … of each row
	// Within lets a person's periods differ: person × period.
	Within bool
	// Shared lets periods differ for everybody alike: period, crossed with people.
	Shared bool

	ML     bool
	Level  float64
	Method reml.Method
}

// CrossedFit is a fitted model of people and periods.
type CrossedFit struct {
	reml.Effects
	Person, Within, Shared float64 // variances; 0 where not in the model
	Sigma2                 float64 // of what is left of a night
	Singular               bool    // one of them is on its boundary, 0
	LogLik                 float64 // REML without the log|X'X| term, as in SAS and lme4
	AIC, BIC               float64 // counting all parameters, and log(rows)
	REML                   bool
	Rows, People, Periods  int
	Converged              bool
	History                []reml.Step

	of *crossedState
}

// Crossed fits
//
//	y = Xβ + u_person + v_person×period + w_period + e,
//
// all of them normal and independent, by Newton's method on exact derivatives,
// from sums per person and period: nights are read twice and then let go, and
// the periods, which make everybody dependent on everybody, are a matrix of
// their own size on top of blocks of one person (Woodbury).
//
//	person  codes 0 … people−1, as in Random
//
// Faults: those of Random, and stats-not-estimable where the periods are already
// columns of X, or nobody has two nights in a period of her own.
func Crossed(d *terms.Design, y []float64, person []int, in Periods) (*CrossedFit, error) {
	level, err := stats.CheckLevel(in.Level)
	if err != nil {
		return nil, err
	}
	o := Options{ML: in.ML, Method: in.Method}
	if _, err := o.check(d, y, person); err != nil {
		return nil, err
	}
	g, err := gatherCrossed(d, y, person, in)
	if err != nil {
		return nil, err
	}
	w := startCrossed(g, in)
	opt := w.optimise()
	f := &CrossedFit{
		REML: !in.ML, Rows: g.rows, People: g.people, Periods: g.periods, History: opt.History, Converged: opt.Converged,
	}
	if !opt.Converged {
		return f, fault.New(stats.NoConvergence, "", "no maximum after %d iterations: %s", len(opt.History), opt.Reason).
			WithHint("fewer variances may be all the data support")
	}
	return f, f.fill(w, opt, d, in.Method, level)
}

func (f *CrossedFit) fill(w *crossedWorking, o reml.Optimum, d *terms.Design, m reml.Method, level float64) error {
	g := w.g
	theta := w.theta(o.X)
	st, ok := g.evaluate(theta, w.reml)
	if !ok {
		return fault.New(stats.NoConvergence, "", "the covariance at the maximum is not one")
	}
	natural := st.derivatives()
	f.of, f.Singular = st, w.singular
	scale := g.unit.YSD * g.unit.YSD
	f.Person, f.Within, f.Shared, f.Sigma2 = theta[0]*scale, theta[1]*scale, theta[2]*scale, theta[3]*scale
	m2ll := g.unit.Likelihood(st.f, g.rows, w.reml)
	f.LogLik = -m2ll / 2
	k := float64(g.p + w.params)
	f.AIC, f.BIC = m2ll+2*k, m2ll+math.Log(float64(g.rows))*k

	v, j := w.chain(o.X, natural), w.jacobian(o.X)
	inf := reml.Inference{
		Unit: g.unit, Beta: slices.Clone(g.ols), Phi: st.phi, P: reml.Along(st.p[:], j),
		V: twiceInverse(v.Hessian), VExp: twiceInverse(v.Expected), REML: w.reml, Level: level,
		Contract: func(v dense.Matrix) dense.Matrix { return st.contract(j.Mul(v).Mul(j.T())) },
	}
	for i, b := range st.delta {
		inf.Beta[i] += b
	}
	var err error
	f.Effects, err = reml.NewEffects(d, inf, m)
	return err
}

// Predicted gives the conditional means of the random effects: of people, and of
// the periods that they share (nil where those are not in the model).
func (f *CrossedFit) Predicted() (people, periods []float64) {
	st := f.of
	sd := st.g.unit.YSD
	for _, v := range st.v[0] {
		people = append(people, sd*st.theta[0]*v)
	}
	if st.theta[2] > 0 {
		for _, v := range st.v[2] {
			periods = append(periods, sd*st.theta[2]*v)
		}
	}
	return people, periods
}

// crossedWorking is the parametrisation for the optimiser: standard deviations
// of the random parts, so that 0 is an ordinary point, and log σ².
type crossedWorking struct {
	g        *cells
	reml     bool
	free     []int // which of person, within, shared
	singular bool
	params   int
}

func startCrossed(g *cells, in Periods) *crossedWorking {
	w := &crossedWorking{g: g, reml: !in.ML, free: []int{0}}
	if in.Within {
		w.free = append(w.free, 1)
	}
	if in.Shared {
		w.free = append(w.free, 2)
	}
	w.params = len(w.free) + 1
	return w
}

func (w *crossedWorking) theta(x []float64) (t [4]float64) {
	for i, r := range w.free {
		t[r] = x[i] * x[i]
	}
	t[3] = math.Exp(x[len(w.free)])
	return t
}

// jacobian gives ∂θ/∂x.
func (w *crossedWorking) jacobian(x []float64) dense.Matrix {
	n := len(w.free)
	j := dense.New(4, n+1)
	for i, r := range w.free {
		j.Set(r, i, 2*x[i])
	}
	j.Set(3, n, math.Exp(x[n]))
	return j
}

func (w *crossedWorking) chain(x []float64, v reml.Value) reml.Value {
	j := w.jacobian(x)
	t := j.T()
	out := reml.Value{F: v.F, Gradient: t.MulVec(v.Gradient), Hessian: t.Mul(v.Hessian).Mul(j), Expected: t.Mul(v.Expected).Mul(j)}
	n := len(w.free)
	for i, r := range w.free {
		out.Hessian.A[i*(n+1)+i] += 2 * v.Gradient[r]
	}
	out.Hessian.A[n*(n+1)+n] += v.Gradient[3] * math.Exp(x[n])
	return out
}

func (w *crossedWorking) objective(x []float64, derivs bool) (reml.Value, bool) {
	st, ok := w.g.evaluate(w.theta(x), w.reml)
	if !ok {
		return reml.Value{}, false
	}
	if !derivs {
		return reml.Value{F: st.f}, true
	}
	return w.chain(x, st.derivatives()), true
}

// optimise runs Newton's method, and again without a random part whose variance
// has vanished; a run that ends near the boundary without reaching it is tried
// on the boundary, which stands if it is no worse.
func (w *crossedWorking) optimise() reml.Optimum {
	total := w.g.rr / float64(w.g.rows)
	x := make([]float64, len(w.free)+1)
	for i := range w.free {
		x[i] = math.Sqrt(0.4 * total / float64(len(w.free)))
	}
	x[len(w.free)] = math.Log(0.6 * total)
	const negligible, small = 1e-8, 1e-2 // of the residual variance
	var history []reml.Step
	for {
		o := reml.Newton(w.objective, x)
		history = append(history, o.History...)
		o.History = history
		threshold := negligible
		if !o.Converged {
			threshold = small
		}
		drop, least := -1, threshold
		for i := range w.free {
			if v := o.X[i] * o.X[i] / math.Exp(o.X[len(w.free)]); v < least {
				drop, least = i, v
			}
		}
		if drop < 0 {
			return o
		}
		before := w.free
		w.free = slices.Delete(slices.Clone(before), drop, drop+1)
		next := slices.Delete(slices.Clone(o.X), drop, drop+1)
		if !o.Converged {
			if p := reml.Newton(w.objective, next); !p.Converged || p.At.F > o.At.F+1e-6 {
				w.free = before
				return o
			}
		}
		w.singular = true
		x = next
	}
}
