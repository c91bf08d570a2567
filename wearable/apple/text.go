package apple

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text gives what a value says: its references resolved and its white space
// made spaces, as XML has it. A reference to an entity that XML does not itself
// define is not expanded; ok is then false.
func text(value []byte) (s string, ok bool) {
	if bytes.IndexByte(value, '&') < 0 && !bytes.ContainsAny(value, "\t\r\n") {
		return strings.ToValidUTF8(string(value), "\ufffd"), true
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '\r':
			if i+1 < len(value) && value[i+1] == '\n' {
				i++
			}
			out = append(out, ' ')
		case '\n', '\t':
			out = append(out, ' ')
		case '&':
			n := bytes.IndexByte(value[i:], ';')
			if n < 0 {
				return "", false
			}
			r, known := reference(string(value[i+1 : i+n]))
			if !known {
				return "", false
			}
			out = utf8.AppendRune(out, r)
			i += n
		default:
			out = append(out, c)
		}
	}
	return strings.ToValidUTF8(string(out), "\ufffd"), true
}

// reference resolves what stands between & and ;.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numbered := strings.CutPrefix(name, "#")
	if !numbered {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}

// instant is a time to the second and the offset it was written with.
type instant struct {
	unix   int64
	offset int16 // minutes east of UTC
}

// parseInstant reads 2026-11-22 23:10:30 +0100, and nothing else.
func parseInstant(b []byte) (instant, bool) {
	if len(b) != 25 || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' || b[19] != ' ' {
		return instant{}, false
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	hour, ok4 := digits(b[11:13])
	minute, ok5 := digits(b[14:16])
	second, ok6 := digits(b[17:19])
	east, ok7 := digits(b[21:23])
	part, ok8 := digits(b[23:25])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7 && ok8) || year < 2000 || year > 2999 ||
		month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 || east > 18 || part > 59 {
		return instant{}, false
	}
	offset := east*60 + part
	switch b[20] {
	case '-':
		offset = -offset
	case '+':
	default:
		return instant{}, false
	}
	days := daysSince1970(year, month, day)
	return instant{int64(days)*86400 + int64(hour*3600+minute*60+second-offset*60), int16(offset)}, true
}

func digits(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar: years begin in March, so
// that the leap day is the last of its year.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}

// in gives the time in a zone.
func (i instant) in(zone *time.Location) time.Time { return time.Unix(i.unix, 0).In(zone) }

// fixed gives the zone the instant was written in.
func (i instant) fixed() *time.Location { return time.FixedZone("", int(i.offset)*60) }
