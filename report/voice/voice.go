// Package voice says what a report says in the reader's language: words by
// their English, and numbers, p-values and dates as the language sets them.
//
// The English sentence, or its format, is the key; words/sv.json holds the
// Swedish, whose places may stand in another order (%[2]s). A test of package
// report reads the source of report and figure and fails for any words that
// have no Swedish there, and for any Swedish that nobody says.
package voice

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"dvala/protocol"
)

//go:embed words/sv.json
var swedishFile []byte

// swedishWords is the file read, once.
var swedishWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal(swedishFile, &out); err != nil {
		panic("voice: words/sv.json: " + err.Error()) // part of the program, and read by its tests
	}
	return out
})

// Voice speaks one language. The zero Voice speaks English.
type Voice struct{ swedish bool }

// In gives the voice of a language: Swedish, or English for any other.
func In(l protocol.Language) Voice { return Voice{swedish: l == "sv"} }

// Lang is the language that is spoken, as an attribute of a page tells it.
func (v Voice) Lang() string {
	if v.swedish {
		return "sv"
	}
	return "en"
}

// IsSwedish says whether it is Swedish that is spoken.
func (v Voice) IsSwedish() bool { return v.swedish }

// Say gives a sentence, filled in as by fmt. Without anything to fill in it is
// given as it stands. What has no Swedish is said in English.
func (v Voice) Say(english string, args ...any) string {
	text := english
	if v.swedish {
		if s, ok := swedishWords()[english]; ok {
			text = s
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Words are all sentences with their Swedish, by the English.
func Words() map[string]string {
	out := map[string]string{}
	for k, v := range swedishWords() {
		out[k] = v
	}
	return out
}

// A text that stands in another language than the page's is set between these
// marks until the page is written (see Marked); they have no width.
const (
	foreignFrom = '\ue000'
	foreignTo   = '\ue001'
)

// Foreign marks a text as English where the page is not.
func Foreign(text string) string {
	if strings.TrimSpace(text) == "" {
		return text
	}
	return string(foreignFrom) + text + string(foreignTo)
}

// IsMark says whether a character is one of the marks of Foreign.
func IsMark(r rune) bool { return r == foreignFrom || r == foreignTo }

// Plain is a text without marks.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if IsMark(r) {
			return -1
		}
		return r
	}, text)
}
