// Package dense is the small dense linear algebra of the statistics: matrices
// of tens of rows, held row by row in one slice, with the few factorisations
// that likelihoods need.
//
// Written out rather than taken from a library because the matrices are so
// small that calls and checks cost more than the arithmetic, and because a fixed
// order of summation gives the same bits on every machine with the same
// floating-point instructions.
package dense

import "math"

// Matrix is r×c, row by row: At(i, j) is A[i*C+j].
type Matrix struct {
	R, C int
	A    []float64
}

// New gives an r×c matrix of zeros.
func New(r, c int) Matrix { return Matrix{r, c, make([]float64, r*c)} }

// FromRows copies rows of equal length.
func FromRows(rows [][]float64) Matrix {
	if len(rows) == 0 {
		return Matrix{}
	}
	m := New(len(rows), len(rows[0]))
	for i, r := range rows {
		copy(m.Row(i), r)
	}
	return m
}

// Identity gives the n×n identity.
func Identity(n int) Matrix {
	m := New(n, n)
	for i := range n {
		m.A[i*n+i] = 1
	}
	return m
}

// At gives one element.
func (m Matrix) At(i, j int) float64 { return m.A[i*m.C+j] }

// Set sets one element.
func (m Matrix) Set(i, j int, v float64) { m.A[i*m.C+j] = v }

// Row gives row i, sharing memory.
func (m Matrix) Row(i int) []float64 { return m.A[i*m.C : (i+1)*m.C] }

// Clone copies a matrix.
func (m Matrix) Clone() Matrix {
	return Matrix{m.R, m.C, append([]float64(nil), m.A...)}
}

// Zero sets all elements to 0.
func (m Matrix) Zero() {
	for i := range m.A {
		m.A[i] = 0
	}
}

// T gives the transpose.
func (m Matrix) T() Matrix {
	t := New(m.C, m.R)
	for i := range m.R {
		for j := range m.C {
			t.A[j*m.R+i] = m.A[i*m.C+j]
		}
	}
	return t
}

// Mul gives m·b.
func (m Matrix) Mul(b Matrix) Matrix {
	out := New(m.R, b.C)
	MulTo(out, m, b)
	return out
}

// MulTo sets out to a·b; out must not overlap either.
func MulTo(out, a, b Matrix) {
	for i := range a.R {
		o := out.Row(i)
		for j := range o {
			o[j] = 0
		}
		for k, v := range a.Row(i) {
			if v == 0 {
				continue
			}
			for j, w := range b.Row(k) {
				o[j] += v * w
			}
		}
	}
}

// MulVec gives m·x.
func (m Matrix) MulVec(x []float64) []float64 {
	out := make([]float64, m.R)
	for i := range out {
		out[i] = Dot(m.Row(i), x)
	}
	return out
}

// AddScaled adds f·b to m, in place.
func (m Matrix) AddScaled(f float64, b Matrix) {
	for i, v := range b.A {
		m.A[i] += f * v
	}
}

// Symmetrise replaces m by (m+m')/2.
func (m Matrix) Symmetrise() {
	for i := range m.R {
		for j := range i {
			v := (m.At(i, j) + m.At(j, i)) / 2
			m.Set(i, j, v)
			m.Set(j, i, v)
		}
	}
}

// Dot is the inner product.
func Dot(a, b []float64) float64 {
	var s float64
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// TraceProduct is tr(a·b).
func TraceProduct(a, b Matrix) float64 {
	var s float64
	for i := range a.R {
		for j, v := range a.Row(i) {
			s += v * b.A[j*b.C+i]
		}
	}
	return s
}

// Quad is x'·m·y.
func (m Matrix) Quad(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		if v != 0 {
			s += v * Dot(m.Row(i), y)
		}
	}
	return s
}

// Cholesky factors a symmetric positive definite matrix as L·L'. Only the
// lower triangle is read. ok is false, and the column tells where, if a pivot
// falls to rel times its own diagonal or below.
func Cholesky(m Matrix, rel float64) (l Matrix, column int, ok bool) {
	n := m.R
	l = New(n, n)
	for j := range n {
		rj := l.A[j*n : j*n+j]
		d := m.A[j*n+j]
		v := d - Dot(rj, rj)
		if !(v > rel*math.Abs(d)) || math.IsInf(v, 0) {
			return l, j, false
		}
		v = math.Sqrt(v)
		l.A[j*n+j] = v
		for i := j + 1; i < n; i++ {
			l.A[i*n+j] = (m.A[i*n+j] - Dot(l.A[i*n:i*n+j], rj)) / v
		}
	}
	return l, 0, true
}

// SolveLower overwrites x with L⁻¹·x.
func SolveLower(l Matrix, x []float64) {
	for i := range x {
		x[i] = (x[i] - Dot(l.A[i*l.C:i*l.C+i], x[:i])) / l.A[i*l.C+i]
	}
}

// SolveLowerT overwrites x with L'⁻¹·x.
func SolveLowerT(l Matrix, x []float64) {
	n := len(x)
	for i := n - 1; i >= 0; i-- {
		x[i] /= l.A[i*n+i]
		v := x[i]
		for k := range i {
			x[k] -= l.A[i*n+k] * v
		}
	}
}

// LogDet is log|L·L'|.
func LogDet(l Matrix) float64 {
	var s float64
	for i := range l.R {
		s += math.Log(l.At(i, i))
	}
	return 2 * s
}

// InverseFrom gives (L·L')⁻¹.
func InverseFrom(l Matrix) Matrix {
	n := l.R
	inv := New(n, n)
	x := make([]float64, n)
	for j := range n {
		for i := range x {
			x[i] = 0
		}
		x[j] = 1
		SolveLower(l, x)
		SolveLowerT(l, x)
		for i, v := range x {
			inv.A[i*n+j] = v
		}
	}
	inv.Symmetrise()
	return inv
}

// Inverse gives the inverse of a symmetric positive definite matrix.
//
// The matrix is scaled to a unit diagonal first, so that a variance of 1e6
// beside one of 1e-6 is not taken for singularity.
func Inverse(m Matrix) (Matrix, bool) {
	n := m.R
	s := make([]float64, n)
	w := New(n, n)
	for i := range n {
		d := m.At(i, i)
		if !(d > 0) {
			return Matrix{}, false
		}
		s[i] = 1 / math.Sqrt(d)
	}
	for i := range n {
		for j := range n {
			w.Set(i, j, m.At(i, j)*s[i]*s[j])
		}
	}
	l, _, ok := Cholesky(w, 1e-14)
	if !ok {
		return Matrix{}, false
	}
	inv := InverseFrom(l)
	for i := range n {
		for j := range n {
			inv.Set(i, j, inv.At(i, j)*s[i]*s[j])
		}
	}
	return inv, true
}
