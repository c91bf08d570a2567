package actigraphy

import "dvala/sleep"

// BoutRule is the lengths, in minutes, by which sleeps are found where no diary
// tells when someone was in bed.
type BoutRule struct {
	Begin int // S in a row that begin one
	End   int // W in a row that end one
	Night int // least length of a night's sleep
	Part  int // least length of a part of one
	Gap   int // from a night's sleep, or a part joined to it, to a further part
}

// TudorLocke is the lengths of Tudor-Locke 2014, with parts of at least half an
// hour kept that lie within an hour of a sleep.
var TudorLocke = BoutRule{Begin: 5, End: 10, Night: 160, Part: 30, Gap: 60}

// Bout is one sleep found, in minutes of the record from 0; To is after it.
type Bout struct {
	From, To int
	Night    bool // long enough for one by itself
}

// Bouts finds sleeps: each begins with the first of Begin minutes of S in a row
// and ends before the first of End minutes of W in a row, at an unscored minute,
// or with the record. Sleeps of at least Night minutes are kept, and shorter
// ones, of at least Part, no more than Gap from one that is kept. All else is
// dropped: to lie still is not to sleep, and counts cannot tell a nap from it.
//
// Source: Tudor-Locke 2014, doi:10.1139/apnm-2013-0173, as actigraph.sleepr
// tells it; Part and Gap are ours.
func Bouts(stages []sleep.Stage, rule BoutRule) []Bout {
	var all []Bout
	runs := runsOf(stages)
	begun := -1
	end := func(at int) {
		if begun >= 0 && at-begun >= rule.Part {
			all = append(all, Bout{begun, at, at-begun >= rule.Night})
		}
		begun = -1
	}
	for _, r := range runs {
		switch {
		case r.stage == sleep.Asleep && begun < 0 && r.n >= rule.Begin:
			begun = r.at
		case r.stage == sleep.W && r.n >= rule.End, r.stage == sleep.Unscored:
			end(r.at)
		}
	}
	end(len(stages))
	keep := make([]bool, len(all))
	for i := range all {
		keep[i] = all[i].Night
	}
	for again := true; again; {
		again = false
		for i := range all {
			before := i > 0 && keep[i-1] && all[i].From-all[i-1].To <= rule.Gap
			after := i+1 < len(all) && keep[i+1] && all[i+1].From-all[i].To <= rule.Gap
			if !keep[i] && (before || after) {
				keep[i], again = true, true
			}
		}
	}
	var out []Bout
	for i, b := range all {
		if keep[i] {
			out = append(out, b)
		}
	}
	return out
}
