package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

// custodianVerbs is the command line with the verbs of this test alone.
type custodianVerbs struct {
	Key    KeyCmd    `cmd:""`
	Seal   SealCmd   `cmd:""`
	Open   OpenCmd   `cmd:""`
	Verify VerifyCmd `cmd:""`
	Labels LabelsCmd `cmd:""`
}

// dvala runs a command line in a directory and gives what it printed.
func dvala(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	t.Chdir(dir)
	var verbs custodianVerbs
	var out bytes.Buffer
	parser, err := kong.New(&verbs, kong.Writers(&out, &out), kong.Exit(func(int) { t.Fatal(out.String()) }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	err = ctx.Run(&Program{Stdout: &out, Stderr: &out, Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }})
	return out.String(), err
}

func mustDvala(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := dvala(t, dir, args...)
	if err != nil {
		t.Fatalf("dvala %s: %v\n%s", strings.Join(args, " "), fault.Text(err), out)
	}
	return out
}

func refused(t *testing.T, code fault.Code, dir string, args ...string) {
	t.Helper()
	if out, err := dvala(t, dir, args...); fault.CodeOf(err) != code {
		t.Errorf("dvala %s: %v, want %s\n%s", strings.Join(args, " "), err, code, out)
	}
}

// writeLedger exports a ledger of the sealed list in dir with these facts.
func writeLedger(t *testing.T, dir string, facts ...ledger.Event) *seal.List {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, sealedListName))
	if err != nil {
		t.Fatal(err)
	}
	l, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var log ledger.Log
	opened := fmt.Sprintf(`{"trial":%q,"sealed_file":{"sha256":%q,"bytes":%d}}`, l.Header().Trial, l.Hash(), len(raw))
	for _, f := range append([]ledger.Event{{Kind: "opened", Data: json.RawMessage(opened)}}, facts...) {
		f.Time = time.Date(2026, 5, 1, 9, 30, 0, 0, time.UTC)
		if _, err := log.Append(f); err != nil {
			t.Fatal(err)
		}
	}
	k, err := ledger.GenerateKey(rand.Reader, l.Header().Trial)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := k.Sign(log.Checkpoint(l.Header().Trial))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ledger.WriteExport(&b, k.Public(), ledger.Each(log.Entries()), signed); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"ledger.dvl": b.Bytes(), "checkpoint": signed} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// sealedIn makes a key and a sealed list in a new directory.
func sealedIn(t *testing.T, more ...string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(sourceDir, "../../examples/mgt-2024/protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := mustDvala(t, dir, "key", "new")
	public, _, _ := strings.Cut(out, "\n")
	source = bytes.Replace(source, []byte(protocol.RecipientPlaceholder), []byte(public), 1)
	if err := os.WriteFile(filepath.Join(dir, "protocol.yaml"), source, 0o600); err != nil {
		t.Fatal(err)
	}
	mustDvala(t, dir, append([]string{"seal", "protocol.yaml"}, more...)...)
	return dir
}

// A key is made once, is for its owner's eyes, and its public half is printed
// first; on standard output it goes with -.
func TestKeyNew(t *testing.T) {
	dir := t.TempDir()
	out := mustDvala(t, dir, "key", "new", "-o", "my.key")
	info, err := os.Stat(filepath.Join(dir, "my.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if !strings.HasPrefix(out, "age1") || strings.Contains(out, "AGE-SECRET-KEY") {
		t.Error(out)
	}
	refused(t, "file-exists", dir, "key", "new", "-o", "my.key")
	if out := mustDvala(t, dir, "key", "new", "-o", "-", "--post-quantum"); !strings.Contains(out, "AGE-SECRET-KEY-PQ-1") {
		t.Error(out)
	}
}

// Sealing writes the two files once, and refuses a protocol without a key.
func TestSealVerb(t *testing.T) {
	dir := sealedIn(t)
	refused(t, "file-exists", dir, "seal", "protocol.yaml")
	source, err := os.ReadFile(filepath.Join(dir, "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(source, []byte("age1"))
	end := i + bytes.IndexAny(source[i:], " \n")
	bare := append(append(bytes.Clone(source[:i]), protocol.RecipientPlaceholder...), source[end:]...)
	if err := os.WriteFile(filepath.Join(dir, "bare.yaml"), bare, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, custody.CodeNoKey, dir, "seal", "bare.yaml", "--out", "other")
	out := mustDvala(t, dir, "seal", "protocol.yaml", "--out", "demo", "--seed", "7")
	if !strings.Contains(out, "warning: the list was drawn from the seed 7") {
		t.Error(out)
	}
}

// The custodian opens all after the lock and nothing before it, and only for the
// ledger that has this list.
func TestOpenVerb(t *testing.T) {
	dir := sealedIn(t)
	all := []string{"open", "--key", "custodian.key", "--ledger", "ledger.dvl"}
	refused(t, "no-ledger", dir, "open", "--key", "custodian.key")
	writeLedger(t, dir, ledger.Event{Kind: "screened", Subject: "P0001"})
	refused(t, custody.CodeNotLocked, dir, all...)
	early, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	l := writeLedger(t, dir, ledger.Event{Kind: "screened", Subject: "P0001"}, ledger.Event{Kind: "locked"})
	if err := os.WriteFile(filepath.Join(dir, "early"), early, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, ledger.CodeSignature, dir, append(all, "--checkpoint", "early")...) // of another key
	if _, err := os.Stat(filepath.Join(dir, openingsName)); err == nil {
		t.Fatal("openings were written")
	}
	out := mustDvala(t, dir, append(all, "--checkpoint", "checkpoint")...)
	if !strings.Contains(out, "locked at 2026-05-01 09:30 UTC, entry 2") {
		t.Error(out)
	}
	raw, err := os.ReadFile(filepath.Join(dir, openingsName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ParseOpenings(bytes.NewReader(raw), l); err != nil {
		t.Error(err)
	}
	ledgerRaw, err := os.ReadFile(filepath.Join(dir, "ledger.dvl"))
	if err != nil {
		t.Fatal(err)
	}
	bent := bytes.Replace(ledgerRaw, []byte("P0001"), []byte("P0002"), 1)
	if err := os.WriteFile(filepath.Join(dir, "bent.dvl"), bent, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, ledger.CodeHash, dir, "open", "--key", "custodian.key", "--ledger", "bent.dvl")
	mustDvala(t, dir, "key", "new", "-o", "other.key")
	refused(t, custody.CodeKey, dir, "open", "--key", "other.key", "--ledger", "ledger.dvl", "-o", "x")
}

// In an emergency the custodian sends one slot's key, to a physician's key only
// and with the reason on the ledger; the physician reads the arm.
func TestEmergencyVerb(t *testing.T) {
	dir := sealedIn(t)
	public, _, _ := strings.Cut(mustDvala(t, dir, "key", "new", "-o", "physician.key"), "\n")
	given := ledger.Event{Kind: "randomised", Subject: "P0001", Data: json.RawMessage(`{"slot":0}`)}
	writeLedger(t, dir, given)
	one := []string{"open", "--key", "custodian.key", "--ledger", "ledger.dvl", "--slot", "0"}
	refused(t, "no-recipient", dir, one...)
	refused(t, custody.CodeNoReason, dir, append(one, "--to", public)...)
	// An event that somebody noted is no request: it names no physician.
	noted := ledger.Event{Kind: "event-occurred", Subject: "P0001", Data: json.RawMessage(`{"event":"unblinded","note":"anaphylaxis"}`)}
	writeLedger(t, dir, given, noted)
	refused(t, custody.CodeNoReason, dir, append(one, "--to", public)...)
	writeLedger(t, dir, given, ledger.Event{
		Kind: "unblinding-requested", Subject: "P0001", Reason: "anaphylaxis", Data: json.RawMessage(fmt.Sprintf(`{"physician":"Dr Ek","recipient":%q}`, public)),
	}, noted)
	other, _, _ := strings.Cut(mustDvala(t, dir, "key", "new", "-o", "other.key"), "\n")
	refused(t, custody.CodeNoReason, dir, append(one, "--to", other)...)
	out := mustDvala(t, dir, append(one, "--to", public)...)
	if !strings.Contains(out, "slot-0.age: the key of slot 0, participant P0001, and of no other") {
		t.Error(out)
	}
	out = mustDvala(t, dir, "open", "--key", "physician.key", "--slot-key", "slot-0.age", "--protocol", "protocol.yaml")
	if !strings.Contains(out, "slot 0 holds threonate-1g (") && !strings.Contains(out, "slot 0 holds rice-placebo (") {
		t.Error(out)
	}
	refused(t, custody.CodeSlotKey, dir, "open", "--key", "custodian.key", "--slot-key", "slot-0.age")
}

// The packer reads what goes into each kit.
func TestPackingVerb(t *testing.T) {
	packer := t.TempDir()
	public, _, _ := strings.Cut(mustDvala(t, packer, "key", "new", "-o", "packer.key"), "\n")
	dir := sealedIn(t, "--packer", public)
	out := mustDvala(t, dir, "open", "--key", filepath.Join(packer, "packer.key"), "--packing", packingListName)
	if !strings.Contains(out, "rice-placebo") || strings.Count(out, "\n") < 100 {
		t.Errorf("%.200s", out)
	}
	refused(t, custody.CodePacking, dir, "open", "--key", "custodian.key", "--packing", packingListName)
}

// sourceDir is where the test's source lies, from wherever a verb is run.
var sourceDir = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

// Verifying finds the export below the directory too, and problems make the
// exit code 1 after they are printed, in both formats.
func TestVerifyVerb(t *testing.T) {
	dir := sealedIn(t)
	writeLedger(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "export"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ledger.dvl", sealedListName} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "export", name)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := dvala(t, dir, "verify", ".")
	if !errors.Is(err, errPrinted) || !strings.Contains(out, "[trial-opened]") || !strings.Contains(out, "NOT SOUND") || !strings.Contains(out, "internal consistency only") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = dvala(t, dir, "verify", "export", "--format", "json", "--checkpoint", "checkpoint")
	var got struct {
		Entries  int
		Since    *int `json:"unchanged_since"`
		Problems []struct{ Code, Severity string }
	}
	if jsonErr := json.Unmarshal([]byte(out), &got); jsonErr != nil || !errors.Is(err, errPrinted) {
		t.Fatalf("%v %v\n%s", err, jsonErr, out)
	}
	if got.Entries != 1 || got.Since == nil || *got.Since != 1 || len(got.Problems) == 0 || got.Problems[0].Severity != "error" {
		t.Errorf("%+v", got)
	}
}

// While the custodian sleeps, two of three holders send the physician their
// shares of the slot that the ledger's request is about, and she reads the arm
// on her own machine. Nothing that is written or printed on the way names it.
func TestBreakGlassVerb(t *testing.T) {
	dir := t.TempDir()
	source, err := os.ReadFile(filepath.Join(sourceDir, "../../examples/mgt-2024/protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	key := func(args ...string) string {
		public, _, _ := strings.Cut(mustDvala(t, dir, append([]string{"key"}, args...)...), "\n")
		return public
	}
	custodian := key("new") + "\n  break_glass:\n    needed: 2\n    holders:\n"
	for _, n := range []string{"1", "2", "3"} {
		out := mustDvala(t, dir, "key", "holder", "--name", "Dr "+n+", +46 70", "-o", "holder-"+n+".key")
		_, line, _ := strings.Cut(out, "      - ")
		line, _, _ = strings.Cut(line, "\n")
		custodian += "      - " + line + "\n"
	}
	physician := key("new", "-o", "physician.key")
	source = bytes.Replace(source, []byte(protocol.RecipientPlaceholder), []byte(custodian), 1)
	if err := os.WriteFile(filepath.Join(dir, "protocol.yaml"), source, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := mustDvala(t, dir, "seal", "protocol.yaml"); !strings.Contains(out, "2 of the 3 holders open one slot together") {
		t.Error(out)
	}
	asked := ledger.Event{Kind: "unblinding-requested", Subject: "P0001", Reason: "anaphylaxis", Data: json.RawMessage(fmt.Sprintf(`{"physician":"Dr Ek","recipient":%q}`, physician))}
	writeLedger(t, dir, ledger.Event{Kind: "randomised", Subject: "P0001", Data: json.RawMessage(`{"slot":1}`)}, asked)
	give := func(n string) string {
		return mustDvala(t, dir, "open", "--emergency", "--key", "holder-"+n+".key", "--ledger", "ledger.dvl")
	}
	said := give("1") + give("3")
	if !strings.Contains(said, "slot-1-holder-3.age: the share of holder 3 in the key of slot 1, participant P0001, and of no other; the reason is entry 2") {
		t.Error(said)
	}
	read := []string{"open", "--emergency", "--key", "physician.key", "--slot-key", "slot-1-holder-1.age"}
	refused(t, custody.CodeShare, dir, read...)
	out := mustDvala(t, dir, append(read, "--slot-key", "slot-1-holder-3.age", "--protocol", "protocol.yaml")...)
	if !strings.Contains(out, "slot 1 holds ") {
		t.Error(out)
	}
	for _, arm := range []string{"threonate", "placebo"} {
		if strings.Contains(said, arm) {
			t.Errorf("what the holders saw names %q", arm)
		}
	}
	refused(t, custody.CodeKey, dir, "open", "--emergency", "--key", "physician.key", "--ledger", "ledger.dvl", "-o", "x")
	refused(t, custody.CodeNoReason, dir, "open", "--emergency", "--key", "holder-2.key", "--ledger", "ledger.dvl", "--request", "1")
	out = mustDvala(t, dir, "open", "--emergency", "--key", "custodian.key", "--ledger", "ledger.dvl", "--request", "2")
	if !strings.Contains(out, "slot-1.age: the key of slot 1") {
		t.Error(out)
	}
}

// A list that runs out is extended beside it, and opened with it.
func TestExtendVerb(t *testing.T) {
	dir := sealedIn(t)
	refused(t, "no-list", dir, "seal", "protocol.yaml", "--slots", "8", "--out", "x")
	out := mustDvala(t, dir, "seal", "protocol.yaml", "--extend", "sealed-list.dvl", "--slots", "8", "--kits-for", "3", "--key", "custodian.key")
	if !strings.Contains(out, "sealed-list-2.dvl: ") || !strings.Contains(out, "it names the list before it") {
		t.Error(out)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "sealed-list-2.dvl"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	taken := ledger.Event{Kind: "list-extended", Data: json.RawMessage(fmt.Sprintf(`{"sealed_file":{"sha256":%q,"bytes":%d}}`, more.Hash(), len(raw)))}
	writeLedger(t, dir, taken, ledger.Event{Kind: "locked"})
	refused(t, custody.CodeForeign, dir, "open", "--key", "custodian.key", "--ledger", "ledger.dvl")
	out = mustDvala(t, dir, "open", "--key", "custodian.key", "--ledger", "ledger.dvl", "--sealed", "sealed-list.dvl", "--sealed", "sealed-list-2.dvl")
	if !strings.Contains(out, "each checked against its commitment") {
		t.Error(out)
	}
	out = mustDvala(t, dir, "seal", "protocol.yaml", "--extend", "sealed-list.dvl", "--extend", "sealed-list-2.dvl", "--slots", "4")
	if !strings.Contains(out, "sealed-list-3.dvl") {
		t.Error(out)
	}
}
