package protocol

import "encoding/json"

// Notice is a Text that older files wrote as one string, without saying in which
// language: such a string is read into the entry of anyLanguage, and its
// canonical form, by which ledgers know a protocol, stays the string.
type Notice Text

// anyLanguage is the place of a string that is shown to everybody as it stands.
const anyLanguage Language = ""

// In gives the sentence in a language, or the one string that there is.
func (n Notice) In(l Language) string {
	if s, plain := n.plain(); plain {
		return s
	}
	return Text(n).In(l)
}

func (n Notice) plain() (string, bool) {
	s, is := n[anyLanguage]
	return s, is
}

// MarshalJSON writes it as the file does.
func (n Notice) MarshalJSON() ([]byte, error) {
	if s, plain := n.plain(); plain {
		return json.Marshal(s)
	}
	return json.Marshal(Text(n))
}
