package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/cmd/dvala-verify/audit"
	"dvala/desk"
	"dvala/fault"
	"dvala/store"
)

// Whoever has nothing but a backup can verify it as it lies there; and one in
// which a byte was changed, an entry taken out, or two exchanged is not sound, nor
// is one whose end was cut off, held against a checkpoint that left earlier.
func TestVerifyABackup(t *testing.T) {
	dir, tmp := peopledTrial(t), t.TempDir()
	backup := filepath.Join(tmp, "backup")
	verb(t, 0, "backup", "--dir", dir, backup)
	says(t, verb(t, 0, "verify", backup), "sound")
	checkpoint, err := os.ReadFile(filepath.Join(backup, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	r := audit.Check(os.DirFS(backup), audit.Options{Checkpoint: checkpoint})
	if !r.Sound() || r.Entries == 0 || r.Files == 0 || r.Since == nil || *r.Since != r.Entries {
		t.Fatalf("%+v", r)
	}
	says(t, verb(t, 0, "restore", "--check", backup), "whole")
	copied := filepath.Join(tmp, "copy")
	verb(t, 0, "restore", "--dir", copied, backup)
	if _, err := os.Stat(filepath.Join(copied, audit.LedgerFile)); err == nil {
		t.Error("a restored directory holds a ledger file that grows old")
	}

	whole, err := os.ReadFile(filepath.Join(backup, audit.LedgerFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	first := slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`{"seq":0,`)) })
	if first < 0 {
		t.Fatalf("no entry in\n%.400s", whole)
	}
	at := func(i int) int { return first + i }
	for name, spoil := range map[string]func([][]byte) [][]byte{
		"a byte": func(l [][]byte) [][]byte {
			l[at(7)] = bytes.Replace(l[at(7)], []byte(`"actor":"`), []byte(`"actor":"x`), 1)
			return l
		},
		"one bit":       func(l [][]byte) [][]byte { l[at(5)] = slices.Clone(l[at(5)]); l[at(5)][90] ^= 1; return l },
		"an entry gone": func(l [][]byte) [][]byte { return slices.Delete(l, at(9), at(10)) },
		"two exchanged": func(l [][]byte) [][]byte { l[at(3)], l[at(4)] = l[at(4)], l[at(3)]; return l },
		"one twice":     func(l [][]byte) [][]byte { return slices.Insert(l, at(6), l[at(6)]) },
		"the last gone": func(l [][]byte) [][]byte {
			last := at(int(r.Entries) - 1)
			return slices.Delete(l, last, last+1)
		},
	} {
		spoilt := bytes.Join(spoil(slices.Clone(lines)), nil)
		if err := os.WriteFile(filepath.Join(backup, audit.LedgerFile), spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := audit.Check(os.DirFS(backup), audit.Options{}); r.Sound() {
			t.Errorf("%s: sound", name)
		}
		says(t, verb(t, 1, "restore", "--check", backup), "backup-damaged", audit.LedgerFile)
	}
	if err := os.Remove(filepath.Join(backup, audit.LedgerFile)); err != nil {
		t.Fatal(err)
	}
	r = audit.Check(os.DirFS(backup), audit.Options{})
	if r.Sound() || !strings.Contains(r.Problems[0].Hint, "dvala backup") {
		t.Errorf("without the ledger's file: %+v", r.Problems)
	}
}

// The small program checks a receipt as the large one does, and says of whom and
// of what it is; one that was changed anywhere is found out.
func TestSmallProgramChecksReceipts(t *testing.T) {
	trial, err := store.Read(t.Context(), peopledTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	who := trial.State().Order[0]
	office := desk.NewOffice(trial, time.Now)
	proof, err := office.Prove(t.Context(), desk.Participant(who), 1)
	for entry := uint64(2); err != nil && entry < trial.State().Entries; entry++ {
		proof, err = office.Prove(t.Context(), desk.Participant(who), entry)
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(proof)
	if err != nil {
		t.Fatal(err)
	}
	_, f, err := desk.CheckProof(raw, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := audit.CheckReceipt(raw, trial.PublicKey().String())
	if err != nil || got.Subject != string(who) || got.Kind != string(f.Event.Kind()) || got.Entry != proof.Entry || !strings.HasPrefix(got.At, f.At.UTC().Format("2006-01-02T15:04:05")) || got.Entries != trial.State().Entries {
		t.Errorf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		from, to, key string
		code          fault.Code
	}{
		"another entry": {`"bytes":"`, `"bytes":"AAAA`, "", audit.CodeReceipt},
		"another place": {`"entry":`, `"entry":1`, "", ""},
		"another way":   {proof.Inclusion[0], proof.Hash, "", ""},
		"another key":   {"", "", "real+0fd2cd9a+ARyov+S6K2q9uZaSp0XUFua2XUHocEACFoxk0P935Ptr", audit.CodePublicKey},
		"no JSON":       {"{", "", "", audit.CodeReceipt},
	} {
		bad := raw
		if c.from != "" {
			bad = bytes.Replace(raw, []byte(c.from), []byte(c.to), 1)
		}
		if _, err := audit.CheckReceipt(bad, c.key); err == nil || c.code != "" && fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
