package fitbit

import (
	"strings"
	"time"

	"dvala/sleep"
	"dvala/wearable/session"
)

// spans lays the levels of a log, then the short wakes, into the session, and
// moves its end to theirs if they run past it.
func (in *reader) spans(s *session.Session, l log, start time.Time) {
	if l.Levels == nil {
		for i, m := range l.MinuteData {
			from := s.Start.Add(time.Duration(i) * time.Minute)
			s.Spans = append(s.Spans, session.Span{From: from, To: from.Add(time.Minute), Stage: minuteValues[string(m.Value)]})
		}
		in.limit(s)
		return
	}
	elapsed := in.read(s, l.Levels.Data, func(figures, _ time.Time) time.Time { return s.Start.Add(figures.Sub(start)) })
	spans, place := elapsed, func(figures, _ time.Time) time.Time { return s.Start.Add(figures.Sub(start)) }
	if byClock := in.read(s, l.Levels.Data, in.wall.At); misfit(byClock) < misfit(elapsed) {
		spans, place = byClock, in.wall.At
	}
	s.Spans = append(spans, in.read(s, l.Levels.ShortData, place)...)
	in.unknown(s.Record, l.Levels)
	in.limit(s)
}

// read places levels in time, each not before the one before it where the clock
// leaves a choice.
func (in *reader) read(s *session.Session, levels []level, place func(figures, notBefore time.Time) time.Time) []session.Span {
	var out []session.Span
	before := s.Start
	for _, v := range levels {
		figures, ok := session.ParseClock(v.DateTime)
		if !ok || v.Seconds == nil || !(*v.Seconds > 0 && *v.Seconds <= figure(sleep.MaxLength/time.Second)) {
			continue
		}
		from := place(figures, before)
		before = from.Add(time.Duration(float64(*v.Seconds) * float64(time.Second)))
		out = append(out, session.Span{From: from, To: before, Stage: Levels[strings.ToLower(v.Level)]})
	}
	return out
}

// misfit adds up what lies between each span and the next.
func misfit(spans []session.Span) time.Duration {
	var sum time.Duration
	for i := 1; i < len(spans); i++ {
		sum += spans[i].From.Sub(spans[i-1].To).Abs()
	}
	return sum
}

// limit moves the end of a session to that of what was staged, if that is
// later; a session of more than two days is refused where nights are made.
func (in *reader) limit(s *session.Session) {
	for _, span := range s.Spans {
		if span.Stage != sleep.Unscored && span.To.After(s.End) {
			s.End = span.To
		}
	}
}

// unknown tells of levels and times that mean nothing here. Fitbit's own
// "unknown" is unscored without a word.
func (in *reader) unknown(record string, l *levels) {
	names, times := 0, 0
	for _, v := range append(append([]level{}, l.Data...), l.ShortData...) {
		if _, ok := Levels[strings.ToLower(v.Level)]; !ok && strings.ToLower(v.Level) != "unknown" {
			names++
		}
		if _, ok := session.ParseClock(v.DateTime); !ok || v.Seconds == nil || *v.Seconds < 0 || *v.Seconds > figure(sleep.MaxLength/time.Second) {
			times++
		}
	}
	if names > 0 {
		in.report.Problems.Addf("fitbit-level", record, "%d levels have names that are not known; they are unscored", names).AsWarning()
	}
	if times > 0 {
		in.report.Problems.Addf("fitbit-level", record, "%d levels have no time or length; they are left out", times).AsWarning()
	}
}
