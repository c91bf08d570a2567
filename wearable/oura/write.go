package oura

import (
	"math"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
)

// FromHypnogram makes the sleep document that a ring would have sent for a
// hypnogram of epochs that divide into or are made of 30 s: phases, totals,
// latency, efficiency and type. N1, N2 and L are light. What the phases cannot
// say, an unscored or unstaged epoch, is refused. Heart rate and the rest are
// the caller's to fill.
func FromHypnogram(id string, h sleep.Hypnogram) (Sleep, error) {
	start, ok := h.Start()
	if !ok {
		return Sleep{}, fault.New("oura-start", id, "a document needs the time of going to bed")
	}
	if h.Epoch()%(30*time.Second) != 0 {
		return Sleep{}, fault.New("oura-epoch", id, "epochs of %v do not divide into 30 s", h.Epoch())
	}
	h, err := h.Refine(int(h.Epoch() / (30 * time.Second)))
	if err != nil {
		return Sleep{}, err
	}
	phases := make([]byte, h.Len())
	var counts [256]int
	latency := -1
	for i, s := range h.Stages() {
		c, ok := character(s)
		if !ok {
			return Sleep{}, fault.New("oura-stage", id, "the phases have no character for %v", s)
		}
		phases[i] = c
		counts[c]++
		if s.IsSleep() && latency < 0 {
			latency = 30 * i
		}
	}
	end, _ := h.End()
	fine, coarse := string(phases), coarser(phases)
	deep, light, rem, awake := 30*counts['1'], 30*counts['2'], 30*counts['3'], 30*counts['4']
	total, bed := deep+light+rem, 30*h.Len()
	efficiency := int(math.Round(100 * float64(total) / float64(bed)))
	kind := "sleep"
	if total > 3*3600 {
		kind = "long_sleep"
	}
	mid, _ := h.Mid()
	d := Sleep{
		ID: id, Day: civil.NightOf(mid), Type: &kind, BedtimeFrom: start.Format(time.RFC3339), BedtimeTo: end.Format(time.RFC3339),
		TimeInBed: bed, Phase5Min: &coarse, Phase30Sec: &fine,
		TotalSleep: &total, Deep: &deep, Light: &light, REM: &rem, Awake: &awake, Efficiency: &efficiency,
	}
	if latency >= 0 {
		d.Latency = &latency
	}
	return d, nil
}

func character(s sleep.Stage) (byte, bool) {
	switch s {
	case sleep.N3:
		return '1', true
	case sleep.N1, sleep.N2, sleep.Light:
		return '2', true
	case sleep.R:
		return '3', true
	case sleep.W:
		return '4', true
	}
	return 0, false
}

// coarser gives for every ten characters the most frequent, of equals the one
// with the higher number.
func coarser(phases []byte) string {
	var out []byte
	for i := 0; i < len(phases); i += 10 {
		var n [5]int
		for _, c := range phases[i:min(i+10, len(phases))] {
			n[c-'0']++
		}
		best := 1
		for k := 2; k <= 4; k++ {
			if n[k] >= n[best] {
				best = k
			}
		}
		out = append(out, byte('0'+best))
	}
	return string(out)
}
