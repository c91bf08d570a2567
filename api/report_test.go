package api

import (
	"net/http"
	"strings"
	"testing"

	"dvala/desk/desktest"
	"dvala/study"
)

// The report is given in the language asked for, English unless one is, and no
// other language is taken for one that there is.
func TestReportInALanguage(t *testing.T) {
	m := desktest.New(t, small, 1)
	put := func(name, text string) study.File {
		f, err := m.PutBlob(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	run := study.DryRun{Results: put("results.json", "{}"), Report: put("dry-run.html", "a dry run")}
	m.Do(t, study.RecordDryRun{DryRun: run}, day(3), "")
	h := as(m, everybody()[study.RoleStatistician], day(4))
	file := func(lang string) (int, string, string) {
		w := ask(h, http.MethodGet, base+"/report/file"+lang, "")
		return w.Code, w.Body.String(), w.Header().Get("Content-Disposition")
	}
	if code, _, _ := file("?lang=sv"); code != http.StatusNotFound {
		t.Error("a report that was not made was given:", code)
	}
	run.Translated = []study.Translation{{Language: "sv", Report: put("dry-run.sv.html", "ett genrep")}}
	m.Do(t, study.RecordDryRun{DryRun: run}, day(4), "")
	for lang, want := range map[string][2]string{"": {"a dry run", `"report.html"`}, "?lang=en": {"a dry run", `"report.html"`}, "?lang=sv": {"ett genrep", `"report.sv.html"`}} {
		if code, text, name := file(lang); code != http.StatusOK || text != want[0] || !strings.Contains(name, want[1]) {
			t.Errorf("%s: %d %q %s", lang, code, text, name)
		}
	}
	if code, _, _ := file("?lang=de"); code != http.StatusUnprocessableEntity {
		t.Error("a language that the API does not have:", code)
	}
	if body := ask(h, http.MethodGet, base+"/report", "").Body.String(); !strings.Contains(body, `"languages":["en","sv"]`) {
		t.Error(body)
	}
}
