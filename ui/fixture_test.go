package ui

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// memory is a trial that is stored nowhere.
type memory struct {
	state *study.State
	log   ledger.Log
	key   *ledger.Key
	files map[string][]byte
}

func (m *memory) Refresh(context.Context) error { return nil }
func (m *memory) View(read func(*study.State))  { read(m.state) }
func (m *memory) PublicKey() ledger.PublicKey   { return m.key.Public() }
func (m *memory) Checkpoint() []byte            { return must(m.key.Sign(m.log.Checkpoint("small-trial"))) }

func (m *memory) Blob(sum string) ([]byte, error) {
	b, ok := m.files[sum]
	if got := sha256.Sum256(b); !ok || hex.EncodeToString(got[:]) != sum {
		return nil, fault.New("blob-damaged", sum, "is not what it was")
	}
	return b, nil
}

func (m *memory) Entries(_ context.Context, from, n uint64) ([]ledger.Entry, error) {
	return m.log.Entries()[from : from+n], nil
}

func (m *memory) put(b string) study.File {
	sum := sha256.Sum256([]byte(b))
	m.files[hex.EncodeToString(sum[:])] = []byte(b)
	return study.File{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(b))}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (m *memory) do(cmd study.Command, at time.Time, who study.Subject) study.Subject {
	facts, err := m.state.Do(cmd, study.Meta{At: at, Actor: "anna", Role: study.RoleCoordinator, Subject: who, Reason: `for <b>"a"</b> reason`})
	if err != nil {
		panic(err)
	}
	for _, f := range facts {
		if err := m.log.AddEntry(must(study.Encode(f))); err != nil {
			panic(err)
		}
	}
	return facts[0].Subject
}

var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

func day(n int) time.Time          { return start.AddDate(0, 0, n) }
func date(n int) civil.Date        { return civil.DateOf(day(n)) }
func clock() time.Time             { return day(13) }
func asJSON(v any) json.RawMessage { return must(json.Marshal(v)) }

const hostile = `<script>alert("x")</script>`

// playground is a small trial under way: someone not eligible, someone in the
// run-in, someone randomised with all that can be, and a dry run.
func playground(t testing.TB) *memory {
	t.Helper()
	src := must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml")))
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	m := &memory{key: must(ledger.GenerateKey(rand.Reader, c.ID())), files: map[string][]byte{}}
	list := m.put("a list")
	sealed := study.Sealed{SHA256: list.SHA256, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	for _, cell := range c.Cells() {
		sealed.Slots = append(sealed.Slots, study.Slot{Cell: cell.Key, Kits: []study.Kit{{Visit: "day-0", Number: "K-" + cell.Key[4:]}}})
	}
	m.state = study.New(c, sealed, study.BuiltIn)
	for _, id := range study.Asked(c) {
		d, _ := instrument.ByID(id)
		m.put(string(d.Canonical()))
	}
	seed := uint64(3)
	m.do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: m.put(string(src)), ProtocolHash: c.HashHex(), SealedList: list,
		Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}, start, "")
	screen := func(age int) study.Subject {
		return m.do(study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(age), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, start, "")
	}
	screen(20)
	one, two := screen(40), screen(41)
	for _, who := range []study.Subject{one, two} {
		m.do(study.Consent{Version: "1.0", Language: "sv"}, start, who)
		m.do(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, start, who)
	}
	for n := 1; n <= 3; n++ {
		m.do(m.night(n), day(n), one)
		m.do(study.Answer{Instrument: "csd", Night: date(n), Language: "sv", Answers: asJSON(instrument.Answers{
			"into-bed": instrument.At(22 * 60), "sol": instrument.Number(10), "comments": instrument.Said(hostile),
		})}, day(n), one)
	}
	m.do(study.Randomise{}, day(3), one)
	m.do(study.Dispense{Visit: "day-0"}, day(3), one)
	isi := instrument.Answers{}
	for i := 1; i <= 7; i++ {
		isi[instrument.ItemID(fmt.Sprintf("isi%d", i))] = instrument.Number(2)
	}
	m.do(study.Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: asJSON(isi)}, day(3), one)
	m.do(study.TakeDose{DoseTaken: study.DoseTaken{Date: date(3), Units: 2}}, day(4), one)
	dose := m.log.Size() - 1
	m.do(study.Correct{Entry: dose, Field: "units", New: json.RawMessage("1")}, day(4), one)
	m.do(study.NoteEvent{EventOccurred: study.EventOccurred{Event: "travel", From: date(4), Note: hostile}}, day(5), one)
	m.do(study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: hostile, Severity: "severe", Serious: true, Related: "possible", Onset: date(4), Outcome: "ongoing",
	}}, day(5), one)
	m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up", Note: hostile}}, day(5), one)
	m.do(study.RecordDryRun{DryRun: study.DryRun{Results: m.put("{}"), Report: m.put("<!doctype html><title>dry</title><p>dummy")}}, day(6), "")
	return m
}

func (m *memory) night(n int) study.RecordNight {
	stages := make([]sleep.Stage, 96)
	for i := range stages {
		stages[i] = []sleep.Stage{sleep.W, sleep.Light, sleep.N3, sleep.R}[i/6%4]
	}
	h := must(sleep.NewHypnogram(date(n-1).At(22*60+30, must(civil.Zone("Europe/Stockholm"))), 5*time.Minute, stages))
	night := sleep.Night{Date: date(n), Zone: "Europe/Stockholm", Main: h, Source: sleep.Provenance{Vendor: "oura"}}
	return study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date(n), Record: asJSON(night), Source: m.put(fmt.Sprint("ring ", n))}}
}

// somePages is one address of every page.
var somePages = []string{"/", "/participants", "/participants?q=late", "/participants/P0001", "/participants/P0002", "/participants/P0003", "/protocol", "/instruments", "/ledger", "/ledger?before=5", "/report"}

func handler(t testing.TB, m *memory) http.Handler {
	t.Helper()
	h, err := New(m, clock)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
