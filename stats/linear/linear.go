// Package linear fits the linear model by least squares: analysis of
// covariance, adjusted means and their differences, with errors that assume
// equal variances or do not.
//
// See doc/methods/linear.md for the formulas.
package linear

import (
	"errors"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Errors says how the covariance of the coefficients is estimated.
type Errors int

// The kinds of standard errors. All are used with the residual degrees of
// freedom.
const (
	Model Errors = iota // equal variances: s²·(X'X)⁻¹
	HC0                 // White: squared residuals
	HC1                 // HC0 · n/(n−p)
	HC2                 // residuals over √(1−h)
	HC3                 // residuals over (1−h), close to the jackknife
)

// String gives the name the literature uses.
func (e Errors) String() string {
	return [...]string{"model-based", "HC0", "HC1", "HC2", "HC3"}[e]
}

// Options of a fit. The zero value gives model-based errors and 95 % intervals.
type Options struct {
	Errors Errors
	Level  float64
}

// Fit is a fitted linear model.
type Fit struct {
	Coefficients []stats.Estimate
	Errors       Errors
	Level        float64
	N            int     // rows used
	DF           float64 // residual degrees of freedom, n − p
	Sigma        float64 // residual standard deviation
	R2           float64
	AdjustedR2   float64
	LogLik       float64 // of the normal, at the maximum-likelihood variance
	Residuals    []float64
	Leverages    []float64
	Cooks        []float64 // Cook's distance of each row

	design *terms.Design
	unit   *terms.Standard
	x      dense.Matrix // the design in standard columns
	beta   []float64    // in standard columns, as is the next
	cov    dense.Matrix // of beta, under Errors
}

// Ordinary fits y on the design by Householder QR.
//
//	y  outcome, one per row of the design; finite.
//
// Rows with missing values must have been left out before, since only the
// caller can say why they are missing.
//
// Faults: stats-lengths, stats-not-finite, stats-too-few (n ≤ p),
// stats-collinear (names the column), stats-constant (y, or what the model
// leaves of it, does not vary), stats-not-estimable (HC2 or HC3 with a row that
// determines a coefficient alone).
func Ordinary(d *terms.Design, y []float64, o Options) (*Fit, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return nil, err
	}
	n, p := d.X.R, d.X.C
	if len(y) != n {
		return nil, fault.New(stats.Lengths, "outcome", "has %d values for %d rows of the design", len(y), n)
	}
	if err := stats.Finite("outcome", y); err != nil {
		return nil, err
	}
	if n <= p {
		return nil, fault.New(stats.TooFew, "", "%d rows cannot support %d coefficients and a variance", n, p).
			WithHint("fewer strata or covariates, or more participants")
	}
	f := &Fit{design: d, N: n, DF: float64(n - p), Level: level, Errors: o.Errors, x: dense.New(n, p)}
	unit, err := terms.NewColumns(d)
	var still *fault.Problem
	if errors.As(err, &still) {
		return nil, repeated(still.Place)
	}
	f.unit = unit
	for i := range n {
		f.unit.Row(f.x.Row(i), d.X.Row(i))
	}
	qr := dense.NewQR(f.x)
	if !qr.OK {
		return nil, repeated(d.Columns[qr.Column])
	}
	beta, rotated := qr.Solve(y)
	f.beta = beta
	f.Residuals = qr.Residual(rotated)
	f.Leverages = qr.Leverages()
	rss := dense.Dot(rotated[p:], rotated[p:])
	tss, size := spread(y)
	if !(tss > 1e-26*size) {
		return nil, fault.New(stats.Constant, "outcome", "all %d values are the same", n)
	}
	if !(rss > 1e-26*size) {
		return nil, fault.New(stats.Constant, "outcome", "the model leaves no residual variation").
			WithHint("is the outcome computed from one of the covariates?")
	}
	f.summarise(rss, tss)
	f.cov = qr.CrossInverse()
	if err := f.covariance(rss); err != nil {
		return nil, err
	}
	for j, name := range d.Columns {
		e, err := f.Contrast(name, one(p, j))
		if err != nil {
			return nil, err
		}
		f.Coefficients = append(f.Coefficients, e)
	}
	return f, nil
}

func repeated(column string) error {
	return fault.New(stats.Collinear, column, "the column is a combination of the ones before it").
		WithHint("leave out one of the terms that say the same")
}

// spread gives the sum of squares about the mean and about zero.
func spread(y []float64) (about, raw float64) {
	var m float64
	for _, v := range y {
		m += v
	}
	m /= float64(len(y))
	for _, v := range y {
		about += (v - m) * (v - m)
		raw += v * v
	}
	return about, raw
}

func (f *Fit) summarise(rss, tss float64) {
	n := float64(f.N)
	f.Sigma = math.Sqrt(rss / f.DF)
	f.R2 = 1 - rss/tss
	f.AdjustedR2 = 1 - (rss/f.DF)/(tss/(n-1))
	f.LogLik = -n / 2 * (math.Log(2*math.Pi*rss/n) + 1)
	f.Cooks = make([]float64, f.N)
	p := n - f.DF
	for i, e := range f.Residuals {
		h := f.Leverages[i]
		f.Cooks[i] = e * e * h / (p * f.Sigma * f.Sigma * (1 - h) * (1 - h))
	}
}

// covariance turns f.cov from (X'X)⁻¹ into the covariance asked for.
func (f *Fit) covariance(rss float64) error {
	p := f.cov.R
	if f.Errors == Model {
		for i := range f.cov.A {
			f.cov.A[i] *= rss / f.DF
		}
		return nil
	}
	meat := dense.New(p, p)
	for i, e := range f.Residuals {
		h := f.Leverages[i]
		w := e * e
		switch f.Errors {
		case HC1:
			w *= float64(f.N) / f.DF
		case HC2:
			w /= 1 - h
		case HC3:
			w /= (1 - h) * (1 - h)
		}
		if f.Errors >= HC2 && h > 1-1e-10 {
			return fault.New(stats.NotEstimable, "", "row %d alone determines a coefficient, so %s errors do not exist", i+1, f.Errors).
				WithHint("merge the stratum that has one person, or use model-based errors")
		}
		x := f.x.Row(i)
		for a, u := range x {
			if u == 0 {
				continue
			}
			for b, v := range x {
				meat.A[a*p+b] += w * u * v
			}
		}
	}
	f.cov = f.cov.Mul(meat).Mul(f.cov)
	f.cov.Symmetrise()
	return nil
}

// one is 1 at j.
func one(p, j int) []float64 {
	l := make([]float64, p)
	l[j] = 1
	return l
}

// Beta gives the coefficients without their errors.
func (f *Fit) Beta() []float64 {
	out := make([]float64, len(f.beta))
	for j := range out {
		out[j] = dense.Dot(f.unit.Contrast(one(len(out), j)), f.beta)
	}
	return out
}

// Covariance gives the covariance of the coefficients.
func (f *Fit) Covariance() dense.Matrix {
	p := len(f.beta)
	l := dense.New(p, p)
	for j := range p {
		copy(l.Row(j), f.unit.Contrast(one(p, j)))
	}
	return l.Mul(f.cov).Mul(l.T())
}

// Contrast estimates a combination of the coefficients.
func (f *Fit) Contrast(name string, l []float64) (stats.Estimate, error) {
	if len(l) != len(f.beta) {
		return stats.Estimate{}, fault.New(stats.Lengths, name, "the contrast has %d weights for %d coefficients", len(l), len(f.beta))
	}
	if err := stats.Finite(name, l); err != nil {
		return stats.Estimate{}, err
	}
	l = f.unit.Contrast(l)
	v := f.cov.Quad(l, l)
	if !(v > 0) {
		return stats.Estimate{}, fault.New(stats.BadArgument, name, "the contrast has no variance: are all its weights zero?")
	}
	return stats.T(name, dense.Dot(l, f.beta), math.Sqrt(v), f.DF, f.Level), nil
}

// LSMeans gives the adjusted mean at each level of a factor.
func (f *Fit) LSMeans(factor string, levels []string, w terms.Weights) ([]stats.Estimate, error) {
	var out []stats.Estimate
	for _, level := range levels {
		l, err := f.design.Mean(terms.At{factor: level}, w)
		if err != nil {
			return nil, err
		}
		e, err := f.Contrast(level, l)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Difference gives the adjusted mean at level a of a factor minus that at b.
func (f *Fit) Difference(factor, a, b string, w terms.Weights) (stats.Estimate, error) {
	l, err := f.design.Difference(terms.At{factor: a}, terms.At{factor: b}, w)
	if err != nil {
		return stats.Estimate{}, err
	}
	return f.Contrast(a+" − "+b, l)
}

// Test is the F test that all rows of l are zero combinations.
//
//	F = (Lβ)'(L·V·L')⁻¹(Lβ) / rows
func (f *Fit) Test(name string, l dense.Matrix) (stats.Joint, error) {
	if l.C != len(f.beta) || l.R == 0 {
		return stats.Joint{}, fault.New(stats.Lengths, name, "the test has %d columns for %d coefficients", l.C, len(f.beta))
	}
	t := dense.New(l.R, l.C)
	for i := range l.R {
		copy(t.Row(i), f.unit.Contrast(l.Row(i)))
	}
	l = t
	inv, ok := dense.Inverse(l.Mul(f.cov).Mul(l.T()))
	if !ok {
		return stats.Joint{}, fault.New(stats.Collinear, name, "the rows of the test depend on each other")
	}
	e := l.MulVec(f.beta)
	return stats.FTest(name, inv.Quad(e, e)/float64(l.R), float64(l.R), f.DF), nil
}

// TestTerm tests all columns of a term, given everything else in the model. For
// a term that is in no interaction this is the type II and the type III test.
func (f *Fit) TestTerm(name string) (stats.Joint, error) {
	a, b, err := f.design.Term(name)
	if err != nil {
		return stats.Joint{}, err
	}
	l := dense.New(b-a, len(f.beta))
	for i := range l.R {
		l.Set(i, a+i, 1)
	}
	return f.Test(name, l)
}
