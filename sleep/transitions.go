package sleep

import "encoding/json"

// Transitions counts how often an epoch of one stage was followed by an epoch
// of another (or the same), over neighbouring epochs that are both scored.
type Transitions struct {
	n [stageCount][stageCount]int
}

// TransitionsOf counts them. A pair with an unscored epoch in it is left out:
// what happened there is not known.
func TransitionsOf(stages []Stage) Transitions {
	var t Transitions
	for i := 1; i < len(stages); i++ {
		from, to := stages[i-1], stages[i]
		if from.IsScored() && to.IsScored() {
			t.n[from][to]++
		}
	}
	return t
}

// Count gives how often from was followed by to.
func (t Transitions) Count(from, to Stage) int { return t.n[from][to] }

// from gives how often the stage was followed by any scored epoch.
func (t Transitions) from(s Stage) int {
	sum := 0
	for _, n := range t.n[s] {
		sum += n
	}
	return sum
}

// Probability gives the share of epochs of one stage that were followed by
// another; absent (ok false) where the first never had a scored successor.
func (t Transitions) Probability(from, to Stage) (p float64, ok bool) {
	n := t.from(from)
	if n == 0 {
		return 0, false
	}
	return float64(t.n[from][to]) / float64(n), true
}

// IsZero says whether nothing was counted.
func (t Transitions) IsZero() bool { return t == Transitions{} }

// MarshalJSON writes the counts that are not 0: {"W":{"W":75,"N1":35},…}.
func (t Transitions) MarshalJSON() ([]byte, error) {
	out := map[Stage]map[Stage]int{}
	for from, row := range t.n {
		for to, n := range row {
			if n == 0 {
				continue
			}
			if out[Stage(from)] == nil {
				out[Stage(from)] = map[Stage]int{}
			}
			out[Stage(from)][Stage(to)] = n
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Transitions) UnmarshalJSON(b []byte) error {
	var in map[Stage]map[Stage]int
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*t = Transitions{}
	for from, row := range in {
		for to, n := range row {
			if n > 0 && from.IsScored() && to.IsScored() {
				t.n[from][to] = n
			}
		}
	}
	return nil
}
