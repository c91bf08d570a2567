package ui

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"dvala/protocol"
)

// words/protocol.json says what the fields of a protocol are called, in each
// language: by the field's whole way from the top, without the names of lists'
// members, or by its own name where it is called the same everywhere.
//
//go:embed words/protocol.json
var fieldFile []byte

// versionChange is a difference between two versions as a page shows it.
type versionChange struct {
	protocol.Change
	Where    string // the place in words
	From, To []shownValue
}

// shownValue is what a field holds, or a part of it, in a language of its own.
type shownValue struct{ Lang, Text string }

func (c *catalogue) changes(lang string, of []protocol.Change) []versionChange {
	out := make([]versionChange, len(of))
	for i, x := range of {
		out[i] = versionChange{x, c.where(lang, x.Place), c.shown(lang, x.Old), c.shown(lang, x.New)}
	}
	return out
}

// where says a place of a protocol in words: visit day-7, days after.
func (c *catalogue) where(lang, place string) string {
	var way, words []string
	for place != "" {
		end := strings.IndexAny(place, ".[")
		if end < 0 {
			end = len(place)
		}
		name := place[:end]
		way = append(way, name)
		said := c.field(lang, strings.Join(way, "."), name)
		if place = place[end:]; strings.HasPrefix(place, "[") {
			id, rest, _ := strings.Cut(place[1:], "]")
			said, place = said+" "+id, rest
		}
		words = append(words, said)
		place = strings.TrimPrefix(place, ".")
	}
	return strings.Join(words, " · ")
}

func (c *catalogue) field(lang, way, name string) string {
	for _, key := range []string{way, name} {
		if said, ok := c.fields[key][lang]; ok {
			return said
		}
	}
	return name
}

// shown gives a value of the canonical form to read: a text in each of its languages,
// yes and no, words without their quotes; what has parts as it is written.
func (c *catalogue) shown(lang, raw string) []shownValue {
	if raw == "" {
		return nil
	}
	var text map[protocol.Language]string
	if json.Unmarshal([]byte(raw), &text) == nil && len(text) > 0 && isText(text) {
		var out []shownValue
		for _, l := range languages {
			if s := text[protocol.Language(l)]; s != "" {
				out = append(out, shownValue{l, s})
			}
		}
		return out
	}
	var yes bool
	var word string
	var words []string
	switch {
	case json.Unmarshal([]byte(raw), &yes) == nil && raw == "true":
		return []shownValue{{"", c.say(lang, "yes")}}
	case json.Unmarshal([]byte(raw), &word) == nil:
		return []shownValue{{"", word}}
	case json.Unmarshal([]byte(raw), &words) == nil:
		return []shownValue{{"", strings.Join(words, ", ")}}
	}
	return []shownValue{{"", raw}}
}

// isText says whether all the keys are languages of the pages.
func isText(text map[protocol.Language]string) bool {
	for l := range text {
		if !slices.Contains(languages, string(l)) {
			return false
		}
	}
	return true
}
