// Package whoop reads the tables that Whoop exports: sleeps.csv, a row a sleep
// or nap, and physiological_cycles.csv, a row from one waking to the next with
// the sleep at its beginning.
//
//	Cycle start time,Cycle end time,Cycle timezone,Sleep onset,Wake onset,…,Asleep duration (min),In bed duration (min),…,Nap
//	2026-11-22 23:10:00,2026-11-23 22:55:00,UTC+01:00,2026-11-22 23:10:00,2026-11-23 06:50:00,…,430,460,…,false
//
// Times are clock figures; their offset is in a column of its own. Whoop tells
// totals and no stages in time: a night has Stated totals, its bounds as lights
// off and on, and no hypnogram. A nap so told leaves its record's name with the
// night and nothing to measure. A cycle that has not ended yet may have a sleep,
// and one without any is told and left out.
package whoop

import (
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

// maxFile bounds a file: ten years are a few megabytes.
const maxFile = 64 << 20

// Recognise says whether a file is one of Whoop's that are read here, by its
// heading.
func Recognise(head []byte, name string) bool {
	line, _, _ := strings.Cut(string(head), "\n")
	line = table.Fold(line)
	return strings.Contains(line, "cycle start time") && strings.Contains(line, "asleep duration min")
}

// Read makes nights of the files, in order of their names; of a sleep that both
// tables tell, that of sleeps.csv counts and takes the measures of the other.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	zone, err := opt.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	in := reader{report: session.Report{Vendor: "whoop"}, wall: session.Wall{Zone: zone}, at: map[string]int{}}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	rows := 0
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		t, err := table.Read(b)
		if err != nil {
			in.report.Problems.Merge("whoop-table", f.Name, err)
			continue
		}
		if !t.Has("sleep onset", "wake onset") {
			in.report.Problems.Addf("whoop-table", f.Name, "no columns Sleep onset and Wake onset").WithHint("sleeps.csv and physiological_cycles.csv have them")
			continue
		}
		for _, r := range t.Rows() {
			rows++
			in.row(r, f.Name)
		}
	}
	if rows == 0 && in.report.Problems.Err() == nil {
		return wearable.Result{}, fault.New("whoop-empty", "", "no rows").WithHint("the export has its sleeps in sleeps.csv")
	}
	in.wall.Warn(&in.report)
	return session.Nights(in.report, opt), nil
}

type reader struct {
	report session.Report
	wall   session.Wall
	at     map[string]int // sessions by record
}

func (in *reader) row(r table.Row, file string) {
	onset, wake := r.Text("sleep onset"), r.Text("wake onset")
	cycle := "cycle " + r.Text("cycle start time")
	if onset == "" || wake == "" {
		in.unfinished(r, cycle, onset)
		return
	}
	from, ok1 := in.instant(onset, r.Text("cycle timezone"), time.Time{})
	to, ok2 := in.instant(wake, r.Text("cycle timezone"), from)
	if !ok1 || !ok2 {
		in.report.Problems.Addf("whoop-time", cycle, "%q to %q are no times", onset, wake).At(r.Line).In(file).WithHint("the row is left out")
		return
	}
	s := session.Session{Record: "sleep " + onset, Kind: wearable.Long, Start: from, End: to}
	if nap := strings.ToLower(r.Text("nap")); nap == "true" || nap == "1" || nap == "yes" {
		s.Record, s.Kind = "nap "+onset, wearable.NapOnly
	}
	s.Stated = sleep.Totals{
		TIBMin: r.Number("in bed duration min"), TSTMin: r.Number("asleep duration min"), WakeMin: r.Number("awake duration min"),
		LightMin: r.Number("light sleep duration min"), N3Min: r.Number("deep sws duration min"), REMMin: r.Number("rem duration min"),
		SEPct: r.Number("sleep efficiency"),
	}
	s.Measured = sleep.Measures{
		BreathsPerMin: r.Number("respiratory rate rpm"), RMSSDMeanMS: r.Number("heart rate variability ms"),
		TemperatureC: r.Number("skin temp celsius"), OxygenSaturationPct: r.Number("blood oxygen"), SleepScore: r.Number("sleep performance"), ReadinessScore: r.Number("recovery score"),
	}
	in.check(s)
	i, known := in.at[s.Record]
	if !known {
		in.at[s.Record] = len(in.report.Sessions)
		in.report.Sessions = append(in.report.Sessions, s)
		return
	}
	old := in.report.Sessions[i]
	overlay(&s, old)
	in.report.Sessions[i] = s
}

// unfinished tells of a cycle that has no sleep, or one that has not ended.
func (in *reader) unfinished(r table.Row, cycle, onset string) {
	why := "the cycle has no sleep"
	if onset != "" {
		why = "the sleep has no end yet"
	}
	d := wearable.Decision{Record: cycle, Action: wearable.Dropped, Why: why}
	if t, ok := in.instant(r.Text("cycle start time"), r.Text("cycle timezone"), time.Time{}); ok {
		d.Night = civil.NightOf(t)
	}
	in.report.Told = append(in.report.Told, d)
}

// overlay fills what the later row of a sleep does not say from the earlier.
func overlay(s *session.Session, old session.Session) {
	for _, v := range [][2]**float64{
		{&s.Stated.TIBMin, &old.Stated.TIBMin},
		{&s.Stated.TSTMin, &old.Stated.TSTMin},
		{&s.Stated.WakeMin, &old.Stated.WakeMin},
		{&s.Stated.LightMin, &old.Stated.LightMin},
		{&s.Stated.N3Min, &old.Stated.N3Min},
		{&s.Stated.REMMin, &old.Stated.REMMin},
		{&s.Stated.SEPct, &old.Stated.SEPct},
		{&s.Measured.BreathsPerMin, &old.Measured.BreathsPerMin},
		{&s.Measured.RMSSDMeanMS, &old.Measured.RMSSDMeanMS},
		{&s.Measured.TemperatureC, &old.Measured.TemperatureC},
		{&s.Measured.OxygenSaturationPct, &old.Measured.OxygenSaturationPct},
		{&s.Measured.SleepScore, &old.Measured.SleepScore},
		{&s.Measured.ReadinessScore, &old.Measured.ReadinessScore},
	} {
		if *v[0] == nil {
			*v[0] = *v[1]
		}
	}
}

// instant reads clock figures at an offset written as UTC-04:00 or UTCZ.
func (in *reader) instant(s, offset string, notBefore time.Time) (time.Time, bool) {
	offset = strings.TrimPrefix(strings.ReplaceAll(offset, "\u2212", "-"), "UTC")
	figures, ok := session.ParseClock(s)
	if !ok {
		return in.wall.Read(s, notBefore)
	}
	if offset == "Z" {
		offset = "+00:00"
	}
	zone, err := time.Parse("-07:00", offset)
	if err != nil {
		return in.wall.At(figures, notBefore), true
	}
	return session.ParseInstant(figures.Format("2006-01-02T15:04:05") + zone.Format("-07:00"))
}

// rounding is how far sums of whole minutes may lie apart.
const rounding = 2.5

// check holds a row's minutes against each other and against its bounds.
func (in *reader) check(s session.Session) {
	t := s.Stated
	if t.LightMin != nil && t.N3Min != nil && t.REMMin != nil && t.TSTMin != nil {
		if sum := *t.LightMin + *t.N3Min + *t.REMMin; sum-*t.TSTMin > rounding || *t.TSTMin-sum > rounding {
			in.report.Problems.Addf("whoop-total", s.Record, "stated are %g min asleep, its stages add up to %g", *t.TSTMin, sum).AsWarning()
		}
	}
	if t.TIBMin != nil {
		if bed := s.End.Sub(s.Start).Minutes(); bed-*t.TIBMin > rounding || *t.TIBMin-bed > rounding {
			in.report.Problems.Addf("whoop-bounds", s.Record, "stated are %g min in bed, and onset and waking lie %g apart", *t.TIBMin, bed).AsWarning()
		}
	}
}
