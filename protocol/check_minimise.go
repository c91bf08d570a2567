package protocol

import "slices"

// How minimisation measures the imbalance of a factor.
const (
	Range    = "range"
	Variance = "variance"
)

// preferUnlessSaid is the chance of the arm that balances best.
const preferUnlessSaid = 0.8

// Minimises says whether arms are drawn by minimisation, for which the custodian's
// program has to answer each request.
func (c Checked) Minimises() bool { return c.c.p.Randomisation.Method == Minimisation }

// WeightOr1 gives the weight that a factor has in minimisation.
func (s Stratum) WeightOr1() int { return max(s.Weight, 1) }

// pools gives the strata that the list is divided by: all of them, but under
// minimisation the site alone, whose kits are packed apart.
func pools(r *Randomisation) []Stratum {
	if r.Method != Minimisation {
		return r.Strata
	}
	return slices.DeleteFunc(slices.Clone(r.Strata), func(s Stratum) bool { return s.Name != siteStratum })
}

// minimise checks how arms are drawn by minimisation, and fills in what is not said.
func (k *checker) minimise(r *Randomisation) {
	if r.Minimise == nil {
		r.Minimise = &Minimise{}
	}
	m := r.Minimise
	if m.Prefer == 0 && !k.misshapen("randomisation.minimise.prefer") {
		m.Prefer = preferUnlessSaid
	}
	if m.Imbalance == "" && !k.misshapen("randomisation.minimise.imbalance") {
		m.Imbalance = Range
	}
	if k.p.Design.Kind == NOf1 {
		k.add("method-misfit", "randomisation.method", "one person is not balanced against others").WithHint("use permuted-blocks, or within-cycles")
	}
	if len(r.Blocks) > 0 {
		k.add("method-misfit", "randomisation.blocks", "minimisation has no blocks").WithHint("take the line out")
	}
	if len(r.Strata) == 0 {
		k.add("minimise-factors", "randomisation.strata", "minimisation balances over factors, and there are none").WithHint("name the two to five that matter most to the outcome")
	}
	k.coin(m)
	k.slots(r)
}

// coin checks the chance of the arm that balances best.
func (k *checker) coin(m *Minimise) {
	const place = "randomisation.minimise.prefer"
	sum, least, multiple := 0, 0, 1
	for _, a := range (Checked{k.checked}).Assignments() {
		if a.Ratio < 1 {
			return // named already
		}
		if sum += a.Ratio; least == 0 || a.Ratio < least {
			least = a.Ratio
		}
		if multiple = common(multiple, a.Ratio); multiple > maxMultiple {
			k.add("arm-ratio", "arms", "minimisation compares counts divided by the ratios, which must be of small numbers").WithHint("as 3:2")
			return
		}
	}
	switch share := float64(least) / float64(max(sum, 1)); {
	case m.Prefer < share:
		k.add("minimise-prefer", place, "%g is less than the share of %.3g that an arm has without minimisation", m.Prefer, share).WithHint("0.7 to 0.9 is usual")
	case m.Prefer == 1:
		k.warn("minimise-prefer", place, "no chance is left, so whoever knows who came before knows who gets what next").WithHint("0.8 leaves enough, and balances almost as well")
	}
}

// maxMultiple bounds the least common multiple of the ratios.
const maxMultiple = 60

func common(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// unminimised refuses what only minimisation reads.
func (k *checker) unminimised(r *Randomisation) {
	if r.Minimise != nil {
		k.add("method-misfit", "randomisation.minimise", "only minimisation reads this").WithHint("write method: minimisation, or take it out")
	}
	for i, s := range r.Strata {
		if s.Weight != 0 {
			k.add("method-misfit", at("randomisation.strata", i)+".weight", "only minimisation weighs its factors").WithHint("take the line out")
		}
	}
}
