package dense

import "math"

// QR is the least-squares factorisation X = Q·R by Householder reflections,
// columns scaled to unit length first.
type QR struct {
	n, p   int
	v      Matrix    // reflections below the diagonal, by column
	tau    []float64 // of each reflection
	r      Matrix    // p×p upper triangle of the scaled matrix
	scale  []float64 // X = (X·diag(1/scale))·diag(scale)
	Column int       // of the first dependent column, if OK is false
	OK     bool      // whether X has full column rank
}

// Rank tolerance: a column counts as a combination of the earlier ones when
// what they leave of it is below this share of its length. It is R's.
const rankTol = 1e-7

// NewQR factors an n×p matrix with n ≥ p.
func NewQR(x Matrix) *QR {
	n, p := x.R, x.C
	f := &QR{n: n, p: p, v: x.T(), tau: make([]float64, p), r: New(p, p), scale: make([]float64, p), OK: true}
	for j := range p {
		c := f.v.Row(j)
		s := norm(c)
		f.scale[j] = s
		if s == 0 || math.IsInf(s, 0) || math.IsNaN(s) || j >= n {
			f.OK, f.Column = false, j
			return f
		}
		for i := range c {
			c[i] /= s
		}
	}
	for j := range p {
		c := f.v.Row(j)
		for k := range j {
			f.reflect(k, c)
			f.r.Set(k, j, c[k])
		}
		a := norm(c[j:])
		if a < rankTol {
			f.OK, f.Column = false, j
			return f
		}
		if c[j] > 0 {
			a = -a
		}
		f.r.Set(j, j, a)
		c[j] -= a
		f.tau[j] = -1 / (a * c[j])
		for k := range j {
			c[k] = 0
		}
	}
	return f
}

func norm(x []float64) float64 {
	var scale, sum float64 = 0, 1
	for _, v := range x {
		if v == 0 {
			continue
		}
		v = math.Abs(v)
		if v > scale {
			sum = 1 + sum*(scale/v)*(scale/v)
			scale = v
		} else {
			sum += (v / scale) * (v / scale)
		}
	}
	return scale * math.Sqrt(sum)
}

func (f *QR) reflect(k int, c []float64) {
	v := f.v.Row(k)
	s := f.tau[k] * Dot(v[k:], c[k:])
	for i := k; i < f.n; i++ {
		c[i] -= s * v[i]
	}
}

// Solve gives the least-squares coefficients and Q'·y, whose tail holds the
// residual in the rotated frame.
func (f *QR) Solve(y []float64) (beta, rotated []float64) {
	rotated = append([]float64(nil), y...)
	for k := range f.p {
		f.reflect(k, rotated)
	}
	beta = make([]float64, f.p)
	for i := f.p - 1; i >= 0; i-- {
		s := rotated[i]
		for j := i + 1; j < f.p; j++ {
			s -= f.r.At(i, j) * beta[j]
		}
		beta[i] = s / f.r.At(i, i)
	}
	for i := range beta {
		beta[i] /= f.scale[i]
	}
	return beta, rotated
}

// Residual gives y minus its projection, from the rotated vector of Solve.
func (f *QR) Residual(rotated []float64) []float64 {
	e := append([]float64(nil), rotated...)
	for i := range f.p {
		e[i] = 0
	}
	for k := f.p - 1; k >= 0; k-- {
		f.reflect(k, e)
	}
	return e
}

// CrossInverse gives (X'X)⁻¹.
func (f *QR) CrossInverse() Matrix {
	p := f.p
	inv := New(p, p) // R⁻¹ of the scaled matrix
	for j := range p {
		for i := j; i >= 0; i-- {
			s := 0.0
			if i == j {
				s = 1
			}
			for k := i + 1; k <= j; k++ {
				s -= f.r.At(i, k) * inv.At(k, j)
			}
			inv.Set(i, j, s/f.r.At(i, i))
		}
	}
	out := New(p, p)
	for i := range p {
		for j := range p {
			out.Set(i, j, Dot(inv.Row(i), inv.Row(j))/(f.scale[i]*f.scale[j]))
		}
	}
	return out
}

// Leverages gives the diagonal of X·(X'X)⁻¹·X'.
func (f *QR) Leverages() []float64 {
	h := make([]float64, f.n)
	q := make([]float64, f.n)
	for j := range f.p {
		for i := range q {
			q[i] = 0
		}
		q[j] = 1
		for k := f.p - 1; k >= 0; k-- {
			f.reflect(k, q)
		}
		for i, v := range q {
			h[i] += v * v
		}
	}
	return h
}

// LogAbsDet gives log|X'X|.
func (f *QR) LogAbsDet() float64 {
	var s float64
	for i := range f.p {
		s += math.Log(math.Abs(f.r.At(i, i)) * f.scale[i])
	}
	return 2 * s
}

// Basis gives the n×p orthonormal columns that span those of X.
func (f *QR) Basis() Matrix {
	b := New(f.n, f.p)
	q := make([]float64, f.n)
	for j := range f.p {
		clear(q)
		q[j] = 1
		for k := f.p - 1; k >= 0; k-- {
			f.reflect(k, q)
		}
		for i, v := range q {
			b.Set(i, j, v)
		}
	}
	return b
}
