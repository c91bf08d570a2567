package heart

import "math"

// Lomb gives the power spectral density of values at uneven times, at the
// frequencies 1/T, 2/T, … up to highest, T being the time from the first to
// the last value plus one mean interval:
//
//	S(f) = 2·(T/n)·½·{ [Σ y·cos 2πf(t−τ)]²/Σ cos² + [Σ y·sin 2πf(t−τ)]²/Σ sin² }
//	tan 4πfτ = Σ sin 4πft / Σ cos 4πft
//
// y are the values less their least-squares line. Beats are not laid on an even
// grid first, so nothing is made up between them.
//
//	t  seconds, rising; len(t) = len(v) ≥ 4
//	S  unit² per Hz, one-sided: Σ S/T over all frequencies is the variance
//
// Source: Lomb 1976, doi:10.1007/BF00648343; Scargle 1982, doi:10.1086/160554.
func Lomb(t, v []float64, highest float64) (step float64, density []float64) {
	n := len(t)
	if n < 4 || t[n-1] <= t[0] {
		return 0, nil
	}
	span := (t[n-1] - t[0]) * float64(n) / float64(n-1)
	step = 1 / span
	y := level(t, v)
	for k := 1; float64(k)*step <= highest; k++ {
		w := 2 * math.Pi * float64(k) * step
		s2, c2 := 0.0, 0.0
		for _, x := range t {
			s, c := math.Sincos(2 * w * (x - t[0]))
			s2, c2 = s2+s, c2+c
		}
		tau := math.Atan2(s2, c2) / (2 * w)
		yc, ys, cc, ss := 0.0, 0.0, 0.0, 0.0
		for i, x := range t {
			s, c := math.Sincos(w * (x - t[0] - tau))
			yc, ys, cc, ss = yc+y[i]*c, ys+y[i]*s, cc+c*c, ss+s*s
		}
		p := 0.0
		if cc > 0 {
			p += yc * yc / cc
		}
		if ss > 0 {
			p += ys * ys / ss
		}
		density = append(density, p*span/float64(n))
	}
	return step, density
}

// level takes the least-squares line off.
func level(t, v []float64) []float64 {
	n := float64(len(t))
	mt, mv, tv, tt := 0.0, 0.0, 0.0, 0.0
	for i := range t {
		mt, mv = mt+t[i]/n, mv+v[i]/n
	}
	for i := range t {
		tv, tt = tv+(t[i]-mt)*(v[i]-mv), tt+(t[i]-mt)*(t[i]-mt)
	}
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] - mv - tv/tt*(t[i]-mt)
	}
	return out
}

// lombBands gives the power in the low and the high band.
func lombBands(t, v []float64) (lf, hf float64) {
	step, s := Lomb(t, v, 0.4)
	for i, p := range s {
		switch f := float64(i+1) * step; {
		case f >= 0.04 && f < 0.15:
			lf += p * step
		case f >= 0.15:
			hf += p * step
		}
	}
	return lf, hf
}
