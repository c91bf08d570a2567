package mmrm

import (
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// pattern holds the people seen at the same visits, in the same covariance
// group: by sums of products between visits when they are many, else row by
// row. Either way an evaluation does not look at people twice.
type pattern struct {
	visits []int
	group  int
	n      int
	s      []float64 // per pair (j, k): Σ x_ij·x_ik', p×p each; nil when few
	sr     []float64 // per pair (j, k): Σ x_ij·r_ik
	x      []float64 // rows of x, people × visits × p, when few
	r      []float64 // residuals of least squares, people × visits
	t      []float64 // Σ r_ij·r_ik
}

// data is what the criterion needs.
type data struct {
	unit     *terms.Standard
	p, m     int // columns, visits
	groups   int
	rows     int
	people   int
	patterns []*pattern
	ols      []float64
	x, r     []float64 // rows in standard units, and least-squares residuals
	members  []member
	order    []int          // rows, person after person
	moments  []dense.Matrix // per group: residual covariance by available pairs
	together []dense.Matrix // per group: people seen at both visits
}

// gather reads the rows. person and visit are codes without gaps; group has a
// code per person.
func gather(d *terms.Design, in Rows, group []int, people, groups int) (*data, error) {
	g := &data{p: d.X.C, m: len(in.Visits), groups: groups, rows: d.X.R, people: people}
	var err error
	if g.unit, err = terms.NewStandard(d, in.Y); err != nil {
		return nil, err
	}
	x, r, err := g.residuals(d, in.Y)
	if err != nil {
		return nil, err
	}
	at := make([]int, people*g.m) // row+1 of each person and visit
	for i, k := range in.Person {
		c := k*g.m + in.Visit[i]
		if at[c] != 0 {
			return nil, fault.New(stats.BadArgument, "", "rows %d and %d are the same person at the same visit (%s)", at[c], i+1, in.Visits[in.Visit[i]])
		}
		at[c] = i + 1
	}
	g.sort(at, group, x, r)
	return g, nil
}

// residuals gives the rows in standard units, and the outcome less its
// least-squares fit.
func (g *data) residuals(d *terms.Design, y []float64) (x, r []float64, err error) {
	p := g.p
	x = make([]float64, g.rows*p)
	r = make([]float64, g.rows)
	xx, xy := dense.New(p, p), make([]float64, p)
	var l dense.Matrix
	fill := func() error {
		xx.Zero()
		for i := range xy {
			xy[i] = 0
		}
		for i := range g.rows {
			row := x[i*p : (i+1)*p]
			g.unit.Row(row, d.X.Row(i))
			v := g.unit.Y(y[i])
			for a, u := range row {
				xy[a] += u * v
				if u != 0 {
					for b := range a + 1 {
						xx.A[a*p+b] += u * row[b]
					}
				}
			}
		}
		var bad int
		var ok bool
		if l, bad, ok = dense.Cholesky(xx, 1e-12); !ok {
			return fault.New(stats.Collinear, d.Columns[bad], "the column is a combination of the ones before it").
				WithHint("leave out one of the terms that say the same; or is an arm empty at a visit?")
		}
		return nil
	}
	if err := fill(); err != nil {
		return nil, nil, err
	}
	if terms.Entangled(xx, l) {
		g.unit.Untangle(l)
		if err := fill(); err != nil {
			return nil, nil, err
		}
	}
	dense.SolveLower(l, xy)
	dense.SolveLowerT(l, xy)
	g.ols = xy
	var rss, tss float64
	for i := range r {
		v := g.unit.Y(y[i])
		r[i] = v - dense.Dot(x[i*p:(i+1)*p], xy)
		rss += r[i] * r[i]
		tss += v * v
	}
	if !(rss > 1e-20*tss) {
		return nil, nil, fault.New(stats.Constant, "outcome", "the model leaves no residual variation").
			WithHint("is the outcome computed from one of the covariates?")
	}
	return x, r, nil
}

// sort files people under their patterns, in the order of visits and groups.
func (g *data) sort(at, group []int, x, r []float64) {
	g.x, g.r = x, r
	g.order = make([]int, 0, g.rows)
	g.members = make([]member, 0, g.people)
	type key struct {
		group int
		seen  string
	}
	members := map[key][]int{}
	var keys []key
	for k := range g.people {
		seen := make([]byte, g.m)
		for v := range g.m {
			seen[v] = '.'
			if at[k*g.m+v] != 0 {
				seen[v] = 'x'
			}
		}
		q := key{group[k], string(seen)}
		if members[q] == nil {
			keys = append(keys, q)
		}
		members[q] = append(members[q], k)
	}
	// The order of people must not decide the order of summation.
	slices.SortFunc(keys, func(a, b key) int {
		if a.group != b.group {
			return a.group - b.group
		}
		return -slices.Compare([]byte(a.seen), []byte(b.seen))
	})
	for range g.groups {
		g.moments = append(g.moments, dense.New(g.m, g.m))
		g.together = append(g.together, dense.New(g.m, g.m))
	}
	for _, q := range keys {
		b := &pattern{group: q.group, n: len(members[q])}
		for v := range g.m {
			if q.seen[v] == 'x' {
				b.visits = append(b.visits, v)
			}
		}
		b.fill(members[q], at, g, x, r)
		for _, who := range members[q] {
			g.members = append(g.members, member{len(g.patterns), len(g.order)})
			for _, v := range b.visits {
				g.order = append(g.order, at[who*g.m+v]-1)
			}
		}
		for j, u := range b.visits {
			for k, v := range b.visits {
				g.moments[b.group].A[u*g.m+v] += b.t[j*len(b.visits)+k]
				g.together[b.group].A[u*g.m+v] += float64(b.n)
			}
		}
		g.patterns = append(g.patterns, b)
	}
	for c := range g.moments {
		for i, n := range g.together[c].A {
			if n > 0 {
				g.moments[c].A[i] /= n
			}
		}
	}
}

func (b *pattern) fill(members, at []int, g *data, x, r []float64) {
	k, p := len(b.visits), g.p
	b.t = make([]float64, k*k)
	few := b.n <= 3*k
	if !few {
		b.s, b.sr = make([]float64, k*k*p*p), make([]float64, k*k*p)
	}
	rows, res := make([][]float64, k), make([]float64, k)
	for _, who := range members {
		for j, v := range b.visits {
			i := at[who*g.m+v] - 1
			rows[j], res[j] = x[i*p:(i+1)*p], r[i]
		}
		for j := range k {
			for l := range k {
				b.t[j*k+l] += res[j] * res[l]
			}
		}
		if few {
			for j := range k {
				b.x = append(b.x, rows[j]...)
				b.r = append(b.r, res[j])
			}
			continue
		}
		for j := range k {
			for l := range k {
				s := b.s[(j*k+l)*p*p : (j*k+l+1)*p*p]
				sr := b.sr[(j*k+l)*p : (j*k+l+1)*p]
				for a, u := range rows[j] {
					sr[a] += u * res[l]
					if l < j {
						continue
					}
					end := p
					if l == j {
						end = a + 1 // symmetric: the rest is mirrored
					}
					row := s[a*p : a*p+end]
					for c, w := range rows[l][:end] {
						row[c] += u * w
					}
				}
			}
		}
	}
	if few {
		return
	}
	for j := range k {
		s := b.s[(j*k+j)*p*p:]
		for a := range p {
			for c := range a {
				s[c*p+a] = s[a*p+c]
			}
		}
		for l := range j {
			s, o := b.s[(j*k+l)*p*p:], b.s[(l*k+j)*p*p:]
			for a := range p {
				for c := range p {
					s[a*p+c] = o[c*p+a]
				}
			}
		}
	}
}
