package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"dvala/protocol"
	"dvala/report/voice"
)

// saidInSwedish is what a protocol of the fixtures would say in Swedish.
func saidInSwedish() protocol.Said {
	return protocol.Said{
		"Placebo": "Placebo", "Insomnia Severity Index": "Insomnia Severity Index", "Total sleep time": "Total sömntid", "Sleep quality": "Sömnkvalitet",
		"Sex": "Kön", "Age": "Ålder",
	}
}

func swedishPage(t testing.TB, f fixture) string {
	t.Helper()
	b, err := HTMLIn("sv", f.results, saidInSwedish())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shape is what a page is made of, without its words: sections, headings,
// tables with their sizes, pictures, notes.
func shape(t testing.TB, page string) []string {
	var out []string
	var walk func(n *node)
	walk = func(n *node) {
		switch n.name {
		case "section", "h1", "h2", "h3", "figure", "details", "dl", "li", "p", "nav", "header", "footer":
			out = append(out, n.name+"#"+n.attrs["id"]+"."+n.attrs["class"])
		case "svg":
			out = append(out, "svg#"+n.attrs["id"])
			return
		case "tr":
			out = append(out, "tr:"+strings.Repeat("c", len(n.children)))
		}
		for _, c := range n.children {
			walk(c)
		}
	}
	walk(parse(t, page))
	return out
}

// Both languages have the same sections, headings, tables, rows, cells and
// pictures, in the same order; but for the two letters to those who took part,
// of which the page's own language comes first.
func TestSwedishHasTheSameShape(t *testing.T) {
	for _, f := range fixtures() {
		english, swedish := shape(t, render(t, f.results)), shape(t, swedishPage(t, f))
		people := slices.Index(english, "section#people.")
		if people < 0 || len(swedish) < people {
			t.Errorf("%s: %d and %d parts", f.name, len(english), len(swedish))
			continue
		}
		for i := range english[:people] {
			if english[i] != swedish[i] {
				t.Errorf("%s: part %d is %s in English and %s in Swedish", f.name, i, english[i], swedish[i])
				break
			}
		}
		a, b := slices.Sorted(slices.Values(english[people:])), slices.Sorted(slices.Values(swedish[people:]))
		if !slices.Equal(a, b) {
			t.Errorf("%s: the letters differ in shape", f.name)
		}
	}
}

// Nothing that the report says in English is left on the Swedish page, and what
// is in English there says so.
func TestNoEnglishIsLeft(t *testing.T) {
	english := map[string]bool{}
	for k, v := range voice.Words() {
		if k != v && !strings.Contains(k, "%") && !slices.Contains([]string{"design", "Person"}, k) {
			english[strings.TrimSpace(k)] = true
		}
	}
	for _, v := range voice.Words() { // a word may be the same as another's Swedish
		delete(english, strings.TrimSpace(v))
	}
	telltale := regexp.MustCompile(`\b(the|with|and|of|than|interval of|people|groups|differed)\b`)
	for _, f := range fixtures() {
		if f.name == "hostile" {
			continue
		}
		page := parse(t, swedishPage(t, f))
		if page.children[0].attrs["lang"] != "sv" {
			t.Errorf("%s: the page is not Swedish", f.name)
		}
		var walk func(n *node)
		walk = func(n *node) {
			if n.attrs["lang"] == "en" || n.name == "style" || n.name == "code" || n.name == "title" || n.name == "desc" {
				return
			}
			for _, c := range n.content {
				switch x := c.(type) {
				case *node:
					walk(x)
				case string:
					text := strings.TrimSpace(x)
					if english[text] {
						t.Errorf("%s: in English: %q", f.name, text)
					}
					if n.name == "p" && telltale.MatchString(text) {
						t.Errorf("%s: sounds English: %q", f.name, text)
					}
				}
			}
		}
		walk(page)
	}
}

// The same results give the same bytes, no mark is left in them, and what comes
// from outside stays text in Swedish, too.
func TestSwedishBytes(t *testing.T) {
	for _, f := range fixtures() {
		page := swedishPage(t, f)
		if page != swedishPage(t, f) {
			t.Errorf("%s: two pages differ", f.name)
		}
		if strings.ContainsFunc(page, voice.IsMark) {
			t.Errorf("%s: a mark is left", f.name)
		}
		for _, n := range parse(t, page).all("script") {
			t.Errorf("%s: a script: %s", f.name, n.text())
		}
	}
}

// A report in any language but Swedish is the English one.
func TestOtherLanguages(t *testing.T) {
	b, err := HTMLIn("de", null(), nil)
	if err != nil || string(b) != render(t, null()) {
		t.Error("another language is not English", err)
	}
}
