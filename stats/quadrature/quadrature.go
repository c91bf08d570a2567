// Package quadrature gives the nodes and weights of Gauss's rules, to the last
// bits: eigenvalues of the recurrence, sharpened by Newton's method.
package quadrature

import (
	"math"

	"dvala/stats/dense"
)

// Legendre gives nodes and weights on −1 … 1.
func Legendre(n int) (x, w []float64) {
	j := dense.New(n, n)
	for i := 1; i < n; i++ {
		f := float64(i)
		v := f / math.Sqrt(4*f*f-1)
		j.Set(i, i-1, v)
		j.Set(i-1, i, v)
	}
	x, _ = dense.Eigen(j)
	w = make([]float64, n)
	for i := range x {
		var slope float64
		for range 5 {
			below, at := 1.0, x[i]
			for k := 2; k <= n; k++ {
				f := float64(k)
				below, at = at, ((2*f-1)*x[i]*at-(f-1)*below)/f
			}
			slope = float64(n) * (x[i]*at - below) / (x[i]*x[i] - 1)
			x[i] -= at / slope
		}
		w[i] = 2 / ((1 - x[i]*x[i]) * slope * slope)
	}
	return x, w
}

// Hermite gives nodes for the weight exp(−x²), and the logarithm of weight times
// exp(x²), by Christoffel's formula, which keeps the relative precision of the
// smallest weights.
func Hermite(n int) (x, logw []float64) {
	j := dense.New(n, n)
	for i := 1; i < n; i++ {
		v := math.Sqrt(float64(i) / 2)
		j.Set(i, i-1, v)
		j.Set(i-1, i, v)
	}
	x, _ = dense.Eigen(j)
	logw = make([]float64, n)
	for i := range x {
		for range 5 {
			below, at, _ := hermiteFunction(n, x[i])
			// ψ_n' at a root is √(2n)·ψ_{n−1}
			x[i] -= at / (math.Sqrt(2*float64(n)) * below)
		}
		_, _, sum := hermiteFunction(n, x[i])
		logw[i] = -math.Log(sum)
	}
	return x, logw
}

// hermiteFunction gives ψ_{n−1}(x), ψ_n(x) and Σ_{k<n} ψ_k(x)².
func hermiteFunction(n int, x float64) (below, at, sum float64) {
	at = math.Exp(-x*x/2) / math.Pow(math.Pi, 0.25)
	for k := range n {
		sum += at * at
		next := math.Sqrt(2/float64(k+1))*x*at - math.Sqrt(float64(k)/float64(k+1))*below
		below, at = at, next
	}
	return below, at, sum
}
