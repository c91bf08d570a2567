package study

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/sleep"
)

// checkedProtocol is testdata/small.yaml: ages 35 to 55, two strata by sex with
// four slots each, visits on days 0 and 7, diary, ring and dose.
func checkedProtocol(t testing.TB) protocol.Checked {
	t.Helper()
	c, problems := small()
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	return c
}

var small = sync.OnceValues(func() (protocol.Checked, fault.List) {
	return protocol.Parse(must(os.ReadFile("testdata/small.yaml")))
})

const anyHash = "a3f5b1c2d4e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f80"

// sealedFor is a list as the server sees it: four slots a cell, for each slot
// two kits of day 0.
func sealedFor(p protocol.Checked) Sealed {
	s := Sealed{SHA256: anyHash, Trial: p.ID(), Protocol: p.HashHex(), Seeded: true}
	kit := 1000
	for range 4 {
		for _, c := range p.Cells() {
			slot := Slot{Cell: c.Key}
			for range 2 {
				slot.Kits = append(slot.Kits, Kit{Visit: "day-0", Number: fmt.Sprintf("K%d", kit)})
				kit += 7
			}
			s.Slots = append(s.Slots, slot)
		}
	}
	return s
}

func newState(t testing.TB) *State {
	p := checkedProtocol(t)
	return New(p, sealedFor(p), BuiltIn)
}

func openCommand(s *State) Open {
	seed := uint64(1)
	return Open{Opened{
		Trial: s.Protocol.ID(), Protocol: File{SHA256: anyHash, Bytes: 10}, ProtocolHash: s.Protocol.HashHex(),
		SealedList: File{SHA256: anyHash, Bytes: 20}, Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}
}

// start is a Monday at 08:00 in Stockholm.
var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func staff(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: "anna", Role: RoleCoordinator, Subject: who}
}

func screenCommand(age int, sex string) Screen {
	return Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(age), "sex": protocol.Choice(sex), "height": protocol.Number(170.5), "poor_sleep": protocol.Bool(true),
	}}
}

func isiAnswers(each int) json.RawMessage {
	a := instrument.Answers{}
	for i := 1; i <= 7; i++ {
		a[instrument.ItemID(fmt.Sprintf("isi%d", i))] = instrument.Number(float64(each))
	}
	return must(json.Marshal(a))
}

func diaryAnswers(sol int) json.RawMessage {
	return must(json.Marshal(instrument.Answers{
		"into-bed": instrument.At(22 * 60), "sol": instrument.Number(float64(sol)), "comments": instrument.Said("a <b> & ö"),
	}))
}

// ringNight is a night of eight hours in half-hour stages.
func ringNight(t testing.TB, date civil.Date, n3 int) RecordNight {
	t.Helper()
	stages := make([]sleep.Stage, 96)
	for i := range stages {
		stages[i] = sleep.Light
		if i < n3 {
			stages[i] = sleep.N3
		}
	}
	zone := must(civil.Zone("Europe/Stockholm"))
	h, err := sleep.NewHypnogram(date.Add(-1).At(23*60, zone), 5*time.Minute, stages)
	if err != nil {
		t.Fatal(err)
	}
	raw := must(json.Marshal(sleep.Night{Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Main: h, Source: sleep.Provenance{Vendor: "oura"}}))
	return RecordNight{NightRecorded{Vendor: "oura", Night: date, Record: raw, Source: File{SHA256: anyHash, Bytes: 99}}}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func do(t testing.TB, s *State, cmd Command, m Meta) []Fact {
	t.Helper()
	facts, err := s.Do(cmd, m)
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return facts
}

// enrolled brings one person to the day before randomisation, on day 3.
func enrolled(t testing.TB, s *State, sex string) Subject {
	t.Helper()
	who := do(t, s, screenCommand(40, sex), staff(day(0), ""))[0].Subject
	do(t, s, Consent{Version: "1.0", Language: "sv"}, staff(day(0), who))
	do(t, s, Enrol{Zone: "Europe/Stockholm", Wake: 7 * 60}, staff(day(0), who))
	return who
}

func opened(t testing.TB) *State {
	s := newState(t)
	do(t, s, openCommand(s), staff(start, ""))
	return s
}
