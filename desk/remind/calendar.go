package remind

import (
	"strings"
	"time"
	"unicode/utf8"

	"dvala/civil"
	"dvala/schedule"
)

// stampForm is a time in UTC as iCalendar writes it.
const stampForm = "20060102T150405Z"

// Calendar writes a person's mornings and forms as an iCalendar file (RFC 5545)
// that any calendar can take in: an event for each morning that is still to
// come, at her hour, with an alarm; and one on the day of each visit's forms.
func Calendar(trial, lang, link string, set Settings, tasks []schedule.Task, now time.Time) []byte {
	if lang != "sv" {
		lang = "en"
	}
	var b strings.Builder
	line := func(name, value string) { b.WriteString(fold(name + ":" + value)) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Dvala//"+escape(trial)+"//"+strings.ToUpper(lang))
	line("METHOD", "PUBLISH")
	for _, t := range tasks {
		at, title := t.On.At(set.Morning, set.zone()), say(lang, "calendar.title")
		switch {
		case t.Kind == schedule.Device || t.State != schedule.Scheduled && t.State != schedule.Open:
			continue
		case t.Kind == schedule.Visit:
			title = say(lang, "form.title")
		}
		if at.Before(now) {
			continue
		}
		line("BEGIN", "VEVENT")
		line("UID", uid(trial, t))
		line("DTSTAMP", now.UTC().Format(stampForm))
		line("DTSTART", at.UTC().Format(stampForm))
		line("DTEND", at.Add(10*time.Minute).UTC().Format(stampForm))
		line("SUMMARY", escape(title))
		if link != "" {
			line("URL", link)
		}
		line("BEGIN", "VALARM")
		line("ACTION", "DISPLAY")
		line("DESCRIPTION", escape(title))
		line("TRIGGER", "PT0M")
		line("END", "VALARM")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return []byte(b.String())
}

func uid(trial string, t schedule.Task) string {
	date := t.On
	if t.Date != (civil.Date{}) {
		date = t.Date
	}
	return strings.ReplaceAll(string(t.Kind)+"-"+t.Name+"-"+date.String()+"@"+trial, "--", "-")
}

// escape writes a text value as RFC 5545 §3.3.11 asks.
func escape(s string) string {
	return strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r", "", "\n", "\\n").Replace(s)
}

// fold breaks a line so that no piece is longer than 75 octets (§3.1), and
// never inside a character.
func fold(s string) string {
	const most = 75
	var b strings.Builder
	room := most
	for _, r := range s {
		if n := utf8.RuneLen(r); n > room {
			b.WriteString("\r\n ")
			room = most - 1
		}
		room -= utf8.RuneLen(r)
		b.WriteRune(r)
	}
	b.WriteString("\r\n")
	return b.String()
}
