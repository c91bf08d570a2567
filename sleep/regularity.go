package sleep

import (
	"math"
	"time"

	"dvala/fault"
)

// SRI returns the Sleep Regularity Index of a record and how many pairs of
// epochs it rests on:
//
//	SRI = 200·m/n − 100
//
// n being the pairs of epochs exactly 24 h apart that are both known, and m
// those of them in the same state.
//
//	s      one State per epoch, in time order; not modified.
//	epoch  length of one epoch; must divide 24 h.
//	sri    dimensionless, −100 … 100; 100 is the same day over and over. Absent
//	       (n = 0) where no pair is known.
//	n      report it beside sri: SRI sets no minimum of its own.
//
// “24 h” is elapsed time: on the two nights a year when clocks change it is not
// the same clock time.
//
// Invariants (TestSRIInvariants): halving the epoch changes nothing; swapping
// sleep and wake changes nothing; a further day of Unknown changes nothing.
//
// Source: Phillips 2017, doi:10.1038/s41598-017-03171-4; pairs left out as in
// Windred 2021, doi:10.1093/sleep/zsab254. Differs from GGIR, which gives one
// value per pair of days.
func SRI(s []State, epoch time.Duration) (sri float64, n int, err error) {
	if epoch <= 0 || (24*time.Hour)%epoch != 0 {
		return 0, 0, fault.New("epoch-length", "", "an epoch of %v does not divide a day", epoch)
	}
	day := int(24 * time.Hour / epoch)
	same := 0
	for i := 0; i+day < len(s); i++ {
		if s[i] == Unknown || s[i+day] == Unknown {
			continue
		}
		n++
		if s[i] == s[i+day] {
			same++
		}
	}
	if n == 0 {
		return 0, 0, nil
	}
	return 200*float64(same)/float64(n) - 100, n, nil
}

// Windred's rule for gaps: a day with more than so much unknown is left out, and
// fewer days than so many give no index.
const (
	WindredUnknown = 6 * time.Hour
	WindredDays    = 5
)

// Rhythm holds the regularity of days by hourly means.
type Rhythm struct {
	IS    float64 `json:"is"` // interdaily stability, 0 … 1
	IV    float64 `json:"iv"` // intradaily variability, about 0 … 2
	Hours int     `json:"hours"`
	Pairs int     `json:"pairs"` // of successive hours
}

// RhythmOf gives interdaily stability and intradaily variability of hourly
// values (activity, or the share of the hour awake):
//
//	IS = Σ_h n_h (x̄_h − x̄)² / Σ_i (x_i − x̄)²
//	IV = [Σ (x_i − x_{i−1})² / P] / [Σ_i (x_i − x̄)² / N]
//
// h being the hours of the day, n_h the values there are of hour h, P the pairs
// of successive hours that are both there.
//
//	x      one value an hour, in order of time.
//	known  whether it is there; the same length.
//	ok     false with fewer than 48 values there, or all alike.
//
// With nothing missing these are Witting's formulas (n_h = N/24, P = N − 1).
// Source: Witting 1990, doi:10.1016/0006-3223(90)90523-5; Van Someren 1999,
// doi:10.3109/07420529908998724.
func RhythmOf(x []float64, known []bool) (r Rhythm, ok bool) {
	var sums [24]float64
	var counts [24]int
	total := 0.0
	for i, v := range x {
		if known[i] {
			sums[i%24] += v
			counts[i%24]++
			total += v
			r.Hours++
		}
	}
	if r.Hours < 48 {
		return Rhythm{}, false
	}
	mean := total / float64(r.Hours)
	all, steps, between := 0.0, 0.0, 0.0
	for i, v := range x {
		if !known[i] {
			continue
		}
		all += (v - mean) * (v - mean)
		if i > 0 && known[i-1] {
			steps += (v - x[i-1]) * (v - x[i-1])
			r.Pairs++
		}
	}
	for h, n := range counts {
		if n > 0 {
			d := sums[h]/float64(n) - mean
			between += float64(n) * d * d
		}
	}
	if all <= 0 || r.Pairs == 0 {
		return Rhythm{}, false
	}
	r.IS, r.IV = between/all, steps/float64(r.Pairs)/(all/float64(r.Hours))
	return r, true
}

// hourly gives the share awake of each hour from the start of a series; an hour
// of which any part is unknown is not there.
func (s Series) hourly() (x []float64, known []bool) {
	per := int(time.Hour / s.Epoch)
	for from := 0; from+per <= len(s.States); from += per {
		awake, there := 0, true
		for _, st := range s.States[from : from+per] {
			there = there && st != Unknown
			if st == Awake {
				awake++
			}
		}
		x, known = append(x, float64(awake)/float64(per)), append(known, there)
	}
	return x, known
}

// circular gives mean and standard deviation of clock times in hours,
//
//	C = mean cos θ, S = mean sin θ, θ̄ = atan2(S, C), sd = √(−2 ln R),
//
// R = √(C² + S²). ok is false where they have no direction (R < 1e-6). Source:
// Mardia & Jupp 2000.
func circular(hours []float64) (mean, sd float64, ok bool) {
	if len(hours) == 0 {
		return 0, 0, false
	}
	c, s := 0.0, 0.0
	for _, h := range hours {
		a := h * 2 * math.Pi / 24
		c += math.Cos(a)
		s += math.Sin(a)
	}
	n := float64(len(hours))
	r := math.Min(1, math.Hypot(c, s)/n)
	if r < 1e-6 {
		return 0, 0, false
	}
	mean = math.Atan2(s, c) * 24 / (2 * math.Pi)
	if mean < 0 {
		mean += 24
	}
	return mean, math.Sqrt(math.Max(0, -2*math.Log(r))) * 24 / (2 * math.Pi), true
}

// arc gives the shorter way from one clock time to another, in hours, −12 … 12.
func arc(from, to float64) float64 {
	d := math.Mod(to-from, 24)
	switch {
	case d > 12:
		return d - 24
	case d <= -12:
		return d + 24
	}
	return d
}
