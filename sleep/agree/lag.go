package agree

import "dvala/sleep"

// Lag is how far a device's epochs lie behind the reference's, and the evidence
// for it.
type Lag struct {
	Epochs int     `json:"epochs"`  // positive: the device's clock is behind, its epochs must come later
	Kappa  float64 `json:"kappa"`   // at that lag
	AtZero float64 `json:"at_zero"` // kappa as the rows stand
	Next   float64 `json:"next"`    // the best kappa at a lag that is not a neighbour of the best
}

// FindLag moves the device's epochs against the reference's by up to most either
// way and gives the lag with the highest kappa; of equals the one nearest to
// none. It is undefined where kappa is at no lag, or where fewer than half of the
// reference's epochs have a partner at all lags.
//
// A lag is believable where kappa at it is clearly above both AtZero and Next: a
// night of little structure has many lags as good as the best.
func FindLag(ref, dev []sleep.Stage, s Scheme, most int) (Lag, bool) {
	kappas := map[int]float64{}
	best, found := 0, false
	for _, lag := range nearestFirst(most) {
		r, d := shifted(ref, dev, lag)
		if 2*len(r) < len(ref) {
			continue
		}
		k, ok := MatrixOf(Pair{Ref: r, Dev: d}, s).Kappa()
		if !ok {
			continue
		}
		kappas[lag] = k
		if !found || k > kappas[best] {
			best, found = lag, true
		}
	}
	if !found {
		return Lag{}, false
	}
	out := Lag{Epochs: best, Kappa: kappas[best], AtZero: kappas[0], Next: -1}
	for lag, k := range kappas {
		if lag < best-1 || lag > best+1 {
			out.Next = max(out.Next, k)
		}
	}
	return out, true
}

// nearestFirst lists 0, 1, −1, 2, −2, …
func nearestFirst(most int) []int {
	out := []int{0}
	for k := 1; k <= most; k++ {
		out = append(out, k, -k)
	}
	return out
}

// Shift gives the pair with the device's epochs moved later by a lag.
func (p Pair) Shift(lag int) Pair {
	p.Ref, p.Dev = shifted(p.Ref, p.Dev, lag)
	return p
}
