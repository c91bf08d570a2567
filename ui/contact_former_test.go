package ui

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// What is known of somebody is changed by who has read it as it stands, with a
// reason, and what stood there before is kept.
func TestWhoSheWas(t *testing.T) {
	h, _ := built(t, playground(t), house{book: named})
	coord := as("coordinator")
	const page = "/participants/P0002/contact"
	version := func() string {
		t.Helper()
		m := regexp.MustCompile(`name="version" value="([0-9a-f]*)"`).FindStringSubmatch(get(t, h, page, coord).Body.String())
		if m == nil {
			t.Fatal("the form carries no version")
		}
		return m[1]
	}
	if w := post(t, h, page, url.Values{"version": {version()}, "name": {"Astrid Ek"}}, coord); w.Code != http.StatusSeeOther {
		t.Fatalf("the first: %d", w.Code)
	}
	read := version()
	if w := post(t, h, page, url.Values{"version": {read}, "name": {"Astrid Zetterkvist"}}, coord); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "A reason is needed.") {
		t.Errorf("without a reason: %d", w.Code)
	}
	if w := post(t, h, page, url.Values{"version": {read}, "name": {"Astrid Zetterkvist"}, "reason": {"she married"}}, coord); w.Code != http.StatusSeeOther {
		t.Errorf("with one: %d", w.Code)
	}
	w := post(t, h, page, url.Values{"version": {read}, "name": {"Astrid Eek"}, "phone": {"070-1"}, "reason": {"misspelt"}}, as("investigator"))
	if body := w.Body.String(); w.Code != http.StatusPreconditionFailed || !strings.Contains(body, `value="Astrid Zetterkvist"`) || !strings.Contains(body, "Astrid Eek") || !strings.Contains(body, "Somebody else has changed this") {
		t.Errorf("what was changed since: %d\n%s", w.Code, body)
	}
	body := get(t, h, page+"?before", coord).Body.String()
	if !strings.Contains(body, "<dd>Astrid Ek</dd>") || !strings.Contains(body, "she married") {
		t.Errorf("before: %s", body)
	}
	if w := get(t, h, page+"?before", as("monitor")); w.Code != http.StatusForbidden {
		t.Errorf("a monitor reads what was known before: %d", w.Code)
	}
}
