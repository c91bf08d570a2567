package lmm

import (
	"cmp"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// cells are the sums per person and period, people's cells together and in the
// order of periods; what the likelihood of Crossed needs to know of the data, in
// standard units and less its least-squares fit.
type cells struct {
	rows, people, periods, p int

	person, period []int     // of each cell
	n              []float64 // rows of each cell
	t              []float64 // Σx, p of each
	z              []float64 // Σr
	first          []int     // cell of each person; people+1 of them

	xx   dense.Matrix
	xr   []float64
	rr   float64
	unit *terms.Standard
	ols  []float64
}

func gatherCrossed(d *terms.Design, y []float64, person []int, in Periods) (*cells, error) {
	if len(in.Period) != len(y) {
		return nil, fault.New(stats.Lengths, "period", "%d periods for %d rows", len(in.Period), len(y))
	}
	s, err := gather(d, y, person, nil, true) // units, least squares, and the same refusals
	if err != nil {
		return nil, err
	}
	if err := s.identifiable(d, person); err != nil {
		return nil, err
	}
	g := &cells{rows: s.rows, people: s.people, p: s.p, xx: s.xx, xr: s.xr, rr: s.rr, unit: s.unit, ols: s.ols}
	if err := g.read(d, y, person, in.Period); err != nil {
		return nil, err
	}
	return g, g.enough(in)
}

// read finds the cells and sums their rows.
func (g *cells) read(d *terms.Design, y []float64, person, period []int) error {
	at := map[[2]int]int{}
	var keys [][2]int
	for i, k := range period {
		if k < 0 || k > 100_000 {
			return fault.New(stats.BadArgument, "period", "row %d has the code %d", i+1, k)
		}
		key := [2]int{person[i], k}
		if _, ok := at[key]; !ok {
			at[key] = 0
			keys = append(keys, key)
		}
		g.periods = max(g.periods, k+1)
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
	for c, k := range keys {
		at[k] = c
		for len(g.first) <= k[0] {
			g.first = append(g.first, c)
		}
		g.person, g.period = append(g.person, k[0]), append(g.period, k[1])
	}
	g.first = append(g.first, len(keys))
	g.n, g.z, g.t = make([]float64, len(keys)), make([]float64, len(keys)), make([]float64, len(keys)*g.p)
	x := make([]float64, g.p)
	for i := range y {
		c := at[[2]int{person[i], period[i]}]
		g.unit.Row(x, d.X.Row(i))
		g.n[c]++
		g.z[c] += g.unit.Y(y[i]) - dense.Dot(x, g.ols)
		for j, v := range x {
			g.t[c*g.p+j] += v
		}
	}
	return nil
}

// enough refuses data from which the variances asked for cannot be told apart.
func (g *cells) enough(in Periods) error {
	if in.Within && (len(g.n) == g.people || len(g.n) == g.rows) {
		return fault.New(stats.NotEstimable, "person × period", "nobody has nights in two periods and two nights in one of them, so her periods cannot be told from her and from her nights").
			WithHint("leave person × period out")
	}
	if !in.Shared {
		return nil
	}
	// What is left of the periods' indicators beside X.
	bb, bx := make([]float64, g.periods), dense.New(g.periods, g.p)
	for c, n := range g.n {
		bb[g.period[c]] += n
		for j, v := range g.t[c*g.p : (c+1)*g.p] {
			bx.A[g.period[c]*g.p+j] += v
		}
	}
	l, _, ok := dense.Cholesky(g.xx, 1e-12)
	var left float64
	for k := range bb {
		row := slices.Clone(bx.Row(k))
		if ok {
			dense.SolveLower(l, row)
		}
		left += bb[k] - dense.Dot(row, row)
	}
	if !(left > 1e-8*float64(g.rows)) {
		return fault.New(stats.NotEstimable, "period", "the periods are columns of the model already, so they have no variance of their own").
			WithHint("leave them out of one of the two")
	}
	return nil
}
