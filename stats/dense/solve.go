package dense

import "math"

// Solve gives x with m·x = b for a general square m, by elimination with row
// pivoting; ok is false when a pivot all but vanishes.
func Solve(m Matrix, b []float64) (x []float64, ok bool) {
	n := m.R
	a := m.Clone()
	x = append([]float64(nil), b...)
	var top float64
	for _, v := range a.A {
		top = math.Max(top, math.Abs(v))
	}
	for j := range n {
		p := j
		for i := j + 1; i < n; i++ {
			if math.Abs(a.At(i, j)) > math.Abs(a.At(p, j)) {
				p = i
			}
		}
		if !(math.Abs(a.At(p, j)) > 1e-13*top) {
			return nil, false
		}
		if p != j {
			for k := range n {
				a.A[j*n+k], a.A[p*n+k] = a.A[p*n+k], a.A[j*n+k]
			}
			x[j], x[p] = x[p], x[j]
		}
		for i := j + 1; i < n; i++ {
			f := a.At(i, j) / a.At(j, j)
			if f == 0 {
				continue
			}
			for k := j; k < n; k++ {
				a.A[i*n+k] -= f * a.A[j*n+k]
			}
			x[i] -= f * x[j]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a.At(i, k) * x[k]
		}
		x[i] /= a.At(i, i)
	}
	return x, true
}
