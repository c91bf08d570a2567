package protocol_test

import (
	"strings"
	"testing"

	"dvala/protocol"
)

// A question with ask_if is asked of whom it concerns; whoever is not asked counts
// as a no, and has no answer; without the field a protocol is what it was.
func TestAskIf(t *testing.T) {
	const line = "    - {name: ill, type: bool, label: {en: Ill?, sv: Sjuk?}}\n"
	good := string(read(t, "testdata/good.yaml"))
	spoilt := strings.Replace(good, line, "    - {name: ill, type: bool, ask_if: 'sex == \"female\" && age >= 50', label: {en: Ill?, sv: Sjuk?}}\n", 1)
	if spoilt == good {
		t.Fatal("the good protocol asks otherwise")
	}
	c, plain := parse(t, []byte(spoilt)), parse(t, []byte(good))
	if c.Hash() == plain.Hash() || strings.Contains(string(plain.Canonical()), "ask_if") || strings.Contains(string(plain.Canonical()), "scored") {
		t.Error("the field does not tell in the hash, or tells where it is not")
	}
	base := map[string]string{"age": "60", "sex": "female", "weight": "70"}
	with := func(more ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for _, k := range []struct {
		what, code string
		texts      map[string]string
		answered   bool
	}{
		{"who is asked and says nothing", "answer-missing", with(), false},
		{"who is asked and says no", "", with("ill", "false"), true},
		{"who is asked and says yes", "", with("ill", "true"), true},
		{"who is not asked", "", with("sex", "male"), false},
		{"who is not asked and says no", "", with("age", "40", "ill", "false"), false},
		{"who is not asked and says yes", "answer-not-asked", with("sex", "male", "ill", "true"), false},
	} {
		answers, l := c.ParseAnswers(k.texts)
		if got := l.Err() == nil; got != (k.code == "") || !got && string(l[0].Code) != k.code {
			t.Errorf("%s: %v", k.what, l)
			continue
		}
		if _, there := answers["ill"]; there != k.answered {
			t.Errorf("%s: %v", k.what, answers)
		}
		if k.code != "" {
			continue
		}
		e, err := c.Eligible(answers)
		if err != nil || e.Eligible() != (k.texts["ill"] != "true") {
			t.Errorf("%s: %v, %v", k.what, e, err)
		}
	}
	if _, err := c.Eligible(protocol.Answers{"age": protocol.Int(60), "sex": protocol.Choice("female"), "weight": protocol.Number(70)}); err == nil {
		t.Error("an answer is missing, and nobody says so")
	}
}

// What a rule may look at, and what may hang on one.
func TestAskIfRefuses(t *testing.T) {
	good := string(read(t, "testdata/good.yaml"))
	const ill, weight = "{name: ill, type: bool,", "{name: weight, type: number,"
	for what, k := range map[string]struct{ old, text, code string }{
		"a later question":  {ill, "{name: ill, type: bool, ask_if: later,", "criterion-question"},
		"itself":            {ill, "{name: ill, type: bool, ask_if: ill,", "question-ask-if"},
		"a number":          {weight, "{name: weight, type: number, ask_if: age > 50,", "question-ask-if"},
		"no question":       {ill, "{name: ill, type: bool, ask_if: 1 < 2,", "criterion-constant"},
		"no level":          {ill, "{name: ill, type: bool, ask_if: 'sex == \"man\"',", "criterion-level"},
		"no yes or no":      {ill, "{name: ill, type: bool, ask_if: age + 1,", "criterion-rule"},
		"no instrument":     {weight, "{name: weight, type: number, scored: {instrument: isj, score: total},", "instrument-unknown"},
		"a score of a bool": {ill, "{name: ill, type: bool, scored: {instrument: isi, score: total},", "question-score"},
	} {
		if !strings.Contains(good, k.old) {
			t.Fatalf("the good protocol does not say %q", k.old)
		}
		_, problems := protocol.Parse([]byte(strings.Replace(good, k.old, k.text, 1)), protocol.File("protocol.yaml"))
		found := false
		for _, p := range problems {
			found = found || string(p.Code) == k.code
		}
		if !found {
			t.Errorf("%s: %s", what, problems.Text())
		}
	}
}
