package oura

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

// Options is what the documents do not say.
type Options struct {
	Zone   string // IANA name; if empty each night keeps the offset of its own waking
	SHA256 string // of the source, for the nights' provenance
}

// Phases is what the characters of a phase string mean.
var Phases = map[byte]sleep.Stage{'1': sleep.N3, '2': sleep.Light, '3': sleep.R, '4': sleep.W}

// Nights makes nights of documents. A sleep document that cannot be used is
// told as a problem and left out; the others are used. A day of which there is
// no sleep but something else is a night without one.
func Nights(docs Documents, opt Options) wearable.Result {
	m := maker{docs: docs, opt: opt}
	if opt.Zone != "" {
		zone, err := sleep.Location(opt.Zone)
		if err != nil {
			m.problems.Merge("zone-unknown", "", err)
			return wearable.Result{Warnings: m.problems}
		}
		m.zone = zone
	}
	var periods []wearable.Period
	for i, d := range docs.Sleep {
		if p, ok := m.period(i, d); ok {
			periods = append(periods, p)
		}
	}
	assembled, decisions := wearable.Assemble(periods)
	nights := map[civil.Date]bool{}
	var out wearable.Result
	for _, a := range assembled {
		if n, ok := m.night(a); ok {
			out.Nights = append(out.Nights, n)
			nights[n.Date] = true
		}
	}
	out.Nights = append(out.Nights, m.withoutSleep(nights)...)
	slices.SortFunc(out.Nights, func(a, b sleep.Night) int { return a.Date.Compare(b.Date) })
	out.Decisions, out.Warnings = decisions, m.problems
	return out
}

type maker struct {
	docs     Documents
	opt      Options
	zone     *time.Location // nil: each period's own
	problems fault.List
}

func (m *maker) period(i int, d Sleep) (wearable.Period, bool) {
	place := fmt.Sprintf("sleep %s", cmp.Or(d.ID, fmt.Sprintf("[%d]", i)))
	from, ok1 := m.instant(d.BedtimeFrom, place+": bedtime_start")
	to, ok2 := m.instant(d.BedtimeTo, place+": bedtime_end")
	if !ok1 || !ok2 {
		return wearable.Period{}, false
	}
	if length := to.Sub(from); length <= 0 || length > sleep.MaxLength {
		m.problems.Addf("oura-bedtime", place, "in bed for %v", length).WithHint("the period is left out")
		return wearable.Period{}, false
	}
	if d.ID == "" {
		m.problems.Addf("oura-id", place, "a sleep without id cannot be told from its revisions").WithHint("the period is left out")
		return wearable.Period{}, false
	}
	p := wearable.Period{Record: d.ID, Kind: kind(d, to.Sub(from)), Start: from, End: to, Index: i}
	if d.Algorithm != nil && *d.Algorithm == "v2" {
		p.Algorithm = 2
	}
	p.Edited = d.Reason != nil && *d.Reason == "bedtime_edit"
	h, err := m.hypnogram(d, from, to, place)
	if err != nil {
		m.problems.Merge("oura-phase", place, err)
		return wearable.Period{}, false
	}
	p.Hypnogram = h
	return p, true
}

// instant reads a time with an offset: without one the night would be a guess.
func (m *maker) instant(s, place string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 2010 || t.Year() > 2999 {
		m.problems.Addf("oura-time", place, "%q is not a time with an offset", s).WithHint("as in 2026-11-22T23:10:00+01:00")
		return time.Time{}, false
	}
	if m.zone != nil {
		return t.In(m.zone), true
	}
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset)), true
}

// kind tells what the document is taken for. Old documents have no type: they
// go by the length that Oura goes by.
func kind(d Sleep, length time.Duration) wearable.Kind {
	if d.Type != nil {
		switch *d.Type {
		case "long_sleep":
			return wearable.Long
		case "late_nap":
			return wearable.NapOnly
		case "rest", "deleted":
			return wearable.Rejected
		}
		return wearable.Short
	}
	if length > 3*time.Hour {
		return wearable.Long
	}
	return wearable.Short
}

// hypnogram reads the finer of the two phase strings; none gives none.
func (m *maker) hypnogram(d Sleep, from, to time.Time, place string) (sleep.Hypnogram, error) {
	phases, epoch, field := "", 30*time.Second, "sleep_phase_30_sec"
	if d.Phase30Sec != nil {
		phases = *d.Phase30Sec
	}
	if phases == "" && d.Phase5Min != nil {
		phases, epoch, field = *d.Phase5Min, 5*time.Minute, "sleep_phase_5_min"
	}
	if phases == "" {
		return sleep.Hypnogram{}, nil
	}
	if max := int(sleep.MaxLength / epoch); len(phases) > max {
		return sleep.Hypnogram{}, fault.New("oura-phase", place+": "+field, "%d phases are more than %d", len(phases), max)
	}
	stages := make([]sleep.Stage, len(phases))
	unknown := 0
	for i := range len(phases) {
		stage, ok := Phases[phases[i]]
		if !ok {
			unknown++
		}
		stages[i] = stage
	}
	if unknown > 0 {
		m.problems.Addf("oura-phase", place+": "+field, "%d of %d characters are none of 1, 2, 3, 4; they are unscored", unknown, len(phases)).AsWarning()
	}
	// The last epoch may be a part of one.
	if got, in := time.Duration(len(phases))*epoch, to.Sub(from); got-in > epoch || in-got > epoch {
		m.problems.Addf("oura-length", place+": "+field, "phases for %v in a bedtime of %v", got, in).AsWarning()
	}
	if epoch == 30*time.Second {
		m.checkTotals(d, phases, place)
	}
	return sleep.NewHypnogram(from, epoch, stages)
}

// checkTotals wants the 30-second phases to add up to the document's own
// totals. The 5-minute ones are too coarse to.
func (m *maker) checkTotals(d Sleep, phases, place string) {
	seconds := func(of string) int {
		n := 0
		for i := range len(phases) {
			if strings.IndexByte(of, phases[i]) >= 0 {
				n += 30
			}
		}
		return n
	}
	for _, c := range []struct {
		name, phases string
		stated       *int
	}{
		{"total_sleep_duration", "123", d.TotalSleep},
		{"deep_sleep_duration", "1", d.Deep},
		{"light_sleep_duration", "2", d.Light},
		{"rem_sleep_duration", "3", d.REM},
	} {
		if c.stated != nil && *c.stated != seconds(c.phases) {
			m.problems.Addf("oura-total", place+": "+c.name, "stated are %d s, the phases add up to %d s", *c.stated, seconds(c.phases)).
				WithHint("both are kept; what is computed rests on the phases").AsWarning()
		}
	}
}

// night makes one of assembled periods.
func (m *maker) night(a wearable.Assembled) (sleep.Night, bool) {
	place := "night to " + a.Date.String()
	n := sleep.Night{Date: a.Date, Zone: m.opt.Zone, Status: sleep.Worn, Source: sleep.Provenance{Vendor: "oura", SHA256: m.opt.SHA256}}
	all := append(slices.Clone(a.Main), a.Naps...)
	if n.Zone == "" {
		n.Zone = sleep.OffsetZone(all[max(0, len(a.Main)-1)].End)
	}
	main, err := wearable.Join(a.Main)
	if err != nil {
		m.problems.Merge("oura-night", place, err)
		return sleep.Night{}, false
	}
	n.Main = main
	for _, p := range a.Naps {
		if !p.Hypnogram.IsEmpty() {
			n.Naps = append(n.Naps, p.Hypnogram)
		}
	}
	var docs []Sleep
	for _, p := range a.Main {
		docs = append(docs, m.docs.Sleep[p.Index])
	}
	for _, p := range all {
		n.Source.Records = append(n.Source.Records, p.Record)
	}
	n.Source.Algorithm = algorithm(docs)
	n.Stated = stated(docs)
	measured := m.measured(a.Date, docs)
	n.Measured = &measured
	made, err := sleep.NewNight(n)
	if err != nil {
		m.problems.Merge("oura-night", place, err)
		return sleep.Night{}, false
	}
	return made, true
}

// algorithm names the versions that staged a night, joined by + if several.
func algorithm(docs []Sleep) string {
	var names []string
	for _, d := range docs {
		if d.Algorithm != nil && *d.Algorithm != "" && !slices.Contains(names, *d.Algorithm) {
			names = append(names, *d.Algorithm)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "+")
}

// stated adds up the documents' own totals. A total that one of them does not
// state is not stated of the whole; a latency is that of the first.
func stated(docs []Sleep) *sleep.Totals {
	if len(docs) == 0 {
		return nil
	}
	minutes := func(get func(Sleep) *int) *float64 {
		sum := 0.0
		for _, d := range docs {
			v := get(d)
			if v == nil {
				return nil
			}
			sum += float64(*v) / 60
		}
		return &sum
	}
	t := sleep.Totals{
		TIBMin:   minutes(func(d Sleep) *int { return &d.TimeInBed }),
		TSTMin:   minutes(func(d Sleep) *int { return d.TotalSleep }),
		WakeMin:  minutes(func(d Sleep) *int { return d.Awake }),
		LightMin: minutes(func(d Sleep) *int { return d.Light }),
		N3Min:    minutes(func(d Sleep) *int { return d.Deep }),
		REMMin:   minutes(func(d Sleep) *int { return d.REM }),
	}
	if v := docs[0].Latency; v != nil {
		sol := float64(*v) / 60
		t.SOLMin = &sol
	}
	if v := docs[0].Efficiency; v != nil && len(docs) == 1 {
		se := float64(*v)
		t.SEPct = &se
	}
	return &t
}

// measured gathers what was measured beside stages: means over the periods of
// the main sleep weighted by time in bed, the lowest heart rate of all, and the
// daily documents of the date, of each the one read last.
func (m *maker) measured(date civil.Date, docs []Sleep) sleep.Measures {
	mean := func(get func(Sleep) *float64) *float64 {
		sum, weight := 0.0, 0.0
		for _, d := range docs {
			if v := get(d); v != nil && d.TimeInBed > 0 {
				sum += *v * float64(d.TimeInBed)
				weight += float64(d.TimeInBed)
			}
		}
		if weight == 0 {
			return nil
		}
		if v := sum / weight; !math.IsInf(v, 0) {
			return &v
		}
		return nil
	}
	out := sleep.Measures{
		HeartRateMeanBPM: mean(func(d Sleep) *float64 { return d.HeartRateMean }),
		RMSSDMeanMS:      mean(func(d Sleep) *float64 { return d.HRVMean }),
		BreathsPerMin:    mean(func(d Sleep) *float64 { return d.BreathMean }),
	}
	for _, d := range docs {
		if v := d.HeartRateLowest; v != nil && (out.HeartRateLowestBPM == nil || *v < *out.HeartRateLowestBPM) {
			out.HeartRateLowestBPM = v
		}
		if d.Readiness != nil {
			out.ReadinessScore, out.TemperatureDeviationC = d.Readiness.Score, d.Readiness.TemperatureDeviation
		}
	}
	for _, d := range m.docs.DailySleep {
		if d.Day == date {
			out.SleepScore = d.Score
		}
	}
	for _, d := range m.docs.DailyReadiness {
		if d.Day == date {
			out.ReadinessScore, out.TemperatureDeviationC = d.Score, d.TemperatureDeviation
		}
	}
	for _, d := range m.docs.DailyActivity {
		if d.Day == date {
			out.ActivityScore, out.Steps, out.ActiveKcal = d.Score, d.Steps, d.ActiveCalories
		}
	}
	return out
}

// withoutSleep makes nights of the days that have daily documents and no sleep:
// not worn if the activity of the evening before says so, else without data.
func (m *maker) withoutSleep(have map[civil.Date]bool) []sleep.Night {
	zones := map[civil.Date]string{}
	note := func(day civil.Date, timestamp string) {
		if t, err := time.Parse(time.RFC3339Nano, timestamp); err == nil && !day.IsZero() && !have[day] {
			zones[day] = sleep.OffsetZone(t)
		}
	}
	for _, d := range m.docs.DailySleep {
		note(d.Day, d.Timestamp)
	}
	for _, d := range m.docs.DailyReadiness {
		note(d.Day, d.Timestamp)
	}
	for _, d := range m.docs.DailyActivity {
		note(d.Day, d.Timestamp)
	}
	days := slices.SortedFunc(maps.Keys(zones), civil.Date.Compare)
	var out []sleep.Night
	for _, day := range days {
		zone := zones[day]
		if m.opt.Zone != "" {
			zone = m.opt.Zone
		}
		measured := m.measured(day, nil)
		n := sleep.Night{Date: day, Zone: zone, Status: m.statusOf(day), Measured: &measured, Source: sleep.Provenance{Vendor: "oura", SHA256: m.opt.SHA256}}
		made, err := sleep.NewNight(n)
		if err != nil {
			m.problems.Merge("oura-night", "night to "+day.String(), err)
			continue
		}
		out = append(out, made)
	}
	return out
}

// statusOf looks at the five-minute classes of the day before, from 20:00 on:
// a ring that was off for more than half of them was not worn that night.
func (m *maker) statusOf(night civil.Date) sleep.Status {
	for _, d := range m.docs.DailyActivity {
		if d.Day != night.Add(-1) || d.Class5Min == nil {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, d.Timestamp)
		if err != nil {
			continue
		}
		off, all := 0, 0
		for i := range len(*d.Class5Min) {
			at := t.Add(time.Duration(i) * 5 * time.Minute)
			if civil.DateOf(at) == d.Day && at.Hour() < 20 {
				continue
			}
			all++
			if (*d.Class5Min)[i] == '0' {
				off++
			}
		}
		if all > 0 && 2*off > all {
			return sleep.NotWorn
		}
	}
	return sleep.NoData
}
