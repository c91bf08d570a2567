package meta

import (
	"math"
	"slices"
)

// scaled holds the estimates about a centre and in a unit of their own size,
// so that minutes and nanoseconds give the same digits, in order of size, so
// that the order given leaves no trace.
type scaled struct {
	y, v        []float64
	shift, unit float64
}

func newScaled(y, v []float64) scaled {
	type pair struct{ y, v float64 }
	p := make([]pair, len(y))
	for i := range y {
		p[i] = pair{y[i], v[i]}
	}
	slices.SortFunc(p, func(a, b pair) int {
		switch {
		case a.y < b.y || (a.y == b.y && a.v < b.v):
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	s := scaled{shift: p[len(p)/2].y}
	for _, e := range p {
		s.unit += e.v
	}
	s.unit = math.Sqrt(s.unit / float64(len(p)))
	for _, e := range p {
		s.y = append(s.y, (e.y-s.shift)/s.unit)
		s.v = append(s.v, e.v/(s.unit*s.unit))
	}
	return s
}

// moments at one τ²: Σw, Σw², Σw³, the mean, Σw(y−μ)², Σw²(y−μ)², and Σlog w.
type moments struct {
	w1, w2, w3 float64
	mu, q, q2  float64
	logW       float64
}

func (s scaled) at(tau2 float64) moments {
	var m moments
	var wy float64
	for i, y := range s.y {
		w := 1 / (s.v[i] + tau2)
		m.w1 += w
		m.w2 += w * w
		m.w3 += w * w * w
		m.logW += math.Log(w)
		wy += w * y
	}
	m.mu = wy / m.w1
	for i, y := range s.y {
		w, r := 1/(s.v[i]+tau2), y-m.mu
		m.q += w * r * r
		m.q2 += w * w * r * r
	}
	return m
}

// trace is tr(P), P = W − W11'W/Σw.
func (m moments) trace() float64 { return m.w1 - m.w2/m.w1 }

// traceSquare is tr(P·P).
func (m moments) traceSquare() float64 {
	return m.w2 - 2*m.w3/m.w1 + (m.w2/m.w1)*(m.w2/m.w1)
}

func (s scaled) tau2(method Spread) float64 {
	k := float64(len(s.y))
	switch method {
	case Common:
		return 0
	case DerSimonianLaird:
		m := s.at(0)
		return math.Max(0, (m.q-(k-1))/m.trace())
	case PauleMandel:
		return s.root(func(t float64) float64 { return s.at(t).q - (k - 1) }, 0, s.top())
	}
	return s.likely(method == ML)
}

// top is beyond any τ² the estimates can suggest: their whole sum of squares.
func (s scaled) top() float64 {
	ss := 1.0
	for _, y := range s.y {
		ss += y * y
	}
	return 4 * ss
}

// root of a function that is positive before it and negative after, 0 if it is
// not positive at lo.
func (s scaled) root(f func(float64) float64, lo, hi float64) float64 {
	if !(f(lo) > 0) {
		return lo
	}
	for range 200 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// likely maximises the likelihood over τ² ≥ 0. It may have more than one
// maximum, so a grid finds the highest, and bisection of the score ends at it.
//
//	ML:    2l = Σlog w − Q,            2l' = q₂ − Σw
//	REML:  2l = Σlog w − log Σw − Q,   2l' = q₂ − tr(P)
func (s scaled) likely(ml bool) float64 {
	value := func(t float64) float64 {
		m := s.at(t)
		if ml {
			return m.logW - m.q
		}
		return m.logW - math.Log(m.w1) - m.q
	}
	score := func(t float64) float64 {
		m := s.at(t)
		if ml {
			return m.q2 - m.w1
		}
		return m.q2 - m.trace()
	}
	top := s.top()
	grid := []float64{0}
	low := math.Min(1e-6, slices.Min(s.v)*1e-3)
	n := 40 + int(20*math.Log10(top/low))
	for i := range n + 1 {
		grid = append(grid, low*math.Pow(top/low, float64(i)/float64(n)))
	}
	best := 0
	for i, t := range grid {
		if value(t) > value(grid[best]) {
			best = i
		}
	}
	if best == 0 {
		return s.root(score, 0, grid[1])
	}
	return s.root(score, grid[best-1], grid[min(best+1, len(grid)-1)])
}

// tau2SE is the standard error of τ² from the expected information, or for the
// moment methods from the variance of Q.
func (s scaled) tau2SE(method Spread, tau2 float64) (float64, bool) {
	k := float64(len(s.y))
	m := s.at(tau2)
	switch method {
	case REML:
		return math.Sqrt(2 / m.traceSquare()), true
	case ML:
		return math.Sqrt(2 / m.w2), true
	case PauleMandel:
		return math.Sqrt(2 * k * k / (k - 1) / (m.w1 * m.w1)), true
	case DerSimonianLaird:
		n := s.at(0)
		tr := n.trace()
		return math.Sqrt(2*(k-1)+4*tau2*tr+2*tau2*tau2*n.traceSquare()) / tr, true
	}
	return 0, false
}
