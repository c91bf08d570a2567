package protocol

import "testing"

// What a protocol says in Swedish is known by its English; of two that are alike
// in English the first counts, and what has no Swedish is not there.
func TestSaid(t *testing.T) {
	s := Said{}
	s.add(Text{"en": "Placebo", "sv": "Placebo"}, "sv")
	s.add(Text{"en": "Age", "sv": "Ålder"}, "sv")
	s.add(Text{"en": "Age", "sv": "År"}, "sv")
	s.add(Text{"en": "Ring"}, "sv")
	s.add(Text{"sv": "Sömn"}, "sv")
	s.add(Text{"de": "Schlaf"}, "sv")
	want := Said{"Placebo": "Placebo", "Age": "Ålder", "Sömn": "Sömn"}
	if len(s) != len(want) {
		t.Error(s)
	}
	for k, v := range want {
		if s[k] != v {
			t.Errorf("%s is %q, want %q", k, s[k], v)
		}
	}
}
