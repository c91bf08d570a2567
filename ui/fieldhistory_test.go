package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/instrument"
	"dvala/study"
)

var (
	inJSON  = regexp.MustCompile(`<code>|\{(&#34;|")|answers\.`)
	ofTable = regexp.MustCompile(`(?s)<tbody>.*</tbody>`)
)

// The history of a whole diary tells its fields one by one, in the order of the
// form and in the reader's words, each with its corrections, and shows no JSON.
func TestHistoryOfAWholeEntry(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	n := m.state.People["P0002"].Diary[date(3)].Entry
	m.do(study.Correct{Entry: n, Field: "answers.sol", New: asJSON(25)}, day(12), "P0002")
	for lang, want := range map[string][]string{
		"en": {">Got into bed<", ">22:00<", ">Minutes to fall asleep<", ">10\u00a0min<", "<s>10\u00a0min</s>", ">25\u00a0min<", ">Comments<"},
		"sv": {">Gick och lade sig<", ">22:00<", ">Minuter tills du somnade<", ">10\u00a0min<", "<s>10\u00a0min</s>", ">25\u00a0min<", ">Kommentarer<"},
	} {
		page := get(t, h, "/participants/P0002/entry/"+itoa(n)+"/history", as("investigator"), in(lang)).Body.String()
		table := ofTable.FindString(page)
		if inJSON.MatchString(table) {
			t.Errorf("%s: JSON or a code on the page\n%s", lang, table)
		}
		for at, text := 0, ""; at < len(want); at++ {
			text = want[at]
			_, rest, ok := strings.Cut(table, text)
			if !ok {
				t.Fatalf("%s: no %s, or not in its place\n%s", lang, text, table)
			}
			table = rest
		}
	}
	visit := m.state.People["P0002"].Visits["day-0"]["isi"].Entry
	for _, entry := range []uint64{visit, m.state.Entries - 5} {
		page := get(t, h, "/participants/P0002/entry/"+itoa(entry)+"/history", as("investigator")).Body.String()
		if inJSON.MatchString(ofTable.FindString(page)) {
			t.Errorf("entry %d: JSON on the page\n%s", entry, page)
		}
	}
}

// The fields of a form stand in its own order, and a rating has the words of its
// step beside the number in both languages.
func TestFieldsAreTheForms(t *testing.T) {
	d, ok := instrument.ByID("csd-dvala")
	if !ok {
		t.Fatal("no such form")
	}
	for lang, want := range map[string]string{"en": "1 (dim)", "sv": "1 (dunkelt)"} {
		s := &speaker{words: must(readWords()), lang: lang, zone: time.UTC, names: map[desk.Named]string{}, items: map[string]*instrument.Item{}, place: map[string]int{}}
		s.learnForm(d)
		if got := s.Given("answers.evening-light", "1"); got != want {
			t.Errorf("%s: %q", lang, got)
		}
		var asked, fields []string
		var sorted []study.FieldValue
		for i := range d.Items {
			asked = append(asked, "answers."+string(d.Items[i].ID))
		}
		for _, f := range slices.Sorted(slices.Values(asked)) {
			sorted = append(sorted, study.FieldValue{Field: f})
		}
		for _, f := range s.ordered(sorted) {
			fields = append(fields, f.Field)
		}
		if !slices.Equal(fields, asked) {
			t.Errorf("the order is %v", fields)
		}
	}
}
