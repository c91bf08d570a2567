package quadrature

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// Nodes integrate polynomials exactly: ∫x²ᵏe^{−x²} = Γ(k+½).
func TestHermite(t *testing.T) {
	x, lw := Hermite(15)
	for k := range 15 {
		var s float64
		for i := range x {
			s += math.Exp(lw[i]-x[i]*x[i]) * math.Pow(x[i], float64(2*k))
		}
		near(t, "moment", s/math.Gamma(float64(k)+0.5), 1, 1e-12)
	}
}

// ∫x²ᵏ over −1 … 1 is 2/(2k+1).
func TestLegendre(t *testing.T) {
	for _, n := range []int{2, 5, 48} {
		x, w := Legendre(n)
		for k := range n {
			var s float64
			for i := range x {
				s += w[i] * math.Pow(x[i], float64(2*k))
			}
			near(t, "moment", s, 2/float64(2*k+1), 1e-13)
		}
	}
}
