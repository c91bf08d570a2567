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
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

var (
	//go:embed words/sv.json
	wordsFile []byte
	//go:embed words/codes.json
	codesFile []byte
)

// Words are the sentences of package estimate with their Swedish, by the English.
func Words() map[string]string { return read("words/sv.json", wordsFile) }

// Codes are the words that come from elsewhere, by the English: codes of the
// protocol and the ledger, names that other packages give, and how texts are joined.
func Codes() map[string]string { return read("words/codes.json", codesFile) }

func read(name string, file []byte) map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal(file, &out); err != nil {
		panic("swedish: " + name + ": " + err.Error()) // part of the program, and read by its tests
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
	numeral = regexp.MustCompile(`^[−-]?\d[\d,]*(\.\d+)?( %)?$`)
	level   = regexp.MustCompile(`^([<>]=?[\d.]+|\d+\.)$`) // of a stratum, or the number of a paragraph
	amount  = regexp.MustCompile(`^([−-]?\d[\d,.]*) ([^\d ].*)$`)
)

type book struct {
	phrases  map[string]string
	patterns []pattern // the most telling first
	later    []string  // how that begins which is put behind something else
}

var theBook = sync.OnceValue(func() book {
	b := book{phrases: map[string]string{}}
	all := Codes()
	maps.Copy(all, Words())
	for english, swedish := range all {
		literals := place.Split(english, -1)
		if strings.ContainsAny(literals[0][:min(1, len(literals[0]))], " ,;.") && len(literals[0]) > 2 {
			b.later = append(b.later, literals[0])
		}
		if len(literals) == 1 {
			b.phrases[english] = swedish
			continue
		}
		b.patterns = append(b.patterns, pattern{literals, swedish, len(strings.Join(literals, ""))})
	}
	slices.Sort(b.later)
	b.later = slices.Compact(b.later)
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
	left    int // how many more texts may be taken apart for the one asked
}

// reading is a text in Swedish, and how many letters of it were not understood.
type reading struct {
	text   string
	lost   int
	joints int // places filled, and so a measure of how far-fetched it is
}

// NewReader gives a reader that knows a protocol's texts in Swedish by their
// English; foreign marks what stands in English, and depends on that text alone.
func NewReader(said map[string]string, foreign func(string) string) *Reader {
	return &Reader{book: theBook(), said: said, foreign: foreign, memo: map[string]reading{}}
}

// Text gives a text in Swedish.
func (r *Reader) Text(s string) string {
	r.left = mostParts
	return r.read(s).text
}

// Understood says whether nothing of a text would stand in English.
func (r *Reader) Understood(s string) bool {
	r.left = mostParts
	return r.read(s).lost == 0
}

const (
	longest   = 4000 // letters of a text that is taken apart; more is no sentence of an analysis
	mostParts = 3000 // parts of one text that are looked at, so that no text takes long
	telling   = 8    // letters from which on a pattern tells by itself what a text is
)

func (r *Reader) read(s string) reading {
	if strings.TrimSpace(s) == "" {
		return reading{text: s}
	}
	if got, ok := r.memo[s]; ok {
		return got
	}
	best := reading{text: r.mark(s), lost: utf8.RuneCountInString(s)}
	r.memo[s] = best // what contains itself is not understood
	if r.left--; len(s) > longest || r.left < 0 {
		return best
	}
	if text, ok := r.known(s); ok {
		best = reading{text: text}
	} else {
		best = r.match(s, best)
		if best.lost > 0 {
			best = r.recased(s, best)
		}
		if best.lost > 0 {
			best = r.parted(s, best)
		}
		if best.lost > 0 {
			best = r.sentences(s, best)
		}
	}
	if n := utf8.RuneCountInString(s); 2*best.lost > n && !strings.Contains(s, ". ") { // more English than not
		best = reading{text: r.mark(s), lost: n}
	}
	if r.left >= 0 {
		r.memo[s] = best
	} else {
		delete(r.memo, s)
	}
	return best
}

// mark marks a text without the spaces around it.
func (r *Reader) mark(s string) string {
	text := strings.TrimSpace(s)
	before, after, _ := strings.Cut(s, text)
	return before + r.foreign(text) + after
}

// parted reads a text as one behind another, where it was put together so.
func (r *Reader) parted(s string, best reading) reading {
	for _, begin := range r.book.later {
		for at := 1; ; at++ {
			i := strings.Index(s[at:], begin)
			if i < 0 {
				break
			}
			at += i
			a, b := r.read(s[:at]), r.read(s[at:])
			if a.lost+b.lost < best.lost && min(a.lost, b.lost) == 0 {
				best = reading{text: a.text + b.text, lost: a.lost + b.lost, joints: a.joints + b.joints + 1}
			}
			if best.lost == 0 {
				return best
			}
		}
	}
	return best
}

// sentences reads a text as a sentence and what follows it, of which either may
// be foreign.
func (r *Reader) sentences(s string, best reading) reading {
	if rest, ok := strings.CutPrefix(s, " "); ok {
		if got := r.read(rest); got.lost < best.lost {
			got.text = " " + got.text
			best = got
		}
	}
	for at := 0; best.lost > 0; at++ {
		i := strings.Index(s[at:], ". ")
		if i < 0 {
			break
		}
		at += i
		a, b := r.read(s[:at+1]), r.read(s[at+1:])
		if a.lost+b.lost < best.lost {
			best = reading{text: a.text + b.text, lost: a.lost + b.lost, joints: a.joints + b.joints}
		}
	}
	return best
}

// known gives what is known as a whole: a label, a phrase, a number, a number
// with its unit, a level.
func (r *Reader) known(s string) (string, bool) {
	if t, ok := r.said[s]; ok {
		return t, true
	}
	if t, ok := r.book.phrases[s]; ok {
		return t, true
	}
	if t, ok := units[s]; ok {
		return t, true
	}
	if level.MatchString(s) {
		return s, true
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

// tells says whether a pattern is a sentence and no mere joint of two texts.
func (p pattern) tells() bool { return p.weight >= telling }

// match takes the first pattern by which everything is understood, or the
// telling one by which least is lost.
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
			if got.lost == 0 || got.lost < best.lost && p.tells() {
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
		if len(rest) < len(last) || len(rest) == len(last) && !p.tells() || !strings.HasSuffix(rest, last) {
			return false
		}
		return try(append(slices.Clone(parts), rest[:len(rest)-len(last)]))
	}
	literal := p.literals[k]
	at := 1
	if p.tells() {
		at = 0 // a place may be left empty
	}
	for at < len(rest) {
		i := strings.Index(rest[at:], literal)
		if i < 0 {
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
