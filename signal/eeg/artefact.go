package eeg

import (
	"math"

	"dvala/sleep"
)

// Why a stretch is marked.
type Reason string

// Reasons, in the order in which they are looked for; a window has one.
const (
	Missing Reason = "missing" // a sample is no number
	Flat    Reason = "flat"    // the range of the window is under FlatUV
	Clipped Reason = "clipped" // the extreme value stands still for ClipSeconds or more
	Outlier Reason = "outlier" // its log SD is far from the others of the same stage
)

// Mark is one window that is artefact.
type Mark struct {
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
	Reason Reason  `json:"reason"`
}

// ArtefactParams says what is marked.
type ArtefactParams struct {
	Seconds     float64 // of a window
	FlatUV      float64
	ClipSeconds float64
	Z           float64 // of log SD within a stage; 0 looks for no outliers
}

// DefaultArtefacts gives windows of 5 s and a z of 3, as YASA has them.
func DefaultArtefacts() ArtefactParams {
	return ArtefactParams{Seconds: 5, FlatUV: 0.5, ClipSeconds: 0.1, Z: 3}
}

// Artefacts marks windows of one channel. Outliers are windows whose natural
// logarithm of the standard deviation lies more than Z standard deviations
// from the mean of that logarithm over the unmarked windows of the same stage;
// stageAt tells the stage at a time, nil that there are none.
//
// A stage with fewer than 10 windows has no outliers: nothing could reach 3.
func Artefacts(x []float64, rate float64, p ArtefactParams, stageAt func(seconds float64) sleep.Stage) []Mark {
	n := int(math.Round(p.Seconds * rate))
	if n < 2 {
		return nil
	}
	type window struct {
		reason Reason
		logSD  float64
		stage  sleep.Stage
	}
	var all []window
	for at := 0; at+n <= len(x); at += n {
		w := window{}
		w.reason, w.logSD = judge(x[at:at+n], p, rate)
		if stageAt != nil {
			w.stage = stageAt((float64(at) + float64(n)/2) / rate)
		}
		all = append(all, w)
	}
	if p.Z > 0 {
		for _, s := range sleep.Stages() {
			sum, squares, count := 0.0, 0.0, 0.0
			for _, w := range all {
				if w.stage == s && w.reason == "" {
					sum, count = sum+w.logSD, count+1
				}
			}
			if count < 10 {
				continue
			}
			mean := sum / count
			for _, w := range all {
				if w.stage == s && w.reason == "" {
					squares += (w.logSD - mean) * (w.logSD - mean)
				}
			}
			sd := math.Sqrt(squares / count)
			for i, w := range all {
				if w.stage == s && w.reason == "" && math.Abs(w.logSD-mean) > p.Z*sd {
					all[i].reason = Outlier
				}
			}
		}
	}
	var out []Mark
	for i, w := range all {
		if w.reason != "" {
			out = append(out, Mark{float64(i*n) / rate, float64((i+1)*n) / rate, w.reason})
		}
	}
	return out
}

// judge looks at one window alone.
func judge(x []float64, p ArtefactParams, rate float64) (Reason, float64) {
	lo, hi, mean := math.Inf(1), math.Inf(-1), 0.0
	for _, v := range x {
		if v-v != 0 {
			return Missing, 0
		}
		lo, hi, mean = min(lo, v), max(hi, v), mean+v
	}
	if hi-lo < p.FlatUV {
		return Flat, 0
	}
	still := max(int(p.ClipSeconds*rate), 3)
	run := 1
	for i := 1; i < len(x); i++ {
		if x[i] != x[i-1] || x[i] != lo && x[i] != hi {
			run = 1
		} else if run++; run >= still {
			return Clipped, 0
		}
	}
	mean /= float64(len(x))
	squares := 0.0
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return "", math.Log(squares/float64(len(x))) / 2
}
