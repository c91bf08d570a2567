package ui

import (
	"net/url"
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

// Whoever holds a kit in her hand is found by its number, however it is grouped, and
// by the whole of it alone; at a site whose people the reader does not see, nobody is.
func TestAPersonIsFoundByAKit(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	kit := m.state.People["P0002"].Kits[0].Kit
	for q, want := range map[string]int{
		kit: 1, strings.ToLower(kit): 1, strings.ReplaceAll(kit, "-", ""): 1, strings.Replace(kit, "-", " ", 1): 1, kit[:len(kit)-1]: 0, kit + "9": 0, "p0002": 1, "P0001": 1,
	} {
		address := "/participants?q=" + url.QueryEscape(q)
		if got := rowsAt(t, h, address); got != want {
			t.Errorf("%q finds %d people, not %d", q, got, want)
		}
		if page := get(t, h, address, as("investigator")).Body.String(); want == 1 && q != "P0001" && !strings.Contains(page, `"/participants/P0002"`) {
			t.Errorf("%q does not find P0002", q)
		}
	}
}
