package ui

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browserOf keeps every cookie that answers set, as a browser does.
type browserOf map[string]*http.Cookie

func (b browserOf) with(r *http.Request) {
	for _, c := range b {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
}

func (b browserOf) took(w interface{ Result() *http.Response }) {
	for _, c := range w.Result().Cookies() {
		if b[c.Name] = c; c.MaxAge < 0 {
			delete(b, c.Name)
		}
	}
}

// Whoever answered by an invitation for many and comes again by it in the same
// browser is told so kindly; somebody else goes on, and staff
// see that both answered on one device. Another browser is told nothing, and before
// anybody answers nothing is kept in it.
func TestAnsweringTwiceIsSeen(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	w := post(t, h, "/invitations", url.Values{"site": {"main"}, "lang": {"en"}, "most": {"9"}, "days": {"14"}}, as("coordinator"))
	link := regexp.MustCompile(`/me/join/[\w-]+`).FindString(w.Body.String())
	answer := func(b browserOf, age string) {
		t.Helper()
		w := post(t, h, "/me/eligible", url.Values{"q.age": {age}, "q.sex": {"female"}, "q.height": {"170"}, "q.poor_sleep": {"true"}}, b.with)
		if b.took(w); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	come := func(b browserOf, lang, path string) string {
		t.Helper()
		b.took(post(t, h, link, nil, b.with))
		return get(t, h, path, b.with, in(lang)).Body.String()
	}
	const again, form = "answered in this browser before", `name="q.age"`
	hers := browserOf{}
	if page := come(hers, "en", "/me/eligible?lang=en"); strings.Contains(page, again) || !strings.Contains(page, form) || hers["dvala-device"] != nil {
		t.Fatalf("the first time\n%s", page)
	}
	answer(hers, "20") // too young
	mark := hers["dvala-device"]
	if mark == nil || len(mark.Value) < 40 || !mark.HttpOnly || mark.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the mark: %+v", mark)
	}
	page := come(hers, "en", "/me/eligible?lang=en")
	if !strings.Contains(page, again) || !strings.Contains(page, "did not fit you then") || strings.Contains(page, form) {
		t.Errorf("the second time\n%s", page)
	}
	if sv := come(hers, "sv", "/me/eligible?lang=sv"); !strings.Contains(sv, "redan besvarats i den här webbläsaren") || strings.Contains(sv, "browser") {
		t.Errorf("in Swedish\n%s", sv)
	}
	if log := get(t, h, "/screening", as("coordinator"), in("en")).Body.String(); strings.Contains(log, "The same mark") {
		t.Error("one answer is told as two")
	}
	if page := come(hers, "en", "/me/eligible?other=yes&lang=en"); strings.Contains(page, again) || !strings.Contains(page, form) {
		t.Errorf("somebody else\n%s", page)
	}
	answer(hers, "41")
	if hers["dvala-device"].Value != mark.Value {
		t.Error("the mark is another")
	}
	log := get(t, h, "/screening", as("coordinator"), in("en")).Body.String()
	marks := regexp.MustCompile(`<td class="w"><span class="late">([0-9a-f]{6})</span></td>`).FindAllStringSubmatch(log, -1)
	if len(marks) != 2 || marks[0][1] != marks[1][1] || strings.Contains(log, mark.Value) || !strings.Contains(log, "The same mark") {
		t.Errorf("staff see %v", marks)
	}
	if page := come(hers, "en", "/me/eligible?lang=en"); !strings.Contains(page, "your answers are with us") {
		t.Errorf("one of them fits\n%s", page)
	}
	if page := come(browserOf{}, "en", "/me/eligible?lang=en"); strings.Contains(page, again) {
		t.Error("another browser is told")
	}
	for _, forged := range []string{"x", strings.Repeat("y", 65), "' OR 1=1 --", mark.Value + "x"} {
		b := browserOf{"dvala-device": {Name: "dvala-device", Value: forged}}
		if page := come(b, "en", "/me/eligible?lang=en"); strings.Contains(page, again) {
			t.Errorf("%q is a mark", forged)
		}
	}
}
