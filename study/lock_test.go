package study

import (
	"encoding/json"
	"testing"

	"dvala/civil"
	"dvala/instrument"
)

// longNight is a diary of fifteen hours in bed.
func longNight() json.RawMessage {
	return must(json.Marshal(instrument.Answers{
		"into-bed": instrument.At(18 * 60), "tried-to-sleep": instrument.At(23 * 60), "sol": instrument.Number(10),
		"final-waking": instrument.At(7 * 60), "out-of-bed": instrument.At(9 * 60),
	}))
}

// An implausible diary raises a query by itself, once; a correction closes it,
// and what she confirmed when she filled it in raises none.
func TestQueriesByRule(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	diary := Answer{Instrument: "csd", Night: civil.DateOf(day(1)), Language: "sv", Answers: longNight()}
	facts := do(t, s, diary, staff(day(1), who))
	p := s.People[who]
	if len(facts) != 2 || len(p.OpenQueries()) != 1 {
		t.Fatal(facts)
	}
	q := p.Queries[0]
	if q.Rule != "bed-long" || *q.About != facts[0].Index || q.Field != "answers.into-bed" || q.Age(day(3)).Hours() != 48 {
		t.Errorf("%+v", q)
	}
	refuse(t, s, "queries-open", LockForm{FormLocked{facts[0].Index}}, signing(day(1), who))
	refuse(t, s, "queries-open", LockPerson{}, signing(day(1), who))
	refuse(t, s, "query-unanswered", CloseQuery{Query: q.ID}, staff(day(1), who))
	other := Correct{Entry: facts[0].Index, Field: "answers.sol", New: json.RawMessage("12")}
	if got := do(t, s, other, because(staff(day(1), who))); len(got) != 1 {
		t.Error("a correction that settles nothing closes or raises a query:", got)
	}
	fix := Correct{Entry: facts[0].Index, Field: "answers.into-bed", New: json.RawMessage(`"23:00"`)}
	if got := do(t, s, fix, because(staff(day(1), who))); len(got) != 2 || q.OpenNow() || q.How != "corrected" {
		t.Error(got, q)
	}
	back := Correct{Entry: facts[0].Index, Field: "answers.into-bed", New: json.RawMessage(`"18:10"`)}
	if do(t, s, back, because(staff(day(1), who))); len(p.OpenQueries()) != 1 {
		t.Error("a correction that makes it implausible again is not asked about")
	}

	diary.Night, diary.Confirmed = civil.DateOf(day(2)), []string{"bed-long"}
	if got := do(t, s, diary, staff(day(2), who)); len(got) != 1 {
		t.Error("what was confirmed is asked again:", got)
	}
	do(t, s, ReopenQuery{QueryReopened{q.ID}}, because(staff(day(2), who)))
	refuse(t, s, "query-open", ReopenQuery{QueryReopened{q.ID}}, because(staff(day(2), who)))
}

// Form, person and database are locked in that order and unlocked by two.
func TestLocksInStages(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	form := do(t, s, Answer{Instrument: "csd", Night: civil.DateOf(day(1)), Language: "sv", Answers: diaryAnswers(20)}, staff(day(1), who))[0].Index
	lock := LockForm{FormLocked{form}}
	refuse(t, s, "signature-missing", lock, staff(day(1), who))
	refuse(t, s, "signature-meaning", lock, investigator(day(1), who))
	for _, cmd := range []Command{lock, LockPerson{}} {
		other := signing(day(1), who)
		other.Actor, other.Role = "anna", RoleCoordinator
		refuse(t, s, "lock-role", cmd, other)
	}
	at := do(t, s, lock, signing(day(1), who))[0].Index
	if x := s.SignaturesOf(who); len(x) != 1 || x[0].Entry != at || x[0].What != OfForm || x[0].Of != form || x[0].Stale || x[0].Signature.Meaning != MeansResponsibility {
		t.Errorf("%+v", x)
	}
	fix := Correct{Entry: form, Field: "answers.sol", New: json.RawMessage("30")}
	refuse(t, s, "locked", fix, because(staff(day(1), who)))
	u := do(t, s, Unlock{Unlocked{OfForm, form}}, because(staff(day(1), who)))[0].Index
	refuse(t, s, "proposals-open", LockPerson{}, signing(day(1), who))
	do(t, s, Approve{u}, investigator(day(1), who))
	do(t, s, VerifySource{SourceVerified{form, nil}}, Meta{At: day(1), Actor: "mona", Role: RoleMonitor, Subject: who})
	do(t, s, fix, because(staff(day(1), who)))
	if len(s.People[who].Verified) != 0 {
		t.Error("what was verified has changed, and is verified still")
	}

	refuse(t, s, "signature-missing", LockPerson{}, staff(day(2), who))
	do(t, s, LockPerson{}, signing(day(2), who))
	refuse(t, s, "locked", TakeDose{DoseTaken{Date: civil.DateOf(day(2))}}, staff(day(2), who))
	do(t, s, Sign{Signed{OfPerson, 0}}, investigator(day(2), who))
	second := enrolled2(t, s)
	f := File{SHA256: anyHash, Bytes: 1}
	refuse(t, s, "no-dry-run", Lock{}, signing(day(3), ""))
	do(t, s, RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(3), ""))
	refuse(t, s, "people-unlocked", Lock{}, signing(day(3), ""))
	refuse(t, s, "reason-missing", Lock{Waive: true}, signing(day(3), ""))
	facts := do(t, s, Lock{Waive: true}, because(signing(day(3), "")))
	if w := facts[0].Event.(Locked).Waived; len(w) != 1 || w[0] != second {
		t.Error(w)
	}
	refuse(t, s, "locked", ReportAdverseEvent{headache}, staff(day(4), second))
	refuse(t, s, "locked", Unlock{Unlocked{What: OfPerson}}, because(staff(day(4), who)))
	n := do(t, s, Unlock{Unlocked{What: OfTrial}}, because(investigator(day(4), "")))[0].Index
	refuse(t, s, "second-person", Approve{n}, investigator(day(4), ""))
	mona := Meta{At: day(4), Actor: "mona", Role: RoleMonitor, Signature: &Signature{"Mona Ek", MeansApproval, "passkey"}}
	do(t, s, Approve{n}, mona)
	do(t, s, ReportAdverseEvent{headache}, staff(day(4), second))
	refuse(t, s, "no-dry-run", Lock{Waive: true}, because(signing(day(4), "")))
	do(t, s, RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(4), ""))
	do(t, s, Lock{Waive: true}, because(signing(day(4), "")))
	do(t, s, OpenAllocations{AllocationsOpen{f}}, staff(day(5), ""))
	refuse(t, s, "openings-published", Unlock{Unlocked{What: OfTrial}}, because(investigator(day(5), "")))
}

// enrolled2 brings a second person in on day 3.
func enrolled2(t testing.TB, s *State) Subject {
	t.Helper()
	who := do(t, s, screenCommand(40, "male"), staff(day(3), ""))[0].Subject
	do(t, s, Consent{Version: "1.0", Language: "sv"}, staff(day(3), who))
	do(t, s, Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(3), who))
	return who
}
