package heart

import (
	"math"
	"slices"

	"dvala/fault"
)

// rounding is how far an interval in ms may be off for the times it is the
// difference of having been rounded.
const rounding = 1e-6

// Interval is the time between two beats.
type Interval struct {
	EndS   float64 // when the second beat came, seconds from the start
	MS     float64
	Normal bool
	joined bool // the interval before it ends where this one begins, and is normal too
}

// Bounds of what a heart can do asleep, and how far an interval may lie from
// its neighbours.
const (
	ShortestMS = 300
	LongestMS  = 2000
	Neighbours = 5   // on each side
	Deviation  = 0.2 // of the median of the neighbours
)

// Intervals makes intervals of the times of beats, in seconds and rising.
//
// An interval is normal if it lasts 300 to 2000 ms and differs by no more than
// 20 % from the median of up to 5 such intervals on each side of it. What is
// not normal (an extra beat, a missed one, a gap in the record) is left out and
// never replaced by a guess: the difference of successive intervals is taken
// only where both are normal and adjacent.
//
// The rule is that of Malik with the median of the surroundings in place of
// the last interval, so that one extra beat does not shut out those after it.
func Intervals(beats []float64) ([]Interval, error) {
	var out []Interval
	for i, b := range beats {
		if b-b != 0 || i > 0 && b <= beats[i-1] {
			return nil, fault.New("beats-order", "", "beat %d is not after the one before it", i+1)
		}
		if i > 0 {
			out = append(out, Interval{EndS: b, MS: (b - beats[i-1]) * 1000})
		}
	}
	possible := func(v Interval) bool { return v.MS >= ShortestMS && v.MS <= LongestMS }
	for i := range out {
		if !possible(out[i]) {
			continue
		}
		var around []float64
		for j := max(i-Neighbours, 0); j <= min(i+Neighbours, len(out)-1); j++ {
			if j != i && possible(out[j]) {
				around = append(around, out[j].MS)
			}
		}
		out[i].Normal = len(around) == 0
		if len(around) > 0 {
			slices.Sort(around)
			m := (around[(len(around)-1)/2] + around[len(around)/2]) / 2
			out[i].Normal = math.Abs(out[i].MS-m) <= Deviation*m+rounding
		}
	}
	for i := 1; i < len(out); i++ {
		out[i].joined = out[i].Normal && out[i-1].Normal
	}
	return out, nil
}
