package eeg

import (
	"math"

	"dvala/signal"
)

// CouplingParams says how sigma is measured against slow waves.
type CouplingParams struct {
	Low, High float64 // Hz; of sigma
	Seconds   float64 // looked at on each side of the trough
	P         float64 // a vector length less significant than this counts as 0; 1 keeps all
}

// DefaultCoupling gives YASA's values.
func DefaultCoupling() *CouplingParams {
	return &CouplingParams{Low: 12, High: 16, Seconds: 1, P: 0.05}
}

// Coupling is how the power of sigma lies on one slow wave.
type Coupling struct {
	SigmaPeakS float64 `json:"sigma_peak_s"` // where sigma is largest
	PhaseRad   float64 `json:"phase_rad"`    // of the slow wave there: 0 at its peak, ±π at its trough
	Strength   float64 `json:"strength"`     // normalised direct phase–amplitude coupling, 0 … 1
}

// sigmaWidth is the transition of the filter of sigma on both sides, in Hz.
const sigmaWidth = 1.5

// couple tells each wave its coupling; waves too near the ends have none.
//
// With A the amplitude of sigma within ±Seconds of the trough, scaled to mean 0
// and standard deviation 1, φ the phase of the slow wave and n samples,
//
//	strength = |Σ A·e^(iφ)|/n,   0 if |Σ A·e^(iφ)|² ≤ 2n·erf⁻¹(1−P)².
//
// Source: Özkurt 2012, doi:10.1109/TBME.2012.2194783.
func couple(x []float64, rate float64, slow signal.FIR, p CouplingParams, waves []SlowWave, troughs []int) error {
	sigma, err := signal.Bandpass(rate, p.Low, p.High, sigmaWidth, sigmaWidth)
	if err != nil {
		return err
	}
	reach := int(p.Seconds * rate)
	near := make([]bool, len(x))
	for _, t := range troughs {
		for i := max(t-reach, 0); i < min(t+reach+1, len(x)); i++ {
			near[i] = true
		}
	}
	// Half a minute apart is cheaper to filter through than to begin again.
	ranges := signal.Runs(near, int(5*rate))
	phase, amplitude := make([]complex128, len(x)), make([]complex128, len(x))
	signal.AnalyticRanges(x, ranges, int(10*rate), []signal.FIR{slow}, [][]complex128{phase})
	signal.AnalyticRanges(x, ranges, int(2*rate), []signal.FIR{sigma}, [][]complex128{amplitude})
	n := 2*reach + 1
	envelope := make([]float64, n)
	limit := 2 * float64(n) * math.Pow(math.Erfinv(1-p.P), 2)
	for k, t := range troughs {
		if t < reach || t+reach >= len(x) {
			continue
		}
		mean, best := 0.0, 0
		for i := range envelope {
			a := amplitude[t-reach+i]
			envelope[i] = math.Hypot(real(a), imag(a))
			mean += envelope[i] / float64(n)
			if envelope[i] > envelope[best] {
				best = i
			}
		}
		squares := 0.0
		var sum complex128
		for i, e := range envelope {
			squares += (e - mean) * (e - mean)
			z := phase[t-reach+i]
			if h := math.Hypot(real(z), imag(z)); h > 0 {
				sum += z * complex((e-mean)/h, 0)
			}
		}
		c := Coupling{SigmaPeakS: float64(t-reach+best) / rate}
		z := phase[t-reach+best]
		c.PhaseRad = math.Atan2(imag(z), real(z))
		if squares > 0 {
			length := math.Hypot(real(sum), imag(sum)) / math.Sqrt(squares/float64(n-1))
			if p.P >= 1 || length*length > limit {
				c.Strength = length / float64(n)
			}
		}
		waves[k].Coupling = &c
	}
	return nil
}

// PhaseSummary is where on the slow waves sigma prefers to be.
type PhaseSummary struct {
	N         int     `json:"n"`
	MeanRad   float64 `json:"mean_rad"`
	VectorLen float64 `json:"mean_vector_length"` // 0 anywhere alike, 1 always at one phase
	RayleighP float64 `json:"rayleigh_p"`
}

// Phases summarises angles: the mean direction, the length R of the mean
// vector, and the p-value of Rayleigh's test that there is no preference,
//
//	p = exp( √(1 + 4n + 4(n² − (nR)²)) − (1 + 2n) ).
//
// ok is false without angles. Source: Zar 1999, equations 27.2 to 27.4;
// Fisher 1993.
func Phases(rad []float64) (s PhaseSummary, ok bool) {
	if len(rad) == 0 {
		return s, false
	}
	re, im, n := 0.0, 0.0, float64(len(rad))
	for _, a := range rad {
		re += math.Cos(a)
		im += math.Sin(a)
	}
	s.N, s.MeanRad, s.VectorLen = len(rad), math.Atan2(im, re), min(math.Hypot(re, im)/n, 1)
	r := n * s.VectorLen
	s.RayleighP = min(math.Exp(math.Sqrt(1+4*n+4*(n*n-r*r))-(1+2*n)), 1)
	return s, true
}
