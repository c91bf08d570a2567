package actigraphy

import (
	"math"

	"dvala/sleep"
)

// Minute is the counts of one minute. Known is false where there are none.
type Minute struct {
	Counts float64
	Known  bool
}

// SadehRule is what is adapted of Sadeh's algorithm to a device's counts.
type SadehRule struct {
	Cap     float64 // counts above it are it; 0: no cap
	AsleepS float64 // the least index that is sleep
}

// The rules in use. ActiLife's is for ActiGraph's counts; the original for
// those of the AMA-32 in zero-crossing mode.
var (
	Sadeh1994     = SadehRule{AsleepS: 0}
	SadehActiLife = SadehRule{Cap: 300, AsleepS: -4}
)

// Sadeh scores minutes as S or W:
//
//	PS = 7.601 − 0.065·AVG − 1.08·NATS − 0.056·SD − 0.703·ln(c₀+1)
//
// AVG is the mean of the counts c₋₅ … c₊₅, NATS the number of these with
// 50 ≤ c < 100, SD the standard deviation (with n−1) of c₋₅ … c₀. S if PS is at
// least the rule's, else W.
//
//	m   one Minute per minute, in order. Not modified.
//	→   as many stages; Unscored where a count in −5 … +5 is unknown.
//
// Beyond the ends of the record counts are 0, as ActiLife pads. Invariants
// (TestScoringInvariants): more counts in a minute at the cap change nothing;
// added zeros before the first change nothing.
//
// Source: Sadeh 1994, doi:10.1093/sleep/17.3.201, as told by pyActigraphy 1.2.2
// and the documentation of actigraph.sleepr, of which the second has ActiLife's
// cap and limit.
func Sadeh(m []Minute, rule SadehRule) []sleep.Stage {
	count := func(i int) float64 {
		if i < 0 || i >= len(m) {
			return 0
		}
		if rule.Cap > 0 {
			return min(m[i].Counts, rule.Cap)
		}
		return m[i].Counts
	}
	out := make([]sleep.Stage, len(m))
	for i := range m {
		if !known(m, i-5, i+5) {
			continue
		}
		sum, nats, last := 0.0, 0, 0.0
		for j := i - 5; j <= i+5; j++ {
			c := count(j)
			sum += c
			if c >= 50 && c < 100 {
				nats++
			}
			if j <= i {
				last += c
			}
		}
		mean, square := last/6, 0.0
		for j := i - 5; j <= i; j++ {
			square += (count(j) - mean) * (count(j) - mean)
		}
		index := 7.601 - 0.065*sum/11 - 1.08*float64(nats) - 0.056*math.Sqrt(square/5) - 0.703*math.Log(count(i)+1)
		out[i] = asleepIf(index >= rule.AsleepS)
	}
	return out
}

// ColeKripkeRule is the scale and the weights of Cole and Kripke's algorithm.
type ColeKripkeRule struct {
	Weights [7]float64 // of the minutes −4 … +2
	P       float64
	Divisor float64 // counts are divided by it first
	Cap     float64 // and are then at most this; 0: no cap
}

// The rules in use, of the paper's weights for the mean activity per minute.
// The original's is the mean of thirty epochs of 2 s; ActiLife's is for
// ActiGraph's counts.
var (
	ColeKripke1992     = ColeKripkeRule{Weights: [7]float64{106, 54, 58, 76, 230, 74, 67}, P: 0.001, Divisor: 30}
	ColeKripkeActiLife = ColeKripkeRule{Weights: [7]float64{106, 54, 58, 76, 230, 74, 67}, P: 0.001, Divisor: 100, Cap: 300}
)

// ColeKripke scores minutes as S or W:
//
//	D = P·Σ wⱼ·aᵢ₊ⱼ,  j = −4 … +2,  a = min(counts / divisor, cap)
//
// S if D < 1, else W. Unscored where a count in −4 … +2 is unknown; beyond the
// ends of the record counts are 0.
//
// Source: Cole 1992, doi:10.1093/sleep/15.5.461, as told by pyActigraphy 1.2.2
// and actigraph.sleepr. Webster's rules are apart.
func ColeKripke(m []Minute, rule ColeKripkeRule) []sleep.Stage {
	out := make([]sleep.Stage, len(m))
	for i := range m {
		if !known(m, i-4, i+2) {
			continue
		}
		d := 0.0
		for j, w := range rule.Weights {
			k := i + j - 4
			if k < 0 || k >= len(m) {
				continue
			}
			a := m[k].Counts / rule.Divisor
			if rule.Cap > 0 {
				a = min(a, rule.Cap)
			}
			d += w * a
		}
		out[i] = asleepIf(rule.P*d < 1)
	}
	return out
}

func asleepIf(is bool) sleep.Stage {
	if is {
		return sleep.Asleep
	}
	return sleep.W
}

// known says whether all minutes of a range that are in the record are known.
func known(m []Minute, from, to int) bool {
	for i := max(0, from); i <= min(to, len(m)-1); i++ {
		if !m[i].Known {
			return false
		}
	}
	return true
}

// Webster gives stages rescored by Webster's rules, in minutes:
//
//	a  after at least 4 of W, the next 1 of S is W
//	b  after at least 10 of W, the next 3 of S are W
//	c  after at least 15 of W, the next 4 of S are W
//	d  6 of S or fewer between 10 of W or more on either side are W
//	e  10 of S or fewer between 20 of W or more on either side are W
//
// Every rule looks at the stages as given, not as another rule has left them.
// What is unscored is neither. Invariant: S never becomes more.
//
// Source: Webster 1982, doi:10.1093/sleep/5.4.389, as used by Cole 1992.
func Webster(stages []sleep.Stage) []sleep.Stage {
	out := make([]sleep.Stage, len(stages))
	copy(out, stages)
	runs := runsOf(stages)
	for i, r := range runs {
		if r.stage != sleep.Asleep {
			continue
		}
		before, after := 0, 0
		if i > 0 && runs[i-1].stage == sleep.W {
			before = runs[i-1].n
		}
		if i+1 < len(runs) && runs[i+1].stage == sleep.W {
			after = runs[i+1].n
		}
		n := 0
		switch {
		case before >= 15:
			n = 4
		case before >= 10:
			n = 3
		case before >= 4:
			n = 1
		}
		if around := min(before, after); r.n <= 6 && around >= 10 || r.n <= 10 && around >= 20 {
			n = r.n
		}
		for j := range min(n, r.n) {
			out[r.at+j] = sleep.W
		}
	}
	return out
}

// run is neighbouring minutes of one stage.
type run struct {
	stage sleep.Stage
	at, n int
}

func runsOf(stages []sleep.Stage) []run {
	var out []run
	for i, s := range stages {
		if n := len(out); n > 0 && out[n-1].stage == s {
			out[n-1].n++
			continue
		}
		out = append(out, run{s, i, 1})
	}
	return out
}
