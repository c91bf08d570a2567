package multiple

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Dunnett adjusts comparisons of several arms with one control, for which the
// t statistics share the control's mean and the pooled variance:
//
//	p_i = 1 − P(max_j |T_j| ≤ |t_i|),  corr(T_j, T_k) = λ_jλ_k,  λ_j = √(n_j/(n_j+n_0))
//
// Single step, two-sided, and exact for normal outcomes of equal variance: it
// spends no more than the correlation demands, so it is below Bonferroni.
//
//	t   one statistic per arm against the control
//	n   people of the control first, then of the arms in the order of t
//	df  of the pooled variance, Σn − arms − 1; +Inf where it is known
//
// Invariants (TestDunnett): one arm is Student's t; never above Šidák's nor
// below the unadjusted p; the order of the arms changes nothing.
//
// Source: Dunnett 1955, doi:10.1080/01621459.1955.10501294.
func Dunnett(t []float64, n []int, df float64) ([]float64, error) {
	if len(t) == 0 {
		return nil, fault.New(stats.TooFew, "t", "there is nothing to adjust")
	}
	if len(n) != len(t)+1 {
		return nil, fault.New(stats.Lengths, "n", "%d group sizes for a control and %d arms", len(n), len(t))
	}
	if err := stats.Finite("t", t); err != nil {
		return nil, err
	}
	if !(df >= 1) {
		return nil, fault.New(stats.BadArgument, "df", "%v degrees of freedom", df)
	}
	lambda := make([]float64, len(t))
	for j := range n {
		if n[j] < 1 {
			return nil, fault.New(stats.EmptyGroup, "n", "group %d has %d people", j+1, n[j])
		}
		if j > 0 {
			lambda[j-1] = math.Sqrt(float64(n[j]) / float64(n[j]+n[0]))
		}
	}
	out := make([]float64, len(t))
	for i, v := range t {
		out[i] = manyToOne(math.Abs(v), lambda, df)
	}
	return out, nil
}

// manyToOne is P(max|T_j| > t). Given the shared normal z and the scale s the
// T_j are independent, so what is left is an integral over z and one over s,
// both of analytic integrands that vanish at the ends: the trapezoidal rule is
// then exact to rounding. The chance of an excess is summed, not one less the
// chance of none, so that small p keep their digits.
func manyToOne(t float64, lambda []float64, df float64) float64 {
	if math.IsInf(df, 1) {
		return excess(t, lambda)
	}
	// s² = χ²/df; in u = log s its density is e^{df·(u − e^{2u}/2)} up to a constant.
	width := 1 / math.Sqrt(2*df) // about the standard deviation of u
	h := step * math.Min(width, 1/math.Max(1, t))
	log := func(u float64) float64 { return df * (u - math.Exp(2*u)/2 + 0.5) }
	var sum, all float64
	for _, dir := range []float64{1, -1} {
		for k := 0; ; k++ {
			if k == 0 && dir < 0 {
				continue
			}
			u := dir * float64(k) * h
			w := math.Exp(log(u))
			all += w
			sum += w * excess(t*math.Exp(u), lambda)
			if w < 1e-22 {
				break
			}
		}
	}
	return sum / all
}

// step of the rule in units of the narrowest feature w: its error is
// e^(−2π²w²/h²), so that a third is past the last bit.
const step = 1.0 / 3

// excess is P(max|T_j| > x) for a known variance.
func excess(x float64, lambda []float64) float64 {
	narrow := 1.0 // of what is integrated: the density, or an arm's step in z
	for _, l := range lambda {
		narrow = math.Min(narrow, math.Sqrt(1-l*l)/l)
	}
	h := step * narrow
	n := int(math.Ceil(9.4 / h)) // where the density is 1e-20
	var sum float64
	for k := -n; k <= n; k++ {
		z := float64(k) * h
		none := 0.0 // log of the chance that no arm exceeds
		for _, l := range lambda {
			r := math.Sqrt(1 - l*l)
			beyond := dist.NormalUpper((x-l*z)/r) + dist.NormalUpper((x+l*z)/r)
			none += math.Log1p(-math.Min(beyond, 1))
		}
		sum += h * dist.NormalDensity(z) * -math.Expm1(none)
	}
	return math.Min(1, sum)
}
