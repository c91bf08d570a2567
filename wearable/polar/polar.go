// Package polar reads nights as Polar's AccessLink API gives them, one or many:
//
//	{"nights": [{"date": "2026-11-23", "sleep_start_time": "2026-11-22T23:10:00+01:00", "sleep_end_time": "2026-11-23T06:50:00+01:00",
//	  "light_sleep": 14400, "deep_sleep": 5400, "rem_sleep": 5400, "unrecognized_sleep_stage": 0, "total_interruption_duration": 2400,
//	  "hypnogram": {"23:10": 0, "23:21": 2, "23:40": 4, …}, "heart_rate_samples": {"23:10": 61, …}}]}
//
// A hypnogram names the clock time at which a stage begins; it lasts until the
// next. 0 is wake, 1 REM, 2 and 3 lighter and light non-REM, 4 deep, 5 not
// recognised. 2 and 3 are both L: which of them would be N1 is not said. Times
// are clock times of the night's own offset at its start; in the night in
// autumn whose hour comes twice one of the two is lost in the source itself.
package polar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
)

// Stages is what the codes of a hypnogram mean; others, and 5, are unscored.
var Stages = map[int]sleep.Stage{0: sleep.W, 1: sleep.R, 2: sleep.Light, 3: sleep.Light, 4: sleep.N3}

// maxFile bounds a file: a year of nights is a few megabytes.
const maxFile = 64 << 20

// night is one night of the API. Durations are in seconds.
type night struct {
	Date         civil.Date         `json:"date"`
	Start        string             `json:"sleep_start_time"`
	End          string             `json:"sleep_end_time"`
	Device       string             `json:"device_id"`
	Light        *float64           `json:"light_sleep"`
	Deep         *float64           `json:"deep_sleep"`
	REM          *float64           `json:"rem_sleep"`
	Unrecognised *float64           `json:"unrecognized_sleep_stage"`
	Interrupted  *float64           `json:"total_interruption_duration"`
	Score        *float64           `json:"sleep_score"`
	Hypnogram    map[string]int     `json:"hypnogram"`
	HeartRate    map[string]float64 `json:"heart_rate_samples"`
}

// Recognise says whether a file holds nights of AccessLink, by its first bytes.
func Recognise(head []byte, _ string) bool {
	s := string(head)
	return strings.Contains(s, `"sleep_start_time"`) && (strings.Contains(s, `"polar_user"`) || strings.Contains(s, `"light_sleep"`) || strings.Contains(s, `"hypnogram"`))
}

// Read makes nights of the files, in order of their names.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	zone, err := opt.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	in := reader{report: session.Report{Vendor: "polar"}, wall: session.Wall{Zone: zone}}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		in.file(f.Name, b)
	}
	if len(in.report.Sessions) == 0 && in.report.Problems.Err() == nil {
		return wearable.Result{}, fault.New("polar-empty", "", "no nights")
	}
	in.wall.Warn(&in.report)
	return session.Nights(in.report, opt), nil
}

type reader struct {
	report session.Report
	wall   session.Wall
}

// file takes {"nights": […]}, a list of nights, or one.
func (in *reader) file(name string, b []byte) {
	var nights []json.RawMessage
	if json.Unmarshal(b, &nights) != nil {
		var page struct {
			Nights []json.RawMessage `json:"nights"`
		}
		if err := json.Unmarshal(b, &page); err != nil {
			in.report.Problems.Addf("polar-json", name, "%v", err).WithHint("the file is not JSON, or was cut off")
			return
		}
		nights = page.Nights
		if nights == nil {
			nights = []json.RawMessage{b}
		}
	}
	for i, raw := range nights {
		place := fmt.Sprintf("%s[%d]", name, i)
		var n night
		if err := json.Unmarshal(raw, &n); err != nil {
			in.report.Problems.Addf("polar-night", place, "%v", err)
			continue
		}
		in.night(n, place)
	}
}

// longEnough is from what length on a sleep is a night's.
const longEnough = 3 * time.Hour

func (in *reader) night(n night, place string) {
	from, ok1 := in.wall.Read(n.Start, time.Time{})
	to, ok2 := in.wall.Read(n.End, from)
	if !ok1 || !ok2 {
		in.report.Problems.Addf("polar-time", place, "%q to %q are no times", n.Start, n.End).WithHint("the night is left out")
		return
	}
	s := session.Session{Record: "night " + from.UTC().Format(time.RFC3339), Start: from, End: to, Model: n.Device}
	if to.Sub(from) >= longEnough {
		s.Kind = wearable.Long
	}
	in.spans(&s, n)
	tib := to.Sub(from).Minutes()
	s.Stated = sleep.Totals{TIBMin: &tib, LightMin: minutes(n.Light), N3Min: minutes(n.Deep), REMMin: minutes(n.REM), WakeMin: minutes(n.Interrupted)}
	if n.Light != nil && n.Deep != nil && n.REM != nil && (n.Unrecognised == nil || *n.Unrecognised == 0) {
		tst := *s.Stated.LightMin + *s.Stated.N3Min + *s.Stated.REMMin
		s.Stated.TSTMin = &tst
	}
	s.Measured.SleepScore = n.Score
	s.Measured.HeartRateMeanBPM, s.Measured.HeartRateLowestBPM = rates(n.HeartRate)
	in.report.Sessions = append(in.report.Sessions, s)
}

// spans lays the stages out, each from its clock time to the next one's. Polar's
// clock is that of the start, so what lies between is time elapsed.
func (in *reader) spans(s *session.Session, n night) {
	type change struct {
		at    time.Time
		stage sleep.Stage
	}
	var changes []change
	bad := 0
	begun, _ := time.Parse("15:04", clockOf(n.Start)) // of the text, in the offset it is written with
	for clock, code := range n.Hypnogram {
		c, err := time.Parse("15:04", clock)
		if _, known := Stages[code]; err != nil || !known && code != 5 {
			bad++
		}
		if err != nil {
			continue
		}
		after := c.Sub(begun)
		if after < 0 {
			after += 24 * time.Hour
		}
		changes = append(changes, change{s.Start.Truncate(time.Minute).Add(after), Stages[code]})
	}
	slices.SortFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
	for i, c := range changes {
		end := s.End
		if i+1 < len(changes) {
			end = changes[i+1].at
		}
		if end.After(c.at) {
			s.Spans = append(s.Spans, session.Span{From: c.at, To: end, Stage: c.stage})
		}
	}
	if bad > 0 {
		in.report.Problems.Addf("polar-hypnogram", s.Record, "%d stages have a time or a code that is not known; they are unscored or left out", bad).AsWarning()
	}
}

// clockOf gives the hours and minutes of a date with a time of day.
func clockOf(s string) string {
	if i := strings.IndexAny(s, "T "); i >= 0 && len(s) >= i+6 {
		return s[i+1 : i+6]
	}
	return ""
}

// rates gives mean and lowest of what is a heart rate.
func rates(samples map[string]float64) (mean, lowest *float64) {
	var values []float64
	for _, v := range samples {
		if v > 20 && v < 250 {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil, nil
	}
	slices.Sort(values) // so that the sum has one order
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	sum /= float64(len(values))
	return &sum, &values[0]
}

func minutes(seconds *float64) *float64 {
	if seconds == nil {
		return nil
	}
	v := *seconds / 60
	return &v
}
