package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A form of accounts or invitations that is refused comes again with what was
// typed in it, and says at each field what is the matter with it.
func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	h := handler(t, playground(t))
	for _, c := range []struct {
		path, who string
		form      url.Values
		says      []string
	}{
		{"/accounts", "administrator", url.Values{"do": {"add"}, "account": {"Ann Berg!"}, "name": {"Å"}, "mail": {"no address"}, "role": {"monitor"}, "site": {"main"}, "reason": {"a study nurse"}}, []string{
			`value="Ann Berg!"`, `value="Å"`, `value="no address"`, `value="a study nurse"`, `<option value="monitor" selected>`, `<option value="main" selected>`,
			"Ett konto är 2 till 40 små bokstäver", "hela namn", "Det här är ingen e-postadress.", `aria-describedby="add-e-account"`,
		}},
		{"/accounts", "administrator", url.Values{"do": {"give"}, "account": {"nobody.there"}, "role": {"monitor"}, "reason": {"kept words"}}, []string{`value="kept words"`, `<option value="monitor" selected>`, `class="problem"`}},
		{"/accounts", "administrator", url.Values{"do": {"add"}, "account": {"anna.berg"}, "name": {"Anna Berg"}, "role": {"participant"}, "reason": {"kept words"}}, []string{`value="kept words"`, `<option selected>anna.berg`, "Det här är ingen roll för personal."}},
		{"/invitations", "coordinator", url.Values{"site": {"main"}, "lang": {"sv"}, "most": {"many"}, "days": {"400"}, "note": {"the notice at the clinic"}}, []string{`value="many"`, `value="400"`, `value="the notice at the clinic"`, "En inbjudan är för 1 till 1000 personer.", `<option value="sv" selected>`}},
		{"/invitations", "coordinator", url.Values{"site": {"main"}, "lang": {"sv"}, "most": {"5"}, "days": {"400"}}, []string{`value="5"`, "En inbjudan är öppen i 1 till 366 dagar."}},
	} {
		w := post(t, h, c.path, c.form, as(c.who), in("sv"))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", c.form, w.Code)
		}
		for _, s := range c.says {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%v: %q is not there", c.form, s)
			}
		}
	}
	// Whoever may not do it is told so, and gets no form.
	if w := post(t, h, "/accounts", url.Values{"do": {"add"}, "account": {"x"}}, as("monitor")); w.Code != http.StatusForbidden {
		t.Error("a monitor adds an account:", w.Code)
	}
	if w := post(t, h, "/accounts", url.Values{"do": {"add"}, "account": {"eva.ek"}, "name": {"Eva Ek"}, "role": {"monitor"}, "reason": {"new"}}, as("administrator")); w.Code != http.StatusSeeOther {
		t.Error("a good form:", w.Code, w.Body.String())
	}
}
