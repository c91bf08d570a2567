// Package stats is the statistics of a trial: models and tests that take slices
// and give values, and know nothing of arms, visits or protocols.
//
// What each room holds:
//
//	dist       tails and quantiles
//	terms      named columns and factors to a model matrix; LS-mean rows
//	dense      small dense linear algebra
//	linear     least squares, ANCOVA, robust errors
//	reml       what every Gaussian likelihood shares: Newton's method,
//	           Satterthwaite, Kenward–Roger
//	lmm        mixed models of repeated nights
//	mmrm       repeated visits with a structured covariance
//	crossover  paired and two-period comparisons
//	effect     standardised differences
//	multiple   several tests at once
//	summary    what a first table shows
//
// Two things hold everywhere. A result carries what it rests on: how many rows
// and people, which degrees of freedom, whether the fit converged. And input
// that cannot give an answer (a constant outcome, an empty group, a column that
// repeats another, too few people, a NaN) is a fault with a code, never a
// number that looks right.
package stats

import (
	"math"

	"dvala/fault"
	"dvala/stats/dist"
)

// Codes of the faults of statistical input. They mean the same in every room
// below this one.
const (
	NotFinite     fault.Code = "stats-not-finite"     // a NaN or an infinity among the data
	Lengths       fault.Code = "stats-lengths"        // columns of unequal length
	TooFew        fault.Code = "stats-too-few"        // no degrees of freedom left
	Constant      fault.Code = "stats-constant"       // the outcome, or what is left of it, does not vary
	Collinear     fault.Code = "stats-collinear"      // a column is a combination of others
	EmptyGroup    fault.Code = "stats-empty-group"    // a group or level without data
	UnknownName   fault.Code = "stats-unknown-name"   // a term, factor or level that was not given
	BadArgument   fault.Code = "stats-argument"       // a level outside (0, 1), weights that do not sum to 1, …
	NoConvergence fault.Code = "stats-no-convergence" // the optimiser stopped without a maximum
	NotEstimable  fault.Code = "stats-not-estimable"  // the data cannot tell the quantity asked for
)

// Estimate is one quantity with its uncertainty.
type Estimate struct {
	Name  string   `json:"name,omitempty"`
	Value float64  `json:"estimate"`
	SE    float64  `json:"se"`
	DF    *float64 `json:"df,omitempty"` // of the t distribution; absent where the normal is used
	Low   float64  `json:"low"`
	High  float64  `json:"high"`
	Level float64  `json:"level"` // of the interval, such as 0.95
	Stat  float64  `json:"stat"`  // Value/SE: t, or z where DF is absent
	P     float64  `json:"p"`     // two-sided, against zero
}

// T makes an estimate whose reference is Student's t on df degrees of freedom.
func T(name string, value, se, df, level float64) Estimate {
	e := Estimate{Name: name, Value: value, SE: se, DF: &df, Level: level, Stat: value / se}
	half := dist.TQuantile(0.5+level/2, df) * se
	e.Low, e.High = value-half, value+half
	e.P = dist.TTwoSided(e.Stat, df)
	return e
}

// Z makes an estimate whose reference is the normal.
func Z(name string, value, se, level float64) Estimate {
	e := Estimate{Name: name, Value: value, SE: se, Level: level, Stat: value / se}
	half := dist.NormalQuantile(0.5+level/2) * se
	e.Low, e.High = value-half, value+half
	e.P = dist.NormalTwoSided(e.Stat)
	return e
}

// Joint is a test of several contrasts at once.
type Joint struct {
	Name string  `json:"name,omitempty"`
	F    float64 `json:"f"`
	DF1  float64 `json:"df1"`
	DF2  float64 `json:"df2"`
	P    float64 `json:"p"`
}

// FTest makes a joint test from its F and degrees of freedom.
func FTest(name string, f, df1, df2 float64) Joint {
	return Joint{Name: name, F: f, DF1: df1, DF2: df2, P: dist.FUpper(f, df1, df2)}
}

// Finite reports the first value of x that is not a finite number, under the
// name given, counting rows from 1.
func Finite(name string, x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fault.New(NotFinite, name, "row %d is %v, which is not a finite number", i+1, v).
				WithHint("leave out the rows with missing values, and say how many")
		}
	}
	return nil
}

// CheckLevel refuses an interval level outside (0, 1) and gives 0.95 for 0.
func CheckLevel(level float64) (float64, error) {
	if level == 0 {
		return 0.95, nil
	}
	if !(level > 0 && level < 1) {
		return 0, fault.New(BadArgument, "level", "%v is not between 0 and 1", level).WithHint("write 0.95 for a 95 %% interval")
	}
	return level, nil
}
