package mmrm

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Structure is the form of the covariance of a person's visits. A name with an
// h has a variance for each visit, one without has a single variance.
type Structure string

// The structures, by the names that mmrm and SAS users know.
const (
	Unstructured          Structure = "us"
	Toeplitz              Structure = "toep"
	HeterogeneousToeplitz Structure = "toeph"
	AR1                   Structure = "ar1"
	HeterogeneousAR1      Structure = "ar1h"
	CompoundSymmetry      Structure = "cs"
	HeterogeneousCS       Structure = "csh"
	Ante                  Structure = "ad"
	HeterogeneousAnte     Structure = "adh"
)

// Structures lists them all.
var Structures = []Structure{
	Unstructured, Toeplitz, HeterogeneousToeplitz, AR1, HeterogeneousAR1,
	CompoundSymmetry, HeterogeneousCS, Ante, HeterogeneousAnte,
}

// String gives the structure in words.
func (s Structure) String() string {
	return map[Structure]string{
		Unstructured: "unstructured", Toeplitz: "Toeplitz", HeterogeneousToeplitz: "heterogeneous Toeplitz",
		AR1: "first-order autoregressive", HeterogeneousAR1: "heterogeneous first-order autoregressive",
		CompoundSymmetry: "compound symmetry", HeterogeneousCS: "heterogeneous compound symmetry",
		Ante: "first-order ante-dependence", HeterogeneousAnte: "heterogeneous first-order ante-dependence",
	}[s]
}

// form is a structure over m visits: how many standard deviations and
// correlation parameters it has, and how correlations follow from those.
type form struct {
	m, sds, cors int
	name         Structure
}

func (s Structure) form(m int) (form, error) {
	if !slices.Contains(Structures, s) {
		return form{}, fault.New(stats.UnknownName, "structure", "%q is no covariance structure", string(s)).
			WithHint("one of us, toep, toeph, ar1, ar1h, cs, csh, ad, adh")
	}
	f := form{m: m, name: s, sds: 1}
	switch s {
	case HeterogeneousToeplitz, HeterogeneousAR1, HeterogeneousCS, HeterogeneousAnte:
		f.sds = m
	}
	switch s {
	case Unstructured:
		f.sds, f.cors = m, m*(m-1)/2
	case Toeplitz, HeterogeneousToeplitz, Ante, HeterogeneousAnte:
		f.cors = m - 1
	default:
		f.cors = min(1, m-1)
	}
	return f, nil
}

func (f form) params() int { return f.sds + f.cors }

// working writes Σ, lower triangle by columns, in parameters that run over all
// numbers: logarithms of standard deviations first, then for
//
//	us           the lower triangle of L below its diagonal, row by row, Σ = L·L';
//	             the "standard deviations" are then the diagonal of L
//	toep, toeph  partial autocorrelations through tanh
//	ar1, ad      correlations through tanh
//	cs           the correlation between −1/(m−1) and 1, through tanh
//
// None of them can leave the positive definite matrices.
func (f form) working(x []jet) []jet {
	sd := make([]jet, f.m)
	for i := range sd {
		sd[i] = x[min(i, f.sds-1)].exp()
	}
	z := x[f.sds:]
	n := len(x)
	if f.name == Unstructured {
		return f.cholesky(func(i, j int) jet {
			if i == j {
				return sd[i]
			}
			return z[i*(i-1)/2+j]
		})
	}
	r := make([]jet, len(z))
	for i := range z {
		r[i] = z[i].tanh()
	}
	switch f.name {
	case CompoundSymmetry, HeterogeneousCS:
		if f.cors > 0 {
			lo := -1 / float64(f.m-1)
			r[0] = constant((1+lo)/2, n).plus((1-lo)/2, r[0])
		}
	case Toeplitz, HeterogeneousToeplitz:
		r = levinson(r, n)
	}
	return f.correlated(sd, r)
}

// peer writes Σ as the programs do to whose Kenward–Roger with second
// derivatives ours is compared: in variances and correlations, as SAS; for an
// unstructured Σ = D·L·L'·D in log D and the unit lower triangle L, as mmrm.
func (f form) peer(x []jet) []jet {
	sd := make([]jet, f.m)
	if f.name == Unstructured {
		for i := range sd {
			sd[i] = x[i].exp()
		}
		return f.cholesky(func(i, j int) jet {
			if i == j {
				return sd[i]
			}
			return sd[i].mul(x[f.m+i*(i-1)/2+j])
		})
	}
	for i := range sd {
		sd[i] = x[min(i, f.sds-1)].sqrt()
	}
	return f.correlated(sd, x[f.sds:])
}

// linear says whether Σ is linear in what SAS takes for its parameters, so that
// second derivatives vanish.
func (f form) linear() bool { return f.name == CompoundSymmetry || f.name == Toeplitz }

func (f form) cholesky(l func(i, j int) jet) []jet {
	var out []jet
	for j := range f.m {
		for i := j; i < f.m; i++ {
			s := l(i, 0).mul(l(j, 0))
			for k := 1; k <= j; k++ {
				s = s.plus(1, l(i, k).mul(l(j, k)))
			}
			out = append(out, s)
		}
	}
	return out
}

// correlated puts standard deviations and correlation parameters together.
func (f form) correlated(sd, r []jet) []jet {
	var out []jet
	for j := range f.m {
		var run jet
		for i := j; i < f.m; i++ {
			v := sd[i].mul(sd[j])
			if i == j {
				out = append(out, v)
				continue
			}
			switch f.name {
			case CompoundSymmetry, HeterogeneousCS:
				run = r[0]
			case Toeplitz, HeterogeneousToeplitz:
				run = r[i-j-1]
			default: // a product along the way from j to i
				step := r[0]
				if f.name == Ante || f.name == HeterogeneousAnte {
					step = r[i-1]
				}
				if i == j+1 {
					run = step
				} else {
					run = run.mul(step)
				}
			}
			out = append(out, v.mul(run))
		}
	}
	return out
}

// levinson turns partial autocorrelations into autocorrelations, by the
// recursion of Durbin and Levinson run backwards. Any values inside (−1, 1)
// give a positive definite Toeplitz matrix.
func levinson(p []jet, n int) []jet {
	one := constant(1, n)
	rho := []jet{one}
	var phi []jet
	v := one
	for k := range p {
		r := p[k].mul(v)
		for j := range phi {
			r = r.plus(1, phi[j].mul(rho[k-j]))
		}
		next := make([]jet, k+1)
		for j := range phi {
			next[j] = phi[j].plus(-1, p[k].mul(phi[k-1-j]))
		}
		next[k] = p[k]
		v = v.plus(-1, v.mul(p[k]).mul(p[k]))
		phi = next
		rho = append(rho, r)
	}
	return rho[1:]
}

// toPeer gives the parameters of peer at a point of the working ones.
func (f form) toPeer(x []float64) []float64 {
	if f.name == Unstructured {
		out := append([]float64(nil), x...)
		for i := range f.m {
			for j := range i {
				out[f.m+i*(i-1)/2+j] /= math.Exp(x[i])
			}
		}
		return out
	}
	s := f.working(variables(x))
	at := func(i, j int) float64 { return s[vechIndex(f.m, i, j)].v }
	var out []float64
	for i := range f.sds {
		out = append(out, at(i, i))
	}
	cor := func(i, j int) float64 { return at(i, j) / math.Sqrt(at(i, i)*at(j, j)) }
	for k := range f.cors {
		if f.name == Ante || f.name == HeterogeneousAnte {
			out = append(out, cor(k+1, k))
		} else {
			out = append(out, cor(k+1, 0))
		}
	}
	return out
}

// vechIndex is the place of (i, j), i ≥ j, in the lower triangle by columns.
func vechIndex(m, i, j int) int { return j*m - j*(j-1)/2 + i - j }

// start gives working parameters near a positive definite moment estimate.
func (f form) start(s dense.Matrix) []float64 {
	m := f.m
	x := make([]float64, f.params())
	var total float64
	for i := range m {
		total += s.At(i, i) / float64(m)
		if f.sds == m {
			x[i] = math.Log(s.At(i, i)) / 2
		}
	}
	if f.sds == 1 {
		x[0] = math.Log(total) / 2
	}
	if f.name == Unstructured {
		l, _, ok := dense.Cholesky(s, 1e-12)
		if !ok {
			return x
		}
		for i := range m {
			x[i] = math.Log(l.At(i, i))
			for j := range i {
				x[m+i*(i-1)/2+j] = l.At(i, j)
			}
		}
		return x
	}
	lag := func(i int) float64 {
		return math.Atanh(math.Max(-0.9, math.Min(0.9, s.At(i+1, i)/math.Sqrt(s.At(i, i)*s.At(i+1, i+1)))))
	}
	if f.cors == 0 {
		return x
	}
	var mean float64
	for i := range m - 1 {
		mean += lag(i) / float64(m-1)
	}
	switch f.name {
	case Ante, HeterogeneousAnte:
		for i := range m - 1 {
			x[f.sds+i] = lag(i)
		}
	case CompoundSymmetry, HeterogeneousCS:
		lo := -1 / float64(m-1)
		r := math.Max(lo*0.9, math.Tanh(mean))
		x[f.sds] = math.Atanh((2*r - 1 - lo) / (1 - lo))
	default:
		x[f.sds] = mean
	}
	return x
}

// identifiable refuses visits whose covariance nobody tells of: together[i][j]
// counts the people seen at both.
func (f form) identifiable(together dense.Matrix, visits []string) error {
	need := func(i, j int) bool {
		switch f.name {
		case Unstructured:
			return true
		case Ante, HeterogeneousAnte:
			return i == j+1
		}
		return false
	}
	lags := make([]float64, f.m)
	var any float64
	for i := range f.m {
		for j := range i {
			lags[i-j] += together.At(i, j)
			any += together.At(i, j)
			if need(i, j) && together.At(i, j) < 2 {
				return fault.New(stats.NotEstimable, visits[i], "fewer than two people were seen at both %s and %s, so their covariance cannot be estimated", visits[j], visits[i]).
					WithHint("choose a structure with fewer parameters, such as ar1h or csh")
			}
		}
	}
	if f.name == Toeplitz || f.name == HeterogeneousToeplitz {
		for k := 1; k < f.m; k++ {
			if lags[k] < 2 {
				return fault.New(stats.NotEstimable, "", "fewer than two pairs of visits are %d apart, so their covariance cannot be estimated", k)
			}
		}
	}
	if f.m > 1 && any < 2 {
		return fault.New(stats.NotEstimable, "", "nobody was seen at two visits, so no covariance can be estimated").
			WithHint("use stats/linear")
	}
	return nil
}
