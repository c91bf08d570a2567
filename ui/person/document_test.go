package person

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dvala/study"
)

// signing is a consent form filled in rightly, signed as it is told to be.
func signing(key, name, ink string) url.Values {
	return url.Values{
		"key": {key}, "version": {"1.0"}, "ask.stop": {"1"}, "ask.lot": {"1"}, "tries.stop": {"1"}, "part.research": {"no"}, "agree": {"yes"}, "name": {name}, "ink": {ink},
	}
}

// A typed name, a drawn signature, or both: each is a signature, and none is not.
// What was read, answered and signed is kept whole in a file of hers.
func TestConsentIsKept(t *testing.T) {
	for _, by := range []struct{ name, ink string }{{"Eva <b>", ""}, {"", "10,10 20,20"}, {"Eva", "10,10 20,20"}} {
		w := newWorld(t, withQuestions(t), Options{})
		who := w.screened(t)
		if status, body, _ := w.post(t, "/me/consent?lang=en", signing("c0", "", "")); status != http.StatusOK || !strings.Contains(body, "write your name or sign") {
			t.Errorf("neither name nor drawing: %d", status)
		}
		if status, body, _ := w.post(t, "/me/consent?lang=en", signing("c1", by.name, by.ink)); status != http.StatusSeeOther {
			t.Fatalf("%+v: %d\n%s", by, status, body)
		}
		w.post(t, "/me/consent?lang=en", signing("c1", by.name, by.ink)) // sent twice
		var c study.ConsentGiven
		w.state(func(s *study.State) {
			if n := len(s.People[who].Consents); n != 1 {
				t.Fatalf("%d consents", n)
			}
			c = s.People[who].Consents[0]
		})
		if string(c.Name) != by.name || (c.Drawn != nil) != (by.ink != "") || c.Document == nil {
			t.Errorf("%+v: %+v", by, c)
		}
		if c.Drawn != nil {
			if raw, err := w.trial.Blob(c.Drawn.SHA256); err != nil || !strings.Contains(string(raw), "<polyline") {
				t.Errorf("%v %s", err, raw)
			}
		}
		_, page, _ := w.get(t, "/me/consent/copy?lang=en")
		if !strings.Contains(page, `href="/me/consent/copy/1"`) {
			t.Errorf("no way to the file\n%s", page)
		}
		status, file, head := w.get(t, "/me/consent/copy/1")
		if status != http.StatusOK || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
			t.Errorf("%d %v", status, head)
		}
		for _, want := range []string{"When I like (on try 2)", "It is drawn by lot", "My data may be used in other research", "<dd>No</dd>", "version 1.0", "2 March 2026", "Europe/Stockholm", "under the code " + string(who)} {
			if !strings.Contains(file, want) {
				t.Errorf("the copy does not say %q", want)
			}
		}
		if strings.Contains(file, "<polyline") != (by.ink != "") || strings.Contains(file, "Eva <b>") || by.name != "" && !strings.Contains(file, "Eva") {
			t.Error("the copy is not signed as it was, or holds what she wrote as it is")
		}
		if strings.Contains(file, "<script") || strings.Contains(file, "http://") && !strings.Contains(file, "http://www.w3.org/2000/svg") || strings.Contains(file, "https://") {
			t.Error("the copy needs something from elsewhere")
		}
	}
}

// The copy of one is nobody else's, and a number without a consent is no page.
func TestConsentIsHersAlone(t *testing.T) {
	w := newWorld(t, withQuestions(t), Options{})
	one := w.screened(t)
	w.post(t, "/me/consent", signing("c1", "Eva", ""))
	var f study.File
	w.state(func(s *study.State) { f = *s.People[one].Consents[0].Document })
	for _, n := range []string{"0", "2", "-1", "x"} {
		if status, _, _ := w.get(t, "/me/consent/copy/"+n); status != http.StatusNotFound {
			t.Errorf("copy %s: %d", n, status)
		}
	}
	w.screened(t)
	if status, _, _ := w.get(t, "/me/consent/copy/1"); status != http.StatusNotFound {
		t.Errorf("another reads hers: %d", status)
	}
	if r, err := w.office.OpenFile(t.Context(), w.caller(), one, f); err == nil {
		raw, _ := io.ReadAll(r)
		t.Errorf("another opens hers: %s", raw)
	}
}
