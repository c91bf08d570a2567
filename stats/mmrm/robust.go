package mmrm

import (
	"dvala/stats/dense"
	"dvala/stats/reml"
)

// member is one person: the pattern of visits, and where in data.order the rows
// begin.
type member struct{ pattern, first int }

// person gives a person's rows in standard units.
func (g *data) person(m member) (x dense.Matrix, r []float64) {
	k := len(g.patterns[m.pattern].visits)
	x = dense.New(k, g.p)
	for j, i := range g.order[m.first : m.first+k] {
		copy(x.Row(j), g.x[i*g.p:(i+1)*g.p])
		r = append(r, g.r[i])
	}
	return x, r
}

// clusters gives each person's rows, in the order of patterns, with the
// covariance of the visits she was seen at.
func (st *state) clusters(yield func(reml.Cluster) bool) {
	g := st.g
	for _, m := range g.members {
		x, e := g.person(m)
		for j := range e {
			e[j] -= dense.Dot(x.Row(j), st.delta)
		}
		b := g.patterns[m.pattern]
		v := dense.New(len(e), len(e))
		for j, u := range b.visits {
			for i, c := range b.visits {
				v.Set(j, i, st.sigma[b.group].At(u, c))
			}
		}
		if !yield(reml.Cluster{X: x, V: v, E: e}) {
			return
		}
	}
}
