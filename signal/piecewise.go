package signal

import (
	"runtime"
	"sync"
)

// source is a signal that is had a stretch at a time, beyond its ends as well.
type source interface {
	// stretch gives samples from … from+n; into, n long, may be what it is written to.
	stretch(from, n int, into []float64) []float64
}

// stretch gives samples from … from+n, there or not.
func (e extended) stretch(from, n int, into []float64) []float64 {
	if from >= 0 && from+n <= len(e.x) {
		return e.x[from : from+n]
	}
	for k := range into[:n] {
		into[k] = e.at(from + k)
	}
	return into[:n]
}

// FilterEach filters x within the ranges and hands on the result piece by piece,
// in order: y begins at sample at, and is valid until do returns. Nothing of the
// length of x is kept. Pieces are made by as many at once as there are
// processors, and do not depend on how many those are.
func (f FIR) FilterEach(x []float64, ranges []Range, do func(at int, y []float64)) {
	f.each(func() source { return extended{x, edgeOf(f.half(), len(x))} }, ranges, do)
}

// each does so for any source, of which every processor that works has its own.
func (f FIR) each(from func() source, ranges []Range, do func(at int, y []float64)) {
	half, longest := f.half(), 0
	for _, r := range ranges {
		longest = max(longest, r.To-r.From)
	}
	if longest <= 0 {
		return
	}
	n := blockLength(half, longest)
	t := transformOf(n)
	spectrum := t.spectrum(f)
	step := n - 2*half
	var pieces []Range
	for _, r := range ranges {
		for at := r.From; at < r.To; at += 2 * step {
			pieces = append(pieces, Range{at, min(at+2*step, r.To)})
		}
	}
	benches := make([]*bench, min(runtime.GOMAXPROCS(0), len(pieces)))
	for i := range benches {
		benches[i] = &bench{
			s: from(), t: t, spectrum: spectrum, half: half, step: step,
			block: make([]complex128, n), first: make([]float64, n), second: make([]float64, n), y: make([]float64, 2*step),
		}
	}
	for len(pieces) > 0 {
		now := pieces[:min(len(benches), len(pieces))]
		var all sync.WaitGroup
		for i, p := range now {
			all.Go(func() { benches[i].filter(p) })
		}
		all.Wait()
		for i, p := range now {
			do(p.From, benches[i].y[:p.To-p.From])
		}
		pieces = pieces[len(now):]
	}
}

// bench is what one piece at a time is filtered with.
type bench struct {
	s             source // its own
	t             *transform
	spectrum      []float64
	half, step    int
	block         []complex128
	first, second []float64
	y             []float64
}

// filter filters one piece: two blocks in one transform.
func (b *bench) filter(p Range) {
	n := len(b.block)
	one := b.s.stretch(p.From-b.half, n, b.first)
	two := b.s.stretch(p.From+b.step-b.half, n, b.second)[:len(one)]
	for i, v := range one {
		b.block[i] = complex(v, two[i])
	}
	b.t.forward(b.block)
	for k, v := range b.spectrum {
		b.block[k] = complex(real(b.block[k])*v, imag(b.block[k])*v)
	}
	b.t.backward(b.block)
	unpack(b.y, b.block[b.half:b.half+b.step], 0, p.To-p.From)
}
