// Package meta combines several estimates of one quantity, each with its
// variance: trials of one treatment, or the effects of one treatment in several
// people who each tried it alone (package nof1).
//
//	y_i = θ_i + e_i,  e_i ~ N(0, v_i),  θ_i ~ N(μ, τ²),  v_i known
//
// Combine gives the mean μ and the spread τ² in the frequentist way;
// NormalNormal gives their posterior under a prior that is stated. See
// doc/methods/meta.md.
package meta

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Spread says how τ² is estimated.
type Spread uint8

// The zero value is REML.
const (
	REML             Spread = iota
	DerSimonianLaird        // moments, one step
	PauleMandel             // the τ² at which Q equals its degrees of freedom
	ML                      // biased downwards with few estimates
	Common                  // τ² is 0 by assumption: one effect, the same for all
)

// String gives the method's name as it stands in a report.
func (s Spread) String() string {
	switch s {
	case DerSimonianLaird:
		return "DerSimonian–Laird"
	case PauleMandel:
		return "Paule–Mandel"
	case ML:
		return "maximum likelihood"
	case Common:
		return "common effect"
	}
	return "REML"
}

// Errors says how the standard error of the mean is made.
type Errors uint8

// The zero value is Knapp and Hartung's, which keeps its level with few
// estimates; Normal takes τ² as if it were known.
const (
	KnappHartung        Errors = iota // t on k−1 degrees of freedom, variance scaled by what the estimates show
	KnappHartungAtLeast               // the same, the scale being held at 1 or more
	Normal
)

// Options of Combine. The zero value is REML with Knapp–Hartung and 95 %.
type Options struct {
	Spread Spread
	Errors Errors
	Level  float64
}

// Shrunk is the prediction of one θ_i: its own estimate drawn towards the mean.
type Shrunk struct {
	Value float64 `json:"estimate"`
	SE    float64 `json:"se"`
	Own   float64 `json:"own"` // weight of its own estimate, τ²/(τ²+v)
}

// Result of a combination.
type Result struct {
	Mean   stats.Estimate `json:"mean"`
	Spread string         `json:"spread"` // how τ² was estimated
	Tau2   float64        `json:"tau2"`
	// Tau2SE is absent for a common effect.
	Tau2SE *float64 `json:"tau2_se,omitempty"`
	Q      float64  `json:"q"` // Cochran's, with its test of τ² = 0
	QDF    float64  `json:"q_df"`
	QP     float64  `json:"q_p"`
	I2     float64  `json:"i2"` // per cent of the variation that is between θ's
	H2     float64  `json:"h2"`
	// Predicted is where the next θ lies with the level's probability, τ²
	// taken as known; absent for a common effect.
	Predicted *[2]float64 `json:"predicted,omitempty"`
	Shrunk    []Shrunk    `json:"shrunk,omitempty"`
	K         int         `json:"k"`
}

// Combine estimates μ and τ².
//
//	w_i = 1/(v_i+τ²),  μ̂ = Σw·y/Σw,  se² = 1/Σw
//	Knapp–Hartung:  se² = Σw(y−μ̂)²/((k−1)·Σw), on k−1 degrees of freedom
//
//	y, v  estimates and their variances, k ≥ 2 of them, in the same order
//
// Invariants (TestInvariants): the order of the estimates changes nothing; to
// add a constant moves μ̂ and no more; to multiply by c multiplies τ² by c².
//
// Faults: stats-lengths, stats-not-finite, stats-too-few, stats-argument (a
// variance that is not above 0), stats-constant (equal estimates under
// Knapp–Hartung).
func Combine(y, v []float64, o Options) (Result, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return Result{}, err
	}
	if err := check(y, v); err != nil {
		return Result{}, err
	}
	if len(y) < 2 {
		return Result{}, fault.New(stats.TooFew, "", "%d estimate: to combine takes two or more", len(y))
	}
	s := newScaled(y, v)
	k := float64(len(y))
	tau2 := s.tau2(o.Spread)
	at, null := s.at(tau2), s.at(0)
	unit := s.unit
	r := Result{
		Spread: o.Spread.String(), Tau2: tau2 * unit * unit, K: len(y),
		Q: null.q, QDF: k - 1, QP: dist.ChiSquaredUpper(null.q, k-1),
	}
	r.heterogeneity(tau2, null, o.Spread)
	if se, ok := s.tau2SE(o.Spread, tau2); ok {
		se *= unit * unit
		r.Tau2SE = &se
	}
	variance := 1 / at.w1
	crit := dist.NormalQuantile(0.5 + level/2)
	if o.Errors != Normal {
		scale := at.q / (k - 1)
		if o.Errors == KnappHartungAtLeast {
			scale = math.Max(scale, 1)
		} else if !(scale > 1e-26) {
			return Result{}, fault.New(stats.Constant, "estimates", "all estimates are the same, so they show no spread to take a standard error from").
				WithHint("use the normal reference, or hold the scale at 1 or more")
		}
		variance *= scale
		crit = dist.TQuantile(0.5+level/2, k-1)
	}
	mu, se := s.shift+at.mu*unit, math.Sqrt(variance)*unit
	if o.Errors == Normal {
		r.Mean = stats.Z("mean effect", mu, se, level)
	} else {
		r.Mean = stats.T("mean effect", mu, se, k-1, level)
	}
	if o.Spread != Common {
		half := crit * math.Sqrt(se*se+r.Tau2)
		r.Predicted = &[2]float64{mu - half, mu + half}
		for i := range y {
			l := v[i] / (v[i] + r.Tau2)
			r.Shrunk = append(r.Shrunk, Shrunk{
				Value: l*mu + (1-l)*y[i], SE: math.Sqrt(l*l*se*se + (1-l)*v[i]), Own: 1 - l,
			})
		}
	}
	return r, nil
}

// heterogeneity sets I² and H² by Higgins's typical variance, (k−1)/tr(P) at
// τ² = 0; for a common effect from Q itself.
func (r *Result) heterogeneity(tau2 float64, null moments, s Spread) {
	if s == Common {
		r.H2 = r.Q / r.QDF
		if r.Q > 0 {
			r.I2 = 100 * math.Max(0, (r.Q-r.QDF)/r.Q)
		}
		return
	}
	typical := r.QDF / null.trace()
	r.I2 = 100 * tau2 / (typical + tau2)
	r.H2 = tau2/typical + 1
}

func check(y, v []float64) error {
	if len(y) != len(v) {
		return fault.New(stats.Lengths, "variances", "%d variances for %d estimates", len(v), len(y))
	}
	if err := stats.Finite("estimates", y); err != nil {
		return err
	}
	if err := stats.Finite("variances", v); err != nil {
		return err
	}
	for i, x := range v {
		if !(x > 0) {
			return fault.New(stats.BadArgument, "variances", "variance %d is %v, and must be above 0", i+1, x)
		}
	}
	// Variances and squares of estimates must hold in a number, as must their
	// sums and inverses.
	for i := range y {
		if math.Abs(y[i]) > 1e140 || v[i] > 1e280 || v[i] < 1e-280 {
			return fault.New(stats.NotFinite, "estimates", "estimate %d is %.3g with a variance of %.3g: too large or small to square", i+1, y[i], v[i]).
				WithHint("use another unit")
		}
	}
	return nil
}
