package ui

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/watch"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

var languages = []string{"en", "sv"}

// words/sv.json holds what the pages say in Swedish, by the English sentence, and
// words/codes.json says kinds, roles and languages in both. What is said of problems
// is in words/refusals.json.
var (
	//go:embed words/sv.json
	swedishFile []byte
	//go:embed words/codes.json
	codeFile []byte
)

type catalogue struct {
	swedish  map[string]string
	codes    map[string]map[string]string
	refusals *refusals
	fields   map[string]map[string]string // of a protocol
}

func readWords() (*catalogue, error) {
	c := &catalogue{}
	if err := json.Unmarshal(swedishFile, &c.swedish); err != nil {
		return nil, fault.Wrap("words", "words/sv.json", err)
	}
	if err := json.Unmarshal(codeFile, &c.codes); err != nil {
		return nil, fault.Wrap("words", "words/codes.json", err)
	}
	if err := json.Unmarshal(fieldFile, &c.fields); err != nil {
		return nil, fault.Wrap("words", "words/protocol.json", err)
	}
	var err error
	c.refusals, err = readRefusals()
	return c, err
}

// say gives a sentence in a language, filled in as by fmt. One that is not known
// in it is said in English.
func (c *catalogue) say(lang, key string, args ...any) string {
	text := key
	if s, ok := c.codes[key][lang]; ok {
		text = s
	} else if lang == "sv" {
		if s, ok := c.swedish[key]; ok {
			text = s
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// coded says a code of some sort, or the code itself where there are no words.
func (c *catalogue) coded(lang, sort, code string) string {
	if text, ok := c.codes[sort+code][lang]; ok {
		return text
	}
	return c.tell(lang, code)
}

// tell says a code word (kit-mix-up, not-worn) or a row of such, joined by
// points, as far as each is known; else with spaces for hyphens.
func (c *catalogue) tell(lang, words string) string {
	parts := strings.Split(words, " · ")
	for i, p := range parts {
		plain := strings.ReplaceAll(p, "-", " ")
		switch {
		case lang == "sv" && c.swedish[p] != "":
			parts[i] = c.swedish[p]
		case lang == "sv" && c.swedish[plain] != "":
			parts[i] = c.swedish[plain]
		case code(p):
			parts[i] = plain
		}
	}
	return strings.Join(parts, " · ")
}

// stratum says a stratum as desk writes it, name and level, in a reader's words
// where there are any: the names are the protocol's.
func (c *catalogue) stratum(lang, text string) string {
	factors := strings.Split(text, ", ")
	for i, f := range factors {
		of := strings.Fields(f)
		for j, w := range of {
			if said, ok := c.codes["stratum:"+w][lang]; ok {
				of[j] = said
			}
		}
		factors[i] = strings.Join(of, " ")
	}
	return strings.Join(factors, ", ")
}

// answer says an answer in a reader's language: a code word, or a number with its
// unit; a person's own words as they are.
func (c *catalogue) answer(lang, text string) string {
	figure, unit, _ := strings.Cut(text, " ")
	x, err := strconv.ParseFloat(strings.Replace(figure, "−", "-", 1), 64)
	switch {
	case err != nil || len(figure) > len("-999.99") || strings.HasPrefix(figure, "0") && x >= 1:
		return c.tell(lang, text) // words, or a figure that is no amount: a number to call
	case unit == "":
		return number(lang, x)
	case strings.Contains(unit, " ") && c.swedish[unit] == "":
		return text
	}
	return number(lang, x) + "\u00a0" + c.say(lang, unit)
}

// code says whether a text is a word in small letters, with hyphens.
func code(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

var (
	monthsSV = strings.Fields("januari februari mars april maj juni juli augusti september oktober november december")
	daysSV   = strings.Fields("söndag måndag tisdag onsdag torsdag fredag lördag")
)

// longDate writes a date out, with its weekday: Tuesday 24 November 2026.
func longDate(lang string, d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	day, month := d.Weekday().String(), d.Month.String()
	if lang == "sv" {
		day, month = daysSV[d.Weekday()], monthsSV[d.Month-1]
	}
	return day + " " + strconv.Itoa(d.Day) + " " + month + " " + strconv.Itoa(d.Year)
}

// moment writes a point in time for a file: 2026-11-24 07:42.
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// functions are what templates may call, in a language.
func (s *Server) functions(lang string) template.FuncMap {
	t := func(key string, args ...any) string { return s.words.say(lang, key, args...) }
	return template.FuncMap{
		"t":     t,
		"n":     func(n any) string { return grouped(lang, wholeNumber(n)) },
		"whole": func(x float64) int { return int(math.RoundToEven(x)) },
		"oneOf": func(yes bool, a, b string) string {
			if yes {
				return a
			}
			return b
		},
		"cellN": func(n any) template.HTML { return cellOf(lang, wholeNumber(n)) },
		"kept":  func(k watch.Kept) template.HTML { return keptOf(lang, k) }, "few": fewOf, "ratio": ratioOf,
		"off":      func(x *float64) string { return off(lang, x) },
		"p":        func(x float64) string { return pvalue(lang, x) },
		"fixed":    func(decimals int, x float64) string { return fixed(lang, x, decimals) },
		"number":   func(x float64) string { return number(lang, x) },
		"actTitle": func(name string) string { return t(acts[name].title) },
		"lang":     func() string { return lang },
		"words":    func(x any) string { return s.words.tell(lang, fmt.Sprint(x)) },
		"text":     func(x protocol.Text) string { return x.In(protocol.Language(lang)) },
		"in":       func(x instrument.Text) string { return x.In(lang) },
		"date":     func(d civil.Date) template.HTML { return dateOf(lang, d) },
		"day":      func(d civil.Date) string { return longDate(lang, d) },
		"night":    func(d civil.Date) string { return t("Night to %s", longDate(lang, d)) },
		"at":       func(t time.Time, zone *time.Location) template.HTML { return momentOf(lang, t, zone) },
		"nth":      func(i int) int { return i + 1 },
		"signed":   minus,
		"dayCount": func(n int) string { return dayCount(s.words, lang, n) },
		"percent":  percent,
		"dash":     orDash,
		"short":    short,
		"days":     func(n *int) string { return recall(t, n) },
		"kind":     func(x any) string { return s.words.coded(lang, "kind:", fmt.Sprint(x)) },
		"coded":    func(sort string, x any) string { return s.words.coded(lang, sort, fmt.Sprint(x)) },
		"because": func(code string) string {
			text, _ := s.words.code(lang, code)
			return text
		},
		"changes":  func(x []protocol.Change) []versionChange { return s.words.changes(lang, x) },
		"filed":    func(l fault.List) []problem { return s.words.filedAll(lang, l) },
		"ours":     func(x string) string { return s.words.ours(lang, x) },
		"work":     func(kind string) string { return s.words.work(lang, kind) },
		"cameTo":   func(says string) string { return s.words.cameTo(lang, says) },
		"called":   func(name string) string { return s.words.called(lang, name) },
		"logged":   func(what, detail string) string { return s.words.logged(lang, what, detail) },
		"answer":   func(x string) string { return s.words.answer(lang, x) },
		"language": func(x any) string { return s.words.coded(lang, "language:", fmt.Sprint(x)) },
		"role":     func(x any) string { return s.words.coded(lang, "role:", fmt.Sprint(x)) },
		"bytes":    func(n int64) string { return size(lang, n) },
		"stratum":  func(key string) string { return s.words.stratum(lang, desk.Stratum(key)) },
		"cell":     func(x string) string { return s.words.stratum(lang, x) },
		"answered": func(who study.Subject, entry uint64, history bool, items []desk.Answer) answered {
			return answered{who, entry, history, items}
		},
		"plus":       func(a, b int) int { return a + b },
		"measured":   func(x float64, unit string) string { return number(lang, x) + " " + t(unit) },
		"granting":   func(page accountsPage, form typed) granting { return granting{page, form} },
		"linked":     func(see bool, n int, path string) template.HTML { return linked(lang, see, n, path) },
		"linkedCell": linkedCell, "address": address, "month": monthSpan, "monthOf": func(x string) template.HTML { return monthOf(lang, x) }, "week": weekSpan,
		"text2": func(x any) string { return fmt.Sprint(x) },
	}
}

// answered is what somebody said in one entry, with a way to all it ever was.
type answered struct {
	Who     study.Subject
	Entry   uint64
	History bool
	Items   []desk.Answer
}

func recall(t func(string, ...any) string, n *int) string {
	switch {
	case n == nil:
		return t("not stated")
	case *n == 0:
		return t("right now")
	case *n == 1:
		return t("1 day")
	}
	return t("%d days", *n)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// short is the beginning of a hash, for the eye.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12] + "…"
	}
	return hash
}

func percent(s desk.Share) string {
	if p, ok := s.Percent(); ok {
		return strconv.Itoa(p) + " %"
	}
	return "–"
}

// minus writes a whole number with a true minus.
func minus(n int) string { return strings.Replace(strconv.Itoa(n), "-", "−", 1) }

// size writes how large a file is, as a language does.
func size(lang string, n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	}
	return fixed(lang, float64(n)/1e6, 1) + " MB"
}

// pvalue writes a p-value for a table.
func pvalue(lang string, x float64) string {
	if x < 0.001 {
		return "< " + fixed(lang, 0.001, 3)
	}
	return fixed(lang, x, 3)
}

// fixed writes a number with so many decimals, as a language does.
func fixed(lang string, x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if lang == "sv" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return strings.Replace(text, "-", "−", 1)
}
