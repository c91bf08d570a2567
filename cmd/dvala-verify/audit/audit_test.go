package audit_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dvala/cmd/dvala-verify/audit"
	"dvala/custody"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// trial is a small finished trial being written.
type trial struct {
	t        testing.TB
	files    fstest.MapFS
	log      ledger.Log
	key      *ledger.Key
	list     *seal.List
	openings *seal.Openings
	protocol protocol.Checked
	early    []byte // checkpoint after the first participant
}

type data map[string]any

func (x *trial) add(kind, subject string, d data) {
	x.t.Helper()
	raw, err := json.Marshal(d)
	if err != nil {
		x.t.Fatal(err)
	}
	ev := ledger.Event{Time: noon.Add(time.Duration(x.log.Size()) * time.Minute), Kind: kind, Subject: subject, Actor: "anna", Role: "nurse", Data: raw}
	if _, err := x.log.Append(ev); err != nil {
		x.t.Fatal(err)
	}
}

func (x *trial) keep(name string, raw []byte) data {
	sum := sha256.Sum256(raw)
	return data{"sha256": hex.EncodeToString(sum[:]), "bytes": len(raw), "name": name}
}

func (x *trial) blob(name string, raw []byte) data {
	ref := x.keep(name, raw)
	x.files["blobs/"+ref["sha256"].(string)] = &fstest.MapFile{Data: raw}
	return ref
}

func (x *trial) checkpoint() []byte {
	signed, err := x.key.Sign(x.log.Checkpoint(x.key.Public().Origin()))
	if err != nil {
		x.t.Fatal(err)
	}
	return signed
}

// export writes the ledger as it stands.
func (x *trial) export() {
	var b bytes.Buffer
	if err := ledger.WriteExport(&b, x.key.Public(), ledger.Each(x.log.Entries()), x.checkpoint()); err != nil {
		x.t.Fatal(err)
	}
	x.files[audit.LedgerFile] = &fstest.MapFile{Data: b.Bytes()}
}

// begin writes the files of a trial and its first entry.
func begin(t testing.TB) *trial {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	custodian, err := custody.NewKey(noon, false)
	must(err)
	raw, err := os.ReadFile("../../../examples/mgt-2024/protocol.yaml")
	must(err)
	raw = bytes.Replace(raw, []byte(protocol.RecipientPlaceholder), []byte(custodian.Recipient().String()), 1)
	c, problems := protocol.Parse(raw)
	must(problems.Err())
	s, err := custody.Seal(c, custody.Options{})
	must(err)
	o, err := custody.OpenAll(custodian, s.List)
	must(err)
	key, err := ledger.GenerateKey(rand.Reader, c.ID())
	must(err)
	x := &trial{t: t, key: key, list: s.List, openings: o, protocol: c, files: fstest.MapFS{
		audit.ProtocolFile: {Data: raw}, audit.ListFile: {Data: s.List.Bytes()},
	}}
	x.add("opened", "", data{
		"trial": c.ID(), "protocol_hash": c.HashHex(), "sealing": s.List.Header().Sealing, "instruments": x.instruments(),
		"protocol_file": x.keep(audit.ProtocolFile, raw), "sealed_file": x.keep(audit.ListFile, s.List.Bytes()),
	})
	return x
}

// instruments keeps the definitions of what the example asks.
func (x *trial) instruments() []data {
	var out []data
	for _, id := range []instrument.ID{"csd-dvala", "guess", "isi", "lseq", "poms40", "rsq-w"} {
		d, ok := instrument.ByID(id)
		if !ok {
			x.t.Fatal(id)
		}
		out = append(out, data{"id": string(d.ID), "version": d.Version, "definition_file": x.blob(string(id)+".json", d.Canonical())})
	}
	return out
}

// randomise gives a participant a slot and its first kit.
func (x *trial) randomise(subject string, slot int) {
	s, _ := x.list.Slot(slot)
	x.add("randomised", subject, data{"cell": s.Cell, "slot": slot, "date": "2026-03-01"})
	if len(s.Kits) > 0 {
		x.add("dispensed", subject, data{"visit": s.Kits[0].Visit, "kit": s.Kits[0].Number})
	}
}

func (x *trial) lock() {
	root := x.log.Root()
	x.add("locked", "", data{"entries": x.log.Size(), "root": hex.EncodeToString(root[:])})
}

// finish locks, publishes the openings and the results.
func (x *trial) finish() {
	x.lock()
	x.files[audit.OpeningsFile] = &fstest.MapFile{Data: x.openings.Bytes()}
	x.add("allocations-open", "", data{"openings_file": x.keep(audit.OpeningsFile, x.openings.Bytes())})
	results := []byte(`{"estimate": 0.4}`)
	x.files[audit.ResultsFile] = &fstest.MapFile{Data: results}
	x.add("reported", "", data{"results_file": x.keep(audit.ResultsFile, results), "report_file": x.blob("report.html", []byte("<p>0.4"))})
	x.export()
}

// finished is a sound trial of three participants, one of them with a night.
func finished(t testing.TB) *trial {
	x := begin(t)
	cell := x.list.Cell(x.list.Cells()[0])
	x.add("screened", "P0001", data{"site": "a"})
	x.randomise("P0001", cell[0])
	x.early = x.checkpoint()
	x.add("night-recorded", "P0001", data{"vendor": "oura", "source_file": x.blob("sleep.json", []byte(`{"data":[1,2,3]}`))})
	x.randomise("P0002", cell[1])
	x.randomise("P0003", cell[2])
	x.finish()
	return x
}

// A finished trial is sound; what is proven about its past depends on whether an
// earlier checkpoint is given.
func TestSound(t *testing.T) {
	x := finished(t)
	r := audit.Check(x.files, audit.Options{})
	if !r.Sound() || len(r.Problems) > 0 {
		t.Fatal(r.Problems.Text())
	}
	if r.Trial != x.protocol.ID() || r.Randomised != 3 || r.Kits != 3 || r.Files != 12 || !r.Locked || r.Opened != x.list.Len() || r.Seeded {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.History(), "internal consistency only") {
		t.Error(r.History())
	}
	r = audit.Check(x.files, audit.Options{Checkpoint: x.early, PublicKey: x.key.Public().String()})
	if !r.Sound() || r.Since == nil || *r.Since != 4 || !strings.Contains(r.History(), "extended, not rewritten") {
		t.Errorf("%s %s", r.History(), r.Problems.Text())
	}
	var b bytes.Buffer
	if err := r.Tell(&b); err != nil || !strings.Contains(b.String(), "sound") || strings.Contains(b.String(), "NOT") {
		t.Error(b.String())
	}
}

// The folder of blobs may be divided by the first two digits, as a trial keeps
// its own, and the protocol, the list and the openings may lie there alone.
func TestBlobsDivided(t *testing.T) {
	x := finished(t)
	files := fstest.MapFS{audit.LedgerFile: x.files[audit.LedgerFile]}
	for name, f := range x.files {
		if name == audit.LedgerFile {
			continue
		}
		sum := x.keep(name, f.Data)["sha256"].(string)
		files["blobs/"+sum[:2]+"/"+sum] = f
	}
	if r := audit.Check(files, audit.Options{}); len(r.Problems) > 0 || r.Opened != x.list.Len() || r.Files != 12 {
		t.Errorf("%+v", r)
	}
}

// unlock opens the trial, or a person, again as two people do.
func (x *trial) unlock(subject string) {
	x.add("proposed", subject, data{"what": "unlock", "details": data{"what": "trial"}})
	x.add("approved", subject, data{"proposal": x.log.Size() - 1})
	x.add("unlocked", subject, data{"what": "trial"})
}

// A trial that two people unlocked, in which something was mended, and that was
// locked again, is sound; while it is open it is told to be.
func TestUnlocked(t *testing.T) {
	x := begin(t)
	x.randomise("P0001", x.list.Cell(x.list.Cells()[0])[0])
	x.lock()
	x.unlock("")
	x.add("answered", "P0001", data{"instrument": "isi"})
	x.export()
	if r := audit.Check(x.files, audit.Options{}); !r.Sound() || r.Locked {
		t.Errorf("%+v %s", r, r.Problems.Text())
	}
	x.finish()
	if r := audit.Check(x.files, audit.Options{}); !r.Sound() || !r.Locked || r.Opened != x.list.Len() {
		t.Errorf("%+v %s", r, r.Problems.Text())
	}
}

// A trial that is still running is sound too.
func TestRunning(t *testing.T) {
	x := begin(t)
	x.randomise("P0001", 0)
	x.export()
	if r := audit.Check(x.files, audit.Options{}); !r.Sound() || r.Locked || r.Opened != 0 {
		t.Errorf("%+v %s", r, r.Problems.Text())
	}
}

// One byte flipped anywhere in any file is found, and what is named is the
// entry, the slot or the file it is in.
func TestFlippedByteIsNamed(t *testing.T) {
	x := finished(t)
	for name, f := range x.files {
		step := max(1, len(f.Data)/50)
		if testing.Short() {
			step = max(1, len(f.Data)/12)
		}
		for i := 0; i < len(f.Data); i += step {
			files := maps.Clone(x.files)
			bent := bytes.Clone(f.Data)
			bent[i] ^= 1 << (i % 8)
			files[name] = &fstest.MapFile{Data: bent}
			r := audit.Check(files, audit.Options{})
			if r.Sound() {
				t.Fatalf("%s: byte %d of %d changed unseen", name, i, len(f.Data))
			}
			want := wanted(name, f.Data, i)
			if !slices.ContainsFunc(r.Problems, func(p *fault.Problem) bool { return p.File == name && strings.HasPrefix(p.Place, want) }) {
				t.Fatalf("%s: byte %d is in %q; found %s", name, i, want, r.Problems.Text())
			}
		}
	}
}

// wanted is the place that must be named for a byte of a file.
func wanted(name string, raw []byte, at int) string {
	lines := bytes.Count(raw[:at], []byte("\n"))
	switch name {
	case audit.LedgerFile:
		if entry := lines - 3; entry >= 0 && raw[at] != '\n' && entry < bytes.Count(raw, []byte(` {"seq":`)) {
			return fmt.Sprintf("entry %d", entry)
		}
	case audit.ListFile, audit.OpeningsFile:
		if slot := lines - 2; slot >= 0 && raw[at] != '\n' {
			return fmt.Sprintf("slot %d", slot)
		}
	}
	return "" // the file is enough
}

// A file that ends early, is empty or gone is named.
func TestTruncatedIsNamed(t *testing.T) {
	x := finished(t)
	for name, f := range x.files {
		for _, n := range []int{-1, 0, 1, len(f.Data) / 3, len(f.Data) / 2, len(f.Data) - 1} {
			files := maps.Clone(x.files)
			if n < 0 {
				delete(files, name)
			} else {
				files[name] = &fstest.MapFile{Data: f.Data[:n]}
			}
			r := audit.Check(files, audit.Options{})
			sum := strings.TrimPrefix(name, "blobs/")
			if r.Sound() || !strings.Contains(r.Problems.Error(), name) && !strings.Contains(r.Problems.Error(), sum) {
				t.Errorf("%s cut to %d bytes: %s", name, n, r.Problems.Text())
			}
			for _, p := range r.Problems {
				if p.Code == "" || p.Place+p.File == "" {
					t.Errorf("%s cut to %d bytes: no code or place: %v", name, n, p)
				}
			}
		}
	}
}

// What is signed and yet wrong: each rule is seen to be checked.
func TestRulesOfATrial(t *testing.T) {
	cases := []struct {
		name string
		code fault.Code
		play func(x *trial, cell []int)
	}{
		{"a slot skipped", audit.CodeSlotOrder, func(x *trial, cell []int) { x.randomise("P0001", cell[1]); x.finish() }},
		{"a slot given twice", audit.CodeSlotOrder, func(x *trial, cell []int) { x.randomise("P0001", cell[0]); x.randomise("P0002", cell[0]); x.finish() }},
		{"a second slot", audit.CodeSlotOrder, func(x *trial, cell []int) { x.randomise("P0001", cell[0]); x.randomise("P0001", cell[1]); x.finish() }},
		{"an unknown cell", audit.CodeSlotOrder, func(x *trial, cell []int) { x.add("randomised", "P0001", data{"cell": "moon", "slot": 0}); x.finish() }},
		{"no slot", audit.CodeSlotOrder, func(x *trial, cell []int) { x.add("randomised", "P0001", data{"cell": "all"}); x.finish() }},
		{"another's kit", audit.CodeKit, func(x *trial, cell []int) {
			x.randomise("P0001", cell[0])
			s, _ := x.list.Slot(cell[1])
			x.add("dispensed", "P0001", data{"visit": s.Kits[0].Visit, "kit": s.Kits[0].Number})
			x.finish()
		}},
		{"a kit twice", audit.CodeKit, func(x *trial, cell []int) {
			x.randomise("P0001", cell[0])
			s, _ := x.list.Slot(cell[0])
			x.add("dispensed", "P0001", data{"visit": s.Kits[0].Visit, "kit": s.Kits[0].Number})
			x.finish()
		}},
		{"a kit at another visit", audit.CodeKit, func(x *trial, cell []int) {
			x.randomise("P0001", cell[0])
			s, _ := x.list.Slot(cell[0])
			x.add("dispensed", "P0001", data{"visit": "elsewhere", "kit": s.Kits[len(s.Kits)-1].Number})
			x.finish()
		}},
		{"a fact after the lock", audit.CodeAfterLock, func(x *trial, cell []int) {
			x.lock()
			x.add("answered", "P0001", data{"instrument": "isi"})
			x.export()
		}},
		{"openings before the lock", audit.CodeAfterLock, func(x *trial, cell []int) {
			x.files[audit.OpeningsFile] = &fstest.MapFile{Data: x.openings.Bytes()}
			x.add("allocations-open", "", data{"openings_file": x.keep("", x.openings.Bytes())})
			x.export()
		}},
		{"openings that nobody published", audit.CodeUnnamed, func(x *trial, cell []int) {
			x.files[audit.OpeningsFile] = &fstest.MapFile{Data: x.openings.Bytes()}
			x.export()
		}},
		{"a lock of other entries", audit.CodeAfterLock, func(x *trial, cell []int) {
			x.add("locked", "", data{"entries": 1, "root": strings.Repeat("0", 64)})
			x.export()
		}},
		{"unlocked by one alone", audit.CodeAfterLock, func(x *trial, cell []int) { x.lock(); x.add("unlocked", "", data{"what": "trial"}); x.finish() }},
		{"unlocked when it is not locked", audit.CodeAfterLock, func(x *trial, cell []int) { x.unlock(""); x.finish() }},
		{"a person unlocked, and the trial not", audit.CodeAfterLock, func(x *trial, cell []int) {
			x.lock()
			x.unlock("P0001")
			x.add("answered", "P0001", data{"instrument": "isi"})
			x.export()
		}},
		{"openings of a trial that is open again", audit.CodeAfterLock, func(x *trial, cell []int) {
			x.lock()
			x.unlock("")
			x.files[audit.OpeningsFile] = &fstest.MapFile{Data: x.openings.Bytes()}
			x.add("allocations-open", "", data{"openings_file": x.keep(audit.OpeningsFile, x.openings.Bytes())})
			x.export()
		}},
		{"unlocked after the openings", audit.CodeAfterLock, func(x *trial, cell []int) { x.finish(); x.unlock(""); x.export() }},
		{"opened twice", audit.CodeOpened, func(x *trial, cell []int) { x.add("opened", "", data{"trial": "x"}); x.export() }},
		{"results exchanged", audit.CodeUnnamed, func(x *trial, cell []int) {
			x.finish()
			old := x.files[audit.ResultsFile].Data
			x.blob("", old)
			x.files[audit.ResultsFile] = &fstest.MapFile{Data: []byte(`{"estimate": 4.0}`)}
		}},
		{"a blob too many", audit.CodeUnnamed, func(x *trial, cell []int) { x.finish(); x.blob("", []byte("stray")) }},
		{"a bad hash", ledger.CodeEntry, func(x *trial, cell []int) {
			x.add("night-recorded", "P0001", data{"source_file": data{"sha256": "x", "bytes": 1}})
			x.export()
		}},
		{"no trial", ledger.CodeTruncated, func(x *trial, cell []int) { x.files[audit.LedgerFile] = &fstest.MapFile{} }},
		{"no ledger", audit.CodeMissing, func(x *trial, cell []int) {}},
	}
	for _, c := range cases {
		x := begin(t)
		c.play(x, x.list.Cell(x.list.Cells()[0]))
		r := audit.Check(x.files, audit.Options{})
		if !r.Problems.Has(c.code) {
			t.Errorf("%s: no %s in %s", c.name, c.code, r.Problems.Text())
		}
		if r.Sound() != (c.name == "a blob too many") {
			t.Errorf("%s: sound is %v", c.name, r.Sound())
		}
	}
}

// A list in which somebody chose who gets what is found once it is opened, even
// though every commitment is kept: it cannot be cut into blocks.
func TestChosenList(t *testing.T) {
	x := begin(t)
	plain := make([]seal.Plain, x.list.Len())
	secret, err := seal.NewSecret(x.protocol.Assignments()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range plain {
		s, _ := x.list.Slot(i)
		plain[i] = seal.Plain{Cell: s.Cell, Kits: s.Kits, Secret: secret}
	}
	custodian, err := custody.NewKey(noon, false)
	if err != nil {
		t.Fatal(err)
	}
	h := x.list.Header()
	h.Custodian = custodian.Recipient().String()
	x.list, err = seal.New(h, plain, seal.NewSealer(rand.Reader, custodian.Recipient()))
	if err != nil {
		t.Fatal(err)
	}
	if x.openings, err = custody.OpenAll(custodian, x.list); err != nil {
		t.Fatal(err)
	}
	x.log = ledger.Log{}
	raw := x.files[audit.ProtocolFile].Data
	x.files[audit.ListFile] = &fstest.MapFile{Data: x.list.Bytes()}
	x.add("opened", "", data{
		"trial": h.Trial, "protocol_hash": h.Protocol.String(), "sealing": h.Sealing, "instruments": x.instruments(),
		"protocol_file": x.keep("", raw), "sealed_file": x.keep("", x.list.Bytes()),
	})
	x.finish()
	r := audit.Check(x.files, audit.Options{})
	if r.Sound() || !r.Problems.Has(audit.CodeDrawn) {
		t.Errorf("passed: %s", r.Problems.Text())
	}
}

// History rewritten and signed anew is found with an earlier checkpoint, and the
// report claims no more than it can without one.
func TestRewrittenHistory(t *testing.T) {
	x := finished(t)
	y := *x
	y.files, y.log = maps.Clone(x.files), ledger.Log{}
	for i, e := range x.log.Entries() {
		ev, err := e.Event()
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			ev.Actor = "somebody else"
		}
		if ev.Kind == "locked" {
			root := y.log.Root()
			ev.Data = json.RawMessage(fmt.Sprintf(`{"entries":%d,"root":"%x"}`, y.log.Size(), root[:]))
		}
		if _, err := y.log.Append(ev); err != nil {
			t.Fatal(err)
		}
	}
	y.export()
	if r := audit.Check(y.files, audit.Options{}); !r.Sound() || !strings.Contains(r.History(), "internal consistency only") {
		t.Errorf("without a checkpoint: %s %s", r.History(), r.Problems.Text())
	}
	if r := audit.Check(y.files, audit.Options{Checkpoint: x.early}); r.Sound() || !r.Problems.Has(ledger.CodeHistory) || r.Since != nil {
		t.Errorf("with one: %s", r.Problems.Text())
	}
	if r := audit.Check(x.files, audit.Options{Checkpoint: []byte{}}); r.Sound() || r.Since != nil {
		t.Errorf("an empty checkpoint: %s", r.History())
	}
	other, err := ledger.GenerateKey(rand.Reader, x.protocol.ID())
	if err != nil {
		t.Fatal(err)
	}
	if r := audit.Check(x.files, audit.Options{PublicKey: other.Public().String()}); !r.Problems.Has(audit.CodePublicKey) {
		t.Errorf("another key: %s", r.Problems.Text())
	}
}

// Whatever stands in the files, checking ends, and every problem has a code.
func FuzzCheck(f *testing.F) {
	x := finished(f)
	f.Add(x.files[audit.LedgerFile].Data, x.files[audit.OpeningsFile].Data)
	f.Add([]byte("dvala-ledger 1\n"), []byte{})
	f.Fuzz(func(t *testing.T, log, openings []byte) {
		files := maps.Clone(x.files)
		files[audit.LedgerFile] = &fstest.MapFile{Data: log}
		files[audit.OpeningsFile] = &fstest.MapFile{Data: openings}
		r := audit.Check(files, audit.Options{})
		for _, p := range r.Problems {
			if p.Code == "" {
				t.Fatalf("no code: %v", p)
			}
		}
		if r.Sound() && !bytes.Equal(log, x.files[audit.LedgerFile].Data) {
			t.Fatal("another ledger passed")
		}
	})
}
