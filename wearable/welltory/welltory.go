// Package welltory reads the table of nights that Welltory, which gathers other
// vendors' data, has published of ten people: a row a night, with its bounds,
// totals in seconds and pulse.
//
//	"user_code","day","sleep_begin","sleep_end","sleep_duration","sleep_awake_duration","sleep_rem_duration",…
//	"0d297d2410","2020-01-01","2020-01-01 04:13:41","2020-01-01 09:45:02","19881.000","","",…
//
// There are totals and no stages in time: a night has Stated totals and its
// bounds, and no hypnogram. Several people stand in one file; the nights of each
// are made apart, and the person's code is the night's scorer. Which device
// measured is not told.
package welltory

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

const maxFile = 64 << 20

// Recognise says whether a file is such a table, by its heading.
func Recognise(head []byte, name string) bool {
	line, _, _ := strings.Cut(string(head), "\n")
	return strings.Contains(line, "user_code") && strings.Contains(line, "sleep_begin") && strings.Contains(line, "sleep_duration")
}

// Read makes nights of the files, person by person in the order of their codes.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	zone, err := opt.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	people := map[string]*reader{}
	var codes []string
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		t, err := table.Read(b)
		if err != nil {
			return wearable.Result{}, err
		}
		for _, r := range t.Rows() {
			code := r.Text("user code")
			if people[code] == nil {
				people[code] = &reader{report: session.Report{Vendor: "welltory"}, wall: session.Wall{Zone: zone}}
				codes = append(codes, code)
			}
			people[code].row(r, f.Name)
		}
	}
	if len(codes) == 0 {
		return wearable.Result{}, fault.New("welltory-empty", "", "no rows")
	}
	slices.Sort(codes)
	var out wearable.Result
	for i, code := range codes {
		in := people[code]
		if i == 0 {
			in.wall.Warn(&in.report) // once is enough
		}
		made := session.Nights(in.report, opt)
		for _, n := range made.Nights {
			n.Source.Scorer = code
			out.Nights = append(out.Nights, n)
		}
		out.Decisions = append(out.Decisions, made.Decisions...)
		out.Warnings = append(out.Warnings, made.Warnings...)
	}
	return out, nil
}

type reader struct {
	report session.Report
	wall   session.Wall
}

// seconds gives a column of seconds in minutes.
func seconds(r table.Row, column string) *float64 {
	x := r.Number(column)
	if x == nil {
		return nil
	}
	minutes := *x / 60
	return &minutes
}

func (in *reader) row(r table.Row, file string) {
	begin, end := r.Text("sleep begin"), r.Text("sleep end")
	from, ok1 := in.wall.Read(begin, time.Time{})
	to, ok2 := in.wall.Read(end, from)
	if !ok1 || !ok2 || !from.Before(to) {
		in.report.Problems.Addf("welltory-time", "sleep_begin", "%.40q to %.40q is no sleep", begin, end).At(r.Line).In(file).WithHint("the row is left out").AsWarning()
		return
	}
	s := session.Session{Record: "sleep " + begin, Kind: wearable.Long, Start: from, End: to}
	if to.Sub(from) < 3*time.Hour {
		s.Kind = wearable.Short
	}
	bed := to.Sub(from).Minutes()
	s.Stated = sleep.Totals{
		TIBMin: &bed, TSTMin: seconds(r, "sleep duration"), WakeMin: seconds(r, "sleep awake duration"),
		LightMin: seconds(r, "sleep light duration"), N3Min: seconds(r, "sleep deep duration"), REMMin: seconds(r, "sleep rem duration"),
	}
	s.Measured = sleep.Measures{HeartRateMeanBPM: r.Number("pulse average"), HeartRateLowestBPM: r.Number("pulse min")}
	in.check(s, r.Line, file)
	in.report.Sessions = append(in.report.Sessions, s)
}

// check holds a row's stages against its duration.
func (in *reader) check(s session.Session, line int, file string) {
	t := s.Stated
	if t.TSTMin == nil {
		return
	}
	const rounding = 2.5
	if t.LightMin != nil && t.N3Min != nil && t.REMMin != nil {
		if d := *t.LightMin + *t.N3Min + *t.REMMin - *t.TSTMin; d > rounding || d < -rounding {
			in.report.Problems.Addf("welltory-total", s.Record, "the stages are %.0f min more than the %.0f min asleep", d, *t.TSTMin).At(line).In(file).AsWarning()
		}
	}
	if *t.TSTMin > *t.TIBMin+rounding {
		in.report.Problems.Addf("welltory-bounds", s.Record, "%.0f min asleep do not fit into %.0f min", *t.TSTMin, *t.TIBMin).At(line).In(file).AsWarning()
	}
}
