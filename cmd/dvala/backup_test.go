package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/store/sqldb/pgtest"
)

// verb runs the program.
func verb(t *testing.T, want int, args ...string) string {
	t.Helper()
	return verbAt(t, time.Now, want, args...)
}

func verbAt(t *testing.T, now func() time.Time, want int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if code := runAt(now, args, strings.NewReader(""), &out, &out); code != want {
		t.Fatalf("%v: exit %d, want %d\n%s", args, code, want, out.String())
	}
	return out.String()
}

func says(t *testing.T, out string, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(out, s) {
			t.Errorf("%q is not in\n%s", s, out)
		}
	}
}

// An operator's round: look after a directory, back it up, spoil it, restore it
// beside and into a database, and look after that. Flags come from a file, too.
func TestBackupRound(t *testing.T) {
	dir, tmp := t.TempDir(), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "store", "testdata", "v1"))); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "ledger.key")
	says(t, verb(t, 1, "doctor", "--dir", dir), "WRONG  signing key", "can be read by others", "hint: chmod 600")
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, verb(t, 0, "doctor", "--dir", dir, "--deep"), "ok     ledger", "hold what they held", "ok     database")
	says(t, verb(t, 0, "upgrade", "--dir", dir), "none changed")
	backup := filepath.Join(tmp, "backup")
	says(t, verb(t, 0, "backup", "--dir", dir, backup), "neither ledger.key nor the keys of persons")
	says(t, verb(t, 0, "restore", "--check", backup), "whole. small-trial")
	copied := filepath.Join(tmp, "copy")
	says(t, verb(t, 0, "restore", "--dir", copied, "--ledger-key", key, backup), "restored, replayed, and the same")
	says(t, verb(t, 0, "doctor", "--dir", copied), "ok     ledger")

	url := pgtest.Start(t).URL(t)
	blobs := filepath.Join(tmp, "blobs")
	file := filepath.Join(tmp, "dvala.json")
	if err := os.WriteFile(file, []byte(`{"database": "`+url+`", "blobs": "`+blobs+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, verb(t, 1, "doctor", "--config", file), "store-none")
	says(t, verb(t, 0, "restore", "--config", file, backup), "the same", "--ledger-key")
	says(t, verb(t, 0, "doctor", "--config", file, "--deep"), "ok     ledger", "PostgreSQL", "ok     files")
	says(t, verb(t, 0, "backup", "--database", url, "--blobs", blobs, filepath.Join(tmp, "again")), "small-trial")
	says(t, verb(t, 1, "restore", "--config", file, backup), "store-exists")

	if err := os.Remove(filepath.Join(backup, manifestName)); err != nil {
		t.Fatal(err)
	}
	says(t, verb(t, 1, "restore", "--dir", filepath.Join(tmp, "no"), backup), "backup-unfinished")
	nights, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range nights {
		if info, err := os.Stat(path); err == nil && info.Size() < 100 { // a ring's document, not a definition
			_ = os.Remove(path)
		}
	}
	says(t, verb(t, 1, "doctor", "--dir", dir), "blob-missing", "restore it from a backup")
}

const manifestName = "backup.json"
