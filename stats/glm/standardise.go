package glm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Marginal is a comparison of two arms on the scale of the outcome, averaged
// over the people as they are.
type Marginal struct {
	A, B       stats.Estimate  // mean outcome had all been given each arm
	Difference stats.Estimate  // A − B
	Ratio      *stats.Estimate // A/B: Value, Low and High are ratios, SE, Stat and P of its logarithm; nil where a mean is not positive
}

// Standardise compares the levels a and b of a factor by standardisation
// (g-computation): the mean prediction had everybody been given a, and b.
//
// Standard errors are from influence functions, so they need neither the model
// to be right nor the covariates to be fixed:
//
//	ψ_i(a) = μ̂_i(a) − μ̂(a) + G_a'·(Σ D'V⁻¹D/n)⁻¹·D_i'V_i⁻¹(y_i − μ_i)
//
// summed over clusters, G_a being the mean gradient of μ_i(a). In a randomised
// trial the estimate is valid whatever the covariates do (FDA 2023). Without
// covariates the difference and its error are those of two shares.
func (f *Fit) Standardise(factor, a, b string) (Marginal, error) {
	xa, err := f.design.Rows(terms.At{factor: a})
	if err != nil {
		return Marginal{}, err
	}
	xb, err := f.design.Rows(terms.At{factor: b})
	if err != nil {
		return Marginal{}, err
	}
	ma, pa, err := f.influence(xa)
	if err != nil {
		return Marginal{}, err
	}
	mb, pb, err := f.influence(xb)
	if err != nil {
		return Marginal{}, err
	}
	n := float64(f.Rows)
	var va, vb, vd, vr float64
	for k := range pa {
		x, y := pa[k]/n, pb[k]/n
		va += x * x
		vb += y * y
		vd += (x - y) * (x - y)
		vr += (x/ma - y/mb) * (x/ma - y/mb)
	}
	if !(vd > 0) {
		return Marginal{}, fault.New(stats.NotEstimable, factor, "the difference has no variance")
	}
	m := Marginal{
		A: stats.Z(a, ma, math.Sqrt(va), f.level), B: stats.Z(b, mb, math.Sqrt(vb), f.level),
		Difference: stats.Z(a+" − "+b, ma-mb, math.Sqrt(vd), f.level),
	}
	if ma > 0 && mb > 0 {
		r := stats.Z(a+" / "+b, math.Log(ma/mb), math.Sqrt(vr), f.level)
		r.Value, r.Low, r.High = math.Exp(r.Value), math.Exp(r.Low), math.Exp(r.High)
		m.Ratio = &r
	}
	return m, nil
}

// influence gives the mean prediction over rows x and each cluster's influence
// on it, times the number of rows.
func (f *Fit) influence(x dense.Matrix) (mean float64, psi []float64, err error) {
	g := f.data
	n, p := x.R, x.C
	mu, grad, row := make([]float64, n), make([]float64, p), make([]float64, p)
	for i := range n {
		g.unit.Row(row, x.Row(i))
		eta := dense.Dot(row, f.beta)
		if g.o.Offset != nil {
			eta += g.o.Offset[i]
		}
		m, v := f.Family.mean(eta)
		mu[i] = m
		mean += m / float64(n)
		for j, c := range row {
			grad[j] += v * c / float64(n)
		}
	}
	a := dense.New(p, p)
	us := make([][]float64, len(g.rows))
	for k, rows := range g.rows {
		d, vi, r, ok := g.cluster(rows, f.beta, f.Alpha)
		if !ok {
			return 0, nil, f.separated()
		}
		dv := d.T().Mul(vi)
		a.AddScaled(1/float64(n), dv.Mul(d))
		us[k] = dv.MulVec(r)
	}
	inv, ok := dense.Inverse(a)
	if !ok {
		return 0, nil, f.separated()
	}
	w := inv.MulVec(grad)
	psi = make([]float64, len(g.rows))
	for k, rows := range g.rows {
		psi[k] = dense.Dot(w, us[k])
		for _, i := range rows {
			psi[k] += mu[i] - mean
		}
	}
	return mean, psi, nil
}
