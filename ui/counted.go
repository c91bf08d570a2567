package ui

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk/watch"
)

// grouped writes a number of things as a language groups its figures: 33,040. Codes,
// years and the numbers of entries are not counts.
func grouped(lang string, n int) string {
	text := strconv.Itoa(n)
	group := ","
	if lang == "sv" {
		group = "\u00a0"
	}
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + group + text[at:]
	}
	return sign + text
}

// wholeNumber takes what a template counts.
func wholeNumber(n any) int {
	switch x := n.(type) {
	case uint64:
		return int(x)
	case int64:
		return int(x)
	case int:
		return x
	}
	return 0
}

// cellOf writes a number for a cell of a table, which a file made of it and an order
// take as it is, without its groups.
func cellOf(lang string, n int) template.HTML {
	text := strconv.Itoa(n)
	if said := grouped(lang, n); said != text {
		return template.HTML(`<data value="` + text + `">` + said + `</data>`) // figures alone
	}
	return template.HTML(text) // figures alone
}

// dateOf writes a date as a language does, which a file and an order take as
// 2026-11-24.
func dateOf(lang string, d civil.Date) template.HTML {
	if d.IsZero() {
		return "–"
	}
	return template.HTML(`<data value="` + d.String() + `">` + shortDate(lang, d) + `</data>`) // figures and a month
}

// momentOf writes a point in time likewise, to the minute: 24 Nov 2026 07:42.
func momentOf(lang string, t time.Time, zone *time.Location) template.HTML {
	if t.IsZero() {
		return "–"
	}
	there := t.In(zone)
	return template.HTML(`<data value="` + moment(t, zone) + `">` + shortDate(lang, civil.DateOf(there)) + there.Format(" 15:04") + `</data>`) // figures and a month
}

// monthOf writes a month as a language does, which a file and an order take as
// 2026-09.
func monthOf(lang, month string) template.HTML {
	first, err := civil.ParseDate(month + "-01")
	if err != nil {
		return template.HTML(template.HTMLEscapeString(month)) // escaped
	}
	_, said, _ := strings.Cut(shortDate(lang, first), "\u00a0")
	return template.HTML(`<data value="` + month + `">` + said + `</data>`) // figures and a month
}

// keptOf writes what came of what was due for a cell: 12/14, or a dash.
func keptOf(lang string, k watch.Kept) template.HTML {
	if k.Due == 0 {
		return "–"
	}
	return cellOf(lang, k.Done) + "/" + cellOf(lang, k.Due)
}

// linked writes a number that leads to what it counts, for whoever may see that;
// nothing, and what nobody may see, is only told.
func linked(lang string, see bool, n int, path string) template.HTML {
	return linkedCell(see && n > 0, cellOf(lang, n), path)
}

func linkedCell(see bool, cell template.HTML, path string) template.HTML {
	if !see {
		return cell
	}
	return template.HTML(`<a href="`+template.HTMLEscapeString(path)+`">`) + cell + `</a>` // escaped
}

// address makes a path with a query from names and values in turn; what has no
// value is left out.
func address(path string, of ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(of); i += 2 {
		if of[i+1] != "" {
			q.Set(of[i], of[i+1])
		}
	}
	path, anchor, at := strings.Cut(path, "#")
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	if at {
		path += "#" + anchor
	}
	return path
}

// monthSpan gives the dates of a month written as 2026-09, as the table of people
// takes them; from the beginning if it is asked for all up to then.
func monthSpan(month string, upTo bool) string {
	first, err := civil.ParseDate(month + "-01")
	if err != nil {
		return ""
	}
	next := first.Add(31)
	return span(first, civil.On(next.Year, next.Month, 1).Add(-1), upTo)
}

// weekSpan does so for the week that begins on a Monday.
func weekSpan(begins civil.Date, upTo bool) string { return span(begins, begins.Add(6), upTo) }

func span(from, to civil.Date, upTo bool) string {
	if upTo {
		return ".." + to.String()
	}
	return from.String() + ".." + to.String()
}
