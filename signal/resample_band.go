package signal

import (
	"math"

	"dvala/fault"
)

// Attenuation of what would fold onto the band of Resampler, and the shape of
// the Kaiser window that gives it (Kaiser 1974; Oppenheim & Schafer, equations
// 7.75 and 7.76).
const (
	bandStopDB = 120
	bandBeta   = 0.1102 * (bandStopDB - 8.7)
)

// Resampler changes the rate of a signal of which only a low band is wanted.
type Resampler struct {
	up, down, reach int
	phases          [][]float64
}

// ResamplerTo makes one that keeps 0 … high Hz; what is above may fold, though
// not onto that band. It takes the fewer taps the lower the band:
//
//	edge L/2, transition Δ = L − 2·high, reach (A − 7.95)/(28.72·Δ) s, β = 0.1102·(A − 8.7)
//
// L being the lower of the two rates and A = 120 dB the attenuation of one image.
// What the images leave together, and the departure from 1 within the band, stay
// below 100 dB (TestResamplerKeepsItsBand). A band
// that leaves less than a fifth of L between itself and its image is refused:
// it is the business of ResampleTo.
func ResamplerTo(from, to, high float64) (Resampler, error) {
	up, down, ok := ratio(to, from)
	if !ok {
		return Resampler{}, noRatio(from, to)
	}
	lower := math.Min(from, to)
	width := lower - 2*high
	if !(high >= 0) || width < lower/5 {
		return Resampler{}, fault.New("resample-band", "", "no band up to %g Hz of %g samples per second", high, lower).
			WithHint("two fifths of the lower rate at most")
	}
	fine := from * float64(up)
	span := (bandStopDB - 7.95) / (28.72 * width) * fine
	r := Resampler{up: up, down: down}
	r.phases, r.reach = polyphase(up, lower/fine, span, bandBeta)
	return r, nil
}

// Len is how many samples n become.
func (r Resampler) Len(n int) int { return resampled(n, r.up, r.down) }

// Resample fills the ranges of y, which is as long as Len says; outside them y
// stays as it was.
func (r Resampler) Resample(y, x []float64, ranges []Range) {
	for _, g := range ranges {
		from := max(g.From, 0)
		resample(y[from:min(g.To, len(y))], x, r.up, r.down, r.phases, r.reach, from)
	}
}
