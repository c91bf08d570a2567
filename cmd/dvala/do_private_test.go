package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dvala/desk"
	"dvala/store"
	"dvala/study"
)

// What a file of commands tells of a person's own lies under her key: her words,
// reasons about her, what a correction puts in the place of words, and her files.
// When she withdraws her identifiers, none of it can be read, and the ledger
// still verifies.
func TestCommandsArePrivate(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	private := []string{"a yellow parrot", "a purple parrot", "her green aunt telephoned", "blåmålad trappa", "signed Vera with a loop"}
	files := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("signature.svg", "<svg>"+private[4]+"</svg>")
	const head = `"actor":"anna","role":"coordinator"`
	first := write("first.jsonl", `{"do":"screen","key":"s",`+head+`,"data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}
{"do":"consent","key":"c",`+head+`,"subject":"P0001","data":{"version":"1.0","language":"sv","signature_file":"signature.svg"}}
{"do":"enrol","key":"e",`+head+`,"subject":"P0001","data":{"zone":"Europe/Stockholm","wake":"07:00"}}
{"do":"report-adverse-event","key":"a","actor":"anna","role":"investigator","subject":"P0001","data":{"term":"fall","severity":"mild","serious":false,"related":"unrelated","onset":"2026-03-04","outcome":"recovered","words":"`+private[0]+`, `+private[3]+`"}}
{"do":"correct","key":"r",`+head+`,"subject":"P0001","reason":"`+private[2]+`","data":{"entry":4,"field":"words","new":"`+private[1]+`"}}
`)
	now := verb(t, 0, "do", "--dir", at.Dir, "--files", files, "--rehearse", first)
	says(t, now, "5 of 5 commands would be done")
	if found := lying(t, at.Dir, private); len(found) > 0 {
		t.Error("the rehearsal left", found)
	}
	says(t, verb(t, 0, "do", "--dir", at.Dir, "--files", files, first), "5 of 5 commands done")
	says(t, verb(t, 0, "do", "--dir", at.Dir, "--files", files, first), "0 of 5 commands done")
	if found := lying(t, at.Dir, private); len(found) > 0 {
		t.Error("in the clear:", found)
	}
	told := func() (words, reason string, ok bool) {
		t.Helper()
		c, f := correctedAt(t, at.Dir, 5)
		parts, release := partsOf(t, at.Dir)
		defer release()
		words, ok, err := parts.Vault.Open(t.Context(), "P0001", c)
		if err != nil {
			t.Fatal(err)
		}
		reason, _, err = parts.Vault.Open(t.Context(), "P0001", f)
		if err != nil {
			t.Fatal(err)
		}
		return words, reason, ok
	}
	if words, reason, ok := told(); !ok || words != private[1] || reason != private[2] {
		t.Errorf("%q, because %q, %v", words, reason, ok)
	}

	second := write("second.jsonl", `{"do":"withdraw","key":"w",`+head+`,"subject":"P0001","reason":"told by telephone","data":{"from":"identifiers","why":"not-said"}}
`)
	verb(t, 0, "do", "--dir", at.Dir, second)
	if words, _, ok := told(); ok {
		t.Errorf("after she was erased, %q can be read", words)
	}
	late := write("late.jsonl", `{"do":"correct","key":"n",`+head+`,"subject":"P0001","reason":"why","data":{"entry":4,"field":"words","new":"more about her"}}
`)
	says(t, verb(t, 1, "do", "--dir", at.Dir, late), "late.jsonl:1:", "person-erased")
	says(t, verb(t, 0, "doctor", "--dir", at.Dir), "ledger")
}

// correctedAt gives the new value and the reason of a correction, as they stand
// on the ledger.
func correctedAt(t *testing.T, dir string, entry uint64) (value, reason string) {
	t.Helper()
	trial, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	entries, err := trial.Entries(t.Context(), entry, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := study.Decode(entries[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(f.Event.(study.Corrected).New, &value); err != nil {
		t.Fatal(err)
	}
	return value, f.Reason
}

// partsOf opens what keeps persons' own.
func partsOf(t *testing.T, dir string) (desk.Parts, func()) {
	t.Helper()
	trial, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	parts, release, err := privateParts(t.Context(), &Program{Now: time.Now}, store.Where{Dir: dir}, trial)
	if err != nil {
		t.Fatal(err)
	}
	return parts, func() {
		if err := errors.Join(release(), trial.Close()); err != nil {
			t.Error(err)
		}
	}
}

// lying gives those of some texts that lie in the clear in a directory.
func lying(t *testing.T, dir string, texts []string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(raw, []byte(text)) {
				found = append(found, filepath.Base(path)+": "+text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}
