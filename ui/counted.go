package ui

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"dvala/civil"
)

// linked writes a number that leads to what it counts, for whoever may see that;
// nothing, and what nobody may see, is only told.
func linked(see bool, n int, path string) template.HTML {
	return linkedText(see && n > 0, strconv.Itoa(n), path)
}

func linkedText(see bool, text, path string) template.HTML {
	text = template.HTMLEscapeString(text)
	if !see {
		return template.HTML(text) // escaped above
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(path) + `">` + text + `</a>`) // both are escaped
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
