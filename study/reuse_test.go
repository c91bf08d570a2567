package study

import (
	"encoding/json"
	"testing"

	"dvala/civil"
)

func keyed(m Meta, key string) Meta {
	m.Key = key
	return m
}

// The same key is the same command by the same account, however often and in
// whatever order of members it is given; with other content, or by somebody else, it
// is refused, and never answered as done.
func TestSameKeyIsSameCommand(t *testing.T) {
	s := opened(t)
	first := do(t, s, screenCommand(40, "female"), keyed(staff(day(0), ""), "a"))[0]
	who := first.Subject
	if again := do(t, s, screenCommand(40, "female"), keyed(staff(day(1), ""), "a")); len(again) != 0 {
		t.Errorf("%+v", again)
	}
	refuse(t, s, "key-reused", screenCommand(41, "female"), keyed(staff(day(1), ""), "a"))
	other := keyed(staff(day(1), ""), "a")
	other.Actor = "bo"
	refuse(t, s, "key-reused", screenCommand(40, "female"), other)

	do(t, s, Consent{Version: "1.0", Language: "sv"}, staff(day(1), who))
	do(t, s, Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(1), who))
	night := civil.DateOf(day(2))
	diary := func(answers string) Answer {
		return Answer{Instrument: "csd", Night: night, Language: "sv", Answers: json.RawMessage(answers)}
	}
	sealedWords := `"comments":"dvala1:QUJD"`
	f := do(t, s, diary(`{"sol":20,`+sealedWords+`}`), keyed(herself(day(2), who), "b"))[0]
	for _, same := range []string{`{"sol":20,` + sealedWords + `}`, `{ ` + sealedWords + `, "sol":20}`, `{"sol":20,"comments":"not sealed yet"}`} {
		if again := do(t, s, diary(same), keyed(herself(day(3), who), "b")); len(again) != 0 {
			t.Error(same, again)
		}
	}
	for _, not := range []string{`{"sol":21,` + sealedWords + `}`, `{"sol":20,"comments":"dvala1:QUJE"}`} {
		refuse(t, s, "key-reused", diary(not), keyed(herself(day(3), who), "b"))
	}
	if again := must(Decode(must(Encode(f)))); again.Digest != f.Digest || len(f.Digest) != 2*digestChars+1 {
		t.Errorf("%q", again.Digest)
	}
	// What a person's device filled the form in with does not make it another.
	timed := diary(`{"sol":20,` + sealedWords + `}`)
	timed.Paradata = &Paradata{Seconds: 9}
	do(t, s, timed, keyed(herself(day(3), who), "b"))
	// Her words and reasons in the clear leave no digest that could be guessed at.
	do(t, s, NoteDeviation{Deviation{Code: "kit-mix-up", Note: "in the clear"}}, keyed(because(staff(day(3), who)), "c"))
	one := s.keys["c"].digest
	if two := s.digestOf(NoteDeviation{Deviation{Code: "kit-mix-up", Note: "other words"}}, Meta{Actor: "anna", Subject: who}); one != two || len(one) != digestChars {
		t.Errorf("%q %q", one, two)
	}
}

// Entries of before there were digests are compared as they were then, and one with
// a digest that is none is refused.
func TestKeysOfOldLedgers(t *testing.T) {
	s := opened(t)
	e := must(Encode(Fact{Index: s.Entries, Meta: completed(s, keyed(staff(day(0), "P0001"), "a")), Event: must(judge(s.Protocol, "main", screenCommand(40, "female").Answers))}))
	if _, err := s.Replay(e); err != nil {
		t.Fatal(err)
	}
	do(t, s, screenCommand(41, "female"), keyed(staff(day(1), ""), "a"))
	refuse(t, s, "key-reused", Consent{Version: "1.0", Language: "sv"}, keyed(staff(day(1), "P0001"), "a"))
	bad := Fact{Index: s.Entries, Meta: completed(s, keyed(staff(day(1), "P0001"), "z")), Event: Withdrew{From: FromFollowUp, Why: "other", Date: civil.DateOf(day(1))}}
	bad.Digest = "abc"
	if _, err := Encode(bad); err == nil {
		t.Error("a digest of three digits")
	}
}
