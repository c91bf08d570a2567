package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Every verb that reads a trial reads it from a database too, by configuration
// alone: by flags, and by the environment.
func TestVerbsReadADatabase(t *testing.T) {
	at := realTrial(t)
	var out string
	place := []string{"--database", at.Database, "--blobs", at.Blobs}
	verbs := func(with []string) {
		t.Helper()
		out = t.TempDir()
		run := func(want int, args ...string) string {
			t.Helper()
			return verb(t, want, append(args, with...)...)
		}
		says(t, run(0, "export", "--out", filepath.Join(out, "tables")), "No arm is in these files")
		says(t, run(0, "export", "--ledger", "--out", filepath.Join(out, "ledger")), "small-trial")
		says(t, verb(t, 0, "verify", filepath.Join(out, "ledger")), "small-trial")
		says(t, run(0, "register", "--out", filepath.Join(out, "register")), "who.json")
		says(t, run(1, "reestimate"), "hint") // nobody is in it
		says(t, run(0, "analyse", "--out", filepath.Join(out, "r.html")), "r.results.json")
		says(t, run(0, "doctor", "--ledger-key", at.LedgerKey), "PostgreSQL")
		says(t, run(0, "clock"), "last entry")
	}
	verbs(place)
	t.Setenv("DVALA_DATABASE", at.Database)
	t.Setenv("DVALA_BLOBS", at.Blobs)
	verbs(nil)
	for _, name := range []string{"tables/dictionary.csv", "ledger/ledger.dvl", "register/who.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}
