package sleep

import "time"

// Bouts is how one stage came in stretches.
type Bouts struct {
	Stage   Stage   `json:"stage"`
	N       int     `json:"n"`
	MeanMin float64 `json:"mean_min"`
	MaxMin  float64 `json:"max_min"`
}

// BoutsOf gives the stretches of each stage that occurs, in the order of
// Stages. A stretch ends with another stage and with an unscored epoch: what
// lies behind it may have been a change.
func BoutsOf(stages []Stage, epoch time.Duration) []Bouts {
	var n, total, longest [stageCount]int
	for i := 0; i < len(stages); {
		j := i + 1
		for j < len(stages) && stages[j] == stages[i] {
			j++
		}
		s := stages[i]
		n[s]++
		total[s] += j - i
		longest[s] = max(longest[s], j-i)
		i = j
	}
	var out []Bouts
	for _, s := range Stages() {
		if s == Unscored || n[s] == 0 {
			continue
		}
		minutes := func(epochs int) float64 { return (time.Duration(epochs) * epoch).Minutes() }
		out = append(out, Bouts{s, n[s], minutes(total[s]) / float64(n[s]), minutes(longest[s])})
	}
	return out
}

// StageThird is the minutes of each stage in one third of a sleep.
type StageThird struct {
	Third  int               `json:"third"` // of SPT, beginning with 1
	Minute map[Stage]float64 `json:"minutes"`
}

// byThird gives the minutes of each stage in each third of a span. An epoch
// across a border counts to both sides by its parts.
func byThird(span []Stage, epoch time.Duration) []StageThird {
	var parts [3][stageCount]int // thirds of an epoch
	n := len(span)
	for i, s := range span {
		for u := 3 * i; u < 3*i+3; u++ {
			parts[u/n][s]++
		}
	}
	out := make([]StageThird, 3)
	for k := range out {
		out[k] = StageThird{Third: k + 1, Minute: map[Stage]float64{}}
		for s, p := range parts[k] {
			if p > 0 {
				out[k].Minute[Stage(s)] = float64(p) * epoch.Minutes() / 3
			}
		}
	}
	return out
}

// StageHour is the minutes of each stage in one hour of a sleep.
type StageHour struct {
	Hour   int               `json:"hour"` // from sleep onset, beginning with 1
	Minute map[Stage]float64 `json:"minutes"`
}

// byHour gives the minutes of each stage in each hour from the first epoch of a
// span on. The last hour may be short. An epoch across the hour counts to the
// hour in which it begins and to the next by its parts.
func byHour(span []Stage, epoch time.Duration) []StageHour {
	var sums [][stageCount]time.Duration
	for i, s := range span {
		from := time.Duration(i) * epoch
		for to := from + epoch; from < to; {
			h := int(from / time.Hour)
			if h == len(sums) {
				sums = append(sums, [stageCount]time.Duration{})
			}
			end := min(to, time.Duration(h+1)*time.Hour)
			sums[h][s] += end - from
			from = end
		}
	}
	out := make([]StageHour, len(sums))
	for h, sum := range sums {
		out[h] = StageHour{Hour: h + 1, Minute: map[Stage]float64{}}
		for s, d := range sum {
			if d > 0 {
				out[h].Minute[Stage(s)] = d.Minutes()
			}
		}
	}
	return out
}
