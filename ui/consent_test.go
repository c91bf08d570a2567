package ui

import (
	"net/http"
	"strings"
	"testing"

	"dvala/protocol"
	"dvala/study"
)

// The copy of a consent is had by who may read a person's files, as a download,
// and by nobody else; a number without one is no page.
func TestCopyOfAConsent(t *testing.T) {
	m := playground(t)
	who := m.do(study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(44), "sex": protocol.Choice("male"), "height": protocol.Number(180), "poor_sleep": protocol.Bool(true),
	}}, day(7), "")
	f := m.put("<!doctype html><title>what was signed</title>")
	m.do(study.Consent{Version: "1.0", Language: "sv", Document: &f}, day(7), who)
	h := handler(t, m)
	page := "/participants/" + string(who)
	for role, sees := range map[string]bool{"coordinator": true, "investigator": true, "monitor": true, "auditor": false, "pharmacist": false, "statistician": false, "custodian": false, "administrator": false} {
		w := get(t, h, page+"/consent/1", as(role))
		if got := w.Code == http.StatusOK && strings.Contains(w.Body.String(), "what was signed"); got != sees {
			t.Errorf("%s has the copy: %v (%d)", role, got, w.Code)
		}
		if sees && !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %v", role, w.Header())
		}
		if link := strings.Contains(get(t, h, page, as(role)).Body.String(), page+"/consent/1"); link != sees {
			t.Errorf("%s is offered the copy: %v", role, link)
		}
	}
	for _, n := range []string{"0", "2", "x"} {
		if w := get(t, h, page+"/consent/"+n, as("coordinator")); w.Code != http.StatusNotFound {
			t.Errorf("copy %s: %d", n, w.Code)
		}
	}
	if w := get(t, h, "/participants/P0002/consent/1", as("coordinator")); w.Code != http.StatusNotFound {
		t.Errorf("a consent without a copy: %d", w.Code)
	}
}
