// Package missing answers what would have been seen: multiple imputation and
// its pooling, reference-based imputation, and how far the missing must differ
// from the seen before a conclusion tips.
//
// See doc/methods/missing.md.
package missing

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Pooled is an estimate over imputations.
type Pooled struct {
	stats.Estimate
	Imputations int     `json:"imputations"`
	Within      float64 `json:"within"`  // mean variance within imputations
	Between     float64 `json:"between"` // variance of the estimates
	FMI         float64 `json:"fmi"`     // fraction of missing information
	RIV         float64 `json:"riv"`     // relative increase in variance
}

// Rubin pools estimates and variances over imputations.
//
//	dfComplete  degrees of freedom had nothing been missing; +Inf for a large
//	            sample. The pooled ones are Barnard and Rubin's.
//
// With imputations that agree to the last bit there is no variance between and
// the degrees of freedom are those of complete data.
func Rubin(name string, q, u []float64, dfComplete, level float64) (Pooled, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Pooled{}, err
	}
	if len(q) != len(u) || len(q) < 2 {
		return Pooled{}, fault.New(stats.TooFew, name, "%d estimates and %d variances cannot be pooled", len(q), len(u))
	}
	if err := stats.Finite(name, q); err != nil {
		return Pooled{}, err
	}
	if err := stats.Finite(name, u); err != nil {
		return Pooled{}, err
	}
	m := float64(len(q))
	var mean, within, between float64
	for i, v := range q {
		if !(u[i] > 0) {
			return Pooled{}, fault.New(stats.BadArgument, name, "imputation %d has the variance %v", i+1, u[i])
		}
		mean += v / m
		within += u[i] / m
	}
	for _, v := range q {
		between += (v - mean) * (v - mean) / (m - 1)
	}
	total := within + (1+1/m)*between
	riv := (1 + 1/m) * between / within
	lambda := (1 + 1/m) * between / total
	df := math.Inf(1)
	if lambda > 0 {
		df = (m - 1) / (lambda * lambda)
	}
	if !math.IsInf(dfComplete, 1) {
		observed := (dfComplete + 1) / (dfComplete + 3) * dfComplete * (1 - lambda)
		if math.IsInf(df, 1) {
			df = observed
		} else {
			df = df * observed / (df + observed)
		}
	}
	p := Pooled{Imputations: len(q), Within: within, Between: between, RIV: riv}
	p.FMI = riv / (riv + 1)
	if math.IsInf(df, 1) {
		p.Estimate = stats.Z(name, mean, math.Sqrt(total), level)
		return p, nil
	}
	p.FMI = (riv + 2/(df+3)) / (riv + 1)
	p.Estimate = stats.T(name, mean, math.Sqrt(total), df, level)
	return p, nil
}

// RubinTest pools a test of several parameters (Li, Raghunathan and Rubin 1991,
// D₁): q holds a row of estimates per imputation, u their covariances.
func RubinTest(name string, q dense.Matrix, u []dense.Matrix) (stats.Joint, error) {
	m, k := float64(q.R), q.C
	if q.R != len(u) || q.R < 2 {
		return stats.Joint{}, fault.New(stats.TooFew, name, "%d imputations cannot be pooled", q.R)
	}
	mean := make([]float64, k)
	within, between := dense.New(k, k), dense.New(k, k)
	for i := range q.R {
		for j, v := range q.Row(i) {
			mean[j] += v / m
		}
		within.AddScaled(1/m, u[i])
	}
	for i := range q.R {
		for a, v := range q.Row(i) {
			for b, w := range q.Row(i) {
				between.A[a*k+b] += (v - mean[a]) * (w - mean[b]) / (m - 1)
			}
		}
	}
	inv, ok := dense.Inverse(within)
	if !ok {
		return stats.Joint{}, fault.New(stats.Collinear, name, "the covariance within imputations is singular")
	}
	r := (1 + 1/m) * dense.TraceProduct(between, inv) / float64(k)
	d := inv.Quad(mean, mean) / (float64(k) * (1 + r))
	t := float64(k) * (m - 1)
	df := t * (1 + 1/float64(k)) * (1 + 1/r) * (1 + 1/r) / 2
	if t > 4 {
		df = 4 + (t-4)*math.Pow(1+(1-2/t)/r, 2)
	}
	return stats.FTest(name, d, float64(k), df), nil
}
