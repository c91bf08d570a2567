package healthconnect

import (
	"cmp"
	"slices"
	"time"

	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/session"
)

// Options is what the export does not say.
type Options struct {
	Zone   string   // IANA name or offset; if empty, each night has the offset of its own waking
	SHA256 string   // of the source, for the nights' provenance
	Apps   []string // package names, the one to be preferred first
}

const long = 3 * time.Hour

// Nights makes nights of an export.
func Nights(e *Export, opt Options) wearable.Result {
	common := session.Options{Zone: opt.Zone, SHA256: opt.SHA256}
	zone, err := common.Location()
	if err != nil {
		return session.Nights(session.Report{Vendor: "healthconnect"}, common)
	}
	sessions := slices.Clone(e.Sessions)
	slices.SortStableFunc(sessions, func(a, b Session) int { return a.Modified.Compare(b.Modified) })
	report := session.Report{Vendor: "healthconnect", Problems: slices.Clone(e.problems)}
	for _, s := range sessions {
		in := s.Zone
		if zone != nil {
			in = zone
		}
		if in == nil {
			report.Problems.Addf("healthconnect-zone", s.name(), "a sleep at %s tells no offset from UTC, so its night is not known", s.Start.UTC().Format(time.RFC3339)).
				WithHint("--zone Europe/Stockholm says whose clock it was; the session is left out")
			continue
		}
		report.Sessions = append(report.Sessions, s.in(in, opt.Apps))
	}
	if e.bad > maxProblems {
		report.Problems.Addf("healthconnect-more", "", "%d more records were left out", e.bad-maxProblems).AsWarning()
	}
	report.Days = session.StepDays(e.Steps.Dates(), report.Sessions)
	result := session.Nights(report, common)
	ordered := &Export{HeartRate: sorted(e.HeartRate), RMSSD: sorted(e.RMSSD), Breath: sorted(e.Breath), Oxygen: sorted(e.Oxygen), Skin: sorted(e.Skin)}
	for i, n := range result.Nights {
		from, ok := n.Main.Start()
		if !ok {
			continue
		}
		to, _ := n.Main.End()
		m := ordered.during(from, to)
		if n.Measured != nil {
			m.Steps = n.Measured.Steps
		}
		n.Measured = &m
		if made, err := sleep.NewNight(n); err == nil { // numbers were checked as they were read
			result.Nights[i] = made
		}
	}
	return result
}

// name tells one session from others.
func (s Session) name() string {
	if s.ID != "" {
		return s.ID
	}
	return cmp.Or(s.App, "unknown app") + " " + s.Start.UTC().Format(time.RFC3339)
}

// in makes a sleep of a session, by a clock.
func (s Session) in(zone *time.Location, apps []string) session.Session {
	out := session.Session{
		Record: s.name(), Start: s.Start.In(zone), End: s.End.In(zone), Algorithm: s.App, Model: s.Model,
	}
	if out.End.Sub(out.Start) > long {
		out.Kind = wearable.Long
	}
	stages := slices.Clone(s.Stages)
	slices.SortStableFunc(stages, func(a, b Stage) int { return a.Start.Compare(b.Start) })
	for _, st := range stages {
		out.Spans = append(out.Spans, session.Span{From: st.Start.In(zone), To: st.End.In(zone), Stage: Stages[st.Type]})
		if st.Type >= 4 && st.Type <= 6 {
			out.Rank = max(out.Rank, 10)
		}
	}
	if len(stages) == 0 {
		minutes := out.End.Sub(out.Start).Minutes()
		out.Stated.TIBMin = &minutes
		out.Rank--
	}
	if i := slices.Index(apps, s.App); i >= 0 {
		out.Rank += 100 * (len(apps) - i)
	}
	return out
}

// during gives what was measured between two instants, of measurements in order.
func (e *Export) during(from, to time.Time) sleep.Measures {
	var m sleep.Measures
	m.HeartRateMeanBPM, m.HeartRateLowestBPM = between(e.HeartRate, from, to)
	m.RMSSDMeanMS, _ = between(e.RMSSD, from, to)
	m.BreathsPerMin, _ = between(e.Breath, from, to)
	m.OxygenSaturationPct, _ = between(e.Oxygen, from, to)
	m.TemperatureDeviationC, _ = between(e.Skin, from, to)
	return m
}
