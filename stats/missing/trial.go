package missing

import (
	"fmt"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/linear"
	"dvala/stats/mmrm"
	"dvala/stats/terms"
)

// Trial is a two-arm trial with visits, one entry per person.
type Trial struct {
	Y          [][]*float64     // outcome at each visit; nil where missing
	Arm        []int            // 0 the reference, 1 the active arm
	Visits     []string         // in order of time; the last is the one analysed
	Covariates []terms.Variable // of people, all observed
}

// Strategy says what a person's missing outcomes are taken to have been, from
// the first visit after the last one seen. Gaps before that are always missing
// at random.
type Strategy string

// The strategies. Jump, Copy and Increments change the active arm only, since
// the reference arm is its own reference; Carried changes both.
const (
	AtRandom   Strategy = "MAR"
	Jump       Strategy = "J2R"  // from then on the mean of the reference
	Copy       Strategy = "CR"   // as if in the reference arm all along
	Increments Strategy = "CIR"  // own mean so far, then the reference's changes
	Carried    Strategy = "LMCF" // the mean stays where it was
)

// String gives the strategy in words.
func (s Strategy) String() string {
	return map[Strategy]string{
		AtRandom: "missing at random", Jump: "jump to reference", Copy: "copy reference",
		Increments: "copy increments in reference", Carried: "last mean carried forward",
	}[s]
}

// full is a trial laid out by person and visit.
type full struct {
	t      Trial
	n, m   int
	x      *terms.Design // of every person at every visit
	asRef  dense.Matrix  // the same, everybody in the reference arm
	ancova *terms.Design // of people, for the final visit
}

// Names of the columns that are added to the covariates.
const (
	armName   = "arm"
	visitName = "visit"
)

func layOut(t Trial) (*full, error) {
	f := &full{t: t, n: len(t.Y), m: len(t.Visits)}
	if len(t.Arm) != f.n || f.n == 0 || f.m == 0 {
		return nil, fault.New(stats.Lengths, "", "%d people, %d arms, %d visits", f.n, len(t.Arm), f.m)
	}
	var person []int
	var arms, visits, armOf []string
	for i, row := range t.Y {
		if len(row) != f.m {
			return nil, fault.New(stats.Lengths, "", "person %d has %d outcomes for %d visits", i+1, len(row), f.m)
		}
		if t.Arm[i] != 0 && t.Arm[i] != 1 {
			return nil, fault.New(stats.BadArgument, armName, "person %d has the arm %d, not 0 or 1", i+1, t.Arm[i])
		}
		armOf = append(armOf, fmt.Sprint(t.Arm[i]))
		for v, y := range row {
			if y != nil && (math.IsNaN(*y) || math.IsInf(*y, 0)) {
				return nil, fault.New(stats.NotFinite, t.Visits[v], "person %d has the outcome %v", i+1, *y).WithHint("a missing outcome is nil")
			}
			person, arms, visits = append(person, i), append(arms, fmt.Sprint(t.Arm[i])), append(visits, t.Visits[v])
		}
	}
	var long, wide []terms.Variable
	var names []string
	for _, c := range t.Covariates {
		if c.Len() != f.n {
			return nil, fault.New(stats.Lengths, c.Name(), "has %d rows for %d people", c.Len(), f.n)
		}
		long, wide, names = append(long, c.Take(person)), append(wide, c), append(names, c.Name())
	}
	long = append(long, terms.Factor(armName, arms, "0", "1"))
	wide = append(wide, terms.Factor(armName, armOf, "0", "1"))
	model := append(append([]string(nil), names...), armName)
	var err error
	if f.ancova, err = terms.Build(wide, append([]string{armName}, names...)...); err != nil {
		return nil, err
	}
	if f.m > 1 {
		long = append(long, terms.Factor(visitName, visits, t.Visits...))
		model = append(model, visitName, armName+":"+visitName)
	}
	if f.x, err = terms.Build(long, model...); err != nil {
		return nil, err
	}
	f.asRef, err = f.x.Rows(terms.At{armName: "0"})
	return f, err
}

// fitted is a model of what was seen: means of everybody at every visit, under
// the own arm and under the reference, and the covariance between visits.
type fitted struct {
	own, ref []float64
	sigma    dense.Matrix
}

// fit fits the MMRM to the people given, who may repeat.
func (f *full) fit(people []int) (*fitted, error) {
	in := mmrm.Rows{Visits: f.t.Visits}
	var rows []int
	next := 0
	for _, i := range people {
		seen := false
		for v, y := range f.t.Y[i] {
			if y == nil {
				continue
			}
			rows = append(rows, i*f.m+v)
			in.Y, in.Person, in.Visit = append(in.Y, *y), append(in.Person, next), append(in.Visit, v)
			seen = true
		}
		if seen {
			next++
		}
	}
	x := dense.New(len(rows), f.x.X.C)
	for k, r := range rows {
		copy(x.Row(k), f.x.X.Row(r))
	}
	fit, err := mmrm.Repeated(&terms.Design{X: x, Columns: f.x.Columns}, in, mmrm.Options{})
	if err != nil {
		return nil, err
	}
	beta := make([]float64, len(fit.Coefficients))
	for j, c := range fit.Coefficients {
		beta[j] = c.Value
	}
	return &fitted{own: f.x.X.MulVec(beta), ref: f.asRef.MulVec(beta), sigma: fit.Sigma[0]}, nil
}

// condition gives, for one person under a strategy, which visits are missing,
// their mean given what was seen, and the Cholesky factor of their covariance.
func (f *full) condition(z *fitted, i int, s Strategy) (missing []int, mean []float64, l dense.Matrix, err error) {
	var seen []int
	for v, y := range f.t.Y[i] {
		if y == nil {
			missing = append(missing, v)
		} else {
			seen = append(seen, v)
		}
	}
	if len(missing) == 0 {
		return nil, nil, l, nil
	}
	last := -1
	if len(seen) > 0 {
		last = seen[len(seen)-1]
	}
	mu, err := f.marginal(z, i, last, s)
	if err != nil {
		return nil, nil, l, err
	}
	k := len(seen)
	so, sm := dense.New(k, k), dense.New(len(missing), k)
	res := make([]float64, k)
	for a, v := range seen {
		res[a] = *f.t.Y[i][v] - mu[v]
		for b, w := range seen {
			so.Set(a, b, z.sigma.At(v, w))
		}
	}
	for a, v := range missing {
		for b, w := range seen {
			sm.Set(a, b, z.sigma.At(v, w))
		}
	}
	cov := dense.New(len(missing), len(missing))
	for a, v := range missing {
		for b, w := range missing {
			cov.Set(a, b, z.sigma.At(v, w))
		}
	}
	for _, v := range missing {
		mean = append(mean, mu[v])
	}
	if k > 0 {
		inv, ok := dense.Inverse(so)
		if !ok {
			return nil, nil, l, fault.New(stats.NotEstimable, "", "the covariance of the visits is singular")
		}
		h := sm.Mul(inv)
		for a, d := range h.MulVec(res) {
			mean[a] += d
		}
		cov.AddScaled(-1, h.Mul(sm.T()))
	}
	cov.Symmetrise()
	l, _, ok := dense.Cholesky(cov, 1e-12)
	if !ok {
		return nil, nil, l, fault.New(stats.NotEstimable, "", "the covariance of the missing visits is singular")
	}
	return missing, mean, l, nil
}

// marginal gives a person's means at all visits under a strategy, last being
// the last visit seen (−1 for none).
func (f *full) marginal(z *fitted, i, last int, s Strategy) ([]float64, error) {
	mu := append([]float64(nil), z.own[i*f.m:(i+1)*f.m]...)
	ref := z.ref[i*f.m : (i+1)*f.m]
	active := f.t.Arm[i] == 1 && last+1 < f.m
	switch s {
	case AtRandom:
	case Jump:
		if active {
			copy(mu[last+1:], ref[last+1:])
		}
	case Copy:
		if active {
			copy(mu, ref)
		}
	case Increments:
		if active {
			shift := 0.0
			if last >= 0 {
				shift = mu[last] - ref[last]
			}
			for v := last + 1; v < f.m; v++ {
				mu[v] = ref[v] + shift
			}
		}
	case Carried:
		if last >= 0 {
			for v := last + 1; v < f.m; v++ {
				mu[v] = mu[last]
			}
		}
	default:
		return nil, fault.New(stats.UnknownName, "strategy", "%q is no strategy", string(s)).WithHint("one of MAR, J2R, CR, CIR, LMCF")
	}
	return mu, nil
}

// final analyses completed outcomes of the last visit by ANCOVA over the people
// given.
func (f *full) final(people []int, y []float64) (*linear.Fit, error) {
	x := dense.New(len(people), f.ancova.X.C)
	v := make([]float64, len(people))
	for k, i := range people {
		copy(x.Row(k), f.ancova.X.Row(i))
		v[k] = y[i]
	}
	return linear.Ordinary(&terms.Design{X: x, Columns: f.ancova.Columns}, v, linear.Options{})
}

// effectColumn is that of the arm, which stands behind the intercept.
const effectColumn = 1
