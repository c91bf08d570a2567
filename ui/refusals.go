package ui

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"

	"dvala/fault"
)

// words/refusals.json holds what the pages say of a problem.
//
//	codes      the sentence of a code, or of a code at a place, in each language: it
//	           is said whatever the message is
//	messages   what the rules say, in Swedish by the English message or hint with its
//	           places; in English the message is said as it is
//	otherwise  the sentence of a code whose message is not known: of what another
//	           program says, or of a store, whose words name hosts and paths
//	phrases    what our programs put into the places of what they say about files,
//	           and what our definitions say of licences
//
// In the Swedish of messages and phrases a place is %s where its value is told in
// the reader's words, and %v where it stands as in the file, which is not to be
// translated.
//
//go:embed words/refusals.json
var refusalFile []byte

// refusals are those words.
type refusals struct {
	Codes     map[string]map[string]string `json:"codes"`
	Messages  sentences                    `json:"messages"`
	Otherwise map[string]map[string]string `json:"otherwise"`
	Phrases   sentences                    `json:"phrases"`
}

func readRefusals() (*refusals, error) {
	r := new(refusals)
	if err := json.Unmarshal(refusalFile, r); err != nil {
		return nil, fault.Wrap("words", "words/refusals.json", err)
	}
	return r, nil
}

// told says a problem in a language, and whether there are words for it there: by
// the sentence of its code, then by the message with its values, then, where the
// message is another program's, by what else is said of the code.
func (c *catalogue) told(lang string, p *fault.Problem) (string, bool) {
	for _, key := range []string{string(p.Code), string(p.Code) + ":" + p.Place} {
		if text, ok := c.refusals.Codes[key][lang]; ok {
			return text, true
		}
	}
	theirs := p.Message == "" || p.Cause != nil && p.Message == p.Cause.Error()
	if text, ok := c.message(lang, p.Message); ok && !(theirs && lang == "en") {
		return text, true
	}
	if text, ok := c.refusals.Otherwise[string(p.Code)][lang]; ok {
		if of := particulars(p.Message); of != "" {
			text = strings.TrimSuffix(text, ".") + " (" + of + ")."
		}
		return text, true
	}
	if p.Message == "" {
		return p.Error(), false
	}
	return p.Message, lang == "en"
}

// message says a message or a hint; false where there are no words for it.
func (c *catalogue) message(lang, text string) (string, bool) {
	if lang != "sv" || text == "" {
		return text, lang != "sv"
	}
	if s, ok := c.refusals.Messages.say(c, text); ok {
		return s, true
	}
	return text, false
}

// code says a problem by its code, if there are words for it.
func (c *catalogue) code(lang, code string) (string, bool) {
	if text, ok := c.refusals.Codes[code][lang]; ok {
		return text, true
	}
	text, ok := c.refusals.Otherwise[code][lang]
	return text, ok
}

// said tells a problem in the asker's language. What the program also writes on the
// ledger, as the doubts of a diary, is told by the phrases of that.
func (a *ask) said(p *fault.Problem) string {
	text, known := a.words.told(a.lang, p)
	if known && a.lang != "en" {
		return text
	}
	return a.speaker().Note(text)
}

// refusal is a problem as the pages show it.
func (a *ask) refusal(x *fault.Problem) problem {
	_, known := a.words.told(a.lang, x)
	p := problem{Code: string(x.Code), Place: x.Place, Text: a.said(x), Hint: a.hint(x.Hint), Foreign: !known}
	p.HintForeign = a.lang != "en" && p.Hint == x.Hint
	return p
}

// particular is what a message says that is the same in every language: what
// stands in quotes, a date with or without its time, a code of a person or kit, and
// a number.
var particular = regexp.MustCompile(`"[^"]{1,60}"|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?|\b[A-Z]+-?\d+(?:-\d+)*\b|\b\d+(?:[.,:]\d+)*\b`)

// particulars gives those of a message.
func particulars(message string) string {
	found := particular.FindAllString(strings.NewReplacer("SHA-256", "", "UTF-8", "").Replace(message), -1)
	for i, f := range found {
		found[i] = strings.Trim(f, `"`)
	}
	return strings.Join(found, ", ")
}
