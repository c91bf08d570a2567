package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dvala/desk/access"
)

// Who somebody is stands on one page only, for those who may, and each look is
// on the access log.
func TestWhoSheIs(t *testing.T) {
	h, _ := built(t, playground(t), house{book: named})
	coord := as("coordinator")
	const page = "/participants/P0002/contact"
	looks := func() int {
		n := 0
		for _, e := range must(h.(chosen).people.LogEntries(t.Context(), 1, 1000)) {
			if e.What == access.LogIdentityShown && e.Account == "P0002" {
				n++
			}
		}
		return n
	}
	w := post(t, h, page, url.Values{"name": {"Astrid Ek"}, "mail": {"not an address"}, "channel": {"mail"}}, coord)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="Astrid Ek"`) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	w = post(t, h, page, url.Values{"name": {"Astrid Ek"}, "mail": {"astrid@example.org"}, "channel": {"mail"}}, coord)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	before := looks()
	if body := get(t, h, page, coord).Body.String(); !strings.Contains(body, "astrid@example.org") {
		t.Errorf("it was not kept\n%s", body)
	}
	if looks() != before+1 {
		t.Errorf("%d looks, and %d after one more", before, looks())
	}
	for _, who := range []string{"monitor", "statistician", "custodian", "pharmacist", "auditor", "administrator"} {
		if w := get(t, h, page, as(who)); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "Astrid") {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
	for _, other := range []string{"/", "/participants/P0002", "/participants/P0002/timeline", "/ledger"} {
		if strings.Contains(get(t, h, other, as("investigator")).Body.String(), "Astrid") {
			t.Errorf("%s names her", other)
		}
	}
	if w := post(t, h, "/participants/P0002/erase", url.Values{"reason": {"she asked"}}, coord); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("erased without a tick: %d", w.Code)
	}
}
