package signal

import "slices"

// Maxima gives the samples that are higher than both neighbours; of a flat top
// the middle one, the earlier of two. The ends are no maxima.
func Maxima(x []float64) []int {
	var out []int
	for i := 1; i+1 < len(x); i++ {
		if x[i-1] >= x[i] {
			continue
		}
		j := i
		for j+1 < len(x) && x[j+1] == x[i] {
			j++
		}
		if j+1 < len(x) && x[j+1] < x[i] {
			out = append(out, (i+j)/2)
		}
		i = j
	}
	return out
}

// Apart keeps the highest of peaks that are less than distance samples apart,
// beginning with the highest of all; peaks are in order, and so is what is
// kept. Of equal heights the later is taken first, as in SciPy.
func Apart(x []float64, peaks []int, distance float64) []int {
	byHeight := make([]int, len(peaks))
	for i := range byHeight {
		byHeight[i] = i
	}
	slices.SortStableFunc(byHeight, func(a, b int) int {
		switch {
		case x[peaks[a]] < x[peaks[b]]:
			return -1
		case x[peaks[a]] > x[peaks[b]]:
			return 1
		}
		return 0
	})
	gone := make([]bool, len(peaks))
	for k := len(byHeight) - 1; k >= 0; k-- {
		i := byHeight[k]
		if gone[i] {
			continue
		}
		for j := i - 1; j >= 0 && float64(peaks[i]-peaks[j]) < distance; j-- {
			gone[j] = true
		}
		for j := i + 1; j < len(peaks) && float64(peaks[j]-peaks[i]) < distance; j++ {
			gone[j] = true
		}
	}
	var out []int
	for i, p := range peaks {
		if !gone[i] {
			out = append(out, p)
		}
	}
	return out
}

// Prominence is how far a peak stands above the higher of the two lowest
// points that part it from higher ground, or from the ends.
func Prominence(x []float64, peak int) float64 {
	left, right := x[peak], x[peak]
	for i := peak; i >= 0 && x[i] <= x[peak]; i-- {
		left = min(left, x[i])
	}
	for i := peak; i < len(x) && x[i] <= x[peak]; i++ {
		right = min(right, x[i])
	}
	return x[peak] - max(left, right)
}
