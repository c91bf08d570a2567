package protocol

import (
	"slices"
	"strconv"
)

// Methods of drawing a list.
const (
	PermutedBlocks = "permuted-blocks"
	Minimisation   = "minimisation"
	WithinCycles   = "within-cycles"
)

// maxOrders is how many orders of arms the cycles of one person may give.
const maxOrders = 4096

// cycles checks a trial in which one person takes every arm once in each cycle,
// in an order that is drawn anew for each, the first one too.
func (k *checker) cycles(arms []string) {
	d := k.p.Design
	if len(d.Sequences) > 0 {
		k.add("cycles", "design.sequences", "the orders follow from the cycles, and are not written").
			WithHint("write cycles, or sequences that are drawn in blocks")
	}
	if d.Cycles < 2 {
		k.add("cycles", "design.cycles", "with one cycle nothing tells the arms from the time of year: two are the least").
			WithHint("three or four; with k cycles no exact test gives a p below 2 divided by 2 to the k")
	}
	if want := d.Cycles * len(arms); d.Periods != want {
		k.add("cycles", "design.periods", "%d cycles of %d arms are %d periods, and this says %d", d.Cycles, len(arms), want, d.Periods)
	}
	k.washout()
	k.unratioed()
	if k.misshapen("arms") || len(arms) < 2 {
		return
	}
	if k.checked.sequences = ordersOf(arms, d.Cycles); k.checked.sequences == nil {
		k.add("cycles", "design.cycles", "%d cycles of %d arms can be taken in more than %d orders", d.Cycles, len(arms), maxOrders)
	}
}

// runBy checks who runs the trial: nobody runs one in which others take part from
// her own participant's pages.
func (k *checker) runBy() {
	d := k.p.Design
	if d.RunBy != ByParticipant {
		return
	}
	if d.Kind != NOf1 && d.Kind != "" || d.Participants != 1 && !k.misshapen("design.participants") {
		k.add("run-by", "design.run_by", "a participant runs an n-of-1 trial in which she is the only one, and no other").
			WithHint("write kind: n-of-1 and participants: 1, or take the line out: then staff run it")
	}
}

// withinCycles checks what the list of such a trial is drawn from.
func (k *checker) withinCycles(r *Randomisation, cycles bool) {
	if !cycles {
		k.add("method-misfit", "randomisation.method", "within-cycles draws the orders of an n-of-1 trial that has cycles").
			WithHint("use permuted-blocks, or write design.cycles")
		return
	}
	if r.Method == PermutedBlocks {
		k.add("method-misfit", "randomisation.method", "the order is drawn anew in each cycle, not in blocks of people").WithHint("write method: within-cycles")
	}
	if len(r.Blocks) > 0 {
		k.add("method-misfit", "randomisation.blocks", "within-cycles has no blocks: a cycle is one").WithHint("take the line out")
	}
	k.slots(r)
}

// ordersOf gives every order of arms that a number of cycles can give, each
// named by its arms' places in the file: order-1221 takes the first arm, the
// second, the second, the first. Nil of too many.
func ordersOf(arms []string, cycles int) []Sequence {
	perms := permutations(len(arms))
	out := []Sequence{{ID: "order-", Ratio: 1}}
	for range cycles {
		if len(out)*len(perms) > maxOrders {
			return nil
		}
		next := make([]Sequence, 0, len(out)*len(perms))
		for _, s := range out {
			for _, p := range perms {
				t := Sequence{ID: s.ID, Arms: append([]string(nil), s.Arms...), Ratio: 1}
				for _, i := range p {
					t.ID += strconv.Itoa(i + 1)
					t.Arms = append(t.Arms, arms[i])
				}
				next = append(next, t)
			}
		}
		out = next
	}
	return out
}

// permutations gives all orders of 0 … n−1, in the order of a dictionary. Of
// more than five things there are too many for any number of cycles.
func permutations(n int) [][]int {
	if n > 5 {
		return make([][]int, maxOrders+1)
	}
	out := [][]int{nil}
	for range n {
		var next [][]int
		for _, p := range out {
			for i := range n {
				if !slices.Contains(p, i) {
					next = append(next, append(append([]int(nil), p...), i))
				}
			}
		}
		out = next
	}
	return out
}
