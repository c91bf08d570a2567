package study

import (
	"encoding/json"
	"testing"

	"dvala/civil"
)

// A correction keeps the old value, needs a reason, applies to what is folded,
// and is itself corrected by a further one.
func TestCorrections(t *testing.T) {
	s := opened(t)
	who, other := enrolled(t, s, "female"), enrolled(t, s, "male")
	do(t, s, Randomise{}, staff(day(3), who))
	isi := do(t, s, Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: isiAnswers(2)}, staff(day(3), who))[0].Index
	ae := do(t, s, ReportAdverseEvent{AdverseEvent{
		Term: "rash", Severity: "mild", Related: "possible", Onset: civil.DateOf(day(3)), Outcome: "ongoing",
	}}, staff(day(4), who))[0].Index
	m := staff(day(5), who)
	refuse(t, s, "reason-missing", Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage("4")}, m)
	m.Reason = "misread"
	refuse(t, s, "answer-range", Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage("5")}, m)
	refuse(t, s, "item-unknown", Correct{Entry: isi, Field: "answers.isi8", New: json.RawMessage("1")}, m)
	refuse(t, s, "field-fixed", Correct{Entry: isi, Field: "visit", New: json.RawMessage(`"day-7"`)}, m)
	refuse(t, s, "field-fixed", Correct{Entry: isi, Field: "answers", New: json.RawMessage(`{}`)}, m)
	refuse(t, s, "correction-same", Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage("2.0")}, m)
	refuse(t, s, "correction-form", Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage(`{`)}, m)
	refuse(t, s, "entry-unknown", Correct{Entry: 0, Field: "trial", New: json.RawMessage(`"x"`)}, m)
	foreign := m
	foreign.Subject = other
	refuse(t, s, "entry-unknown", Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage("4")}, foreign)

	do(t, s, Correct{Entry: isi, Field: "answers.isi1", New: json.RawMessage(" 4.0 ")}, m)
	do(t, s, Correct{Entry: isi, Field: "answers.isi2", New: json.RawMessage("null")}, m)
	do(t, s, Correct{Entry: ae, Field: "severity", New: json.RawMessage(`"severe"`)}, m)
	p := s.People[who]
	r := p.Visits["day-0"]["isi"]
	if v, _ := r.Answers["isi1"].Number(); v != 4 {
		t.Error("isi1 is", v)
	}
	if _, ok := r.Answers["isi2"]; ok {
		t.Error("isi2 is still answered")
	}
	if r.Entry != isi || p.Adverse[0].Severity != "severe" {
		t.Error(r.Entry, p.Adverse)
	}
	c := p.Corrections[0]
	if string(c.Old) != "2" || string(c.New) != "4" || c.Reason != "misread" || c.By != "anna" {
		t.Errorf("%s → %s, %s, %s", c.Old, c.New, c.Reason, c.By)
	}
	if string(p.Corrections[1].New) != "null" {
		t.Errorf("taken out as %s", p.Corrections[1].New)
	}
	do(t, s, Correct{Entry: isi, Field: "answers.isi2", New: json.RawMessage("1")}, m)
	if old := string(p.Corrections[3].Old); old != "null" {
		t.Error("the second correction of an item remembers", old)
	}
}

// A screening answer that turns out wrong changes the verdict, not what has
// been done; for an enrolled person that is a deviation.
func TestCorrectedScreening(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	m := staff(day(1), who)
	m.Reason = "birth date read again"
	facts := do(t, s, Correct{Entry: 1, Field: "answers.age", New: json.RawMessage("29")}, m)
	if len(facts) != 2 || facts[1].Event.(Deviation).Code != "enrolled-not-eligible" {
		t.Fatal(facts)
	}
	if s.People[who].Screening.Eligible {
		t.Error("29 is within 35 to 55")
	}
	refuse(t, s, "not-eligible", Randomise{}, staff(day(3), who))
	refuse(t, s, "answer-level", Correct{Entry: 1, Field: "answers.sex", New: json.RawMessage(`"cat"`)}, m)
	refuse(t, s, "field-fixed", Correct{Entry: 1, Field: "eligible", New: json.RawMessage(`true`)}, m)
}

// A corrected answer that is a stratum leaves the slot where it was drawn, and the
// cell that it was drawn from is noted as wrong, once.
func TestWrongStratumIsNoted(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	screened := uint64(1)
	fix := func(sex string) []Fact {
		return do(t, s, Correct{Entry: screened, Field: "answers.sex", New: json.RawMessage(`"` + sex + `"`)}, because(staff(day(4), who)))
	}
	if n := len(fix("male")) + len(fix("female")); n != 2 {
		t.Error("before randomisation there is no cell to be wrong:", n, "facts")
	}
	do(t, s, Randomise{}, staff(day(4), who))
	slot := *s.People[who].Randomised
	facts := fix("male")
	v, is := facts[len(facts)-1].Event.(Deviation)
	if len(facts) != 2 || !is || v.Code != "stratum-wrong" || v.Date != civil.DateOf(day(4)) || v.Note != "randomised in sex=female; by the corrected answer it would have been sex=male" {
		t.Errorf("%+v", facts)
	}
	if facts = do(t, s, Correct{Entry: screened, Field: "answers.age", New: json.RawMessage("41")}, because(staff(day(4), who))); len(facts) != 1 {
		t.Error("what is no stratum is noted as one:", facts)
	}
	if fix("female"); *s.People[who].Randomised != slot || len(s.People[who].Deviations) != 1 {
		t.Errorf("%+v", s.People[who].Deviations)
	}
}
