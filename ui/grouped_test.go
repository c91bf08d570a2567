package ui

import (
	"strings"
	"testing"

	"dvala/desk/watch"
	"dvala/study"
)

// Counts stand in groups of three as the reader's language writes them, in figures
// that programs read without; what is no count stands as it is.
func TestCountsAreGrouped(t *testing.T) {
	for n, want := range map[int][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1\u00a0000"}, 33040: {"33,040", "33\u00a0040"},
		1234567: {"1,234,567", "1\u00a0234\u00a0567"}, -1234: {"−1,234", "−1\u00a0234"},
	} {
		for i, lang := range languages {
			if got := grouped(lang, n); got != want[i] {
				t.Errorf("%s: %d is written %q", lang, n, got)
			}
			cell := string(cellOf(lang, n))
			if strings.Contains(cell, "<data") != (n >= 1000 || n <= -1000) || !strings.Contains(cell, want[i]) && n >= 0 {
				t.Errorf("%s: %d in a cell is %q", lang, n, cell)
			}
		}
	}
	if got := keptOf("sv", watch.Kept{Due: 1040, Done: 998}); got != "998/<data value=\"1040\">1\u00a0040</data>" {
		t.Error(got)
	}
	if got := linked("en", true, 7682, "/due?a=1&b=2"); got != `<a href="/due?a=1&amp;b=2"><data value="7682">7,682</data></a>` {
		t.Error(got)
	}
}

// On the pages themselves: with four figures and more of entries they are grouped
// in both languages, on the first page and the ledger; the numbers of entries, which
// name them, are not, and neither is anything in a file.
func TestPagesGroupWhatTheyCount(t *testing.T) {
	m := playground(t)
	for m.log.Size() < 1100 {
		m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "other"}}, day(12), "P0002")
	}
	h := handler(t, m)
	for lang, want := range map[string]string{"en": "1,1", "sv": "1\u00a01"} {
		page := func(path string) string { return get(t, h, path, as("investigator"), in(lang)).Body.String() }
		for path, has := range map[string]string{"/": `<data value="1100">` + want + `00</data>`, "/ledger": want + "00 ", "/safety": "–200 "} {
			if !strings.Contains(page(path), has) {
				t.Errorf("%s %s: there is no %q", lang, path, has)
			}
		}
		if body := page("/ledger"); !strings.Contains(body, `<th scope="row">1099</th>`) {
			t.Errorf("%s: an entry is not called by its number", lang)
		}
		for _, path := range []string{"/ledger?file=ledger", "/safety?file=deviations", "/participants?file="} {
			if body := page(path); strings.Contains(body, "<data") || strings.Contains(body, `"1,`) || strings.Contains(body, "1\u00a0") {
				t.Errorf("%s %s: there are groups in a file", lang, path)
			}
		}
	}
}
