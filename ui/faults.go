package ui

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dvala/civil"
	"dvala/fault"
)

// words/faults.json holds what the rules say to staff, in Swedish, by the English
// message or hint with its places. A message that is not there is shown as it is.
//
//go:embed words/faults.json
var faultFile []byte

// faultTexts knows messages again, and says them in Swedish.
type faultTexts struct {
	plain  map[string]string
	filled []faultText // the longest first, so that what is said most exactly is found
}

type faultText struct {
	known   *regexp.Regexp
	swedish string
	length  int
}

func readFaults() (*faultTexts, error) {
	var all map[string]string
	if err := json.Unmarshal(faultFile, &all); err != nil {
		return nil, fault.Wrap("words", "words/faults.json", err)
	}
	r := &faultTexts{plain: map[string]string{}}
	for english, swedish := range all {
		if !strings.Contains(english, "%s") {
			r.plain[english] = swedish
			continue
		}
		pattern := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(english), "%s", "(.+?)") + "$"
		r.filled = append(r.filled, faultText{regexp.MustCompile(pattern), swedish, len(strings.ReplaceAll(english, "%s", ""))})
	}
	slices.SortFunc(r.filled, func(a, b faultText) int {
		if a.length != b.length {
			return b.length - a.length
		}
		return strings.Compare(a.known.String(), b.known.String())
	})
	return r, nil
}

// refuse gives a message in a language; false where there are no words for it.
func (c *catalogue) refuse(lang, message string) (string, bool) {
	if lang != "sv" || message == "" {
		return message, lang != "sv"
	}
	if s, ok := c.faults.plain[message]; ok {
		return s, true
	}
	for _, f := range c.faults.filled {
		if m := f.known.FindStringSubmatch(message); m != nil {
			values := make([]any, len(m)-1)
			for i, v := range m[1:] {
				values[i] = c.filledIn(lang, v)
			}
			return fmt.Sprintf(f.swedish, values...), true
		}
	}
	return message, false
}

// filledIn says what stands in a place: a date, a code or several, a role, or what
// somebody wrote, in its quotes.
func (c *catalogue) filledIn(lang, v string) string {
	if inner, ok := strings.CutPrefix(v, "["); ok && strings.HasSuffix(inner, "]") {
		words := strings.Fields(strings.TrimSuffix(inner, "]"))
		for i, w := range words {
			words[i] = c.filledIn(lang, w)
		}
		return strings.Join(words, ", ")
	}
	if d, err := civil.ParseDate(v); err == nil {
		return shortDate(lang, d)
	}
	for _, sort := range []string{"role:", "kind:", "stock:", "withdrawal:"} {
		if s, ok := c.codes[sort+v][lang]; ok {
			return small(s)
		}
	}
	return c.tell(lang, v)
}

// small begins a word with a small letter, as within a sentence.
func small(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
