// Package sequential plans trials with looks at the data on the way: boundaries
// by spending of alpha or by shape, what they cost, and the power left at a
// look. It plans; nothing here analyses.
//
// See doc/methods/sequential.md.
package sequential

import (
	"math"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dist"
	"dvala/stats/quadrature"
)

// Spending says how much of alpha may have been spent by a fraction t of the
// information.
type Spending func(t, alpha float64) float64

// OBrienFleming spends like O'Brien and Fleming's boundary (Lan and DeMets):
// hardly anything early.
func OBrienFleming(t, alpha float64) float64 {
	return 2 * dist.NormalUpper(-dist.NormalQuantile(alpha/2)/math.Sqrt(t))
}

// Pocock spends like Pocock's boundary (Lan and DeMets): evenly.
func Pocock(t, alpha float64) float64 { return alpha * math.Log(1+(math.E-1)*t) }

// KimDeMets spends alpha·t^rho.
func KimDeMets(rho float64) Spending {
	return func(t, alpha float64) float64 { return alpha * math.Pow(t, rho) }
}

// HwangShihDeCani spends alpha·(1−e^{−γt})/(1−e^{−γ}).
func HwangShihDeCani(gamma float64) Spending {
	return func(t, alpha float64) float64 {
		if gamma == 0 {
			return alpha * t
		}
		return alpha * math.Expm1(-gamma*t) / math.Expm1(-gamma)
	}
}

// Design is a set of looks with their boundaries: stop for effect when Z
// reaches Upper (or −Upper, if two-sided).
type Design struct {
	Times    []float64 `json:"times"` // fractions of the information, rising to 1
	Upper    []float64 `json:"upper"`
	Nominal  []float64 `json:"nominal"` // one-sided p at each boundary
	Spent    []float64 `json:"spent"`   // alpha by each look
	Alpha    float64   `json:"alpha"`
	TwoSided bool      `json:"two_sided"`
}

func checkTimes(t []float64, alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fault.New(stats.BadArgument, "alpha", "%v is not between 0 and 1", alpha)
	}
	if len(t) == 0 || len(t) > 40 {
		return fault.New(stats.BadArgument, "times", "%d looks cannot be planned", len(t))
	}
	for i, v := range t {
		if !(v > 0 && v <= 1) || (i > 0 && !(v > t[i-1]+1e-6)) {
			return fault.New(stats.BadArgument, "times", "the fraction %v of look %d does not rise towards 1", v, i+1)
		}
	}
	if math.Abs(t[len(t)-1]-1) > 1e-12 {
		return fault.New(stats.BadArgument, "times", "the last look is at %v of the information, not at all of it", t[len(t)-1])
	}
	return nil
}

// Spend makes the boundaries that spend alpha as the function says. A two-sided
// design spends half on each side with the same function of half the alpha.
func Spend(times []float64, alpha float64, f Spending, twoSided bool) (Design, error) {
	if err := checkTimes(times, alpha); err != nil {
		return Design{}, err
	}
	side := alpha
	if twoSided {
		side /= 2
	}
	d := Design{Times: times, Alpha: alpha, TwoSided: twoSided}
	spent := 0.0
	r := &recursion{t: times[0]}
	for k, t := range times {
		total := f(t, side)
		inc := total - spent
		if !(inc > 0) {
			return Design{}, fault.New(stats.BadArgument, "spending", "nothing is spent at look %d", k+1)
		}
		spent = total
		if k == 0 {
			d.Upper = append(d.Upper, -dist.NormalQuantile(inc))
		} else {
			// Exit probability falls as the boundary rises; in logarithms it
			// is nearly straight.
			r.goOn(d.Upper[k-1], d.lower(k)[k-1], t)
			d.Upper = append(d.Upper, root(-2, 12, func(u float64) float64 {
				return math.Log(r.last(u)+1e-300) - math.Log(inc)
			}))
		}
		mult := 1.0
		if twoSided {
			mult = 2
		}
		d.Spent = append(d.Spent, mult*total)
	}
	d.nominal()
	return d, nil
}

func (d *Design) nominal() {
	d.Nominal = nil
	for _, u := range d.Upper {
		d.Nominal = append(d.Nominal, dist.NormalUpper(u))
	}
}

// lower gives the lower boundaries of the first k looks.
func (d Design) lower(k int) []float64 {
	out := make([]float64, k)
	for i := range out {
		out[i] = math.Inf(-1)
		if d.TwoSided {
			out[i] = -d.Upper[i]
		}
	}
	return out
}

// Shape makes classical boundaries c·shape(t), with c such that alpha is spent
// in all: shape 1 is Pocock's, 1/√t is O'Brien and Fleming's.
func Shape(times []float64, alpha float64, shape func(t float64) float64, twoSided bool) (Design, float64, error) {
	if err := checkTimes(times, alpha); err != nil {
		return Design{}, 0, err
	}
	d := Design{Times: times, Alpha: alpha, TwoSided: twoSided, Upper: make([]float64, len(times))}
	side := alpha
	if twoSided {
		side /= 2
	}
	set := func(c float64) {
		for i, t := range times {
			d.Upper[i] = c * shape(t)
		}
	}
	c := root(0.5, 8, func(c float64) float64 {
		set(c)
		up, _ := d.Exit(0)
		return math.Log(sum(up)) - math.Log(side)
	})
	set(c)
	up, down := d.Exit(0)
	var run float64
	for i := range up {
		run += up[i] + down[i]
		d.Spent = append(d.Spent, run)
	}
	d.nominal()
	return d, c, nil
}

func sum(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// Exit gives the probability of stopping at each look, at the upper and lower
// boundary, when the final Z has mean theta.
func (d Design) Exit(theta float64) (up, down []float64) {
	lower := d.lower(len(d.Times))
	r := &recursion{theta: theta, t: d.Times[0]}
	for j := range d.Times {
		if j > 0 {
			r.goOn(d.Upper[j-1], lower[j-1], d.Times[j])
		}
		up = append(up, r.last(d.Upper[j]))
		p := 0.0
		if d.TwoSided {
			p = r.below(lower[j])
		}
		down = append(down, p)
	}
	return up, down
}

// Cost is what a design takes.
type Cost struct {
	Drift     float64   // mean of the final Z that gives the power
	Inflation float64   // largest sample over that of a fixed design
	ASN       float64   // expected sample under the planned effect, over the fixed
	ASNNull   float64   // and under none
	Exit      []float64 // probability of stopping for effect at each look, as planned
}

// Cost finds the drift at which the design has the power asked for.
func (d Design) Cost(target float64) (Cost, error) {
	if !(target > d.Alpha && target < 1) {
		return Cost{}, fault.New(stats.BadArgument, "power", "%v is not between alpha and 1", target)
	}
	c := Cost{Drift: root(0.1, 10, func(theta float64) float64 {
		up, _ := d.Exit(theta)
		return target - sum(up)
	})}
	side := d.Alpha
	if d.TwoSided {
		side /= 2
	}
	fixed := dist.NormalQuantile(target) - dist.NormalQuantile(side)
	c.Inflation = c.Drift * c.Drift / (fixed * fixed)
	expected := func(theta float64) float64 {
		up, down := d.Exit(theta)
		left, n := 1.0, 0.0
		for i, t := range d.Times {
			p := up[i] + down[i]
			if i == len(d.Times)-1 {
				p = left
			}
			n += t * p
			left -= p
		}
		return c.Inflation * n
	}
	c.ASN, c.ASNNull = expected(c.Drift), expected(0)
	c.Exit, _ = d.Exit(c.Drift)
	return c, nil
}

// ConditionalPower is the probability of passing the final critical value when
// Z was z at a fraction t of the information and the drift is theta from there
// on. Take the planned drift, z/√t for the current trend, or 0 for none.
func ConditionalPower(z, t, critical, theta float64) (float64, error) {
	if !(t > 0 && t < 1) {
		return 0, fault.New(stats.BadArgument, "t", "%v is not between 0 and 1", t)
	}
	return dist.NormalUpper((critical - z*math.Sqrt(t) - theta*(1-t)) / math.Sqrt(1-t)), nil
}

// recursion is the density of Z over the region of going on, look after look
// (Armitage, McPherson and Rowe 1969), on panels of Gauss–Legendre nodes.
type recursion struct {
	theta  float64
	before float64 // information at the last look gone through; 0 before the first
	t      float64 // and at the one to come
	x, wf  []float64
}

// span is how far beyond its mean Z is followed, in standard deviations: the
// area left out is 1e-33.
const span = 12

var nodes, weights = quadrature.Legendre(48)

const panels = 8

// goOn passes the look to come between its boundaries and turns to the next.
func (r *recursion) goOn(upper, lower, next float64) {
	x, w := grid(upper, lower, r.theta*math.Sqrt(r.t))
	b, d := math.Sqrt(r.t), r.t-r.before
	a, s := math.Sqrt(r.before), math.Sqrt(d)
	for i, z := range x {
		if r.x == nil {
			w[i] *= dist.NormalDensity(z - r.theta*b)
			continue
		}
		var v float64
		for l, u := range r.x {
			e := (z*b - u*a - r.theta*d) / s
			v += r.wf[l] * math.Exp(-e*e/2)
		}
		w[i] *= v * b / (s * math.Sqrt(2*math.Pi))
	}
	r.x, r.wf, r.before, r.t = x, w, r.t, next
}

// grid places nodes on the region of going on.
func grid(up, low, mean float64) (x, w []float64) {
	a, b := math.Max(low, mean-span), math.Min(up, mean+span)
	h := (b - a) / panels
	for p := range panels {
		mid := a + (float64(p)+0.5)*h
		for i := range nodes {
			x, w = append(x, mid+h/2*nodes[i]), append(w, h/2*weights[i])
		}
	}
	return x, w
}

// last is the probability of going on until the look to come and passing u
// there.
func (r *recursion) last(u float64) float64 { return r.tail(u, 1) }

// below is the probability of going on until the look to come and falling below
// l there.
func (r *recursion) below(l float64) float64 { return r.tail(l, -1) }

func (r *recursion) tail(u, sign float64) float64 {
	if r.x == nil {
		return dist.NormalUpper(sign * (u - r.theta*math.Sqrt(r.t)))
	}
	a, b, d := math.Sqrt(r.before), math.Sqrt(r.t), r.t-r.before
	s := math.Sqrt(d)
	var p float64
	for i, x := range r.x {
		p += r.wf[i] * dist.NormalUpper(sign*(u*b-x*a-r.theta*d)/s)
	}
	return p
}

// root finds the zero of a falling function between lo and hi by the Illinois
// form of regula falsi.
func root(lo, hi float64, f func(float64) float64) float64 {
	flo, fhi := f(lo), f(hi)
	side := 0
	for range 200 {
		if !(flo > 0 && fhi < 0) || hi-lo <= 1e-14*math.Max(1, math.Abs(lo)) {
			break
		}
		x := (lo*fhi - hi*flo) / (fhi - flo)
		if !(x > lo && x < hi) {
			x = (lo + hi) / 2
		}
		switch v := f(x); {
		case v == 0:
			return x
		case v > 0:
			lo, flo = x, v
			if side == 1 {
				fhi /= 2
			}
			side = 1
		default:
			hi, fhi = x, v
			if side == -1 {
				flo /= 2
			}
			side = -1
		}
	}
	if flo == 0 {
		return lo
	}
	return (lo + hi) / 2
}
