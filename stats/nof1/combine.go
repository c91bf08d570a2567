package nof1

import (
	"slices"
	"strconv"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/meta"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// Person is one participant of a series of trials of one.
type Person struct {
	Name   string
	Nights []Night
}

// One is a person's effect alone, and in the company of the others.
type One struct {
	Name   string       `json:"name"`
	Fit    Fit          `json:"fit"`
	Shrunk *meta.Shrunk `json:"shrunk,omitempty"`
	Belief *meta.Belief `json:"belief,omitempty"` // with a prior
}

// Left is a person whose nights gave no effect, and why.
type Left struct {
	Name  string `json:"name"`
	Why   string `json:"why"`
	Fault error  `json:"-"` // the same, for programs
}

// Together is the two-stage analysis of several people.
type Together struct {
	People    []One           `json:"people"`
	Left      []Left          `json:"left,omitempty"`
	Mean      meta.Result     `json:"mean"`
	Posterior *meta.Posterior `json:"posterior,omitempty"`
}

// Combine fits each person alone and combines the effects, by likelihood and,
// if a prior is given, by Bayes's rule. People without an estimable effect are
// left out by name and with the reason, never in silence.
//
// Each person's squared standard error enters as a known variance. With few
// nights per person it is not, and OneStage is the better model.
//
// Faults: those of meta.Combine, about the effects that could be estimated.
func Combine(people []Person, o Options, m meta.Options, prior *meta.Prior) (Together, error) {
	if m.Level == 0 {
		m.Level = o.Level
	}
	level, err := stats.CheckLevel(m.Level)
	if err != nil {
		return Together{}, err
	}
	m.Level = level
	var t Together
	var y, v []float64
	for _, p := range people {
		f, err := Individual(p.Nights, o)
		if err != nil {
			t.Left = append(t.Left, Left{Name: p.Name, Why: err.Error(), Fault: err})
			continue
		}
		t.People = append(t.People, One{Name: p.Name, Fit: f})
		y, v = append(y, f.Effect.Value), append(v, f.Effect.SE*f.Effect.SE)
	}
	if t.Mean, err = meta.Combine(y, v, m); err != nil {
		return t, err
	}
	for i := range t.Mean.Shrunk {
		t.People[i].Shrunk = &t.Mean.Shrunk[i]
	}
	if prior == nil {
		return t, nil
	}
	p, err := meta.NormalNormal(y, v, *prior, level)
	if err != nil {
		return t, err
	}
	t.Posterior = &p
	for i := range p.Theta {
		t.People[i].Belief = &p.Theta[i]
	}
	return t, nil
}

// OneStage fits all nights of all people at once: a mean effect, and for each
// person a level and an effect of their own.
//
//	y = β₀ + β₁·a + time + λ·carry + u₀ + u₁·a + e,  a = ½ on active nights and −½ on others
//
// so that u₀ is a person's level over both conditions. Blocks are then shared
// levels, block 2 being the same time for all; with Serial, nights of a person
// correlate as φʰ. The fit's coefficient "active" is the mean effect and its
// Predicted the people's.
//
// Faults: those of lmm.Random, and stats-argument for a name that occurs twice.
func OneStage(people []Person, o Options, method reml.Method) (*lmm.Fit, error) {
	if o.Errors == NeweyWest {
		return nil, fault.New(stats.BadArgument, "errors", "Newey and West's errors are for one person; use Serial or Independent")
	}
	var c columns
	var who []int
	seen := map[string]bool{}
	for _, p := range people {
		if seen[p.Name] {
			return nil, fault.New(stats.BadArgument, "people", "%q occurs twice", p.Name)
		}
		seen[p.Name] = true
		if len(p.Nights) > 0 {
			c.add(p.Nights, o.Carry)
			for range p.Nights {
				who = append(who, c.people)
			}
			c.people++
		}
	}
	d, err := c.design(o)
	if err != nil {
		return nil, err
	}
	l := lmm.Options{Slopes: []lmm.Slope{{Name: "active", X: c.active}}, Method: method, Level: o.Level}
	if o.Errors == Serial {
		l.Nights = c.day
	}
	return lmm.Random(d, c.y, who, l)
}

// columns of all people's nights.
type columns struct {
	y, active, day, carry []float64
	block                 []string
	people                int
}

func (c *columns) add(nights []Night, carry int) {
	v := slices.Clone(nights)
	slices.SortStableFunc(v, func(a, b Night) int { return a.Day - b.Day })
	for _, n := range v {
		c.y, c.active, c.day = append(c.y, n.Y), append(c.active, truth(n.Active)-0.5), append(c.day, float64(n.Day))
		c.block = append(c.block, strconv.Itoa(n.Block))
	}
	c.carry = append(c.carry, carried(v, carry)...)
}

func (c *columns) design(o Options) (*terms.Design, error) {
	vars := []terms.Variable{terms.Numeric("active", c.active)}
	names := []string{"active"}
	if o.Time == Blocks && len(slices.Compact(slices.Sorted(slices.Values(c.block)))) > 1 {
		vars, names = append(vars, terms.FactorOf("block", c.block)), append(names, "block")
	}
	if o.Time == Trend {
		vars, names = append(vars, terms.Numeric("day", c.day)), append(names, "day")
	}
	if o.Carry > 0 {
		vars, names = append(vars, terms.Numeric("carry", c.carry)), append(names, "carry")
	}
	return terms.Build(vars, names...)
}
