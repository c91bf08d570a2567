package signal

import "math"

// Bridge gives x with a straight line in place of every stretch that is no
// number, and those stretches, so that a filter can run across them; at the
// ends the nearest value is held. Without any it gives x itself.
func Bridge(x []float64) ([]float64, []Range) {
	var gaps []Range
	for i := 0; i < len(x); i++ {
		if x[i]-x[i] == 0 {
			continue
		}
		r := Range{From: i, To: i + 1}
		for r.To < len(x) && x[r.To]-x[r.To] != 0 {
			r.To++
		}
		gaps = append(gaps, r)
		i = r.To
	}
	if len(gaps) == 0 {
		return x, nil
	}
	y := append([]float64(nil), x...)
	for _, r := range gaps {
		before, after := math.NaN(), math.NaN()
		if r.From > 0 {
			before = y[r.From-1]
		}
		if r.To < len(y) {
			after = y[r.To]
		}
		switch {
		case math.IsNaN(before) && math.IsNaN(after):
			before, after = 0, 0
		case math.IsNaN(before):
			before = after
		case math.IsNaN(after):
			after = before
		}
		for i := r.From; i < r.To; i++ {
			y[i] = before + (after-before)*float64(i-r.From+1)/float64(r.To-r.From+1)
		}
	}
	return y, gaps
}
