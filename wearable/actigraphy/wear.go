package actigraphy

// ChoiRule is the lengths, in minutes, of Choi's rule.
type ChoiRule struct {
	Period int // least length of a period not worn
	Spike  int // longest movement within one
	Window int // of zeros that such a movement needs before and after it
}

// Choi2011 is the rule as published.
var Choi2011 = ChoiRule{Period: 90, Spike: 2, Window: 30}

// Choi says which minutes the device was not worn:
//
//  1. minutes of 0 counts, in runs; a run of fewer zeros than Spike counts as movement;
//  2. a movement of at most Spike minutes, with a run of at least Window zeros
//     on either side, counts as zeros;
//  3. runs of at least Period are not worn.
//
// An unknown minute is neither, and ends a run. Invariant: a minute not worn
// stays so if Period is less.
//
// Source: Choi 2011, doi:10.1249/MSS.0b013e3181ed61a3, whose 30 minutes are of
// zeros without any movement, as actigraph.sleepr reads it.
func Choi(m []Minute, rule ChoiRule) []bool {
	runs := wearRuns(m, func(c float64) wear {
		if c == 0 {
			return still
		}
		return moved
	})
	for i := range runs {
		if runs[i].what == still && runs[i].n < rule.Spike {
			runs[i].what = moved
		}
	}
	runs = joinWear(runs)
	change := make([]bool, len(runs)) // judged by the runs as they are, then changed
	for i := 1; i+1 < len(runs); i++ {
		change[i] = runs[i].what == moved && runs[i].n <= rule.Spike &&
			runs[i-1].what == still && runs[i-1].n >= rule.Window && runs[i+1].what == still && runs[i+1].n >= rule.Window
	}
	for i, c := range change {
		if c {
			runs[i].what = still
		}
	}
	return mark(joinWear(runs), rule.Period, len(m))
}

// TroianoRule is the lengths, in minutes, and the limit of Troiano's rule.
type TroianoRule struct {
	Period int     // least length of a period not worn
	Spike  int     // longest movement within one
	Stop   float64 // more counts in a minute than this end it whatever their length
}

// Troiano2008 is the rule as used on NHANES.
var Troiano2008 = TroianoRule{Period: 60, Spike: 2, Stop: 100}

// Troiano says which minutes the device was not worn: at least Period minutes of
// 0 counts, in which movements of at most Spike minutes and at most Stop counts
// a minute do not count if zeros follow. An unknown minute ends a period.
//
// Source: Troiano 2008, doi:10.1249/mss.0b013e31815a51b3, as actigraph.sleepr
// reads it (a period ends with the first of three minutes of movement).
func Troiano(m []Minute, rule TroianoRule) []bool {
	runs := wearRuns(m, func(c float64) wear {
		switch {
		case c == 0:
			return still
		case c > rule.Stop:
			return stopped
		}
		return moved
	})
	for i := range runs {
		if i > 0 && i+1 < len(runs) && runs[i].what == moved && runs[i].n <= rule.Spike && runs[i+1].what == still {
			runs[i].what = runs[i-1].what
		}
	}
	return mark(joinWear(runs), rule.Period, len(m))
}

// wear is what a minute tells of the device.
type wear uint8

const (
	still wear = iota
	moved
	stopped
	unknown
)

type wearRun struct {
	what  wear
	at, n int
}

func wearRuns(m []Minute, of func(counts float64) wear) []wearRun {
	out := make([]wearRun, 0, len(m))
	for i, v := range m {
		what := unknown
		if v.Known {
			what = of(v.Counts)
		}
		out = append(out, wearRun{what, i, 1})
	}
	return joinWear(out)
}

// joinWear makes neighbours of one kind one run, in place.
func joinWear(runs []wearRun) []wearRun {
	out := runs[:0]
	for _, r := range runs {
		if n := len(out); n > 0 && out[n-1].what == r.what {
			out[n-1].n += r.n
			continue
		}
		out = append(out, r)
	}
	return out
}

func mark(runs []wearRun, period, n int) []bool {
	out := make([]bool, n)
	for _, r := range runs {
		if r.what == still && r.n >= period {
			for i := r.at; i < r.at+r.n; i++ {
				out[i] = true
			}
		}
	}
	return out
}
