package study

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// conductCommands are one of every command of a trial's conduct.
var conductCommands = map[string]Command{
	"approve":                Approve{Proposal: 3},
	"decline":                Decline{Proposal: 3},
	"override-eligibility":   OverrideEligibility{Criteria: []string{"adult"}},
	"change-wake":            ChangeWake{WakeChanged{420, civil.On(2026, 3, 4)}},
	"change-zone":            ChangeZone{ZoneChanged{"Asia/Tokyo", civil.On(2026, 3, 4), civil.Date{}}},
	"change-language":        ChangeLanguage{LanguageChanged{"en"}},
	"change-reminders":       ChangeReminders{RemindersChanged{Channels: []string{"mail"}, Quiet: &Quiet{60, 120}}},
	"close-tasks":            CloseTasks{},
	"excuse":                 Excuse{TaskRef{"diary", "", civil.On(2026, 3, 4)}},
	"note-clock-jump":        NoteClockJump{ClockJumped{-3600, "a"}},
	"confirm-clock":          ConfirmClock{ClockConfirmed{"a"}},
	"note-access-log":        NoteAccessLog{AccessLogStood{12, anyHash}},
	"note-held":              NoteHeld{Held{Number: 1, Sent: "k", Command: "answer", Codes: []string{"answers-range"}, SHA256: anyHash, Made: start}},
	"record-held-settled":    RecordHeldSettled{HeldSettled{Number: 1, How: HeldDiscarded}},
	"raise-query":            RaiseQuery{Text: "is this right?"},
	"answer-query":           AnswerQuery{QueryAnswered{4, "yes"}},
	"close-query":            CloseQuery{Query: 4},
	"reopen-query":           ReopenQuery{QueryReopened{4}},
	"lock-form":              LockForm{FormLocked{4}},
	"lock-person":            LockPerson{},
	"unlock":                 Unlock{Unlocked{OfForm, 4}},
	"sign":                   Sign{Signed{OfPerson, 0}},
	"verify-source":          VerifySource{SourceVerified{4, []string{"term"}}},
	"amend-protocol":         AmendProtocol{Protocol: File{SHA256: anyHash}, ProtocolHash: anyHash, Version: "2", Summary: "s"},
	"put-amendment-in-force": PutAmendmentInForce{AmendmentInForce{"2", "main", civil.On(2026, 3, 9)}},
	"log-not-screened":       LogNotScreened{"main", NoShow},
	"close-screening":        CloseScreening{ScreeningClosed{NotWilling, "x"}},
	"record-erasure":         RecordErasure{},
	"update-adverse-event":   UpdateAdverseEvent{AdverseEventUpdated{4, headache}},
	"report-serious":         ReportSerious{SeriousReported{4, "sponsor", start}},
	"record-medication":      RecordMedication{Medication{Name: "alvedon", Ongoing: true}},
	"report-pregnancy":       ReportPregnancy{Pregnancy{"participant", civil.On(2026, 3, 4), civil.Date{}, "x"}},
	"follow-pregnancy":       FollowPregnancy{PregnancyFollowed{4, civil.On(2026, 3, 5), "ongoing", ""}},
	"report-device-incident": ReportDeviceIncident{DeviceIncident{"lost", "oura", civil.On(2026, 3, 4), "data-lost", "", ""}},
	"review-deviation":       ReviewDeviation{DeviationReviewed{4, CategoryMinor, "x"}},
}

var headache = AdverseEvent{Term: "headache", Severity: "severe", Serious: true, Related: "possible", Onset: civil.On(2026, 3, 3), Outcome: "ongoing", Criteria: []string{"hospitalisation"}}

// who else acts in the trial.
func investigator(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: "ingrid", Role: RoleInvestigator, Subject: who, From: "page local", Signature: &Signature{"Ingrid Ek", MeansApproval, "passkey"}}
}

func signing(at time.Time, who Subject) Meta {
	m := investigator(at, who)
	m.Signature = &Signature{"Ingrid Ek", MeansResponsibility, "passkey"}
	return m
}

func because(m Meta) Meta { m.Reason = "as agreed on the telephone"; return m }

// conductExamples are facts of a trial's conduct, every kind among them.
func conductExamples(t testing.TB) []Fact {
	s := opened(t)
	var out []Fact
	add := func(cmd Command, m Meta) []Fact { f := do(t, s, cmd, m); out = append(out, f...); return f }
	who := add(screenCommand(30, "female"), staff(day(0), ""))[0].Subject
	first := add(OverrideEligibility{[]string{"adult"}}, because(staff(day(0), who)))[0].Index
	add(Decline{first}, because(investigator(day(0), who)))
	second := add(OverrideEligibility{[]string{"adult"}}, because(staff(day(0), who)))[0].Index
	add(Approve{second}, investigator(day(0), who))
	add(LogNotScreened{"main", NoShow}, staff(day(0), ""))
	other := add(screenCommand(40, "male"), staff(day(0), ""))[0].Subject
	add(CloseScreening{ScreeningClosed{NotWilling, "moves"}}, staff(day(0), other))
	add(Consent{Version: "1.0", Language: "sv", Name: "dvala1:QUJD"}, staff(day(0), who))
	third := add(screenCommand(40, "male"), staff(day(0), ""))[0].Subject
	add(Consent{Version: "1.0", Language: "sv"}, staff(day(0), third))
	add(Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(0), third))
	mild := headache
	mild.Serious, mild.Criteria = false, nil
	ae := add(ReportAdverseEvent{mild}, staff(day(1), who))[0].Index
	add(UpdateAdverseEvent{AdverseEventUpdated{ae, headache}}, staff(day(2), who))
	add(ReportSerious{SeriousReported{ae, "sponsor", day(2)}}, staff(day(2), who))
	add(RecordMedication{Medication{Name: "alvedon", Ongoing: true}}, staff(day(2), who))
	preg := add(ReportPregnancy{Pregnancy{"partner", civil.DateOf(day(2)), civil.Date{}, ""}}, staff(day(2), who))[0].Index
	add(FollowPregnancy{PregnancyFollowed{preg, civil.DateOf(day(3)), "live-birth", ""}}, staff(day(3), who))
	add(ReportDeviceIncident{DeviceIncident{"lost", "oura", civil.DateOf(day(3)), "data-lost", "", ""}}, staff(day(3), who))
	dev := add(NoteDeviation{Deviation{Code: "kit-mix-up"}}, staff(day(3), who))[0].Index
	add(ReviewDeviation{DeviationReviewed{dev, CategoryMinor, ""}}, investigator(day(3), who))
	form := add(Answer{Instrument: "csd", Night: civil.DateOf(day(3)), Language: "sv", Answers: diaryAnswers(20)}, staff(day(3), third))[0].Index
	add(Excuse{TaskRef{"diary", "", civil.DateOf(day(2))}}, because(staff(day(3), third)))
	s.UseProtocols(amendedFiles(t))
	n := add(amendment(t), because(investigator(day(4), "")))[0].Index
	second2 := investigator(day(4), "")
	second2.Actor = "ivar"
	add(Approve{n}, second2)
	add(PutAmendmentInForce{AmendmentInForce{"2", "main", civil.DateOf(day(5))}}, investigator(day(4), ""))
	add(ChangeWake{WakeChanged{600, civil.DateOf(day(5))}}, staff(day(5), third))
	add(ChangeZone{ZoneChanged{"Asia/Tokyo", civil.DateOf(day(5)), civil.Date{}}}, staff(day(5), third))
	add(ChangeLanguage{LanguageChanged{"en"}}, staff(day(5), third))
	add(ChangeReminders{RemindersChanged{Channels: []string{"mail"}, Quiet: &Quiet{60, 120}}}, staff(day(5), third))
	add(CloseTasks{}, Meta{At: day(5), Actor: "jobs", Role: RoleSystem, Subject: third})
	add(NoteClockJump{ClockJumped{-3600, "a"}}, Meta{At: day(5), Actor: "jobs", Role: RoleSystem})
	add(ConfirmClock{ClockConfirmed{"a"}}, Meta{At: day(5), Actor: "eva", Role: RoleAdministrator, Reason: "as the radio says"})
	add(NoteAccessLog{AccessLogStood{12, anyHash}}, Meta{At: day(5), Actor: "dvala", Role: RoleSystem})
	bare := Held{Number: 1, Codes: []string{"no-consent"}, SHA256: anyHash}
	add(NoteHeld{bare}, Meta{At: day(5), Actor: "dvala", Role: RoleSystem, Subject: other})
	add(NoteHeld{Held{2, "device-7", "answer", []string{"answers-range", "night-future"}, anyHash, day(4)}}, Meta{At: day(5), Actor: "dvala", Role: RoleSystem, Subject: third})
	add(RecordHeldSettled{HeldSettled{2, HeldFiled, &form}}, because(staff(day(5), third)))
	add(RecordHeldSettled{HeldSettled{1, HeldDiscarded, nil}}, because(staff(day(5), other)))
	q := add(RaiseQuery{Entry: &ae, Field: "onset", Text: "which evening?"}, staff(day(5), who))[0].Index
	add(AnswerQuery{QueryAnswered{q, "the first"}}, staff(day(5), who))
	add(CloseQuery{Query: q}, staff(day(5), who))
	add(ReopenQuery{QueryReopened{q}}, because(staff(day(5), who)))
	add(CloseQuery{Query: q, Waive: true}, because(staff(day(5), who)))
	add(VerifySource{SourceVerified{dev, nil}}, Meta{At: day(5), Actor: "mona", Role: RoleMonitor, Subject: who})
	add(Sign{Signed{OfPerson, 0}}, investigator(day(5), who))
	add(LockForm{FormLocked{form}}, signing(day(5), third))
	add(LockPerson{}, signing(day(5), third))
	u := add(Unlock{Unlocked{What: OfPerson}}, because(staff(day(5), third)))[0].Index
	add(Approve{u}, investigator(day(5), third))
	add(Withdraw{From: FromIdentifiers, Why: "not-said"}, Meta{At: day(6), Actor: string(who), Role: RoleParticipant, Subject: who})
	add(RecordErasure{}, Meta{At: day(6), Actor: "keys", Role: RoleSystem, Subject: who})
	return out
}

// Somebody whom the rules keep out is let in by two people, for a reason; one
// alone cannot, nor can the same person twice, nor without a signature.
func TestOverrideWantsTwo(t *testing.T) {
	s := opened(t)
	who := do(t, s, screenCommand(20, "female"), staff(day(0), ""))[0].Subject
	consent := Consent{Version: "1.0", Language: "sv"}
	override := OverrideEligibility{[]string{"adult"}}
	refuse(t, s, "reason-missing", override, staff(day(0), who))
	refuse(t, s, "override-criteria", OverrideEligibility{[]string{"giant"}}, because(staff(day(0), who)))
	n := do(t, s, override, because(staff(day(0), who)))[0].Index
	refuse(t, s, "not-eligible", consent, staff(day(0), who))
	refuse(t, s, "proposed-already", override, because(staff(day(0), who)))
	refuse(t, s, "proposal-unknown", Approve{n + 1}, investigator(day(0), who))
	refuse(t, s, "proposal-unknown", Approve{n}, investigator(day(0), ""))
	own := investigator(day(0), who)
	own.Actor = "anna"
	refuse(t, s, "second-person", Approve{n}, own)
	refuse(t, s, "approver-role", Approve{n}, Meta{At: day(0), Actor: "berta", Role: RoleCoordinator, Subject: who})
	bare := investigator(day(0), who)
	bare.Signature = nil
	refuse(t, s, "signature-missing", Approve{n}, bare)
	bare.Signature = &Signature{"Ingrid Ek", MeansReview, "passkey"}
	refuse(t, s, "signature-meaning", Approve{n}, bare)
	facts := do(t, s, Approve{n}, investigator(day(0), who))
	if len(facts) != 2 || facts[1].Event.(Deviation).Code != "eligibility-overridden" || !s.People[who].Eligible() {
		t.Fatal(facts)
	}
	refuse(t, s, "proposal-settled", Approve{n}, investigator(day(0), who))
	refuse(t, s, "eligible", override, because(staff(day(0), who)))
	do(t, s, consent, staff(day(0), who))

	// Another criterion that fails later is not covered.
	refuse(t, s, "reason-missing", Correct{Entry: 1, Field: "answers.height", New: json.RawMessage("240")}, staff(day(1), who))
	do(t, s, Correct{Entry: 1, Field: "answers.height", New: json.RawMessage("240")}, because(staff(day(1), who)))
	refuse(t, s, "not-eligible", Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(1), who))
}

// The device's clock decides what was in time, if it can be believed.
func TestMadeOffline(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	night := civil.DateOf(day(1))
	late := herself(day(6), who)
	diary := Answer{Instrument: "csd", Night: night, Language: "sv", Answers: diaryAnswers(20)}
	refuse(t, s, "diary-closed", diary, late)
	late.Made = day(1)
	facts := do(t, s, diary, late)
	if a := facts[0].Event.(Answered); len(facts) != 1 || a.Late || a.Date != night || !s.People[who].Diary[night].At.Equal(day(1)) {
		t.Error(facts)
	}
	future := herself(day(7), who)
	future.Made = day(9)
	diary.Night = civil.DateOf(day(7))
	facts = do(t, s, diary, future)
	if len(facts) != 2 || facts[1].Event.(Deviation).Code != "device-clock-doubted" || facts[0].Event.(Answered).Date != diary.Night {
		t.Error(facts)
	}
	if old := (Meta{At: day(20), Made: day(5)}); old.Plausible() || !old.When().Equal(day(20)) {
		t.Error("fifteen days on a device are believed")
	}
}

// Words are found wherever they are, and nothing else is touched.
func TestMapWords(t *testing.T) {
	s := opened(t)
	seal := func(w Words) (Words, error) { return SealedMark + Words(json.RawMessage("QUJD")), nil }
	cmd := must(s.MapWords(Answer{Instrument: "csd", Language: "sv", Answers: diaryAnswers(20)}, seal)).(Answer)
	var of map[string]any
	if err := json.Unmarshal(cmd.Answers, &of); err != nil || of["comments"] != "dvala1:QUJD" || of["sol"] != 20.0 {
		t.Error(string(cmd.Answers), err)
	}
	who := enrolled(t, s, "female")
	cmd.Night = civil.DateOf(day(1))
	n := do(t, s, cmd, staff(day(1), who))[0].Index
	fix := Correct{Entry: n, Field: "answers.comments", New: json.RawMessage(`"slept badly"`)}
	if got := must(s.MapWords(fix, seal)).(Correct); string(got.New) != `"dvala1:QUJD"` || string(fix.New) != `"slept badly"` {
		t.Error(string(got.New), string(fix.New))
	}
	fix.Field, fix.New = "answers.sol", json.RawMessage("3")
	if got := must(s.MapWords(fix, seal)); !reflect.DeepEqual(got, fix) {
		t.Error(got)
	}
	if got := must(MapWords(Randomise{}, seal)); got != (Randomise{}) {
		t.Error(got)
	}
}

// What the staff write about a person is hers like her own words; codes, dates
// and what says nothing about her are not.
func TestMapWordsOfStaff(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	seal := func(Words) (Words, error) { return "dvala1:QUJD", nil }
	ae := headache
	ae.Coded = "Headache"
	got := must(s.MapWords(ReportAdverseEvent{ae}, seal)).(ReportAdverseEvent)
	if got.Term != "dvala1:QUJD" || got.Coded != "Headache" || got.Name() != "Headache" || got.check() != nil || ae.Term == got.Term {
		t.Errorf("%+v", got)
	}
	got.Coded = ""
	if got.Name() != NotCoded {
		t.Error(got.Name())
	}
	hers := ReportAdverseEvent{AdverseEvent{Term: ToldByHer}}
	if again := must(s.MapWords(hers, seal)).(ReportAdverseEvent); again.Term != ToldByHer {
		t.Error(again.Term)
	}
	d := must(s.MapWords(NoteDeviation{Deviation{Code: "kit-mix-up", Note: "the baker's"}}, seal)).(NoteDeviation)
	if d.Note != "dvala1:QUJD" || d.Code != "kit-mix-up" {
		t.Errorf("%+v", d)
	}
	n := do(t, s, ReportAdverseEvent{headache}, staff(day(1), who))[0].Index
	fix := must(s.MapWords(Correct{Entry: n, Field: "term", New: json.RawMessage(`"a fall"`)}, seal)).(Correct)
	if string(fix.New) != `"dvala1:QUJD"` {
		t.Error(string(fix.New))
	}
	do(t, s, fix, because(staff(day(1), who)))
	for cmd, want := range map[Command]bool{
		Withdraw{}: true, Excuse{}: true, CloseQuery{}: true, Unlock{}: true,
		RequestUnblinding{}: false, ReplaceKit{}: false, PutAmendmentInForce{}: false,
	} {
		if PrivateReason(cmd) != want {
			t.Errorf("%T: %v", cmd, !want)
		}
	}
	if !PrivateReason(Correct{}) {
		t.Error("a correction's reason is not hers")
	}
}

// amendedText is the small trial's protocol with other words in some places.
func amendedText(t testing.TB, pairs ...string) []byte {
	t.Helper()
	text := string(must(os.ReadFile("testdata/small.yaml")))
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in the protocol", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

func parsed(t testing.TB, text []byte) protocol.Checked {
	t.Helper()
	c, problems := protocol.Parse(text)
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	return c
}

var secondVersion = []string{`version: "1"`, `version: "2"`, `version: "1.0"`, `version: "1.1"`, "after: 2", "after: 4"}

func amendedFiles(t testing.TB) Protocols {
	c := parsed(t, amendedText(t, secondVersion...))
	return func(sha string, _ Instruments) (protocol.Checked, bool) { return c, sha == anyHash }
}

func amendment(t testing.TB) AmendProtocol {
	c := parsed(t, amendedText(t, secondVersion...))
	return AmendProtocol{Protocol: File{SHA256: anyHash, Bytes: 9}, ProtocolHash: c.HashHex(), Version: "2", Summary: "a longer window"}
}

// Of who was asked and has no code nothing is kept in words: there is no key that
// could be destroyed. A ledger that holds such words from before is read all the same.
func TestNotScreenedHasNoWords(t *testing.T) {
	s := opened(t)
	told := "Birgit in Lund has a new job"
	if _, err := ReadCommand("log-not-screened", json.RawMessage(`{"site":"main","why":"other","note":"`+told+`"}`)); err == nil {
		t.Error("a note is read")
	}
	said := staff(day(0), "")
	said.Reason = told
	refuse(t, s, "words-keyless", LogNotScreened{Site: "main", Why: NotOther}, said)
	refuse(t, s, "unknown-word", LogNotScreened{Site: "main", Why: told}, staff(day(0), ""))
	for _, why := range WhyNot() {
		do(t, s, LogNotScreened{Site: "main", Why: why}, staff(day(0), ""))
	}
	old := Fact{Index: s.Entries, Meta: completed(s, staff(day(1), "")), Event: NotScreened{Site: "main", Why: NoShow, Note: "moved"}}
	if _, err := s.Replay(must(Encode(old))); err != nil {
		t.Error(err)
	}
}
