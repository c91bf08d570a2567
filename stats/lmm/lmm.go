// Package lmm fits linear mixed models to repeated nights: fixed effects of a
// design, and for each person a random intercept and random slopes.
//
//	y = Xβ + Zu + e,  u ~ N(0, G) per person,  e ~ N(0, σ²I)
//
// Estimation is by REML or maximum likelihood with Newton's method on exact
// derivatives, from sums per person, so the cost of an iteration depends on the
// number of people and not of nights. See doc/methods/lmm.md.
package lmm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// Sizes of the small matrices, which live on the stack.
const (
	maxRandom  = 8
	maxColumns = 256
)

// Slope is a random slope: a covariate whose effect varies between people.
type Slope struct {
	Name string
	X    []float64
}

// Options of a fit. The zero value is REML with a random intercept and 95 %
// intervals.
type Options struct {
	Slopes       []Slope
	Uncorrelated bool      // G is diagonal
	ML           bool      // maximum likelihood instead of REML
	Nights       []float64 // whole night numbers of the rows: residuals of nights h apart then correlate as φʰ
	Level        float64
	Method       reml.Method // of the coefficients' table; any may be asked of contrasts
}

// Fit is a fitted mixed model.
type Fit struct {
	reml.Effects
	Random []string     // "(Intercept)" and the slopes
	G      dense.Matrix // covariance of the random effects
	Sigma2 float64      // residual variance
	// Autocorrelation is φ, of residuals a night apart; nil unless Nights were given.
	Autocorrelation *float64
	Singular        bool         // G is on the boundary: a variance is 0 or a correlation ±1
	ThetaCov        dense.Matrix // covariance of (vech(G) by columns, σ²), observed information
	LogLik          float64      // REML without the log|X'X| term, as in SAS and lme4
	AIC, BIC        float64      // counting all parameters, and log(rows)
	REML            bool
	Rows, People    int
	Converged       bool
	History         []reml.Step

	sums  *sums
	state *state
}

// Random fits the model.
//
//	d       design of the fixed effects
//	y       outcome, one per row; rows with missing outcomes are left out before
//	person  a code per row, 0 … people−1 in any order (see Codes)
//
// A covariance on its boundary is a result, not a fault: it is flagged as
// Singular, and inference is then over the parameters that remain. A fit that
// did not converge is a fault, and the Fit is given beside it for its History.
//
// Faults: stats-lengths, stats-not-finite, stats-too-few, stats-constant,
// stats-collinear, stats-not-estimable (no person with more rows than random
// effects), stats-no-convergence.
func Random(d *terms.Design, y []float64, person []int, o Options) (*Fit, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return nil, err
	}
	slopes, err := o.check(d, y, person)
	if err != nil {
		return nil, err
	}
	g, err := gather(d, y, person, slopes, !o.Uncorrelated)
	if err != nil {
		return nil, err
	}
	if err := g.identifiable(d, person); err != nil {
		return nil, err
	}
	w := startWorking(g, o.Uncorrelated, !o.ML)
	var opt reml.Optimum
	var sw serialWorking
	if o.Nights != nil {
		s, err := newSerial(g, d, y, person, slopes, o.Nights)
		if err != nil {
			return nil, err
		}
		sw = serialWorking{w, s}
		opt = sw.optimise()
	} else {
		opt = w.optimise()
	}
	f := &Fit{
		REML: !o.ML, Rows: g.rows, People: g.people, History: opt.History,
		Converged: opt.Converged, Singular: w.singular, sums: g, Random: []string{"(Intercept)"},
	}
	for _, s := range o.Slopes {
		f.Random = append(f.Random, s.Name)
	}
	if !opt.Converged {
		if s2 := math.Exp(opt.X[len(w.free)]); s2 < 1e-10 {
			return f, fault.New(stats.Constant, "outcome", "what the random effects leave of the outcome does not vary within people")
		}
		return f, fault.New(stats.NoConvergence, "", "no maximum after %d iterations: %s", len(opt.History), opt.Reason).
			WithHint("a simpler random part may be all the data support")
	}
	if o.Nights != nil {
		inf, err := f.fillSerial(sw, opt)
		if err != nil {
			return f, err
		}
		return f, f.infer(d, inf, o.Method, level)
	}
	inf := f.fill(w, opt)
	inf.Clusters = w.clusters(source{d, y, person, slopes}, w.covariance(opt.X), f.state)
	return f, f.infer(d, inf, o.Method, level)
}

func (f *Fit) infer(d *terms.Design, inf reml.Inference, m reml.Method, level float64) (err error) {
	inf.Level = level
	f.Effects, err = reml.NewEffects(d, inf, m)
	return err
}

// Codes turns names of people into codes in order of first appearance.
func Codes(names []string) (codes []int, people []string) {
	at := map[string]int{}
	codes = make([]int, len(names))
	for i, n := range names {
		k, ok := at[n]
		if !ok {
			k = len(people)
			at[n] = k
			people = append(people, n)
		}
		codes[i] = k
	}
	return codes, people
}

func (o Options) check(d *terms.Design, y []float64, person []int) ([][]float64, error) {
	n := d.X.R
	if len(y) != n || len(person) != n {
		return nil, fault.New(stats.Lengths, "", "%d outcomes and %d person codes for %d rows of the design", len(y), len(person), n)
	}
	if err := stats.Finite("outcome", y); err != nil {
		return nil, err
	}
	if len(o.Slopes) >= maxRandom || d.X.C > maxColumns {
		return nil, fault.New(stats.BadArgument, "", "more than %d random effects or %d columns", maxRandom, maxColumns)
	}
	if o.ML && o.Method != reml.Satterthwaite {
		return nil, fault.New(stats.BadArgument, "", "Kenward–Roger is defined for REML fits only")
	}
	top := -1
	for i, k := range person {
		if k < 0 || k >= n {
			return nil, fault.New(stats.BadArgument, "person", "row %d has the code %d, which is outside 0 … %d", i+1, k, n-1)
		}
		top = max(top, k)
	}
	seen := make([]bool, top+1)
	for _, k := range person {
		seen[k] = true
	}
	for k, ok := range seen {
		if !ok {
			return nil, fault.New(stats.EmptyGroup, "person", "the code %d has no rows", k).WithHint("number people without gaps")
		}
	}
	var out [][]float64
	for _, s := range o.Slopes {
		if len(s.X) != n {
			return nil, fault.New(stats.Lengths, s.Name, "%d values for %d rows", len(s.X), n)
		}
		if err := stats.Finite(s.Name, s.X); err != nil {
			return nil, err
		}
		out = append(out, s.X)
	}
	return out, nil
}

// identifiable refuses data from which the variance between people or within
// them cannot be told.
func (g *sums) identifiable(d *terms.Design, person []int) error {
	between := 0
	first := make([]int, g.people)
	for i := len(person) - 1; i >= 0; i-- {
		first[person[i]] = i
	}
	for j := range g.p {
		constant := true
		for i, k := range person {
			if d.X.At(i, j) != d.X.At(first[k], j) {
				constant = false
				break
			}
		}
		if constant {
			between++
		}
	}
	if g.people <= between {
		return fault.New(stats.TooFew, "", "%d people cannot support %d coefficients between people and a variance", g.people, between)
	}
	spare := 0.0
	for k := range g.people {
		rank := float64(rankOf(g.s[k*g.q*g.q:(k+1)*g.q*g.q], g.q))
		spare += g.n[k] - rank
	}
	if spare < 1 {
		return fault.New(stats.NotEstimable, "", "no person has more rows than random effects, so the variance within people cannot be told from that between them").
			WithHint("a model without random effects, or without random slopes")
	}
	if g.rows <= g.p+1 {
		return fault.New(stats.TooFew, "", "%d rows cannot support %d coefficients", g.rows, g.p)
	}
	return nil
}

func rankOf(s []float64, q int) int {
	m := dense.Matrix{R: q, C: q, A: append([]float64(nil), s...)}
	values, _ := dense.Eigen(m)
	var top float64
	for _, v := range values {
		top = math.Max(top, v)
	}
	r := 0
	for _, v := range values {
		if v > 1e-10*top {
			r++
		}
	}
	return r
}

// Predicted gives each person's random effects as their conditional means
// (best linear unbiased predictions), in the order of Random. A model with
// autocorrelated residuals has none here, and gives nil.
func (f *Fit) Predicted() [][]float64 {
	if f.state == nil {
		return nil
	}
	g := f.sums
	p, q := g.p, g.q
	out := make([][]float64, g.people)
	for k := range g.people {
		u := make([]float64, q)
		for i := range q {
			u[i] = g.z[k*q+i] - dense.Dot(g.t[(k*q+i)*p:(k*q+i+1)*p], f.state.delta)
		}
		v := make([]float64, q)
		mul(v, f.state.m[k*q*q:(k+1)*q*q], u, q, q, 1) // G·Z'We = M·Z'e
		out[k] = g.toU.MulVec(v)
		for i := range out[k] {
			out[k][i] *= g.unit.YSD
		}
	}
	return out
}
