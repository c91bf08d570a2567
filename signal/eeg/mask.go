package eeg

import (
	"math"
	"slices"
	"time"

	"dvala/fault"
	"dvala/signal"
	"dvala/sleep"
)

// Mask gives one value per sample: whether the epoch that holds it has one of
// the stages. The first epoch begins offset after the first sample; samples
// outside the hypnogram are false.
func Mask(h sleep.Hypnogram, n int, rate float64, offset time.Duration, stages ...sleep.Stage) []bool {
	out := make([]bool, n)
	for _, r := range Stretches(h, n, rate, offset, stages...) {
		for i := r.From; i < r.To; i++ {
			out[i] = true
		}
	}
	return out
}

// Stretches gives the ranges of samples of Mask, neighbouring epochs joined.
func Stretches(h sleep.Hypnogram, n int, rate float64, offset time.Duration, stages ...sleep.Stage) []signal.Range {
	at := func(epoch int) int {
		s := (offset + time.Duration(epoch)*h.Epoch()).Seconds() * rate
		return int(math.Ceil(min(max(s, 0), float64(n)) - 1e-6))
	}
	var out []signal.Range
	for i := range h.Len() {
		r := signal.Range{From: at(i), To: at(i + 1)}
		if r.From >= r.To || !slices.Contains(stages, h.At(i)) {
			continue
		}
		if k := len(out) - 1; k >= 0 && out[k].To == r.From {
			out[k].To = r.To
		} else {
			out = append(out, r)
		}
	}
	return out
}

// StageAt gives the stage at an instant of the signal; ok is false outside the
// hypnogram.
func StageAt(h sleep.Hypnogram, offset time.Duration, seconds float64) (s sleep.Stage, ok bool) {
	i := int(math.Floor((seconds-offset.Seconds())/h.Epoch().Seconds() + 1e-9))
	if h.IsEmpty() || i < 0 || i >= h.Len() {
		return sleep.Unscored, false
	}
	return h.At(i), true
}

// checkSamples is how many samples the check of the unit looks at, at most.
const checkSamples = 100_000

// check refuses what cannot be EEG in microvolts.
func check(x []float64, rate float64, mask []bool) error {
	if mask != nil && len(mask) != len(x) {
		return fault.New("eeg-mask", "", "a mask of %d samples for a signal of %d", len(mask), len(x))
	}
	if !(rate >= 50 && rate <= 50_000) {
		return fault.New("eeg-rate", "", "a rate of %g samples per second", rate).WithHint("sleep EEG has 100 to 1000")
	}
	step := max(len(x)/checkSamples, 1)
	var some []float64
	for i := 0; i < len(x); i += step {
		if v := x[i]; v-v != 0 {
			return fault.New("eeg-number", "", "sample %d is no number", i).WithHint("leave out what was not recorded")
		}
		some = append(some, x[i])
	}
	if sd := trimmedSD(some, 0.05); len(some) > 20 && !(sd > 0.1 && sd < 1000) {
		return fault.New("eeg-unit", "", "a standard deviation of %.3g cannot be that of EEG in microvolts", sd).
			WithHint("0.1 to 1000 is expected; is the channel flat, or in another unit?")
	}
	return nil
}

// trimmedSD is the standard deviation, over n−1, of what is left when the share
// cut of the values is taken from each end.
//
// The ranks are found by counting into buckets and sorting the two buckets in
// which the cuts fall, in time proportional to the number of values.
func trimmedSD(v []float64, cut float64) float64 {
	n := len(v)
	lower := int(cut * float64(n))
	upper := n - lower
	if upper-lower < 2 {
		return 0
	}
	lo, hi := slices.Min(v), slices.Max(v)
	if lo == hi {
		return 0
	}
	const buckets = 1 << 14
	scale := (buckets - 1) / (hi - lo)
	counts := make([]int, buckets)
	for _, x := range v {
		counts[int((x-lo)*scale)]++
	}
	first, last, before, below := -1, -1, 0, 0
	for b, c := range counts {
		if first < 0 && below+c > lower {
			first = b
			before = below
		}
		if last < 0 && below+c >= upper {
			last = b
			break
		}
		below += c
	}
	// below now counts what lies under the last bucket.
	centre := lo + float64(first+last)/2/scale
	var edgeLow, edgeHigh []float64
	sum, squares := 0.0, 0.0
	add := func(x float64) {
		d := x - centre
		sum += d
		squares += d * d
	}
	for _, x := range v {
		switch b := int((x - lo) * scale); {
		case b == first:
			edgeLow = append(edgeLow, x)
		case b == last:
			edgeHigh = append(edgeHigh, x)
		case b > first && b < last:
			add(x)
		}
	}
	slices.Sort(edgeLow)
	if first == last {
		edgeHigh, edgeLow = nil, edgeLow[:upper-before]
	}
	slices.Sort(edgeHigh)
	for _, x := range edgeLow[lower-before:] {
		add(x)
	}
	if edgeHigh != nil {
		for _, x := range edgeHigh[:upper-below] {
			add(x)
		}
	}
	m := float64(upper - lower)
	return math.Sqrt(max(squares-sum*sum/m, 0) / (m - 1))
}
