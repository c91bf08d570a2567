// Package desktest gives a small trial that is stored nowhere, for the tests of
// what stands upon package desk.
package desktest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/study"
)

// Memory is a trial in memory. It is safe for concurrent use.
type Memory struct {
	mu    sync.RWMutex
	state *study.State
	log   ledger.Log
	key   *ledger.Key
	files map[string][]byte

	openings study.File
}

// Openings names the file in which the custodian would publish what each slot
// held: what can be drawn, by turns.
func (m *Memory) Openings() study.File { return m.openings }

var _ desk.Store = (*Memory)(nil)

// Start is when a small trial begins.
var Start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// New opens the small trial whose protocol lies at a path. Every cell of its
// list has as many slots as are asked for, each with one kit of day 0, or in a
// trial of one with a box for each time that one is opened.
func New(t testing.TB, path string, slots int) *Memory {
	t.Helper()
	src := must(os.ReadFile(path))
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	m := &Memory{key: must(ledger.GenerateKey(strings.NewReader(strings.Repeat("a test's key, no secret. ", 8)), c.ID())), files: map[string][]byte{}}
	raw, openings := sealedList(c, slots)
	m.openings = must(m.PutBlob("openings", openings))
	list := must(m.PutBlob("list", raw))
	sealed := study.Sealed{SHA256: list.SHA256, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	for _, cell := range c.Cells() {
		for n := range slots {
			number := "K-" + cell.Key[min(4, len(cell.Key)):] + "-" + string(rune('a'+n))
			sealed.Slots = append(sealed.Slots, study.Slot{Cell: cell.Key, Kits: kitsOf(c, number)})
		}
	}
	m.state = study.New(c, sealed, study.BuiltIn)
	for _, id := range study.Asked(c) {
		d, _ := instrument.ByID(id)
		must(m.PutBlob(string(id), d.Canonical()))
	}
	seed := uint64(3)
	m.Do(t, study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: must(m.PutBlob("protocol", src)), ProtocolHash: c.HashHex(), SealedList: list,
		Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}, Start, "")
	return m
}

// kitsOf gives a slot's chain of kits.
func kitsOf(c protocol.Checked, number string) (out []study.Kit) {
	if c.Protocol().Design.Kind != protocol.NOf1 {
		return []study.Kit{{Visit: "day-0", Number: number}}
	}
	for _, v := range c.Protocol().Visits {
		if v.Dispense {
			out = append(out, study.Kit{Visit: v.ID, Number: number + "-" + v.ID})
		}
	}
	return out
}

// Person screens, consents and enrols somebody of the small trial.
func (m *Memory) Person(t testing.TB, at time.Time) study.Subject {
	t.Helper()
	who := m.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(40), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}, at, "")
	m.Do(t, study.Consent{Version: "1.0", Language: "sv"}, at, who)
	m.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at, who)
	return who
}

// Do gives a command as the coordinator Anna, and gives whom it was about.
func (m *Memory) Do(t testing.TB, cmd study.Command, at time.Time, who study.Subject) study.Subject {
	t.Helper()
	meta := study.Meta{At: at, Actor: "anna", Role: study.RoleCoordinator, Subject: who, Reason: "as planned"}
	if _, is := cmd.(study.LogNotScreened); is { // without a word
		meta.Reason = ""
	}
	r, err := m.Tell(context.Background(), cmd, meta)
	if err != nil {
		t.Fatal(err)
	}
	return r.Subject
}

// Tell gives one command.
func (m *Memory) Tell(_ context.Context, cmd study.Command, meta study.Meta) (desk.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	facts, err := m.state.Do(cmd, meta)
	if err != nil {
		return desk.Receipt{}, err
	}
	r := desk.Receipt{Subject: meta.Subject, Repeated: len(facts) == 0}
	if r.Repeated {
		r.First, r.N, _ = m.state.Done(meta.Key)
		return r, nil
	}
	for _, f := range facts {
		if err := m.log.AddEntry(must(study.Encode(f))); err != nil {
			return desk.Receipt{}, err
		}
	}
	return desk.Receipt{First: facts[0].Index, N: uint64(len(facts)), Subject: facts[0].Subject, Facts: facts, At: facts[0].At}, nil
}

// Refresh has nothing to do.
func (m *Memory) Refresh(context.Context) error { return nil }

// View reads the state.
func (m *Memory) View(read func(*study.State)) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	read(m.state)
}

// PublicKey gives the key of the ledger.
func (m *Memory) PublicKey() ledger.PublicKey { return m.key.Public() }

// Checkpoint signs the ledger as it stands.
func (m *Memory) Checkpoint() []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return must(m.key.Sign(m.log.Checkpoint(m.key.Public().Origin())))
}

// Entries gives entries from a place on.
func (m *Memory) Entries(_ context.Context, from, n uint64) ([]ledger.Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := m.log.Entries()
	from = min(from, uint64(len(all)))
	return all[from:min(from+n, uint64(len(all)))], nil
}

// ReadHashes gives hashes of the tree over the ledger, to prove from.
func (m *Memory) ReadHashes(places []int64) ([]ledger.Hash, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.log.ReadHashes(places)
}

// Blob gives a file.
func (m *Memory) Blob(sum string) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	b, ok := m.files[sum]
	if got := sha256.Sum256(b); !ok || hex.EncodeToString(got[:]) != sum {
		return nil, fault.New("blob-damaged", sum, "is not what it was")
	}
	return b, nil
}

// PutBlob keeps a file.
func (m *Memory) PutBlob(name string, b []byte) (study.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := sha256.Sum256(b)
	key := hex.EncodeToString(sum[:])
	m.files[key] = b
	return study.File{SHA256: key, Bytes: int64(len(b)), Name: name}, nil
}

// JSON writes a value as JSON.
func JSON(v any) json.RawMessage { return must(json.Marshal(v)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
