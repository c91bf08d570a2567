package nof1

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/stats"
)

// Blocked is the analysis that leans on the design alone: within each block
// the mean of the active nights less that of the control ones.
type Blocked struct {
	Differences []float64      `json:"differences"`      // one per block with both conditions, by the block's number
	Effect      stats.Estimate `json:"effect"`           // one-sample t
	SignFlip    *float64       `json:"sign_flip"`        // exact p of all ways to flip the differences; absent above 20 blocks
	Flips       int            `json:"flips"`            // how many those are
	Without     int            `json:"without_contrast"` // blocks with nights of one condition only, left out
}

const mostFlips = 20

// ByBlock compares within blocks. It makes no assumption about the nights of a
// block or how they hang together, and its sign-flip p is exact whenever the
// order within blocks was drawn by lot. With k blocks that p is never below
// 2^(1−k): six blocks are needed for one under 0.05.
//
// Faults: stats-not-finite, stats-too-few (less than two blocks with both
// conditions), stats-constant (equal differences).
func ByBlock(nights []Night, level float64) (Blocked, error) {
	level, err := stats.CheckLevel(level)
	if err != nil {
		return Blocked{}, err
	}
	v := slices.Clone(nights)
	slices.SortStableFunc(v, func(a, b Night) int {
		if a.Block != b.Block {
			return a.Block - b.Block
		}
		return a.Day - b.Day
	})
	var r Blocked
	size := 0.0
	for from := 0; from < len(v); {
		to := from
		var sum [2]float64
		var n [2]int
		for ; to < len(v) && v[to].Block == v[from].Block; to++ {
			if math.IsNaN(v[to].Y) || math.IsInf(v[to].Y, 0) {
				return Blocked{}, fault.New(stats.NotFinite, "outcome", "day %d is %v, which is not a finite number", v[to].Day, v[to].Y)
			}
			k := int(truth(v[to].Active))
			sum[k] += v[to].Y
			n[k]++
			size = math.Max(size, math.Abs(v[to].Y))
		}
		from = to
		if n[0] == 0 || n[1] == 0 {
			r.Without++
			continue
		}
		r.Differences = append(r.Differences, sum[1]/float64(n[1])-sum[0]/float64(n[0]))
	}
	k := len(r.Differences)
	if k < 2 {
		return Blocked{}, fault.New(stats.TooFew, "blocks", "%d blocks hold both conditions, and two are the least", k)
	}
	mean, ss := 0.0, 0.0
	for _, d := range r.Differences {
		mean += d / float64(k)
	}
	for _, d := range r.Differences {
		ss += (d - mean) * (d - mean)
	}
	se := math.Sqrt(ss / float64(k-1) / float64(k))
	if math.IsInf(se, 0) || math.IsNaN(se) {
		return Blocked{}, fault.New(stats.NotFinite, "outcome", "the numbers, up to %.3g, are too large to square", size).
			WithHint("use a larger unit")
	}
	if !(se > 1e-13*size) {
		return Blocked{}, fault.New(stats.Constant, "", "all blocks differ by the same")
	}
	r.Effect = stats.T("active − control", mean, se, float64(k-1), level)
	if k <= mostFlips {
		p := flip(r.Differences)
		r.SignFlip, r.Flips = &p, 1<<k
	}
	return r, nil
}

// flip is the share of sign patterns whose mean is as far from 0 as the one seen.
func flip(d []float64) float64 {
	var observed, size float64
	for _, v := range d {
		observed += v
		size += math.Abs(v)
	}
	limit := math.Abs(observed) - 1e-12*size
	extreme, all := 0, 1<<len(d)
	for pattern := range all {
		var sum float64
		for j, v := range d {
			if pattern>>j&1 == 1 {
				sum += v
			} else {
				sum -= v
			}
		}
		if math.Abs(sum) >= limit {
			extreme++
		}
	}
	return float64(extreme) / float64(all)
}
