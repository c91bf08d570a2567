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
type Steps struct{ hours map[stepHour]float64 }

// stepHour is an hour of one source.
type stepHour struct {
	day    int32 // by the clock, since 1970
	hour   uint8
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
	if !(steps >= 0 && steps < 1e6) {
		return
	}
	if s.hours == nil {
		s.hours = map[stepHour]float64{}
	}
	clock := time.Unix(unix+int64(offset)*60, 0).UTC()
	y, m, d := clock.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	s.hours[stepHour{int32(day), uint8(clock.Hour()), offset, source}] += steps
}

// Dates gives the steps of every date of which there are any.
func (s *Steps) Dates() map[civil.Date]DaySteps {
	most := map[stepHour]float64{}
	for k, v := range s.hours {
		k.source = 0
		most[k] = max(most[k], v)
	}
	out := map[civil.Date]DaySteps{}
	for h, v := range most {
		date := civil.DateOf(time.Unix(int64(h.day)*86400, 0).UTC())
		d, seen := out[date]
		d.Steps += math.Round(v) // whole, so that the order of the sum does not matter
		if !seen || int(h.offset) > d.Offset {
			d.Offset = int(h.offset)
		}
		out[date] = d
	}
	return out
}
