package resample

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
)

// maxArrangements bounds exact enumeration: a few seconds of work.
const maxArrangements = 50_000_000

// ExactBlocks tests the null by all allocations there are: within each block,
// every way of giving the arm to as many people as got it. The statistic is the
// sum of outcomes in arm 1 less its expectation, the mean difference when
// blocks are alike. One block is the ordinary two-sample permutation test.
//
//	blocks  a label per person
//
// Faults: stats-argument when there are more arrangements than can be listed
// (use Rerandomise then).
func ExactBlocks(y []float64, arm []int, blocks []int) (Test, error) {
	if len(arm) != len(y) || len(blocks) != len(y) {
		return Test{}, fault.New(stats.Lengths, "", "%d outcomes, %d arms, %d blocks", len(y), len(arm), len(blocks))
	}
	if err := stats.Finite("outcome", y); err != nil {
		return Test{}, err
	}
	members := map[int][]int{}
	for i, b := range blocks {
		if arm[i] != 0 && arm[i] != 1 {
			return Test{}, fault.New(stats.BadArgument, "arm", "row %d has the arm %d, not 0 or 1", i+1, arm[i])
		}
		members[b] = append(members[b], i)
	}
	var labels []int
	for b := range members {
		labels = append(labels, b)
	}
	slices.Sort(labels)
	total := 1.0
	var observed, size float64
	var sums [][]float64
	for _, b := range labels {
		var v []float64
		var n int
		var got, all float64
		for _, i := range members[b] {
			v = append(v, y[i])
			all += y[i]
			size = math.Max(size, math.Abs(y[i]))
			if arm[i] == 1 {
				n++
				got += y[i]
			}
		}
		total *= choose(len(v), n)
		if total > maxArrangements {
			return Test{}, fault.New(stats.BadArgument, "", "there are more than %d arrangements", maxArrangements).
				WithHint("draw from them instead: a re-randomisation test")
		}
		mean := float64(n) * all / float64(len(v))
		observed += got - mean
		sums = append(sums, subsetSums(v, n, mean))
	}
	if total < 2 {
		return Test{}, fault.New(stats.EmptyGroup, "arm", "there is only one arrangement: every block is of one arm")
	}
	return enumerate(sums, observed, 1e-10*math.Max(size, math.Abs(observed))), nil
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return math.Round(c)
}

// subsetSums lists the sums of all k of the values, less their mean.
func subsetSums(v []float64, k int, mean float64) []float64 {
	var out []float64
	var walk func(from, left int, sum float64)
	walk = func(from, left int, sum float64) {
		if left == 0 {
			out = append(out, sum-mean)
			return
		}
		for i := from; i <= len(v)-left; i++ {
			walk(i+1, left-1, sum+v[i])
		}
	}
	walk(0, k, 0)
	return out
}

func enumerate(sums [][]float64, observed, slack float64) Test {
	t := Test{Observed: observed, Exact: true}
	var ss float64
	var walk func(b int, s float64)
	walk = func(b int, s float64) {
		if b == len(sums) {
			t.B++
			ss += s * s
			if math.Abs(s) >= math.Abs(observed)-slack {
				t.Extreme++
			}
			return
		}
		for _, v := range sums[b] {
			walk(b+1, s+v)
		}
	}
	walk(0, 0)
	t.P = float64(t.Extreme) / float64(t.B)
	t.NullSD = math.Sqrt(ss / float64(t.B))
	return t
}

// RankSum is the exact Wilcoxon rank-sum test, two-sided by distance from the
// expectation, with mid-ranks where values tie. Ranks are doubled to be whole,
// and arrangements are counted by dynamic programming over their sums, so ties
// need no normal approximation and samples of hundreds are quick.
func RankSum(x, y []float64) (Test, error) {
	if len(x) == 0 || len(y) == 0 {
		return Test{}, fault.New(stats.EmptyGroup, "", "a group is empty")
	}
	if len(x)+len(y) > 400 {
		return Test{}, fault.New(stats.BadArgument, "", "%d values are too many for the exact test", len(x)+len(y))
	}
	all := append(slices.Clone(x), y...)
	if err := stats.Finite("values", all); err != nil {
		return Test{}, err
	}
	ranks := doubledRanks(all)
	return countSums(ranks, len(x))
}

// SignedRank is the exact Wilcoxon signed-rank test of differences. Zeros are
// dropped (Wilcoxon), ties have mid-ranks.
func SignedRank(d []float64) (Test, error) {
	if err := stats.Finite("differences", d); err != nil {
		return Test{}, err
	}
	var size []float64
	var sign []bool
	for _, v := range d {
		if v != 0 {
			size, sign = append(size, math.Abs(v)), append(sign, v > 0)
		}
	}
	if len(size) == 0 {
		return Test{}, fault.New(stats.Constant, "", "all differences are zero")
	}
	if len(size) > 400 {
		return Test{}, fault.New(stats.BadArgument, "", "%d differences are too many for the exact test", len(size))
	}
	ranks := doubledRanks(size)
	total, observed := 0, 0
	for i, r := range ranks {
		total += r
		if sign[i] {
			observed += r
		}
	}
	counts := make([]float64, total+1)
	counts[0] = 1
	top := 0
	for _, r := range ranks {
		for s := top; s >= 0; s-- {
			counts[s+r] += counts[s]
		}
		top += r
		// Halved as we go, so that counts are probabilities and never overflow.
		for s := range top + 1 {
			counts[s] /= 2
		}
	}
	return fromProbabilities(counts, observed, float64(total)/2), nil
}

// doubledRanks gives twice the mid-ranks, which are whole numbers.
func doubledRanks(v []float64) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return 0
	})
	out := make([]int, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = i + 1 + j // (i+1 + j)/2 doubled
		}
		i = j
	}
	return out
}

// countSums counts the ways to choose n of the ranks by their sum; the first n
// are those observed.
func countSums(ranks []int, n int) (Test, error) {
	total, observed := 0, 0
	for i, r := range ranks {
		total += r
		if i < n {
			observed += r
		}
	}
	ways := make([][]float64, n+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	top := 0
	for seen, r := range ranks {
		top += r
		for k := min(seen+1, n); k >= 1; k-- {
			for s := top; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	var sum float64
	for _, w := range ways[n] {
		sum += w
	}
	if math.IsInf(sum, 0) {
		return Test{}, fault.New(stats.BadArgument, "", "too many arrangements to count")
	}
	for s := range ways[n] {
		ways[n][s] /= sum
	}
	return fromProbabilities(ways[n], observed, float64(n)*float64(total)/float64(len(ranks))), nil
}

func fromProbabilities(p []float64, observed int, mean float64) Test {
	t := Test{Observed: float64(observed) / 2, Exact: true}
	d := math.Abs(float64(observed) - mean)
	var v float64
	for s, w := range p {
		x := float64(s) - mean
		v += w * x * x
		if math.Abs(x) >= d-1e-9 {
			t.P += w
		}
	}
	t.P = math.Min(1, t.P)
	t.NullSD = math.Sqrt(v) / 2
	return t
}
