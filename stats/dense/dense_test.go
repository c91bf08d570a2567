package dense

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func draw(t *rapid.T, r, c int) Matrix {
	return Matrix{r, c, rapid.SliceOfN(rapid.Float64Range(-3, 3), r*c, r*c).Draw(t, "m")}
}

func far(a, b Matrix) float64 {
	var d float64
	for i := range a.A {
		d = math.Max(d, math.Abs(a.A[i]-b.A[i]))
	}
	return d
}

// L·L' gives back the matrix, an inverse times it the identity, and the
// eigenvectors rebuild it.
func TestFactorisations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		x := draw(t, n+3, n)
		a := x.T().Mul(x)
		for i := range n {
			a.Set(i, i, a.At(i, i)+1)
		}
		l, _, ok := Cholesky(a, 1e-14)
		if !ok {
			t.Fatal("not definite")
		}
		if d := far(l.Mul(l.T()), a); d > 1e-11 {
			t.Fatalf("LL' is off by %g", d)
		}
		inv, ok := Inverse(a)
		if !ok || far(inv.Mul(a), Identity(n)) > 1e-9 {
			t.Fatal("the inverse is not one")
		}
		values, v := Eigen(a)
		d := New(n, n)
		logdet := 0.0
		for i, e := range values {
			d.Set(i, i, e)
			logdet += math.Log(e)
		}
		if far(v.Mul(d).Mul(v.T()), a) > 1e-10 {
			t.Fatal("the eigenvectors do not rebuild the matrix")
		}
		if math.Abs(logdet-LogDet(l)) > 1e-9 {
			t.Fatal("the determinants differ")
		}
	})
}

// The residual of least squares is orthogonal to the columns, and the leverages
// sum to their number.
func TestQR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 5).Draw(t, "p")
		n := p + rapid.IntRange(1, 10).Draw(t, "extra")
		x := draw(t, n, p)
		for j := range p { // a ridge, to be of full rank
			x.Set(j, j, x.At(j, j)+20)
		}
		y := draw(t, n, 1).A
		f := NewQR(x)
		if !f.OK {
			t.Fatalf("column %d of a dominant matrix counts as dependent", f.Column)
		}
		_, rot := f.Solve(y)
		for j, v := range x.T().MulVec(f.Residual(rot)) {
			if math.Abs(v) > 1e-9 {
				t.Fatalf("column %d meets the residual at %g", j, v)
			}
		}
		var h float64
		for _, v := range f.Leverages() {
			h += v
		}
		if math.Abs(h-float64(p)) > 1e-9 {
			t.Fatalf("leverages sum to %g, not %d", h, p)
		}
		if far(f.CrossInverse().Mul(x.T().Mul(x)), Identity(p)) > 1e-7 {
			t.Fatal("(X'X)⁻¹ is not the inverse")
		}
	})
	x := FromRows([][]float64{{1, 2, 3}, {1, 4, 5}, {1, 6, 7}, {1, 9, 10}})
	if f := NewQR(x); f.OK || f.Column != 2 {
		t.Errorf("a sum of columns: OK %v, column %d", f.OK, f.Column)
	}
}
