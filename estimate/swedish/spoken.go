package swedish

import (
	_ "embed"
	"encoding/json"
	"sync"
)

//go:embed words/spoken.json
var spokenFile []byte

var spoken = sync.OnceValue(SpokenWords)

// SpokenWords are the sentences that a result speaks, by the English.
func SpokenWords() map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal(spokenFile, &out); err != nil {
		panic("swedish: words/spoken.json: " + err.Error()) // part of the program, and read by its tests
	}
	return out
}

// Spoken gives the Swedish of what a result says, or the format of it; what has
// none as it stands.
func Spoken(english string) string {
	if s, ok := spoken()[english]; ok {
		return s
	}
	return english
}
