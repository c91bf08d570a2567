package design_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"dvala/alloc/design"
	"dvala/fault"
)

func generator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func mustNew(t interface{ Fatal(...any) }, cells []string, options []design.Option, blocks []int, n int) design.Design {
	d, err := design.New(cells, options, blocks, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var equal = []design.Option{{ID: "a", Ratio: 1}, {ID: "b", Ratio: 1}}

// Whatever the design: every cell is long enough and not much longer, holds the
// ratio exactly, and could have been drawn as the design says.
func TestListIsOfItsDesign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var options []design.Option
		sum := 0
		for i := range rapid.IntRange(1, 4).Draw(t, "options") {
			ratio := rapid.IntRange(1, 4).Draw(t, "ratio")
			options = append(options, design.Option{ID: fmt.Sprintf("o%d", i), Ratio: ratio})
			sum += ratio
		}
		var blocks []int
		for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 1, 3, rapid.ID).Draw(t, "blocks") {
			blocks = append(blocks, k*sum)
		}
		var cells []string
		for i := range rapid.IntRange(1, 5).Draw(t, "cells") {
			cells = append(cells, fmt.Sprintf("c%d", i))
		}
		n := rapid.IntRange(1, 60).Draw(t, "length")
		d := mustNew(t, cells, options, blocks, n)
		list := d.Draw(generator(rapid.Uint64().Draw(t, "seed")))
		byCell := map[string][]string{}
		for i, s := range list {
			if i > 0 && slices.Index(cells, s.Cell) < slices.Index(cells, list[i-1].Cell) {
				t.Fatal("cells are mixed")
			}
			byCell[s.Cell] = append(byCell[s.Cell], options[s.Option].ID)
		}
		for _, c := range cells {
			got := byCell[c]
			if len(got) < n || len(got) >= n+slices.Max(blocks) {
				t.Fatalf("cell %s has %d slots; %d were asked for in blocks of %v", c, len(got), n, blocks)
			}
			for _, o := range options {
				count := 0
				for _, id := range got {
					if id == o.ID {
						count++
					}
				}
				if count*sum != len(got)*o.Ratio {
					t.Fatalf("cell %s holds %s %d times of %d", c, o.ID, count, len(got))
				}
			}
			if err := d.Admits(got); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The same seed gives the same list, and the order of the cells is theirs alone:
// a design with one cell more draws the same for those before it.
func TestSameSeedSameList(t *testing.T) {
	one := mustNew(t, []string{"x", "y"}, equal, []int{4, 6}, 20)
	two := mustNew(t, []string{"x", "y", "z"}, equal, []int{4, 6}, 20)
	a, b := one.Draw(generator(5)), two.Draw(generator(5))
	if !slices.Equal(a, one.Draw(generator(5))) {
		t.Error("the same seed gave another list")
	}
	if !slices.Equal(a, b[:len(a)]) {
		t.Error("a further cell changed those before it")
	}
	if slices.Equal(a, one.Draw(generator(6))) {
		t.Error("another seed gave the same list")
	}
}

// A list that leaves the blocks is recognised.
func TestAdmitsRefuses(t *testing.T) {
	d := mustNew(t, []string{"x"}, equal, []int{4, 6}, 1)
	for _, c := range []struct {
		list string
		ok   bool
	}{
		{"", true},
		{"abba", true},
		{"ab", false},                  // incomplete
		{"aabb" + "ba", true},          // a block of 6 as well
		{"abba" + "ab" + "abba", true}, // 4 + 6
		{"aaabbb", true},               // a block of 6
		{"aaaabbbb", false},            // 8 is neither 4+4 nor 6+…
		{"aabb" + "bbaa", true},
		{"aabb" + "aaabbb" + "abab", true},
		{"aaab" + "abbb", false}, // balanced at 8 but in no block
		{"abbc", false},
	} {
		var ids []string
		for _, r := range c.list {
			ids = append(ids, string(r))
		}
		if err := d.Admits(ids); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.list, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"block of 5 for 1:1": second(design.New([]string{"x"}, equal, []int{5}, 4)),
		"block of 4 for 2:1": second(design.New([]string{"x"}, []design.Option{{ID: "a", Ratio: 2}, {ID: "b", Ratio: 1}}, []int{4}, 4)),
		"ratio of nought":    second(design.New([]string{"x"}, []design.Option{{ID: "a"}}, []int{4}, 4)),
		"no cells":           second(design.New(nil, equal, []int{4}, 4)),
		"no length":          second(design.New([]string{"x"}, equal, []int{4}, 0)),
	} {
		if fault.CodeOf(err) != design.CodeDesign {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ design.Design, err error) error { return err }

// Over many seeds every permutation of a block is as frequent as any other, and
// so is every block size: chi-squared tests at a level of 1 in 100,000 (critical
// values of R: qchisq(1-1e-5, 5) = 30.856, qchisq(1-1e-5, 19) = 55.190,
// qchisq(1-1e-5, 1) = 19.511). DVALA_SOAK draws a million of each.
func TestPermutationsAreUniform(t *testing.T) {
	for _, c := range []struct {
		block, kinds int
		critical     float64
	}{{4, 6, 30.856}, {6, 20, 55.190}} {
		d := mustNew(t, []string{"x"}, equal, []int{c.block}, 1)
		seen := map[string]int{}
		draws := 24_000
		if n, err := strconv.Atoi(os.Getenv("DVALA_SOAK")); err == nil && n > 0 {
			draws = 1_000_000
		}
		r := generator(11)
		for range draws {
			seen[fmt.Sprint(d.DrawCell(r, nil, 1))]++
		}
		if len(seen) != c.kinds {
			t.Fatalf("blocks of %d: %d permutations seen of %d", c.block, len(seen), c.kinds)
		}
		if x := chiSquared(seen, float64(draws)/float64(c.kinds)); x > c.critical {
			t.Errorf("blocks of %d: chi-squared %.1f", c.block, x)
		}
	}
	d := mustNew(t, []string{"x"}, equal, []int{2, 8}, 1)
	sizes := map[string]int{}
	r := generator(12)
	for range 10_000 {
		sizes[fmt.Sprint(len(d.DrawCell(r, nil, 1)))]++
	}
	if x := chiSquared(sizes, 5_000); x > 19.511 {
		t.Errorf("block sizes: chi-squared %.1f of %v", x, sizes)
	}
}

// Over many seeds each place of the list holds each arm as often as the ratio
// says: chi-squared over places, 2:1 in blocks of 3 and 6, one degree of freedom
// each.
func TestRatioAtEachPlace(t *testing.T) {
	d := mustNew(t, []string{"x"}, []design.Option{{ID: "a", Ratio: 2}, {ID: "b", Ratio: 1}}, []int{3, 6}, 24)
	const draws = 6_000
	first := make([]int, 24)
	for seed := range uint64(draws) {
		for i, o := range d.DrawCell(generator(seed), nil, 24)[:24] {
			if o == 0 {
				first[i]++
			}
		}
	}
	for i, n := range first {
		a, b := float64(n)-draws*2/3.0, float64(draws-n)-draws/3.0
		if x := a*a/(draws*2/3.0) + b*b/(draws/3.0); x > 19.511 {
			t.Errorf("place %d: the first arm %d times of %d, chi-squared %.1f", i, n, draws, x)
		}
	}
}

// Cells are drawn independently of each other: over many seeds the first places
// of two cells agree half the time (within 4.5 standard errors).
func TestCellsAreIndependent(t *testing.T) {
	d := mustNew(t, []string{"x", "y"}, equal, []int{4}, 4)
	const draws = 8_000
	agree := 0
	for seed := range uint64(draws) {
		list := d.Draw(generator(seed))
		if list[0].Option == list[4].Option {
			agree++
		}
	}
	if math.Abs(float64(agree)-draws/2) > 4.5*math.Sqrt(draws)/2 {
		t.Errorf("%d of %d agree", agree, draws)
	}
}

// Guessing by convergence (always name the arm that is behind) in blocks of four
// is right with chance 17/24 (Blackwell and Hodges 1957; for a block of 2m the
// expected number right is m + (4^m/C(2m,m) − 1)/2 of 2m: 2 + (16/6 − 1)/2 = 17/6 of 4).
// That is the reason why sizes are varied and never shown.
func TestGuessabilityOfFixedBlocks(t *testing.T) {
	d := mustNew(t, []string{"x"}, equal, []int{4}, 4)
	r := generator(3)
	const blocks = 20_000
	right := 0.0
	for range blocks {
		ahead := 0 // first arm minus second
		for _, o := range d.DrawCell(r, nil, 4) {
			sign := 1 - 2*o
			switch {
			case ahead == 0:
				right += 0.5
			case ahead*sign < 0:
				right++
			}
			ahead += sign
		}
	}
	if got, want := right/(4*blocks), 17.0/24; math.Abs(got-want) > 0.006 {
		t.Errorf("guessed right %.4f of the time, theory says %.4f", got, want)
	}
}

// The permutations of a block of four and the chance of what comes next after a
// and b of its slots are used, (2−a)/(4−a−b), as R enumerates them in the
// reference case 21_randomisation.
func TestBlockOfFourAgainstReference(t *testing.T) {
	var want struct {
		Blocks struct {
			All []string `json:"all_block4"`
		} `json:"permuted_blocks"`
		Next struct {
			Table []struct {
				A, B int
				P    float64 `json:"pA"`
			}
		} `json:"block4_next_probability"`
	}
	raw, err := os.ReadFile(filepath.Join(reference(t), "golden/stats/21_randomisation/expected.json"))
	if err != nil {
		t.Skip("DVALA_REFERENCE holds no such case: ", err)
	}
	if err := json.Unmarshal(raw, &want); err != nil || len(want.Blocks.All) != 6 || len(want.Next.Table) < 6 {
		t.Fatalf("reference case not understood: %v", err)
	}
	d := mustNew(t, []string{"x"}, equal, []int{4}, 4)
	r := generator(21)
	seen := map[string]int{}
	type used struct{ a, b int }
	next, first := map[used]int{}, map[used]int{}
	for range 24_000 {
		text, u := "", used{}
		for _, o := range d.DrawCell(r, nil, 4) {
			next[u]++
			if o == 0 {
				first[u]++
				text, u.a = text+"A", u.a+1
			} else {
				text, u.b = text+"B", u.b+1
			}
		}
		seen[text]++
	}
	for _, s := range want.Blocks.All {
		if seen[s] == 0 {
			t.Errorf("%s was never drawn", s)
		}
	}
	for _, row := range want.Next.Table {
		n := float64(next[used{row.A, row.B}])
		p := float64(first[used{row.A, row.B}]) / n
		if math.Abs(p-row.P) > 4.5*math.Sqrt(row.P*(1-row.P)/n) {
			t.Errorf("after %d and %d: %.4f, reference %.4f", row.A, row.B, p, row.P)
		}
	}
}

// reference gives the folder of reference data, or skips the test.
func reference(t *testing.T) string {
	if dir := os.Getenv("DVALA_REFERENCE"); dir != "" {
		return dir
	}
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared")
		}
		if len(dir) > 40 {
			t.Skip("DVALA_REFERENCE holds no reference data")
		}
	}
}

func chiSquared(seen map[string]int, expected float64) float64 {
	x := 0.0
	for _, n := range seen {
		x += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return x
}

// Re-randomisation draws many lists: one of 48 slots, without allocating.
func BenchmarkDrawCell(b *testing.B) {
	d := mustNew(b, []string{"x"}, equal, []int{4, 6}, 48)
	r := generator(1)
	dst := make([]int, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		dst = d.DrawCell(r, dst[:0], 48)
	}
}

// Orders drawn each by itself come equally often, place by place independently:
// over 16,000 draws of 16 orders, and of pairs of neighbours, chi-squared stays
// under R's qchisq(1 - 1e-5, df): 50.49 for 15 and 362.99 for 255 degrees.
func TestApartIsUniform(t *testing.T) {
	var options []design.Option
	for i := range 16 {
		options = append(options, design.Option{ID: string(rune('a' + i)), Ratio: 1})
	}
	d, err := design.Apart([]string{"x"}, options, 16000)
	if err != nil {
		t.Fatal(err)
	}
	slots := d.Draw(generator(11))
	if len(slots) != 16000 {
		t.Fatalf("%d slots", len(slots))
	}
	var one [16]int
	var two [256]int
	for i, s := range slots {
		one[s.Option]++
		if i%2 == 1 {
			two[16*slots[i-1].Option+s.Option]++
		}
	}
	chi := func(counts []int, want float64) (x float64) {
		for _, n := range counts {
			x += (float64(n) - want) * (float64(n) - want) / want
		}
		return x
	}
	if x := chi(one[:], 1000); x > 50.49 {
		t.Errorf("chi-squared %.1f of single orders", x)
	}
	if x := chi(two[:], 8000.0/256); x > 362.9 {
		t.Errorf("chi-squared %.1f of pairs", x)
	}
	if err := d.Admits([]string{"a", "a", "p"}); err != nil {
		t.Error(err)
	}
	if d.Admits([]string{"a", "moon"}) == nil {
		t.Error("an order that the protocol does not have passes")
	}
	if _, err := design.Apart([]string{"x"}, []design.Option{{ID: "a", Ratio: 2}}, 1); err == nil {
		t.Error("a ratio passes")
	}
}
