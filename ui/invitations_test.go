package ui

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dvala/desk/access"
	"dvala/study"
)

// session makes a request with the session that an answer began.
func session(w interface{ Result() *http.Response }) func(*http.Request) {
	cookies := w.Result().Cookies()
	return func(r *http.Request) {
		for _, c := range cookies {
			if c.Name == access.Cookie {
				r.AddCookie(c)
			}
		}
	}
}

// From the desk's invitation to a consent, and to a kind no: what staff made is
// shown once as link, code and picture; who came is a link on the list.
func TestInvitedByLinkOrCode(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	coord := as("coordinator")
	w := post(t, h, "/invitations", url.Values{"site": {"main"}, "lang": {"en"}, "most": {"2"}, "days": {"14"}, "note": {"the notice"}}, coord)
	body := w.Body.String()
	link := html.UnescapeString(regexp.MustCompile(`/me/join/[\w-]+`).FindString(body))
	code := regexp.MustCompile(`<b>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>`).FindStringSubmatch(body)
	if w.Code != http.StatusOK || link == "" || code == nil || !strings.Contains(body, `<svg class="qr"`) {
		t.Fatalf("%d\n%s", w.Code, body)
	}
	if again := get(t, h, "/invitations", coord).Body.String(); strings.Contains(again, code[1]) || strings.Contains(again, link) || !strings.Contains(again, "0 of 2") {
		t.Errorf("it is shown again\n%s", again)
	}
	answers := func(age string) url.Values {
		return url.Values{"q.age": {age}, "q.sex": {"female"}, "q.height": {"170"}, "q.poor_sleep": {"true"}}
	}
	if w := get(t, h, link, in("en")); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<form") {
		t.Errorf("the link: %d", w.Code)
	}
	byLink := post(t, h, link, nil)
	me := session(byLink)
	if w := get(t, h, "/me", me); w.Header().Get("Location") != "/me/eligible" {
		t.Errorf("she is led to %q", w.Header().Get("Location"))
	}
	w = post(t, h, "/me/eligible", answers("41"), me)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/me/consent" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := get(t, h, "/me/consent", session(w)); got.Code != http.StatusOK {
		t.Errorf("the consent: %d", got.Code)
	}
	byCode := post(t, h, "/me/join", url.Values{"code": {strings.ToLower(code[1])}})
	w = post(t, h, "/me/eligible", answers("20"), session(byCode))
	if w.Header().Get("Location") != "/me/eligible" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if no := get(t, h, "/me/eligible", session(w)).Body.String(); !strings.Contains(no, "does not fit you") {
		t.Errorf("it is not said kindly why not\n%s", no)
	}
	who := []study.Subject{m.state.Order[len(m.state.Order)-2], m.state.Order[len(m.state.Order)-1]}
	list := get(t, h, "/invitations", coord).Body.String()
	for _, x := range who {
		if !strings.Contains(list, "/participants/"+string(x)) {
			t.Errorf("%s is not on the list", x)
		}
	}
	if log := get(t, h, "/screening", coord).Body.String(); !strings.Contains(log, string(who[1])) {
		t.Error("the screening log has nobody who does not fit")
	}
	if w := post(t, h, "/me/join", url.Values{"code": {code[1]}}, in("en")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a third of two: %d", w.Code)
	}
}

// Whoever is invited and has no code yet is no staff: every page of the desk is
// closed to her.
func TestInvitedSeeNoDesk(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	w := post(t, h, "/invitations", url.Values{"site": {"main"}, "lang": {"sv"}, "most": {"1"}, "days": {"1"}}, as("coordinator"))
	me := session(post(t, h, regexp.MustCompile(`/me/join/[\w-]+`).FindString(w.Body.String()), nil))
	for _, page := range somePages {
		if page == "/sign-in" || page == "/sessions" || page == "/prove" || page == "/protocol" || page == "/instruments" {
			continue
		}
		if w := get(t, h, page, me); w.Code == http.StatusOK {
			t.Errorf("%s is open to her", page)
		}
	}
	for _, who := range []string{"pharmacist", "statistician", "custodian"} {
		if w := get(t, h, "/invitations", as(who)); w.Code == http.StatusOK {
			t.Errorf("%s sees the invitations", who)
		}
	}
}

// In a browser: the coordinator fills in the form and gets link, code and picture;
// somebody types the code on her telephone, answers, and is at the consent.
func TestInvitationInABrowser(t *testing.T) {
	h := handler(t, playground(t))
	b := newBrowser(t, h)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.be("coordinator", "sv", "light")
	b.do(chromedp.Navigate(b.url + "/invitations"))
	ask1[bool](b, `(document.getElementById("most").value = "3", document.getElementById("note").value = "anslaget", document.querySelector("form.entry").requestSubmit(), true)`)
	b.until(`document.querySelector("svg.qr") !== null && document.readyState === "complete"`, "the invitation")
	code := ask1[string](b, `document.querySelector(".large b").textContent`)
	b.shot(t, "invitation-made")
	b.do(chromedp.EmulateViewport(360, 740))
	b.do(chromedp.Navigate(b.url + "/invitations"))
	if got := ask1[int64](b, `document.documentElement.scrollWidth`); got > 360 {
		t.Errorf("the list is %d wide on a telephone", got)
	}
	b.shot(t, "invitation-list-360")
	ask1[bool](b, `(document.cookie = "`+asCookie+`=;path=/;max-age=0", true)`)
	b.do(chromedp.Navigate(b.url + "/me/join?lang=sv"))
	ask1[bool](b, `(document.getElementById("code").value = "`+strings.ToLower(code)+`", document.querySelector("form").requestSubmit(), true)`)
	b.until(`location.pathname === "/me/eligible" && document.readyState === "complete"`, "the questions")
	ask1[bool](b, `(() => { const set = (n, v) => { for (const e of document.querySelectorAll('[name="q.' + n + '"]')) { if (e.type === "radio") e.checked = e.value === v; else e.value = v; } };
		set("age", "41"); set("sex", "female"); set("height", "170"); set("poor_sleep", "true"); document.querySelector("form").requestSubmit(); return true; })()`)
	b.until(`location.pathname === "/me/consent"`, "the consent")
	if list := get(t, h, "/invitations", as("coordinator")).Body.String(); !strings.Contains(list, "anslaget") || !strings.Contains(list, "/participants/P0004") {
		t.Errorf("the coordinator sees %s", list)
	}
}

func (b *browser) shot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("DVALA_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
