package apple

import (
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
