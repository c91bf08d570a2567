package reml

import (
	"iter"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Robust is a kind of standard error that does not trust the covariance model:
// a sandwich over people, who are independent of one another. It is the
// reference for every covariance but an unstructured one.
type Robust string

// The kinds.
const (
	CR0 Robust = "CR0" // as it is; too small with few people
	CR2 Robust = "CR2" // right on average were the working covariance the true one
	CR3 Robust = "CR3" // residuals over I − H, close to the jackknife
)

// Cluster is one person as a sandwich needs her, in standard units: her rows, or
// an orthonormal basis of what the model distinguishes in them.
type Cluster struct {
	X, V dense.Matrix // V is the working covariance of E
	E    []float64    // residuals
}

// Clusters gives everybody in one order.
type Clusters = iter.Seq[Cluster]

// RobustContrast estimates a combination of the coefficients with a sandwich
// error, s_i = A_i'·W_i·X_i·Φ·l being what person i's residuals weigh:
//
//	variance = Σ_i (s_i'e_i)²
//	CR0  A_i = I
//	CR2  A_i = √V_i·(√V_i·(V_i − X_i·Φ·X_i')·√V_i)^(−½)·√V_i
//	CR3  A_i = (I − X_i·Φ·X_i'·W_i)⁻¹
//
// with symmetric roots; CR2's is a pseudo-inverse where person i alone
// determines a combination. The degrees of freedom match the first two moments
// of that sum were the working covariance the true one (Bell and McCaffrey 2002;
// Pustejovsky and Tipton 2018):
//
//	df = (Σ P_ii)²/ΣΣ P_ij²,  P_ij = δ_ij·s_i'V_i·s_i − h_i'Φ·h_j,  h_i = X_i's_i
//
// found in time linear in people. The covariance parameters are taken as known.
func (f *Inference) RobustContrast(name string, l []float64, kind Robust) (stats.Estimate, error) {
	if f.Clusters == nil {
		return stats.Estimate{}, fault.New(stats.NotEstimable, name, "the model has no robust errors")
	}
	if kind != CR0 && kind != CR2 && kind != CR3 {
		return stats.Estimate{}, fault.New(stats.UnknownName, name, "%q is no robust error", string(kind)).WithHint("CR0, CR2 or CR3")
	}
	if err := f.check(name, l, Satterthwaite); err != nil {
		return stats.Estimate{}, err
	}
	lt := f.Unit.Contrast(l)
	var sum sandwich
	sum.hh = dense.New(len(lt), len(lt))
	phiL := f.Phi.MulVec(lt)
	k := 0
	for c := range f.Clusters {
		k++
		s, ok := c.weights(phiL, f.Phi, kind)
		if !ok {
			return stats.Estimate{}, fault.New(stats.NotEstimable, name, "person %d alone determines a coefficient, so %s errors do not exist", k, string(kind))
		}
		sum.add(c, s, f.Phi)
	}
	v, df := sum.close(f.Phi)
	if !(v > 0) || !(df > 0) {
		return stats.Estimate{}, fault.New(stats.NotEstimable, name, "the sandwich has no variance")
	}
	return stats.T(name, f.Unit.Value(l, dense.Dot(lt, f.Beta)), f.Unit.Scale()*math.Sqrt(v), df, f.Level), nil
}

// weights gives s_i.
func (c Cluster) weights(phiL []float64, phi dense.Matrix, kind Robust) ([]float64, bool) {
	w, ok := dense.Inverse(c.V)
	if !ok {
		return nil, false
	}
	s := w.MulVec(c.X.MulVec(phiL))
	switch kind {
	case CR2:
		root := power(c.V, 0.5)
		b := c.V.Clone()
		b.AddScaled(-1, c.X.Mul(phi).Mul(c.X.T()))
		inner := power(root.Mul(b).Mul(root), -0.5)
		s = root.MulVec(inner.MulVec(root.MulVec(s)))
	case CR3:
		// (I − H)' = I − W·X·Φ·X', so solve that for s.
		a := dense.Identity(len(s))
		a.AddScaled(-1, w.Mul(c.X).Mul(phi).Mul(c.X.T()))
		return dense.Solve(a, s)
	}
	return s, true
}

// power raises a symmetric matrix to a power by its eigenvalues; those that are
// rounding beside the largest count as 0, and stay 0.
func power(m dense.Matrix, to float64) dense.Matrix {
	m.Symmetrise()
	values, vectors := dense.Eigen(m)
	var top float64
	for _, v := range values {
		top = math.Max(top, v)
	}
	out := dense.New(m.R, m.R)
	for k, v := range values {
		if v <= 1e-10*top {
			continue
		}
		v = math.Pow(v, to)
		for i := range m.R {
			for j := range m.R {
				out.A[i*m.R+j] += v * vectors.At(i, k) * vectors.At(j, k)
			}
		}
	}
	return out
}

// sandwich sums over people.
type sandwich struct {
	v, sum, squares, cross float64
	hh                     dense.Matrix
}

func (w *sandwich) add(c Cluster, s []float64, phi dense.Matrix) {
	e := dense.Dot(s, c.E)
	w.v += e * e
	a := c.V.Quad(s, s)
	h := c.X.T().MulVec(s)
	q := phi.Quad(h, h)
	w.sum += a - q
	w.squares += a * a
	w.cross += a * q
	for i, u := range h {
		for j, v := range h {
			w.hh.A[i*w.hh.C+j] += u * v
		}
	}
}

func (w *sandwich) close(phi dense.Matrix) (v, df float64) {
	ph := phi.Mul(w.hh)
	return w.v, w.sum * w.sum / (w.squares - 2*w.cross + dense.TraceProduct(ph, ph))
}
