package garmin

import (
	"slices"
	"strings"
	"time"

	"dvala/wearable/session"
)

// summary makes a session of a sleep of the Health API.
func (in *reader) summary(h summary) {
	if h.Start == nil || h.Duration == nil || !(*h.Start > 0 && *h.Start < 1<<40) || !(*h.Duration > 0 && *h.Duration < 1<<20) {
		in.nothing(h.Date)
		return
	}
	zone, told := time.UTC, false
	if h.Offset != nil && *h.Offset > -18*3600 && *h.Offset < 18*3600 {
		zone, told = time.FixedZone("", int(*h.Offset)/60*60), true
	}
	at := func(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)).In(zone) }
	s := session.Session{Record: h.ID, Start: at(*h.Start), End: at(*h.Start + *h.Duration)}
	if s.Record == "" {
		s.Record = s.Start.UTC().Format(time.RFC3339)
	}
	for _, name := range []string{"light", "deep", "rem", "awake"} {
		for _, v := range h.Map[name] {
			if v.From == nil || v.To == nil || !(*v.From > 0 && *v.From < *v.To && *v.To < 1<<40) {
				continue
			}
			s.Spans = append(s.Spans, session.Span{From: at(*v.From), To: at(*v.To), Stage: LevelNames[name]})
		}
	}
	slices.SortStableFunc(s.Spans, func(a, b session.Span) int { return a.From.Compare(b.From) })
	if strings.Contains(h.Validation, "FINAL") {
		s.Rank = 1
	}
	s.Edited = strings.Contains(h.Validation, "MANUAL")
	if len(s.Spans) > 0 {
		s.Rank += 2
	}
	s.Algorithm = strings.ToLower(h.Validation)
	s.Stated = totals(h.Deep, h.Light, h.REM, h.Awake, nil, s.End.Sub(s.Start))
	if h.Score != nil {
		s.Measured.SleepScore = h.Score.Value
	}
	in.add(s, h.Date, told)
	in.check(s, first(h.Unmeasurable, h.Unmeasured))
}
