package signal

import "math"

// Spectrogram is the spectrum through time: one column per stretch of equal
// length, from the start of the signal.
type Spectrogram struct {
	Seconds float64     // of a column
	Step    float64     // Hz from one row to the next, the first being 0
	Columns [][]float64 // density; nil where there is no spectrum
}

// NewSpectrogram gives one Welch spectrum per stretch of that many seconds,
// the last one if it is whole. A column in which a sample is not a number is
// left out.
func NewSpectrogram(x []float64, rate, seconds float64, p WelchParams) (Spectrogram, error) {
	if p.Seconds == 0 {
		p.Seconds = 4
	}
	n := int(math.Round(seconds * rate))
	out := Spectrogram{Seconds: seconds, Step: rate / float64(int(p.Seconds*rate))}
	for at := 0; n > 0 && at+n <= len(x); at += n {
		s, err := Welch(x[at:at+n], rate, p)
		if err != nil {
			return Spectrogram{}, err
		}
		if !finite(x[at : at+n]) {
			s.Density = nil
		}
		out.Columns = append(out.Columns, s.Density)
	}
	return out, nil
}

// finite says whether all samples are numbers: x−x is 0 for those alone.
func finite(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
