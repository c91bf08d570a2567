package ui

import (
	"regexp"
	"slices"
	"testing"
)

// Numbers are written as the reader's language writes them.
func TestNumbersByLocale(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{fixed("sv", 1234.56, 1), "1234,6"},
		{fixed("en", -0.5, 1), "−0.5"},
		{pvalue("sv", 0.0004), "< 0,001"},
		{pvalue("en", 0.0312), "0.031"},
		{size("sv", 2_340_000), "2,3 MB"},
		{size("en", 999), "999 B"},
		{off("sv", new(-2.25)), "−2,2"},
		{off("sv", new(1.5)), "+1,5"},
		{number("sv", 33.333), "33,33"},
	} {
		if c.got != c.want {
			t.Errorf("%q, and not %q", c.got, c.want)
		}
	}
}

var pointed = regexp.MustCompile(`(?:^|[^\d.])\d+\.\d+(?:[^\d.]|$)`)

// No page in Swedish writes a decimal with a point; names of versions are names.
func TestSwedishPagesHaveNoPoint(t *testing.T) {
	m := playground(t)
	busy(m)
	h := handler(t, m)
	for _, page := range somePages {
		for _, text := range texts(t, get(t, h, page, as("investigator"), in("sv")).Body.String()) {
			if pointed.MatchString(text) && !slices.Contains([]string{"1.0", "version 1.0"}, text) && !regexp.MustCompile(`version 1\.0`).MatchString(text) {
				t.Errorf("%s: %q", page, text)
			}
		}
	}
}

// Words are sorted as they are read: å, ä and ö come last, in that order, and
// codes by the words that are shown for them.
func TestWordsSortByLocale(t *testing.T) {
	rows := []thing{{"öl", 1}, {"zink", 2}, {"ål", 3}, {"ärta", 4}, {"apa", 5}}
	names := func(lang string, columns []listColumn[thing]) (out []string) {
		a := asking(t, "/things")
		a.lang = lang
		for _, x := range ordered(a, rows, columns, "name", false) {
			out = append(out, x.name)
		}
		return out
	}
	if got := names("sv", thingColumns); !slices.Equal(got, []string{"apa", "zink", "ål", "ärta", "öl"}) {
		t.Errorf("in Swedish: %q", got)
	}
	if got := names("en", thingColumns); !slices.Equal(got, []string{"ål", "apa", "ärta", "öl", "zink"}) {
		t.Errorf("in English: %q", got)
	}
	coded := []listColumn[thing]{{id: "name", name: "Name", words: true, codes: "stage:", text: func(x thing) string { return x.name }}}
	rows = []thing{{"run-in", 1}, {"completed", 2}, {"screened", 3}, {"left the trial", 4}}
	if got := names("sv", coded); !slices.Equal(got, []string{"left the trial", "run-in", "completed", "screened"}) { // har lämnat, i inkörning, klar, screenad
		t.Errorf("by stage: %q", got)
	}
}
