package swedish

import (
	_ "embed"
	"sync"
)

//go:embed words/spoken.json
var spokenFile []byte

var spoken = sync.OnceValue(SpokenWords)

// SpokenWords are the sentences that a result speaks, by the English.
func SpokenWords() map[string]string { return read("words/spoken.json", spokenFile) }

// Spoken gives the Swedish of what a result says, or the format of it; what has
// none as it stands.
func Spoken(english string) string {
	if s, ok := spoken()[english]; ok {
		return s
	}
	return english
}
