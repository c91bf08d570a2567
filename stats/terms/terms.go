// Package terms turns named variables into a model matrix, and says which
// combination of its columns is an adjusted mean.
//
// A model is a list of terms: the name of a variable, or names joined by a
// colon for an interaction ("arm:visit", "arm:visit:site"). An intercept is
// always first. Factors are coded by treatment contrasts against their first
// level; an interaction is the product of its parts' columns, and each of its
// parts must stand in the list before it, so that every model is hierarchical
// and a term means what it does in R and SAS.
package terms

import (
	"slices"
	"strings"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Variable is a named column: numbers, or levels of a factor. It is made by
// Numeric, Factor or FactorOf.
type Variable struct {
	name   string
	x      []float64
	levels []string
	code   []int
}

// Numeric makes a covariate. The values are kept, not copied.
func Numeric(name string, x []float64) Variable { return Variable{name: name, x: x} }

// Factor makes a factor from the levels in the order given, the first being
// the reference. A value that is no level is a fault when the design is built,
// and so is a level that never occurs.
func Factor(name string, values []string, levels ...string) Variable {
	v := Variable{name: name, levels: levels, code: make([]int, len(values))}
	at := make(map[string]int, len(levels))
	for i, l := range levels {
		at[l] = i
	}
	for i, s := range values {
		k, ok := at[s]
		if !ok {
			k = -1 - i
		}
		v.code[i] = k
	}
	return v
}

// FactorOf makes a factor whose levels are the values that occur, in order of
// their bytes.
func FactorOf(name string, values []string) Variable {
	levels := slices.Clone(values)
	slices.Sort(levels)
	return Factor(name, values, slices.Compact(levels)...)
}

// Name gives the variable's name.
func (v Variable) Name() string { return v.name }

// Take gives a variable of the same kind from chosen rows, which may repeat:
// the covariates of people become those of their visits.
func (v Variable) Take(rows []int) Variable {
	out := Variable{name: v.name, levels: v.levels}
	for _, i := range rows {
		if v.levels == nil {
			out.x = append(out.x, v.x[i])
		} else {
			out.code = append(out.code, v.code[i])
		}
	}
	return out
}

// Len gives the number of rows.
func (v Variable) Len() int { return v.len() }

// Levels gives the levels of a factor, and nothing for a covariate.
func (v Variable) Levels() []string { return v.levels }

func (v Variable) len() int {
	if v.levels != nil {
		return len(v.code)
	}
	return len(v.x)
}

func (v Variable) check(n int) error {
	if v.len() != n {
		return fault.New(stats.Lengths, v.name, "has %d rows where the first variable has %d", v.len(), n)
	}
	if v.levels == nil {
		return stats.Finite(v.name, v.x)
	}
	if len(v.levels) < 2 {
		return fault.New(stats.EmptyGroup, v.name, "the factor has fewer than two levels").
			WithHint("leave the factor out of the model")
	}
	seen := make([]bool, len(v.levels))
	for i, c := range v.code {
		if c < 0 {
			return fault.New(stats.UnknownName, v.name, "row %d has a value that is no level of the factor", i+1)
		}
		seen[c] = true
	}
	if k := slices.Index(seen, false); k >= 0 {
		return fault.New(stats.EmptyGroup, v.name, "no row has the level %q", v.levels[k])
	}
	return nil
}

// width is the number of columns of a main effect.
func (v Variable) width() int {
	if v.levels == nil {
		return 1
	}
	return len(v.levels) - 1
}

// point is a value for every variable, at which a row of the matrix is formed:
// for a covariate its value, for a factor the weight of each level.
type point [][]float64

// row appends the columns of one main effect at a point.
func (v Variable) row(dst, at []float64) []float64 {
	if v.levels == nil {
		return append(dst, at[0])
	}
	return append(dst, at[1:]...)
}

// Design is a model matrix with names for its columns and memory of its terms.
type Design struct {
	X       dense.Matrix
	Columns []string // "(Intercept)", "baseline", "site=site2", "arm=1:visit=D21"
	vars    []Variable
	terms   []term
}

type term struct {
	name  string
	parts []int // of vars
	start int   // first column
	width int
}

// Build makes the design of the terms over the variables. All problems with
// the variables are reported at once; dependence between columns is found when
// a model is fitted.
func Build(vars []Variable, names ...string) (*Design, error) {
	if len(vars) == 0 {
		return nil, fault.New(stats.TooFew, "", "a design needs a variable, if only to know its number of rows")
	}
	d := &Design{vars: vars, Columns: []string{"(Intercept)"}}
	n := vars[0].len()
	var problems fault.List
	for _, v := range vars {
		problems.Merge(stats.BadArgument, v.name, v.check(n))
	}
	for _, name := range names {
		problems.Merge(stats.UnknownName, name, d.add(name))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	d.X = dense.New(n, len(d.Columns))
	d.write()
	return d, nil
}

// write fills the matrix row by row. A factor has at most one column that is
// not zero, so each part of a term multiplies by one number and moves by one
// offset, and nothing is made on the way.
func (d *Design) write() {
	for i := range d.X.R {
		row := d.X.Row(i)
		row[0] = 1
		for _, t := range d.terms {
			value, offset, width := 1.0, 0, 1
			for _, k := range t.parts {
				v := &d.vars[k]
				if v.levels == nil {
					value *= v.x[i]
					continue
				}
				c := v.code[i]
				if c == 0 {
					value = 0
					break
				}
				offset += (c - 1) * width
				width *= len(v.levels) - 1
			}
			if value != 0 {
				row[t.start+offset] = value
			}
		}
	}
}

func (d *Design) add(name string) error {
	t := term{name: name, start: len(d.Columns), width: 1}
	for part := range strings.SplitSeq(name, ":") {
		k := d.variable(part)
		if k < 0 {
			return fault.New(stats.UnknownName, name, "there is no variable %q", part)
		}
		if slices.Contains(t.parts, k) {
			return fault.New(stats.BadArgument, name, "%q is crossed with itself", part)
		}
		t.parts = append(t.parts, k)
		t.width *= d.vars[k].width()
	}
	if d.find(t.parts) != nil {
		return fault.New(stats.Collinear, name, "the term is given twice")
	}
	if len(t.parts) > 1 {
		for i := range t.parts {
			rest := slices.Delete(slices.Clone(t.parts), i, i+1)
			if d.find(rest) == nil {
				return fault.New(stats.BadArgument, name, "the interaction stands before or without one of its parts").
					WithHint("list the main effects and lower interactions first")
			}
		}
	}
	d.terms = append(d.terms, t)
	d.Columns = append(d.Columns, d.labels(t.parts)...)
	return nil
}

func (d *Design) variable(name string) int {
	return slices.IndexFunc(d.vars, func(v Variable) bool { return v.name == name })
}

func (d *Design) find(parts []int) *term {
	want := slices.Sorted(slices.Values(parts))
	for i := range d.terms {
		if slices.Equal(slices.Sorted(slices.Values(d.terms[i].parts)), want) {
			return &d.terms[i]
		}
	}
	return nil
}

// labels names the columns of a term, the first part varying fastest as in R.
func (d *Design) labels(parts []int) []string {
	out := []string{""}
	for i, k := range parts {
		v := d.vars[k]
		names := []string{v.name}
		if v.levels != nil {
			names = nil
			for _, l := range v.levels[1:] {
				names = append(names, v.name+"="+l)
			}
		}
		var next []string
		for _, n := range names {
			for _, o := range out {
				if i > 0 {
					o += ":"
				}
				next = append(next, o+n)
			}
		}
		out = next
	}
	return out
}

func (d *Design) newPoint() point {
	at := make(point, len(d.vars))
	for k, v := range d.vars {
		at[k] = make([]float64, max(1, len(v.levels)))
	}
	return at
}

// pointAt sets the point to the values of row i.
func (d *Design) pointAt(at point, i int) {
	for k, v := range d.vars {
		if v.levels == nil {
			at[k][0] = v.x[i]
			continue
		}
		for j := range at[k] {
			at[k][j] = 0
		}
		at[k][v.code[i]] = 1
	}
}

// fill sets one row of the matrix from a point.
func (d *Design) fill(row []float64, at point) {
	row[0] = 1
	var cols, next, part []float64
	for _, t := range d.terms {
		cols = append(cols[:0], 1)
		for _, k := range t.parts {
			part = d.vars[k].row(part[:0], at[k])
			next = next[:0]
			for _, b := range part {
				for _, a := range cols {
					next = append(next, a*b)
				}
			}
			cols, next = next, cols
		}
		copy(row[t.start:], cols)
	}
}

// Term gives the columns of a term, first and last+1.
func (d *Design) Term(name string) (first, end int, err error) {
	for _, t := range d.terms {
		if t.name == name {
			return t.start, t.start + t.width, nil
		}
	}
	return 0, 0, fault.New(stats.UnknownName, name, "the model has no such term")
}

// TermNames gives the terms in order.
func (d *Design) TermNames() []string {
	out := make([]string, len(d.terms))
	for i, t := range d.terms {
		out[i] = t.name
	}
	return out
}
