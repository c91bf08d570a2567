package estimate

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"dvala/protocol"
	"dvala/sleep"
	"dvala/stats/dist"
)

// series gives each outcome by day and treatment: the mean with the t interval
// of the mean. Visits stand on their planned day. In a crossover days are of
// the period, and what was before randomisation is of no treatment and left
// out. An outcome of a single day makes no series.
func (r *run) series() []Series {
	out := []Series{}
	group := r.groupOf()
	for _, o := range r.p.Outcomes {
		if o.Responder != nil {
			continue // its score has a series of its own
		}
		cells := map[string]map[int][]float64{}
		put := func(arm string, day int, x float64) {
			if arm == "" {
				return
			}
			if cells[arm] == nil {
				cells[arm] = map[int][]float64{}
			}
			cells[arm][day] = append(cells[arm][day], x)
		}
		for _, v := range r.data.Values {
			visit, ok := r.checked.Visit(v.Visit)
			if v.Outcome == o.ID && ok {
				put(r.arm(group[v.Subject], v.Period), visit.Day-r.startOf(v.Period), v.X)
			}
		}
		for _, n := range r.data.Nights {
			if n.Outcome == o.ID {
				put(r.arm(group[n.Subject], n.Period), n.Day, n.X)
			}
		}
		if s, ok := r.seriesOf(o, cells); ok {
			out = append(out, s)
		}
	}
	return out
}

func (r *run) startOf(period int) int {
	if r.parallel() {
		return 0
	}
	return r.checked.PeriodStart(max(period, 1))
}

func (r *run) seriesOf(o protocol.Outcome, cells map[string]map[int][]float64) (Series, bool) {
	s := Series{Outcome: o.ID, Label: o.Label.In("en"), Unit: o.Unit, Source: "instrument"}
	switch {
	case o.Source.Diary != "":
		s.Source = "diary"
	case o.Source.Device != "":
		s.Source = "device"
	}
	longest := 0
	for _, a := range r.p.Arms {
		line := SeriesArm{Arm: a.ID, Points: []SeriesPoint{}}
		for _, day := range slices.Sorted(maps.Keys(cells[a.ID])) {
			line.Points = append(line.Points, r.point(day, cells[a.ID][day]))
		}
		longest = max(longest, len(line.Points))
		s.Arms = append(s.Arms, line)
	}
	return s, longest > 1
}

func (r *run) point(day int, x []float64) SeriesPoint {
	p := SeriesPoint{Day: day, N: len(x)}
	m, sd := meanSD(x)
	p.Mean = m
	if m != nil && sd != nil {
		half := dist.TQuantile(0.5+r.level/2, float64(len(x)-1)) * *sd / math.Sqrt(float64(len(x)))
		low, high := *m-half, *m+half
		p.Low, p.High = &low, &high
	}
	if len(r.data.People) < drawnPeople {
		for _, v := range x {
			p.People = append(p.People, threeDigits(v))
		}
		slices.Sort(p.People)
	}
	return p
}

// drawnPeople is below how many people each is drawn faintly behind the means.
const drawnPeople = 200

// threeDigits rounds to three significant digits.
func threeDigits(x float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return x
	}
	return v
}

// nightStep is the resolution of the average night.
const nightStep = 5 * time.Minute

// longestNight is how far the average night goes at most.
const longestNight = 12 * time.Hour

// averageNights gives, for each treatment, the share of each stage at each step
// after lights off, over the nights of the treatment. Every night counts once,
// so people with more nights count more. At a step only nights scored there
// count; the rows end where fewer than a tenth of the nights are still there.
func (r *run) averageNights() []AverageNight {
	group := r.groupOf()
	steps := int(longestNight / nightStep)
	type tally struct {
		nights int
		at     [][]int // step, stage
	}
	tallies := map[string]*tally{}
	stages := sleep.Stages()
	for _, n := range r.data.Staged {
		arm := r.arm(group[n.Subject], n.Period)
		if arm == "" || n.Day < 1 || n.Day > r.p.Design.TreatmentDays {
			continue
		}
		t := tallies[arm]
		if t == nil {
			t = &tally{at: make([][]int, steps)}
			for k := range t.at {
				t.at[k] = make([]int, len(stages))
			}
			tallies[arm] = t
		}
		t.nights++
		epoch := n.Main.Epoch().Minutes()
		for k := range t.at {
			mid := (float64(k)+0.5)*nightStep.Minutes() - n.LeadMin
			i := int(math.Floor(mid / epoch))
			if i < 0 || i >= n.Main.Len() {
				continue
			}
			t.at[k][slices.Index(stages, n.Main.At(i))]++
		}
	}
	var out []AverageNight
	for _, a := range r.p.Arms {
		t := tallies[a.ID]
		if t == nil {
			continue
		}
		out = append(out, averageOf(a.ID, r.p.Design.TreatmentDays, t.nights, t.at, stages))
	}
	return out
}

func averageOf(arm string, days, nights int, at [][]int, stages []sleep.Stage) AverageNight {
	night := AverageNight{
		Arm: arm, Span: "nights 1 to " + itoa(days), From: "lights-off",
		StepMin: nightStep.Minutes(), Nights: []int{}, Shares: map[string][]float64{},
	}
	if days == 1 {
		night.Span = "night 1"
	}
	used := make([]bool, len(stages))
	for _, row := range at {
		scored := total(row) - row[slices.Index(stages, sleep.Unscored)]
		if len(night.Nights) > 0 && scored*10 < nights || scored == 0 && len(night.Nights) > 0 {
			break
		}
		night.Nights = append(night.Nights, scored)
		for k, s := range stages {
			if s == sleep.Unscored {
				continue
			}
			share := 0.0
			if scored > 0 {
				share = float64(row[k]) / float64(scored)
			}
			used[k] = used[k] || row[k] > 0
			night.Shares[s.String()] = append(night.Shares[s.String()], share)
		}
	}
	for k, s := range stages {
		if !used[k] {
			delete(night.Shares, s.String())
		}
	}
	return night
}
