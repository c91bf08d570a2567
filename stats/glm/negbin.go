package glm

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Counts is a negative binomial regression.
type Counts struct {
	Coefficients []stats.Estimate // on the logarithm of the mean; errors of the model, with the normal
	// Dispersion is k in a variance of μ + kμ², with the error of its estimate;
	// nil where the counts vary no more than a Poisson's, whose fit it then is.
	Dispersion *stats.Estimate
	LogLik     float64
	Rows       int
	Iterations int
}

// negBin is the state of the fit.
type negBin struct {
	*data
	beta  []float64
	mu    []float64
	theta float64   // 1/k; +Inf is Poisson
	above []float64 // how many counts are above 0, 1, 2, …
}

// NegativeBinomial fits counts whose variance is μ + kμ², log μ = Xβ + offset, by
// maximum likelihood in β and k:
//
//	β:  Σ x(y − μ)/(1 + kμ) = 0, by Fisher scoring at k
//	θ = 1/k:  Σ ψ(y+θ) − ψ(θ) + log θ + 1 − log(μ+θ) − (y+θ)/(μ+θ) = 0, in log θ at β
//
// in turn until neither moves. β and k are orthogonal, so errors of β are of the
// expected information at k, {Σ μxx'/(1+kμ)}⁻¹, and that of θ of its own observed
// information, as in R's MASS. The likelihood rises from k = 0 only where
// Σ{(y−μ)² − y} is above 0 at Poisson's fit; elsewhere that fit stands.
//
// Unlike Regress's robust errors these need the variance to be of that form.
//
// Faults: those of Regress.
func NegativeBinomial(d *terms.Design, y, offset []float64, level float64) (*Counts, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return nil, err
	}
	start, err := Regress(d, y, Options{Family: Poisson, Offset: offset, Errors: Model, Level: level})
	if err != nil {
		return nil, err
	}
	f := &negBin{data: start.data, beta: append([]float64(nil), start.beta...), mu: make([]float64, len(y)), theta: math.Inf(1)}
	f.means()
	if err := f.tally(); err != nil {
		return nil, err
	}
	out := &Counts{Rows: len(y)}
	over := 0.0
	for i, v := range y {
		over += (v-f.mu[i])*(v-f.mu[i]) - v
	}
	if over > 0 {
		if out.Iterations, err = f.maximise(start); err != nil {
			return nil, err
		}
		k := stats.Z("dispersion", 1/f.theta, f.dispersionError(), level)
		out.Dispersion = &k
	}
	_, info := f.score()
	cov, ok := dense.Inverse(info)
	if !ok {
		return nil, start.separated()
	}
	out.LogLik = f.logLik()
	for j, name := range d.Columns {
		l := start.column(j)
		out.Coefficients = append(out.Coefficients, stats.Z(name, dense.Dot(l, f.beta), math.Sqrt(cov.Quad(l, l)), level))
	}
	return out, nil
}

// tally counts the counts: ψ(y+θ) − ψ(θ) is Σ 1/(θ+j) over j < y, so that sums over
// people are sums over j, without a special function and its digits.
func (f *negBin) tally() error {
	for i, y := range f.y {
		if y > 1e7 {
			return fault.New(stats.BadArgument, "outcome", "row %d counts %v", i+1, y).WithHint("such counts are numbers, for a linear model")
		}
		for len(f.above) < int(y) {
			f.above = append(f.above, 0)
		}
	}
	for _, y := range f.y {
		for j := range int(y) {
			f.above[j]++
		}
	}
	return nil
}

func (f *negBin) means() {
	for i := range f.mu {
		f.mu[i] = math.Exp(f.eta(i, f.beta))
	}
}

// score gives that of β and its expected information.
func (f *negBin) score() ([]float64, dense.Matrix) {
	p := f.x.C
	u, info := make([]float64, p), dense.New(p, p)
	for i, m := range f.mu {
		w := 1 / (1 + m/f.theta)
		for a, x := range f.x.Row(i) {
			u[a] += x * (f.y[i] - m) * w
			for b, z := range f.x.Row(i) {
				info.A[a*p+b] += x * z * m * w
			}
		}
	}
	return u, info
}

func (f *negBin) maximise(start *Fit) (iterations int, err error) {
	f.theta = 1
	for iterations = 1; iterations <= 500; iterations++ {
		before := f.theta
		if err := f.dispersion(); err != nil {
			return iterations, err
		}
		moved := math.Abs(math.Log(f.theta / before))
		for range 50 {
			u, info := f.score()
			inv, ok := dense.Inverse(info)
			if !ok {
				return iterations, start.separated()
			}
			step := inv.MulVec(u)
			size := dense.Dot(step, u)
			for j := range step {
				f.beta[j] += step[j]
			}
			f.means()
			for i := range f.mu {
				if math.Abs(f.eta(i, f.beta)) > 40 {
					return iterations, start.separated()
				}
			}
			moved = math.Max(moved, math.Sqrt(math.Abs(size)))
			if size < 1e-24 {
				break
			}
		}
		if moved < 1e-11 {
			return iterations, nil
		}
	}
	return iterations, fault.New(stats.NoConvergence, "", "mean and dispersion did not settle in 500 rounds")
}

// slope of the log likelihood in θ, which is positive below its maximum.
func (f *negBin) slope(theta float64) float64 {
	var s float64
	for j, n := range f.above {
		s += n / (theta + float64(j))
	}
	for i, m := range f.mu {
		s += (m-f.y[i])/(m+theta) - math.Log1p(m/theta)
	}
	return s
}

// dispersion sets θ to the root of its slope at the means as they are, by
// bisection in its logarithm.
func (f *negBin) dispersion() error {
	lo, hi := -8.0, 16.0
	if f.slope(math.Exp(lo)) < 0 {
		return fault.New(stats.NoConvergence, "dispersion", "the counts vary without bounds about their means")
	}
	if f.slope(math.Exp(hi)) > 0 {
		f.theta = math.Exp(hi) // as good as Poisson, where the slope is lost in rounding
		return nil
	}
	for range 200 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if f.slope(math.Exp(mid)) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	f.theta = math.Exp((lo + hi) / 2)
	return nil
}

// dispersionError is that of k, from the observed information of θ.
func (f *negBin) dispersionError() float64 {
	t := f.theta
	var info float64
	for j, n := range f.above {
		info += n / ((t + float64(j)) * (t + float64(j)))
	}
	for i, m := range f.mu {
		info -= 1/t - 2/(m+t) + (f.y[i]+t)/((m+t)*(m+t))
	}
	return 1 / math.Sqrt(info) / (t * t)
}

func (f *negBin) logLik() float64 {
	var s float64
	for j, n := range f.above { // log Γ(y+θ) − log Γ(θ) − y·log θ
		s += n * math.Log1p(float64(j)/f.theta)
	}
	for i, m := range f.mu {
		y := f.y[i]
		fact, _ := math.Lgamma(y + 1)
		s += y*math.Log(m) - fact
		if math.IsInf(f.theta, 1) {
			s -= m
		} else {
			s -= (y + f.theta) * math.Log1p(m/f.theta)
		}
	}
	return s
}
