package session

import (
	"time"

	"dvala/fault"
)

// Wall reads clock times that carry no offset.
type Wall struct {
	Zone    *time.Location // nil: unknown, and then UTC stands in for it
	Guessed bool           // a time was read in the stand-in
}

// layouts are the ways in which exports write a date with a time of day.
var layouts = []string{
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02 3:04:05 PM", "2006-01-02 3:04PM", "2006-01-02 3:04 PM",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02/01/2006 15:04:05", "02/01/2006 15:04",
}

// ParseClock reads the figures of a date and time of day; the zone of the
// result is UTC and means nothing. A fraction of a second is taken. Days stand
// before months where slashes or dots part them.
func ParseClock(s string) (time.Time, bool) {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil && t.Year() >= 2000 && t.Year() <= 2999 {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseInstant reads a time with an offset, RFC 3339 or with a space and
// without a colon, and keeps the offset as its zone.
func ParseInstant(s string) (time.Time, bool) {
	for _, l := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00"} {
		if t, err := time.Parse(l, s); err == nil && t.Year() >= 2000 && t.Year() <= 2999 {
			_, offset := t.Zone()
			if offset%60 != 0 || offset < -18*3600 || offset > 18*3600 {
				return time.Time{}, false
			}
			return t.In(time.FixedZone("", offset)), true
		}
	}
	return time.Time{}, false
}

// At gives the instant of clock figures. Of a clock time that an autumn change
// repeats it is the first reading that is not before the instant given; a clock
// time that a spring change leaves out is as far after the change as it is into
// the gap.
func (w *Wall) At(figures, notBefore time.Time) time.Time {
	zone := w.Zone
	if zone == nil {
		w.Guessed, zone = true, time.UTC
	}
	t := time.Date(figures.Year(), figures.Month(), figures.Day(), figures.Hour(), figures.Minute(), figures.Second(), figures.Nanosecond(), zone)
	first, last := t, t
	for _, d := range []time.Duration{time.Hour, 30 * time.Minute} {
		if e := t.Add(-d); same(e, t) {
			first = e
		}
		if e := t.Add(d); same(e, t) {
			last = e
		}
	}
	if first.Before(notBefore) && !last.Before(notBefore) {
		return last
	}
	return first
}

// same says whether a clock on the wall shows the same at both.
func same(a, b time.Time) bool {
	const wall = "2006-01-02T15:04:05.999999999"
	return a.Format(wall) == b.Format(wall)
}

// Read reads a time with or without an offset. One with an offset is told in
// the zone, if there is one.
func (w *Wall) Read(s string, notBefore time.Time) (time.Time, bool) {
	if t, ok := ParseInstant(s); ok {
		if w.Zone != nil {
			t = t.In(w.Zone)
		}
		return t, true
	}
	if t, ok := ParseClock(s); ok {
		return w.At(t, notBefore), true
	}
	return time.Time{}, false
}

// Warn adds to a report that its times were read without knowing their zone.
func (w *Wall) Warn(r *Report) {
	if !w.Guessed {
		return
	}
	r.Problems.Addf(fault.Code(r.Vendor+"-zone"), "", "times carry no offset from UTC; their clock is taken for that of UTC").
		WithHint("--zone Europe/Stockholm says whose clock it was; without it nights are right by the clock, and lengths are wrong by an hour where clocks changed").AsWarning()
}
