package figure

import (
	"time"

	"dvala/sleep"
)

// SharesStep is the step of the shares of a set of nights.
const SharesStep = 5 * time.Minute

// longestShares is how far an average night goes at most.
const longestShares = 16 * time.Hour

// SharesOf gives the share of each stage at each step of a set of nights. Hour 0
// is lights off where known, else the first scored epoch. A step's stage is that at
// its middle; only nights scored there count, each once; the picture ends where
// fewer than a tenth of the nights, or none, are left. ID, title, size and name
// are the caller's to set.
func SharesOf(nights []Hypnogram) Night {
	n := Night{From: "lights off, or from the first scored epoch", StepMin: SharesStep.Minutes(), Shares: map[sleep.Stage][]float64{}}
	if lit(nights) {
		n.From = "lights off"
	}
	begun := false // a record may begin after lights off
	for k := range int(longestShares / SharesStep) {
		at := time.Duration(k)*SharesStep + SharesStep/2
		counts, scored := map[sleep.Stage]int{}, 0
		for _, h := range nights {
			if s := h.stageAfterLights(at); s.IsScored() {
				counts[s]++
				scored++
			}
		}
		enough := scored > 0 && scored*10 >= len(nights)
		if begun && !enough {
			break
		}
		begun = begun || enough
		n.Nights = append(n.Nights, scored)
		for _, s := range sleep.Stages() {
			if s.IsScored() {
				n.Shares[s] = append(n.Shares[s], float64(counts[s])/float64(max(scored, 1)))
			}
		}
	}
	if !begun {
		n.Nights, n.Shares = nil, map[sleep.Stage][]float64{}
	}
	return n
}

// lit says whether lights off is known of all nights.
func lit(nights []Hypnogram) bool {
	for _, h := range nights {
		if _, ok := h.Night.Start(); !ok || h.Lights.Off.IsZero() {
			return false
		}
	}
	return len(nights) > 0
}

// stageAfterLights gives the stage so long after lights off, or after the first scored
// epoch where lights off is not known; unscored outside the record.
func (h Hypnogram) stageAfterLights(after time.Duration) sleep.Stage {
	n := h.Night
	if n.IsEmpty() {
		return sleep.Unscored
	}
	if start, ok := n.Start(); ok && !h.Lights.Off.IsZero() {
		after += h.Lights.Off.Sub(start)
	} else {
		first := 0
		for first < n.Len() && !n.At(first).IsScored() {
			first++
		}
		after += time.Duration(first) * n.Epoch()
	}
	if after < 0 || after >= n.Duration() {
		return sleep.Unscored
	}
	return n.At(int(after / n.Epoch()))
}
