// Package design says how a randomisation list is drawn: stratified, in permuted
// blocks of varied size, or in an n-of-1 trial each person's order by itself,
// anew in each of her cycles; as a pure function of a checked protocol and a
// generator. It is open to all, since drawing a list tells nothing about the
// list that was drawn: re-randomisation tests and dummy allocations need it.
//
// doc/methods/allocation.md has the method.
package design

import (
	"math/rand/v2"
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

// CodeDesign is the code of a design from which no list can be drawn.
const CodeDesign fault.Code = "design-blocks"

// Design is what a list is drawn from. It is born of Of or New.
type Design struct {
	cells        []string
	options      []Option
	blocks       []int
	slotsPerCell int
	unit         []int // one entry per option and unit of its ratio: the smallest balanced block
	apart        bool  // each slot is drawn by itself: there are no blocks
	pool         bool  // each cell is one block, of which slots are named by minimisation
}

// Option is one thing a slot can hold: an arm, or a sequence of arms.
type Option struct {
	ID    string
	Ratio int
}

// Slot is one place of a drawn list.
type Slot struct {
	Cell   string // stratum cell key, as protocol.Cell has it
	Option int    // index into the design's options
}

// Of gives the design of a protocol.
func Of(c protocol.Checked) (Design, error) {
	if c.IsZero() {
		return Design{}, fault.New(CodeDesign, "protocol", "there is none")
	}
	var cells []string
	for _, cell := range c.Cells() {
		cells = append(cells, cell.Key)
	}
	var options []Option
	for _, a := range c.Assignments() {
		options = append(options, Option{ID: a.ID, Ratio: a.Ratio})
	}
	r := c.Protocol().Randomisation
	switch r.Method {
	case protocol.WithinCycles:
		return Apart(cells, options, r.SlotsPerCell)
	case protocol.Minimisation:
		return Pool(cells, options, r.SlotsPerCell)
	}
	return New(cells, options, r.Blocks, r.SlotsPerCell)
}

// New gives a design from its parts. Every block size must be a whole multiple
// of the sum of the ratios, so that every complete block holds the ratio
// exactly.
func New(cells []string, options []Option, blocks []int, slotsPerCell int) (Design, error) {
	d := Design{
		cells: slices.Clone(cells), options: slices.Clone(options),
		blocks: slices.Clone(blocks), slotsPerCell: slotsPerCell,
	}
	if len(cells) == 0 || len(options) == 0 || len(blocks) == 0 || slotsPerCell < 1 {
		return Design{}, fault.New(CodeDesign, "randomisation", "wants cells, arms, block sizes and a length of the list")
	}
	for i, o := range options {
		if o.Ratio < 1 {
			return Design{}, fault.New(CodeDesign, "arms", "%s has the ratio %d", o.ID, o.Ratio)
		}
		for range o.Ratio {
			d.unit = append(d.unit, i)
		}
	}
	for _, b := range blocks {
		if b < 1 || b%len(d.unit) != 0 {
			return Design{}, fault.New(CodeDesign, "randomisation.blocks", "a block of %d cannot hold the ratio, whose parts add up to %d", b, len(d.unit)).
				WithHint("use multiples of %d", len(d.unit))
		}
	}
	return d, nil
}

// Apart gives a design whose slots are drawn each by itself, every option with
// the same chance. Of an n-of-1 trial in cycles the options are all orders that
// the cycles can give, so that a slot is one order of the arms for each cycle,
// drawn independently of the others: the first cycle is as uncertain as the
// last, and the exact test that flips the sign of each cycle's difference has
// the chances that it assumes.
func Apart(cells []string, options []Option, slotsPerCell int) (Design, error) {
	d := Design{cells: slices.Clone(cells), options: slices.Clone(options), slotsPerCell: slotsPerCell, apart: true}
	if len(cells) == 0 || len(options) == 0 || slotsPerCell < 1 {
		return Design{}, fault.New(CodeDesign, "randomisation", "wants cells, arms, and a length of the list")
	}
	for _, o := range options {
		if o.Ratio != 1 {
			return Design{}, fault.New(CodeDesign, "arms", "%s has the ratio %d, and orders drawn each by itself have one chance", o.ID, o.Ratio)
		}
	}
	return d, nil
}

// Pool gives the design of slots that are not given out in their order but named
// one by one, under minimisation: each cell holds the options in their ratio, in an
// order that is one of all with the same chance.
func Pool(cells []string, options []Option, slotsPerCell int) (Design, error) {
	sum := 0
	for _, o := range options {
		sum += max(o.Ratio, 1)
	}
	d, err := New(cells, options, []int{max(sum, 1)}, slotsPerCell)
	d.pool = true
	return d, err
}

// Cells gives the stratum cells in the order in which their parts of the list
// stand.
func (d Design) Cells() []string { return slices.Clone(d.cells) }

// Options gives what a slot can hold, in the protocol's order.
func (d Design) Options() []Option { return slices.Clone(d.options) }

// Draw draws a whole list: the cells in their order, each a run of complete
// blocks of at least the length that the design says.
func (d Design) Draw(r *rand.Rand) []Slot {
	out := make([]Slot, 0, len(d.cells)*d.slotsPerCell)
	var cell []int
	for _, key := range d.cells {
		cell = d.DrawCell(r, cell[:0], d.slotsPerCell)
		for _, o := range cell {
			out = append(out, Slot{Cell: key, Option: o})
		}
	}
	return out
}

// DrawCell appends complete blocks to dst until at least n options were drawn,
// and gives the result. Each block's size is drawn with equal chances from the
// sizes of the design, then its content is one of all its permutations, with
// equal chances (Fisher and Yates). It allocates nothing if dst has room. Of a
// design without blocks it appends n options; of a pool, one block.
func (d Design) DrawCell(r *rand.Rand, dst []int, n int) []int {
	if d.pool {
		start := len(dst)
		for len(dst)-start < n {
			dst = append(dst, d.unit...)
		}
		all := dst[start:]
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return dst
	}
	if d.apart {
		for range n {
			dst = append(dst, r.IntN(len(d.options)))
		}
		return dst
	}
	for from := len(dst); len(dst)-from < n; {
		start := len(dst)
		for range d.blocks[r.IntN(len(d.blocks))] / len(d.unit) {
			dst = append(dst, d.unit...)
		}
		block := dst[start:]
		r.Shuffle(len(block), func(i, j int) { block[i], block[j] = block[j], block[i] })
	}
	return dst
}

// Admits says whether one cell's part of a list can have been drawn from this
// design: whether it can be cut into complete blocks of the design's sizes, each
// holding the ratio. The options are by ID. It is what a reader of the opened
// list can check without having seen it drawn. Slots drawn each by itself admit
// every option at every place; of a pool the ratio is all that there is to see.
func (d Design) Admits(options []string) error {
	counts := make([]int, len(d.options))
	complete := make([]bool, len(options)+1) // places at which some cut has complete blocks
	complete[0] = true
	prefix := [][]int{slices.Clone(counts)}
	for at, id := range options {
		i := slices.IndexFunc(d.options, func(o Option) bool { return o.ID == id })
		if i < 0 {
			return fault.New(CodeDesign, "list", "place %d holds %q, which the protocol does not have", at, id)
		}
		if d.apart {
			complete[at+1] = true
			continue
		}
		counts[i]++
		if d.pool {
			continue
		}
		prefix = append(prefix, slices.Clone(counts))
		for _, b := range d.blocks {
			if at+1 >= b && complete[at+1-b] && d.balanced(prefix[at+1-b], counts, b) {
				complete[at+1] = true
				break
			}
		}
	}
	if d.pool {
		if len(options)%len(d.unit) != 0 || !d.balanced(make([]int, len(counts)), counts, len(options)) {
			return fault.New(CodeDesign, "list", "does not hold the protocol's ratio")
		}
		return nil
	}
	if !complete[len(options)] {
		return fault.New(CodeDesign, "list", "cannot be cut into complete blocks of the protocol's sizes and ratio")
	}
	return nil
}

// balanced says whether what was added from one count to the other is a
// complete block.
func (d Design) balanced(from, to []int, size int) bool {
	times := size / len(d.unit)
	for i, o := range d.options {
		if to[i]-from[i] != times*o.Ratio {
			return false
		}
	}
	return true
}
