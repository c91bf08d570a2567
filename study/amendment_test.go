package study

import (
	"testing"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
)

// An amendment comes into force at a site from a date; people who consented to
// older information are asked again, and nothing but harms is taken meanwhile.
func TestAmendment(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	refuse(t, s, "amendment-file", amendment(t), because(investigator(day(1), "")))
	s.UseProtocols(amendedFiles(t))
	n := do(t, s, amendment(t), because(investigator(day(1), "")))[0].Index
	refuse(t, s, "second-person", Approve{n}, investigator(day(1), ""))
	ivar := investigator(day(1), "")
	ivar.Actor = "ivar"
	do(t, s, Approve{n}, ivar)
	force := PutAmendmentInForce{AmendmentInForce{"2", "main", civil.DateOf(day(3))}}
	refuse(t, s, "amendment-unknown", PutAmendmentInForce{AmendmentInForce{"3", "main", civil.DateOf(day(3))}}, investigator(day(1), ""))
	do(t, s, force, investigator(day(1), ""))
	refuse(t, s, "amendment-in-force", force, investigator(day(1), ""))

	diary := Answer{Instrument: "csd", Night: civil.DateOf(day(2)), Language: "sv", Answers: diaryAnswers(20)}
	do(t, s, diary, staff(day(2), who))
	p := s.People[who]
	if v, needs := s.NeedsConsent(p, day(2)); needs {
		t.Error("asked again before it is in force:", v)
	}
	if v, needs := s.NeedsConsent(p, day(3)); !needs || v != "1.1" {
		t.Error(v, needs)
	}
	diary.Night = civil.DateOf(day(3))
	refuse(t, s, "consent-version", diary, staff(day(3), who))
	do(t, s, ReportAdverseEvent{headache}, staff(day(3), who))
	refuse(t, s, "consent-version", Consent{Version: "1.0", Language: "sv"}, staff(day(3), who))
	do(t, s, Consent{Version: "1.1", Language: "sv"}, staff(day(3), who))
	do(t, s, diary, staff(day(3), who))
	if _, last, _ := p.Window(must1(s.ProtocolFor(p, day(3)).Visit("day-7"))); last != p.Enrolled.Planned.Add(11) {
		t.Error("the longer window is not in force:", last)
	}
}

func must1[T any](v T, _ bool) T { return v }

// What people are compared on is not amended, and information that changes has
// another version.
func TestAmendmentsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		what  string
		code  fault.Code
		pairs []string
	}{
		{"nothing", "amendment-version", nil},
		{"the version alone", "", []string{`version: "1"`, `version: "2"`}},
		{"a dose", "amendment-fixed", []string{`version: "1"`, `version: "2"`, "per_day: 2", "per_day: 3"}},
		{"a block", "amendment-fixed", []string{`version: "1"`, `version: "2"`, "blocks: [2, 4]", "blocks: [2, 4, 6]"}},
		{"the information, silently", "consent-version", []string{`version: "1"`, `version: "2"`, "What it is about", "What it is about and more"}},
	} {
		s := opened(t)
		next := parsed(t, amendedText(t, c.pairs...))
		s.UseProtocols(func(string, Instruments) (protocol.Checked, bool) { return next, true })
		_, err := s.Do(AmendProtocol{
			Protocol: File{SHA256: anyHash}, ProtocolHash: next.HashHex(), Version: next.Protocol().Version, Summary: "why",
		}, because(investigator(day(1), "")))
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", c.what, err, c.code)
		}
	}
}

// Erasing ends all collection, once; it can be asked for afterwards too.
func TestWithdrawals(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	self := func(n int) Meta { return Meta{At: day(n), Actor: string(who), Role: RoleParticipant, Subject: who} }
	do(t, s, Withdraw{From: FromDevice, Why: "not-said"}, self(1))
	refuse(t, s, "stopped-device", ringNight(t, civil.DateOf(day(2)), 3), self(2))
	diary := Answer{Instrument: "csd", Night: civil.DateOf(day(2)), Language: "sv", Answers: diaryAnswers(20)}
	do(t, s, diary, self(2))
	refuse(t, s, "reason-missing", RecordErasure{}, Meta{At: day(2), Actor: "keys", Role: RoleSystem, Subject: who})
	facts := do(t, s, Withdraw{From: FromIdentifiers, Why: "other", Words: "enough"}, self(3))
	if len(facts) != 2 || facts[0].Event.(Withdrew).From != FromFollowUp || facts[1].Event.(Withdrew).Words != "" {
		t.Error(facts)
	}
	diary.Night = civil.DateOf(day(3))
	refuse(t, s, "withdrew", diary, self(3))
	refuse(t, s, "withdrew-already", Withdraw{From: FromIdentifiers, Why: "other"}, self(3))
	if p := s.People[who]; !p.Stopped() || p.Erased {
		t.Error(p)
	}
	keys := Meta{At: day(3), Actor: "keys", Role: RoleSystem, Subject: who}
	do(t, s, RecordErasure{}, keys)
	if facts := do(t, s, RecordErasure{}, keys); len(facts) != 0 || !s.People[who].Erased {
		t.Error("erased twice")
	}
	do(t, s, ReportAdverseEvent{headache}, staff(day(4), who))
}

// The clock of a serious event begins when the site knows, and stops when it is
// passed on.
func TestSeriousClock(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	mild := headache
	mild.Serious, mild.Criteria = false, nil
	ae := do(t, s, ReportAdverseEvent{mild}, staff(day(1), who))[0].Index
	p := s.People[who]
	if len(s.SeriousClocks(p, day(9))) != 0 {
		t.Error("a clock for what is not serious")
	}
	refuse(t, s, "entry-unknown", ReportSerious{SeriousReported{ae, "sponsor", day(1)}}, staff(day(1), who))
	refuse(t, s, "correction-same", UpdateAdverseEvent{AdverseEventUpdated{ae, mild}}, staff(day(2), who))
	do(t, s, UpdateAdverseEvent{AdverseEventUpdated{ae, headache}}, staff(day(2), who))
	within := s.Protocol.Protocol().Safety.SeriousWithinHours
	c := s.SeriousClocks(p, day(2))[0]
	if !c.Aware.Equal(day(2)) || c.Due.Sub(c.Aware).Hours() != float64(within) || c.Overdue {
		t.Error(c)
	}
	if !s.SeriousClocks(p, c.Due.Add(1))[0].Overdue {
		t.Error("not overdue when the time is over")
	}
	do(t, s, ReportSerious{SeriousReported{ae, "sponsor", day(2)}}, staff(day(3), who))
	if c := s.SeriousClocks(p, day(9))[0]; c.Overdue || !c.Reported.Equal(day(2)) {
		t.Error(c)
	}
	// An older version is history; the newest is corrected.
	refuse(t, s, "entry-unknown", Correct{Entry: ae, Field: "outcome", New: []byte(`"recovered"`)}, because(staff(day(4), who)))
	newest := p.AdverseLog[0].Versions[1].Entry
	do(t, s, Correct{Entry: newest, Field: "outcome", New: []byte(`"recovered"`)}, because(staff(day(4), who)))
	if p.Adverse[0].Outcome != "recovered" || p.AdverseLog[0].Now().Outcome != "recovered" || p.AdverseLog[0].Versions[0].Event.Outcome != "ongoing" {
		t.Error(p.Adverse, p.AdverseLog[0])
	}
}

// The sponsor's side asks and does not change; a participant corrects what she
// told lately.
func TestWhoMayCorrect(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	self := func(n int) Meta {
		return because(Meta{At: day(n), Actor: string(who), Role: RoleParticipant, Subject: who})
	}
	n := do(t, s, Answer{Instrument: "csd", Night: civil.DateOf(day(1)), Language: "sv", Answers: diaryAnswers(20)}, self(1))[0].Index
	fix := Correct{Entry: n, Field: "answers.sol", New: []byte("30")}
	for _, role := range []Role{RoleMonitor, RoleStatistician, RoleAdministrator, RoleCustodian, RoleSystem, RolePharmacist} {
		refuse(t, s, "correction-role", fix, because(Meta{At: day(1), Actor: "x", Role: role, Subject: who}))
	}
	do(t, s, fix, self(2))
	fix.New = []byte("40")
	refuse(t, s, "correction-late", fix, self(9))
	do(t, s, fix, because(staff(day(9), who)))
}
