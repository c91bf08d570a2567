package protocol_test

import (
	"strings"
	"testing"

	"dvala/fault"
	"dvala/protocol"
)

// Whom a participant reaches is told in her language; the one string of an older
// file is told to everybody, and its canonical form stays what it was.
func TestContactInLanguages(t *testing.T) {
	old := string(read(t, "testdata/good.yaml"))
	const plain, both = "contact: The physician", "contact: {en: The physician, sv: Läkaren}"
	c := parse(t, []byte(old))
	if !strings.Contains(string(c.Canonical()), `"contact":"The physician"`) {
		t.Errorf("the canonical form of an older file: %s", c.Canonical())
	}
	contact := c.Protocol().Safety.Contact
	if contact.In("sv") != "The physician" || contact.In("en") != "The physician" {
		t.Errorf("one string: %v", contact)
	}
	d := parse(t, []byte(strings.Replace(old, plain, both, 1)))
	contact = d.Protocol().Safety.Contact
	if contact.In("sv") != "Läkaren" || contact.In("en") != "The physician" {
		t.Errorf("in two languages: %v", contact)
	}
	again := parse(t, d.Canonical())
	if again.Hash() != d.Hash() || d.Hash() == c.Hash() {
		t.Error("the canonical form does not hold the languages")
	}
	change := protocol.Diff(c, d)
	if len(change) != 1 || change[0].Class != protocol.ClassSafety || change[0].Old != `"The physician"` {
		t.Errorf("what changed: %+v", change)
	}
}

func TestContactIsChecked(t *testing.T) {
	old := string(read(t, "testdata/good.yaml"))
	for written, code := range map[string]fault.Code{
		"contact: {en: The physician}":                   "text-missing",
		"contact: {en: A, sv: B, de: C}":                 "text-language",
		"contact: [A, B]":                                "wrong-type",
		"contact: 46":                                    "wrong-type",
		"contact: {\"\": A, en: A, sv: B}":               "text-control",
		"contact: {en: A, sv: \"\"}":                     "missing-field",
		"contact: {en: \"A\\u202eB\\u0007\", sv: \"B\"}": "text-control",
	} {
		_, problems := protocol.Parse([]byte(strings.Replace(old, "contact: The physician", written, 1)))
		found := false
		for _, p := range problems {
			found = found || p.Code == code && strings.HasPrefix(p.Place, "safety.contact")
		}
		if !found {
			t.Errorf("%s: %v", written, problems)
		}
	}
}
