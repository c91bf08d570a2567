package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"dvala/instrument"
)

// wording is a made-up text of an instrument.
func wording(t testing.TB, id instrument.ID, lang string, validated bool) *instrument.Wording {
	t.Helper()
	d, ok := instrument.ByID(id)
	if !ok {
		t.Fatal(id)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "format: dvala-wording-1\ninstrument: %s\nversion: %q\nlanguage: %s\nvalidated: %v\n", d.ID, d.Version, lang, validated)
	b.WriteString("instruction: Think of the <i>last</i> weeks.\n")
	b.WriteString("licence: {holder: The holder, reference: L-1, granted-to: the trial, date: \"2026-11-23\", covers: one study on screen}\nitems:\n")
	for _, it := range d.Items {
		fmt.Fprintf(&b, "  - {id: %s, text: %s words for %s, anchors: [", it.ID, lang, it.ID)
		for at := it.Min; at <= it.Max; at++ {
			fmt.Fprintf(&b, "{at: %d, text: step %d}, ", at, at)
		}
		b.WriteString("]}\n")
	}
	return must(instrument.ParseWording([]byte(b.String()), d))
}

// Staff are shown a form in the words that were loaded in the language of the
// answers, are told where they are not the validated ones, and read topics in
// their own language where no words are there.
func TestStaffFormsSpeakLoadedWords(t *testing.T) {
	m := playground(t)
	words := map[string]*instrument.Wording{"sv": wording(t, "isi", "sv", true), "en": wording(t, "isi", "en", false)}
	h, _ := furnish(t, m, func(c *Config) {
		c.Person.Wording = func(id instrument.ID, _, lang string) (*instrument.Wording, bool) {
			w, ok := words[lang]
			return w, ok && id == "isi"
		}
	})
	const form = "/participants/P0002/do/answer?visit=day-0&instrument="
	const doubt = "This is not the validated wording."
	see := func(path string) string {
		w := get(t, h, path, as("coordinator"), in("en"))
		if w.Code != http.StatusOK {
			t.Fatal(path, w.Code)
		}
		return w.Body.String()
	}
	hers := see(form + "isi") // she answers in Swedish
	for _, want := range []string{`lang="sv"`, "sv words for isi1", "3 step 3", "The words are the validated ones", `name="language" value="sv"`, "language=en", "Think of the &lt;i&gt;last"} {
		if !strings.Contains(hers, want) {
			t.Errorf("the Swedish form lacks %s", want)
		}
	}
	if strings.Contains(hers, doubt) || strings.Contains(hers, "en words") {
		t.Error("validated words are doubted, or mixed")
	}
	if other := see(form + "isi&language=en"); !strings.Contains(other, "en words for isi1") || !strings.Contains(other, doubt) || strings.Contains(other, "sv words") || strings.Contains(other, "The words are the validated ones") {
		t.Errorf("words that claim nothing pass for validated\n%s", other)
	}
	if topics := see(form + "kss"); !strings.Contains(topics, doubt) || strings.Contains(topics, "words for") {
		t.Error("topics pass for the wording")
	}
	if diary := see("/participants/P0002/do/answer?instrument=csd&night=2026-03-14"); !strings.Contains(diary, `name="language" value="sv"`) {
		t.Error("the diary's form has no language")
	}
	form2 := url.Values{"key": {"desk-w"}, "instrument": {"kss"}, "visit": {"day-0"}, "language": {"en"}, "answers.kss": {"99"}}
	if w := post(t, h, "/participants/P0002/do/answer", form2, as("coordinator")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `name="language" value="en"`) {
		t.Errorf("a form that came back forgot its language: %d", w.Code)
	}
	list := see("/instruments")
	for _, want := range []string{"validated, as loaded", "loaded, not validated", "topics, not validated", "The holder, L-1"} {
		if !strings.Contains(list, want) {
			t.Errorf("the page of instruments lacks %q", want)
		}
	}
}

// What our definitions say of a licence is in Swedish, and a name as it is, by its
// own account in English.
func TestLicencesAreSaidInSwedish(t *testing.T) {
	c := must(readWords())
	names := []string{"Charles M. Morin (1993, 1996, 2000, 2006)", "M. W. Johns", "University of Pittsburgh", "Åkerstedt T, Gillberg M (1990)"}
	for _, d := range instrument.All() {
		for _, text := range []string{d.Licence.Holder, d.Licence.FreeFor} {
			if text != "" && c.ours("sv", text) == "" && !slices.Contains(names, text) {
				t.Errorf("%s: %q has no Swedish", d.ID, text)
			}
			if c.ours("en", text) != text {
				t.Errorf("%s: %q is not said in English", d.ID, text)
			}
		}
	}
	page := get(t, handler(t, playground(t)), "/instruments", as("coordinator"), in("sv")).Body.String()
	for _, want := range []string{`<span lang="en">Charles M. Morin (1993, 1996, 2000, 2006)</span>: tillstånd; enligt en andrahandskälla`, "Carney CE med flera (Consensus Sleep Diary, 2012): okänt"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of instruments lacks %q", want)
		}
	}
}
