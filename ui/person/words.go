package person

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// words.json holds every sentence of these pages, in both languages side by
// side. Those that begin with js. are for the scripts.
//
//go:embed words.json
var wordFile []byte

type catalogue struct {
	of      map[string]map[string]string // key → language → text
	scripts map[string]string            // language → the scripts' part, as JSON
}

func readWords() (*catalogue, error) {
	c := &catalogue{scripts: map[string]string{}}
	if err := json.Unmarshal(wordFile, &c.of); err != nil {
		return nil, fault.Wrap("words", "words.json", err)
	}
	for _, lang := range languages {
		part := map[string]string{}
		for key, text := range c.of {
			if name, ok := strings.CutPrefix(key, "js."); ok {
				part[name] = text[lang]
			}
		}
		b, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		c.scripts[lang] = string(b)
	}
	return c, nil
}

// say gives a text, with {name} filled in from pairs of name and value. A key
// that is not there is told as itself, so that it is seen.
func (c *catalogue) say(lang, key string, pairs ...any) string {
	text, ok := c.of[key][lang]
	if !ok {
		return "[" + key + "]"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return text
}

// maybe gives a text where there is one.
func (c *catalogue) maybe(lang, key string) string { return c.of[key][lang] }

// count gives the text for a number of things: key.one for 1, key.many else.
func (c *catalogue) count(lang, key string, n int, pairs ...any) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return c.say(lang, key+form, append([]any{"n", n}, pairs...)...)
}

func (p *Pages) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, pairs ...any) string { return p.words.say(lang, key, pairs...) },
		"n":      func(key string, n int, pairs ...any) string { return p.words.count(lang, key, n, pairs...) },
		"day":    func(d civil.Date) string { return longDate(lang, d) },
		"date":   func(d civil.Date) string { return fullDate(lang, d) },
		"clock":  func(at time.Time, zone *time.Location) string { return clockTime(at, zone) },
		"lang":   func() string { return lang },
		"dateof": func(at time.Time, zone *time.Location) civil.Date { return civil.DateOf(at.In(zone)) },
		"item": func(it itemView, unsure bool, problem string) map[string]any {
			return map[string]any{"Item": it, "Unsure": unsure, "Problem": problem}
		},
		"of":    func(f frame, r receipt) map[string]any { return map[string]any{"Page": f, "Receipt": r} },
		"dial":  dialled,
		"asset": func(name string) string { return p.assets.url(name) },
		"paragraphs": func(s string) []string {
			var out []string
			for part := range strings.SplitSeq(s, "\n\n") {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, part)
				}
			}
			return out
		},
	}
}
