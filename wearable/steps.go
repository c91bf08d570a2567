package wearable

import (
	"math"
	"time"

	"dvala/civil"
)

// Steps adds up the steps of each date. A phone and a watch, and every app that
// copies from them, count the same steps: so of each hour by the clock the
// source with the most counts, and sources are not added to each other. An hour
// that a change of clocks repeats is two.
type Steps struct{ days map[stepDay]*[24]float32 } // by the hour

// stepDay is one source's day by one clock.
type stepDay struct {
	day    int32 // since 1970
	offset int16 // of the clock, minutes
	source uint16
}

// DaySteps is what was counted on a date.
type DaySteps struct {
	Steps  float64
	Offset int // of the clock, minutes east of UTC; on a day of two the greater
}

// Add takes steps that began at an instant, in seconds since 1970, by a clock
// so many minutes east of UTC. Steps that are none are ignored.
func (s *Steps) Add(source uint16, unix int64, offset int16, steps float64) {
	clock := unix + int64(offset)*60
	if !(steps >= 0 && steps < 1e6) || clock < 0 || clock > math.MaxInt32*86400 {
		return
	}
	if s.days == nil {
		s.days = map[stepDay]*[24]float32{}
	}
	key := stepDay{int32(clock / 86400), offset, source}
	hours := s.days[key]
	if hours == nil {
		hours = new([24]float32)
		s.days[key] = hours
	}
	hours[clock%86400/3600] += float32(steps)
}

// Dates gives the steps of every date of which there are any.
func (s *Steps) Dates() map[civil.Date]DaySteps {
	most := map[stepDay]*[24]float32{}
	for k, hours := range s.days {
		k.source = 0
		of := most[k]
		if of == nil {
			of = new([24]float32)
			most[k] = of
		}
		for i, v := range hours {
			of[i] = max(of[i], v)
		}
	}
	out := map[civil.Date]DaySteps{}
	for k, hours := range most {
		date := civil.DateOf(time.Unix(int64(k.day)*86400, 0).UTC())
		d, seen := out[date]
		for _, v := range hours {
			d.Steps += math.Round(float64(v)) // whole, so that the order of the sum does not matter
		}
		if !seen || int(k.offset) > d.Offset {
			d.Offset = int(k.offset)
		}
		out[date] = d
	}
	return out
}
