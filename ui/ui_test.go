package ui

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// as makes a request by a stand-in.
func as(who string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: asCookie, Value: who}) }
}

func in(lang string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: langCookie, Value: lang}) }
}

func get(t testing.TB, h http.Handler, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080"+path, nil)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(t testing.TB, h http.Handler, path string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var (
	inline   = regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|<script>|\sstyle=|\son[a-z]+=|javascript:`)
	elsehost = regexp.MustCompile(`(?i)(?:src|href|action)="(?:https?:)?//`)
)

// Every page is there in both languages, runs nothing inline, takes nothing from
// another host, and writes what people typed as text.
func TestPages(t *testing.T) {
	h := handler(t, playground(t))
	for _, lang := range languages {
		for _, path := range somePages {
			w := get(t, h, path, as("investigator"), in(lang))
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
				t.Errorf("%s: %d\n%s", path, w.Code, body)
			}
			if m := inline.FindString(body); m != "" {
				t.Errorf("%s holds %q", path, m)
			}
			if m := elsehost.FindString(body); m != "" {
				t.Errorf("%s leads to another host: %q", path, m)
			}
			csp := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", path, csp)
			}
			if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "%!") || strings.Contains(body, "<no value>") {
				t.Errorf("%s holds a template's mistake", path)
			}
		}
	}
	person := get(t, h, "/participants/P0002", as("investigator")).Body.String()
	for _, want := range []string{"&lt;script&gt;", "ISI total", "<b>14</b>", "<svg", "<s>2</s>", "kit mix up", "serious"} {
		if !strings.Contains(person, want) {
			t.Errorf("the participant's page lacks %s", want)
		}
	}
	over := get(t, h, "/", as("coordinator")).Body.String()
	for _, want := range []string{"serious adverse event not over", "to be randomised", "dry run made", "made-up people", "list drawn from a seed", "time is up"} {
		if !strings.Contains(over, want) {
			t.Errorf("today's page lacks %q", want)
		}
	}
}

// No page but the protocol names an arm, by its ID or by its label.
func TestNoArmOnAnyPage(t *testing.T) {
	h := handler(t, playground(t))
	for _, path := range somePages {
		if path == "/protocol" {
			continue
		}
		body := strings.ToLower(get(t, h, path, as("investigator")).Body.String())
		for _, arm := range []string{"chamomile", "plainwater", ">tea<", ">water<", "cup of"} {
			if strings.Contains(body, arm) {
				t.Errorf("%s names %q", path, arm)
			}
		}
	}
}

// What is refused, and how.
func TestRefusals(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	inv := as("investigator")
	for name, c := range map[string]struct {
		path   string
		change func(*http.Request)
		want   int
	}{
		"no page":               {"/nothing", inv, http.StatusNotFound},
		"no person":             {"/participants/P9999", inv, http.StatusForbidden},
		"a person with a path":  {"/participants/..%2f..%2fledger.key", inv, http.StatusForbidden},
		"another host's name":   {"/", func(r *http.Request) { r.Host = "evil.example" }, http.StatusMisdirectedRequest},
		"a name that begins so": {"/", func(r *http.Request) { r.Host = "127.0.0.1.evil.example:8080" }, http.StatusMisdirectedRequest},
		"localhost":             {"/sign-in", func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		"IPv6":                  {"/sign-in", func(r *http.Request) { r.Host = "[::1]:8080" }, http.StatusOK},
		"nobody":                {"/participants", func(*http.Request) {}, http.StatusSeeOther},
		"another role":          {"/ledger", as("coordinator"), http.StatusForbidden},
		"a role there is none":  {"/ledger", as("system"), http.StatusSeeOther},
		"a participant":         {"/participants", as("P0002"), http.StatusForbidden},
		"an act not hers":       {"/participants/P0003/do/randomise", as("monitor"), http.StatusForbidden},
		"an act there is not":   {"/participants/P0003/do/nothing", inv, http.StatusNotFound},
		"the folder of scripts": {"/static/", inv, http.StatusNotFound},
		"a file of another job": {"/made/1", as("coordinator"), http.StatusNotFound},
		"an entry of another":   {"/participants/P0003/entry/12", inv, http.StatusNotFound},
	} {
		if w := get(t, h, c.path, c.change); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	before := m.state.Entries
	form := url.Values{"key": {"desk-x"}, "grave": {"yes"}}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"from afar": post(t, h, "/participants/P0003/do/randomise", form, inv, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }),
		"monitor":   post(t, h, "/participants/P0003/do/randomise", form, as("monitor")),
		"not meant": post(t, h, "/participants/P0003/do/randomise", url.Values{"key": {"desk-y"}}, inv),
	} {
		if w.Code == http.StatusOK || m.state.Entries != before {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Ticking that an event was fatal leads to its being serious, because of the
// death; saying that it was not serious all the same is refused beside the field.
func TestFatalIsSerious(t *testing.T) {
	m := playground(t)
	h, who := handler(t, m), as("coordinator")
	form := url.Values{
		"key": {"desk-f"}, "term": {"heart attack"}, "severity": {"severe"}, "serious": {"no"}, "onset": {"2026-03-10"}, "end": {"2026-03-10"}, "related": {"unrelated"}, "outcome": {"fatal"},
	}
	const path = "/participants/P0002/do/report-adverse-event"
	if w := post(t, h, path, form, who); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "because of the death.<") {
		t.Error(w.Code, w.Body)
	}
	form.Set("serious", "")
	if w := post(t, h, path, form, who); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	log := m.state.People["P0002"].AdverseLog
	if a := log[len(log)-1].Now(); !a.Serious || !slices.Equal(a.Criteria, []string{"death"}) {
		t.Errorf("%+v", a)
	}
}

// A form that comes back says what is wrong beside the field and keeps what was
// typed; sent twice it is done once.
func TestForms(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	who := as("coordinator")
	bad := url.Values{"key": {"desk-a"}, "term": {"headache"}, "severity": {"mild"}, "serious": {"no"}, "onset": {"2026-13-40"}}
	w := post(t, h, "/participants/P0002/do/report-adverse-event", bad, who)
	body := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="headache"`) || strings.Count(body, `class="problem"`) != 3 {
		t.Error(w.Code, strings.Count(body, `class="problem"`), body)
	}
	good := url.Values{
		"key": {"desk-a"}, "term": {"headache"}, "severity": {"mild"}, "serious": {"no"}, "onset": {"2026-03-10"}, "related": {"possible"}, "outcome": {"recovered"},
	}
	before := m.state.Entries
	for range 2 {
		w = post(t, h, "/participants/P0002/do/report-adverse-event", good, who)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/participants/P0002?did=report-adverse-event" {
			t.Fatal(w.Code, w.Header(), w.Body)
		}
	}
	if m.state.Entries != before+1 {
		t.Error("it was done", m.state.Entries-before, "times")
	}
	w = post(t, h, "/participants/P0003/do/randomise", url.Values{"key": {"desk-b"}, "grave": {"yes"}}, who)
	page := get(t, h, w.Header().Get("Location"), who).Body.String()
	if !strings.Contains(page, `class="large"`) || !strings.Contains(page, "/do/dispense?visit=day-0") {
		t.Error("a randomisation does not lead on to the kit", w.Code, page)
	}
	w = post(t, h, "/participants/P0003/do/dispense", url.Values{"key": {"desk-c"}, "visit": {"day-0"}}, who)
	page = get(t, h, w.Header().Get("Location"), who).Body.String()
	if kit := m.state.People["P0003"].Kits[0].Kit; !strings.Contains(page, "<b>"+kit+"</b>") {
		t.Error("the kit is not to be read")
	}
}

// A correction is asked as the item was, keeps the old value in sight, and is
// one click from where the answer stands.
func TestCorrection(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	entry := ""
	for _, r := range m.state.People["P0002"].Diary {
		entry = "/participants/P0002/entry/" + itoa(r.Entry)
	}
	page := get(t, h, entry, as("coordinator")).Body.String()
	link := regexp.MustCompile(`/participants/P0002/do/correct\?entry=\d+&(?:amp;)?field=answers.sol`).FindString(page)
	if link == "" {
		t.Fatal(page)
	}
	to, query, _ := strings.Cut(html.UnescapeString(link), "?")
	asked := get(t, h, html.UnescapeString(link), as("coordinator")).Body.String()
	if !strings.Contains(asked, "<b>10</b>") {
		t.Error("the form does not tell what it replaces")
	}
	form, _ := url.ParseQuery(query)
	for _, m := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(asked, -1) {
		form.Set(m[1], html.UnescapeString(m[2])) // all that a browser sends along
	}
	form.Set("new", "25")
	form.Set("key", "desk-d")
	if w := post(t, h, to, form, as("coordinator")); w.Code != http.StatusUnprocessableEntity {
		t.Error("corrected without a reason:", w.Code)
	}
	form.Set("reason", "misheard")
	if w := post(t, h, to, form, as("coordinator")); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	page = get(t, h, entry, as("coordinator")).Body.String()
	for _, want := range []string{"<s>10\u00a0min</s>", "misheard", "corrected", ">25"} {
		if !strings.Contains(page, want) {
			t.Errorf("the entry lacks %s", want)
		}
	}
}

func itoa(n uint64) string {
	return strings.TrimSpace(strings.Trim(html.EscapeString(string(asJSON(n))), `"`))
}

// Answers are entered as they were said; nothing is something else than 0.
func TestAnswers(t *testing.T) {
	m := playground(t)
	h := handlerAt(t, m, func() time.Time { return day(6).Add(time.Hour) })
	form := url.Values{
		"key": {"desk-e"}, "instrument": {"csd"}, "night": {"2026-03-08"}, "language": {"sv"},
		"answers.into-bed": {"22.45"}, "answers.sol": {"0"}, "unsure.answers.waso": {"not-sure"},
	}
	if w := post(t, h, "/participants/P0002/do/answer", form, as("coordinator")); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	r := m.state.People["P0002"].Diary[date(6)]
	if r == nil {
		t.Fatal("no diary")
	}
	if got := string(r.Answered.Answers); got != `{"into-bed":"22:45","sol":0,"waso":{"none":"not-sure"}}` {
		t.Error(got)
	}
}

// The report is given from its recorded file, in a sandbox; a file that is not
// what was recorded is not given, and the ledger's page says so.
func TestReportAndDamage(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	inv := as("investigator")
	w := get(t, h, "/report.html", inv)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") || !strings.Contains(w.Body.String(), "dummy") {
		t.Error(w.Code, w.Header())
	}
	if !strings.Contains(get(t, h, "/report", inv).Body.String(), "Dry run.") {
		t.Error("the page does not say that it is a dry run")
	}
	if body := get(t, h, "/ledger?check=files", inv).Body.String(); !strings.Contains(body, "Sound.") || !strings.Contains(body, "files that they name") {
		t.Error("a sound ledger is not called so")
	}
	ref := m.state.DryRuns[0].Report
	m.files[ref.SHA256] = []byte("changed")
	if w := get(t, h, "/report.html", inv); w.Code == http.StatusOK {
		t.Error("a changed report was shown:", w.Code)
	}
	m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "x"}}, day(7), "P0002")
	if body := get(t, h, "/ledger", inv).Body.String(); !strings.Contains(body, "Sound.") {
		t.Error("a ledger that grew is not called sound")
	}
	if body := get(t, h, "/ledger?check=files", inv).Body.String(); !strings.Contains(body, "does not fit together") || !strings.Contains(body, ref.SHA256) {
		t.Error("damage is not told")
	}
	empty := &memory{state: study.New(m.state.Protocol, study.Sealed{}, study.BuiltIn), key: m.key, files: m.files}
	if w := get(t, handler(t, empty), "/sign-in"); w.Code != http.StatusOK {
		t.Errorf("signing in to a trial that has not begun: %d", w.Code)
	}
}

// Whoever has let made-up people live to the end is led to their report at once.
func TestTheWayToTheReport(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	const way = `name="next" value="/report"`
	if strings.Contains(get(t, h, "/sign-in").Body.String(), way) {
		t.Error("there is no report yet")
	}
	m.state.Reported = &study.Reported{Report: m.state.DryRuns[0].Report}
	if !strings.Contains(get(t, h, "/sign-in").Body.String(), way) {
		t.Error("no way to the report")
	}
	w := post(t, h, "/sign-in", url.Values{"as": {"statistician"}, "next": {"/report"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/report" {
		t.Error(w.Code, w.Header())
	}
}

// Nobody is let into a real trial without having signed in, and nobody chooses
// whom to be in it.
func TestRealTrialIsClosed(t *testing.T) {
	m := playground(t)
	m.state.Opened.Simulated = false
	h := handler(t, m)
	who := as("investigator")
	for _, path := range []string{"/", "/participants/P0002", "/protocol", "/ledger"} {
		w := get(t, h, path, who)
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := post(t, h, "/participants/P0003/do/randomise", url.Values{"key": {"desk-x"}, "grave": {"yes"}}, who); w.Code != http.StatusSeeOther || m.state.People["P0003"].Randomised != nil {
		t.Error(w.Code)
	}
	if w := post(t, h, "/sign-in", url.Values{"as": {"investigator"}}); w.Code != http.StatusForbidden && w.Code != http.StatusUnprocessableEntity {
		t.Error("somebody chose whom to be in a real trial:", w.Code)
	}
	if body := get(t, h, "/sign-in").Body.String(); strings.Contains(body, "small-trial") || strings.Contains(body, "P0002") {
		t.Error("a stranger is told of the trial")
	}
}

// Each role's navigation holds what it may see, and every link of it is there.
func TestNavigation(t *testing.T) {
	h := handler(t, playground(t))
	link := regexp.MustCompile(`<a href="(/[a-z]*)" data-key`)
	for _, role := range access.StaffRoles() {
		body := get(t, h, "/", as(string(role))).Body.String()
		links := link.FindAllStringSubmatch(body, -1)
		if len(links) < 4 {
			t.Errorf("%s has %d links", role, len(links))
		}
		for _, l := range links {
			if w := get(t, h, l[1], as(string(role))); w.Code != http.StatusOK {
				t.Errorf("%s is led to %s: %d", role, l[1], w.Code)
			}
		}
	}
}

// Whoever comes back from a form stays here.
func TestInside(t *testing.T) {
	for in, want := range map[string]string{
		"/participants?q=a": "/participants?q=a", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:x": "/", "/a\nb": "/",
	} {
		if got := inside(in); got != want {
			t.Errorf("%q leads to %q", in, got)
		}
	}
}

// Every act is an action of the table, and every form of one asks for what its
// command needs.
func TestActsAreActions(t *testing.T) {
	for name, x := range acts {
		if _, ok := desk.RuleOf(x.action()); !ok {
			t.Errorf("%s asks for %s, which is no action", name, x.action())
		}
	}
}
