package dense

import "math"

// Eigen gives the eigenvalues and eigenvectors (as columns) of a symmetric
// matrix by Jacobi rotations, in the order the diagonal ends up in.
func Eigen(m Matrix) (values []float64, vectors Matrix) {
	n := m.R
	a := m.Clone()
	v := Identity(n)
	for range 100 {
		var off, diag float64
		for i := range n {
			for j := range n {
				if i != j {
					off += a.At(i, j) * a.At(i, j)
				} else {
					diag += a.At(i, i) * a.At(i, i)
				}
			}
		}
		if off <= 1e-32*diag {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, v, p, q)
			}
		}
	}
	values = make([]float64, n)
	for i := range n {
		values[i] = a.At(i, i)
	}
	return values, v
}

func rotate(a, v Matrix, p, q int) {
	apq := a.At(p, q)
	if apq == 0 {
		return
	}
	t := (a.At(q, q) - a.At(p, p)) / (2 * apq)
	t = math.Copysign(1/(math.Abs(t)+math.Sqrt(t*t+1)), t)
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a.R {
		x, y := a.At(k, p), a.At(k, q)
		a.Set(k, p, c*x-s*y)
		a.Set(k, q, s*x+c*y)
	}
	for k := range a.R {
		x, y := a.At(p, k), a.At(q, k)
		a.Set(p, k, c*x-s*y)
		a.Set(q, k, s*x+c*y)
		x, y = v.At(k, p), v.At(k, q)
		v.Set(k, p, c*x-s*y)
		v.Set(k, q, s*x+c*y)
	}
}
