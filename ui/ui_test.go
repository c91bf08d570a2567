package ui

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"dvala/study"
)

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

var (
	inline   = regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|<script>|\sstyle=|\son[a-z]+=|javascript:`)
	elsehost = regexp.MustCompile(`(?i)(?:src|href|action)="(?:https?:)?//`)
)

// Every page is there, runs nothing inline, takes nothing from another host,
// and writes what people typed as text.
func TestPages(t *testing.T) {
	h := handler(t, playground(t))
	for _, path := range somePages {
		w := get(t, h, path)
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
	person := get(t, h, "/participants/P0002").Body.String()
	for _, want := range []string{"&lt;script&gt;", "ISI total", "<b>14</b>", "<svg", "<s>2</s>", "kit mix up", "serious"} {
		if !strings.Contains(person, want) {
			t.Errorf("the participant's page lacks %s", want)
		}
	}
	over := get(t, h, "/").Body.String()
	for _, want := range []string{"serious adverse event not over", "to be randomised", "dry run made", "made-up people", "list drawn from a seed"} {
		if !strings.Contains(over, want) {
			t.Errorf("the overview lacks %q", want)
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
		body := strings.ToLower(get(t, h, path).Body.String())
		for _, arm := range []string{"chamomile", "plainwater", ">tea<", ">water<", "cup of"} {
			if strings.Contains(body, arm) {
				t.Errorf("%s names %q", path, arm)
			}
		}
	}
}

// The pages only show, and only to this machine.
func TestRefusals(t *testing.T) {
	h := handler(t, playground(t))
	for name, c := range map[string]struct {
		path   string
		change func(*http.Request)
		want   int
	}{
		"no page":               {"/nothing", func(*http.Request) {}, http.StatusNotFound},
		"no person":             {"/participants/P9999", func(*http.Request) {}, http.StatusNotFound},
		"a person with a path":  {"/participants/..%2f..%2fledger.key", func(*http.Request) {}, http.StatusNotFound},
		"another host's name":   {"/", func(r *http.Request) { r.Host = "evil.example" }, http.StatusMisdirectedRequest},
		"a name that begins so": {"/", func(r *http.Request) { r.Host = "127.0.0.1.evil.example:8080" }, http.StatusMisdirectedRequest},
		"localhost":             {"/", func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		"IPv6":                  {"/", func(r *http.Request) { r.Host = "[::1]:8080" }, http.StatusOK},
		"writing":               {"/", func(r *http.Request) { r.Method = http.MethodPost }, http.StatusMethodNotAllowed},
		"writing from afar": {"/", func(r *http.Request) {
			r.Method = http.MethodPost
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, http.StatusForbidden},
		"the folder of scripts": {"/static/", func(*http.Request) {}, http.StatusNotFound},
	} {
		if w := get(t, h, c.path, c.change); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// The report is given from its recorded file, in a sandbox; a file that is not
// what was recorded is not given, and the ledger's page says so.
func TestReportAndDamage(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	w := get(t, h, "/report.html")
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") || !strings.Contains(w.Body.String(), "dummy") {
		t.Error(w.Code, w.Header())
	}
	if !strings.Contains(get(t, h, "/report").Body.String(), "Dry run.") {
		t.Error("the page does not say that it is a dry run")
	}
	if body := get(t, h, "/ledger").Body.String(); !strings.Contains(body, "Sound.") {
		t.Error("a sound ledger is not called so")
	}
	ref := m.state.DryRuns[0].Report
	m.files[ref.SHA256] = []byte("changed")
	if w := get(t, h, "/report.html"); w.Code != http.StatusInternalServerError {
		t.Error("a changed report was shown:", w.Code)
	}
	m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "x"}}, day(7), "P0002")
	if body := get(t, h, "/ledger").Body.String(); !strings.Contains(body, "does not fit together") || !strings.Contains(body, ref.SHA256) {
		t.Error("damage is not told")
	}
	empty := &memory{state: study.New(m.state.Protocol, study.Sealed{}, study.BuiltIn), key: m.key, files: m.files}
	for _, path := range []string{"/", "/participants", "/ledger", "/report", "/protocol"} {
		if w := get(t, handler(t, empty), path); w.Code != http.StatusOK {
			t.Errorf("%s of a trial that has not begun: %d", path, w.Code)
		}
	}
}
