// Package ordinal fits ordered categories, such as a diary's answers on a scale
// of few steps, by cumulative logits: one threshold between each two categories
// and one effect per column on all of them (proportional odds).
//
//	logit P(Y ≤ j) = ζ_j − x'β
//
// so a positive β moves answers to higher categories. Rows of one person can be
// joined by a sandwich (marginal effects) or by a random intercept (effects
// within a person). See doc/methods/ordinal.md.
package ordinal

import (
	"fmt"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/terms"
)

// Fit is a fitted cumulative logit model.
type Fit struct {
	Thresholds   []stats.Estimate // ζ_1 < ζ_2 < …
	Coefficients []stats.Estimate // β, log odds ratios
	LogLik       float64
	AIC          float64
	Rows, People int
	Iterations   int

	par   []float64    // of standard columns, as is the next
	cov   dense.Matrix // of par
	unit  *terms.Standard
	level float64
	// how many thresholds and columns there are; Intercept has one parameter more
	k, columns int
}

// problem is the data: categories from 0, and columns without the intercept.
type problem struct {
	y     []int
	x     dense.Matrix // in standard units
	unit  *terms.Standard
	k     int // thresholds = categories − 1
	names []string
}

// newProblem checks the data. Categories are 0 … highest; each must occur.
func newProblem(d *terms.Design, y []int) (*problem, error) {
	n := d.X.R
	if len(y) != n {
		return nil, fault.New(stats.Lengths, "outcome", "has %d values for %d rows of the design", len(y), n)
	}
	top := 0
	for i, v := range y {
		if v < 0 || v > 1000 {
			return nil, fault.New(stats.BadArgument, "outcome", "row %d has the category %d", i+1, v)
		}
		top = max(top, v)
	}
	if top == 0 {
		return nil, fault.New(stats.Constant, "outcome", "all %d answers are the same", n)
	}
	count := make([]int, top+1)
	for _, v := range y {
		count[v]++
	}
	for c, v := range count {
		if v == 0 {
			return nil, fault.New(stats.EmptyGroup, "outcome", "nobody answered %d", c).WithHint("join it with a neighbour, and say so")
		}
	}
	if count[0] == n {
		return nil, fault.New(stats.Constant, "outcome", "all answers are the same")
	}
	unit, x, err := d.Standardised()
	if err != nil {
		return nil, err
	}
	p := d.X.C - 1
	if n <= p+top {
		return nil, fault.New(stats.TooFew, "", "%d rows cannot support %d thresholds and %d coefficients", n, top, p)
	}
	pr := &problem{y: y, x: dense.New(n, p), unit: unit, k: top, names: d.Columns[1:]}
	for i := range n {
		copy(pr.x.Row(i), x.Row(i)[1:])
	}
	return pr, nil
}

// cell is the probability of an answer and its derivatives in the two limits
// a = ζ_y − η and b = ζ_{y−1} − η.
type cell struct {
	p      float64
	fa, fb float64 // density at the limits
	ga, gb float64 // derivative of the density
}

func logistic(x float64) (cdf, density, slope float64) {
	if math.IsInf(x, 0) {
		if x > 0 {
			return 1, 0, 0
		}
		return 0, 0, 0
	}
	e := math.Exp(-math.Abs(x))
	density = e / ((1 + e) * (1 + e))
	cdf = 1 / (1 + e)
	if x < 0 {
		cdf = e / (1 + e)
	}
	return cdf, density, density * (1 - 2*cdf)
}

// between is F(a) − F(b) without cancellation: in a tail the two are nearly
// equal, or nearly one.
func between(a, b float64) float64 {
	if math.IsInf(a, 1) {
		f, _, _ := logistic(-b)
		return f
	}
	if math.IsInf(b, -1) {
		f, _, _ := logistic(a)
		return f
	}
	if b > 0 {
		a, b = -b, -a
	}
	fa, _, _ := logistic(a)
	fb, _, _ := logistic(-b)
	return fa * fb * -math.Expm1(b-a)
}

func newCell(a, b float64) cell {
	var c cell
	_, c.fa, c.ga = logistic(a)
	_, c.fb, c.gb = logistic(b)
	c.p = between(a, b)
	return c
}

// limits gives a and b of an answer at thresholds z and linear predictor eta.
func limits(z []float64, y int, eta float64) (a, b float64) {
	a, b = math.Inf(1), math.Inf(-1)
	if y < len(z) {
		a = z[y] - eta
	}
	if y > 0 {
		b = z[y-1] - eta
	}
	return a, b
}

// score sets s to the derivative of log p in the parameters.
func (pr *problem) score(s []float64, y int, x []float64, c cell) {
	clear(s)
	if y < pr.k {
		s[y] = c.fa / c.p
	}
	if y > 0 {
		s[y-1] -= c.fb / c.p
	}
	for j, v := range x {
		s[pr.k+j] = -v * (c.fa - c.fb) / c.p
	}
}

// likelihood gives log L, its gradient, and minus its Hessian.
func (pr *problem) likelihood(par []float64) (ll float64, g []float64, info dense.Matrix, ok bool) {
	n := len(par)
	g, info = make([]float64, n), dense.New(n, n)
	z := par[:pr.k]
	s := make([]float64, n)
	for j := 1; j < pr.k; j++ {
		if !(z[j] > z[j-1]) {
			return 0, nil, info, false
		}
	}
	for i, y := range pr.y {
		x := pr.x.Row(i)
		a, b := limits(z, y, dense.Dot(x, par[pr.k:]))
		c := newCell(a, b)
		if !(c.p > 0) {
			return 0, nil, info, false
		}
		ll += math.Log(c.p)
		pr.score(s, y, x, c)
		for j, v := range s {
			g[j] += v
		}
		pr.addInfo(info, s, y, x, c)
	}
	return ll, g, info, true
}

// addInfo adds s·s' − (a-part) + (b-part): minus the second derivative.
func (pr *problem) addInfo(info dense.Matrix, s []float64, y int, x []float64, c cell) {
	n := len(s)
	for i, u := range s {
		if u != 0 {
			for j, v := range s {
				info.A[i*n+j] += u * v
			}
		}
	}
	add := func(t int, w float64) {
		if w == 0 {
			return
		}
		info.A[t*n+t] += w
		for j, v := range x {
			info.A[t*n+pr.k+j] -= w * v
			info.A[(pr.k+j)*n+t] -= w * v
			for l, u := range x {
				info.A[(pr.k+j)*n+pr.k+l] += w * v * u
			}
		}
	}
	if y < pr.k {
		add(y, -c.ga/c.p)
	}
	if y > 0 {
		add(y-1, c.gb/c.p)
	}
}

// start takes the thresholds of the margins.
func (pr *problem) start() []float64 {
	par := make([]float64, pr.k+pr.x.C)
	count := make([]float64, pr.k+1)
	for _, y := range pr.y {
		count[y]++
	}
	var run float64
	for j := range pr.k {
		run += count[j] / float64(len(pr.y))
		par[j] = math.Log(run / (1 - run))
	}
	return par
}

// maximise runs Newton's method with step halving.
func (pr *problem) maximise() (par []float64, ll float64, info dense.Matrix, iterations int, err error) {
	par = pr.start()
	ll, g, info, ok := pr.likelihood(par)
	for iterations = 1; ok && iterations <= 100; iterations++ {
		inv, pd := dense.Inverse(info)
		if !pd {
			break
		}
		step := inv.MulVec(g)
		size := dense.Dot(step, g)
		t, moved := 1.0, false
		for range 40 {
			next := make([]float64, len(par))
			for i := range par {
				next[i] = par[i] + t*step[i]
			}
			l2, g2, i2, ok2 := pr.likelihood(next)
			if ok2 && l2 >= ll-1e-13*math.Abs(ll) {
				par, ll, g, info, moved = next, l2, g2, i2, true
				break
			}
			t /= 2
		}
		for _, v := range par[pr.k:] {
			if math.Abs(v) > 1e6 {
				return nil, 0, info, iterations, separated()
			}
		}
		if size < 1e-22 || (!moved && size < 1e-12) {
			for i := range pr.y {
				if math.Abs(dense.Dot(pr.x.Row(i), par[pr.k:])) > 40 {
					return nil, 0, info, iterations, separated()
				}
			}
			return par, ll, info, iterations, nil
		}
	}
	return nil, 0, info, iterations, separated()
}

func separated() error {
	return fault.New(stats.NotEstimable, "", "the likelihood rises without end: a combination of columns orders the answers without error").
		WithHint("leave out the column that does so, or join categories")
}

// Cumulative fits the model to independent rows by maximum likelihood.
//
//	d  design; its intercept is replaced by the thresholds
//	y  category of each row, 0 … highest
//
// Faults: stats-lengths, stats-argument, stats-constant, stats-empty-group (a
// category nobody gave), stats-collinear, stats-too-few, stats-not-estimable
// (separation).
func Cumulative(d *terms.Design, y []int, level float64) (*Fit, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return nil, err
	}
	pr, err := newProblem(d, y)
	if err != nil {
		return nil, err
	}
	par, ll, info, it, err := pr.maximise()
	if err != nil {
		return nil, err
	}
	cov, ok := dense.Inverse(info)
	if !ok {
		return nil, separated()
	}
	f := &Fit{LogLik: ll, AIC: -2*ll + 2*float64(len(par)), Rows: len(y), People: len(y), Iterations: it}
	f.set(pr, par, cov, level)
	return f, nil
}

func (f *Fit) set(pr *problem, par []float64, cov dense.Matrix, level float64) {
	f.par, f.cov, f.unit, f.level, f.k, f.columns = par, cov, pr.unit, level, pr.k, pr.x.C
	for j := range pr.k {
		f.Thresholds = append(f.Thresholds, f.combine(fmt.Sprintf("%d|%d", j, j+1), f.threshold(j)))
	}
	for j, name := range pr.names {
		l := make([]float64, len(pr.names))
		l[j] = 1
		f.Coefficients = append(f.Coefficients, f.combine(name, f.effect(l)))
	}
}

// effect brings a combination of the coefficients to the parameters of standard
// columns.
func (f *Fit) effect(l []float64) []float64 {
	out := make([]float64, len(f.par))
	copy(out[f.k:], f.unit.Contrast(append([]float64{0}, l...))[1:])
	return out
}

// threshold is the same for a threshold, which stands where every column is
// nothing: there the standard columns are (0 − mean)/sd.
func (f *Fit) threshold(j int) []float64 {
	out := make([]float64, len(f.par))
	out[j] = 1
	origin := make([]float64, 1+f.columns)
	origin[0] = 1
	for i, v := range f.unit.Contrast(origin)[1:] {
		out[f.k+i] = -v
	}
	return out
}

func (f *Fit) combine(name string, l []float64) stats.Estimate {
	return stats.Z(name, dense.Dot(l, f.par), math.Sqrt(f.cov.Quad(l, l)), f.level)
}

// Contrast estimates a combination of the coefficients, without thresholds.
func (f *Fit) Contrast(name string, l []float64) (stats.Estimate, error) {
	if len(l) != len(f.Coefficients) {
		return stats.Estimate{}, fault.New(stats.Lengths, name, "the contrast has %d weights for %d coefficients", len(l), len(f.Coefficients))
	}
	full := f.effect(l)
	if !(f.cov.Quad(full, full) > 0) {
		return stats.Estimate{}, fault.New(stats.BadArgument, name, "the contrast has no variance")
	}
	return f.combine(name, full), nil
}

// Marginal fits the same model to rows that come in people, by estimating
// equations with independence as the working model: the estimates are those of
// Cumulative, the errors a sandwich over people with the expected information
// (as SAS and repolr).
//
// Below some fifty people the sandwich is too small; use Intercept then, or say
// so.
func Marginal(d *terms.Design, y []int, person []int, level float64) (*Fit, error) {
	f, err := Cumulative(d, y, level)
	if err != nil {
		return nil, err
	}
	pr, err := newProblem(d, y)
	if err != nil {
		return nil, err
	}
	people, err := codes(person, len(y))
	if err != nil {
		return nil, err
	}
	n := len(f.par)
	if people <= n {
		return nil, fault.New(stats.TooFew, "", "%d people cannot support %d parameters", people, n)
	}
	z := f.par[:pr.k]
	u, s, fisher := dense.New(people, n), make([]float64, n), dense.New(n, n)
	for i, y := range pr.y {
		x := pr.x.Row(i)
		eta := dense.Dot(x, f.par[pr.k:])
		for c := range pr.k + 1 {
			a, b := limits(z, c, eta)
			q := newCell(a, b)
			pr.score(s, c, x, q)
			for j, v := range s {
				for l, w := range s {
					fisher.A[j*n+l] += q.p * v * w
				}
			}
			if c == y {
				for j, v := range s {
					u.Row(person[i])[j] += v
				}
			}
		}
	}
	inv, ok := dense.Inverse(fisher)
	if !ok {
		return nil, separated()
	}
	cov := inv.Mul(u.T().Mul(u)).Mul(inv)
	cov.Symmetrise()
	out := &Fit{LogLik: f.LogLik, AIC: f.AIC, Rows: f.Rows, People: people, Iterations: f.Iterations}
	out.set(pr, f.par, cov, f.level)
	return out, nil
}

// codes checks person codes and counts people.
func codes(person []int, n int) (int, error) {
	if len(person) != n {
		return 0, fault.New(stats.Lengths, "person", "%d codes for %d rows", len(person), n)
	}
	top := -1
	for i, k := range person {
		if k < 0 || k >= n {
			return 0, fault.New(stats.BadArgument, "person", "row %d has the code %d", i+1, k)
		}
		top = max(top, k)
	}
	seen := make([]bool, top+1)
	for _, k := range person {
		seen[k] = true
	}
	for k, ok := range seen {
		if !ok {
			return 0, fault.New(stats.EmptyGroup, "person", "the code %d has no rows", k)
		}
	}
	return top + 1, nil
}
