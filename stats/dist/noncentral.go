package dist

import "math"

// NoncentralTCDF is P(T ≤ t) for noncentral t with noncentrality ncp:
// T = (Z + ncp)/√(X/df).
//
// For t ≥ 0 the area is Φ(−ncp) plus Poisson-weighted incomplete betas
// (Lenth 1989, AS 243), the two families of weights being summed outwards from
// their largest terms so that a large ncp neither underflows nor loses digits.
// Absolute error below 1e-12 for |ncp| ≤ 37; beyond it the normal tail is 0 or
// 1 to that precision anyway.
func NoncentralTCDF(t, df, ncp float64) float64 {
	if math.IsNaN(t) || math.IsNaN(ncp) || !(df > 0) {
		return math.NaN()
	}
	if ncp == 0 {
		return TCDF(t, df)
	}
	if t < 0 {
		return 1 - ncpPositive(-t, df, -ncp)
	}
	return ncpPositive(t, df, ncp)
}

// ncpPositive is P(T ≤ t) for t ≥ 0.
func ncpPositive(t, df, ncp float64) float64 {
	base := NormalCDF(-ncp)
	if t == 0 {
		return base
	}
	if math.IsInf(df, 1) {
		return NormalCDF(t - ncp)
	}
	x := t * t / (t*t + df)
	y := df / (t*t + df)
	lambda := ncp * ncp / 2
	start := math.Floor(lambda)
	var sum float64
	term := func(j float64) float64 {
		lg1, _ := math.Lgamma(j + 1)
		lg2, _ := math.Lgamma(j + 1.5)
		l := -lambda + j*math.Log(lambda)
		p := math.Exp(l - lg1)
		q := math.Exp(l-lg2) * ncp / math.Sqrt2
		return p*betaXY(x, y, j+0.5, df/2) + q*betaXY(x, y, j+1, df/2)
	}
	for j := start; j < start+5000; j++ {
		v := term(j)
		sum += v
		if j > start+5 && math.Abs(v) < 1e-18 {
			break
		}
	}
	for j := start - 1; j >= 0; j-- {
		v := term(j)
		sum += v
		if start-j > 5 && math.Abs(v) < 1e-18 {
			break
		}
	}
	return math.Min(1, math.Max(0, base+sum/2))
}

// NoncentralChiSquaredCDF is P(X ≤ x) on df degrees of freedom with
// noncentrality ncp: a Poisson(ncp/2) mixture of central chi-squareds.
func NoncentralChiSquaredCDF(x, df, ncp float64) float64 {
	if x <= 0 {
		return 0
	}
	return poissonMix(ncp/2, func(j float64) float64 { return ChiSquaredCDF(x, df+2*j) })
}

// NoncentralFCDF is P(F ≤ f) on d1 and d2 degrees of freedom with
// noncentrality ncp.
func NoncentralFCDF(f, d1, d2, ncp float64) float64 {
	if f <= 0 {
		return 0
	}
	x := d1 * f / (d1*f + d2)
	y := d2 / (d1*f + d2)
	return poissonMix(ncp/2, func(j float64) float64 { return betaXY(x, y, d1/2+j, d2/2) })
}

// poissonMix sums f(j) over Poisson(mean) weights, outwards from the mode.
func poissonMix(mean float64, f func(float64) float64) float64 {
	if mean == 0 {
		return f(0)
	}
	w := func(j float64) float64 {
		lg, _ := math.Lgamma(j + 1)
		return math.Exp(-mean + j*math.Log(mean) - lg)
	}
	mode := math.Floor(mean)
	var sum float64
	for j := mode; j < mode+10000; j++ {
		p := w(j)
		sum += p * f(j)
		if p < 1e-18 {
			break
		}
	}
	for j := mode - 1; j >= 0; j-- {
		p := w(j)
		sum += p * f(j)
		if p < 1e-18 {
			break
		}
	}
	return sum
}

// NoncentralTInterval is the interval of noncentralities for which t is inside
// the central 1−2·tail area: the ncp at which P(T ≤ t) is 1−tail, and at which
// it is tail.
func NoncentralTInterval(t, df, tail float64) (low, high float64) {
	find := func(p float64) float64 {
		// The CDF falls as ncp rises.
		lo, hi := t-1, t+1
		for NoncentralTCDF(t, df, lo) < p {
			lo = t - 2*(t-lo)
		}
		for NoncentralTCDF(t, df, hi) > p {
			hi = t + 2*(hi-t)
		}
		return decreasingRoot(func(l float64) float64 { return NoncentralTCDF(t, df, l) - p }, lo, hi)
	}
	return find(1 - tail), find(tail)
}

// decreasingRoot finds the zero of a decreasing f between lo and hi by the
// Illinois form of regula falsi, to the last bits.
func decreasingRoot(f func(float64) float64, lo, hi float64) float64 {
	flo, fhi := f(lo), f(hi)
	side := 0
	for range 200 {
		if hi-lo <= 1e-14*math.Max(1, math.Abs(lo)) {
			break
		}
		x := (lo*fhi - hi*flo) / (fhi - flo)
		if !(x > lo && x < hi) {
			x = (lo + hi) / 2
		}
		fx := f(x)
		switch {
		case fx == 0:
			return x
		case fx > 0:
			lo, flo = x, fx
			if side == 1 {
				fhi /= 2
			}
			side = 1
		default:
			hi, fhi = x, fx
			if side == -1 {
				flo /= 2
			}
			side = -1
		}
	}
	return (lo + hi) / 2
}
