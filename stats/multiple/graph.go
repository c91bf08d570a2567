package multiple

import (
	"math"

	"dvala/fault"
	"dvala/stats"
)

// Graph is a sequentially rejective graphical procedure (Bretz 2009): a weight
// of the level for each hypothesis, and where that weight goes once the
// hypothesis is rejected. It controls the family-wise error under any
// dependence. Holm is the graph with equal weights and equal transitions; a
// fixed sequence is the graph that hands everything to the next.
type Graph struct {
	Weights    []float64   // of α, summing to at most 1
	Transition [][]float64 // from row to column, rows summing to at most 1, diagonal 0
}

// GraphResult tells what a graph did.
type GraphResult struct {
	Adjusted []float64
	Order    []int // hypotheses in the order they would be rejected, from 0
}

// Check refuses a graph that does not control the error.
func (g Graph) Check() error {
	m := len(g.Weights)
	if m == 0 || len(g.Transition) != m {
		return fault.New(stats.Lengths, "graph", "%d weights for %d rows of transitions", m, len(g.Transition))
	}
	if err := fractions("weights", g.Weights); err != nil {
		return err
	}
	for i, row := range g.Transition {
		if len(row) != m {
			return fault.New(stats.Lengths, "graph", "row %d of the transitions has %d entries, not %d", i+1, len(row), m)
		}
		if err := fractions("transitions", row); err != nil {
			return err
		}
		if row[i] != 0 {
			return fault.New(stats.BadArgument, "graph", "hypothesis %d hands weight to itself", i+1)
		}
	}
	return nil
}

func fractions(what string, w []float64) error {
	var sum float64
	for _, v := range w {
		if !(v >= 0 && v <= 1) {
			return fault.New(stats.BadArgument, "graph", "%s hold %v, which is not between 0 and 1", what, v)
		}
		sum += v
	}
	if sum > 1+1e-9 {
		return fault.New(stats.BadArgument, "graph", "%s sum to %v, which is more than 1", what, sum)
	}
	return nil
}

// Adjust runs the graph on p-values.
//
// At each step the hypothesis with the smallest p/weight goes; its weight
// follows its arrows, and the arrows through it are joined:
//
//	w_l += w_j·g_jl
//	g_lk = (g_lk + g_lj·g_jk) / (1 − g_lj·g_jl)
func (g Graph) Adjust(p []float64) (GraphResult, error) {
	if err := g.Check(); err != nil {
		return GraphResult{}, err
	}
	if err := check(p); err != nil {
		return GraphResult{}, err
	}
	m := len(p)
	if m != len(g.Weights) {
		return GraphResult{}, fault.New(stats.Lengths, "p", "%d p-values for %d hypotheses", m, len(g.Weights))
	}
	w := append([]float64(nil), g.Weights...)
	tr := make([][]float64, m)
	for i, row := range g.Transition {
		tr[i] = append([]float64(nil), row...)
	}
	left := make([]bool, m)
	for i := range left {
		left[i] = true
	}
	r := GraphResult{Adjusted: make([]float64, m)}
	run := 0.0
	for range m {
		best, at := math.Inf(1), -1
		for j := range m {
			if left[j] && w[j] > 0 && p[j]/w[j] < best {
				best, at = p[j]/w[j], j
			}
		}
		if at < 0 {
			break
		}
		run = math.Max(run, best)
		r.Adjusted[at] = math.Min(1, run)
		r.Order = append(r.Order, at)
		left[at] = false
		w, tr = remove(at, left, w, tr)
	}
	for j := range m {
		if left[j] {
			r.Adjusted[j] = 1 // no weight can ever reach it
		}
	}
	return r, nil
}

func remove(j int, left []bool, w []float64, tr [][]float64) ([]float64, [][]float64) {
	m := len(w)
	nw := make([]float64, m)
	nt := make([][]float64, m)
	for l := range m {
		nt[l] = make([]float64, m)
		if !left[l] {
			continue
		}
		nw[l] = w[l] + w[j]*tr[j][l]
		loop := tr[l][j] * tr[j][l]
		if loop >= 1 {
			continue
		}
		for k := range m {
			if k != l && left[k] {
				nt[l][k] = (tr[l][k] + tr[l][j]*tr[j][k]) / (1 - loop)
			}
		}
	}
	return nw, nt
}
