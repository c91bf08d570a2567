package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"dvala/civil"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
	"dvala/sleep"
	"dvala/study"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// files gives the two files of a small trial: the protocol of study's tests,
// with room for many, and a list of 110 slots a cell whose envelopes are blank.
var files = sync.OnceValue(func() Start {
	return startOf(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
})

// startOf seals a list for a protocol, which may ask instruments of one's own.
func startOf(src []byte, own ...*instrument.Definition) Start {
	return sealedBy(seal.BySeed, src, own...)
}

func sealedBy(how string, src []byte, own ...*instrument.Definition) Start {
	c, problems := protocol.Parse(src, protocol.Instruments(Start{Instruments: own}.lookup))
	if err := problems.Err(); err != nil {
		panic(problems.Text())
	}
	custodian := must(age.GenerateX25519Identity()).Recipient().String()
	numbers := seal.KitNumbers(newRand(), 2*110*len(c.Cells()))
	var plain []seal.Plain
	for _, cell := range c.Cells() {
		for range 110 {
			plain = append(plain, seal.Plain{
				Cell: cell.Key, Secret: must(seal.NewSecret("x")),
				Kits: []seal.Kit{{Number: numbers[0], Visit: "day-0"}, {Number: numbers[1], Visit: "day-0"}},
			})
			numbers = numbers[2:]
		}
	}
	list := must(seal.New(seal.Header{Trial: c.ID(), Protocol: c.Hash(), Custodian: custodian, Sealing: how}, plain, sealtest.Blank{}))
	return Start{Protocol: src, Sealed: list.Bytes(), Instruments: own}
}

// opened makes a trial in a new directory and gives it its first entry.
func opened(t testing.TB, dir string) *Trial {
	t.Helper()
	return openedFrom(t, dir, files())
}

func openedFrom(t testing.TB, dir string, s Start) *Trial {
	t.Helper()
	s.Key = must(ledger.GenerateKey(rand.Reader, "small-trial"))
	trial, err := Create(ctx, dir, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	do(t, trial, openCommand(trial, s), at(0, ""))
	return trial
}

func openCommand(t *Trial, s Start) study.Open {
	seed := uint64(1)
	p := must(t.PutBlob("protocol.yaml", s.Protocol))
	l := must(t.PutBlob("sealed-list.dvl", s.Sealed))
	return study.Open{Opened: study.Opened{
		Trial: t.Protocol().ID(), Protocol: p, ProtocolHash: t.Protocol().HashHex(), SealedList: l,
		Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}
}

var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

func at(day int, who study.Subject) study.Meta {
	return study.Meta{At: start.AddDate(0, 0, day), Actor: "anna", Role: study.RoleCoordinator, Subject: who}
}

func keyed(m study.Meta, key string) study.Meta { m.Key = key; return m }

func screen(i int) study.Screen {
	return study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(35 + i%20), "sex": protocol.Choice([]string{"female", "male"}[i%2]),
		"height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}
}

func do(t testing.TB, trial *Trial, cmd study.Command, m study.Meta) Receipt {
	t.Helper()
	r, err := trial.Do(ctx, cmd, m)
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return r
}

func isi(visit string, each int) study.Answer {
	a := instrument.Answers{}
	for i := 1; i <= 7; i++ {
		a[instrument.ItemID(fmt.Sprintf("isi%d", i))] = instrument.Number(float64(each))
	}
	return study.Answer{Instrument: "isi", Visit: visit, Language: "sv", Answers: must(json.Marshal(a))}
}

func diary(night civil.Date) study.Answer {
	a := instrument.Answers{"into-bed": instrument.At(22 * 60), "sol": instrument.Number(10)}
	return study.Answer{Instrument: "csd", Night: night, Language: "sv", Answers: must(json.Marshal(a))}
}

// night is a night of the ring, its vendor document stored as a file.
func night(t *Trial, date civil.Date, n3 int) study.RecordNight {
	stages := make([]sleep.Stage, 96)
	for i := range stages {
		stages[i] = sleep.Light
		if i < n3 {
			stages[i] = sleep.N3
		}
	}
	h := must(sleep.NewHypnogram(date.Add(-1).At(23*60, must(civil.Zone("Europe/Stockholm"))), 5*time.Minute, stages))
	raw := must(json.Marshal(sleep.Night{Date: date, Zone: "Europe/Stockholm", Main: h, Source: sleep.Provenance{Vendor: "oura"}}))
	f := must(t.PutBlob("oura.json", fmt.Appendf(nil, `{"made up":"%v %d"}`, date, n3)))
	return study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date, Record: raw, Source: f}}
}

// live lets n people live through a bit of everything.
func live(t testing.TB, trial *Trial, n int) {
	t.Helper()
	var people []study.Subject
	for i := range n {
		who := do(t, trial, screen(i), at(0, "")).Subject
		people = append(people, who)
		do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, at(0, who))
		do(t, trial, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, who))
	}
	d := func(n int) civil.Date { return civil.DateOf(at(n, "").At) }
	for _, who := range people {
		do(t, trial, diary(d(1)), at(1, who))
		do(t, trial, night(trial, d(1), 10), at(1, who))
	}
	var doses []uint64
	for _, who := range people {
		do(t, trial, study.Randomise{}, at(3, who))
		do(t, trial, study.Dispense{Visit: "day-0"}, at(3, who))
		do(t, trial, isi("day-0", 2), at(3, who))
		doses = append(doses, do(t, trial, study.TakeDose{DoseTaken: study.DoseTaken{Date: d(3), Units: 3}}, at(3, who)).First)
		again := at(3, who)
		again.Reason = "the ring was read anew"
		do(t, trial, night(trial, d(1), 20), again)
	}
	for i, who := range people {
		m := at(4, who)
		m.Reason = "counted again"
		do(t, trial, study.Correct{Entry: doses[i], Field: "units", New: json.RawMessage("1")}, m)
		do(t, trial, study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: "headache", Severity: "mild", Related: "possible", Onset: d(3), Outcome: "recovered",
		}}, m)
		if i%3 == 0 {
			do(t, trial, study.Withdraw{From: "follow-up", Why: "moved"}, m)
		}
	}
	for i, who := range people {
		if i%3 != 0 {
			do(t, trial, isi("day-7", 1), at(12, who))
			do(t, trial, study.Complete{}, at(12, who))
		}
	}
}

func start0(day int) civil.Date { return civil.DateOf(at(day, "").At) }
