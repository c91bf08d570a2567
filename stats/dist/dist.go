// Package dist gives tail areas and quantiles of the reference distributions
// of statistical tests: normal, t, F, chi-squared, beta, and their noncentral
// forms.
//
// Tails are computed as tails. A p-value of 1e-40 is not one minus something,
// so every function that gives an upper or two-sided area keeps its relative
// precision however small the area is.
//
// Arguments outside the domain (negative degrees of freedom, a NaN) give NaN:
// the packages above refuse such input before they come here.
package dist

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormalCDF is P(Z ≤ z) for a standard normal Z.
func NormalCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// NormalUpper is P(Z > z), accurate in the far tail.
func NormalUpper(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }

// NormalTwoSided is P(|Z| ≥ |z|).
func NormalTwoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// NormalDensity is the standard normal density at z.
func NormalDensity(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// NormalQuantile is the z with P(Z ≤ z) = p, ±Inf at p = 0 and 1.
//
// A rational start is finished by one Halley step on the tail that is the
// smaller, so that 1e-16 is as good as 0.5.
func NormalQuantile(p float64) float64 {
	if p <= 0 || p >= 1 || math.IsNaN(p) {
		switch {
		case p == 0:
			return math.Inf(-1)
		case p == 1:
			return math.Inf(1)
		}
		return math.NaN()
	}
	z := mathext.NormalQuantile(p)
	var e float64
	if p < 0.5 {
		e = NormalCDF(z) - p
	} else {
		e = (1 - p) - NormalUpper(z)
	}
	u := e / NormalDensity(z)
	return z - u/(1+z*u/2)
}

// TTwoSided is P(|T| ≥ |t|) for Student's t on df degrees of freedom, which
// need not be whole; df = +Inf is the normal.
//
//	P = I(df/(df+t²); df/2, 1/2)
func TTwoSided(t, df float64) float64 {
	if math.IsInf(df, 1) {
		return NormalTwoSided(t)
	}
	if !(df > 0) || math.IsNaN(t) {
		return math.NaN()
	}
	if math.IsInf(t, 0) {
		return 0
	}
	if t == 0 {
		return 1
	}
	return betaXY(df/(df+t*t), t*t/(df+t*t), df/2, 0.5)
}

// TUpper is P(T > t).
func TUpper(t, df float64) float64 {
	p := TTwoSided(t, df) / 2
	if t < 0 {
		return 1 - p
	}
	return p
}

// TCDF is P(T ≤ t).
func TCDF(t, df float64) float64 { return TUpper(-t, df) }

// TQuantile is the t with P(T ≤ t) = p.
//
// Newton's method on the smaller tail from a Cornish–Fisher start, held inside
// a bracket, so that small and fractional df work too.
func TQuantile(p, df float64) float64 {
	if math.IsInf(df, 1) {
		return NormalQuantile(p)
	}
	if !(df > 0) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	if p == 0.5 {
		return 0
	}
	if p == 0 || p == 1 {
		return math.Inf(int(math.Copysign(1, p-0.5)))
	}
	tail := math.Min(p, 1-p)
	t := upperRoot(tail, startT(tail, df), func(x float64) (float64, float64) {
		return TUpper(x, df), tDensity(x, df)
	})
	return math.Copysign(t, p-0.5)
}

func startT(tail, df float64) float64 {
	z := -NormalQuantile(tail)
	t := z + (z*z*z+z)/(4*df)
	if df < 4 {
		t = math.Max(t, math.Pow(tail, -1/df)*0.5)
	}
	return t
}

func tDensity(t, df float64) float64 {
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	return math.Exp(a-b-(df+1)/2*math.Log1p(t*t/df)) / math.Sqrt(df*math.Pi)
}

// upperRoot finds x > 0 with upper(x) = tail, for a decreasing upper and its
// density, by Newton steps on the logarithm of the tail within a bracket.
func upperRoot(tail, x float64, f func(float64) (upper, density float64)) float64 {
	lo, hi := 0.0, math.Inf(1)
	for range 200 {
		u, d := f(x)
		if u > tail {
			lo = x
		} else {
			hi = x
		}
		next := math.NaN()
		if d > 0 && u > 0 {
			next = x + u/d*math.Log(u/tail)
		}
		if !(next > lo && next < hi) {
			if math.IsInf(hi, 1) {
				next = 2*x + 1
			} else {
				next = (lo + hi) / 2
			}
		}
		if math.Abs(next-x) <= 2e-16*math.Abs(next) {
			return next
		}
		x = next
	}
	return x
}

// FUpper is P(F > f) on d1 and d2 degrees of freedom; d2 = +Inf is the
// chi-squared over d1.
//
//	P = I(d2/(d2+d1·f); d2/2, d1/2)
func FUpper(f, d1, d2 float64) float64 {
	if math.IsInf(d2, 1) {
		return ChiSquaredUpper(f*d1, d1)
	}
	if !(d1 > 0) || !(d2 > 0) || math.IsNaN(f) {
		return math.NaN()
	}
	if f <= 0 {
		return 1
	}
	return betaXY(d2/(d2+d1*f), d1*f/(d2+d1*f), d2/2, d1/2)
}

// FQuantile is the f with P(F ≤ f) = p.
func FQuantile(p, d1, d2 float64) float64 {
	if math.IsInf(d2, 1) {
		return ChiSquaredQuantile(p, d1) / d1
	}
	b := BetaQuantile(p, d1/2, d2/2)
	c := BetaQuantile(1-p, d2/2, d1/2)
	if b < 0.5 {
		return d2 * b / (d1 * (1 - b))
	}
	return d2 * (1 - c) / (d1 * c)
}

// ChiSquaredUpper is P(X > x) on df degrees of freedom.
func ChiSquaredUpper(x, df float64) float64 {
	if !(df > 0) || math.IsNaN(x) {
		return math.NaN()
	}
	if x <= 0 {
		return 1
	}
	if math.IsInf(x, 1) {
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}

// ChiSquaredCDF is P(X ≤ x).
func ChiSquaredCDF(x, df float64) float64 {
	if x <= 0 {
		return 0
	}
	return mathext.GammaIncReg(df/2, x/2)
}

// ChiSquaredQuantile is the x with P(X ≤ x) = p.
func ChiSquaredQuantile(p, df float64) float64 {
	if !(df > 0) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	if p == 0 {
		return 0
	}
	if p == 1 {
		return math.Inf(1)
	}
	lg, _ := math.Lgamma(df / 2)
	density := func(x float64) float64 {
		return math.Exp((df/2-1)*math.Log(x)-x/2-df/2*math.Ln2) / math.Exp(lg)
	}
	// Wilson and Hilferty's cube root, which a Newton step then sharpens.
	z := NormalQuantile(p)
	c := 1 - 2/(9*df) + z*math.Sqrt(2/(9*df))
	x := math.Max(df*c*c*c, 1e-8)
	if p > 0.5 {
		return upperRoot(1-p, x, func(x float64) (float64, float64) {
			return ChiSquaredUpper(x, df), density(x)
		})
	}
	return lowerRoot(p, x, math.Inf(1), func(x float64) float64 { return ChiSquaredCDF(x, df) })
}

// lowerRoot finds x in (0, top) with cdf(x) = p by bisection in the logarithm
// of x, then the secant.
func lowerRoot(p, x, top float64, cdf func(float64) float64) float64 {
	lo, hi := 0.0, top
	for range 2000 {
		if cdf(x) < p {
			lo = x
		} else {
			hi = x
		}
		var next float64
		switch {
		case math.IsInf(hi, 1):
			next = 2 * x
		case lo == 0:
			next = x / 4
			if next == 0 {
				return 0
			}
		case hi > 2*lo:
			next = math.Sqrt(lo * hi)
		default:
			next = (lo + hi) / 2
		}
		if next == x || (lo > 0 && !math.IsInf(hi, 1) && hi-lo <= 2e-16*hi) {
			return next
		}
		x = next
	}
	return x
}
