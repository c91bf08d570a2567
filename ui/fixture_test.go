package ui

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/identity"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/store/people"
	"dvala/study"
)

// memory is a trial that is stored nowhere.
type memory struct {
	mu    sync.RWMutex
	kept  sync.RWMutex // of the files, which are read in the midst of a decision
	state *study.State
	log   ledger.Log
	key   *ledger.Key
	files map[string][]byte
}

func (m *memory) Refresh(context.Context) error { return nil }
func (m *memory) View(read func(*study.State)) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	read(m.state)
}
func (m *memory) PublicKey() ledger.PublicKey { return m.key.Public() }

func (m *memory) Checkpoint() []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return must(m.key.Sign(m.log.Checkpoint("small-trial")))
}

func (m *memory) Blob(sum string) ([]byte, error) {
	m.kept.RLock()
	b, ok := m.files[sum]
	m.kept.RUnlock()
	if got := sha256.Sum256(b); !ok || hex.EncodeToString(got[:]) != sum {
		return nil, fault.New("blob-damaged", sum, "is not what it was")
	}
	return b, nil
}

func (m *memory) Entries(_ context.Context, from, n uint64) ([]ledger.Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.log.Entries()[from : from+n], nil
}

func (m *memory) PutBlob(_ string, b []byte) (study.File, error) { return m.put(string(b)), nil }

// Tell decides a command as the store does.
func (m *memory) Tell(_ context.Context, cmd study.Command, meta study.Meta) (desk.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if meta.Key != "" {
		if from, n, done := m.state.Done(meta.Key); done {
			return desk.Receipt{First: from, N: n, Subject: meta.Subject, Repeated: true}, nil
		}
	}
	facts, err := m.state.Do(cmd, meta)
	if err != nil {
		return desk.Receipt{}, err
	}
	for _, f := range facts {
		if err := m.log.AddEntry(must(study.Encode(f))); err != nil {
			return desk.Receipt{}, err
		}
	}
	return desk.Receipt{First: facts[0].Index, N: uint64(len(facts)), Subject: facts[0].Subject, Facts: facts, At: facts[0].At}, nil
}

func (m *memory) put(b string) study.File {
	sum := sha256.Sum256([]byte(b))
	m.kept.Lock()
	m.files[hex.EncodeToString(sum[:])] = []byte(b)
	m.kept.Unlock()
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
		for n := range 2 {
			sealed.Slots = append(sealed.Slots, study.Slot{Cell: cell.Key, Kits: []study.Kit{{Visit: "day-0", Number: fmt.Sprint("K-", cell.Key[4:], n)}}})
		}
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
		Term: hostile, Severity: "severe", Serious: true, Criteria: []string{"hospitalisation"}, Related: "possible", Onset: date(4), Outcome: "ongoing",
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

// somePages is one address of every page that an investigator can see.
var somePages = []string{
	"/", "/participants", "/participants?q=late", "/participants?sort=day&desc=1", "/participants/P0001", "/participants/P0002", "/participants/P0003",
	"/participants/P0002/timeline", "/participants/P0002/entry/12", "/screening", "/queries", "/queries?state=closed", "/due?kind=diary&part=came", "/forms?instrument=csd&part=items", "/corrections", "/safety", "/stock", "/emergencies", "/held", "/quality", "/do/amend-protocol", "/do/extend-list", "/do/unlock-trial", "/do/sign-trial", "/participants/P0002/do/sign", "/participants/P0002/do/sign?entry=12", "/protocol", "/instruments",
	"/trail", "/trail?whom=p0002&since=2026-03-01&changed=yes", "/participants/P0002/entry/12/history", "/ledger", "/ledger?before=5", "/ledger?kind=answered&whom=p0002", "/report", "/data", "/end", "/work", "/sign-in", "/prove", "/sessions", "/proposals", "/invitations", "/do/log-not-screened", "/do/receive-kits", "/do/note-kit",
	"/participants/P0002/do/request-unblinding", "/participants/P0002/do/record-medication", "/participants/P0002/do/replace-kit",
	"/participants/P0001/do/override-eligibility", "/participants/P0001/do/close-screening", "/participants/P0002/do/report-device-incident",
	"/participants/P0002/do/report-pregnancy",
	"/do/screen", "/do/lock", "/participants/P0003/do/randomise", "/participants/P0002/do/report-adverse-event", "/participants/P0002/do/withdraw",
	"/participants/P0002/do/note-deviation", "/participants/P0002/do/note-event", "/participants/P0002/do/take-dose", "/participants/P0002/do/return",
	"/participants/P0002/do/answer?instrument=csd&night=2026-03-14", "/participants/P0002/do/answer?instrument=isi&visit=day-0",
}

func handler(t testing.TB, m *memory) http.Handler {
	t.Helper()
	return handlerAt(t, m, clock)
}

func handlerAt(t testing.TB, m *memory, now func() time.Time) http.Handler {
	t.Helper()
	h, _ := built(t, m, house{now: now})
	return h
}

// furnished gives the pages and the office behind them, with a vault for what
// people say in their own words if it is asked for.
func furnished(t testing.TB, m *memory, now func() time.Time, vault bool) (http.Handler, *desk.Office) {
	t.Helper()
	return built(t, m, house{now: now, vault: vault})
}

// named are people who have names.
func named(store *people.Store, office *desk.Office, svc *access.Service) *contact.Book {
	return contact.New(identity.New(store, must(identity.GenerateMaster(rand.Reader)), rand.Reader, clock), office, svc)
}

// house is how the pages of a test are furnished.
type house struct {
	now    func() time.Time // clock
	vault  bool             // what people say in their own words is kept
	book   func(*people.Store, *desk.Office, *access.Service) *contact.Book
	origin string // the address; http://127.0.0.1:8080
	change func(*Config)
}

func furnish(t testing.TB, m *memory, change func(*Config)) (http.Handler, *desk.Office) {
	t.Helper()
	return built(t, m, house{change: change})
}

func built(t testing.TB, m *memory, f house) (http.Handler, *desk.Office) {
	t.Helper()
	if f.now == nil {
		f.now = clock
	}
	if f.origin == "" {
		f.origin = "http://127.0.0.1:8080"
	}
	n := 0
	office := desk.NewOffice(m, f.now)
	people := must(people.Open(t.Context(), t.TempDir()))
	parts := desk.Parts{Pending: people}
	if f.vault {
		parts.Vault = identity.New(people, must(identity.GenerateMaster(rand.Reader)), rand.Reader, f.now)
	}
	svc := must(access.New(access.Config{
		Store: people, Door: office, Screening: office, Now: f.now, Rand: rand.Reader, Origin: f.origin, Title: "A trial",
		Chooser: m.state.Opened != nil && m.state.Opened.Simulated,
	}))
	parts.Signer = svc
	office.Furnish(parts)
	t.Cleanup(func() {
		svc.Close()
		if err := people.Close(); err != nil {
			t.Error(err)
		}
	})
	config := Config{Office: office, Trial: m, Access: svc, Work: &bench{}, Release: "test", NewKey: func() string {
		n++
		return fmt.Sprint(n)
	}}
	if f.book != nil {
		config.Contact = f.book(people, office, svc)
	}
	if f.change != nil {
		f.change(&config)
	}
	return chosen{must(New(config)), svc, people}, office
}

// chosen turns the cookie with which tests say who they are into a session of
// that person's.
type chosen struct {
	http.Handler
	svc    *access.Service
	people *people.Store
}

const (
	asCookie   = "test-as"
	siteCookie = "test-site"
)

func (c chosen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if who, err := r.Cookie(asCookie); err == nil {
		role, subject := study.Role(who.Value), study.Subject("")
		if who.Value[0] == 'P' {
			role, subject = study.RoleParticipant, study.Subject(who.Value)
		}
		site := ""
		if at, err := r.Cookie(siteCookie); err == nil {
			site = at.Value
		}
		if st, err := c.svc.Choose(r.Context(), access.Visit{Addr: who.Value}, role, site, subject); err == nil {
			r.AddCookie(&http.Cookie{Name: access.Cookie, Value: st.Token})
		}
	}
	c.Handler.ServeHTTP(w, r)
}

// bench does all work at once.
type bench struct{ jobs []Job }

func (b *bench) Begin(_ context.Context, c desk.Caller, kind, _ string) (Job, error) {
	j := Job{ID: fmt.Sprint(len(b.jobs) + 1), Kind: kind, By: c.Account, State: JobDone, Began: clock(), Ended: clock(), File: kind + ".zip", Bytes: 2}
	b.jobs = append(b.jobs, j)
	return j, nil
}

func (b *bench) Jobs(context.Context) ([]Job, error) { return b.jobs, nil }

func (b *bench) File(context.Context, Job) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("PK")), nil
}
