package design

import (
	"math/bits"
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

// CodeMinimise is the code of what cannot be minimised.
const CodeMinimise fault.Code = "design-minimise"

// Factor is what the arms are balanced over.
type Factor struct {
	Name   string
	Levels []string
	Weight int // from 1
}

// Minimisation is how a person's arm is drawn from those of the people before
// her who are alike her in the factors (Pocock and Simon 1975), with a biased coin
// that keeps unequal ratios (Han, Enas and McEntegart 2009). It is born of
// MinimisationOf or NewMinimisation.
type Minimisation struct {
	options  []Option
	factors  []Factor
	scale    []int64 // by option: the least common multiple of the ratios over its ratio
	lean     float64 // chance that the coin decides at all
	variance bool
	sum      int // of the ratios
}

// MinimisationOf gives that of a protocol, whose method it must be.
func MinimisationOf(c protocol.Checked) (Minimisation, error) {
	r := c.Protocol().Randomisation
	if r.Method != protocol.Minimisation || r.Minimise == nil {
		return Minimisation{}, fault.New(CodeMinimise, "randomisation.method", "the protocol does not minimise")
	}
	var options []Option
	for _, a := range c.Assignments() {
		options = append(options, Option{ID: a.ID, Ratio: a.Ratio})
	}
	var factors []Factor
	for _, s := range r.Strata {
		factors = append(factors, Factor{s.Name, s.Levels, s.WeightOr1()})
	}
	return NewMinimisation(options, factors, r.Minimise.Prefer, r.Minimise.Imbalance == protocol.Variance)
}

// maxScale is the largest least common multiple of the ratios: with it sums stay
// whole numbers of 64 bits, and so the same on every machine.
const maxScale = 60

// NewMinimisation gives one from its parts. Prefer is the chance with which an arm
// of the smallest ratio is drawn when it is the one that balances best; the others
// are then drawn in the ratio that they have. Variance measures a factor's imbalance
// by the variance of the arms' counts, instead of by their range.
func NewMinimisation(options []Option, factors []Factor, prefer float64, variance bool) (Minimisation, error) {
	m := Minimisation{options: slices.Clone(options), factors: slices.Clone(factors), variance: variance}
	if len(options) < 2 || len(factors) == 0 {
		return m, fault.New(CodeMinimise, "randomisation", "wants two arms and one factor at least")
	}
	least, multiple := options[0].Ratio, 1
	for _, o := range options {
		if o.Ratio < 1 {
			return m, fault.New(CodeMinimise, "arms", "%s has the ratio %d", o.ID, o.Ratio)
		}
		if multiple = lcm(multiple, o.Ratio); multiple > maxScale {
			return m, fault.New(CodeMinimise, "arms", "counts of arms in these ratios are not compared exactly").
				WithHint("use ratios of small numbers, as 3:2")
		}
		least, m.sum = min(least, o.Ratio), m.sum+o.Ratio
	}
	for _, o := range options {
		m.scale = append(m.scale, int64(multiple/o.Ratio))
	}
	for _, f := range factors {
		if f.Weight < 1 || len(f.Levels) == 0 {
			return m, fault.New(CodeMinimise, f.Name, "has the weight %d and %d levels", f.Weight, len(f.Levels))
		}
	}
	m.lean = 1 - float64(float64(m.sum)*(1-prefer))/float64(m.sum-least)
	if prefer > 1 || m.lean < -1e-9 {
		return m, fault.New(CodeMinimise, "randomisation.minimise.prefer", "%g is less than the share that an arm has anyway, or more than 1", prefer)
	}
	m.lean = max(m.lean, 0) // the share itself, but for rounding
	return m, nil
}

func lcm(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// Options gives what is drawn, in the protocol's order.
func (m Minimisation) Options() []Option { return slices.Clone(m.options) }

// Index gives the place of each factor's level among its levels.
func (m Minimisation) Index(levels []string) ([]int, error) {
	if len(levels) != len(m.factors) {
		return nil, fault.New(CodeMinimise, "levels", "there are %d for %d factors", len(levels), len(m.factors))
	}
	out := make([]int, len(levels))
	for i, l := range levels {
		if out[i] = slices.Index(m.factors[i].Levels, l); out[i] < 0 {
			return nil, fault.New(CodeMinimise, "levels", "%.60q is no level of %s", l, m.factors[i].Name)
		}
	}
	return out, nil
}

// Counts is who has which option so far, by factor and level. It is born of Begin.
type Counts struct {
	m  *Minimisation
	of [][][]int64 // factor, level, option
	g  []int64     // room for imbalances
}

// Begin gives the counts of nobody.
func (m *Minimisation) Begin() *Counts {
	c := &Counts{m: m, g: make([]int64, len(m.options))}
	for _, f := range m.factors {
		levels := make([][]int64, len(f.Levels))
		for l := range levels {
			levels[l] = make([]int64, len(m.options))
		}
		c.of = append(c.of, levels)
	}
	return c
}

// Add counts a person of these levels, who was given an option.
func (c *Counts) Add(levels []int, option int) {
	for i, l := range levels {
		c.of[i][l][option]++
	}
}

// Imbalance gives for each option the total imbalance that there would be if the
// next person, of these levels, were given it: the sum over the factors of weight
// times range (or variance) of the counts of those at her level, each count divided
// by its option's ratio. It is in whole numbers, a common multiple of that: of the
// range by the ratios' least common multiple, of the variance by its square and the
// square of the number of options. What is given out is used again.
func (c *Counts) Imbalance(levels []int) []int64 {
	for t := range c.g {
		c.g[t] = 0
		for i, l := range levels {
			c.g[t] += int64(c.m.factors[i].Weight) * c.spread(c.of[i][l], t)
		}
	}
	return c.g
}

// spread gives the range of scaled counts with one more of an option, or their
// number squared times their variance.
func (c *Counts) spread(counts []int64, more int) int64 {
	var low, high, sum, squares int64
	for k, n := range counts {
		if k == more {
			n++
		}
		n *= c.m.scale[k]
		if k == 0 {
			low, high = n, n
		}
		low, high = min(low, n), max(high, n)
		sum, squares = sum+n, squares+n*n
	}
	if !c.m.variance {
		return high - low
	}
	return int64(len(counts))*squares - sum*sum
}

// Chances gives the chance of each option for the next person of these levels.
func (c *Counts) Chances(levels []int) []float64 {
	best, among := c.best(levels)
	out := make([]float64, len(c.m.options))
	for k, o := range c.m.options {
		out[k] = (1 - c.m.lean) * float64(o.Ratio) / float64(c.m.sum)
		if best[k] {
			out[k] += c.m.lean * float64(o.Ratio) / float64(among)
		}
	}
	return out
}

// best marks the options of least imbalance, and adds up their ratios.
func (c *Counts) best(levels []int) (is []bool, ratios int) {
	g := c.Imbalance(levels)
	least := slices.Min(g)
	is = make([]bool, len(g))
	for k := range g {
		if is[k] = g[k] == least; is[k] {
			ratios += c.m.options[k].Ratio
		}
	}
	return is, ratios
}

// Chance is one person's share of chance: whether the coin decides, and two lots.
type Chance struct{ Coin, Best, Any uint64 }

// Draw draws an option for the next person of these levels: with the chance that
// the coin has, one of those of least imbalance, in their ratio; else one of all,
// in theirs. It does not count her.
func (c *Counts) Draw(levels []int, u Chance) int {
	// Of the coin 53 bits are used, which a float64 holds exactly.
	if float64(u.Coin>>11)/(1<<53) < c.m.lean {
		best, among := c.best(levels)
		return c.m.lot(u.Best, among, func(k int) bool { return best[k] })
	}
	return c.m.lot(u.Any, c.m.sum, func(int) bool { return true })
}

// lot draws one of some options in their ratio.
func (m *Minimisation) lot(u uint64, ratios int, among func(int) bool) int {
	at, _ := bits.Mul64(u, uint64(ratios))
	for k, o := range m.options {
		if !among(k) {
			continue
		}
		if at < uint64(o.Ratio) {
			return k
		}
		at -= uint64(o.Ratio)
	}
	return len(m.options) - 1 // not reached: what was added up is above at
}
