package ui

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/fault"
)

var (
	verb   = regexp.MustCompile(`%(?:\.\d+)?[a-zT]`)
	amount = regexp.MustCompile(`%(?:\.\d+)?[dg]`)
)

// aboutFiles are the packages that check files which staff bring: a protocol, an
// instrument, and the dates and times of day in both. What they say, and the words
// that stand in its places, is all in Swedish by the message.
var aboutFiles = []string{"../protocol", "../instrument", "../civil"}

// aboutPeople are those that refuse what staff want to do.
var aboutPeople = []string{"../study", "../seal", "../identity", "../desk", "../desk/access", "../desk/contact", "../desk/remind", "."}

// handedOn are expressions whose text was made elsewhere in these packages, or by
// the readers of YAML and of rules, which speak English; their commonest sentences
// are among the phrases.
var handedOn = []string{
	"p.Message", "p.Hint", "q.Message", "q.Hint", "why.Message", "why.Hint", // a problem is given a line, or a code
	"err.Error()", "e.Message", // of the YAML reader
	"q.show.In(lang)",                                                              // the protocol's own words
	"strings.Map(printable, r.Message)",                                            // of a log
	`anchors(it, x.Lang, f.lang)`, `a.t("chosen: %s", name)`, `f.t("as in 23:30")`, // hints of fields, not of problems
}

// written are the sentences as the file has them.
func written(t *testing.T) (of struct{ Messages, Phrases map[string]string }) {
	t.Helper()
	if err := json.Unmarshal(refusalFile, &of); err != nil {
		t.Fatal(err)
	}
	return of
}

// messages gathers what may be said of a problem, with its code; a hint has none.
func messages(t *testing.T) (all map[string]saying, files map[string]bool) {
	t.Helper()
	all, files = map[string]saying{}, map[string]bool{}
	take := func(s *sayings, file bool) {
		for text, said := range s.found {
			if had, ok := all[text]; !ok || had.code == "" {
				all[text] = said
			}
			files[text] = files[text] || file
		}
		for e, where := range s.unseen {
			if !slices.Contains(handedOn, e) {
				t.Errorf("%s: what %s says is not seen", where, e)
			}
		}
	}
	c := must(readWords())
	for _, dir := range aboutFiles {
		s := readSayings(t, dir, true)
		take(s, true)
		for code, where := range s.wrapped {
			if _, ok := c.code("sv", code); !ok {
				t.Errorf("%s: what another program says is told as %s, which has no sentence", where, code)
			}
		}
		phrasesAreSaid(t, s)
	}
	for _, dir := range aboutPeople {
		take(readSayings(t, dir, false), false)
	}
	// Of the analyses only what the check of a protocol says, and of ledgers what the
	// page that holds one against its checkpoint does.
	for dir, file := range map[string]string{"../estimate": "supported.go", "../ledger": "checkpoint.go"} {
		s := readSayings(t, dir, false)
		for text, said := range s.found {
			if !strings.Contains(said.where, file) {
				delete(s.found, text)
			}
		}
		clear(s.unseen)
		take(s, true)
	}
	return all, files
}

var inWords = regexp.MustCompile(`(?:[a-z]|%[sd]) [a-z]{2}|[a-z]{2} (?:[a-z]|%[sd])`)

// phrasesAreSaid looks at the words that stand in the places of sentences.
func phrasesAreSaid(t *testing.T, s *sayings) {
	t.Helper()
	c := must(readWords())
	phrases := written(t).Phrases
	for text, where := range s.values {
		_, sentence := c.message("sv", text)
		if inWords.MatchString(text) && !strings.HasPrefix(text, "dvala ") && phrases[text] == "" && !sentence {
			t.Errorf("%s: the phrase %q has no Swedish", where, text)
		}
	}
}

// What the rules refuse is said to Swedish staff in Swedish: of every message in
// the source its words are there, by the message or by its code, with as many
// places; and no Swedish stands there for a message that nobody says.
func TestRefusalsAreSaidInSwedish(t *testing.T) {
	c := must(readWords())
	all, files := messages(t)
	if len(all) < 800 {
		t.Fatalf("only %d messages were found in the source", len(all))
	}
	known := written(t).Messages
	for text, said := range all {
		_, of := c.refusals.Codes[said.code]
		switch {
		case known[text] != "" || strings.Trim(text, "%s ") == "":
		case of && !files[text]: // its code has a sentence, which is what a page says
		default:
			t.Errorf("%s: %s: %q has no Swedish", said.where, said.code, text)
		}
	}
	for text, swedish := range known {
		if _, said := all[text]; !said {
			t.Errorf("nobody says %q", text)
		}
		if english := strings.Count(text, "%s"); english != len(placesOf.FindAllString(swedish, -1)) || swedish == "" {
			t.Errorf("%q and %q have other places", text, swedish)
		}
	}
	t.Logf("%d messages and hints, %d in Swedish by the message, the others by their codes", len(all), len(known))
}

var placesOf = regexp.MustCompile(`%(?:\[\d\])?[sv]`)

// Each message is known again as itself, whatever stands in its places, and not as
// another that is said less exactly.
func TestMessagesAreKnownAsThemselves(t *testing.T) {
	c := must(readWords())
	known := written(t).Messages
	for text, swedish := range known {
		var values []any
		for i := range strings.Count(text, "%s") {
			values = append(values, fmt.Sprintf("%q", "x"+strconv.Itoa(i)))
		}
		english, want := text, swedish
		if len(values) > 0 {
			english, want = fmt.Sprintf(text, values...), fmt.Sprintf(swedish, values...)
		}
		if got, ok := c.message("sv", english); !ok || got != want {
			t.Errorf("%q is said %q, not %q", english, got, want)
		}
	}
}

// A message comes back with what stood in its places: dates, codes and roles in
// the reader's words, and what was typed as it was.
func TestRefusalsKeepTheirValues(t *testing.T) {
	c := must(readWords())
	for english, want := range map[string]string{
		"day 21 is before day 7": "dag 21 är före dag 7",
		"the night to 2026-03-14 is 9 days ago; the diary can be filled in for 3": "natten till 14\u00a0mars\u00a02026 var för 9 dagar sedan; dagboken kan fyllas i under 3",
		`the protocol has no site "x=y"`:                                          `protokollet har ingen plats "x=y"`,
		"unlock is approved by [investigator pharmacist]":                         "låsa upp godkänns av prövare, apotekare",
		"kit K1 is noted as lost already":                                         "förpackning K1 är redan antecknad som borta",
		"this query is closed":                                                    "frågan är stängd",
		"ends on 2026-03-02, before it begins on 2026-03-04":                      "slutar den 2\u00a0mars\u00a02026, innan det börjar den 4\u00a0mars\u00a02026",
		"wait 30s and try again":                                                  "vänta 30s och försök igen",
		"entry 7 raises no query about P0002":                                     "post 7 ställer ingen fråga om P0002",
		"the screening is closed: no-show":                                        "screeningen är avslutad: kom inte",
		"%d%%n of nothing that anybody says":                                      "%d%%n of nothing that anybody says",
		strings.Repeat("the protocol has no site ", 1000) + "x":                   "protokollet har ingen plats " + strings.Repeat("the protocol has no site ", 999) + "x",
	} {
		if got, _ := c.message("sv", english); got != want {
			t.Errorf("%.80q gives %.120q, want %.120q", english, got, want)
		}
		if got, ok := c.message("en", english); got != english || !ok {
			t.Errorf("in English %.80q is %.80q", english, got)
		}
	}
	a := &ask{Server: &Server{words: c}, lang: "sv"}
	if p := a.problemOf(fault.New("query-closed", "query", "this query is closed").WithHint("reopen it first")); p.Text != "Frågan är avslutad." || p.Hint != "öppna den igen först" {
		t.Errorf("%+v", p)
	}
}
