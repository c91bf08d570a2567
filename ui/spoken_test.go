package ui

import (
	"net/http"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// A Swedish browser meets Swedish: before anybody has signed in, as one of the
// made-up people, and in an account for which no language was chosen. A language
// that was chosen for an account wins, and so does the one that was pressed here.
func TestABrowsersLanguage(t *testing.T) {
	browser := func(lang string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Accept-Language", lang) }
	}
	h := handler(t, playground(t))
	for asked, want := range map[string]string{"sv-SE,sv;q=0.9,en;q=0.8": "sv", "en-GB,en;q=0.9": "en", "de-DE,sv;q=0.5,en;q=0.4": "sv", "": "en"} {
		for _, path := range []string{"/sign-in", "/", "/sessions"} {
			change := []func(*http.Request){browser(asked)}
			if path != "/sign-in" {
				change = append(change, as("investigator"))
			}
			if body := get(t, h, path, change...).Body.String(); !strings.Contains(body, `<html lang="`+want+`"`) {
				t.Errorf("%s for a browser that asks for %q is not in %s", path, asked, want)
			}
		}
	}
	if body := get(t, h, "/", as("investigator"), browser("sv"), in("en")).Body.String(); !strings.Contains(body, `<html lang="en"`) {
		t.Error("the language that was pressed does not win")
	}
	svc := h.(chosen).svc
	for id, lang := range map[string]string{"anna": "", "berit": "en", "cecilia": "sv"} {
		made := must(svc.AddAccount(t.Context(), access.Shell(), access.Account{ID: id, Name: "Name of " + id, Lang: lang}))
		if made.Lang != lang {
			t.Errorf("%s has the language %q, and none was chosen", id, made.Lang)
		}
		if err := svc.GiveRole(t.Context(), access.Shell(), id, desk.Grant{Role: study.RoleMonitor}, "begins"); err != nil {
			t.Fatal(err)
		}
		link := must(svc.LinkFor(t.Context(), access.Shell(), id))
		st := must(svc.Redeem(t.Context(), access.Visit{Addr: "192.0.2.7"}, link.URL[strings.LastIndex(link.URL, "/")+1:]))
		cookie := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: access.Cookie, Value: st.Token}) }
		for asked, want := range map[string]string{"sv": "sv", "en": "en"} {
			if lang != "" {
				want = lang
			}
			if body := get(t, h, "/", cookie, browser(asked)).Body.String(); !strings.Contains(body, `<html lang="`+want+`"`) || !strings.Contains(body, "Name of "+id) {
				t.Errorf("%s, whose language is %q, in a browser that asks for %s", id, lang, asked)
			}
		}
	}
}
