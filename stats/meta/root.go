package meta

import "math"

// falling finds where a falling function has the value p, widening the bracket
// as heavy tails may need.
//
// Inverse quadratic interpolation where Chandrupatla's criterion trusts it, and
// bisection where not: about ten evaluations for all digits.
func falling(f func(float64) float64, p, lo, hi float64) float64 {
	a, fa := lo, f(lo)-p
	for width := hi - lo; fa < 0; width *= 2 {
		a -= width
		fa = f(a) - p
	}
	b, fb := hi, f(hi)-p
	for width := hi - lo; fb > 0; width *= 2 {
		b += width
		fb = f(b) - p
	}
	c, fc := a, fa
	share := 0.5
	for range 200 {
		x := a + share*(b-a)
		fx := f(x) - p
		if (fx > 0) == (fa > 0) {
			c, fc = a, fa
		} else {
			c, fc, b, fb = b, fb, a, fa
		}
		a, fa = x, fx
		best, fbest := a, fa
		if math.Abs(fb) < math.Abs(fa) {
			best, fbest = b, fb
		}
		least := 4e-16 * math.Max(math.Abs(best), math.Abs(b-a))
		t := least / math.Abs(b-c)
		if fbest == 0 || math.Abs(b-a) <= 2*least || t > 0.5 {
			return best
		}
		share = 0.5
		xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
		if phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
			share = fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
			share = math.Max(t, math.Min(1-t, share))
		}
	}
	return a
}
