package exchange

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"dvala/civil"
	"dvala/estimate"
	"dvala/study"
)

// No form of the export has ciphertext in the place of words.
func TestSealedWordsAreNotExported(t *testing.T) {
	c, s, _ := played(t, 3)
	last, _ := s.LastAt()
	who := s.Order[len(s.Order)-1]
	do := func(n int, cmd study.Command) study.Fact {
		t.Helper()
		facts, err := s.Do(cmd, study.Meta{At: last.Add(time.Duration(n) * time.Minute), Actor: "anna", Role: study.RoleCoordinator, Subject: who, Reason: "asked her"})
		if err != nil {
			t.Fatal(err)
		}
		return facts[0]
	}
	for i, id := range s.Order {
		if s.People[id].Enrolled != nil {
			who = s.Order[i]
		}
	}
	told := do(1, study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "headache", Words: study.SealedMark + "AAAA+/=", Severity: "mild", Related: "possible", Onset: civil.DateOf(last), Outcome: "ongoing",
	}})
	do(2, study.Correct{Entry: told.Index, Field: "words", New: json.RawMessage(`"` + study.SealedMark + `BBBB"`)})
	do(3, study.RaiseQuery{Entry: &told.Index, Field: "words", Text: study.SealedMark + "CCCC"})
	shown := 0
	for form, files := range formats(t, c, s, estimate.Allocation{}) {
		for _, f := range files {
			if bytes.Contains(f.Bytes, []byte(study.SealedMark)) {
				t.Errorf("%s: %s has ciphertext", form, f.Name)
			}
			shown += bytes.Count(f.Bytes, []byte(Sealed))
		}
	}
	if shown < 2 {
		t.Errorf("%d cells say that words are sealed", shown)
	}
}

func TestVeiled(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "slept well": "slept well", "dvala1:Ab+/9=": Sealed, `"dvala1:Ab"`: `"(sealed)"`,
		`{"a":"dvala1:Ab","b":"dvala1:Cd","c":1}`: `{"a":"(sealed)","b":"(sealed)","c":1}`,
		"she wrote dvala1: x":                     "she wrote dvala1: x",
	} {
		if got := veiled(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
