package exchange

import (
	"strings"

	"dvala/study"
)

// Sealed stands in a table where the ledger holds words of a person's own: they
// lie under her key, which no export has.
const Sealed = "(sealed)"

// veiled puts Sealed in the place of ciphertext, which tells nobody anything and
// could be taken for an answer. It may stand inside JSON.
func veiled(s string) string {
	at := strings.Index(s, study.SealedMark)
	if at < 0 {
		return s
	}
	body := s[at+len(study.SealedMark):]
	if at > 0 && s[at-1] != '"' { // amid other words: nobody's ciphertext
		return s[:at+len(study.SealedMark)] + veiled(body)
	}
	end := strings.IndexFunc(body, func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("+/-_=", r))
	})
	if end < 0 {
		end = len(body)
	}
	return s[:at] + Sealed + veiled(body[end:])
}
