// Package complier estimates the effect in those who take what they are given,
// with the random arm as an instrument for the taking.
//
// See doc/methods/complier.md.
package complier

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Errors says how the covariance is estimated.
type Errors int

// The kinds of standard errors.
const (
	Model Errors = iota // equal variances
	HC0                 // squared residuals
	HC1                 // HC0 · n/(n−p)
)

// Fit is a fit by two-stage least squares.
type Fit struct {
	Coefficients []stats.Estimate // the design's columns, then the treatment taken
	Effect       stats.Estimate   // of the treatment taken
	FirstStageF  float64          // of the arm on the treatment taken; below 10 the instrument is weak
	Weak         bool             // FirstStageF < 10: interval and p are not to be trusted
	Sigma        float64
	DF           float64
	N            int
}

// TwoStage estimates the effect of a treatment taken, instrumented by the arm:
//
//	y = Xβ + δ·taken + e,  taken predicted from X and arm
//
//	x      design without the arm: intercept and covariates
//	taken  1 and 0, or a dose
//	arm    the random arm, 1 and 0
//
// δ is the complier average causal effect if the arm acts only through what is
// taken (exclusion), nobody does the opposite of what the arm says
// (monotonicity), and the arm was random. The second stage's residuals use the
// treatment as it was and not as predicted.
//
// Faults: stats-lengths, stats-not-finite, stats-empty-group, stats-too-few,
// stats-collinear, stats-not-estimable (the arm does not move what is taken).
func TwoStage(x *terms.Design, y, taken, arm []float64, kind Errors, level float64) (*Fit, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return nil, err
	}
	n, p := x.X.R, x.X.C+1
	if len(y) != n || len(taken) != n || len(arm) != n {
		return nil, fault.New(stats.Lengths, "", "%d outcomes, %d treatments and %d arms for %d rows", len(y), len(taken), len(arm), n)
	}
	for i, v := range [][]float64{y, taken, arm} {
		if err := stats.Finite([]string{"outcome", "taken", "arm"}[i], v); err != nil {
			return nil, err
		}
	}
	if n <= p {
		return nil, fault.New(stats.TooFew, "", "%d rows cannot support %d coefficients", n, p)
	}
	unit, own, err := x.Standardised()
	if err != nil {
		return nil, err
	}
	predicted, f, err := firstStage(own, taken, arm)
	if err != nil {
		return nil, err
	}
	hat := dense.New(n, p)
	for i := range n {
		copy(hat.Row(i), own.Row(i))
		hat.Set(i, p-1, predicted[i])
	}
	qr := dense.NewQR(hat)
	if !qr.OK {
		return nil, fault.New(stats.NotEstimable, "taken", "the arm does not move what is taken")
	}
	beta, _ := qr.Solve(y)
	o := &Fit{FirstStageF: f, Weak: f < 10, N: n, DF: float64(n - p)}
	e := make([]float64, n)
	var rss, tss float64
	for i := range n {
		e[i] = y[i] - dense.Dot(own.Row(i), beta[:p-1]) - taken[i]*beta[p-1]
		rss += e[i] * e[i]
		tss += y[i] * y[i]
	}
	if !(rss > 1e-26*tss) {
		return nil, fault.New(stats.Constant, "outcome", "the model leaves no residual variation")
	}
	o.Sigma = math.Sqrt(rss / o.DF)
	cov := covariance(qr.CrossInverse(), hat, e, kind, o)
	for j := range p {
		name, l := "taken", make([]float64, p)
		l[j] = 1
		if j < p-1 {
			name = x.Columns[j]
			copy(l, unit.Contrast(l[:p-1]))
		}
		o.Coefficients = append(o.Coefficients, stats.T(name, dense.Dot(l, beta), math.Sqrt(cov.Quad(l, l)), o.DF, level))
	}
	o.Effect = o.Coefficients[p-1]
	return o, nil
}

func covariance(inv, hat dense.Matrix, e []float64, kind Errors, o *Fit) dense.Matrix {
	if kind == Model {
		for i := range inv.A {
			inv.A[i] *= o.Sigma * o.Sigma
		}
		return inv
	}
	p := hat.C
	meat := dense.New(p, p)
	for i, v := range e {
		for a, u := range hat.Row(i) {
			for b, w := range hat.Row(i) {
				meat.A[a*p+b] += v * v * u * w
			}
		}
	}
	out := inv.Mul(meat).Mul(inv)
	if kind == HC1 {
		for i := range out.A {
			out.A[i] *= float64(o.N) / o.DF
		}
	}
	out.Symmetrise()
	return out
}

// firstStage predicts the treatment from covariates and arm, and gives the F of
// the arm.
func firstStage(x dense.Matrix, taken, arm []float64) (predicted []float64, f float64, err error) {
	n, p := x.R, x.C
	z := dense.New(n, p+1)
	var lo, hi bool
	for i, a := range arm {
		copy(z.Row(i), x.Row(i))
		z.Set(i, p, a)
		lo, hi = lo || a == 0, hi || a == 1
		if a != 0 && a != 1 {
			return nil, 0, fault.New(stats.BadArgument, "arm", "row %d has the arm %v, not 0 or 1", i+1, a)
		}
	}
	if !lo || !hi {
		return nil, 0, fault.New(stats.EmptyGroup, "arm", "all rows are of one arm")
	}
	small, big := dense.NewQR(x), dense.NewQR(z)
	if !big.OK {
		return nil, 0, fault.New(stats.Collinear, "arm", "the covariates tell the arm")
	}
	_, r0 := small.Solve(taken)
	b, r1 := big.Solve(taken)
	rss0, rss1 := dense.Dot(r0[p:], r0[p:]), dense.Dot(r1[p+1:], r1[p+1:])
	size := dense.Dot(taken, taken)
	if !(rss0-rss1 > 1e-13*size) {
		return nil, 0, fault.New(stats.NotEstimable, "taken", "the arm does not move what is taken, so there are no compliers to speak of")
	}
	f = math.Inf(1)
	if rss1 > 1e-26*size {
		f = (rss0 - rss1) / (rss1 / float64(n-p-1))
	}
	return z.MulVec(b), f, nil
}

// Wald is the ratio of the effect on the outcome to the effect on what is
// taken, without covariates, with the delta method's error and the normal.
func Wald(y, taken, arm []float64, level float64) (stats.Estimate, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return stats.Estimate{}, err
	}
	if len(y) != len(taken) || len(y) != len(arm) {
		return stats.Estimate{}, fault.New(stats.Lengths, "", "%d outcomes, %d treatments, %d arms", len(y), len(taken), len(arm))
	}
	if err := stats.Finite("outcome", y); err != nil {
		return stats.Estimate{}, err
	}
	if err := stats.Finite("taken", taken); err != nil {
		return stats.Estimate{}, err
	}
	var n, my, md, vy, vd, c [2]float64
	for i, a := range arm {
		if a != 0 && a != 1 {
			return stats.Estimate{}, fault.New(stats.BadArgument, "arm", "row %d has the arm %v, not 0 or 1", i+1, a)
		}
		k := int(a)
		n[k]++
		my[k] += y[i]
		md[k] += taken[i]
	}
	for k := range 2 {
		if n[k] < 2 {
			return stats.Estimate{}, fault.New(stats.TooFew, "arm", "an arm of %g", n[k])
		}
		my[k] /= n[k]
		md[k] /= n[k]
	}
	for i, a := range arm {
		k := int(a)
		s := 1 / (n[k] * (n[k] - 1))
		vy[k] += s * (y[i] - my[k]) * (y[i] - my[k])
		vd[k] += s * (taken[i] - md[k]) * (taken[i] - md[k])
		c[k] += s * (y[i] - my[k]) * (taken[i] - md[k])
	}
	d := md[1] - md[0]
	if math.Abs(d) < 1e-12 {
		return stats.Estimate{}, fault.New(stats.NotEstimable, "taken", "the arm does not move what is taken")
	}
	r := (my[1] - my[0]) / d
	v := (vy[0] + vy[1]) + r*r*(vd[0]+vd[1]) - 2*r*(c[0]+c[1])
	if !(v > 0) {
		return stats.Estimate{}, fault.New(stats.Constant, "outcome", "nothing varies within arms")
	}
	return stats.Z("complier effect", r, math.Sqrt(v)/math.Abs(d), level), nil
}
