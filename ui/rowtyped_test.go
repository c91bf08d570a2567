package ui

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// A form that stands in a row and is refused comes again in its row, with what was
// typed and with what is the matter beside it; the forms of other rows are empty.
func TestRefusedFormsInRowsComeAgain(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	svc := h.(chosen).svc
	for _, id := range []string{"anna.berg", "eva.ek"} {
		must(svc.AddAccount(t.Context(), access.Shell(), access.Account{ID: id, Name: "Name of " + id}))
		if err := svc.GiveRole(t.Context(), access.Shell(), id, desk.Grant{Role: study.RoleMonitor, Site: "main"}, "begins"); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("x", 3000)
	for _, form := range []url.Values{
		{"do": {"close"}, "account": {"eva.ek"}, "reason": {""}},
		{"do": {"close"}, "account": {"eva.ek"}, "reason": {" "}},
		{"do": {"revoke"}, "account": {"eva.ek"}, "role": {"monitor"}, "site": {"main"}, "reason": {""}},
		{"do": {"revoke"}, "account": {"eva.ek"}, "role": {"monitor"}, "site": {"main"}, "reason": {long}},
	} {
		w := post(t, h, "/accounts", form, as("administrator"), in("sv"))
		body := w.Body.String()
		if strings.Contains(form.Get("reason"), "x") && w.Code == http.StatusSeeOther {
			continue // so long a reason is taken
		}
		row := regexp.MustCompile(`(?s)<tr><th scope="row">eva\.ek.*?</tr>`).FindString(body)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(row, `class="problem"`) || strings.Count(body, `class="problem"`) != 1 {
			t.Errorf("%v: %d, %d problems\n%s", form, w.Code, strings.Count(body, `class="problem"`), row)
		}
		if strings.Contains(body, "Det här gick inte") {
			t.Errorf("%v ends on a page of its own", form)
		}
	}
	if w := post(t, h, "/accounts", url.Values{"do": {"revoke"}, "account": {"eva.ek"}, "role": {"auditor"}, "reason": {"kept words"}}, as("administrator")); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusSeeOther {
		t.Errorf("a role that she has not: %d", w.Code)
	}
	if w := post(t, h, "/accounts", url.Values{"do": {"close"}, "account": {"eva.ek"}, "reason": {"went elsewhere"}}, as("administrator")); w.Code != http.StatusSeeOther {
		t.Errorf("a good form: %d", w.Code)
	}
	if w := post(t, h, "/accounts", url.Values{"do": {"close"}, "account": {"anna.berg"}}, as("monitor")); w.Code != http.StatusForbidden {
		t.Errorf("a monitor closes accounts: %d", w.Code)
	}
}

// So does a proposal's, and where its row is gone, because somebody else was there
// first, that is said at the top.
func TestRefusedProposalsComeAgain(t *testing.T) {
	m := playground(t)
	m.do(study.OverrideEligibility{Criteria: m.state.People["P0001"].Screening.Failed}, day(7), "P0001")
	h := handler(t, m)
	entry := jsonNumber(m.state.Proposals[0].Entry)
	form := url.Values{"do": {"decline"}, "proposal": {entry}, "subject": {"P0001"}, "reason": {""}}
	row := regexp.MustCompile(`(?s)<article class="proposal" id="p` + entry + `".*?</article>`)
	w := post(t, h, "/proposals", form, as("investigator"), in("sv"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(row.FindString(w.Body.String()), `class="problem"`) {
		t.Errorf("without a reason: %d", w.Code)
	}
	form.Set("reason", "not this time")
	if w := post(t, h, "/proposals", form, as("investigator")); w.Code != http.StatusSeeOther {
		t.Errorf("with one: %d", w.Code)
	}
	form.Set("key", "desk-another")
	if w := post(t, h, "/proposals", form, as("coordinator")); w.Code != http.StatusUnprocessableEntity || row.MatchString(w.Body.String()) || !strings.Contains(w.Body.String(), "Not saved yet.") {
		t.Errorf("somebody else was there first: %d", w.Code)
	}
}
