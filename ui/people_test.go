package ui

import (
	"strings"
	"testing"

	"dvala/protocol"
	"dvala/study"
)

// A long table of people comes in pages: each person stands on one of them, and
// the file has them all.
func TestPeopleInPages(t *testing.T) {
	m := playground(t)
	for len(m.state.Order) < 2*peopleRows+3 {
		m.do(study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(40), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, day(13), "")
	}
	h := handler(t, m)
	seen := map[string]int{}
	for path, want := range map[string]struct {
		rows         int
		before, next bool
	}{
		"/participants":           {peopleRows, false, true},
		"/participants?from=500":  {peopleRows, true, true},
		"/participants?from=1000": {3, true, false},
		"/participants?from=-5&x": {peopleRows, false, true},
		"/participants?from=9999": {0, true, false},
	} {
		w := get(t, h, path, as("coordinator"))
		body := w.Body.String()
		rows := strings.Count(body, `<th scope="row">`)
		if rows != want.rows || strings.Contains(body, `rel="prev"`) != want.before || strings.Contains(body, `rel="next"`) != want.next {
			t.Errorf("%s: %d rows", path, rows)
		}
		if path == "/participants" || strings.HasSuffix(path, "00") {
			for _, who := range m.state.Order {
				seen[string(who)] += strings.Count(body, `href="/participants/`+string(who)+`"`)
			}
		}
	}
	for _, who := range m.state.Order {
		if seen[string(who)] != 1 {
			t.Errorf("%s stands in %d places", who, seen[string(who)])
		}
	}
	if n := strings.Count(get(t, h, "/participants.csv", as("coordinator")).Body.String(), "\n"); n != len(m.state.Order)+1 {
		t.Errorf("the file has %d lines", n)
	}
}
