package apple

import (
	"math"
	"time"

	"dvala/sleep"
)

// metric is a kind of record that is used.
type metric uint8

const (
	metricHeart metric = iota
	metricSDNN
	metricBreath
	metricOxygen
	seriesCount // the kinds before this are kept by the minute

	metricSteps
	metricWrist
	metricSleep
	notUsed
)

// metricOf tells the kind by the record's type.
func metricOf(t []byte) metric {
	switch string(t) {
	case "HKQuantityTypeIdentifierHeartRate":
		return metricHeart
	case "HKQuantityTypeIdentifierStepCount":
		return metricSteps
	case "HKCategoryTypeIdentifierSleepAnalysis":
		return metricSleep
	case "HKQuantityTypeIdentifierHeartRateVariabilitySDNN":
		return metricSDNN
	case "HKQuantityTypeIdentifierRespiratoryRate":
		return metricBreath
	case "HKQuantityTypeIdentifierOxygenSaturation":
		return metricOxygen
	case "HKQuantityTypeIdentifierAppleSleepingWristTemperature":
		return metricWrist
	}
	return notUsed
}

// series keeps a measure by the minute, under days of UTC since 1970, so that
// memory grows with the time that the export covers and not with its size.
type series map[int32][]minute

// minute is what was measured in one minute of a day.
type minute struct {
	of    uint16
	count uint16
	least float32
	sum   float64
}

func (s series) add(unix int64, v float64) {
	day, of := int32(unix/86400), uint16(unix%86400/60)
	list := s[day]
	if n := len(list); n > 0 && list[n-1].of == of && list[n-1].count < math.MaxUint16 {
		m := &list[n-1]
		m.count++
		m.sum += v
		m.least = min(m.least, float32(v))
		return
	}
	s[day] = append(list, minute{of, 1, float32(v), v})
}

// between gives the mean and the least of what was measured from the minute in
// which from lies until to, nil if nothing was.
func (s series) between(from, to time.Time) (mean, least *float64) {
	first, last := from.Unix()/60, to.Unix() // minutes; seconds
	sum, n, low := 0.0, 0, math.Inf(1)
	for day := int32(first / 1440); int64(day)*86400 < last; day++ {
		for _, m := range s[day] {
			at := int64(day)*1440 + int64(m.of)
			if at < first || at*60 >= last {
				continue
			}
			sum += m.sum
			n += int(m.count)
			low = min(low, float64(m.least))
		}
	}
	if n == 0 {
		return nil, nil
	}
	sum /= float64(n)
	return &sum, &low
}

// temperature is one wrist temperature, of a whole sleep.
type temperature struct {
	from, to int64
	celsius  float64
}

// measure takes a record of a number.
func (e *export) measure(m metric, f fields, from, to instant, s *scanner) {
	v, ok := number(f.value)
	if !ok {
		e.problem("apple-number", s.place(), "%.40q is no number", f.value)
		return
	}
	unit := string(f.unit)
	switch {
	case (m == metricHeart || m == metricBreath) && unit == "count/min" && v > 0:
	case (m == metricHeart || m == metricBreath) && unit == "count/s" && v > 0:
		v *= 60
	case m == metricSDNN && unit == "ms" && v > 0:
	case m == metricOxygen && unit == "%" && v > 0 && v <= 1: // Apple writes a fraction and calls it percent
		v *= 100
	case m == metricOxygen && unit == "%" && v > 1 && v <= 100:
	case m == metricWrist && unit == "degC":
	case m == metricWrist && unit == "degF":
		v = (v - 32) / 1.8
	case m == metricSteps && unit == "count" && v >= 0:
	default:
		e.problem("apple-unit", s.place(), "%.40q in the unit %.20q cannot be used", f.value, f.unit)
		return
	}
	switch m {
	case metricSteps:
		src, err := e.source(f, s)
		if err != nil || src < 0 {
			return
		}
		e.steps.Add(uint16(src), from.unix, from.offset, v)
	case metricWrist:
		e.wrist = append(e.wrist, temperature{from.unix, to.unix, v})
	default:
		e.series[m].add(from.unix, v)
	}
}

// during gives what was measured between two instants.
func (e *export) during(from, to time.Time) sleep.Measures {
	var m sleep.Measures
	m.HeartRateMeanBPM, m.HeartRateLowestBPM = e.series[metricHeart].between(from, to)
	m.SDNNMeanMS, _ = e.series[metricSDNN].between(from, to)
	m.BreathsPerMin, _ = e.series[metricBreath].between(from, to)
	m.OxygenSaturationPct, _ = e.series[metricOxygen].between(from, to)
	most := int64(0)
	for _, t := range e.wrist {
		shared := min(t.to, to.Unix()) - max(t.from, from.Unix())
		if shared > most {
			most = shared
			celsius := t.celsius
			m.TemperatureC = &celsius
		}
	}
	return m
}
