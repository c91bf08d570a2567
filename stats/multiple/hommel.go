package multiple

import "math"

// Hommel is the closed test that uses Simes's test for every intersection. It
// rejects whatever Hochberg does and controls the family-wise error under the
// same condition, independent or positively dependent statistics.
//
// A hypothesis falls at α when every set of hypotheses that holds it does, and
// a set of m falls by Simes when min over its ordered p of m·p₍ⱼ₎/j ≤ α. For
// each size m the worst set holds the m−1 largest other p-values, so the 2ⁿ sets
// reduce to n sizes (Wright 1992, whose algorithm this is).
func Hommel(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	n := len(p)
	o := order(p)
	s := make([]float64, n)
	least := math.Inf(1)
	for r, i := range o {
		s[r] = p[i]
		least = math.Min(least, float64(n)*s[r]/float64(r+1))
	}
	adjusted, q := make([]float64, n), make([]float64, n)
	for r := range adjusted {
		adjusted[r] = least
	}
	for m := n - 1; m >= 2; m-- {
		first := n - m + 1 // of the m−1 largest
		worst := math.Inf(1)
		for j := 2; j <= m; j++ {
			worst = math.Min(worst, float64(m)*s[first+j-2]/float64(j))
		}
		for r := range first {
			q[r] = math.Min(float64(m)*s[r], worst)
		}
		for r := first; r < n; r++ {
			q[r] = q[first-1]
		}
		for r := range adjusted {
			adjusted[r] = math.Max(adjusted[r], q[r])
		}
	}
	out := make([]float64, n)
	for r, i := range o {
		out[i] = math.Min(1, math.Max(adjusted[r], s[r]))
	}
	return out, nil
}

// atLeastOne is 1 − (1−p)^m, exact where p is tiny.
func atLeastOne(p float64, m int) float64 {
	return -math.Expm1(float64(m) * math.Log1p(-p))
}

// Sidak gives the chance of one so small among as many independent tests. It is
// a shade below Bonferroni, and needs independence or positive orthant
// dependence, which Bonferroni does not.
func Sidak(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = atLeastOne(v, len(p))
	}
	return out, nil
}

// HolmSidak is Šidák's adjustment, stepping down as Holm does.
func HolmSidak(p []float64) ([]float64, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	out := make([]float64, len(p))
	run := 0.0
	for r, i := range order(p) {
		run = math.Max(run, atLeastOne(p[i], len(p)-r))
		out[i] = run
	}
	return out, nil
}
