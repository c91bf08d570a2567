// Package session makes nights of the sleeps that a device tells one by one,
// each with its bounds, its spans of stages and its own totals. What differs
// between vendors, how such a sleep is written down, is in their packages; from
// there on all go the same way:
//
//  1. Spans are laid on epochs from the start of the session, 30 s unless the
//     vendor's are others; an epoch gets the stage that holds at its middle,
//     of spans that overlap the one told last. What no span covers is unscored.
//  2. The hypnogram is held against the vendor's own totals. Where they differ
//     by more than the rounding of minutes, that is told and both are kept.
//  3. Package wearable sorts the sessions into nights.
//  4. A session with totals and no spans has no hypnogram, and none is made up:
//     its night has Stated totals, an empty main sleep, and the bounds of the
//     time in bed as lights off and lights on.
//
// Times that carry no offset are read by a Wall, in the zone given.
package session

import (
	"fmt"
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

// Options is what the files do not say.
type Options struct {
	Zone   string // IANA name or offset; if empty, each night keeps the offset it was told with
	SHA256 string // of the source, for the nights' provenance
}

// Location gives the zone of the options, nil if there is none.
func (o Options) Location() (*time.Location, error) {
	if o.Zone == "" {
		return nil, nil
	}
	return sleep.Location(o.Zone)
}

// Span is a stretch of one stage.
type Span struct {
	From, To time.Time
	Stage    sleep.Stage
}

// Session is one sleep as a device tells it. Its times are in the zone whose
// clock the sleeper saw.
type Session struct {
	Record     string
	Kind       wearable.Kind
	Start, End time.Time // of time in bed
	Spans      []Span    // empty if the device told totals only
	Epoch      time.Duration
	Stated     sleep.Totals
	Measured   sleep.Measures
	Algorithm  string // as the vendor names it, with its version
	Model      string // of the device
	Rank       int    // of two reports of one sleep, the higher counts
	Edited     bool   // by the person
}

// Day is what a vendor tells of a date beside its sleeps.
type Day struct {
	Zone     string // if known
	Status   sleep.Status
	Measured sleep.Measures
}

// Report is all that a reader found.
type Report struct {
	Vendor   string
	Sessions []Session // in the order of reading
	Days     map[civil.Date]Day
	Problems fault.List
	Told     []wearable.Decision // what became of records that are no session
}

// epochOf gives the length of the session's epochs.
func (s Session) epochOf() time.Duration {
	if s.Epoch > 0 {
		return s.Epoch
	}
	return 30 * time.Second
}

// hypnogram lays the spans on epochs.
func (s Session) hypnogram() (sleep.Hypnogram, error) {
	if len(s.Spans) == 0 {
		return sleep.Hypnogram{}, nil
	}
	epoch := s.epochOf()
	// The first epoch whose middle is not before an instant.
	after := func(t time.Time) int {
		return int(max(0, (t.Sub(s.Start)-epoch/2+epoch-1)/epoch))
	}
	n := max(1, after(s.End))
	stages := make([]sleep.Stage, n)
	first := func(t time.Time) int { return min(after(t), n) }
	for _, span := range s.Spans {
		for i := first(span.From); i < first(span.To); i++ {
			stages[i] = span.Stage
		}
	}
	return sleep.NewHypnogram(s.Start, epoch, stages)
}

// senseless is beyond any figure of a night, in whatever unit.
const senseless = 1e9

// clean drops figures that are none.
func (s *Session) clean() {
	t := &s.Stated
	means, single := figures(&s.Measured)
	all := append(means, single...)
	all = append(all, &s.Measured.HeartRateLowestBPM, &t.TIBMin, &t.TSTMin, &t.WakeMin, &t.LightMin, &t.N3Min, &t.REMMin, &t.SOLMin, &t.SEPct)
	for _, v := range all {
		if *v != nil && !(**v > -senseless && **v < senseless) {
			*v = nil
		}
	}
}

// noSleep says that the vendor's own totals tell of no sleep.
func (s Session) noSleep() bool {
	return len(s.Spans) == 0 && s.Stated.TSTMin != nil && *s.Stated.TSTMin <= 0
}

// Nights makes nights of a report.
func Nights(r Report, opt Options) wearable.Result {
	m := maker{Report: r, opt: opt}
	m.Sessions = slices.Clone(r.Sessions)
	zone, err := opt.Location()
	if err != nil {
		var l fault.List
		l.Merge("zone-unknown", "", err)
		return wearable.Result{Warnings: l}
	}
	decisions := slices.Clone(r.Told)
	var periods []wearable.Period
	for i := range m.Sessions {
		m.Sessions[i].clean()
		if zone != nil {
			m.Sessions[i].Start, m.Sessions[i].End = m.Sessions[i].Start.In(zone), m.Sessions[i].End.In(zone)
		}
		s := m.Sessions[i]
		if s.noSleep() {
			decisions = append(decisions, wearable.Decision{Night: civil.NightOf(middle(s.Start, s.End)), Record: s.Record, Action: wearable.Dropped, Why: "no sleep in it"})
			continue
		}
		if p, ok := m.period(i, s); ok {
			periods = append(periods, p)
		}
	}
	assembled, told := wearable.Assemble(periods)
	decisions = append(decisions, told...)
	var out wearable.Result
	have := map[civil.Date]bool{}
	for _, a := range assembled {
		if n, ok := m.night(a); ok {
			out.Nights = append(out.Nights, n)
			have[n.Date] = true
		}
	}
	out.Nights = append(out.Nights, m.withoutSleep(have)...)
	slices.SortFunc(out.Nights, func(a, b sleep.Night) int { return a.Date.Compare(b.Date) })
	slices.SortStableFunc(decisions, func(a, b wearable.Decision) int { return a.Night.Compare(b.Night) })
	out.Decisions, out.Warnings = decisions, m.Problems
	return out
}

type maker struct {
	Report
	opt Options
}

func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) }

// code makes a problem's code of the vendor's name.
func (m *maker) code(what string) fault.Code { return fault.Code(m.Vendor + "-" + what) }

// period makes a period of a session, which must lie within bounds that a sleep
// can have.
func (m *maker) period(i int, s Session) (wearable.Period, bool) {
	length := s.End.Sub(s.Start)
	if length <= 0 || length > sleep.MaxLength || s.Start.Year() < 2000 || s.Start.Year() > 2999 {
		m.Problems.Addf(m.code("bounds"), s.Record, "a sleep from %s to %s", s.Start.Format(time.RFC3339), s.End.Format(time.RFC3339)).
			WithHint("the record is left out")
		return wearable.Period{}, false
	}
	h, err := s.hypnogram()
	if err != nil {
		m.Problems.Merge(m.code("hypnogram"), s.Record, err)
		return wearable.Period{}, false
	}
	p := wearable.Period{Record: s.Record, Kind: s.Kind, Hypnogram: h, Start: s.Start, End: s.End, Algorithm: s.Rank, Edited: s.Edited, Index: i}
	if !h.IsEmpty() {
		p.End, _ = h.End() // so that its middle is that of its epochs
		m.checkTotals(s, h)
	}
	return p, true
}

// tolerance is how far a total in whole minutes may lie from the epochs.
const tolerance = 1.0

// checkTotals holds the hypnogram against the vendor's own totals.
func (m *maker) checkTotals(s Session, h sleep.Hypnogram) {
	minutes := func(stages ...sleep.Stage) float64 {
		n := 0
		for _, st := range stages {
			n += h.Count(st)
		}
		return float64(n) * h.Epoch().Minutes()
	}
	for _, c := range []struct {
		what   string
		stated *float64
		got    float64
	}{
		{"sleep", s.Stated.TSTMin, minutes(sleep.N1, sleep.N2, sleep.N3, sleep.R, sleep.Light, sleep.Asleep)},
		{"light sleep", s.Stated.LightMin, minutes(sleep.N1, sleep.N2, sleep.Light)},
		{"deep sleep", s.Stated.N3Min, minutes(sleep.N3)},
		{"REM sleep", s.Stated.REMMin, minutes(sleep.R)},
		{"wake", s.Stated.WakeMin, minutes(sleep.W)},
	} {
		if c.stated != nil && (c.got-*c.stated > tolerance || *c.stated-c.got > tolerance) {
			m.Problems.Addf(m.code("total"), s.Record, "stated are %.1f min of %s, the stages add up to %.1f", *c.stated, c.what, c.got).
				WithHint("both are kept; what is computed rests on the stages").AsWarning()
		}
	}
}

// place names a night in problems.
func place(d civil.Date) string { return fmt.Sprintf("night to %v", d) }

// StepDays gives the steps of the dates from the first session's night to the
// last's, by the clock on which they were counted. Before and after there was
// no device to sleep with.
func StepDays(steps map[civil.Date]wearable.DaySteps, sessions []Session) map[civil.Date]Day {
	if len(sessions) == 0 {
		return nil
	}
	from, to := civil.NightOf(sessions[0].End), civil.NightOf(sessions[0].End)
	for _, s := range sessions {
		date := civil.NightOf(s.End)
		if date.Before(from) {
			from = date
		}
		if to.Before(date) {
			to = date
		}
	}
	out := map[civil.Date]Day{}
	for date, d := range steps {
		if date.Before(from) || to.Before(date) {
			continue
		}
		counted := d.Steps
		out[date] = Day{
			Zone:     sleep.OffsetZone(time.Unix(0, 0).In(time.FixedZone("", d.Offset*60))),
			Measured: sleep.Measures{Steps: &counted},
		}
	}
	return out
}
