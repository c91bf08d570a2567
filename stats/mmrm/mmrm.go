// Package mmrm fits the mixed model for repeated measures: fixed effects of a
// design, and a covariance between a person's visits that is left free or given
// a structure.
//
//	y_i ~ N(X_i·β, Σ[visits seen, visits seen])
//
// Estimation is by REML or maximum likelihood with Newton's method on exact
// derivatives, from sums per pattern of visits, so that the cost does not
// depend on the number of people. See doc/methods/mmrm.md.
package mmrm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// Rows is the data beside the design, one entry per row with an outcome.
type Rows struct {
	Y      []float64
	Person []int    // codes 0 … people−1, in any order
	Visit  []int    // indices into Visits
	Visits []string // in order of time
	Group  []int    // optional: indices into Groups, the same for all rows of a person
	Groups []string // optional: each group has a covariance of its own
}

// Options of a fit. The zero value is an unstructured covariance by REML, with
// Satterthwaite's degrees of freedom and 95 % intervals.
type Options struct {
	Structure Structure
	ML        bool
	Level     float64
	Method    reml.Method
}

// Fit is a fitted model.
type Fit struct {
	reml.Effects
	Structure    Structure
	Sigma        []dense.Matrix // covariance of the visits, one per group
	Parameters   int            // of the covariance
	LogLik       float64        // REML without the log|X'X| term, as in SAS and mmrm
	AIC, BIC     float64        // counting covariance parameters only, and log(people), as SAS does
	REML         bool
	Rows, People int
	Patterns     int // of visits seen
	Converged    bool
	History      []reml.Step

	inf   reml.Inference
	state *state
}

// Repeated fits the model. Rows without an outcome are left out before.
//
// A fit that did not converge is a fault, and the Fit is given beside it for
// its History; see Ladder for what to try next.
//
// Faults: stats-lengths, stats-not-finite, stats-constant, stats-collinear (an
// arm that is empty at a visit shows as one), stats-too-few, stats-not-estimable
// (two visits at which nobody was seen together), stats-no-convergence.
func Repeated(d *terms.Design, in Rows, o Options) (*Fit, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return nil, err
	}
	if o.Structure == "" {
		o.Structure = Unstructured
	}
	form, err := o.Structure.form(len(in.Visits))
	if err != nil {
		return nil, err
	}
	if o.ML && o.Method != reml.Satterthwaite {
		return nil, fault.New(stats.BadArgument, "", "Kenward–Roger is defined for REML fits only")
	}
	group, people, groups, err := in.check(d)
	if err != nil {
		return nil, err
	}
	g, err := gather(d, in, group, people, groups)
	if err != nil {
		return nil, err
	}
	for c := range groups {
		if err := form.identifiable(g.together[c], in.Visits); err != nil {
			return nil, err
		}
	}
	w := &working{g: g, form: form, reml: !o.ML}
	opt := reml.Newton(w.objective, w.start())
	f := &Fit{
		Structure: o.Structure, REML: !o.ML, Rows: g.rows, People: people, Patterns: len(g.patterns),
		Parameters: form.params() * groups, Converged: opt.Converged, History: opt.History,
	}
	if !opt.Converged {
		return f, fault.New(stats.NoConvergence, "", "no maximum after %d iterations with a covariance that is %s: %s", len(opt.History), o.Structure, opt.Reason).
			WithHint("the data may not support so many parameters; the plan should name a simpler structure to fall back to")
	}
	if err := f.fill(w, opt, level); err != nil {
		return f, err
	}
	f.Effects, err = reml.NewEffects(d, f.inf, o.Method)
	return f, err
}

// check gives the group of each person.
func (in Rows) check(d *terms.Design) (group []int, people, groups int, err error) {
	n := d.X.R
	if len(in.Y) != n || len(in.Person) != n || len(in.Visit) != n || (in.Group != nil && len(in.Group) != n) {
		return nil, 0, 0, fault.New(stats.Lengths, "", "the columns have not the %d rows of the design", n)
	}
	if err := stats.Finite("outcome", in.Y); err != nil {
		return nil, 0, 0, err
	}
	groups = max(1, len(in.Groups))
	seen := make([]bool, len(in.Visits))
	for i, k := range in.Person {
		if k < 0 || k >= n {
			return nil, 0, 0, fault.New(stats.BadArgument, "person", "row %d has the code %d", i+1, k)
		}
		people = max(people, k+1)
		if v := in.Visit[i]; v < 0 || v >= len(in.Visits) {
			return nil, 0, 0, fault.New(stats.UnknownName, "visit", "row %d has the visit %d of %d", i+1, v, len(in.Visits))
		}
		seen[in.Visit[i]] = true
	}
	for v, ok := range seen {
		if !ok {
			return nil, 0, 0, fault.New(stats.EmptyGroup, in.Visits[v], "nobody has an outcome at the visit")
		}
	}
	group = make([]int, people)
	for k := range group {
		group[k] = -1
	}
	for i, k := range in.Person {
		c := 0
		if in.Group != nil {
			c = in.Group[i]
		}
		if c < 0 || c >= groups || (group[k] >= 0 && group[k] != c) {
			return nil, 0, 0, fault.New(stats.BadArgument, "group", "row %d has the group %d, which is unknown or not that person's other one", i+1, c)
		}
		group[k] = c
	}
	for k, c := range group {
		if c < 0 {
			return nil, 0, 0, fault.New(stats.EmptyGroup, "person", "the code %d has no rows", k).WithHint("number people without gaps")
		}
	}
	return group, people, groups, in.enough(d, people)
}

// enough refuses fewer people than there are coefficients between them.
func (in Rows) enough(d *terms.Design, people int) error {
	between := 0
	first := make([]int, people)
	for i := len(in.Person) - 1; i >= 0; i-- {
		first[in.Person[i]] = i
	}
	for j := range d.X.C {
		constant := true
		for i, k := range in.Person {
			if d.X.At(i, j) != d.X.At(first[k], j) {
				constant = false
				break
			}
		}
		if constant {
			between++
		}
	}
	if people <= between || d.X.R <= d.X.C {
		return fault.New(stats.TooFew, "", "%d people with %d outcomes cannot support %d coefficients and a covariance", people, d.X.R, d.X.C)
	}
	return nil
}

// Attempt is one rung of a ladder.
type Attempt struct {
	Structure Structure
	Err       error // nil for the one that stands
	History   []reml.Step
}

// DefaultLadder is the order of fallback when a plan names none.
var DefaultLadder = []Structure{
	Unstructured, HeterogeneousToeplitz, HeterogeneousAR1, HeterogeneousCS, AR1, CompoundSymmetry,
}

// Ladder tries structures in order until one converges, and tells what came of
// each. It goes on only where fewer parameters may help: a fault of the data
// itself ends it at once.
func Ladder(d *terms.Design, in Rows, o Options, ladder ...Structure) (*Fit, []Attempt, error) {
	if len(ladder) == 0 {
		ladder = DefaultLadder
	}
	var tried []Attempt
	var last error
	for _, s := range ladder {
		o.Structure = s
		f, err := Repeated(d, in, o)
		a := Attempt{Structure: s, Err: err}
		if f != nil {
			a.History = f.History
		}
		tried = append(tried, a)
		if err == nil {
			return f, tried, nil
		}
		last = err
		if c := fault.CodeOf(err); c != stats.NoConvergence && c != stats.NotEstimable {
			break
		}
	}
	return nil, tried, last
}

// correlation of two visits in a group's covariance.
func correlation(s dense.Matrix, i, j int) float64 {
	return s.At(i, j) / math.Sqrt(s.At(i, i)*s.At(j, j))
}

// Correlations gives the correlation matrix of a group's visits.
func (f *Fit) Correlations(group int) dense.Matrix {
	s := f.Sigma[group]
	out := dense.New(s.R, s.C)
	for i := range s.R {
		for j := range s.C {
			out.Set(i, j, correlation(s, i, j))
		}
	}
	return out
}
