package study

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
)

func refuse(t *testing.T, s *State, want fault.Code, cmd Command, m Meta) {
	t.Helper()
	before := must(s.Digest())
	_, err := s.Do(cmd, m)
	if fault.CodeOf(err) != want {
		t.Errorf("%T: %v, want a problem %s", cmd, err, want)
	}
	if must(s.Digest()) != before {
		t.Errorf("%T: a refused command has changed the state", cmd)
	}
}

// The first entry names the protocol and the list, and a list that anyone can
// draw again is for made-up people only.
func TestOpening(t *testing.T) {
	s := newState(t)
	refuse(t, s, "trial-not-open", screenCommand(40, "female"), staff(start, ""))
	real := openCommand(s)
	real.Simulated = false
	refuse(t, s, "seeded-list", real, staff(start, ""))
	other := openCommand(s)
	other.ProtocolHash = anyHash
	refuse(t, s, "opened-protocol", other, staff(start, ""))
	list := openCommand(s)
	list.SealedList.SHA256 = strings.Repeat("0", 64)
	refuse(t, s, "opened-sealed", list, staff(start, ""))
	lie := openCommand(s)
	lie.Sealing, lie.Seed = "custodian", nil
	refuse(t, s, "opened-sealing", lie, staff(start, ""))
	do(t, s, openCommand(s), staff(start, ""))
	refuse(t, s, "trial-open", openCommand(s), staff(start, ""))
}

// Nothing is collected before consent; consent is to what is in force.
func TestConsentComesFirst(t *testing.T) {
	s := opened(t)
	young := do(t, s, screenCommand(20, "female"), staff(day(0), ""))[0]
	if ev := young.Event.(Screened); ev.Eligible || len(ev.Failed) == 0 {
		t.Fatal("a person of 20 is eligible for a trial of 35 to 55")
	}
	refuse(t, s, "not-eligible", Consent{Version: "1.0", Language: "en"}, staff(day(0), young.Subject))

	who := do(t, s, screenCommand(40, "female"), staff(day(0), ""))[0].Subject
	if who != "P0002" {
		t.Fatalf("the second person is %s", who)
	}
	for _, cmd := range []Command{
		Enrol{Zone: "Europe/Stockholm"},
		Randomise{},
		Dispense{Visit: "day-0"},
		Answer{Instrument: "csd", Night: civil.On(2026, 3, 2), Language: "en", Answers: diaryAnswers(3)},
		ringNight(t, civil.On(2026, 3, 2), 3),
		TakeDose{DoseTaken{Date: civil.On(2026, 3, 2)}},
		ReportAdverseEvent{AdverseEvent{Term: "headache", Severity: "mild", Related: "possible", Onset: civil.On(2026, 3, 2), Outcome: "recovered"}},
		Withdraw{From: "follow-up", Why: "other"},
		NoteEvent{EventOccurred{Event: EventTravel, From: civil.On(2026, 3, 2)}},
		Complete{},
	} {
		refuse(t, s, "no-consent", cmd, staff(day(0), who))
	}
	refuse(t, s, "consent-version", Consent{Version: "0.9", Language: "en"}, staff(day(0), who))
	refuse(t, s, "language-unknown", Consent{Version: "1.0", Language: "de"}, staff(day(0), who))
	do(t, s, Consent{Version: "1.0", Language: "en"}, staff(day(0), who))
	refuse(t, s, "consented-already", Consent{Version: "1.0", Language: "en"}, staff(day(0), who))
	do(t, s, Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(0), who))
	refuse(t, s, "before-consent", ringNight(t, civil.On(2026, 3, 2), 3), staff(day(0), who))
	do(t, s, ringNight(t, civil.On(2026, 3, 3), 3), staff(day(1), who))
	refuse(t, s, "night-future", ringNight(t, civil.On(2026, 3, 5), 3), staff(day(1), who))
}

// To randomise is to take the next slot of the stratum; an exhausted stratum
// refuses and never wraps, and the other is not touched by that.
func TestStratumIsExhausted(t *testing.T) {
	s := opened(t)
	var women []Subject
	for range 5 {
		women = append(women, enrolled(t, s, "female"))
	}
	man := enrolled(t, s, "male")
	slots := map[int]bool{}
	for i, who := range women[:4] {
		r := do(t, s, Randomise{}, staff(day(3), who))[0].Event.(Randomised)
		if slots[r.Slot] || r.Cell != "sex=female" || s.Taken[r.Cell] != i+1 {
			t.Errorf("slot %+v after %v", r, slots)
		}
		slots[r.Slot] = true
		refuse(t, s, "randomised-already", Randomise{}, staff(day(3), who))
	}
	refuse(t, s, "stratum-exhausted", Randomise{}, staff(day(3), women[4]))
	do(t, s, Randomise{}, staff(day(3), man))
	if s.Remaining("sex=female") != 0 || s.Remaining("sex=male") != 3 {
		t.Error("the wrong slots are left")
	}
}

// The same key is never done twice, and cannot be used for something else.
func TestKeys(t *testing.T) {
	s := opened(t)
	a, b := enrolled(t, s, "female"), enrolled(t, s, "female")
	m := staff(day(3), a)
	m.Key = "randomise-1"
	first := do(t, s, Randomise{}, m)
	before := must(s.Digest())
	m.At = day(9)
	if again := do(t, s, Randomise{}, m); again != nil || must(s.Digest()) != before {
		t.Error("done twice")
	}
	if from, n, ok := s.Done("randomise-1"); !ok || from != first[0].Index || n != 1 {
		t.Error(from, n, ok)
	}
	m.Subject = b
	refuse(t, s, "key-reused", Randomise{}, m)
	m.Subject = a
	refuse(t, s, "key-reused", Dispense{Visit: "day-0"}, m)
}

func TestKits(t *testing.T) {
	s := opened(t)
	a, b := enrolled(t, s, "female"), enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(3), a))
	do(t, s, Randomise{}, staff(day(3), b))
	k1 := do(t, s, Dispense{Visit: "day-0"}, staff(day(3), a))[0].Event.(Dispensed).Kit
	k2 := do(t, s, Dispense{Visit: "day-0"}, staff(day(3), a))[0].Event.(Dispensed).Kit
	k3 := do(t, s, Dispense{Visit: "day-0"}, staff(day(3), b))[0].Event.(Dispensed).Kit
	if k1 == k2 || k1 == k3 || k2 == k3 {
		t.Error("a kit twice:", k1, k2, k3)
	}
	refuse(t, s, "kits-exhausted", Dispense{Visit: "day-0"}, staff(day(3), a))
	refuse(t, s, "visit-no-kit", Dispense{Visit: "day-7"}, staff(day(3), a))
	refuse(t, s, "kit-unknown", Return{Visit: "day-7", Kit: k3, Units: 1}, staff(day(10), a))
	facts := do(t, s, Return{Visit: "day-7", Kit: k1, Units: 3}, staff(day(10), a))
	if len(facts) != 1 || *s.People[a].Kits[0].Returned != 3 {
		t.Error(facts)
	}
	refuse(t, s, "kit-returned", Return{Visit: "day-7", Kit: k1, Units: 4}, staff(day(10), a))
}

// What comes outside a window is taken, flagged, and stands as a deviation;
// a diary closes.
func TestWindows(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	facts := do(t, s, Randomise{}, staff(day(2), who))
	if len(facts) != 2 || facts[1].Event.(Deviation).Code != "randomised-early" {
		t.Error("randomised a day early without a word:", facts)
	}
	isi := Answer{Instrument: "isi", Visit: "day-7", Language: "sv", Answers: isiAnswers(2)}
	facts = do(t, s, isi, staff(day(12), who)) // day 10; the window ends on day 9
	if a := facts[0].Event.(Answered); !a.Late || facts[1].Event.(Deviation).Code != "visit-outside-window" {
		t.Error(facts)
	}
	kss := Answer{Instrument: "kss", Visit: "day-7", Language: "sv", Answers: json.RawMessage(`{"kss":3}`)}
	if facts = do(t, s, kss, staff(day(12), who)); len(facts) != 1 {
		t.Error("one visit a day late is one deviation, and there is another:", facts[1])
	}
	if v, ok := s.People[who].Visits["day-7"]["isi"].Scores.Value("total"); !ok || v != 14 {
		t.Error("seven answers of 2 make", v)
	}
	refuse(t, s, "answered-already", isi, staff(day(12), who))

	diary := func(night civil.Date) Answer {
		return Answer{Instrument: "csd", Night: night, Language: "sv", Answers: diaryAnswers(10)}
	}
	today := civil.DateOf(day(12))
	refuse(t, s, "diary-closed", diary(today.Add(-3)), staff(day(12), who))
	refuse(t, s, "night-outside", diary(today), staff(day(12), who))

	s = opened(t)
	who = enrolled(t, s, "male")
	if do(t, s, diary(civil.DateOf(day(1))), staff(day(1), who))[0].Event.(Answered).Late {
		t.Error("a diary at eight in the morning is late")
	}
	if !do(t, s, diary(civil.DateOf(day(2))), staff(day(2).Add(5*time.Hour), who))[0].Event.(Answered).Late {
		t.Error("a diary after closing time is in time")
	}
	if !do(t, s, diary(civil.DateOf(day(3))), staff(day(4), who))[0].Event.(Answered).Late {
		t.Error("a diary on the next day is in time")
	}
	refuse(t, s, "not-randomised", isi, staff(day(5), who))
}

// All that is wrong with a form is told at once.
func TestAnswersAreChecked(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	bad := Answer{Instrument: "isi", Visit: "day-0", Language: "en", Answers: json.RawMessage(`{"isi1":9,"isi2":1.5,"isi99":1}`)}
	_, err := s.Do(bad, staff(day(1), who))
	var list fault.List
	list.Merge("", "", err)
	if len(list) != 3 || !list.Has("item-unknown") || !list.Has("answer-range") || !list.Has("answer-fraction") {
		t.Error(err)
	}
	for raw, code := range map[string]fault.Code{
		`{}`: "answer-empty", `null`: "answer-empty", `[]`: "answer-form", `{"isi1":1}{}`: "answer-form", ``: "answer-form",
		`{"isi1":null}`: "answer-form",
	} {
		bad.Answers = json.RawMessage(raw)
		refuse(t, s, code, bad, staff(day(1), who))
	}
	bad.Answers, bad.Instrument = isiAnswers(1), "csd"
	refuse(t, s, "item-unknown", bad, staff(day(1), who))
	bad.Answers, bad.Instrument = isiAnswers(1), "nothing"
	refuse(t, s, "instrument-unknown", bad, staff(day(1), who))
	bad.Instrument, bad.Visit = "isi", "day-3"
	refuse(t, s, "visit-unknown", bad, staff(day(1), who))
	bad.Visit, bad.Night = "day-0", civil.DateOf(day(1))
	refuse(t, s, "answer-of", bad, staff(day(1), who))
}

// A later record of a night supersedes; the same one is no event; one without
// sleep does not win over the night.
func TestNightsSupersede(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	date := civil.DateOf(day(1))
	do(t, s, ringNight(t, date, 10), staff(day(1), who))
	if facts := do(t, s, ringNight(t, date, 10), staff(day(1), who)); facts != nil {
		t.Error("the same night twice:", facts)
	}
	// Only the program's own reading of a device's file, by a job or at her upload,
	// takes the place of a night without a word; she herself types none.
	refuse(t, s, "reason-missing", ringNight(t, date, 20), staff(day(2), who))
	refuse(t, s, "night-upload", ringNight(t, date, 20), herself(day(2), who))
	refuse(t, s, "night-upload", ringNight(t, date.Add(1), 20), herself(day(2), who))
	do(t, s, ringNight(t, date, 15), because(staff(day(2), who)))
	read := herself(day(2), who)
	read.Read = true
	do(t, s, ringNight(t, date, 16), read)
	f := do(t, s, ringNight(t, date, 20), Meta{At: day(2), Actor: "ring", Role: RoleSystem, Subject: who})[0]
	if again := must(Decode(must(Encode(f)))); again.Read {
		t.Error("read, and nobody said so")
	}
	n := s.People[who].Nights["oura"][date]
	if n.Superseded != 3 || n.Night.Main.Stages()[15].String() != "N3" {
		t.Errorf("%+v", n)
	}
	empty := RecordNight{NightRecorded{Vendor: "oura", Night: date, Source: File{SHA256: anyHash}, Record: json.RawMessage(
		`{"date":"2026-03-03","zone":"Europe/Stockholm","status":"no-data","main":null,"source":{"vendor":"oura"}}`)}}
	if _, err := s.Do(empty, because(staff(day(3), who))); err != nil {
		t.Fatal(err)
	}
	if s.People[who].Nights["oura"][date] != n {
		t.Error("a fragment has won over the night")
	}
	wrong := ringNight(t, date, 10)
	wrong.Vendor = "fitbit"
	refuse(t, s, "device-unknown", wrong, staff(day(3), who))
}

// Leaving the treatment keeps a person in follow-up; leaving follow-up closes
// all but adverse events and corrections, and implies intercurrent events.
func TestWithdrawal(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	refuse(t, s, "not-randomised", Withdraw{From: "treatment", Why: "other"}, staff(day(1), who))
	do(t, s, Randomise{}, staff(day(3), who))
	dose := do(t, s, TakeDose{DoseTaken{Date: civil.DateOf(day(3)), Units: 1}}, staff(day(3), who))[0]
	refuse(t, s, "reason-missing", Withdraw{From: "treatment", Why: "other"}, staff(day(4), who))
	own := Meta{At: day(4), Actor: string(who), Role: RoleParticipant, Subject: who}
	do(t, s, Withdraw{From: "treatment", Why: "adverse-event"}, own)
	refuse(t, s, "stopped-treatment", Dispense{Visit: "day-0"}, staff(day(4), who))
	do(t, s, ringNight(t, civil.DateOf(day(5)), 4), staff(day(5), who))
	own.At = day(6)
	do(t, s, Withdraw{From: "follow-up", Why: "no-time"}, own)
	var names []string
	for _, e := range s.People[who].Events {
		names = append(names, e.Event+" "+e.From.String())
	}
	if got := strings.Join(names, ", "); got != "stopped-dose 2026-03-06, withdrew 2026-03-08" {
		t.Error("implied events:", got)
	}
	for _, cmd := range []Command{
		ringNight(t, civil.DateOf(day(7)), 4),
		TakeDose{DoseTaken{Date: civil.DateOf(day(6))}},
		Complete{},
		Withdraw{From: "follow-up", Why: "moved"},
		NoteEvent{EventOccurred{Event: EventTravel, From: civil.DateOf(day(7))}},
		Answer{Instrument: "isi", Visit: "day-7", Language: "sv", Answers: isiAnswers(1)},
	} {
		refuse(t, s, "withdrew", cmd, staff(day(7), who))
	}
	do(t, s, ReportAdverseEvent{AdverseEvent{
		Term: "rash", Severity: "moderate", Related: "possible", Onset: civil.DateOf(day(7)), Outcome: "ongoing",
	}}, staff(day(8), who))
	m := staff(day(8), who)
	m.Reason = "counted again"
	do(t, s, Correct{Entry: dose.Index, Field: "units", New: json.RawMessage("2")}, m)
}

// Dry run, lock, openings, report: in this order and no other.
func TestOrderOfTheEnd(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(3), who))
	f := File{SHA256: anyHash, Bytes: 1}
	refuse(t, s, "no-dry-run", Lock{}, staff(day(9), ""))
	refuse(t, s, "not-locked", OpenAllocations{AllocationsOpen{f}}, staff(day(9), ""))
	refuse(t, s, "not-opened", RecordReport{Reported{Results: f, Report: f}}, staff(day(9), ""))
	refuse(t, s, "file-ref", RecordDryRun{}, staff(day(9), ""))
	do(t, s, RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(9), ""))
	do(t, s, Lock{Waive: true}, because(signing(day(10), "")))
	for _, cmd := range []Command{
		screenCommand(40, "male"), Lock{}, RecordDryRun{DryRun{Results: f, Report: f}},
	} {
		refuse(t, s, "locked", cmd, staff(day(10), ""))
	}
	m := staff(day(10), who)
	m.Reason = "too late"
	refuse(t, s, "locked", Correct{Entry: 4, Field: "units", New: json.RawMessage("1")}, m)
	refuse(t, s, "locked", TakeDose{DoseTaken{Date: civil.DateOf(day(9))}}, m)
	refuse(t, s, "not-opened", RecordReport{Reported{Results: f, Report: f}}, staff(day(10), ""))
	do(t, s, OpenAllocations{AllocationsOpen{f}}, staff(day(11), ""))
	refuse(t, s, "openings-published", OpenAllocations{AllocationsOpen{f}}, staff(day(11), ""))
	do(t, s, RecordReport{Reported{Results: f, Report: f}}, staff(day(11), ""))
}

// Time never runs backwards on the ledger: a small step is taken up, a large
// one refused.
func TestClock(t *testing.T) {
	s := opened(t)
	do(t, s, screenCommand(40, "female"), staff(day(1), ""))
	f := do(t, s, screenCommand(41, "female"), staff(day(1).Add(-time.Second), ""))[0]
	if !f.At.Equal(day(1)) {
		t.Error("taken down at", f.At)
	}
	refuse(t, s, "clock-backwards", screenCommand(42, "female"), staff(day(1).Add(-time.Hour), ""))
	refuse(t, s, "meta-actor", screenCommand(42, "female"), Meta{At: day(2), Role: RoleSystem})
	refuse(t, s, "meta-role", screenCommand(42, "female"), Meta{At: day(2), Actor: "x", Role: "king"})
	refuse(t, s, "zone-unknown", screenCommand(42, "female"), Meta{At: day(2), Actor: "x", Role: RoleSystem, Zone: "Mars/Olympus"})
}

// The date of an answer is that on the wall where the person was.
func TestDatesAreLocal(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	m := staff(time.Date(2026, 3, 4, 23, 30, 0, 0, time.UTC), who)
	if f := do(t, s, Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: isiAnswers(0)}, m)[0]; f.Event.(Answered).Date != civil.On(2026, 3, 5) {
		t.Error("half past midnight in Stockholm is", f.Event.(Answered).Date)
	}
	m.Zone = "America/New_York"
	if f := do(t, s, Answer{Instrument: "kss", Visit: "day-0", Language: "sv", Answers: json.RawMessage(`{"kss":3}`)}, m)[0]; f.Event.(Answered).Date != civil.On(2026, 3, 4) {
		t.Error("half past six in the evening in New York is", f.Event.(Answered).Date)
	}
}
