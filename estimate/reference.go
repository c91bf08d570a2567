package estimate

import (
	"hash/fnv"
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/missing"
)

// referenceWords says what missing values are taken to have been.
var referenceWords = map[string]string{
	"jump-to-reference": "jump to reference", "copy-reference": "copy reference", "copy-increments": "copy increments in reference",
	"at-random": "missing at random",
}

var referenceStrategy = map[string]missing.Strategy{
	"jump-to-reference": missing.Jump, "copy-reference": missing.Copy, "copy-increments": missing.Increments, "at-random": missing.AtRandom,
}

// trialOf lays the set out for imputation: everybody compared of whom all but
// the outcome is known, at the visits of the model, the comparator being the
// reference.
func (r *run) trialOf(s *set, res *Result) (missing.Trial, []member, error) {
	people := slices.Concat(s.members, s.unseen)
	slices.SortStableFunc(people, func(a, b member) int {
		if a.person.Subject < b.person.Subject {
			return -1
		}
		return b2i(a.person.Subject > b.person.Subject)
	})
	whole := *s
	whole.members = people
	t := missing.Trial{Visits: s.modelVisits()}
	var seen [2]int
	for _, m := range people {
		k := slices.Index(s.arms[:], m.arm())
		t.Arm = append(t.Arm, 1-k)
		t.Y = append(t.Y, m.visits)
		if len(m.visits) > 0 && m.visits[len(m.visits)-1] != nil {
			seen[k]++
		}
	}
	for k, n := range seen {
		if n == 0 {
			return t, nil, fault.New(stats.EmptyGroup, "", "nobody in %s has a value to analyse", r.label(s.arms[k]))
		}
	}
	scratch := Result{}
	cols, err := r.columns(&whole, func(i int) *member { return &people[i] }, len(people), &scratch)
	if err != nil {
		return t, nil, err
	}
	t.Covariates, _ = cols.without("arm")
	return t, people, nil
}

// reference analyses with missing values taken to be as a strategy has them:
// by their conditional means, with the jackknife over people; or by multiple
// imputation and Rubin's rules.
func (r *run) reference(s *set, res *Result, kind, errors string, draws int) error {
	t, people, err := r.trialOf(s, res)
	if err != nil {
		return err
	}
	res.N, res.Rows, res.Dropped = len(people), s.rows(), nil
	what := "Missing values at the visits taken to be as " + referenceWords[kind] + " has them, from a model for repeated measures with an unstructured covariance, then analysis of covariance at the last visit"
	if errors == "rubin" {
		if draws == 0 {
			draws = 100
		}
		o, err := missing.Impute(t, referenceStrategy[kind], draws, 0, r.seed(s), r.level)
		if err != nil {
			return err
		}
		res.take(o.Estimate)
		res.Method = what + ": " + itoa(draws) + " imputations pooled by Rubin's rules, whose variance is information-anchored."
		return nil
	}
	o, err := missing.ConditionalMean(t, referenceStrategy[kind], r.level)
	if err != nil {
		return err
	}
	res.take(o.Estimate)
	res.Method = what + ": conditional means, with the jackknife over people, a frequentist error that grows smaller as more is missing."
	res.Notes = append(res.Notes, itoa(o.Imputed)+" of "+itoa(o.People)+" people have the last visit imputed.")
	return nil
}

// seed is of the estimand's own, so that what is drawn is the same each time.
func (r *run) seed(s *set) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.p.ID + " " + s.estimand.ID)) // a hash does not fail
	return h.Sum64()
}

// tippingSteps is how finely shifts are looked at, each way.
const tippingSteps = 200

// tipping shifts the values imputed in the treatment arm, which at 0 are
// missing at random, and finds where p crosses the level.
func (r *run) tipping(s *set, res *Result, limit *float64) error {
	t, people, err := r.trialOf(s, res)
	if err != nil {
		return err
	}
	o, err := missing.ConditionalMean(t, missing.AtRandom, r.level)
	if err != nil {
		return err
	}
	res.N, res.Dropped = len(people), nil
	tip := &Tipping{Arm: s.arms[0], Crossings: []float64{}}
	for i, y := range t.Y {
		if t.Arm[i] == 1 && y[len(y)-1] == nil {
			tip.Imputed++
		}
	}
	if limit != nil {
		tip.Limit = *limit
	} else {
		tip.Limit = 2 * r.pooledSD(s)
	}
	if !(tip.Limit > 0) {
		return fault.New(stats.Constant, "", "the values do not vary, so there is no scale to shift them by")
	}
	res.take(o.Estimate)
	res.Method = "Missing values taken to be missing at random and then, in " + res.Estimand.Treatment + " alone, shifted by more and more either way: conditional means, with the jackknife over people. The estimate shown is without a shift."
	if tip.Imputed == 0 {
		res.Notes = append(res.Notes, "Nobody in "+res.Estimand.Treatment+" lacks the last visit, so there is nothing to shift.")
	}
	gap := func(d float64) float64 { return math.Abs(o.Delta(d).Stat) - r.twoSidedZ() }
	for k := -5; k <= 5; k++ {
		d := tip.Limit * float64(k) / 5
		e := o.Delta(d)
		tip.Points = append(tip.Points, TippingPoint{d, e.Value, e.Low, e.High, e.P})
	}
	for k := -tippingSteps; k < tippingSteps && tip.Imputed > 0; k++ {
		a, b := tip.Limit*float64(k)/tippingSteps, tip.Limit*float64(k+1)/tippingSteps
		if x, ok := crossing(gap, a, b); ok {
			tip.Crossings = append(tip.Crossings, x)
		}
	}
	res.Tipping = tip
	return nil
}

// crossing finds where a function changes sign between two points.
func crossing(f func(float64) float64, a, b float64) (float64, bool) {
	fa := f(a)
	if (fa > 0) == (f(b) > 0) {
		return 0, false
	}
	for range 100 {
		m := (a + b) / 2
		if (f(m) > 0) == (fa > 0) {
			a = m
		} else {
			b = m
		}
	}
	return (a + b) / 2, true
}

// pooledSD is that of people within a treatment.
func (r *run) pooledSD(s *set) float64 {
	var ss, nu float64
	for _, a := range s.arms {
		if _, sd := meanSD(r.observedValues(s, a)); sd != nil {
			k := float64(len(r.observedValues(s, a)) - 1)
			ss, nu = ss+*sd**sd*k, nu+k
		}
	}
	if nu == 0 {
		return 0
	}
	return math.Sqrt(ss / nu)
}
