package mmrm

import "math"

// jet is a number with its exact gradient and Hessian in the working
// parameters: forward differentiation to second order, carried along as a
// covariance is written down. It makes every structure a few lines, and its
// derivatives as right as its formula.
type jet struct {
	v float64
	g []float64
	h []float64 // n×n
}

func constant(v float64, n int) jet { return jet{v, make([]float64, n), make([]float64, n*n)} }

// variables makes the independent parameters.
func variables(x []float64) []jet {
	out := make([]jet, len(x))
	for i, v := range x {
		out[i] = constant(v, len(x))
		out[i].g[i] = 1
	}
	return out
}

func (a jet) mul(b jet) jet {
	n := len(a.g)
	c := constant(a.v*b.v, n)
	for i := range n {
		c.g[i] = a.g[i]*b.v + b.g[i]*a.v
	}
	for i := range n {
		ai, bi := a.g[i], b.g[i]
		for j := range n {
			k := i*n + j
			c.h[k] = a.h[k]*b.v + b.h[k]*a.v + ai*b.g[j] + bi*a.g[j]
		}
	}
	return c
}

// plus adds f·b.
func (a jet) plus(f float64, b jet) jet {
	n := len(a.g)
	c := constant(a.v+f*b.v, n)
	for i := range c.g {
		c.g[i] = a.g[i] + f*b.g[i]
	}
	for i := range c.h {
		c.h[i] = a.h[i] + f*b.h[i]
	}
	return c
}

// through applies a function whose value and first two derivatives are given.
func (a jet) through(f, d1, d2 float64) jet {
	n := len(a.g)
	c := constant(f, n)
	for i := range n {
		c.g[i] = d1 * a.g[i]
		for j := range n {
			c.h[i*n+j] = d1*a.h[i*n+j] + d2*a.g[i]*a.g[j]
		}
	}
	return c
}

func (a jet) exp() jet { e := math.Exp(a.v); return a.through(e, e, e) }

func (a jet) sqrt() jet {
	s := math.Sqrt(a.v)
	return a.through(s, 1/(2*s), -1/(4*s*a.v))
}

func (a jet) tanh() jet {
	t := math.Tanh(a.v)
	d := 1 - t*t
	return a.through(t, d, -2*t*d)
}
