package estimate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/resample"
	"dvala/stats/terms"
)

// drawsUnlessSaid is how many lists a re-randomisation test draws.
const drawsUnlessSaid = 9999

// rerandomise asks how often a list drawn anew, by the trial's own strata and
// blocks, for the same people in the same order, gives a difference at least as
// far from zero. The statistic is the coefficient of the arm in the analysis of
// covariance; in a crossover, of the order in half the difference between
// periods. It has a p-value and no interval.
func (r *run) rerandomise(s *set, res *Result, draws int) error {
	s = s.seenAtEnd()
	res.N, res.Rows = len(s.members), len(s.members)
	if draws == 0 {
		draws = drawsUnlessSaid
	}
	first := r.groups[0]
	if r.parallel() {
		first = s.arms[0]
	} else if r.arm(first, 1) != s.arms[0] {
		first = r.groups[1]
	}
	allocate, err := r.allocator(s, first)
	if err != nil {
		return err
	}
	y, arm := make([]float64, len(s.members)), make([]int, len(s.members))
	for i, m := range s.members {
		arm[i] = b2i(m.person.Group == first)
		y[i], _ = m.mean(1)
		if !r.parallel() {
			second, _ := m.mean(2)
			y[i] = (y[i] - second) / 2
		}
	}
	said := "nothing"
	vars, names := []terms.Variable{terms.Numeric("none", make([]float64, len(y)))}, []string(nil)
	if r.parallel() {
		cols, err := r.columns(s, func(i int) *member { return &s.members[i] }, len(y), res)
		if err != nil {
			return err
		}
		if v, n := cols.without("arm"); len(v) > 0 {
			vars, names = v, n
		}
		said = cols.said()
	}
	d, err := terms.Build(vars, names...)
	if err != nil {
		return err
	}
	test, err := resample.Rerandomise(d.X, y, arm, allocate, draws, r.seed(s))
	if err != nil {
		return err
	}
	res.Estimate, res.SE, res.P = &test.Observed, &test.NullSD, &test.P
	res.Method = fmt.Sprintf("Re-randomisation test: %d lists drawn anew by the strata and blocks of the protocol, for the same people in the same order; the difference adjusted for %s. The standard error is the spread of the differences over the lists.", draws, said)
	if r.checked.Minimises() {
		res.Method = fmt.Sprintf("Re-randomisation test: %d allocations drawn anew by the minimisation of the protocol, for the same people in the same order; the difference adjusted for %s. The standard error is the spread of the differences over them.", draws, said)
	}
	res.Notes = append(res.Notes, fmt.Sprintf("%d of the %d lists gave a difference at least as far from zero.", test.Extreme, test.B))
	return nil
}

// allocator draws lists anew for everybody randomised and gives those of the
// set: 1 for the group named.
func (r *run) allocator(s *set, group string) (resample.Allocate, error) {
	d, err := design.Of(r.checked)
	if err != nil {
		return nil, err
	}
	if len(d.Options()) != 2 {
		return nil, fault.New(stats.BadArgument, "", "a list is drawn anew for two groups, and this trial draws among %d", len(d.Options()))
	}
	option := slices.IndexFunc(d.Options(), func(o design.Option) bool { return o.ID == group })
	member := map[string]int{}
	for i, m := range s.members {
		member[m.person.Subject] = i
	}
	if r.checked.Minimises() {
		return r.reminimise(member, group)
	}
	cells := map[string][]Person{}
	for _, p := range r.data.People {
		if p.Order == 0 {
			return nil, orderUnknown()
		}
		key, ok := r.cellOf(p)
		if !ok {
			return nil, fault.New("order-unknown", "", "the stratum of some people is not in the data")
		}
		cells[key] = append(cells[key], p)
	}
	var places [][]int // by cell, the member at each place, −1 for people not analysed
	for _, key := range d.Cells() {
		people := cells[key]
		slices.SortStableFunc(people, func(a, b Person) int { return cmp.Compare(a.Order, b.Order) })
		at := make([]int, len(people))
		for k, p := range people {
			at[k] = -1
			if i, ok := member[p.Subject]; ok {
				at[k] = i
			}
		}
		if len(at) > 0 {
			places = append(places, at)
		}
	}
	return func(g *rand.Rand, arm []int) {
		var drawn []int
		for _, at := range places {
			drawn = d.DrawCell(g, drawn[:0], len(at))
			for k, i := range at {
				if i >= 0 {
					arm[i] = b2i(drawn[k] == option)
				}
			}
		}
	}, nil
}

// cellOf gives the key of a person's stratum cell.
func (r *run) cellOf(p Person) (string, bool) {
	for _, c := range r.checked.Cells() {
		if !slices.ContainsFunc(c.Levels, func(l protocol.Level) bool { return p.Strata[l.Stratum] != l.Level }) {
			return c.Key, true
		}
	}
	return "", false
}
