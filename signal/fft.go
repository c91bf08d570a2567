package signal

import (
	"math"
	"math/bits"
	"sync"
)

// transform is a complex discrete Fourier transform of a power of two that
// leaves its output in the order in which the butterflies produce it. Forward
// and inverse mirror each other, so a convolution needs no reordering at all;
// where frequencies have to be told apart, order gives which is where.
type transform struct {
	n         int
	stages    [][]complex128 // twiddles w^j, w^2j, w^3j of each radix-4 stage, largest first
	radix2    bool           // a last stage of pairs, where n is no power of four
	inverse   float64
	frequency []int // which frequency stands at each place of forward's output
}

// transforms keeps what was made before; a transform is not changed by use.
var transforms sync.Map

func transformOf(n int) *transform {
	if t, ok := transforms.Load(n); ok {
		return t.(*transform)
	}
	t := newTransform(n)
	if n <= 1<<15 { // longer ones are rare, and large
		transforms.Store(n, t)
	}
	return t
}

func newTransform(n int) *transform {
	t := &transform{n: n, inverse: 1 / float64(n), radix2: bits.TrailingZeros(uint(n))%2 == 1}
	for size := n; size >= 4; size /= 4 {
		q := size / 4
		w := make([]complex128, 3*q)
		for j := range q {
			for k := 1; k <= 3; k++ {
				s, c := math.Sincos(-2 * math.Pi * float64(j*k) / float64(size))
				w[3*j+k-1] = complex(c, s)
			}
		}
		t.stages = append(t.stages, w)
	}
	t.frequency = t.order()
	return t
}

// forward transforms x in place: decimation in frequency, radix 4.
func (t *transform) forward(x []complex128) {
	for _, w := range t.stages {
		q := len(w) / 3
		for base := 0; base < t.n; base += 4 * q {
			a, b, c, d := x[base:base+q:base+q], x[base+q:base+2*q:base+2*q], x[base+2*q:base+3*q:base+3*q], x[base+3*q:base+4*q:base+4*q]
			for j := range a {
				tw := w[3*j : 3*j+3 : 3*j+3]
				s, u := a[j]+c[j], a[j]-c[j]
				v, y := b[j]+d[j], b[j]-d[j]
				r := complex(imag(y), -real(y)) // −i·y
				a[j] = s + v
				b[j] = (u + r) * tw[0]
				c[j] = (s - v) * tw[1]
				d[j] = (u - r) * tw[2]
			}
		}
	}
	t.pairs(x)
}

// backward undoes forward, without the division by n.
func (t *transform) backward(x []complex128) {
	t.pairs(x)
	for s := len(t.stages) - 1; s >= 0; s-- {
		w := t.stages[s]
		q := len(w) / 3
		for base := 0; base < t.n; base += 4 * q {
			a, b, c, d := x[base:base+q:base+q], x[base+q:base+2*q:base+2*q], x[base+2*q:base+3*q:base+3*q], x[base+3*q:base+4*q:base+4*q]
			for j := range a {
				tw := w[3*j : 3*j+3 : 3*j+3]
				p := a[j]
				f := b[j] * complex(real(tw[0]), -imag(tw[0]))
				g := c[j] * complex(real(tw[1]), -imag(tw[1]))
				h := d[j] * complex(real(tw[2]), -imag(tw[2]))
				s, u := p+g, p-g
				v, y := f+h, f-h
				r := complex(-imag(y), real(y)) // i·y
				a[j] = s + v
				b[j] = u + r
				c[j] = s - v
				d[j] = u - r
			}
		}
	}
}

func (t *transform) pairs(x []complex128) {
	if !t.radix2 {
		return
	}
	for i := 0; i+1 < len(x); i += 2 {
		x[i], x[i+1] = x[i]+x[i+1], x[i]-x[i+1]
	}
}

// order gives, for each place of the output of forward, which frequency
// 0 … n−1 stands there.
func (t *transform) order() []int {
	out := make([]int, t.n)
	var fill func(at, size, first, step int)
	fill = func(at, size, first, step int) {
		switch size {
		case 1:
			out[at] = first
		case 2:
			out[at], out[at+1] = first, first+step
		default:
			for k := range 4 {
				fill(at+k*size/4, size/4, first+k*step, 4*step)
			}
		}
	}
	fill(0, t.n, 0, 1)
	return out
}
