package mmrm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Robust is a kind of standard error that does not trust the covariance model:
// a sandwich over people. The reference for every structure but an unstructured
// one.
type Robust string

// The kinds.
const (
	CR0 Robust = "CR0" // as it is; too small with few people
	CR3 Robust = "CR3" // residuals over I − H, close to the jackknife
)

// member is one person: the pattern of visits, and where in data.order the rows
// begin.
type member struct{ pattern, first int }

// person gives a person's rows in standard units.
func (g *data) person(m member) (x dense.Matrix, r []float64) {
	k := len(g.patterns[m.pattern].visits)
	x = dense.New(k, g.p)
	for j, i := range g.order[m.first : m.first+k] {
		copy(x.Row(j), g.x[i*g.p:(i+1)*g.p])
		r = append(r, g.r[i])
	}
	return x, r
}

// RobustContrast estimates a combination of the coefficients with a sandwich
// error, s_i = A_i'·W_i·X_i·Φ·l being what person i's residuals weigh:
//
//	variance = Σ_i (s_i'e_i)²,  A_i = I for CR0, (I − X_i·Φ·X_i'·W_i)⁻¹ for CR3
//
// The degrees of freedom match the first two moments of that sum were the
// working covariance the true one (Bell and McCaffrey 2002; Pustejovsky and
// Tipton 2018):
//
//	df = (Σ P_ii)²/ΣΣ P_ij²,  P_ij = δ_ij·s_i'V_i·s_i − h_i'Φ·h_j,  h_i = X_i's_i
func (f *Fit) RobustContrast(name string, l []float64, kind Robust) (stats.Estimate, error) {
	if len(l) != len(f.inf.Beta) {
		return stats.Estimate{}, fault.New(stats.Lengths, name, "the contrast has %d weights for %d coefficients", len(l), len(f.inf.Beta))
	}
	if kind != CR0 && kind != CR3 {
		return stats.Estimate{}, fault.New(stats.UnknownName, name, "%q is no robust error", string(kind)).WithHint("CR0 or CR3")
	}
	st := f.state
	g := st.g
	lt := g.unit.Contrast(l)
	phiL := st.phi.MulVec(lt)
	hh := dense.New(g.p, g.p)
	var v, sum, squares, cross float64
	for k, m := range g.members {
		w := st.w[m.pattern]
		x, res := g.person(m)
		s := w.MulVec(x.MulVec(phiL))
		if kind == CR3 {
			// (I − H)' = I − W·X·Φ·X'
			h := w.Mul(x).Mul(st.phi).Mul(x.T())
			a := dense.Identity(len(s))
			a.AddScaled(-1, h)
			// A' = (I − H')⁻¹ with H = XΦX'W, so solve (I − W·XΦX')·s' = s.
			solved, ok := dense.Solve(a, s)
			if !ok {
				return stats.Estimate{}, fault.New(stats.NotEstimable, name, "person %d alone determines a coefficient, so %s errors do not exist", k, string(kind))
			}
			s = solved
		}
		var e float64
		for j, u := range s {
			e += u * (res[j] - dense.Dot(x.Row(j), st.delta))
		}
		v += e * e
		b := g.patterns[m.pattern]
		var a float64
		for j, u := range b.visits {
			for i, c := range b.visits {
				a += s[j] * st.sigma[b.group].At(u, c) * s[i]
			}
		}
		h := x.T().MulVec(s)
		q := st.phi.Quad(h, h)
		sum += a - q
		squares += a * a
		cross += a * q
		for i, u := range h {
			for j, c := range h {
				hh.A[i*hh.C+j] += u * c
			}
		}
	}
	ph := st.phi.Mul(hh)
	df := sum * sum / (squares - 2*cross + dense.TraceProduct(ph, ph))
	if !(v > 0) || !(df > 0) {
		return stats.Estimate{}, fault.New(stats.NotEstimable, name, "the sandwich has no variance")
	}
	return stats.T(name, g.unit.Value(l, dense.Dot(lt, f.inf.Beta)), g.unit.YSD*math.Sqrt(v), df, f.inf.Level), nil
}
