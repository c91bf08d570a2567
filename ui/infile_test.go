package ui

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
)

// badMessages are what the checks say of every bad example of a protocol and of an
// instrument: messages and hints, as they come with their values.
func badMessages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	reports := must(filepath.Glob("../protocol/testdata/bad/*.report"))
	line := regexp.MustCompile(`(?m)^protocol\.yaml:(?:\d+:)? (?:[a-z_]+(?:\[\d+\]|\.\w+)*: )?(?:warning: )?(.*) \[[a-z-]+\]$|^\thint: (.*)$`)
	for _, r := range reports {
		for _, m := range line.FindAllStringSubmatch(string(must(os.ReadFile(r))), -1) {
			out[m[1]+m[2]] = r
		}
	}
	files := must(filepath.Glob("../instrument/testdata/bad/*.yaml"))
	for _, f := range files {
		_, err := instrument.Parse(must(os.ReadFile(f)))
		var l fault.List
		if !errors.As(err, &l) {
			t.Fatal(f, err)
		}
		for _, p := range l {
			out[p.Message] = f
			if p.Hint != "" {
				out[p.Hint] = f
			}
		}
	}
	if len(reports) < 100 || len(files) < 30 || len(out) < 250 {
		t.Fatalf("%d reports, %d instruments and %d messages", len(reports), len(files), len(out))
	}
	return out
}

// All that is wrong in the bad examples is said in Swedish, and what stands in its
// places is a phrase that is known, or of the file's own: a name, a number, a list
// of such, or something in quotes.
func TestBadFilesAreToldInSwedish(t *testing.T) {
	c := must(readWords())
	own := regexp.MustCompile(`^(?:[\pL\d.<>=_\[\]-]+(?:, [\pL\d.<>=_-]+)*|".*"|'.*'|dvala key (?:new|holder)|!\S+)$`)
	for text, where := range badMessages(t) {
		if _, plain := c.refusals.Messages.plain[text]; plain {
			continue
		}
		said, ok := c.message("sv", text)
		if !ok {
			t.Errorf("%s: %q has no Swedish", where, text)
			continue
		}
		for _, f := range c.refusals.Messages.filled {
			m := f.known.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			for _, v := range m[1:] {
				holder := strings.HasPrefix(text, "the rights are with ")
				if c.inFile(v) == v && !own.MatchString(v) && !holder {
					t.Errorf("%s: %q is said %q, with %q as it is", where, text, said, v)
				}
			}
			break
		}
	}
}

// What stands in a file is told as it stands, where the same word in a sentence
// about the trial would be in Swedish; and its numbers as the file writes them.
func TestWordsOfFilesAreNotTranslated(t *testing.T) {
	c := must(readWords())
	for english, want := range map[string]string{
		"did you mean crossover?":                                                                "menade du crossover?",
		"it can be mean-difference or odds-ratio":                                                "det kan vara mean-difference eller odds-ratio",
		"0.7 is outside 0 to 0.5":                                                                "0.7 ligger utanför det tillåtna, 0 till 0.5",
		"91 is outside 90 and less":                                                              "91 ligger utanför det tillåtna, 90 och mindre",
		"fields where a list is expected":                                                        "här står fält, och det ska vara en lista",
		`"a list" where a list is expected`:                                                      `här står "a list", och det ska vara en lista`,
		"the night to day 22 is after the 1 day of treatment":                                    "natten till dag 22 är efter behandlingens 1 dag",
		"3 estimands are exploratory, and nothing says how to read them":                         "3 estimander är utforskande, och inget säger hur det ska läsas",
		"this is not YAML: while parsing a block mapping: did not find expected key":             "det här är inte YAML: bland fälten: ett fält saknas, eller indraget är fel",
		"column 5 of the rule: found no matching overload for '_>=_' applied to '(string, int)'": "kolumn 5 i regeln: '_>=_' går inte att använda på '(string, int)'",
		"isi asks about the last 14 days and is asked again inside them: day-0 to day-7 is 7 days, day-7 to day-8 is 1 day": "isi frågar om 14 dagar bakåt och frågas igen innan de har gått: day-0 till day-7 är 7 dagar, day-7 till day-8 är 1 dag",
	} {
		if got, ok := c.message("sv", english); got != want || !ok {
			t.Errorf("%q is said %q", english, got)
		}
	}
}

// A file with many faults is told whole on the page of an amendment, each fault
// with its line and its place; and at the first run likewise.
func TestFaultyFilesAreToldWhole(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	bad := strings.NewReplacer("\nversion: \"1\"", "\nversion: 1", "role: treatment", "role: traetment", "languages: [", "langauges: [").Replace(src)
	if bad == src {
		t.Fatal("nothing is wrong in it")
	}
	form := map[string]string{"key": "desk-f", "summary": "another title", "reason": "why not", "look": "yes"}
	for _, look := range []string{"yes", ""} {
		form["look"] = look
		w := send(t, h, "/do/amend-protocol", form, "protocol_file", bad, as("investigator"), in("sv"))
		page := w.Body.String()
		for _, want := range []string{"1 läses som ett heltal, och det ska vara text", "är inget av", "menade du languages?", "<b>rad 4</b>", "<b>rad 7</b>", "unknown-field", `id="e-protocol_file"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is not on the page of an amendment (looked at: %q)", want, look)
			}
		}
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(page, "did you mean") {
			t.Errorf("%d, looked at: %q", w.Code, look)
		}
	}
	first := must(NewFirst(&checking{}))
	for path, of := range map[string]url.Values{"/first/check": {"source": {bad}}, "/first/try": {"source": {bad}}, "/first/real": {"source": {bad}}} {
		page := post(t, first, path, of, in("sv")).Body.String()
		for _, want := range []string{"1 läses som ett heltal, och det ska vara text", "menade du languages?", "<b>rad "} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is not on %s", want, path)
			}
		}
		if strings.Contains(page, `lang="en"`) {
			t.Errorf("something on %s is in English", path)
		}
	}
}

// checking is a maker that checks what it is given.
type checking struct{ maker }

func (*checking) Check(source string) fault.List {
	_, l := protocol.Parse([]byte(source))
	return l
}
