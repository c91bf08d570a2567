package estimate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/stats/resample"
	"dvala/study"
)

// dummyMinimised draws everybody's arm by minimisation from an open seed, in the order
// in which places were asked for.
func dummyMinimised(c protocol.Checked, s *study.State, rng *rand.Rand) (Allocation, error) {
	m, err := design.MinimisationOf(c)
	if err != nil {
		return Allocation{}, err
	}
	out, counts, options := Allocation{Of: map[study.Subject]string{}, Dummy: true}, m.Begin(), m.Options()
	for _, t := range s.Allocations() {
		if t.Slot == nil {
			continue
		}
		levels, err := m.Index(t.Levels)
		if err != nil {
			return Allocation{}, err
		}
		k := counts.Draw(levels, design.ChanceFrom(rng))
		counts.Add(levels, k)
		out.Of[t.Subject] = options[k].ID
	}
	return out, nil
}

// reminimise draws arms anew by minimisation, for the same people in the same order,
// and gives those of the set: 1 for the group named.
func (r *run) reminimise(member map[string]int, group string) (resample.Allocate, error) {
	m, err := design.MinimisationOf(r.checked)
	if err != nil {
		return nil, err
	}
	option := slices.IndexFunc(m.Options(), func(o design.Option) bool { return o.ID == group })
	people := slices.Clone(r.data.People)
	slices.SortStableFunc(people, func(a, b Person) int { return cmp.Compare(a.Order, b.Order) })
	levels, at := make([][]int, len(people)), make([]int, len(people))
	for k, p := range people {
		if p.Order == 0 {
			return nil, orderUnknown()
		}
		var of []string
		for _, f := range r.p.Randomisation.Strata {
			of = append(of, p.Strata[f.Name])
		}
		if levels[k], err = m.Index(of); err != nil {
			return nil, fault.New("order-unknown", "", "a level of the factors is not in the data for some people")
		}
		at[k] = -1
		if i, ok := member[p.Subject]; ok {
			at[k] = i
		}
	}
	return func(g *rand.Rand, arm []int) {
		counts := m.Begin()
		for k, of := range levels {
			drawn := counts.Draw(of, design.ChanceFrom(g))
			counts.Add(of, drawn)
			if at[k] >= 0 {
				arm[at[k]] = b2i(drawn == option)
			}
		}
	}, nil
}

func orderUnknown() error {
	return fault.New("order-unknown", "", "the order in which people were randomised is not in the data, so lists cannot be drawn for it")
}

// minimisedTold says how arms were drawn by minimisation.
func minimisedTold(p protocol.Protocol, factors []string) string {
	r := p.Randomisation
	out := fmt.Sprintf(" Arms are drawn by minimisation over %s, with a chance of %g for the arm that leaves the least total imbalance", list(factors), r.Minimise.Prefer)
	if r.Minimise.Imbalance == protocol.Variance {
		out += ": the variance of the arms’ counts at the person’s level, divided by the ratio, summed over the factors"
	} else {
		out += ": the range of the arms’ counts at the person’s level, divided by the ratio, summed over the factors"
	}
	for _, s := range r.Strata {
		if s.WeightOr1() != 1 {
			out += " with their weights"
			break
		}
	}
	return out + "."
}
