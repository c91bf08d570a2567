// Package glm fits generalised linear models to binary, count and continuous
// outcomes, alone or in clusters (generalised estimating equations), and
// standardises them to differences and ratios between arms.
//
// See doc/methods/glm.md.
package glm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Family is a distribution with its canonical link.
type Family int

// The families: logit for binary outcomes, log for counts, identity otherwise.
const (
	Gaussian Family = iota
	Binomial
	Poisson
)

// String names the family and its link.
func (f Family) String() string {
	return [...]string{"normal, identity link", "binomial, logit link", "Poisson, log link"}[f]
}

// mean gives μ and dμ/dη, which for a canonical link is the variance function.
func (f Family) mean(eta float64) (mu, v float64) {
	switch f {
	case Binomial:
		if eta >= 0 {
			e := math.Exp(-eta)
			return 1 / (1 + e), e / ((1 + e) * (1 + e))
		}
		e := math.Exp(eta)
		return e / (1 + e), e / ((1 + e) * (1 + e))
	case Poisson:
		mu = math.Exp(eta)
		return mu, mu
	}
	return eta, 1
}

func (f Family) link(mu float64) float64 {
	switch f {
	case Binomial:
		return math.Log(mu / (1 - mu))
	case Poisson:
		return math.Log(mu)
	}
	return mu
}

// Working is the working correlation within a cluster.
type Working int

// The working correlations.
const (
	Independence Working = iota
	Exchangeable
	AR1 // α^|wave − wave'|
)

// Errors says how the covariance of the coefficients is estimated.
type Errors int

// The kinds of standard errors. A cluster of one row is a person.
const (
	Robust           Errors = iota // sandwich over clusters (CR0), with the normal
	ManclDeRouen                   // residuals over I − H, with t on clusters − p
	KauermannCarroll               // halfway between, with t on clusters − p
	Model                          // φ·(D'V⁻¹D)⁻¹, with the normal
)

// Options of a fit. The zero value is a normal model of single rows with robust
// errors and 95 % intervals.
type Options struct {
	Family  Family
	Offset  []float64 // added to the linear predictor: log exposure, for rates
	Cluster []int     // codes 0 … clusters−1; nil for each row by itself
	Wave    []float64 // place of a row within its cluster, for AR1
	Working Working
	Alpha   *float64 // working correlation, if known; estimated otherwise
	Errors  Errors
	Level   float64
}

// Fit is a fitted model.
type Fit struct {
	Coefficients []stats.Estimate
	Family       Family
	Errors       Errors
	Alpha        float64 // working correlation
	Phi          float64 // dispersion: mean square of the Pearson residuals
	Rows         int
	Clusters     int
	Iterations   int

	design *terms.Design
	beta   []float64    // in standard columns, as is the next
	cov    dense.Matrix // of beta, under Errors
	level  float64
	data   *data
}

type data struct {
	o    Options
	unit *terms.Standard
	x    dense.Matrix // in standard columns
	y    []float64
	rows [][]int // of each cluster
}

// Regress fits y on the design by Fisher scoring (generalised estimating
// equations when there are clusters).
//
// Faults: stats-lengths, stats-not-finite, stats-argument (an outcome outside
// the family), stats-constant, stats-collinear, stats-too-few, stats-not-estimable
// (separation: a combination of columns predicts the outcome without error),
// stats-no-convergence.
func Regress(d *terms.Design, y []float64, o Options) (*Fit, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return nil, err
	}
	g, err := newData(d, y, o)
	if err != nil {
		return nil, err
	}
	f := &Fit{Family: o.Family, Errors: o.Errors, Rows: len(y), Clusters: len(g.rows), design: d, level: level, data: g}
	if err := f.iterate(g); err != nil {
		return f, err
	}
	if err := f.covariance(g); err != nil {
		return f, err
	}
	for j, name := range d.Columns {
		l := make([]float64, len(f.beta))
		l[j] = 1
		e, err := f.Contrast(name, l)
		if err != nil {
			return f, err
		}
		f.Coefficients = append(f.Coefficients, e)
	}
	return f, nil
}

func newData(d *terms.Design, y []float64, o Options) (*data, error) {
	n := d.X.R
	if len(y) != n || (o.Offset != nil && len(o.Offset) != n) || (o.Cluster != nil && len(o.Cluster) != n) || (o.Wave != nil && len(o.Wave) != n) {
		return nil, fault.New(stats.Lengths, "", "the columns have not the %d rows of the design", n)
	}
	if err := stats.Finite("outcome", y); err != nil {
		return nil, err
	}
	if err := stats.Finite("offset", o.Offset); err != nil {
		return nil, err
	}
	if o.Working == AR1 && o.Wave == nil {
		return nil, fault.New(stats.BadArgument, "wave", "an autoregressive working correlation needs to know the order of rows")
	}
	varies := false
	for i, v := range y {
		if (o.Family == Binomial && v != 0 && v != 1) || (o.Family == Poisson && (v < 0 || v != math.Trunc(v))) {
			return nil, fault.New(stats.BadArgument, "outcome", "row %d is %v, which is no value of %s", i+1, v, o.Family)
		}
		varies = varies || v != y[0]
	}
	if !varies {
		return nil, fault.New(stats.Constant, "outcome", "all %d values are the same", n)
	}
	unit, x, err := d.Standardised()
	if err != nil {
		return nil, err
	}
	g := &data{o: o, unit: unit, x: x, y: y}
	top := 0
	for i := range n {
		k := i
		if o.Cluster != nil {
			k = o.Cluster[i]
		}
		if k < 0 || k >= n {
			return nil, fault.New(stats.BadArgument, "cluster", "row %d has the code %d", i+1, k)
		}
		top = max(top, k)
	}
	g.rows = make([][]int, top+1)
	for i := range n {
		k := i
		if o.Cluster != nil {
			k = o.Cluster[i]
		}
		g.rows[k] = append(g.rows[k], i)
	}
	for k, r := range g.rows {
		if len(r) == 0 {
			return nil, fault.New(stats.EmptyGroup, "cluster", "the code %d has no rows", k)
		}
	}
	if len(g.rows) <= d.X.C {
		return nil, fault.New(stats.TooFew, "", "%d clusters cannot support %d coefficients", len(g.rows), d.X.C)
	}
	return g, nil
}

func (g *data) eta(i int, beta []float64) float64 {
	e := dense.Dot(g.x.Row(i), beta)
	if g.o.Offset != nil {
		e += g.o.Offset[i]
	}
	return e
}

// correlation is the working correlation matrix of a cluster.
func (g *data) correlation(rows []int, alpha float64) dense.Matrix {
	n := len(rows)
	r := dense.Identity(n)
	for i := range n {
		for j := range i {
			var v float64
			switch g.o.Working {
			case Exchangeable:
				v = alpha
			case AR1:
				v = math.Pow(alpha, math.Abs(g.o.Wave[rows[i]]-g.o.Wave[rows[j]]))
			}
			r.Set(i, j, v)
			r.Set(j, i, v)
		}
	}
	return r
}

// cluster gives D, V⁻¹ and y − μ of a cluster.
func (g *data) cluster(rows []int, beta []float64, alpha float64) (d, vi dense.Matrix, r []float64, ok bool) {
	n, p := len(rows), g.x.C
	d, r = dense.New(n, p), make([]float64, n)
	s := make([]float64, n)
	for j, i := range rows {
		mu, v := g.o.Family.mean(g.eta(i, beta))
		if !(v > 0) {
			return d, vi, r, false
		}
		s[j] = math.Sqrt(v)
		r[j] = g.y[i] - mu
		for c, x := range g.x.Row(i) {
			d.Set(j, c, x*v)
		}
	}
	if n == 1 {
		vi = dense.New(1, 1)
		vi.A[0] = 1 / (s[0] * s[0])
		return d, vi, r, true
	}
	l, _, ok := dense.Cholesky(g.correlation(rows, alpha), 1e-12)
	if !ok {
		return d, vi, r, false
	}
	vi = dense.InverseFrom(l)
	for i := range n {
		for j := range n {
			vi.A[i*n+j] /= s[i] * s[j]
		}
	}
	return d, vi, r, true
}

// iterate solves the estimating equations, the correlation being estimated
// again after each step.
func (f *Fit) iterate(g *data) error {
	p := g.x.C
	f.beta = make([]float64, p)
	var my, mo float64
	for i, y := range g.y {
		my += y / float64(len(g.y))
		if g.o.Offset != nil {
			mo += g.o.Offset[i] / float64(len(g.y))
		}
	}
	f.beta[0] = f.Family.link(my) - mo
	if g.o.Alpha != nil {
		f.Alpha = *g.o.Alpha
	}
	last := math.Inf(1)
	for it := range 200 {
		f.Iterations = it + 1
		a, u := dense.New(p, p), make([]float64, p)
		for _, rows := range g.rows {
			dd, vi, r, ok := g.cluster(rows, f.beta, f.Alpha)
			if !ok {
				return f.separated()
			}
			t := dd.T().Mul(vi)
			a.AddScaled(1, t.Mul(dd))
			for j, v := range t.MulVec(r) {
				u[j] += v
			}
		}
		inv, ok := dense.Inverse(a)
		if !ok {
			return f.separated()
		}
		step := inv.MulVec(u)
		size := dense.Dot(step, u) // in units of the model-based error
		for j := range step {
			f.beta[j] += step[j]
		}
		for i := range g.y {
			if f.Family != Gaussian && math.Abs(g.eta(i, f.beta)) > 40 {
				return f.separated()
			}
		}
		f.Phi = g.phi(f.beta)
		old := f.Alpha
		if g.o.Alpha == nil && g.o.Working != Independence {
			f.Alpha = g.alpha(f.beta, f.Phi, f.Alpha)
		}
		if size < 1e-26 || (size < 1e-18 && size >= last) {
			if math.Abs(f.Alpha-old) < 1e-12 {
				return nil
			}
		}
		last = size
	}
	return fault.New(stats.NoConvergence, "", "the estimating equations were not solved in 200 steps")
}

func (f *Fit) separated() error {
	return fault.New(stats.NotEstimable, "", "a combination of columns predicts the outcome without error, so its coefficient is infinite").
		WithHint("is a stratum or arm without a single event? Leave the stratum out of the model, or give the shares with exact intervals")
}

// phi is the mean square of the Pearson residuals.
func (g *data) phi(beta []float64) float64 {
	var s float64
	for i, y := range g.y {
		mu, v := g.o.Family.mean(g.eta(i, beta))
		s += (y - mu) * (y - mu) / v
	}
	return s / float64(len(g.y))
}

// alpha fits the working correlation to the products of Pearson residuals of
// all pairs within clusters by least squares, as geepack does.
func (g *data) alpha(beta []float64, phi, start float64) float64 {
	type pairOf struct{ z, h float64 }
	var ps []pairOf
	for _, rows := range g.rows {
		e := make([]float64, len(rows))
		for j, i := range rows {
			mu, v := g.o.Family.mean(g.eta(i, beta))
			e[j] = (g.y[i] - mu) / math.Sqrt(v)
		}
		for j := range rows {
			for k := range j {
				h := 1.0
				if g.o.Working == AR1 {
					h = math.Abs(g.o.Wave[rows[j]] - g.o.Wave[rows[k]])
				}
				ps = append(ps, pairOf{e[j] * e[k] / phi, h})
			}
		}
	}
	if len(ps) == 0 {
		return 0
	}
	if g.o.Working == Exchangeable {
		var s float64
		for _, q := range ps {
			s += q.z
		}
		return s / float64(len(ps))
	}
	a := math.Max(0.05, start)
	for range 100 {
		var u, w float64
		for _, q := range ps {
			d := q.h * math.Pow(a, q.h-1)
			u += d * (q.z - math.Pow(a, q.h))
			w += d * d
		}
		next := math.Min(0.999, math.Max(0.001, a+u/w))
		if math.Abs(next-a) < 1e-15 {
			return next
		}
		a = next
	}
	return a
}

// covariance forms the covariance of the coefficients.
func (f *Fit) covariance(g *data) error {
	p := g.x.C
	a := dense.New(p, p)
	for _, rows := range g.rows {
		d, vi, _, ok := g.cluster(rows, f.beta, f.Alpha)
		if !ok {
			return f.separated()
		}
		a.AddScaled(1, d.T().Mul(vi).Mul(d))
	}
	inv, ok := dense.Inverse(a)
	if !ok {
		return f.separated()
	}
	if f.Errors == Model {
		f.cov = inv
		scale := f.Phi
		if f.Family != Gaussian && g.o.Cluster == nil {
			scale = 1
		}
		for i := range f.cov.A {
			f.cov.A[i] *= scale
		}
		return nil
	}
	meat := dense.New(p, p)
	for k, rows := range g.rows {
		d, vi, r, _ := g.cluster(rows, f.beta, f.Alpha)
		dv := d.T().Mul(vi)
		u := dv.MulVec(r)
		c := u
		if f.Errors != Robust {
			x, ok := correct(d, inv, dv, r)
			if !ok {
				return fault.New(stats.NotEstimable, "", "cluster %d alone determines a coefficient, so the corrected errors do not exist", k)
			}
			c = dv.MulVec(x)
			if f.Errors == ManclDeRouen {
				u = c
			}
		}
		for i := range p {
			for j := range p {
				meat.A[i*p+j] += (u[i]*c[j] + c[i]*u[j]) / 2
			}
		}
	}
	f.cov = inv.Mul(meat).Mul(inv)
	f.cov.Symmetrise()
	return nil
}

// correct solves (I − H)x = r with H = D·A⁻¹·D'V⁻¹.
func correct(d, inv, dv dense.Matrix, r []float64) ([]float64, bool) {
	h := d.Mul(inv).Mul(dv)
	m := dense.Identity(len(r))
	m.AddScaled(-1, h)
	return dense.Solve(m, r)
}

// Contrast estimates a combination of the coefficients, on the scale of the link.
func (f *Fit) Contrast(name string, l []float64) (stats.Estimate, error) {
	if len(l) != len(f.beta) {
		return stats.Estimate{}, fault.New(stats.Lengths, name, "the contrast has %d weights for %d coefficients", len(l), len(f.beta))
	}
	l = f.data.unit.Contrast(l)
	v := f.cov.Quad(l, l)
	if !(v > 0) {
		return stats.Estimate{}, fault.New(stats.BadArgument, name, "the contrast has no variance")
	}
	if f.Errors == ManclDeRouen || f.Errors == KauermannCarroll {
		return stats.T(name, dense.Dot(l, f.beta), math.Sqrt(v), float64(f.Clusters-len(f.beta)), f.level), nil
	}
	return stats.Z(name, dense.Dot(l, f.beta), math.Sqrt(v), f.level), nil
}

// Beta gives the coefficients.
func (f *Fit) Beta() []float64 {
	out := make([]float64, len(f.beta))
	for j := range out {
		out[j] = dense.Dot(f.column(j), f.beta)
	}
	return out
}

// Covariance gives the covariance of the coefficients.
func (f *Fit) Covariance() dense.Matrix {
	out := dense.New(len(f.beta), len(f.beta))
	for i := range f.beta {
		for j := range f.beta {
			out.Set(i, j, f.cov.Quad(f.column(i), f.column(j)))
		}
	}
	return out
}

// column is the combination of standard columns that is the design's j-th.
func (f *Fit) column(j int) []float64 {
	l := make([]float64, len(f.beta))
	l[j] = 1
	return f.data.unit.Contrast(l)
}
