package missing

import (
	"math"
	"math/rand/v2"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Reference is a difference at the last visit with missing outcomes taken to be
// their conditional means under a strategy.
type Reference struct {
	stats.Estimate
	Strategy Strategy
	People   int
	Imputed  int         // people whose last visit was imputed
	Means    [][]float64 // the completed outcomes

	sens  float64   // change of the estimate per unit of delta
	jack  []float64 // estimates without each person
	jsens []float64
}

// ConditionalMean imputes each missing outcome once by its conditional mean
// under the strategy, analyses the last visit by ANCOVA on arm and covariates,
// and takes the standard error from the jackknife over people, every part of the
// analysis being done again without each (Wolbers 2022). The same data give the
// same answer: there is no random number in it.
//
// For strategies other than AtRandom this error is the frequentist one: it
// shrinks as more is missing, because what replaces the missing is not in doubt
// under the assumption. Impute with Rubin's rules is the information-anchored
// alternative; a report names which it shows.
func ConditionalMean(t Trial, s Strategy, level float64) (Reference, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Reference{}, err
	}
	f, err := layOut(t)
	if err != nil {
		return Reference{}, err
	}
	if f.n < 8 {
		return Reference{}, fault.New(stats.TooFew, "", "%d people are too few for a jackknife", f.n)
	}
	all := make([]int, f.n)
	for i := range all {
		all[i] = i
	}
	o := Reference{Strategy: s, People: f.n}
	est, sens, means, err := f.conditional(all, s)
	if err != nil {
		return Reference{}, err
	}
	o.Means, o.sens = means, sens
	for _, row := range t.Y {
		if row[f.m-1] == nil {
			o.Imputed++
		}
	}
	without := make([]int, 0, f.n)
	for i := range f.n {
		without = append(append(without[:0], all[:i]...), all[i+1:]...)
		e, d, _, err := f.conditional(without, s)
		if err != nil {
			return Reference{}, fault.Wrap(fault.CodeOf(err), "jackknife", err).WithHint("without one of the people the model cannot be fitted; simplify it")
		}
		o.jack, o.jsens = append(o.jack, e), append(o.jsens, d)
	}
	o.Estimate = stats.Z(s.String(), est, o.error(0), level)
	return o, nil
}

// conditional gives the estimate, its change per unit of delta, and the
// completed outcomes.
func (f *full) conditional(people []int, s Strategy) (est, sens float64, means [][]float64, err error) {
	z, err := f.fit(people)
	if err != nil {
		return 0, 0, nil, err
	}
	last, shifted := make([]float64, f.n), make([]float64, f.n)
	for _, i := range people {
		row := make([]float64, f.m)
		for v, y := range f.t.Y[i] {
			if y != nil {
				row[v] = *y
			}
		}
		missing, mean, _, err := f.condition(z, i, s)
		if err != nil {
			return 0, 0, nil, err
		}
		for k, v := range missing {
			row[v] = mean[k]
		}
		means = append(means, row)
		last[i] = row[f.m-1]
		shifted[i] = last[i]
		if f.t.Arm[i] == 1 && f.t.Y[i][f.m-1] == nil {
			shifted[i]++
		}
	}
	a, err := f.final(people, last)
	if err != nil {
		return 0, 0, nil, err
	}
	b, err := f.final(people, shifted)
	if err != nil {
		return 0, 0, nil, err
	}
	est = a.Coefficients[effectColumn].Value
	return est, b.Coefficients[effectColumn].Value - est, means, nil
}

// error is the jackknife standard error with delta added to what was imputed in
// the active arm.
func (o Reference) error(delta float64) float64 {
	n := float64(len(o.jack))
	var mean, ss float64
	for i := range o.jack {
		mean += (o.jack[i] + delta*o.jsens[i]) / n
	}
	for i := range o.jack {
		d := o.jack[i] + delta*o.jsens[i] - mean
		ss += d * d
	}
	return math.Sqrt((n - 1) / n * ss)
}

// Delta gives the estimate when every imputed last outcome of the active arm is
// delta higher than the strategy has it.
func (o Reference) Delta(delta float64) stats.Estimate {
	return stats.Z(o.Name, o.Value+delta*o.sens, o.error(delta), o.Level)
}

// Tipping finds the delta nearest zero, in the direction that weakens the
// effect, at which p rises to 1 − level. ok is false when the effect is not
// there to begin with, or nothing in the active arm was imputed, or no delta up
// to the given limit tips it.
func (o Reference) Tipping(limit float64) (delta float64, ok bool) {
	alpha := 1 - o.Level
	if o.P >= alpha || !(math.Abs(o.sens) > 1e-12) || !(limit > 0) {
		return 0, false
	}
	z := dist.NormalQuantile(1 - alpha/2)
	gap := func(d float64) float64 {
		e := o.Delta(d)
		return math.Abs(e.Stat) - z
	}
	sign := -math.Copysign(1, o.Value*o.sens)
	const steps = 1000
	lo := 0.0
	for k := 1; k <= steps; k++ {
		hi := sign * limit * float64(k) / steps
		if gap(hi) > 0 {
			lo = hi
			continue
		}
		for range 200 {
			m := (lo + hi) / 2
			if gap(m) > 0 {
				lo = m
			} else {
				hi = m
			}
		}
		return hi, true
	}
	return 0, false
}

// Imputation is multiple imputation pooled by Rubin's rules.
type Imputation struct {
	Pooled
	Strategy Strategy
	Seed     uint64
}

// Impute draws complete data sets and pools their ANCOVAs at the last visit. For
// each, the model is fitted to a bootstrap of the people within arms, which
// stands for a draw from its posterior, and the missing are drawn from their
// conditional distribution under the strategy.
//
//	delta  added to imputed last outcomes of the active arm
//
// For reference-based strategies Rubin's variance is information-anchored: the
// share of information lost to missing data is about what it is at random
// (Cro 2019).
func Impute(t Trial, s Strategy, imputations int, delta float64, seed uint64, level float64) (Imputation, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Imputation{}, err
	}
	if imputations < 2 {
		return Imputation{}, fault.New(stats.BadArgument, "imputations", "%d cannot be pooled", imputations)
	}
	f, err := layOut(t)
	if err != nil {
		return Imputation{}, err
	}
	all := make([]int, f.n)
	var arms [2][]int
	for i := range all {
		all[i] = i
		arms[t.Arm[i]] = append(arms[t.Arm[i]], i)
	}
	var q, u []float64
	var df float64
	for b := range imputations {
		r := rand.New(rand.NewPCG(seed, uint64(b)+1))
		z, err := f.bootstrapped(r, arms)
		if err != nil {
			return Imputation{}, err
		}
		last := make([]float64, f.n)
		for i := range f.n {
			if y := t.Y[i][f.m-1]; y != nil {
				last[i] = *y
				continue
			}
			missing, mean, l, err := f.condition(z, i, s)
			if err != nil {
				return Imputation{}, err
			}
			k := len(missing) - 1 // the last visit
			e := make([]float64, len(missing))
			for j := range e {
				e[j] = r.NormFloat64()
			}
			last[i] = mean[k]
			for j := range k + 1 {
				last[i] += l.At(k, j) * e[j]
			}
			if t.Arm[i] == 1 {
				last[i] += delta
			}
		}
		a, err := f.final(all, last)
		if err != nil {
			return Imputation{}, err
		}
		c := a.Coefficients[effectColumn]
		q, u, df = append(q, c.Value), append(u, c.SE*c.SE), a.DF
	}
	p, err := Rubin(s.String(), q, u, df, level)
	return Imputation{p, s, seed}, err
}

// bootstrapped fits to resampled people; a resample in which the model cannot
// be fitted (a stratum left out by chance) is drawn again, up to twenty times.
func (f *full) bootstrapped(r *rand.Rand, arms [2][]int) (z *fitted, err error) {
	for range 20 {
		var people []int
		for _, m := range arms {
			for range m {
				people = append(people, m[r.IntN(len(m))])
			}
		}
		if z, err = f.fit(people); err == nil {
			return z, nil
		}
	}
	return nil, err
}
