package desk

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

func day(n int) time.Time   { return start.AddDate(0, 0, n) }
func date(n int) civil.Date { return civil.DateOf(day(n)) }

func begun(t *testing.T) *study.State {
	t.Helper()
	src := must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml")))
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	hash := strings.Repeat("ab", 32)
	sealed := study.Sealed{SHA256: hash, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	for i := range 8 {
		sealed.Slots = append(sealed.Slots, study.Slot{Cell: c.Cells()[i%2].Key, Kits: []study.Kit{{Visit: "day-0", Number: fmt.Sprint("K", i)}}})
	}
	s := study.New(c, sealed, study.BuiltIn)
	seed := uint64(1)
	do(s, study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: study.File{SHA256: hash}, ProtocolHash: c.HashHex(), SealedList: study.File{SHA256: hash},
		Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}, start, "")
	return s
}

func do(s *study.State, cmd study.Command, at time.Time, who study.Subject) study.Subject {
	return must(s.Do(cmd, study.Meta{At: at, Actor: "anna", Role: study.RoleCoordinator, Subject: who, Reason: "why"}))[0].Subject
}

func enrol(s *study.State, age int) study.Subject {
	who := do(s, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(age), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}, start, "")
	if age >= 35 {
		do(s, study.Consent{Version: "1.0", Language: "en"}, start, who)
		do(s, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, start, who)
	}
	return who
}

// Six people, told by hand: two too young, one in the run-in, one under way, one
// who left, one who completed.
func TestFlowByHand(t *testing.T) {
	s := begun(t)
	enrol(s, 20)
	enrol(s, 30)
	runIn, underway, left, done := enrol(s, 40), enrol(s, 41), enrol(s, 42), enrol(s, 43)
	for _, who := range []study.Subject{underway, left, done} {
		do(s, study.Randomise{}, day(3), who)
	}
	do(s, study.Withdraw{From: "treatment", Why: "adverse-event"}, day(5), left)
	do(s, study.Withdraw{From: "follow-up", Why: "no-time"}, day(6), left)
	do(s, study.Dispense{Visit: "day-0"}, day(6), underway)
	do(s, study.Complete{}, day(10), done)

	f := NewFlow(s)
	want := Flow{
		Screened: 6, NotEligible: 2, Enrolled: 4, NotRandomised: 1, Randomised: 3,
		LeftTreatment: 1, LeftTrial: 1, Completed: 1, Ongoing: 1,
	}
	if fmt.Sprint(f.Excluded) != "[{adult 2}]" || fmt.Sprint(f.Left) != "[{follow-up: no time 1} {treatment: adverse event 1}]" {
		t.Error(f.Excluded, f.Left)
	}
	f.Excluded, f.Left = nil, nil
	if fmt.Sprint(f) != fmt.Sprint(want) {
		t.Errorf("%+v\nwant %+v", f, want)
	}

	o := NewOverview(s, day(10))
	if o.Phase != Collecting || o.Planned != 8 || len(o.Months) != 1 || o.Months[0].Total != 3 {
		t.Errorf("%+v", o)
	}
	needs := map[study.Subject]string{}
	for _, l := range People(s, day(10)) {
		needs[l.Subject] = strings.Join(l.Needs, ", ")
	}
	// The visit of day 7 is planned for this day and open until midnight; the diary
	// of yesterday can still be filled in.
	if needs[runIn] != "to be randomised, diary late" || needs[left] != "" || needs[done] != "" || needs[underway] != "diary late" {
		t.Errorf("%+v", needs)
	}
	if l := NewLine(s, s.People[underway], day(11)); strings.Join(l.Needs, ", ") != "visit late, diary late" || l.Day != 8 {
		t.Errorf("a day later: %+v", l)
	}
	if got := AsOf(s, start); !got.Equal(day(10)) {
		t.Error("a clock behind the ledger gives", got)
	}
}

// What was due and what has come is counted from the schedule: of the nights to
// days −2 to 0, two diaries of three.
func TestShares(t *testing.T) {
	s := begun(t)
	who := enrol(s, 40)
	diary := func(n int) {
		a := must(json.Marshal(instrument.Answers{"sol": instrument.Number(5), "quality": instrument.NotSure()}))
		do(s, study.Answer{Instrument: "csd", Night: date(n), Language: "en", Answers: a}, day(n), who)
	}
	diary(1)
	diary(3)
	do(s, study.Randomise{}, day(3), who)
	l := NewLine(s, s.People[who], day(3).Add(8*time.Hour))
	if l.Diaries != (Share{2, 3}) || l.Nights.Got != 0 || l.Stage != "randomised" {
		t.Errorf("%+v", l)
	}
	if p, ok := l.Diaries.Percent(); !ok || p != 67 {
		t.Error(p)
	}
	p, ok := NewPerson(s, who, day(3), "sv")
	if !ok || len(p.ByNight) != 2 || p.ByNight[0].Date != date(3) || len(p.Visits) != 2 {
		t.Fatalf("%+v", p)
	}
	if items := fmt.Sprint(p.ByNight[0].Items); !strings.Contains(items, "5 ") || !strings.Contains(items, "not sure") {
		t.Error(items)
	}
	if _, ok := NewPerson(s, "P0099", day(3), "sv"); ok {
		t.Error("somebody who is not there")
	}
	if got := Stratum("sex=female,isi=>=15"); got != "sex female, isi ≥15" {
		t.Error(got)
	}
}
