package terms

import "math"

// Shift takes By times one column from another: what centring a covariate does
// to the column of an interaction, whose parent is the same interaction
// without the covariate.
type Shift struct {
	Column, Parent int
	By             float64
}

// Shifts centre the covariates that lie far from zero within their
// interactions. As every model is hierarchical, that only writes it in other
// coefficients: x·z = (x − c)·z + c·z, and z is in the model too. They are to
// be applied in order, to a row of the matrix or to a combination of
// coefficients.
//
// Main effects need none: a column's own mean does the same.
func (d *Design) Shifts() []Shift {
	var out []Shift
	for k, v := range d.vars {
		if v.levels != nil {
			continue
		}
		var c float64
		found := false
		// Higher terms first, so that parents are not yet centred.
		for i := len(d.terms) - 1; i >= 0; i-- {
			t := d.terms[i]
			at := partOf(t.parts, k)
			if at < 0 || len(t.parts) < 2 {
				continue
			}
			if !found {
				var sd float64
				if c, sd = MeanSD(v.x); math.Abs(c) < 10*sd {
					break
				}
				found = true
			}
			rest := append(append([]int(nil), t.parts[:at]...), t.parts[at+1:]...)
			parent := d.find(rest)
			for j, from := range d.sameOrder(t, *parent, k) {
				out = append(out, Shift{t.start + j, from, c})
			}
		}
	}
	return out
}

func partOf(parts []int, k int) int {
	for i, p := range parts {
		if p == k {
			return i
		}
	}
	return -1
}

// sameOrder gives, for each column of a term, the column of the term without
// covariate k that has the same levels. The two may name their parts in another
// order.
func (d *Design) sameOrder(t, parent term, k int) []int {
	out := make([]int, t.width)
	for j := range out {
		level := map[int]int{}
		rest := j
		for _, p := range t.parts {
			w := d.vars[p].width()
			level[p] = rest % w
			rest /= w
		}
		at, stride := 0, 1
		for _, p := range parent.parts {
			at += level[p] * stride
			stride *= d.vars[p].width()
		}
		out[j] = parent.start + at
	}
	return out
}
