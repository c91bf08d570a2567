package withings

import (
	"slices"
	"strings"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

// maxFile bounds a file: ten years of states are some megabytes.
const maxFile = 256 << 20

// longEnough is from what length on a sleep is a night's.
const longEnough = 3 * time.Hour

// Read makes nights of the files, in order of their names.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	zone, err := opt.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	in := reader{report: session.Report{Vendor: "withings"}, wall: session.Wall{Zone: zone}}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	var sleeps []session.Session
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		t, err := table.Read(b)
		switch {
		case err != nil:
			in.report.Problems.Merge("withings-table", f.Name, err)
		case t.Has("start", "duration", "value"):
			in.readStates(f.Name, f.Base(), t)
		default:
			sleeps = append(sleeps, in.readSleeps(f.Name, t)...)
		}
	}
	if in.rows == 0 && in.report.Problems.Err() == nil {
		return wearable.Result{}, fault.New("withings-empty", "", "no rows").WithHint("the export has its sleeps in sleep.csv and raw_…_sleep-state.csv")
	}
	for i := range sleeps {
		in.fill(&sleeps[i])
	}
	in.report.Sessions = sleeps
	for _, d := range in.devices {
		in.report.Sessions = append(in.report.Sessions, d.alone(sleeps)...)
	}
	for i := range in.report.Sessions {
		s := &in.report.Sessions[i]
		if s.End.Sub(s.Start) >= longEnough {
			s.Kind = wearable.Long
		}
	}
	in.wall.Warn(&in.report)
	return session.Nights(in.report, opt), nil
}

type reader struct {
	report  session.Report
	wall    session.Wall
	devices []device
	rows    int
}

// fill gives a sleep its states: those of the first device, the mat before the
// watch, that tells at least half of it, else of the one that tells most.
func (in *reader) fill(s *session.Session) {
	slices.SortStableFunc(in.devices, func(a, b device) int { return b.rank - a.rank })
	best := time.Duration(0)
	for _, d := range in.devices {
		if spans, covered := d.within(s.Start, s.End); covered > best {
			s.Spans, s.Model, s.Rank = spans, d.name, 1+d.rank
			best = covered
		}
		if 2*best >= s.End.Sub(s.Start) {
			return
		}
	}
}

// readSleeps reads sleep.csv.
func (in *reader) readSleeps(name string, t *table.Table) []session.Session {
	at := find(t)
	if len(at) < len(columns) {
		at = map[string]int{}
		for _, c := range columns {
			at[c.name] = c.place
		}
		in.report.Problems.Addf("withings-heading", name, "headings in a language that is not known: columns are taken by their places").
			WithHint("from, to, light, deep, REM, awake").AsWarning()
	}
	var out []session.Session
	for _, r := range t.Rows() {
		in.rows++
		from, ok1 := in.wall.Read(r.At(at["from"]), time.Time{})
		to, ok2 := in.wall.Read(r.At(at["to"]), from)
		if !ok1 || !ok2 {
			in.report.Problems.Addf("withings-time", "", "%q to %q are no times", r.At(at["from"]), r.At(at["to"])).At(r.Line).In(name).WithHint("the row is left out")
			continue
		}
		s := session.Session{Record: "sleep " + from.UTC().Format(time.RFC3339), Start: from, End: to}
		s.Stated, s.Measured = totals(t, r, at, to.Sub(from)), measures(t, r)
		in.check(s, name, r.Line)
		out = append(out, s)
	}
	return out
}

// totals takes a row's seconds. A stage of which a device knows nothing is told
// as zero, so REM is not stated where there was none.
func totals(t *table.Table, r table.Row, at map[string]int, bed time.Duration) sleep.Totals {
	minutes := func(column string) *float64 {
		v := table.Number(r.At(at[column]))
		if v != nil {
			*v /= 60
		}
		return v
	}
	tib := bed.Minutes()
	out := sleep.Totals{TIBMin: &tib, LightMin: minutes("light"), N3Min: minutes("deep"), REMMin: minutes("rem"), WakeMin: minutes("awake")}
	if out.LightMin != nil && out.N3Min != nil {
		sum := *out.LightMin + *out.N3Min
		if out.REMMin != nil {
			sum += *out.REMMin
		}
		out.TSTMin = &sum
	}
	if out.REMMin != nil && *out.REMMin == 0 {
		out.REMMin = nil
	}
	if s := number(t, r, 7, "duration to sleep s"); s != nil {
		sol := *s / 60
		out.SOLMin = &sol
	}
	return out
}

// number gives a cell by heading or, in the long table of another language, by
// its usual place.
func number(t *table.Table, r table.Row, place int, names ...string) *float64 {
	v := r.Number(names...)
	if v == nil && len(t.Heading) >= 14 && strings.HasSuffix(table.Fold(t.Heading[7]), " s") {
		v = table.Number(r.At(place))
	}
	return v
}

// measures takes the heart rates; a zero is none.
func measures(t *table.Table, r table.Row) sleep.Measures {
	rate := func(place int, name string) *float64 {
		if v := number(t, r, place, name); v != nil && *v > 0 && *v <= 250 {
			return v
		}
		return nil
	}
	return sleep.Measures{HeartRateMeanBPM: rate(11, "average heart rate"), HeartRateLowestBPM: rate(12, "heart rate min")}
}

// check holds a row's seconds against its bounds.
func (in *reader) check(s session.Session, name string, line int) {
	if s.Stated.TSTMin == nil || s.Stated.WakeMin == nil {
		return
	}
	if sum, bed := *s.Stated.TSTMin+*s.Stated.WakeMin, s.End.Sub(s.Start).Minutes(); sum-bed > 1 || bed-sum > 1 {
		in.report.Problems.Addf("withings-total", s.Record, "its stages and its wake add up to %.1f min, and its bounds lie %.1f apart", sum, bed).At(line).In(name).AsWarning()
	}
}
