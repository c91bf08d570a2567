package design_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dvala/alloc/design"
	"dvala/fault"
)

func mustMinimise(t testing.TB, ratios, levels, weights []int, prefer float64, variance bool) design.Minimisation {
	t.Helper()
	m, err := minimisation(ratios, levels, weights, prefer, variance)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func minimisation(ratios, levels, weights []int, prefer float64, variance bool) (design.Minimisation, error) {
	var options []design.Option
	for i, r := range ratios {
		options = append(options, design.Option{ID: fmt.Sprintf("arm%d", i), Ratio: r})
	}
	var factors []design.Factor
	for i, n := range levels {
		f := design.Factor{Name: fmt.Sprintf("f%d", i), Weight: weights[i]}
		for l := range n {
			f.Levels = append(f.Levels, fmt.Sprintf("l%d", l))
		}
		factors = append(factors, f)
	}
	return design.NewMinimisation(options, factors, prefer, variance)
}

// By hand. Two arms 1:1, three factors of weight 1. Of those before the next person
// who are at her level there are, in arms 0 and 1: 3 and 2 of the first factor, 4 and
// 5 of the second, 1 and 3 of the third. Given arm 0 the ranges would be |4-2| = 2,
// |5-5| = 0, |2-3| = 1, together 3; given arm 1 they would be 0, 2, 3, together 5.
// So arm 0 balances better, and with 0.8 it is drawn four times in five. The variance
// of two counts is a quarter of the square of their range: 4+0+1 against 0+4+9, which
// stand here times the square of the number of arms.
func TestMinimisationByHand(t *testing.T) {
	for _, variance := range []bool{false, true} {
		m := mustMinimise(t, []int{1, 1}, []int{2, 2, 2}, []int{1, 1, 1}, 0.8, variance)
		c := m.Begin()
		// The level of the next person is 0 everywhere; 1 stands for another.
		for _, p := range [][4]int{ // levels, arm
			{0, 0, 0, 0},
			{0, 0, 1, 0},
			{0, 0, 1, 0},
			{1, 0, 1, 0},
			{0, 0, 0, 1},
			{0, 0, 0, 1},
			{1, 0, 0, 1},
			{1, 0, 1, 1},
			{1, 0, 1, 1},
		} {
			c.Add(p[:3], p[3])
		}
		next := []int{0, 0, 0}
		want := []int64{3, 5}
		if variance {
			want = []int64{5, 13}
		}
		if got := c.Imbalance(next); !slices.Equal(got, want) {
			t.Errorf("imbalance %v, by hand %v", got, want)
		}
		if got := c.Chances(next); math.Abs(got[0]-0.8) > 1e-12 || math.Abs(got[1]-0.2) > 1e-12 {
			t.Errorf("chances %v", got)
		}
	}
}

// The imbalances of twelve drawn cases (2 to 4 arms, ratios to 3, 1 to 4 factors) as an
// R program gives them that tabulates the people themselves; the package Minirand
// of R has the same, but for a variance divided by one less.
func TestImbalanceAgainstR(t *testing.T) {
	f, err := os.Open("testdata/imbalance.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for in := bufio.NewScanner(f); in.Scan(); n++ {
		var c struct {
			Ratio, Levels, Weights, Arms, Next []int
			People                             [][]int
			Range, Variance                    []float64
		}
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		multiple := 1.0 // the least that all ratios divide
		for slices.ContainsFunc(c.Ratio, func(r int) bool { return math.Mod(multiple, float64(r)) != 0 }) {
			multiple++
		}
		for _, variance := range []bool{false, true} {
			m := mustMinimise(t, c.Ratio, c.Levels, c.Weights, 1, variance)
			counts := m.Begin()
			for i, p := range c.People {
				counts.Add(p, c.Arms[i])
			}
			want, unit := c.Range, multiple
			if variance {
				k := float64(len(c.Ratio))
				want, unit = c.Variance, multiple*multiple*k*k
			}
			for k, g := range counts.Imbalance(c.Next) {
				if math.Abs(float64(g)/unit-want[k]) > 1e-9 {
					t.Errorf("case %d, arm %d: %g, R %g", n, k, float64(g)/unit, want[k])
				}
			}
		}
	}
	if n != 12 {
		t.Errorf("%d cases", n)
	}
}

// Whatever the design: the chances add up to one; nobody has less than the coin
// leaves; arms renamed give chances renamed; and the order of those before her is of
// no matter.
func TestChancesOfMinimisation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 4).Draw(t, "arms")
		ratios := rapid.SliceOfN(rapid.IntRange(1, 3), k, k).Draw(t, "ratios")
		levels := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 4).Draw(t, "levels")
		weights := rapid.SliceOfN(rapid.IntRange(1, 3), len(levels), len(levels)).Draw(t, "weights")
		sum := 0
		for _, r := range ratios {
			sum += r
		}
		least := float64(slices.Min(ratios)) / float64(sum)
		prefer := least + (1-least)*rapid.Float64Range(0, 1).Draw(t, "prefer")
		variance := rapid.Bool().Draw(t, "variance")
		m, err := minimisation(ratios, levels, weights, prefer, variance)
		if err != nil {
			t.Fatal(err)
		}
		turned := append(slices.Clone(ratios[1:]), ratios[0])
		m2, err := minimisation(turned, levels, weights, prefer, variance)
		if err != nil {
			t.Fatal(err)
		}
		level := func(name string) []int {
			out := make([]int, len(levels))
			for i, n := range levels {
				out[i] = rapid.IntRange(0, n-1).Draw(t, name)
			}
			return out
		}
		type was struct {
			levels []int
			arm    int
		}
		var people []was
		for range rapid.IntRange(0, 12).Draw(t, "people") {
			people = append(people, was{level("level"), rapid.IntRange(0, k-1).Draw(t, "arm")})
		}
		c, c2 := m.Begin(), m2.Begin()
		for _, p := range people {
			c.Add(p.levels, p.arm)
		}
		slices.Reverse(people)
		for _, p := range people {
			c2.Add(p.levels, (p.arm+k-1)%k)
		}
		next := level("next")
		got, other := c.Chances(next), c2.Chances(next)
		total, lean := 0.0, 1-float64(sum)*(1-prefer)/float64(sum-slices.Min(ratios))
		for i, p := range got {
			total += p
			if p < (1-lean)*float64(ratios[i])/float64(sum)-1e-12 {
				t.Errorf("arm %d has %g", i, p)
			}
			if math.Abs(p-other[(i+k-1)%k]) > 1e-12 {
				t.Errorf("renamed: %v and %v", got, other)
			}
		}
		if math.Abs(total-1) > 1e-12 {
			t.Errorf("chances %v", got)
		}
	})
}

// With one arm ahead of the others the chances are those of Han, Enas and McEntegart
// (2009), equations for the high and low probabilities: with ratios 1:2:3 and 0.7 for
// the smallest, an arm of ratio r has 1 - 0.3(6-r)/5 when it is preferred, that is
// 0.70, 0.76 and 0.82, and another has 0.3r/5.
func TestUnequalRatios(t *testing.T) {
	m := mustMinimise(t, []int{1, 2, 3}, []int{1}, []int{1}, 0.7, false)
	for ahead, given := range [][]int{{0, 4, 6}, {2, 0, 6}, {2, 4, 0}} {
		c := m.Begin()
		for k, n := range given {
			for range n {
				c.Add([]int{0}, k)
			}
		}
		got := c.Chances([]int{0})
		for k := range given {
			want := 0.3 * float64(k+1) / 5
			if k == ahead {
				want = []float64{0.70, 0.76, 0.82}[k]
			}
			if math.Abs(got[k]-want) > 1e-12 {
				t.Errorf("%d preferred: arm %d has %g, by the paper %g", ahead, k, got[k], want)
			}
		}
	}
}

// Draws come as often as their chances say, over 60,000 seeds' turns: chi-squared
// under R's qchisq(1 - 1e-5, 2) = 23.03.
func TestDrawsFollowTheChances(t *testing.T) {
	m := mustMinimise(t, []int{1, 2, 3}, []int{1}, []int{1}, 0.7, false)
	c := m.Begin()
	for range 2 {
		c.Add([]int{0}, 1)
	}
	chances := c.Chances([]int{0})
	var seen [3]float64
	const draws = 60_000
	for i := range draws {
		seed := design.Seed{byte(i >> 8), byte(i), 7}
		seen[c.Draw([]int{0}, seed.Chance(i%97))]++
	}
	x := 0.0
	for k, n := range seen {
		want := draws * chances[k]
		x += (n - want) * (n - want) / want
	}
	if x > 23.03 {
		t.Errorf("chi-squared %.1f: %v for %v", x, seen, chances)
	}
}

// Slots that are named tell nothing of arms: whatever arms are drawn, each slot left is
// named equally often. Over 20,000 lists of two arms, four slots each, and the arms
// 0, 1, 1, 0, all 1680 orders of four of eight slots are equally likely; the pairs
// of the first two are counted: chi-squared under R's qchisq(1 - 1e-5, 55) = 111.06.
func TestNamedSlotsTellNothing(t *testing.T) {
	for _, arms := range [][]int{{0, 1, 1, 0}, {0, 0, 0, 0}, {1, 0, 1, 0}} {
		seen := map[string]int{}
		r := rand.New(rand.NewPCG(9, 9))
		const draws = 20_000
		for range draws {
			list := []int{0, 0, 0, 0, 1, 1, 1, 1}
			r.Shuffle(8, func(i, j int) { list[i], list[j] = list[j], list[i] })
			var seed design.Seed
			for i := range seed {
				seed[i] = byte(r.Uint32())
			}
			taken := map[int]bool{}
			var named []int
			for _, arm := range arms {
				var left []int
				for i, a := range list {
					if a == arm && !taken[i] {
						left = append(left, i)
					}
				}
				s := seed.First(left)
				taken[s] = true
				named = append(named, s)
			}
			seen[fmt.Sprint(named[1:3])]++
		}
		if len(seen) != 56 {
			t.Fatalf("%d pairs", len(seen))
		}
		if x := chiSquared(seen, draws/56.0); x > 111.06 {
			t.Errorf("arms %v: chi-squared %.1f", arms, x)
		}
	}
	if s := (design.Seed{}).First(nil); s != -1 {
		t.Errorf("of none, slot %d", s)
	}
}

func TestMinimisationRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"no factors":         secondOf(minimisation([]int{1, 1}, nil, nil, 0.8, false)),
		"one arm":            secondOf(minimisation([]int{1}, []int{2}, []int{1}, 0.8, false)),
		"a weight of nought": secondOf(minimisation([]int{1, 1}, []int{2}, []int{0}, 0.8, false)),
		"a ratio of nought":  secondOf(minimisation([]int{0, 1}, []int{2}, []int{1}, 0.8, false)),
		"large ratios":       secondOf(minimisation([]int{7, 11}, []int{2}, []int{1}, 0.8, false)),
		"less than chance":   secondOf(minimisation([]int{1, 1}, []int{2}, []int{1}, 0.4, false)),
		"more than certain":  secondOf(minimisation([]int{1, 1}, []int{2}, []int{1}, 1.1, false)),
	} {
		if fault.CodeOf(err) != design.CodeMinimise {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := mustMinimise(t, []int{1, 1}, []int{2}, []int{1}, 0.8, false)
	for _, bad := range [][]string{nil, {"l0", "l1"}, {"l2"}} {
		if _, err := m.Index(bad); fault.CodeOf(err) != design.CodeMinimise {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func secondOf(_ design.Minimisation, err error) error { return err }

// A pool holds the ratio, in any order; nothing else passes for one.
func TestPool(t *testing.T) {
	d, err := design.Pool([]string{"x"}, []design.Option{{ID: "a", Ratio: 2}, {ID: "b", Ratio: 1}}, 10)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range d.Draw(generator(4)) {
		ids = append(ids, d.Options()[s.Option].ID)
	}
	if len(ids) != 12 || d.Admits(ids) != nil {
		t.Errorf("%v: %v", ids, d.Admits(ids))
	}
	for _, bad := range [][]string{{"a", "b", "b"}, {"a", "b"}, {"a", "a", "c"}} {
		if d.Admits(bad) == nil {
			t.Errorf("%v passes", bad)
		}
	}
}
