package ordinal

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/dist"
	"dvala/stats/quadrature"
	"dvala/stats/terms"
)

// Spread is a standard deviation with an interval formed on its logarithm. It
// has no test: zero is the edge of what it can be.
type Spread struct {
	Value, SE, Low, High, Level float64
}

// Mixed is a fit with a random intercept per person.
type Mixed struct {
	*Fit
	Sigma    *Spread // of the random intercept; nil when it is zero
	Nodes    int
	Singular bool // people do not differ: the fit is that of Cumulative
}

// Intercept fits
//
//	logit P(Y ≤ j | u) = ζ_j − x'β − σu,  u ~ N(0, 1) per person
//
// by maximum likelihood with adaptive Gauss–Hermite quadrature. Effects are
// within a person, and so larger than marginal ones.
//
//	nodes  of the quadrature, 7 or more; 0 means 15. One node would be Laplace's
//	       approximation, which is visibly biased with few rows per person.
//
// Score and information are those of the integral, evaluated on the same nodes
// (Louis 1982).
func Intercept(d *terms.Design, y []int, person []int, nodes int, level float64) (*Mixed, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return nil, err
	}
	if nodes == 0 {
		nodes = 15
	}
	if nodes < 7 || nodes > 101 {
		return nil, fault.New(stats.BadArgument, "nodes", "%d is not between 7 and 101", nodes)
	}
	pr, err := newProblem(d, y)
	if err != nil {
		return nil, err
	}
	people, err := codes(person, len(y))
	if err != nil {
		return nil, err
	}
	if people == len(y) {
		return nil, fault.New(stats.NotEstimable, "", "everybody has one row, so the spread between people cannot be told").WithHint("use the model without a random intercept")
	}
	if people <= pr.x.C+1 {
		return nil, fault.New(stats.TooFew, "", "%d people cannot support %d coefficients and a spread", people, pr.x.C)
	}
	m := &mixture{pr: pr, rows: make([][]int, people), mode: make([]float64, people)}
	for i, k := range person {
		m.rows[k] = append(m.rows[k], i)
	}
	m.x, m.logw = quadrature.Hermite(nodes)
	par, ll, info, it, err := m.maximise()
	if err != nil {
		return nil, err
	}
	if par == nil {
		f, err := Cumulative(d, y, level)
		if err != nil {
			return nil, err
		}
		f.People = people
		return &Mixed{Fit: f, Nodes: nodes, Singular: true}, nil
	}
	cov, ok := dense.Inverse(info)
	if !ok {
		return nil, fault.New(stats.NoConvergence, "", "the information is not positive definite at the maximum")
	}
	f := &Fit{LogLik: ll, AIC: -2*ll + 2*float64(len(par)), Rows: len(y), People: people, Iterations: it}
	f.set(pr, par, cov, level)
	last := len(par) - 1
	sigma, se := math.Exp(par[last]), math.Sqrt(cov.At(last, last))
	h := dist.NormalQuantile(0.5+level/2) * se
	return &Mixed{Fit: f, Nodes: nodes, Sigma: &Spread{sigma, sigma * se, math.Exp(par[last] - h), math.Exp(par[last] + h), level}}, nil
}

// mixture is the integral over people's intercepts.
type mixture struct {
	pr      *problem
	rows    [][]int
	mode    []float64 // of u, kept between evaluations as a start
	x, logw []float64 // nodes, and log of weight times exp(x²)
}

// slope gives log p and its first two derivatives in the linear predictor.
func slope(c cell) (l, d1, d2 float64) {
	d1 = -(c.fa - c.fb) / c.p
	return math.Log(c.p), d1, (c.ga-c.gb)/c.p - d1*d1
}

// centre finds the mode of u for one person, and the curvature there.
func (m *mixture) centre(k int, par []float64, eta []float64, sigma float64) (u, h float64) {
	z := par[:m.pr.k]
	u = m.mode[k]
	if !(math.Abs(u) < 20) {
		u = 0
	}
	for range 100 {
		g, c := -u, -1.0
		for _, i := range m.rows[k] {
			a, b := limits(z, m.pr.y[i], eta[i]+sigma*u)
			_, d1, d2 := slope(newCell(a, b))
			g += sigma * d1
			c += sigma * sigma * d2
		}
		step := math.Max(-2, math.Min(2, -g/c))
		u += step
		h = -c
		if math.Abs(step) < 1e-13 {
			break
		}
	}
	m.mode[k] = u
	return u, h
}

// likelihood gives log L, its gradient and minus its Hessian.
func (m *mixture) likelihood(par []float64) (ll float64, g []float64, info dense.Matrix, ok bool) {
	pr := m.pr
	n := len(par)
	last := n - 1
	sigma := math.Exp(par[last])
	g, info = make([]float64, n), dense.New(n, n)
	for j := 1; j < pr.k; j++ {
		if !(par[j] > par[j-1]) {
			return 0, nil, info, false
		}
	}
	eta := make([]float64, len(pr.y))
	for i := range eta {
		eta[i] = dense.Dot(pr.x.Row(i), par[pr.k:last])
	}
	q := len(m.x)
	lp, scores := make([]float64, q), dense.New(q, n)
	infos := make([]dense.Matrix, q)
	for j := range infos {
		infos[j] = dense.New(n, n)
	}
	for k := range m.rows {
		u, h := m.centre(k, par, eta, sigma)
		s := 1 / math.Sqrt(h)
		top := math.Inf(-1)
		for j, x := range m.x {
			v := u + math.Sqrt2*s*x
			lp[j] = m.logw[j] - v*v/2 + m.person(k, par, eta, sigma*v, scores.Row(j), infos[j])
			top = math.Max(top, lp[j])
		}
		var sum float64
		for _, l := range lp {
			sum += math.Exp(l - top)
		}
		if !(sum > 0) || math.IsInf(top, 0) {
			return 0, nil, info, false
		}
		ll += top + math.Log(sum) + math.Log(s) - math.Log(math.Pi)/2
		m.posterior(lp, top, sum, scores, infos, g, info)
	}
	return ll, g, info, !math.IsNaN(ll)
}

// person sets score and information given σu = w, and gives log p.
func (m *mixture) person(k int, par, eta []float64, w float64, score []float64, info dense.Matrix) (l float64) {
	pr := m.pr
	last := len(par) - 1
	clear(score)
	info.Zero()
	row := make([]float64, len(par)-pr.k)
	s := make([]float64, len(par))
	for _, i := range m.rows[k] {
		a, b := limits(par[:pr.k], pr.y[i], eta[i]+w)
		c := newCell(a, b)
		copy(row, pr.x.Row(i))
		row[len(row)-1] = w // ∂η/∂log σ
		pr.score(s, pr.y[i], row, c)
		pr.addInfo(info, s, pr.y[i], row, c)
		ll, d1, _ := slope(c)
		info.A[last*info.C+last] -= d1 * w // ∂²η/∂(log σ)² is w too
		for j, v := range s {
			score[j] += v
		}
		l += ll
	}
	return l
}

// posterior adds one person: the mean score, and the mean information less the
// spread of the score.
func (m *mixture) posterior(lp []float64, top, sum float64, scores dense.Matrix, infos []dense.Matrix, g []float64, info dense.Matrix) {
	n := len(g)
	mean := make([]float64, n)
	for j, l := range lp {
		w := math.Exp(l-top) / sum
		info.AddScaled(w, infos[j])
		s := scores.Row(j)
		for a, u := range s {
			mean[a] += w * u
			for b, v := range s {
				info.A[a*n+b] -= w * u * v
			}
		}
	}
	for a, u := range mean {
		g[a] += u
		for b, v := range mean {
			info.A[a*n+b] += u * v
		}
	}
}

// maximise runs Newton's method from the marginal fit; par is nil when the
// spread goes to zero.
func (m *mixture) maximise() (par []float64, ll float64, info dense.Matrix, iterations int, err error) {
	par, _, _, _, err = m.pr.maximise()
	if err != nil {
		return nil, 0, info, 0, err
	}
	for i := range par {
		par[i] *= 1.3 // effects within people are larger than between answers
	}
	par = append(par, 0)
	ll, g, info, ok := m.likelihood(par)
	for iterations = 1; ok && iterations <= 200; iterations++ {
		step, size := ascent(info, g)
		if step == nil {
			break
		}
		t, moved := 1.0, false
		for range 40 {
			next := make([]float64, len(par))
			for i := range par {
				next[i] = par[i] + t*step[i]
			}
			l2, g2, i2, ok2 := m.likelihood(next)
			if ok2 && l2 >= ll-1e-12*math.Abs(ll) {
				par, ll, g, info, moved = next, l2, g2, i2, true
				break
			}
			t /= 2
		}
		if par[len(par)-1] < -6 {
			return nil, 0, info, iterations, nil
		}
		if par[len(par)-1] > 5 {
			return nil, 0, info, iterations, separated()
		}
		if size < 1e-18 || (!moved && size < 1e-10) {
			return par, ll, info, iterations, nil
		}
	}
	return nil, 0, info, iterations, fault.New(stats.NoConvergence, "", "no maximum after %d iterations", iterations)
}

// ascent gives a Newton step, with the information's diagonal raised until it
// is positive definite.
func ascent(info dense.Matrix, g []float64) ([]float64, float64) {
	for mu := 0.0; mu < 1e6; mu = math.Max(1e-2, mu*4) {
		m := info.Clone()
		for i := range g {
			m.Set(i, i, m.At(i, i)+mu*(1+math.Abs(m.At(i, i))))
		}
		if inv, ok := dense.Inverse(m); ok {
			step := inv.MulVec(g)
			size := dense.Dot(step, g)
			if mu > 0 {
				size = math.Max(size, 1e-6) // not yet in the bowl
			}
			return step, size
		}
	}
	return nil, 0
}
