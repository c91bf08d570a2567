package dist

import "math"

// BetaCDF is the regularised incomplete beta function I(x; a, b).
//
// Evaluated as a continued fraction (modified Lentz) on the side where it
// converges fast; the factor before it is formed from Stirling remainders
// rather than from differences of large log-gammas, so the relative error stays
// near 1e-14 for parameters in the hundreds of thousands and for areas down to
// the smallest floats.
func BetaCDF(x, a, b float64) float64 {
	switch {
	case math.IsNaN(x) || !(a > 0) || !(b > 0):
		return math.NaN()
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	}
	return betaXY(x, 1-x, a, b)
}

// betaXY is I(x; a, b) where 1−x is known as y, possibly to more digits. The
// side is chosen by the mean and not by which of x and y is small: a small
// area is always computed as one.
func betaXY(x, y, a, b float64) float64 {
	if x <= 0 || y <= 0 {
		if x <= 0 {
			return 0
		}
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - betaTail(y, x, b, a)
	}
	return betaTail(x, y, a, b)
}

// betaTail is I(x; a, b) where x is below the mean.
func betaTail(x, y, a, b float64) float64 {
	front := math.Exp(logBetaKernel(x, y, a, b)) / a
	return front * betaFraction(x, a, b)
}

// logBetaKernel is log{x^a·y^b / B(a, b)}, y = 1−x.
//
// With a and b large the three log-gammas nearly cancel; Loader's deviance form
// avoids that.
func logBetaKernel(x, y, a, b float64) float64 {
	n := a + b
	if math.Min(a, b) < 3 {
		la, _ := math.Lgamma(a)
		lb, _ := math.Lgamma(b)
		ln, _ := math.Lgamma(n)
		if math.Max(a, b) > 50 {
			// log Γ(n) − log Γ(big) for a small difference, without cancellation.
			big, small := math.Max(a, b), math.Min(a, b)
			ls, _ := math.Lgamma(small)
			return a*logOf(x, y) + b*logOf(y, x) - ls + logGammaRatio(big, small)
		}
		return a*logOf(x, y) + b*logOf(y, x) + ln - la - lb
	}
	return -deviance(a, n*x) - deviance(b, n*y) +
		stirling(n) - stirling(a) - stirling(b) +
		0.5*math.Log(a*b/(2*math.Pi*n))
}

// logOf is log x, with y = 1−x, from whichever is the smaller.
func logOf(x, y float64) float64 {
	if y < 0.5 {
		return math.Log1p(-y)
	}
	return math.Log(x)
}

// logGammaRatio is log Γ(big+small) − log Γ(big).
func logGammaRatio(big, small float64) float64 {
	n := big + small
	return (big-0.5)*math.Log1p(small/big) + small*math.Log(n) - small + stirling(n) - stirling(big)
}

// deviance is x·log(x/m) + m − x, exact to the last bits when x is near m.
func deviance(x, m float64) float64 {
	d := (x - m) / (x + m)
	if math.Abs(d) < 0.1 {
		// Loader 2000: a series in d whose leading term is the square.
		s := (x - m) * d
		e := 2 * x * d
		for j := 1.0; j < 1000; j++ {
			e *= d * d
			t := s + e/(2*j+1)
			if t == s {
				return t
			}
			s = t
		}
	}
	return x*math.Log(x/m) + m - x
}

// stirling is log Γ(z) − {(z−½)·log z − z + ½·log 2π}.
func stirling(z float64) float64 {
	if z < 16 {
		// Γ(z) from Γ(z+k): the recurrence keeps the series in its good range.
		var shift float64
		w := z
		for w < 16 {
			shift += math.Log(w)
			w++
		}
		lg := (w-0.5)*math.Log(w) - w + stirlingSeries(w) - shift
		return lg - ((z-0.5)*math.Log(z) - z)
	}
	return stirlingSeries(z)
}

func stirlingSeries(z float64) float64 {
	i := 1 / (z * z)
	return (1.0/12 - i*(1.0/360-i*(1.0/1260-i*(1.0/1680-i*(1.0/1188-i*(691.0/360360-i/156)))))) / z
}

// betaFraction is the continued fraction of the incomplete beta function.
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	c := 1.0
	d := 1 - (a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	h := d
	for m := 1.0; m <= 100000; m++ {
		step := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = lentz(step, d, c)
		h *= d * c
		step = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = lentz(step, d, c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return h
}

func lentz(step, d, c float64) (float64, float64) {
	const tiny = 1e-300
	d = 1 + step*d
	if math.Abs(d) < tiny {
		d = tiny
	}
	c = 1 + step/c
	if math.Abs(c) < tiny {
		c = tiny
	}
	return 1 / d, c
}

// BetaQuantile is the x with I(x; a, b) = p.
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case !(a > 0) || !(b > 0) || !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return 0
	case p == 1:
		return 1
	}
	mean := a / (a + b)
	if p > BetaCDF(mean, a, b) {
		// Above the mean the complement is the better conditioned.
		return 1 - lowerRoot(1-p, 1-mean, 1, func(y float64) float64 { return BetaCDF(y, b, a) })
	}
	return lowerRoot(p, mean, 1, func(x float64) float64 { return BetaCDF(x, a, b) })
}
