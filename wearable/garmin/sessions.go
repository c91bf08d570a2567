package garmin

import (
	"fmt"
	"strings"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/session"
)

// sleep makes sessions of a sleep of Connect or of the export, and of its naps.
func (in *reader) sleep(d dto, a answer) {
	if d.Start.IsZero() || d.End.IsZero() {
		in.nothing(d.Date)
		return
	}
	from, to, told := bounds(d)
	s := session.Session{Record: d.Start.UTC().Format(time.RFC3339), Start: from, End: to}
	for _, l := range a.Levels {
		if l.Level == nil || l.From.IsZero() || !l.To.After(l.From.Time) {
			continue
		}
		s.Spans = append(s.Spans, session.Span{From: l.From.Time, To: l.To.Time, Stage: Levels[*l.Level]})
	}
	confirmed := strings.ToLower(d.Confirmed)
	if strings.Contains(confirmed, "final") || strings.HasPrefix(confirmed, "manual") {
		s.Rank = 1
	}
	s.Edited = strings.HasPrefix(confirmed, "manual")
	if len(s.Spans) > 0 {
		s.Rank += 2
	} else {
		s.Record += " totals" // so that a later answer without levels does not replace one with
	}
	if d.Version != nil {
		s.Algorithm = fmt.Sprintf("sleepVersion %g", *d.Version)
	}
	s.Stated = totals(d.Deep, d.Light, d.REM, d.Awake, d.Sleep, to.Sub(from))
	if d.REMCapable != nil && !*d.REMCapable {
		s.Stated.REMMin = nil // a zero of a watch that knows no REM
	}
	s.Measured = measures(d, a)
	in.add(s, d.Date, told)
	in.check(s, first(d.Unmeasurable, d.Unmeasured))
	for _, n := range append(append([]nap{}, a.Naps...), d.Naps...) {
		in.nap(n, from.Location(), d.Date, told)
	}
}

// nap makes a session of a nap, of which Garmin tells no stages.
func (in *reader) nap(n nap, zone *time.Location, date civil.Date, told bool) {
	if n.From.IsZero() || n.To.IsZero() {
		return
	}
	s := session.Session{Record: "nap " + n.From.UTC().Format(time.RFC3339), Kind: wearable.NapOnly, Start: n.From.In(zone), End: n.To.In(zone)}
	s.Stated.TSTMin = minutes(n.Seconds)
	in.report.Sessions = append(in.report.Sessions, s)
}

// bounds gives start and end in the zones that the local times tell; told is
// false if they tell none.
func bounds(d dto) (from, to time.Time, told bool) {
	at := func(gmt, local instant) (time.Time, bool) {
		offset := local.Sub(gmt.Time).Round(time.Minute)
		if local.IsZero() || offset.Abs() > 18*time.Hour {
			return gmt.Time, false
		}
		return gmt.In(time.FixedZone("", int(offset.Seconds()))), true
	}
	from, ok1 := at(d.Start, d.StartLocal)
	to, ok2 := at(d.End, d.EndLocal)
	return from, to, ok1 && ok2
}

// longEnough is from what length on a sleep is a night's.
const longEnough = 3 * time.Hour

// add puts a session to the report. One without an offset is counted, and held
// against the date that Garmin gives it.
func (in *reader) add(s session.Session, date civil.Date, told bool) {
	if s.End.Sub(s.Start) >= longEnough {
		s.Kind = wearable.Long
	}
	if !told && !in.zoned {
		in.unzoned++
		if got := civil.NightOf(s.Start.Add(s.End.Sub(s.Start) / 2)); !date.IsZero() && got != date {
			in.report.Problems.Addf("garmin-date", s.Record, "by the clock of UTC this is the night to %v, and Garmin says %v", got, date).
				WithHint("--zone says whose clock it was").AsWarning()
		}
	}
	in.report.Sessions = append(in.report.Sessions, s)
}

// slack is what Garmin's own figures of a sleep differ by.
const slack = 1.0 // minutes

// check holds Garmin's totals against each other and against the bounds.
func (in *reader) check(s session.Session, unmeasurable *float64) {
	t := s.Stated
	parts := 0.0
	for _, v := range []*float64{t.LightMin, t.N3Min, t.REMMin} {
		if v != nil {
			parts += *v
		}
	}
	off := func(a, b float64) bool { return a-b > slack || b-a > slack }
	if t.TSTMin != nil && t.LightMin != nil && t.N3Min != nil && off(parts, *t.TSTMin) {
		in.report.Problems.Addf("garmin-total", s.Record, "stated are %.1f min of sleep, its stages add up to %.1f", *t.TSTMin, parts).AsWarning()
	}
	if t.WakeMin == nil || t.LightMin == nil || t.N3Min == nil {
		return
	}
	parts += *t.WakeMin
	if v := minutes(unmeasurable); v != nil {
		parts += *v
	}
	if bed := s.End.Sub(s.Start).Minutes(); off(parts, bed) {
		in.report.Problems.Addf("garmin-bounds", s.Record, "sleep, wake and what could not be measured add up to %.1f min, and start and end lie %.1f apart", parts, bed).AsWarning()
	}
}

// totals makes Totals of seconds. Where no sleep is stated, it is the sum of its
// stages, if the two that every watch knows are stated.
func totals(deep, light, rem, awake, asleep *float64, bed time.Duration) sleep.Totals {
	tib := bed.Minutes()
	t := sleep.Totals{TIBMin: &tib, TSTMin: minutes(asleep), WakeMin: minutes(awake), LightMin: minutes(light), N3Min: minutes(deep), REMMin: minutes(rem)}
	if t.TSTMin == nil && deep != nil && light != nil {
		sum := *t.N3Min + *t.LightMin
		if rem != nil {
			sum += *t.REMMin
		}
		t.TSTMin = &sum
	}
	return t
}

func measures(d dto, a answer) sleep.Measures {
	m := sleep.Measures{
		HeartRateMeanBPM: first(d.HeartRate, d.SpO2Rate), OxygenSaturationPct: d.SpO2,
		BreathsPerMin: first(d.Breaths, d.Breathing), RMSSDMeanMS: a.HRV, TemperatureDeviationC: a.Deviation,
	}
	if v := d.SpO2Summary; v != nil {
		m.OxygenSaturationPct = first(m.OxygenSaturationPct, v.Average)
		m.HeartRateMeanBPM = first(m.HeartRateMeanBPM, v.Rate)
	}
	if v := d.Scores; v != nil {
		m.SleepScore = v.OverallScore
		if v.Overall != nil {
			m.SleepScore = first(v.Overall.Value, v.OverallScore)
		}
	}
	return m
}

func minutes(seconds *float64) *float64 {
	if seconds == nil {
		return nil
	}
	v := *seconds / 60
	return &v
}

func first(values ...*float64) *float64 {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}
