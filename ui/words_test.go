package ui

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dvala/desk"
)

var (
	inTemplate = regexp.MustCompile(`\bt "((?:[^"\\]|\\.)*)"`)
	inSource   = regexp.MustCompile(`\.t\(("(?:[^"\\]|\\.)*")`)
)

// said gathers every sentence that the pages say.
func said(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	files, _ := filepath.Glob("pages/*.gohtml")
	for _, f := range append(files, must(filepath.Glob("first/*.gohtml"))...) {
		b := must(os.ReadFile(f))
		for _, m := range inTemplate.FindAllSubmatch(b, -1) {
			out[html.UnescapeString(string(m[1]))] = f
		}
	}
	sources, _ := filepath.Glob("*.go")
	for _, f := range sources {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range inSource.FindAllSubmatch(must(os.ReadFile(f)), -1) {
			out[must(strconv.Unquote(string(m[1])))] = f
		}
	}
	add := func(where string, words ...string) {
		for _, w := range words {
			if w != "" {
				out[w] = where
			}
		}
	}
	for name, a := range acts {
		add("the act "+name, a.title, a.verb, a.intro, a.done, a.grave)
	}
	for _, n := range navigation {
		add("the navigation", n.group, n.name)
	}
	for _, c := range peopleColumns(&ask{}) {
		add("the table of people", c.name)
	}
	for _, k := range desk.WorkKinds() {
		add("the kinds of work", k.Name, k.About)
	}
	for _, g := range actGroups {
		add("the groups of acts", g.name)
	}
	add("the needs", desk.NeedsInOrder()...)
	m := playground(t)
	a := &ask{Server: &Server{Config: Config{Office: desk.NewOffice(m, clock)}}}
	for _, s := range a.steps(m.state) {
		add("the steps of the end", s.Name, s.About)
	}
	for _, s := range []string{
		"collecting", "not begun", "dry run made", "locked", "allocations open", "reported", // phases
		"scheduled", "open", "partial", "complete", "late", "missed", "excused", // tasks
		"waiting", "running", "done", "failed", "mild", "moderate", "severe", "unrelated", "possible", "probable", "definite",
		"recovered", "recovering", "ongoing", "sequelae", "fatal", "unknown", "adverse-event", "lost-to-follow-up", "no-time", "moved", "other",
		"stopped-dose", "prohibited-sleep-aid", "travel", "ring-lost", "unblinded", "withdrew", "closed", "unassessed", "expected", "unexpected", "none", "paused", "reduced", "stopped", "lost", "damaged", "expired", "recalled",
		"minor", "major", "participant", "partner", "live-birth", "miscarriage", "termination", "stillbirth", "malfunction", "skin-reaction", "injury", "wrong-data", "worn-by-other",
		"data-lost", "device-replaced", "harm", "sponsor", "authority", "ethics-committee", "safety-board", "death", "life-threatening", "hospitalisation", "disability",
		"congenital-anomaly", "medically-important", "not-eligible", "no-show", "no-contact", "too-far", "other-trial", "no-language", "not-said", "custodian", "holder", "waits for the parts", "same-days", "same-visits", "straight-line", "diary-elsewhere", "heart-rate-shift", "variability-shift", "filed", "discarded", "read", "can be read", "announced", "in stock", "handed out", "returned", "replaced", "passkey", "link", "chosen", "token", "worn", "not-worn", "no-data", "declined", "battery",
	} {
		add("the code words", s)
	}
	return out
}

// Every sentence is there in Swedish, with the same places to fill in, and no
// Swedish stands there that nobody says.
func TestEverythingIsSaidInSwedish(t *testing.T) {
	c := must(readWords())
	places := regexp.MustCompile(`%[a-z]`)
	all := said(t)
	for english, where := range all {
		if _, coded := c.codes[english]; coded || strings.HasSuffix(english, ":") && c.codes[english+"sv"] != nil || strings.Contains(english, ":%s") || english == "means:approval" {
			continue
		}
		swedish, ok := c.swedish[english]
		if !ok || swedish == "" {
			t.Errorf("%s: %q has no Swedish", where, english)
			continue
		}
		if e, s := strings.Join(places.FindAllString(english, -1), ""), strings.Join(places.FindAllString(swedish, -1), ""); e != s {
			t.Errorf("%q has the places %s, and in Swedish %s", english, e, s)
		}
	}
	for key, of := range c.codes {
		if of["en"] == "" || of["sv"] == "" {
			t.Errorf("%s is not there in both languages", key)
		}
	}
	for _, problems := range []map[string]map[string]string{c.refusals.Codes, c.refusals.Otherwise} {
		for code, of := range problems {
			if of["en"] == "" || of["sv"] == "" {
				t.Errorf("the problem %s is not there in both languages", code)
			}
			if c.refusals.Codes[code] != nil && c.refusals.Otherwise[code] != nil {
				t.Errorf("the problem %s stands there twice", code)
			}
		}
	}
}
