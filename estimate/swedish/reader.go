// Package swedish reads the English texts of results and gives them in Swedish.
//
// Results hold what an analysis says of itself in English alone, since they are
// hashed. Those texts are few sentences with places for numbers, labels and other
// such texts; words/sv.json holds each, a place being %s, with its Swedish, whose
// places may stand in another order (%[2]s). A Reader recognises a text by these,
// reads what stands in its places in the same way, and puts it together again in
// Swedish. Labels are the protocol's own, as it says them in Swedish. What is not
// recognised stands as it is and is handed to a function that marks it as foreign.
//
// A test reads the source of package estimate and fails for a sentence there that
// words/sv.json does not have, and for one it has that nobody says.
package swedish

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed words/sv.json
var wordsFile []byte

// Words are the sentences with their Swedish, by the English.
func Words() map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal(wordsFile, &out); err != nil {
		panic("swedish: words/sv.json: " + err.Error()) // part of the program, and read by its tests
	}
	return out
}

// pattern is a sentence with places: literals around them, one more than places.
type pattern struct {
	literals []string
	swedish  string
	weight   int // letters of the literals
}

var (
	place   = regexp.MustCompile(`%(?:\[(\d+)\])?s`)
	numeral = regexp.MustCompile(`^[−-]?\d[\d,.]*( %)?$`)
	amount  = regexp.MustCompile(`^([−-]?\d[\d,.]*) ([^\d ].*)$`)
)

type book struct {
	phrases  map[string]string
	patterns []pattern // the most telling first
}

var theBook = sync.OnceValue(func() book {
	b := book{phrases: map[string]string{}}
	for english, swedish := range Words() {
		literals := place.Split(english, -1)
		if len(literals) == 1 {
			b.phrases[english] = swedish
			continue
		}
		b.patterns = append(b.patterns, pattern{literals, swedish, len(strings.Join(literals, ""))})
	}
	slices.SortFunc(b.patterns, func(x, y pattern) int {
		if x.weight != y.weight {
			return y.weight - x.weight
		}
		return strings.Compare(strings.Join(x.literals, "%s"), strings.Join(y.literals, "%s"))
	})
	return b
})

// Reader gives texts of one trial's results in Swedish.
type Reader struct {
	book    book
	said    map[string]string
	foreign func(string) string
	memo    map[string]reading
}

// reading is a text in Swedish, and how many letters of it were not understood.
type reading struct {
	text   string
	lost   int
	joints int // places filled, and so a measure of how far-fetched it is
}

// NewReader gives a reader that knows a protocol's texts in Swedish by their
// English; foreign marks what stands in English.
func NewReader(said map[string]string, foreign func(string) string) *Reader {
	return &Reader{book: theBook(), said: said, foreign: foreign, memo: map[string]reading{}}
}

// Text gives a text in Swedish.
func (r *Reader) Text(s string) string { return r.read(s).text }

// Understood says whether nothing of a text would stand in English.
func (r *Reader) Understood(s string) bool { return r.read(s).lost == 0 }

// longest is how much text is taken apart; more is no sentence of an analysis.
const longest = 4000

func (r *Reader) read(s string) reading {
	if strings.TrimSpace(s) == "" {
		return reading{text: s}
	}
	if got, ok := r.memo[s]; ok {
		return got
	}
	best := reading{text: r.foreign(s), lost: utf8.RuneCountInString(s)}
	r.memo[s] = best // what contains itself is not understood
	if len(s) > longest {
		return best
	}
	if text, ok := r.known(s); ok {
		best = reading{text: text}
	} else {
		best = r.match(s, best)
		if best.lost > 0 {
			best = r.recased(s, best)
		}
	}
	r.memo[s] = best
	return best
}

// known gives what is known as a whole: a label, a phrase, a number, a number
// with its unit.
func (r *Reader) known(s string) (string, bool) {
	if t, ok := r.said[s]; ok {
		return t, true
	}
	if t, ok := r.book.phrases[s]; ok {
		return t, true
	}
	if numeral.MatchString(s) {
		return Number(s), true
	}
	if m := amount.FindStringSubmatch(s); m != nil {
		if u, ok := units[m[2]]; ok {
			return Number(m[1]) + " " + u, true
		}
	}
	return "", false
}

// recased tries the text with its first letter in the other case, as a sentence
// begins with a label and a label stands in a sentence.
func (r *Reader) recased(s string, best reading) reading {
	other := flipped(s)
	if other == s {
		return best
	}
	text, ok := r.known(other)
	got := reading{text: text}
	if !ok {
		got = r.match(other, reading{text: best.text, lost: best.lost})
	}
	if got.lost >= best.lost {
		return best
	}
	first, _ := utf8.DecodeRuneInString(s)
	if unicode.IsUpper(first) {
		got.text = Capital(got.text)
	} else {
		got.text = InText(got.text)
	}
	return got
}

func flipped(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	if unicode.IsUpper(c) {
		return string(unicode.ToLower(c)) + s[n:]
	}
	return string(unicode.ToUpper(c)) + s[n:]
}

// match takes the first pattern by which everything is understood, or the one
// by which least is lost.
func (r *Reader) match(s string, best reading) reading {
	for _, p := range r.book.patterns {
		if p.weight > len(s) || !strings.HasPrefix(s, p.literals[0]) || !strings.HasSuffix(s, p.literals[len(p.literals)-1]) {
			continue
		}
		found := false
		p.fill(s[len(p.literals[0]):], 1, nil, func(parts []string) bool {
			got := reading{joints: len(parts)}
			in := make([]string, len(parts))
			for i, part := range parts {
				x := r.read(part)
				in[i], got.lost, got.joints = x.text, got.lost+x.lost, got.joints+x.joints
			}
			if got.lost < best.lost {
				got.text = fill(p.swedish, in)
				best = got
			}
			found = best.lost == 0
			return found
		})
		if found {
			return best
		}
	}
	return best
}

// fill gives all ways in which the rest of a text can fill the places from the
// k-th literal on, until try says that it is content.
func (p pattern) fill(rest string, k int, parts []string, try func([]string) bool) bool {
	if k == len(p.literals)-1 {
		last := p.literals[k]
		if len(rest) <= len(last) || !strings.HasSuffix(rest, last) {
			return false
		}
		return try(append(slices.Clone(parts), rest[:len(rest)-len(last)]))
	}
	literal := p.literals[k]
	for at := 1; at < len(rest); {
		i := strings.Index(rest[at:], literal)
		if i < 0 || literal == "" {
			return false
		}
		at += i
		if p.fill(rest[at+len(literal):], k+1, append(slices.Clone(parts), rest[:at]), try) {
			return true
		}
		at++
	}
	return false
}

// fill puts parts into the places of a Swedish sentence.
func fill(sentence string, parts []string) string {
	next := 0
	return place.ReplaceAllStringFunc(sentence, func(m string) string {
		k := next
		if sub := place.FindStringSubmatch(m); sub[1] != "" {
			k, _ = strconv.Atoi(sub[1])
			k--
		} else {
			next++
		}
		if k < 0 || k >= len(parts) {
			return m
		}
		return parts[k]
	})
}
