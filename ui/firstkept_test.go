package ui

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Another language keeps what stands in a page: an edited protocol, the form's
// answers, and the name of whoever begins.
func TestLanguageKeepsWhatIsTyped(t *testing.T) {
	h := must(NewFirst(&maker{}))
	for step, typed := range map[string]url.Values{
		"edit":  {"source": {"dvala: 1\n# mine & hers\n"}},
		"own":   {"takes": {"Te & honung"}, "matters": {"0,7"}},
		"begin": {"source": {"dvala: 1\n# mine & hers\n"}, "name": {"Ida & Ek"}},
	} {
		for lang, title := range map[string]string{"sv": `<html lang="sv">`, "en": `<html lang="en">`} {
			form := url.Values{"lang": {lang}, "step": {step}}
			for k, v := range typed {
				form[k] = v
			}
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/first/language", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: langCookie, Value: map[string]string{"sv": "en", "en": "sv"}[lang]})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.Contains(body, title) || !strings.Contains(w.Header().Get("Set-Cookie"), langCookie+"="+lang) {
				t.Errorf("%s in %s: %d %v", step, lang, w.Code, w.Header())
			}
			for _, v := range typed {
				if want := strings.ReplaceAll(v[0], "&", "&amp;"); step != "begin" && !strings.Contains(body, want) || step == "begin" && !strings.Contains(body, "# mine &amp; hers") {
					t.Errorf("%s in %s: %q is gone", step, lang, want)
				}
			}
		}
	}
}
