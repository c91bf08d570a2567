package ui

import (
	"net/http"
	"strings"
	"testing"

	"dvala/study"
)

// The report is given in the reader's language, with a way to the other; one
// that was made in English only says so in Swedish.
func TestReportInTheReadersLanguage(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	inv := as("investigator")
	page := func(lang string) string { return get(t, h, "/report?lang="+lang, inv).Body.String() }
	if body := page("sv"); !strings.Contains(body, "gjordes bara på engelska") || strings.Contains(body, "in=sv") {
		t.Error("a report in English only does not say so")
	}
	if w := get(t, h, "/report.html?in=sv", inv); w.Code == http.StatusOK {
		t.Error("a report that was not made was given:", w.Code)
	}
	m.state.DryRuns[0].Translated = []study.Translation{{Language: "sv", Report: m.put(`<!doctype html><html lang="sv"><title>genrep</title>`)}}
	sv, en := page("sv"), page("en")
	for _, c := range []struct{ body, has, not string }{
		{sv, `src="/report.html?in=sv"`, "gjordes bara på engelska"},
		{sv, `href="/report.html?in=en" lang="en" hreflang="en">The report in English`, `lang="en" sandbox`},
		{en, `src="/report.html?in=en"`, "in English only"},
		{en, `href="/report.html?in=sv" lang="sv" hreflang="sv">Rapporten på svenska`, `lang="sv" sandbox`},
	} {
		if !strings.Contains(c.body, c.has) || strings.Contains(c.body, c.not) {
			t.Errorf("the page lacks %q or has %q", c.has, c.not)
		}
	}
	for lang, has := range map[string]string{"sv": "genrep", "en": "dummy"} {
		if w := get(t, h, "/report.html?in="+lang, inv); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), has) {
			t.Errorf("%s: %d %s", lang, w.Code, w.Body)
		}
	}
}
