package fitbit

import (
	"encoding/json"
	"fmt"
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

// maxFile bounds a file: a month of logs is a few megabytes.
const maxFile = 256 << 20

// Read makes nights of the sleep logs in the files, in order of their names. A
// log that cannot be used is told and left out.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	zone, err := opt.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	in := reader{report: session.Report{Vendor: "fitbit"}, wall: session.Wall{Zone: zone}, scores: map[string]*float64{}}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		if strings.HasSuffix(f.Base(), ".csv") {
			in.readScores(f.Name, b)
			continue
		}
		in.readLogs(f.Name, b)
	}
	if in.logs == 0 && in.report.Problems.Err() == nil {
		return wearable.Result{}, fault.New("fitbit-empty", "", "no sleep logs").WithHint("Takeout has them in files named sleep-….json")
	}
	for i := range in.report.Sessions {
		s := &in.report.Sessions[i]
		s.Measured.SleepScore = in.scores[strings.TrimPrefix(s.Record, "log ")]
	}
	in.wall.Warn(&in.report)
	return session.Nights(in.report, opt), nil
}

type reader struct {
	report session.Report
	wall   session.Wall
	scores map[string]*float64
	logs   int
}

// readScores takes the score of each log from Takeout's table of scores.
func (in *reader) readScores(name string, b []byte) {
	t, err := table.Read(b)
	if err != nil {
		in.report.Problems.Merge("fitbit-scores", name, err)
		return
	}
	for _, r := range t.Rows() {
		if id := r.Text("sleep log entry id"); id != "" {
			in.scores[id] = r.Number("overall score")
		}
	}
}

// readLogs takes a list of logs, or a page of the API.
func (in *reader) readLogs(name string, b []byte) {
	var logs []json.RawMessage
	if json.Unmarshal(b, &logs) != nil {
		var page struct {
			Sleep *[]json.RawMessage `json:"sleep"`
		}
		if err := json.Unmarshal(b, &page); err != nil || page.Sleep == nil {
			in.report.Problems.Addf("fitbit-json", name, "neither a list of logs nor a page of the API").WithHint("the file is not JSON, or was cut off")
			return
		}
		logs = *page.Sleep
		in.logs++ // a page without a log is an answer too
	}
	for i, raw := range logs {
		place := fmt.Sprintf("%s[%d]", name, i)
		var l log
		if err := json.Unmarshal(raw, &l); err != nil {
			in.report.Problems.Addf("fitbit-log", place, "%v", err)
			continue
		}
		in.logs++
		if s, ok := in.session(l, place); ok {
			in.report.Sessions = append(in.report.Sessions, s)
		}
	}
}

// longEnough is from what length on a main sleep is a night: Fitbit calls the
// longest sleep of a day its main one, also if it is a nap.
const longEnough = 3 * time.Hour

// session makes a session of a log.
func (in *reader) session(l log, place string) (session.Session, bool) {
	if l.LogID == "" {
		in.report.Problems.Addf("fitbit-log", place, "a log without logId cannot be told from its revisions").WithHint("the log is left out")
		return session.Session{}, false
	}
	figures, ok := session.ParseClock(l.StartTime)
	if !ok {
		in.report.Problems.Addf("fitbit-time", place, "startTime %q is not a date with a time", l.StartTime)
		return session.Session{}, false
	}
	s := session.Session{Record: "log " + string(l.LogID), Start: in.wall.At(figures, time.Time{}), Algorithm: l.Type, Epoch: 30 * time.Second}
	switch ends, ok := session.ParseClock(l.EndTime); {
	case ok:
		s.End = in.wall.At(ends, s.Start)
	case l.Duration != nil:
		s.End = s.Start.Add(time.Duration(*l.Duration) * time.Millisecond)
	default:
		in.report.Problems.Addf("fitbit-time", place, "endTime %q is not a date with a time", l.EndTime)
		return session.Session{}, false
	}
	switch l.Type {
	case "stages":
		s.Rank = 2
	default:
		s.Rank, s.Epoch = 1, time.Minute
	}
	if l.LogType == "manual" {
		s.Rank, s.Edited, s.Algorithm = 0, true, "manual"
	} else {
		in.spans(&s, l, figures)
	}
	s.Kind = wearable.Short
	if main, said := l.main(); s.End.Sub(s.Start) >= longEnough && (main || !said) {
		s.Kind = wearable.Long
	}
	s.Stated = sleep.Totals{
		TIBMin: l.InBed.value(), TSTMin: l.Asleep.value(), WakeMin: l.Awake.value(), SOLMin: l.ToSleep.value(), SEPct: l.Efficiency.value(),
		LightMin: l.minutesOf("light"), N3Min: l.minutesOf("deep"), REMMin: l.minutesOf("rem"),
	}
	return s, true
}
