// Package civil holds the calendar of a sleep trial: dates without a zone,
// clock times without a date, nights named by the morning they end on, and
// time zones whose rules come with the program.
//
// Instants are time.Time. A Date or a Clock is what a person reads off a wall;
// to become an instant it needs a zone, and on the two nights a year when
// clocks change that step is where mistakes are made, so it is made here only.
package civil

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
)

// Date is a day of the Gregorian calendar, in no zone. The zero Date is
// "no date". Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// On gives the date of these numbers, without checking them; ParseDate checks.
func On(year int, month time.Month, day int) Date { return Date{year, month, day} }

// ParseDate reads 2026-11-23.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1 {
		return Date{}, fault.New("date-form", "", "%q is not a date", s).WithHint("write year-month-day, as in 2026-11-23")
	}
	return DateOf(t), nil
}

// DateOf gives the date of an instant in the instant's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String gives 2026-11-23, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero says whether this is "no date".
func (d Date) IsZero() bool { return d == Date{} }

func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// Add gives the date n days later.
func (d Date) Add(n int) Date { return DateOf(d.noon().AddDate(0, 0, n)) }

// Sub gives the days from e to d.
func (d Date) Sub(e Date) int { return int(d.noon().Sub(e.noon()).Hours() / 24) }

// Compare gives -1, 0 or 1 as d is before, on or after e.
func (d Date) Compare(e Date) int { return d.noon().Compare(e.noon()) }

// Before says whether d is before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// At gives the instant at which a wall in the zone shows this date and clock
// time. In the hour that a spring change leaves out it gives the instant as
// far after the change as the clock time is after the gap's start; in the hour
// that an autumn change repeats, the first of the two.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	h, m := int(c)/60, int(c)%60
	t := time.Date(d.Year, d.Month, d.Day, h, m, 0, 0, zone)
	// Nor which side of a gap it takes: where it is the one before, the wall shows
	// less than was asked for, by as much as the gap is long.
	if short := time.Date(d.Year, d.Month, d.Day, h, m, 0, 0, time.UTC).Sub(wall(t)); short > 0 {
		return t.Add(short)
	}
	// time.Date promises neither of the two readings of a repeated time: take
	// the first. Clocks go back by an hour, or by half of one on Lord Howe.
	_, after := t.Zone()
	for _, back := range [2]time.Duration{time.Hour, 30 * time.Minute} {
		e := t.Add(-back)
		if _, before := e.Zone(); time.Duration(before-after)*time.Second == back {
			return e // its wall shows the same
		}
	}
	return t
}

// wall is what a wall in its zone shows at an instant, read as UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// Begins gives the first instant at which a wall in the zone shows this date, or a
// later one where a zone leaves the whole day out (Samoa, 30 December 2011).
func (d Date) Begins(zone *time.Location) time.Time {
	before := func(t time.Time) bool { return DateOf(t.In(zone)).Before(d) }
	t := d.At(0, zone)
	if !before(t) && before(t.Add(-time.Second)) {
		return t
	}
	const hours = 48
	from := t.Add(-hours * time.Hour).Truncate(time.Second)
	n := sort.Search(2*hours*3600, func(i int) bool { return !before(from.Add(time.Duration(i) * time.Second)) })
	return from.Add(time.Duration(n) * time.Second)
}

// MarshalText writes 2026-11-23, or nothing for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	p, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = p
	return nil
}

// Clock is a time of day in minutes after midnight, 0 … 1439.
type Clock int

// ParseClock reads 07:05 and 7:05.
func ParseClock(s string) (Clock, error) {
	h, m, ok := clockParts(s)
	if !ok {
		return 0, fault.New("clock-form", "", "%q is not a time of day", s).WithHint("write hours and minutes, as in 07:05")
	}
	return Clock(h*60 + m), nil
}

// clockParts takes hours of one or two digits, a colon and two digits apart.
func clockParts(s string) (h, m int, ok bool) {
	hours, minutes, colon := strings.Cut(s, ":")
	if !colon || len(hours) < 1 || len(hours) > 2 || len(minutes) != 2 {
		return 0, 0, false
	}
	for _, c := range hours + minutes {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
	}
	h, _ = strconv.Atoi(hours)
	m, _ = strconv.Atoi(minutes)
	return h, m, h < 24 && m < 60
}

// ClockOf gives the time of day of an instant in its own zone, seconds dropped.
func ClockOf(t time.Time) Clock { return Clock(t.Hour()*60 + t.Minute()) }

// String gives 07:05.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes 07:05.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Clock) UnmarshalText(b []byte) error {
	p, err := ParseClock(string(b))
	if err != nil {
		return err
	}
	*c = p
	return nil
}
