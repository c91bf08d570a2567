package terms

import (
	"fmt"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Weights says over which population an adjusted mean is taken.
type Weights int

const (
	// Equal gives each level of every other factor the same weight, and each
	// covariate its mean over the rows: SAS LSMEANS, and emmeans unless told
	// otherwise.
	Equal Weights = iota
	// Observed averages over the rows as they are, each row being given the
	// levels asked for: SAS LSMEANS OM, and standardisation.
	Observed
)

// String names the weights as a report would.
func (w Weights) String() string {
	if w == Observed {
		return "observed margins"
	}
	return "equal weights"
}

// At fixes factors at levels, or covariates at values, for an adjusted mean.
type At map[string]any

// Mean gives the combination of columns that is the mean at the levels given,
// averaged over everything else under the weights.
//
//	at  factor name → level (a string), or the share of each level (a
//	    map[string]float64); covariate name → value (a float64).
func (d *Design) Mean(at At, w Weights) ([]float64, error) {
	fixed, err := d.fixed(at)
	if err != nil {
		return nil, err
	}
	if w == Observed {
		return d.observed(fixed), nil
	}
	p := d.newPoint()
	for k, v := range d.vars {
		switch {
		case fixed[k] != nil:
			copy(p[k], fixed[k])
		case v.levels == nil:
			p[k][0], _ = MeanSD(v.x)
		default:
			for j := range p[k] {
				p[k][j] = 1 / float64(len(v.levels))
			}
		}
	}
	row := make([]float64, len(d.Columns))
	d.fill(row, p)
	return row, nil
}

// fixed gives the values of the variables that at names, nil for the others.
func (d *Design) fixed(at At) ([][]float64, error) {
	fixed := make([][]float64, len(d.vars))
	names := make([]string, 0, len(at))
	for name := range at {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		k := d.variable(name)
		if k < 0 {
			return nil, fault.New(stats.UnknownName, name, "there is no such variable")
		}
		p, err := d.vars[k].fix(at[name])
		if err != nil {
			return nil, err
		}
		fixed[k] = p
	}
	return fixed, nil
}

func (v Variable) fix(value any) ([]float64, error) {
	switch x := value.(type) {
	case float64:
		if v.levels == nil {
			return []float64{x}, stats.Finite(v.name, []float64{x})
		}
	case string:
		if k := slices.Index(v.levels, x); k >= 0 {
			p := make([]float64, len(v.levels))
			p[k] = 1
			return p, nil
		}
	case map[string]float64:
		return v.proportions(x)
	}
	return nil, fault.New(stats.UnknownName, v.name, "%s is no value of it", fmt.Sprintf("%#v", value))
}

// Rows gives the matrix with the variables of at replaced by the values there,
// and all else as it is: what everybody's row would be had they been so.
func (d *Design) Rows(at At) (dense.Matrix, error) {
	fixed, err := d.fixed(at)
	if err != nil {
		return dense.Matrix{}, err
	}
	out := dense.New(d.X.R, d.X.C)
	p := d.newPoint()
	for i := range d.X.R {
		d.pointAt(p, i)
		for k, f := range fixed {
			if f != nil {
				copy(p[k], f)
			}
		}
		d.fill(out.Row(i), p)
	}
	return out, nil
}

// proportions gives stated shares of the levels, which must sum to 1.
func (v Variable) proportions(x map[string]float64) ([]float64, error) {
	p := make([]float64, len(v.levels))
	var sum float64
	named := 0
	for k, l := range v.levels {
		s, ok := x[l]
		if ok {
			named++
		}
		if !(s >= 0) {
			return nil, fault.New(stats.BadArgument, v.name, "the level %q has the share %v", l, s)
		}
		p[k] = s
		sum += s
	}
	if named != len(x) || len(v.levels) == 0 {
		return nil, fault.New(stats.UnknownName, v.name, "shares are stated of levels it does not have")
	}
	if !(sum > 1-1e-9 && sum < 1+1e-9) {
		return nil, fault.New(stats.BadArgument, v.name, "the shares sum to %v, not to 1", sum)
	}
	return p, nil
}

// observed averages rows of the matrix with the fixed variables replaced.
func (d *Design) observed(fixed [][]float64) []float64 {
	sum := make([]float64, len(d.Columns))
	row := make([]float64, len(d.Columns))
	var first []float64 // about which the sums are, so that a large mean takes no digits
	p := d.newPoint()
	for i := range d.X.R {
		d.pointAt(p, i)
		for k, f := range fixed {
			if f != nil {
				copy(p[k], f)
			}
		}
		d.fill(row, p)
		if first == nil {
			first = append(first, row...)
		}
		for j, v := range row {
			sum[j] += v - first[j]
		}
	}
	for j := range sum {
		sum[j] = first[j] + sum[j]/float64(d.X.R)
	}
	return sum
}

// Difference gives the combination that is the mean at a minus the mean at b.
func (d *Design) Difference(a, b At, w Weights) ([]float64, error) {
	x, err := d.Mean(a, w)
	if err != nil {
		return nil, err
	}
	y, err := d.Mean(b, w)
	if err != nil {
		return nil, err
	}
	for i := range x {
		x[i] -= y[i]
	}
	return x, nil
}
