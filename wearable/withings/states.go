package withings

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"dvala/sleep"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

// device is one source of states.
type device struct {
	name  string // bed, tracker, sleep-monitor
	rank  int    // of equals, the higher counts
	spans []session.Span
}

// maxCodes bounds a row: a week of minutes.
const maxCodes = 7 * 24 * 60

// readStates reads a table of states.
func (in *reader) readStates(name, base string, t *table.Table) {
	d := device{name: strings.TrimSuffix(strings.TrimPrefix(base, "raw_"), "_sleep-state.csv"), rank: 1}
	codes := States
	switch d.name {
	case "bed":
		d.rank = 2
	case "sleep-monitor":
		codes = monitorStates
	}
	unknown := 0
	for _, r := range t.Rows() {
		in.rows++
		from, ok := in.wall.Read(r.Text("start"), time.Time{})
		seconds, ok1 := numbers(r.Text("duration"))
		values, ok2 := numbers(r.Text("value"))
		if !ok || !ok1 || !ok2 || len(seconds) != len(values) {
			in.report.Problems.Addf("withings-state", "", "no start with as many durations as values").At(r.Line).In(name).WithHint("the row is left out")
			continue
		}
		for i, s := range seconds {
			if !(s > 0 && s <= sleep.MaxLength.Seconds()) {
				continue
			}
			to := from.Add(time.Duration(s * float64(time.Second)))
			stage, known := codes[int(values[i])]
			if !known || values[i] != math.Trunc(values[i]) {
				unknown++
				stage = sleep.Unscored
			}
			d.spans = append(d.spans, session.Span{From: from, To: to, Stage: stage})
			from = to
		}
	}
	if unknown > 0 {
		in.report.Problems.Addf("withings-state", name, "%d states have codes that are not known; they are unscored", unknown).AsWarning()
	}
	slices.SortStableFunc(d.spans, func(a, b session.Span) int { return a.From.Compare(b.From) })
	in.devices = append(in.devices, d)
}

// numbers reads a list as in [60,120], or one number.
func numbers(s string) ([]float64, bool) {
	var list []float64
	if json.Unmarshal([]byte(s), &list) == nil && list != nil {
		return list, len(list) > 0 && len(list) <= maxCodes
	}
	if v := table.Number(s); v != nil {
		return []float64{*v}, true
	}
	return nil, false
}

// within gives the spans of a device that touch a time, cut to it, and how much
// of it they cover.
func (d device) within(from, to time.Time) ([]session.Span, time.Duration) {
	var out []session.Span
	covered := time.Duration(0)
	// No span is longer than MaxLength, so none that begins earlier can reach.
	i, _ := slices.BinarySearchFunc(d.spans, from.Add(-sleep.MaxLength), func(s session.Span, t time.Time) int { return s.From.Compare(t) })
	for ; i < len(d.spans) && d.spans[i].From.Before(to); i++ {
		s := d.spans[i]
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.To.After(s.From) {
			out = append(out, s)
			covered += s.To.Sub(s.From)
		}
	}
	return out, covered
}

// apart is how far states may lie from each other and be one sleep.
const apart = time.Hour

// alone gives the sleeps of a device that no row of sleep.csv touches.
func (d device) alone(rows []session.Session) []session.Session {
	var out []session.Session
	for i := 0; i < len(d.spans); {
		end, j := d.spans[i].To, i+1
		for j < len(d.spans) && d.spans[j].From.Sub(end) <= apart && d.spans[j].To.Sub(d.spans[i].From) <= sleep.MaxLength {
			if d.spans[j].To.After(end) {
				end = d.spans[j].To
			}
			j++
		}
		s := session.Session{Record: d.name + " " + d.spans[i].From.UTC().Format(time.RFC3339), Start: d.spans[i].From, End: end, Spans: d.spans[i:j:j], Rank: 1 + d.rank, Model: d.name}
		i = j
		if !slices.ContainsFunc(rows, func(r session.Session) bool { return r.Start.Before(s.End) && s.Start.Before(r.End) }) {
			out = append(out, s)
		}
	}
	return out
}
