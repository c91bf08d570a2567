package ui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/fault"
)

var (
	inFault = regexp.MustCompile(`(?:fault\.New|Addf)\(\s*(?:"([a-z0-9-]+)"|(?:desk\.)?(Code[A-Za-z]+)),\s*[^,]+?(?:\([^)]*\))?,\s*("(?:[^"\\]|\\.)*")`)
	inHint  = regexp.MustCompile(`WithHint\(\s*("(?:[^"\\]|\\.)*")`)
	verb    = regexp.MustCompile(`%(?:\.\d+)?[a-zT]`)
)

// messages gathers what the rules, the desk and these pages may say of a problem,
// with its code; a hint has none.
func messages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, dir := range []string{"../study", "../desk", "../desk/access", "../desk/contact", "../instrument", "../protocol", "."} {
		files, _ := filepath.Glob(dir + "/*.go")
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b := must(os.ReadFile(f))
			for _, m := range inFault.FindAllSubmatch(b, -1) {
				out[verb.ReplaceAllString(must(strconv.Unquote(string(m[3]))), "%s")] = string(m[1]) + string(m[2])
			}
			for _, m := range inHint.FindAllSubmatch(b, -1) {
				if text := verb.ReplaceAllString(must(strconv.Unquote(string(m[1]))), "%s"); out[text] == "" {
					out[text] = ""
				}
			}
		}
	}
	return out
}

// inEnglish are the codes of problems that no form of staff's can lead to: of a
// ledger that does not replay, of a protocol file, of a program that sends what no
// page sends. They stay in English, as the terminal says them.
var inEnglish = regexp.MustCompile(`^(?:entry-order|clock-backwards|event-(?:kind|form)|subject-order|slot-order|kit-order|opened-.*|amendment-(?:file|instrument|changes|trial|same|version|fixed)|correction-old|` +
	`instrument-unknown|clock-jump|clock-form|night-(?:date|vendor|source)|comprehension|command-.*|sealed-protocol|seeded-list|list-extension|file-ref|meta-.*|paradata|proposal-.*|` +
	`query-unknown|text-form|proof-.*|batch-long|slot-arm|access-.*|no-sign-on|answer-.*|item-unknown|criterion-.*|style|erased|kit-unknown|subject-unknown|second-person|entry-unknown|key-reused|` +
	`not-eligible|locked|not-locked|not-opened|not-randomised|store-.*|words)$`)

// What the rules refuse is said to Swedish staff in Swedish: of every message in
// the source its words are there, by the message or by its code, with as many
// places; and no Swedish stands there for a message that nobody says.
func TestRefusalsAreSaidInSwedish(t *testing.T) {
	c := must(readWords())
	all := messages(t)
	if len(all) < 300 {
		t.Fatalf("only %d messages were found in the source", len(all))
	}
	var known map[string]string
	if err := json.Unmarshal(faultFile, &known); err != nil {
		t.Fatal(err)
	}
	left := 0
	for text, code := range all {
		if named := map[string]fault.Code{"CodeForbidden": desk.CodeForbidden, "CodeStrong": desk.CodeStrong}[code]; named != "" {
			code = string(named)
		}
		_, of := c.problems[code]
		switch {
		case known[text] != "" || of || text == "%s":
		case code == "" || inEnglish.MatchString(code):
			left++
		default:
			if !fromFile(t, text) {
				t.Errorf("%s: %q has no Swedish", code, text)
			}
		}
	}
	for text, swedish := range known {
		if _, said := all[text]; !said {
			t.Errorf("nobody says %q", text)
		}
		if strings.Count(text, "%s") != strings.Count(swedish, "%s") || swedish == "" {
			t.Errorf("%q and %q have other places", text, swedish)
		}
	}
	t.Logf("%d messages and hints, %d in Swedish by the message; %d stay in English", len(all), len(known), left)
}

// fromFile says whether a message is about a file: of a protocol or an instrument,
// whose problems the page shows as the check prints them.
func fromFile(t *testing.T, text string) bool {
	t.Helper()
	for _, dir := range []string{"../instrument", "../protocol"} {
		files, _ := filepath.Glob(dir + "/*.go")
		for _, f := range files {
			if b := must(os.ReadFile(f)); slices.ContainsFunc(inFault.FindAllSubmatch(b, -1), func(m [][]byte) bool {
				return verb.ReplaceAllString(must(strconv.Unquote(string(m[3]))), "%s") == text
			}) {
				return true
			}
		}
	}
	return false
}

// A message comes back with what stood in its places: dates, codes and roles in
// the reader's words, and what was typed as it was.
func TestRefusalsKeepTheirValues(t *testing.T) {
	c := must(readWords())
	for english, want := range map[string]string{
		"the night to 2026-03-14 is 9 days ago; the diary can be filled in for 3": "natten till 14\u00a0mars\u00a02026 var för 9 dagar sedan; dagboken kan fyllas i under 3",
		`the protocol has no site "x=y"`:                                          `protokollet har ingen plats "x=y"`,
		"unlock is approved by [investigator pharmacist]":                         "låsa upp godkänns av prövare, apotekare",
		"kit K1 is noted as lost already":                                         "förpackning K1 är redan antecknad som borta",
		"this query is closed":                                                    "frågan är stängd",
		"ends on 2026-03-02, before it begins on 2026-03-04":                      "slutar den 2\u00a0mars\u00a02026, innan det börjar den 4\u00a0mars\u00a02026",
		"wait 30s and try again":                                                  "vänta 30s och försök igen",
		"entry 7 raises no query about P0002":                                     "post 7 ställer ingen fråga om P0002",
		"the screening is closed: no-show":                                        "förundersökningen är avslutad: kom inte",
		"%d%%n of nothing that anybody says":                                      "%d%%n of nothing that anybody says",
		strings.Repeat("the protocol has no site ", 1000) + "x":                   "protokollet har ingen plats " + strings.Repeat("the protocol has no site ", 999) + "x",
	} {
		if got, _ := c.refuse("sv", english); got != want {
			t.Errorf("%.80q gives %.120q, want %.120q", english, got, want)
		}
		if got, ok := c.refuse("en", english); got != english || !ok {
			t.Errorf("in English %.80q is %.80q", english, got)
		}
	}
	a := &ask{Server: &Server{words: c}, lang: "sv"}
	if p := a.problemOf(fault.New("query-closed", "query", "this query is closed").WithHint("reopen it first")); p.Text != "Frågan är avslutad." || p.Hint != "öppna den igen först" {
		t.Errorf("%+v", p)
	}
}
