package sleep

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// CycleSummary is the cycles of a night, by the rule of FeinbergFloyd.
type CycleSummary struct {
	Complete int             `json:"complete"`           // how many are
	MeanMin  *float64        `json:"mean_min,omitempty"` // length of the complete ones
	List     []CycleMeasures `json:"list"`
	N3Slope  *Slope          `json:"n3_slope,omitempty"`  // minutes of N3 per cycle, over the complete ones
	REMSlope *Slope          `json:"rem_slope,omitempty"` // minutes of REM per cycle, likewise
}

// CycleMeasures is one cycle in minutes.
type CycleMeasures struct {
	StartMin    float64 `json:"start_min"` // from lights off, or where scoring begins
	LengthMin   float64 `json:"length_min"`
	NREMMin     float64 `json:"nrem_min"`
	REMMin      float64 `json:"rem_min"`
	N3Min       float64 `json:"n3_min"`
	WakeMin     float64 `json:"wake_min"`
	UnscoredMin float64 `json:"unscored_min"`
	Complete    bool    `json:"complete"`
	SkippedREM  bool    `json:"skipped_rem,omitempty"`
}

// Slope is a straight line's change per step with its 95 % interval.
type Slope struct {
	PerStep float64  `json:"per_step"`
	N       int      `json:"n"`
	SE      *float64 `json:"se,omitempty"`  // wants three points
	Low     *float64 `json:"low,omitempty"` // of the 95 % interval by Student's t
	High    *float64 `json:"high,omitempty"`
}

// summarise measures cycles; lead is the epochs between lights off and the
// first of the stages.
func summarise(cycles []Cycle, stages []Stage, lead int, epoch time.Duration) CycleSummary {
	out := CycleSummary{List: make([]CycleMeasures, 0, len(cycles))}
	total := 0.0
	var n3, rem []float64
	for _, c := range cycles {
		m := measureCycle(c, stages, lead, epoch)
		out.List = append(out.List, m)
		if !c.Complete {
			continue
		}
		out.Complete++
		total += m.LengthMin
		n3, rem = append(n3, m.N3Min), append(rem, m.REMMin)
	}
	if out.Complete > 0 {
		out.MeanMin = some(total / float64(out.Complete))
	}
	out.N3Slope, out.REMSlope = slope(n3), slope(rem)
	return out
}

func measureCycle(c Cycle, stages []Stage, lead int, epoch time.Duration) CycleMeasures {
	minutes := func(n int) float64 { return (time.Duration(n) * epoch).Minutes() }
	var counts [stageCount]int
	for _, s := range stages[c.Start:c.End] {
		counts[s]++
	}
	return CycleMeasures{
		StartMin: minutes(lead + c.Start), LengthMin: minutes(c.End - c.Start),
		NREMMin: minutes(counts[N1] + counts[N2] + counts[N3] + counts[Light]),
		REMMin:  minutes(counts[R]), N3Min: minutes(counts[N3]), WakeMin: minutes(counts[W]),
		UnscoredMin: minutes(counts[Unscored]), Complete: c.Complete, SkippedREM: c.SkippedREM,
	}
}

// slope fits y over 1, 2, … n by least squares; absent for fewer than two
// points, and without an error for two.
//
//	b = Σ(x−x̄)(y−ȳ) / Σ(x−x̄)²,  se² = Σ(y−ŷ)² / (n−2) / Σ(x−x̄)²
func slope(y []float64) *Slope {
	n := len(y)
	if n < 2 {
		return nil
	}
	xm, ym := float64(n+1)/2, 0.0
	for _, v := range y {
		ym += v
	}
	ym /= float64(n)
	sxx, sxy := 0.0, 0.0
	for i, v := range y {
		dx := float64(i+1) - xm
		sxx += dx * dx
		sxy += dx * (v - ym)
	}
	out := &Slope{PerStep: sxy / sxx, N: n}
	if n == 2 {
		return out
	}
	rss := 0.0
	for i, v := range y {
		e := v - ym - out.PerStep*(float64(i+1)-xm)
		rss += e * e
	}
	se := math.Sqrt(rss / float64(n-2) / sxx)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 2)}.Quantile(0.975)
	out.SE, out.Low, out.High = &se, some(out.PerStep-t*se), some(out.PerStep+t*se)
	return out
}
