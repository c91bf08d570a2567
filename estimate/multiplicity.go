package estimate

import (
	"slices"

	"dvala/protocol"
	"dvala/stats/multiple"
)

// Multiplicity is the procedure that held the primary and secondary estimands
// to one error rate, and what it did.
type Multiplicity struct {
	Method string  `json:"method"`
	Alpha  float64 `json:"alpha"`
	Note   string  `json:"note,omitempty"`
	// Nodes are the family in its order; of a graph with the shares it began with.
	Nodes  []Node  `json:"nodes,omitempty"`
	Arrows []Arrow `json:"arrows,omitempty"`
}

// Node is an estimand of the family.
type Node struct {
	ID        string   `json:"id"`
	Label     string   `json:"label"`
	Share     float64  `json:"share"` // of alpha, to begin with
	P         *float64 `json:"p,omitempty"`
	PAdjusted *float64 `json:"p_adjusted,omitempty"`
	Shown     bool     `json:"shown"`
	Step      int      `json:"step,omitempty"` // at which it was shown
}

// Arrow hands a share of an estimand's error rate on once it is shown; from and
// to count the nodes from 0.
type Arrow struct {
	From  int     `json:"from"`
	To    int     `json:"to"`
	Share float64 `json:"share"`
}

// family gives the places of the primary and secondary estimands.
func family(results []Result) []int {
	var out []int
	for i, r := range results {
		if r.Place != protocol.Exploratory {
			out = append(out, i)
		}
	}
	return out
}

// claim holds the family to one error rate. Within the procedure stand the
// estimands that are not exploratory, in the order of the protocol; what the
// procedure rejects is confirmed. Where the procedure is "none" only a single
// primary estimand is tested. The exploratory ones are adjusted among
// themselves by Benjamini and Hochberg, and nothing is claimed from them.
func (r *run) claim(results []Result) {
	for i := range results {
		results[i].Claim = "not tested"
	}
	explored(results)
	members := family(results)
	m := r.p.Multiplicity
	if m.Method == "none" {
		members = slices.DeleteFunc(members, func(i int) bool { return results[i].Place != protocol.Primary })
		if len(members) != 1 {
			return
		}
	}
	if len(members) == 0 {
		return
	}
	adjusted, err := r.adjust(results, members)
	if err != nil {
		return // p-values of fits lie between 0 and 1
	}
	failed := false
	for k, i := range members {
		res := &results[i]
		if res.P != nil && m.Method != "none" {
			res.PAdjusted = &adjusted[k]
		}
		switch {
		case adjusted[k] <= m.Alpha:
			res.Claim = "confirmed"
		case failed && m.Method == "fixed-sequence":
			res.PAdjusted = nil
		default:
			res.Claim = "not confirmed"
			failed = true
		}
	}
}

// pOf gives the p-values of members; what could not be estimated is not
// rejected.
func pOf(results []Result, members []int) []float64 {
	p := make([]float64, len(members))
	for k, i := range members {
		p[k] = 1
		if results[i].P != nil {
			p[k] = *results[i].P
		}
	}
	return p
}

func (r *run) adjust(results []Result, members []int) ([]float64, error) {
	p := pOf(results, members)
	switch r.p.Multiplicity.Method {
	case "holm":
		return multiple.Holm(p)
	case "hochberg":
		return multiple.Hochberg(p)
	case "graph":
		g, err := r.graph(results, members).Adjust(p)
		return g.Adjusted, err
	}
	return multiple.FixedSequence(p)
}

// graph is the protocol's graph over the members.
func (r *run) graph(results []Result, members []int) multiple.Graph {
	at := map[string]int{}
	g := multiple.Graph{Weights: make([]float64, len(members)), Transition: make([][]float64, len(members))}
	for k, i := range members {
		at[results[i].ID] = k
		g.Transition[k] = make([]float64, len(members))
	}
	for _, w := range r.p.Multiplicity.Weights {
		if k, ok := at[w.Estimand]; ok {
			g.Weights[k] = w.Share
		}
	}
	for _, a := range r.p.Multiplicity.Arrows {
		from, ok := at[a.From]
		to, known := at[a.To]
		if ok && known {
			g.Transition[from][to] = a.Share
		}
	}
	return g
}

// explored adjusts the exploratory family.
func explored(results []Result) {
	var at []int
	for i, r := range results {
		if r.Place == protocol.Exploratory && r.P != nil {
			at = append(at, i)
		}
	}
	if len(at) < 2 {
		return
	}
	q, err := multiple.BenjaminiHochberg(pOf(results, at))
	if err != nil {
		return // as above
	}
	for k, i := range at {
		results[i].PExplored = &q[k]
	}
}

// multiplicity tells the procedure and what it did.
func (r *run) multiplicity(results []Result) Multiplicity {
	m := r.p.Multiplicity
	out := Multiplicity{Method: m.Method, Alpha: m.Alpha, Note: m.Note}
	members := family(results)
	var order []int
	g := multiple.Graph{}
	switch m.Method {
	case "graph":
		g = r.graph(results, members)
		if done, err := g.Adjust(pOf(results, members)); err == nil {
			order = done.Order
		}
	case "fixed-sequence":
		g.Weights, g.Transition = make([]float64, len(members)), make([][]float64, len(members))
		for k := range members {
			g.Transition[k] = make([]float64, len(members))
			order = append(order, k)
			if k == 0 {
				g.Weights[0] = 1
			} else {
				g.Transition[k-1][k] = 1
			}
		}
	}
	for k, i := range members {
		n := Node{ID: results[i].ID, Label: results[i].Label, P: results[i].P, PAdjusted: results[i].PAdjusted, Shown: results[i].Claim == "confirmed"}
		if g.Weights != nil {
			n.Share = g.Weights[k]
		}
		if at := slices.Index(order, k); at >= 0 && n.Shown {
			n.Step = at + 1
		}
		out.Nodes = append(out.Nodes, n)
		for to := range g.Transition {
			if x := g.Transition[k][to]; x > 0 {
				out.Arrows = append(out.Arrows, Arrow{k, to, x})
			}
		}
	}
	return out
}
