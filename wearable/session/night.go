package session

import (
	"maps"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"dvala/wearable"
)

// night makes one of assembled sessions.
func (m *maker) night(a wearable.Assembled) (sleep.Night, bool) {
	n := sleep.Night{Date: a.Date, Zone: m.opt.Zone, Status: sleep.Worn, Source: sleep.Provenance{Vendor: m.Vendor, SHA256: m.opt.SHA256}}
	all := append(slices.Clone(a.Main), a.Naps...)
	if n.Zone == "" {
		n.Zone = sleep.OffsetZone(all[max(0, len(a.Main)-1)].End)
	}
	zone, err := sleep.Location(n.Zone)
	if err != nil {
		m.Problems.Merge(m.code("night"), place(a.Date), err)
		return sleep.Night{}, false
	}
	main, err := wearable.Join(a.Main)
	if err != nil {
		m.Problems.Merge(m.code("night"), place(a.Date), err)
		return sleep.Night{}, false
	}
	n.Main = main
	for _, p := range a.Naps {
		n.Source.Records = append(n.Source.Records, p.Record)
		if p.Hypnogram.IsEmpty() {
			continue
		}
		// By the clock of another zone a nap near 15:00 can be of another night.
		if date, _ := sleep.DateOf(p.Hypnogram.In(zone)); date != a.Date {
			m.Problems.Addf(m.code("nap"), p.Record, "by the clock of %s, where the night was slept, this nap is of the night to %v", n.Zone, date).
				WithHint("the nap is left out").AsWarning()
			continue
		}
		n.Naps = append(n.Naps, p.Hypnogram)
	}
	var sessions []Session
	var records []string
	for _, p := range a.Main {
		sessions = append(sessions, m.Sessions[p.Index])
		records = append(records, p.Record)
		if p.Hypnogram.IsEmpty() && !main.IsEmpty() {
			m.Problems.Addf(m.code("totals"), p.Record, "this part of the night has totals and no stages").
				WithHint("it counts in the stated totals and not in the hypnogram").AsWarning()
		}
	}
	n.Source.Records = append(records, n.Source.Records...)
	if main.IsEmpty() && len(a.Main) > 0 {
		off, on := a.Main[0].Start, latest(a.Main)
		n.LightsOff, n.LightsOn = &off, &on
	}
	n.Source.Algorithm = joined(sessions, func(s Session) string { return s.Algorithm })
	n.Source.Model = joined(sessions, func(s Session) string { return s.Model })
	n.Stated = stated(sessions)
	measured := m.measured(a.Date, sessions)
	n.Measured = &measured
	made, err := sleep.NewNight(n)
	if err != nil {
		m.Problems.Merge(m.code("night"), place(a.Date), err)
		return sleep.Night{}, false
	}
	return made, true
}

func latest(ps []wearable.Period) time.Time {
	end := ps[0].End
	for _, p := range ps {
		if p.End.After(end) {
			end = p.End
		}
	}
	return end
}

// joined lists what the sessions are said to be, in order of the alphabet.
func joined(sessions []Session, get func(Session) string) string {
	var names []string
	for _, s := range sessions {
		if v := get(s); v != "" && !slices.Contains(names, v) {
			names = append(names, v)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "+")
}

// stated adds up the sessions' own totals. A total that one of them does not
// state is not stated of the whole; the latency is that of the first, and an
// efficiency is only of one.
func stated(sessions []Session) *sleep.Totals {
	if len(sessions) == 0 {
		return nil
	}
	sum := func(get func(sleep.Totals) *float64) *float64 {
		total := 0.0
		for _, s := range sessions {
			v := get(s.Stated)
			if v == nil {
				return nil
			}
			total += *v
		}
		return &total
	}
	t := sleep.Totals{
		TIBMin:   sum(func(t sleep.Totals) *float64 { return t.TIBMin }),
		TSTMin:   sum(func(t sleep.Totals) *float64 { return t.TSTMin }),
		WakeMin:  sum(func(t sleep.Totals) *float64 { return t.WakeMin }),
		LightMin: sum(func(t sleep.Totals) *float64 { return t.LightMin }),
		N3Min:    sum(func(t sleep.Totals) *float64 { return t.N3Min }),
		REMMin:   sum(func(t sleep.Totals) *float64 { return t.REMMin }),
		SOLMin:   sessions[0].Stated.SOLMin,
	}
	if len(sessions) == 1 {
		t.SEPct = sessions[0].Stated.SEPct
	}
	return &t
}

// figures lists the fields of Measures that are means over a session, and those
// that are one figure of a day.
func figures(m *sleep.Measures) (means, single []**float64) {
	return []**float64{&m.HeartRateMeanBPM, &m.RMSSDMeanMS, &m.SDNNMeanMS, &m.BreathsPerMin, &m.TemperatureC, &m.TemperatureDeviationC, &m.OxygenSaturationPct},
		[]**float64{&m.SleepScore, &m.ReadinessScore, &m.ActivityScore, &m.Steps, &m.ActiveKcal}
}

// measured gathers what was measured beside stages: means weighted by time in
// bed, the lowest heart rate, scores of the longest session that has one, and
// over all of them what the day's own record says.
func (m *maker) measured(date civil.Date, sessions []Session) sleep.Measures {
	var out sleep.Measures
	outMeans, outSingle := figures(&out)
	weights := make([]float64, len(outMeans))
	longest := make([]time.Duration, len(outSingle))
	for _, s := range sessions {
		length := s.End.Sub(s.Start)
		means, single := figures(&s.Measured)
		for i, v := range means {
			if *v != nil {
				sum := **v * length.Hours()
				if *outMeans[i] != nil {
					sum += **outMeans[i]
				}
				*outMeans[i] = &sum
				weights[i] += length.Hours()
			}
		}
		for i, v := range single {
			if *v != nil && length > longest[i] {
				*outSingle[i], longest[i] = *v, length
			}
		}
		if v := s.Measured.HeartRateLowestBPM; v != nil && (out.HeartRateLowestBPM == nil || *v < *out.HeartRateLowestBPM) {
			out.HeartRateLowestBPM = v
		}
	}
	for i, w := range weights {
		if *outMeans[i] != nil {
			mean := **outMeans[i] / w
			*outMeans[i] = &mean
		}
	}
	day := m.Days[date].Measured
	dayMeans, daySingle := figures(&day)
	for i, v := range append(dayMeans, daySingle...) {
		if *v != nil {
			*append(outMeans, outSingle...)[i] = *v
		}
	}
	if day.HeartRateLowestBPM != nil {
		out.HeartRateLowestBPM = day.HeartRateLowestBPM
	}
	return out
}

// withoutSleep makes nights of the days that have a record and no sleep.
func (m *maker) withoutSleep(have map[civil.Date]bool) []sleep.Night {
	var out []sleep.Night
	for _, date := range slices.SortedFunc(maps.Keys(m.Days), civil.Date.Compare) {
		day := m.Days[date]
		if have[date] || day.Status == "" && day.Measured.IsZero() {
			continue
		}
		zone := "+00:00"
		switch {
		case m.opt.Zone != "":
			zone = m.opt.Zone
		case day.Zone != "":
			zone = day.Zone
		}
		status := day.Status
		if status == "" {
			status = sleep.NoData
		}
		made, err := sleep.NewNight(sleep.Night{Date: date, Zone: zone, Status: status, Measured: &day.Measured, Source: sleep.Provenance{Vendor: m.Vendor, SHA256: m.opt.SHA256}})
		if err != nil {
			m.Problems.Merge(m.code("night"), place(date), err)
			continue
		}
		out = append(out, made)
	}
	return out
}
