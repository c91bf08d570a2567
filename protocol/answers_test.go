package protocol_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/protocol"
)

func small(t testing.TB) protocol.Checked { return parse(t, read(t, "testdata/good.yaml")) }

func well() map[string]string {
	return map[string]string{"age": "41", "sex": "female", "weight": "61.5", "ill": "false"}
}

// Each inclusion must be true and each exclusion false; what keeps a person
// out is told in the protocol's own sentence.
func TestEligible(t *testing.T) {
	c := small(t)
	for _, x := range []struct {
		name, value string
		want        string
	}{
		{"age", "41", "eligible"},
		{"age", "18", "eligible"},
		{"age", "17", "not eligible: adult"},
		{"ill", "true", "not eligible: illness"},
		{"weight", "39.9", "not eligible: illness"}, // a woman under 40 kg
		{"weight", "40", "eligible"},
	} {
		texts := well()
		texts[x.name] = x.value
		a, problems := c.ParseAnswers(texts)
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		e, err := c.Eligible(a)
		if err != nil || e.String() != x.want {
			t.Errorf("%s %s: %s, %v; want %s", x.name, x.value, e, err, x.want)
		}
	}
	texts := well()
	texts["age"], texts["ill"] = "9", "true"
	a, _ := c.ParseAnswers(texts)
	e, err := c.Eligible(a)
	if err != nil || len(e.Failed) != 2 || e.Failed[0].Exclude || !e.Failed[1].Exclude || e.Failed[1].Show.In("sv") != "Sjuk" {
		t.Errorf("got %+v, %v", e, err)
	}
}

// Answers are strict: all there, of their type, within bounds, none unknown,
// and all problems told at once.
func TestParseAnswers(t *testing.T) {
	c := small(t)
	_, problems := c.ParseAnswers(map[string]string{"age": "41.5", "sex": "woman", "weight": "1e9", "illl": "true"})
	want := map[fault.Code]string{"answer-form": "age", "answer-level": "sex", "answer-range": "weight", "answer-missing": "ill", "answer-unknown": "illl"}
	for _, p := range problems {
		if want[p.Code] != p.Place {
			t.Errorf("unexpected: %s", p.Text())
		}
		delete(want, p.Code)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
	for _, bad := range []string{"0x20", "1_0", " 41", "41 ", "+41e0x", "NaN", "Inf", "forty", "041"} {
		texts := well()
		texts["age"] = bad
		if _, problems := c.ParseAnswers(texts); problems.Err() == nil {
			t.Errorf("%q passes for an age", bad)
		}
	}
}

// What was not parsed is checked again: a value made by hand, or read from
// JSON, cannot be judged by the wrong type.
func TestEligibleChecksAgain(t *testing.T) {
	c := small(t)
	a, _ := c.ParseAnswers(well())
	for name, v := range map[string]protocol.Value{
		"age": protocol.Choice("41"), "weight": protocol.Bool(true), "sex": protocol.Choice("woman"), "ill": {},
	} {
		spoilt := protocol.Answers{}
		for k, x := range a {
			spoilt[k] = x
		}
		spoilt[name] = v
		if _, err := c.Eligible(spoilt); err == nil {
			t.Errorf("%s may be %#v", name, v)
		}
		delete(spoilt, name)
		if _, err := c.Eligible(spoilt); err == nil {
			t.Errorf("%s may be missing", name)
		}
	}
}

// A rule without a value for these answers is an error, not a verdict.
func TestRuleWithoutValue(t *testing.T) {
	src := strings.Replace(string(read(t, "testdata/good.yaml")), "rule: age >= 18", "rule: 100 / age < 6", 1)
	c := parse(t, []byte(src))
	texts := well()
	texts["age"] = "0"
	a, problems := c.ParseAnswers(texts)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	if e, err := c.Eligible(a); fault.CodeOf(err) != "criterion-undefined" {
		t.Errorf("got %s, %v", e, err)
	}
}

// Answers go through JSON and text unchanged.
func TestAnswersRoundTrip(t *testing.T) {
	c := small(t)
	rapid.Check(t, func(r *rapid.T) {
		a := protocol.Answers{
			"age":    protocol.Int(rapid.IntRange(0, 120).Draw(r, "age")),
			"sex":    protocol.Choice(rapid.SampledFrom([]string{"female", "male"}).Draw(r, "sex")),
			"weight": protocol.Number(rapid.Float64Range(30, 300).Draw(r, "weight")),
			"ill":    protocol.Bool(rapid.Bool().Draw(r, "ill")),
		}
		b, err := json.Marshal(a)
		if err != nil {
			r.Fatal(err)
		}
		var fromJSON protocol.Answers
		if err := json.Unmarshal(b, &fromJSON); err != nil {
			r.Fatal(err)
		}
		fromText, problems := c.ParseAnswers(a.Texts())
		if problems.Err() != nil {
			r.Fatal(problems)
		}
		for k, v := range a {
			if fromJSON[k] != v || fromText[k] != v {
				r.Fatalf("%s: %v became %v and %v", k, v, fromJSON[k], fromText[k])
			}
		}
		x, err1 := c.Eligible(a)
		y, err2 := c.Eligible(fromJSON)
		if err1 != nil || err2 != nil || x.String() != y.String() {
			r.Fatal(x, err1, y, err2)
		}
	})
}

// Cells come in a fixed order, and everybody falls in one of them.
func TestCells(t *testing.T) {
	c := small(t)
	want := []string{
		"site=lund,sex=female,age=<40", "site=lund,sex=female,age=>=40",
		"site=lund,sex=male,age=<40", "site=lund,sex=male,age=>=40",
	}
	for i, cell := range c.Cells() {
		if cell.Key != want[i] {
			t.Errorf("cell %d is %s, not %s", i, cell.Key, want[i])
		}
		if site, ok := cell.Site(); !ok || site != "lund" {
			t.Errorf("the site of %s is %q", cell.Key, site)
		}
	}
	for age, key := range map[string]string{"39": want[0], "40": want[1]} {
		texts := well()
		texts["age"] = age
		a, _ := c.ParseAnswers(texts)
		if cell, err := c.CellOf("lund", a); err != nil || cell.Key != key {
			t.Errorf("age %s: %s, %v", age, cell.Key, err)
		}
	}
	a, _ := c.ParseAnswers(well())
	if _, err := c.CellOf("umea", a); fault.CodeOf(err) != "site-unknown" {
		t.Errorf("another site: %v", err)
	}
	delete(a, "sex")
	if _, err := c.CellOf("lund", a); fault.CodeOf(err) != "answer-missing" {
		t.Errorf("without a sex: %v", err)
	}
	cross := parse(t, read(t, "testdata/cross.yaml"))
	if cells := cross.Cells(); len(cells) != 1 || cells[0].Key != "all" {
		t.Errorf("without strata: %v", cells)
	}
	if cell, err := cross.CellOf("lund", nil); err != nil || cell.Key != "all" {
		t.Errorf("without strata: %v, %v", cell, err)
	}
}

// A number is at or above a cut, or below it, whatever the cuts.
func TestLevels(t *testing.T) {
	src := strings.Replace(string(read(t, "testdata/good.yaml")), "cuts: [40]", "cuts: [30, 45.5]", 1)
	c := parse(t, []byte(src))
	for age, level := range map[string]string{"29": "<30", "30": "30..<45.5", "45": "30..<45.5", "46": ">=45.5"} {
		texts := well()
		texts["age"] = age
		a, _ := c.ParseAnswers(texts)
		cell, err := c.CellOf("lund", a)
		if err != nil || cell.Levels[2].Level != level {
			t.Errorf("age %s: %v, %v; want %s", age, cell.Levels, err, level)
		}
	}
}

// FuzzAnswers: what the reader of a stored answer lets through is written back
// and read again as the same value.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"age":41}`, `{"sex":"female","ill":true}`, `{"weight":61.5e0}`, `{"age":null}`, `{"age":-0}`, `[`, `{"a":"\u0000"}`} {
		f.Add([]byte(seed))
	}
	c := small(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var a, again protocol.Answers
		if json.Unmarshal(b, &a) != nil {
			return
		}
		out, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &again); err != nil || len(again) != len(a) {
			t.Fatalf("%s became %s: %v", b, out, err)
		}
		for k, v := range a {
			if again[k] != v && v.String() != "" {
				t.Fatalf("%s: %v became %v", k, v, again[k])
			}
		}
		if e, err := c.Eligible(a); err != nil && len(e.Failed) > 0 {
			t.Fatal("a verdict beside an error")
		}
	})
}
