package ui

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dvala/civil"
)

// sentences are known again, whatever stands in their places, and said in Swedish.
type sentences struct {
	plain  map[string]string
	filled []sentence // the longest first, so that what is said most exactly is found
}

type sentence struct {
	known   *regexp.Regexp
	swedish string
	length  int
}

// UnmarshalJSON reads an object of English sentences and their Swedish. A place is
// %s, or %d of a number.
func (r *sentences) UnmarshalJSON(raw []byte) error {
	var all map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	r.plain = map[string]string{}
	places := strings.NewReplacer("%s", "(.+?)", "%d", `([-+]?\d[\d.]*(?:e[-+]?\d+)?)`)
	for english, swedish := range all {
		pattern := places.Replace(regexp.QuoteMeta(english))
		if pattern == regexp.QuoteMeta(english) {
			r.plain[english] = swedish
			continue
		}
		r.filled = append(r.filled, sentence{regexp.MustCompile("(?s)^" + pattern + "$"), swedish, len(strings.ReplaceAll(english, "%s", ""))})
	}
	slices.SortFunc(r.filled, func(a, b sentence) int {
		if a.length != b.length {
			return b.length - a.length
		}
		return strings.Compare(a.known.String(), b.known.String())
	})
	return nil
}

// say gives a sentence in Swedish, with what stood in its places.
func (r *sentences) say(c *catalogue, text string) (string, bool) {
	if s, ok := r.plain[text]; ok {
		return s, true
	}
	for _, f := range r.filled {
		if m := f.known.FindStringSubmatch(text); m != nil {
			values := make([]any, len(m)-1)
			for i, v := range m[1:] {
				values[i] = place{c, v}
			}
			return fmt.Sprintf(f.swedish, values...), true
		}
	}
	return "", false
}

// place is what stands in a place of a sentence.
type place struct {
	words *catalogue
	value string
}

// Format writes it: in the reader's words, or with %v as in the file.
func (p place) Format(w fmt.State, how rune) {
	text := p.words.filledIn("sv", p.value)
	if how == 'v' {
		text = p.words.inFile(p.value)
	}
	_, _ = fmt.Fprint(w, text) // a state takes all
}

// inFile says what stands in a place of what is said about a file: a phrase of ours,
// several with commas between, or something of the file's own.
func (c *catalogue) inFile(v string) string {
	if s, ok := c.refusals.Phrases.plain[v]; ok {
		return s
	}
	parts, known := strings.Split(v, ", "), 0
	for i, p := range parts {
		if s, ok := c.refusals.Phrases.say(c, p); ok {
			parts[i] = s
			known++
		}
	}
	if known == len(parts) {
		return strings.Join(parts, ", ")
	}
	if s, ok := c.refusals.Phrases.say(c, v); ok {
		return s
	}
	return v
}

// ours says what a definition inside this program says of a licence; nothing of what
// is a name, or another's words.
func (c *catalogue) ours(lang, text string) string {
	if lang == "en" {
		return text
	}
	return c.refusals.Phrases.plain[text]
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
