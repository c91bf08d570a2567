package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Two processes differ in what both have and have otherwise; what one lacks the
// other does. Which pages a worker shows is no difference.
func TestSettingsDiffer(t *testing.T) {
	mine := map[string]string{"release": "1", "--mail-from": "a", "--oura-client": "x", "--wording": "w"}
	theirs := map[string]string{"release": "2", "--mail-from": "a", "--mail-host": "h"}
	differ, missing := differing(mine, theirs)
	if !slices.Equal(differ, []string{"release"}) || !slices.Equal(missing, []string{"--mail-host", "--oura-client"}) {
		t.Error(differ, missing)
	}
	if a, b := differing(mine, mine); a != nil || b != nil {
		t.Error(a, b)
	}
}

// A folder's hash is of what is in it, and not of where it lies.
func TestHashOfFolder(t *testing.T) {
	sums := map[string]string{}
	for name, text := range map[string]string{"one": "a", "same": "a", "other": "b"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.MkdirAll(filepath.Join(dir, "sv"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "sv", "isi.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sum, err := hashOfFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		sums[name] = sum
	}
	if sums["one"] != sums["same"] || sums["one"] == sums["other"] {
		t.Error(sums)
	}
}
