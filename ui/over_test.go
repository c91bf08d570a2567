package ui

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/study"
)

// An adverse event and the emergency that it led to are named on each other's
// pages: by the request where the event was told first, by the event where it was
// told after.
func TestEmergencyNamesItsAdverseEvent(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	told := func(term string, after int) uint64 {
		t.Helper()
		at := day(12 + after)
		facts, err := m.state.Do(study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: term, Severity: "severe", Related: "possible", Onset: civil.DateOf(at), Outcome: "ongoing",
		}}, study.Meta{At: at, Actor: "ingrid", Role: study.RoleInvestigator, Subject: "P0002"})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.log.AddEntry(must(study.Encode(facts[0]))); err != nil {
			t.Fatal(err)
		}
		return facts[0].Index
	}
	const asks = "/participants/P0002/do/request-unblinding"
	fall := told("a bad fall", 0)
	page := get(t, h, asks, as("investigator")).Body.String()
	if !strings.Contains(page, fmt.Sprintf(`<option value="%d">a bad fall (entry %d)</option>`, fall, fall)) {
		t.Errorf("the form does not offer the event:\n%s", page)
	}
	given := map[string]string{
		"key": "desk-r", "physician": "Dr Lund", "recipient": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
		"event": fmt.Sprint(fall), "reason": "a reaction", "account": "investigator", "sign": "yes",
	}
	if w := send(t, h, asks, given, "", "", as("investigator")); w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	request := m.state.People["P0002"].Unblindings[0].Entry
	follow := get(t, h, fmt.Sprintf("/participants/P0002/do/update-adverse-event?event=%d", fall), as("investigator")).Body.String()
	if !strings.Contains(follow, `name="unblinding"`) || !strings.Contains(follow, fmt.Sprintf("Dr Lund (entry %d)", request)) {
		t.Errorf("the event cannot name the emergency:\n%s", follow)
	}
	for path, want := range map[string]string{
		"/emergencies":        fmt.Sprintf(`<a href="/participants/P0002/entry/%d">adverse event, entry %d</a>`, fall, fall),
		"/participants/P0002": fmt.Sprintf(`<a href="#emergency">unblinding, entry %d</a>`, request),
		"/safety":             fmt.Sprintf(`<a href="/participants/P0002#emergency">entry %d</a>`, request),
	} {
		if page := get(t, h, path, as("investigator")).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s does not say %s", path, want)
		}
	}
	// The custodian reads which entry it is, and not what happened.
	if page := get(t, h, "/emergencies", as("custodian")).Body.String(); !strings.Contains(page, fmt.Sprintf("adverse event, entry %d", fall)) || strings.Contains(page, "a bad fall") || strings.Contains(page, fmt.Sprintf("/entry/%d", fall)) {
		t.Errorf("the custodian reads\n%s", page)
	}
}
