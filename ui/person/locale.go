package person

import (
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// languages are those that participants read, the first being the one for
// whoever reads none of them.
var languages = []string{"en", "sv"}

var weekdays = map[string][7]string{
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	"sv": {"söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"},
}

var monthNames = map[string][12]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"sv": {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
}

// longDate names a date as one says it: Tuesday 24 November, tisdag 24 november.
func longDate(lang string, d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	return weekdays[lang][d.Weekday()] + " " + strconv.Itoa(d.Day) + " " + monthNames[lang][d.Month-1]
}

// fullDate names a date with its year.
func fullDate(lang string, d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	return strconv.Itoa(d.Day) + " " + monthNames[lang][d.Month-1] + " " + strconv.Itoa(d.Year)
}

// clockTime gives the time of day, in 24 hours in both languages.
func clockTime(at time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("15:04")
}

// decimal writes a number with the language's decimal mark and a true minus.
func decimal(lang string, v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if lang == "sv" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return strings.Replace(s, "-", "−", 1)
}

// darkFrom and darkTo are the hours in which pages are dark whatever the
// system says.
const (
	darkFrom civil.Clock = 20 * 60
	darkTo   civil.Clock = 9 * 60
)

// isDark says whether it is late or early where the person is.
func isDark(at time.Time, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	c := civil.ClockOf(at.In(zone))
	return c >= darkFrom || c < darkTo
}

// wordsOf is the language of what a protocol has in one language: English, or
// that of a trial that is told in no other.
func wordsOf(p protocol.Protocol) string {
	if len(p.Languages) == 1 {
		return string(p.Languages[0])
	}
	return "en"
}
