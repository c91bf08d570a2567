// Package reml is what all Gaussian likelihoods with a modelled covariance
// share: the optimiser, and inference on fixed effects once the covariance has
// been estimated (Satterthwaite, and Kenward–Roger in three kinds).
//
// A model is y ~ N(Xβ, V(θ)) with V linear in the natural parameters θ, such
// as the entries of a covariance matrix. How a structure is parametrised for
// the optimiser is the model's affair: inference needs only the natural θ and
// the covariance of its estimate.
//
// See doc/methods/reml.md for every formula.
package reml

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Method says how uncertainty in the covariance parameters enters inference on
// fixed effects.
type Method int

const (
	// Satterthwaite keeps the estimated standard error and finds degrees of
	// freedom for it.
	Satterthwaite Method = iota
	// KenwardRoger corrects the standard error too, with the observed
	// information and no second-derivative term. It does not depend on how the
	// covariance is parametrised, and is what SAS gives for unstructured,
	// compound symmetry and Toeplitz covariances.
	KenwardRoger
	// KenwardRogerExpected uses the expected information, as in pbkrtest.
	KenwardRogerExpected
	// KenwardRogerFull adds the second-derivative term of the 1997 paper, which
	// depends on the parametrisation.
	KenwardRogerFull
)

// String names the method as a report prints it.
func (m Method) String() string {
	switch m {
	case KenwardRoger:
		return "Kenward–Roger (observed information, linear)"
	case KenwardRogerExpected:
		return "Kenward–Roger (expected information, linear)"
	case KenwardRogerFull:
		return "Kenward–Roger (observed information, with second derivatives)"
	}
	return "Satterthwaite"
}

// Inference is what a fitted model hands over, in standard units. All matrices
// are in one set of covariance parameters, whichever: their choice changes no
// result but by its rounding.
type Inference struct {
	// Unit brings combinations of coefficients over from the units of the data;
	// without one they are taken as they are.
	Unit     *terms.Standard
	Beta     []float64
	Phi      dense.Matrix   // (X'WX)⁻¹, W = V⁻¹
	P        []dense.Matrix // −X'W·D_r·W·X for each parameter, D_r = ∂V/∂θ_r
	V        dense.Matrix   // covariance of θ from the observed information
	VExp     dense.Matrix   // and from the expected
	Contract func(v dense.Matrix) dense.Matrix
	// Contract gives Σ_rs v_rs·X'W·D_r·W·D_s·W·X.
	Curve func() *dense.Matrix
	// Curve gives −Σ_ab V_ab·X'W·∂²V/∂λ_a∂λ_b·W·X over the parameters λ of the peer;
	// nil where V is linear in them.
	Clusters Clusters // for robust errors; nil where there are none
	Level    float64
	REML     bool

	adjusted map[Method]dense.Matrix
}

// Adjusted gives the covariance of the fixed effects under the method, in
// standard units.
//
//	Φ_A = Φ + 2Φ·{Σ_rs V_rs(Q_rs − P_r·Φ·P_s − ¼R_rs)}·Φ
func (f *Inference) Adjusted(m Method) dense.Matrix {
	if m == Satterthwaite {
		return f.Phi
	}
	if a, ok := f.adjusted[m]; ok {
		return a
	}
	v := f.V
	if m == KenwardRogerExpected {
		v = f.VExp
	}
	sum := f.Contract(v)
	k := len(f.P)
	// Σ_s V_rs P_s first, so that the double sum is k products and not k².
	for r := range k {
		t := dense.New(f.Phi.R, f.Phi.R)
		for s := range k {
			if v.At(r, s) != 0 {
				t.AddScaled(v.At(r, s), f.P[s])
			}
		}
		sum.AddScaled(-1, f.P[r].Mul(f.Phi).Mul(t))
	}
	if m == KenwardRogerFull && f.Curve != nil {
		if c := f.Curve(); c != nil {
			sum.AddScaled(0.25, *c)
		}
	}
	a := f.Phi.Clone()
	a.AddScaled(2, f.Phi.Mul(sum).Mul(f.Phi))
	a.Symmetrise()
	if f.adjusted == nil {
		f.adjusted = map[Method]dense.Matrix{}
	}
	f.adjusted[m] = a
	return a
}

// Along brings the P of natural parameters to those of which j is the Jacobian.
func Along(p []dense.Matrix, j dense.Matrix) []dense.Matrix {
	out := make([]dense.Matrix, j.C)
	for a := range out {
		out[a] = dense.New(p[0].R, p[0].C)
		for r, m := range p {
			if v := j.At(r, a); v != 0 {
				out[a].AddScaled(v, m)
			}
		}
	}
	return out
}

func (f *Inference) check(name string, l []float64, m Method) error {
	if len(l) != len(f.Beta) {
		return fault.New(stats.Lengths, name, "the contrast has %d weights for %d coefficients", len(l), len(f.Beta))
	}
	if m != Satterthwaite && !f.REML {
		return fault.New(stats.BadArgument, name, "Kenward–Roger is defined for REML fits only").
			WithHint("fit by REML, or use Satterthwaite")
	}
	return stats.Finite(name, l)
}

// Contrast estimates l'β.
//
// For one contrast the degrees of freedom of both methods come from the
// gradient of its variance, g_r = ∂(l'Φl)/∂θ_r = −(Φl)'P_r(Φl):
//
//	df = 2·(l'Φl)² / g'Vg
func (f *Inference) Contrast(name string, l []float64, m Method) (stats.Estimate, error) {
	if err := f.check(name, l, m); err != nil {
		return stats.Estimate{}, err
	}
	asked := l
	l = f.Unit.Contrast(l)
	v := f.Phi.Quad(l, l)
	if !(v > 0) {
		return stats.Estimate{}, fault.New(stats.BadArgument, name, "the contrast has no variance: are all its weights zero?")
	}
	cov := f.V
	if m == KenwardRogerExpected {
		cov = f.VExp
	}
	g := f.gradient(l)
	df := 2 * v * v / cov.Quad(g, g)
	if !(df > 0) || math.IsInf(df, 0) {
		return stats.Estimate{}, fault.New(stats.NotEstimable, name, "the degrees of freedom cannot be found, because the information on the covariance is not positive definite")
	}
	va := v
	if m != Satterthwaite {
		va = f.Adjusted(m).Quad(l, l)
	}
	if !(va > 0) {
		return stats.Estimate{}, fault.New(stats.NotEstimable, name, "the corrected variance is not positive")
	}
	return stats.T(name, f.Unit.Value(asked, dense.Dot(l, f.Beta)), f.Unit.Scale()*math.Sqrt(va), df, f.Level), nil
}

// Fitted gives x'β for a row of the design.
func (f *Inference) Fitted(x []float64) float64 {
	return f.Unit.Value(x, dense.Dot(f.Unit.Contrast(x), f.Beta))
}

func (f *Inference) gradient(l []float64) []float64 {
	a := f.Phi.MulVec(l)
	g := make([]float64, len(f.P))
	for r, p := range f.P {
		g[r] = -p.Quad(a, a)
	}
	return g
}

// Test is the joint F test that every row of l has l'β = 0: by Kenward and
// Roger (1997), or for Satterthwaite by Fai and Cornelius (1996).
func (f *Inference) Test(name string, l dense.Matrix, m Method) (stats.Joint, error) {
	if l.R == 0 {
		return stats.Joint{}, fault.New(stats.Lengths, name, "there is nothing to test")
	}
	for i := range l.R {
		if err := f.check(name, l.Row(i), m); err != nil {
			return stats.Joint{}, err
		}
	}
	l, e := f.standard(l)
	middle, ok := dense.Inverse(l.Mul(f.Phi).Mul(l.T()))
	if !ok {
		return stats.Joint{}, fault.New(stats.Collinear, name, "the rows of the test depend on each other")
	}
	if m == Satterthwaite {
		return f.faiCornelius(name, l, middle, e)
	}
	return f.kenwardRoger(name, l, middle, e, m)
}

// standard brings the rows of a test to standard units, and gives their values
// there.
func (f *Inference) standard(l dense.Matrix) (dense.Matrix, []float64) {
	out, e := dense.New(l.R, l.C), make([]float64, l.R)
	for i := range l.R {
		copy(out.Row(i), f.Unit.Contrast(l.Row(i)))
		e[i] = f.Unit.Value(l.Row(i), dense.Dot(out.Row(i), f.Beta)) / f.Unit.Scale()
	}
	return out, e
}

func (f *Inference) kenwardRoger(name string, l, middle dense.Matrix, e []float64, m Method) (stats.Joint, error) {
	cov := f.V
	if m == KenwardRogerExpected {
		cov = f.VExp
	}
	inv, ok := dense.Inverse(l.Mul(f.Adjusted(m)).Mul(l.T()))
	if !ok {
		return stats.Joint{}, fault.New(stats.NotEstimable, name, "the corrected covariance is not positive definite")
	}
	theta := l.T().Mul(middle).Mul(l)
	tp := make([]dense.Matrix, len(f.P))
	tr := make([]float64, len(f.P))
	for i, p := range f.P {
		tp[i] = theta.Mul(f.Phi).Mul(p).Mul(f.Phi)
		for j := range tp[i].R {
			tr[i] += tp[i].At(j, j)
		}
	}
	var a1, a2 float64
	for i := range tp {
		for j := range i + 1 {
			w := cov.At(i, j)
			if i != j {
				w *= 2
			}
			a1 += w * tr[i] * tr[j]
			a2 += w * dense.TraceProduct(tp[i], tp[j])
		}
	}
	q := float64(l.R)
	b := (a1 + 6*a2) / (2 * q)
	g := ((q+1)*a1 - (q+4)*a2) / ((q + 2) * a2)
	d := 3*q + 2*(1-g)
	c1, c2, c3 := g/d, (q-g)/d, (q+2-g)/d
	es := 1 / (1 - a2/q)
	vs := 2 / q * (1 + c1*b) / ((1 - c2*b) * (1 - c2*b) * (1 - c3*b))
	rho := vs / (2 * es * es)
	df := 4 + (q+2)/(q*rho-1)
	lambda := df / (es * (df - 2))
	if !(df > 0) || !(lambda > 0) {
		return stats.Joint{}, fault.New(stats.NotEstimable, name, "the degrees of freedom cannot be found")
	}
	return stats.FTest(name, lambda*inv.Quad(e, e)/q, q, df), nil
}

func (f *Inference) faiCornelius(name string, l, middle dense.Matrix, e []float64) (stats.Joint, error) {
	values, vectors := dense.Eigen(l.Mul(f.Phi).Mul(l.T()))
	var sum float64
	q := float64(l.R)
	for k, v := range values {
		row := make([]float64, l.C)
		for i := range l.R {
			for j, w := range l.Row(i) {
				row[j] += vectors.At(i, k) * w
			}
		}
		g := f.gradient(row)
		df := 2 * v * v / f.V.Quad(g, g)
		if l.R == 1 {
			return stats.FTest(name, middle.Quad(e, e), 1, df), nil
		}
		if !(df > 2) {
			return stats.Joint{}, fault.New(stats.NotEstimable, name, "a direction of the test has only %.2f degrees of freedom", df)
		}
		sum += df / (df - 2)
	}
	return stats.FTest(name, middle.Quad(e, e)/q, q, 2*sum/(sum-q)), nil
}
