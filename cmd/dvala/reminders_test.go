package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The push keys are made once and stay: devices subscribe to them. Nobody else
// on the machine reads them, and what is no key pair is told and not replaced.
func TestPushKeysStay(t *testing.T) {
	dir := t.TempDir()
	first, err := readPushKeys(dir, "")
	if err != nil || first.Public == "" || first.Private == "" {
		t.Fatal(first, err)
	}
	again, err := readPushKeys(dir, "")
	if err != nil || again != first {
		t.Error("other keys the second time:", err)
	}
	path := filepath.Join(dir, pushKeysFile)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others may read them:", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPushKeys(dir, ""); err == nil {
		t.Error("an empty pair was taken")
	}
}
