package simulate

import "dvala/sleep"

// Truth is what a night came to, in minutes from lights off: what nobody in
// the trial ever knows.
type Truth struct {
	TSTMin, SOLMin, WASOMin, FinalWakeMin float64
	Awakenings                            int // of two minutes or more
}

// TruthOf sums a made-up night up.
func TruthOf(stages []sleep.Stage) Truth {
	var t Truth
	first, last := -1, -1
	for i, s := range stages {
		if s != sleep.W {
			if first < 0 {
				first = i
			}
			last = i
			t.TSTMin += 0.5
		}
	}
	if first < 0 {
		t.SOLMin = float64(len(stages)) / epochsPerMin
		t.FinalWakeMin = t.SOLMin
		return t
	}
	t.SOLMin = float64(first) / epochsPerMin
	t.FinalWakeMin = float64(last+1) / epochsPerMin
	run := 0
	for _, s := range stages[first : last+1] {
		if s == sleep.W {
			t.WASOMin += 0.5
			run++
			continue
		}
		if run >= 4 {
			t.Awakenings++
		}
		run = 0
	}
	return t
}
