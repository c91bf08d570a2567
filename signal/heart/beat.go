package heart

import (
	"math"
	"slices"

	"dvala/fault"
	"dvala/signal"
)

// Beats finds the R waves of an ECG and gives their times in seconds.
//
// The signal is filtered forth and back from 5 to 30 Hz (Butterworth of order
// 2), differentiated, squared and averaged over 0.15 s. A beat is the highest
// point within 0.25 s to each side that exceeds 0.3 of the median of the
// maxima of 2 s stretches within 20 s of it, moved to the largest deflection
// within 0.1 s. The sign and the scale of the ECG do not matter, and neither
// does its rate above 80.
//
// After Pan & Tompkins 1985, doi:10.1109/TBME.1985.325532, with a threshold
// that looks both ways, since a night is read after it is over.
func Beats(ecg []float64, rate float64) ([]float64, error) {
	if !(rate >= 80 && rate <= 50_000) {
		return nil, fault.New("ecg-rate", "", "an ECG of %g samples per second", rate).WithHint("80 and more are needed to find R waves")
	}
	for i, v := range ecg {
		if v-v != 0 {
			return nil, fault.New("ecg-number", "", "sample %d is no number", i)
		}
	}
	if float64(len(ecg)) < 4*rate {
		return nil, nil
	}
	f, err := signal.Butterworth(signal.BandPass, 2, rate, 5, 30)
	if err != nil {
		return nil, err
	}
	y := f.Filter(ecg)
	power := steepness(y, rate)
	least := thresholds(power, int(2*rate), 10)
	guard := int(0.25 * rate)
	var out []float64
	last := -1
	for i := 0; i < len(power); i++ {
		if power[i] < least[i/int(2*rate)] || power[i] == 0 {
			continue
		}
		from, to := max(i-guard, 0), min(i+guard+1, len(power))
		if !highest(power, i, from, to) {
			continue
		}
		best := i
		reach := int(0.1 * rate)
		for k := max(i-reach, 0); k < min(i+reach+1, len(y)); k++ {
			if math.Abs(y[k]) > math.Abs(y[best]) {
				best = k
			}
		}
		if last < 0 || best-last >= guard {
			out = append(out, float64(best)/rate)
			last = best
		}
	}
	return out, nil
}

// highest says whether place i has the highest value of the range, the first
// of equals.
func highest(v []float64, i, from, to int) bool {
	for k := from; k < to; k++ {
		if v[k] > v[i] || v[k] == v[i] && k < i {
			return false
		}
	}
	return true
}

// steepness is the squared derivative averaged over 0.15 s about each sample.
func steepness(y []float64, rate float64) []float64 {
	n := len(y)
	d := make([]float64, n)
	for i := 1; i+1 < n; i++ {
		v := (y[i+1] - y[i-1]) / 2 * rate
		d[i] = v * v
	}
	half := max(int(0.075*rate), 1)
	out := make([]float64, n)
	sum := 0.0
	for i := -half; i < n; i++ {
		if i+half < n {
			sum += d[i+half]
		}
		if i-half-1 >= 0 {
			sum -= d[i-half-1]
		}
		if i >= 0 {
			out[i] = max(sum, 0)
		}
	}
	return out
}

// thresholds gives one per stretch: 0.3 of the median of the maxima of the
// stretches around it.
func thresholds(v []float64, length, around int) []float64 {
	n := (len(v) + length - 1) / length
	top := make([]float64, n)
	for i := range top {
		top[i] = slices.Max(v[i*length : min((i+1)*length, len(v))])
	}
	out := make([]float64, n)
	for i := range out {
		near := slices.Sorted(slices.Values(top[max(i-around/2, 0):min(i+around/2+1, n)]))
		out[i] = 0.3 * near[len(near)/2]
	}
	return out
}
