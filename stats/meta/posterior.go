package meta

import (
	"fmt"
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
)

// Prior of the normal-normal model: μ ~ N(Mean, SD²), τ ~ half-normal(Tau).
// There is no default, since what is small in minutes is huge in hours.
type Prior struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	Tau  float64 `json:"tau"` // scale of the half-normal: τ is below 2·Tau with probability 0.954
}

// String states the prior as a report does.
func (p Prior) String() string {
	return fmt.Sprintf("μ ~ N(%g, %g²), τ ~ half-normal(%g)", p.Mean, p.SD, p.Tau)
}

// Belief is the posterior of one quantity.
type Belief struct {
	Mean     float64 `json:"mean"`
	SD       float64 `json:"sd"`
	Low      float64 `json:"low"` // equal tails
	High     float64 `json:"high"`
	Positive float64 `json:"positive"` // probability of being above 0
}

// Posterior of the normal-normal model.
type Posterior struct {
	Prior  Prior    `json:"prior"`
	Level  float64  `json:"level"`
	Mu     Belief   `json:"mu"`
	Tau    Belief   `json:"tau"`
	Next   Belief   `json:"next"`   // θ of one more person or trial like these
	Theta  []Belief `json:"theta"`  // one per estimate, in the order given
	Points int      `json:"points"` // of the quadrature over τ
}

// NormalNormal gives the posterior of μ, τ and every θ. Given τ all is normal
// and exact, so only τ is integrated numerically, and no sampler is needed:
//
//	w = 1/(v+τ²),  V = 1/(Σw + 1/SD²),  m = V(Σw·y + Mean/SD²)
//	log p(τ|y) = ½Σlog w + ½log V − ½(Σw·y² + Mean²/SD² − m²/V) − τ²/(2·Tau²)
//	μ|τ ~ N(m, V),  θ_i|τ ~ N(B·m + (1−B)·y_i, (1−B)·v_i + B²·V),  B = v_i·w_i
//
// One estimate is enough: the prior says the rest, which is why it is printed.
//
// Invariants (TestPosteriorInvariants): order, shift (of data and prior mean
// together) and scale; a posterior mean of θ lies between y and that of μ given τ.
//
// Faults: those of Combine, and stats-argument for a prior without spread.
func NormalNormal(y, v []float64, prior Prior, level float64) (Posterior, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Posterior{}, err
	}
	if err := check(y, v); err != nil {
		return Posterior{}, err
	}
	if len(y) == 0 {
		return Posterior{}, fault.New(stats.TooFew, "", "no estimate was given")
	}
	if err := stats.Finite("prior", []float64{prior.Mean, prior.SD, prior.Tau}); err != nil {
		return Posterior{}, err
	}
	if !(prior.SD > 0) || !(prior.Tau > 0) {
		return Posterior{}, fault.New(stats.BadArgument, "prior", "%v: both scales must be above 0", prior)
	}
	q := newQuadrature(y, v, prior)
	p := Posterior{Prior: prior, Level: level, Points: len(q.node)}
	p.Mu = q.belief(level, func(n node) (float64, float64) { return n.m, n.v })
	p.Next = q.belief(level, func(n node) (float64, float64) { return n.m, n.v + n.tau*n.tau })
	for i := range y {
		p.Theta = append(p.Theta, q.belief(level, func(n node) (float64, float64) {
			b := v[i] / (v[i] + n.tau*n.tau)
			return b*n.m + (1-b)*y[i], (1-b)*v[i] + b*b*n.v
		}))
	}
	p.Tau = q.tau(level)
	return p, nil
}

// node is one point of the quadrature: τ, its posterior weight, and the mean
// and variance of μ there.
type node struct{ tau, weight, m, v float64 }

type quadrature struct {
	y, v   []float64
	prior  Prior
	center float64 // of y and of the prior's mean: sums of squares are taken about it
	peak   float64 // of the log density
	step   float64 // between nodes, in log τ
	node   []node
}

// The trapezoidal rule in u = log τ converges as e^(−c/h), the integrand being
// analytic about the real line and falling to nothing at both ends.
const (
	firstStep = 0.25
	lastStep  = 1.0 / 512
	depth     = 42 // e⁻⁴² of the scale is as good as τ = 0
)

func newQuadrature(y, v []float64, prior Prior) *quadrature {
	q := &quadrature{y: y, v: v, prior: prior, center: prior.Mean}
	q.peak = math.Inf(-1)
	for h := firstStep; ; h /= 2 {
		before := q.node
		q.fill(h)
		if h <= lastStep || (before != nil && agree(before, q.node)) {
			return q
		}
	}
}

func (q *quadrature) fill(h float64) {
	small := q.prior.Tau
	for _, v := range q.v {
		small = math.Min(small, math.Sqrt(v))
	}
	from, to := math.Log(small)-depth, math.Log(q.prior.Tau)+math.Log(40)
	n := int(math.Ceil((to - from) / h))
	q.node = make([]node, 0, n+1)
	logs := make([]float64, 0, n+1)
	peak := math.Inf(-1)
	for i := range n + 1 {
		tau := math.Exp(from + float64(i)*h)
		l, m, v := q.density(tau)
		l += math.Log(tau)
		peak = math.Max(peak, l)
		logs = append(logs, l)
		q.node = append(q.node, node{tau: tau, m: m, v: v})
	}
	var sum float64
	for i := range q.node {
		q.node[i].weight = math.Exp(logs[i] - peak)
		sum += q.node[i].weight
	}
	kept := q.node[:0]
	for _, n := range q.node {
		if n.weight /= sum; n.weight > 1e-20 {
			kept = append(kept, n)
		}
	}
	q.node, q.peak, q.step = kept, peak, h
}

// agree tells whether two rules agree on the mean and spread of τ and μ.
func agree(a, b []node) bool {
	var s [2][4]float64
	for k, nodes := range [][]node{a, b} {
		for _, n := range nodes {
			s[k][0] += n.weight * n.tau
			s[k][1] += n.weight * n.tau * n.tau
			s[k][2] += n.weight * n.v
			s[k][3] += n.weight * (n.m*n.m + n.v)
		}
	}
	for j := range s[0] {
		if math.Abs(s[0][j]-s[1][j]) > 1e-12*math.Abs(s[1][j]) {
			return false
		}
	}
	return true
}

// density is the log posterior of τ up to a constant, with μ's mean and
// variance given τ.
func (q *quadrature) density(tau float64) (l, m, v float64) {
	p := 1 / (q.prior.SD * q.prior.SD)
	sw, swy, logs := p, 0.0, 0.0
	for i, y := range q.y {
		w := 1 / (q.v[i] + tau*tau)
		sw += w
		swy += w * (y - q.center)
		logs += math.Log(w)
	}
	v = 1 / sw
	m = v * swy
	ss := p * m * m
	for i, y := range q.y {
		r := y - q.center - m
		ss += r * r / (q.v[i] + tau*tau)
	}
	t := tau / q.prior.Tau
	return 0.5*(logs+math.Log(v)-ss) - t*t/2, q.center + m, v
}

// belief is the posterior of what is normal given τ.
func (q *quadrature) belief(level float64, given func(node) (mean, variance float64)) Belief {
	var b Belief
	for _, n := range q.node {
		m, _ := given(n)
		b.Mean += n.weight * m
	}
	var variance float64
	for _, n := range q.node {
		m, v := given(n)
		variance += n.weight * (v + (m-b.Mean)*(m-b.Mean))
	}
	b.SD = math.Sqrt(variance)
	upper := func(x float64) float64 {
		var p float64
		for _, n := range q.node {
			m, v := given(n)
			p += n.weight * dist.NormalUpper((x-m)/math.Sqrt(v))
		}
		return p
	}
	b.Positive = upper(0)
	b.Low = falling(upper, 0.5+level/2, b.Mean-12*b.SD, b.Mean)
	b.High = falling(upper, 0.5-level/2, b.Mean, b.Mean+12*b.SD)
	return b
}

// tau is the posterior of τ itself. Its distribution function is integrated
// anew up to each point, with τ = x/(1+e⁻ᵘ), which is again analytic and
// vanishes at both ends.
func (q *quadrature) tau(level float64) Belief {
	var b Belief
	b.Positive = 1
	for _, n := range q.node {
		b.Mean += n.weight * n.tau
	}
	var variance float64
	for _, n := range q.node {
		variance += n.weight * (n.tau - b.Mean) * (n.tau - b.Mean)
	}
	b.SD = math.Sqrt(variance)
	h := q.step
	var all float64 // ∫ density dτ, in units of e^peak
	for _, n := range q.node {
		l, _, _ := q.density(n.tau)
		all += h * math.Exp(l+math.Log(n.tau)-q.peak)
	}
	above := func(x float64) float64 {
		if x <= 0 {
			return 1
		}
		var sum float64
		for u := -40.0; u <= 40; u += h {
			s := 1 / (1 + math.Exp(-u))
			l, _, _ := q.density(x * s)
			sum += h * math.Exp(l-q.peak) * x * s / (1 + math.Exp(u))
		}
		return 1 - sum/all
	}
	b.Low = falling(above, 0.5+level/2, 0, b.Mean)
	b.High = falling(above, 0.5-level/2, b.Mean, b.Mean+12*b.SD)
	return b
}
