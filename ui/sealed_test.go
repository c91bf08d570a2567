package ui

import (
	"regexp"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/study"
)

var stored = regexp.MustCompile(`<(code|pre)>[^<]*</(code|pre)>`)

// What somebody said in her own words, and what it was corrected to, is read on
// every page by those who may, and nobody is shown ciphertext for it; only the
// stored bytes of an entry have that.
func TestOwnWordsAreReadOnPages(t *testing.T) {
	m := playground(t)
	h, office := furnished(t, m, clock, true)
	const said, mended = "yrsel efter kaffet", "yrsel efter teet"
	anna := desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}}
	told := must(office.Do(t.Context(), anna, desk.Request{Subject: "P0002", Key: "w1", Cmd: study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "dizziness", Words: said, Severity: "mild", Related: "possible", Onset: date(12), Outcome: "ongoing",
	}}}))
	form := get(t, h, "/participants/P0002/do/correct?field=words&entry="+itoa(told.First), as("coordinator"))
	if body := form.Body.String(); !strings.Contains(body, said) || strings.Contains(body, study.SealedMark) {
		t.Error("whoever corrects words does not see them")
	}
	fixed := must(office.Do(t.Context(), anna, desk.Request{Subject: "P0002", Key: "w2", Reason: "asked her", Cmd: study.Correct{Entry: told.First, Field: "words", New: asJSON(mended)}}))
	for _, c := range []struct{ who, path string }{
		{"coordinator", "/participants/P0002"},
		{"coordinator", "/participants/P0002/timeline"},
		{"coordinator", "/participants/P0002/entry/" + itoa(told.First)},
		{"coordinator", "/participants/P0002/entry/" + itoa(fixed.First)},
		{"auditor", "/ledger"},
		{"administrator", "/ledger"},
	} {
		w := get(t, h, c.path, as(c.who))
		body := stored.ReplaceAllString(w.Body.String(), "")
		if w.Code != 200 || strings.Contains(body, study.SealedMark) {
			t.Errorf("%s as %s: %d, ciphertext: %v", c.path, c.who, w.Code, strings.Contains(body, study.SealedMark))
		}
		reads := c.who != "administrator"
		if got := strings.Contains(body, said) && strings.Contains(body, mended); got != reads {
			t.Errorf("%s as %s: the words are read: %v", c.path, c.who, got)
		}
	}
}
