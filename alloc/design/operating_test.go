package design_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"dvala/alloc/design"
)

// properties are how a way of drawing balances and how well it can be guessed.
type properties struct {
	overall, margin float64 // mean absolute difference of the arms: of all, and of the worst level
	unequal         float64 // share of trials in which some level differs by more than four
	guessed         float64 // share of right guesses of who knows the factors and arms of all before, and names the arm that is behind
}

// simulated is a person of a trial of 80 at two sites: sex, severity (two in five
// severe) and age at random.
func simulated(r *rand.Rand) []int {
	b := func(p float64) int {
		if r.Float64() < p {
			return 1
		}
		return 0
	}
	return []int{b(0.5), b(0.6), b(0.4), b(0.5)}
}

// measure draws trials of 80 people. Draw gives an arm; guess names that which the
// guesser expects, or -1 where she cannot tell.
func measure(trials int, begin func(r *rand.Rand) (draw, guess func(levels []int) int, add func(levels []int, arm int))) (out properties) {
	const people = 80
	r := rand.New(rand.NewPCG(80, 4))
	for range trials {
		draw, guess, add := begin(r)
		var diff [4][2]int
		all, right := 0, 0.0
		for range people {
			of := simulated(r)
			g, arm := guess(of), draw(of)
			switch g {
			case -1:
				right += 0.5
			case arm:
				right++
			}
			add(of, arm)
			sign := 1 - 2*arm
			all += sign
			for f, l := range of {
				diff[f][l] += sign
			}
		}
		worst := 0.0
		for _, f := range diff {
			for _, d := range f {
				worst = max(worst, math.Abs(float64(d)))
			}
		}
		out.overall += math.Abs(float64(all)) / float64(trials)
		out.margin += worst / float64(trials)
		if worst > 4 {
			out.unequal += 1 / float64(trials)
		}
		out.guessed += right / people / float64(trials)
	}
	return out
}

func byMinimisation(t testing.TB, prefer float64) properties {
	m := mustMinimise(t, []int{1, 1}, []int{2, 2, 2, 2}, []int{1, 1, 1, 1}, prefer, false)
	return measure(trials(), func(r *rand.Rand) (draw, guess func([]int) int, add func([]int, int)) {
		c := m.Begin()
		return func(of []int) int { return c.Draw(of, design.ChanceFrom(r)) },
			func(of []int) int {
				switch p := c.Chances(of); {
				case p[0] > p[1]:
					return 0
				case p[0] < p[1]:
					return 1
				}
				return -1
			}, c.Add
	})
}

// byBlocks draws in permuted blocks of 4 and 6 within the cells of the first so many
// factors.
func byBlocks(t testing.TB, factors int) properties {
	d := mustNew(t, []string{"x"}, equal, []int{4, 6}, 1)
	return measure(trials(), func(r *rand.Rand) (draw, guess func([]int) int, add func([]int, int)) {
		cell := func(of []int) (key int) {
			for _, l := range of[:factors] {
				key = 2*key + l
			}
			return key
		}
		left, behind := map[int][]int{}, map[int]int{}
		return func(of []int) int {
				k := cell(of)
				if len(left[k]) == 0 {
					left[k] = d.DrawCell(r, nil, 1)
				}
				arm := left[k][0]
				left[k] = left[k][1:]
				return arm
			}, func(of []int) int {
				switch n := behind[cell(of)]; {
				case n > 0:
					return 1
				case n < 0:
					return 0
				}
				return -1
			}, func(of []int, arm int) { behind[cell(of)] += 1 - 2*arm }
	})
}

func trials() int {
	if os.Getenv("DVALA_SOAK") != "" {
		return 20_000
	}
	return 400
}

// What doc/methods/allocation.md says of minimisation and of blocks, measured: the
// stronger the coin the better the balance and the surer the guess; minimisation
// balances the margins better than blocks within all cells, which stay unfilled. A
// coin of one half is no minimisation: guesses are right half the time.
func TestOperatingCharacteristics(t *testing.T) {
	var all []properties
	for _, p := range []float64{0.5, 0.7, 0.8, 0.9, 1} {
		x := byMinimisation(t, p)
		t.Logf("minimisation %.1f: overall %.2f, worst level %.2f, beyond four %.3f, guessed %.3f", p, x.overall, x.margin, x.unequal, x.guessed)
		if n := len(all); n > 0 && (x.margin >= all[n-1].margin || x.guessed <= all[n-1].guessed) {
			t.Errorf("%g: %+v after %+v", p, x, all[n-1])
		}
		all = append(all, x)
	}
	for _, n := range []int{1, 3, 4} {
		x := byBlocks(t, n)
		t.Logf("blocks, %d factors: overall %.2f, worst level %.2f, beyond four %.3f, guessed %.3f", n, x.overall, x.margin, x.unequal, x.guessed)
		if x.margin <= all[2].margin {
			t.Errorf("blocks in %d factors balance better than minimisation with 0.8: %+v", n, x)
		}
	}
	if math.Abs(all[0].guessed-0.5) > 0.01 {
		t.Errorf("without a lean guesses are right %.3f of the time", all[0].guessed)
	}
	// The mean absolute difference of 80 tosses of a coin is 80·C(80,40)/2^80 = 7.11.
	if math.Abs(all[0].overall-7.11) > 0.8 {
		t.Errorf("80 tosses differ by %.2f", all[0].overall)
	}
}
