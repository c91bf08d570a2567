package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dvala/desk"
)

// A dose that came without its units is counted on the first page, mended and
// filed with a reason, once; what is set aside stays to be seen.
func TestHeldIsMendedAndFiled(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	pending := h.(chosen).people
	hold := func(key, data string) string {
		must(pending.Hold(t.Context(), desk.Held{
			Came: day(12), Account: "P0002", Subject: "P0002", Key: key, Fault: "command-form units",
			Body: `{"key":"` + key + `","made":"2026-03-12T20:00:00Z","zone":"Europe/Stockholm","do":"take-dose","data":` + data + `}`,
		}))
		return key
	}
	hold("k1", `{"date":"2026-03-12","unit":2}`)
	hold("k2", `"not even an object"`)
	coord := as("coordinator")
	if page := get(t, h, "/", coord).Body.String(); !strings.Contains(page, "<b>2</b> held, could not be filed") {
		t.Error("the first page does not count what is held")
	}
	before := m.log.Size()
	w := post(t, h, "/held", url.Values{"held": {"1"}, "do": {"file"}, "reason": {"as it came"}, "data": {`{"date":"2026-03-12","unit":2}`}}, coord)
	if w.Code != http.StatusUnprocessableEntity || m.log.Size() != before || !strings.Contains(w.Body.String(), "Not saved yet.") {
		t.Errorf("unmended: %d", w.Code)
	}
	w = post(t, h, "/held", url.Values{"held": {"1"}, "do": {"file"}, "data": {`{"date":"2026-03-12","units":2}`}}, coord)
	if w.Code != http.StatusUnprocessableEntity || m.log.Size() != before {
		t.Errorf("without a reason: %d", w.Code)
	}
	w = post(t, h, "/held", url.Values{"held": {"1"}, "do": {"file"}, "reason": {"she told by telephone"}, "data": {`{"date":"2026-03-12","units":2}`}}, coord)
	if w.Code != http.StatusSeeOther || m.log.Size() != before+3 { // that it was held, what it is filed as, and that it is settled
		t.Errorf("mended: %d\n%s", w.Code, w.Body)
	}
	if d, ok := m.state.People["P0002"].Doses[date(10)]; !ok {
		t.Errorf("the dose of %s is not there: %v", date(10), d)
	}
	if w = post(t, h, "/held", url.Values{"held": {"2"}, "do": {"discard"}, "reason": {"nobody can read it"}}, coord); w.Code != http.StatusSeeOther {
		t.Errorf("discard: %d\n%s", w.Code, w.Body)
	}
	if page := get(t, h, "/held", coord).Body.String(); !strings.Contains(page, "nobody can read it") || !strings.Contains(page, "she told by telephone") || !strings.Contains(page, "Nothing waits.") {
		t.Errorf("what was settled is not there\n%s", page)
	}
	if w := get(t, h, "/held", as("statistician")); w.Code != http.StatusForbidden {
		t.Errorf("a statistician: %d", w.Code)
	}
}
