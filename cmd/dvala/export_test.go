package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Before the openings the tables hold everything but the arms; the same trial
// gives the same tables; and the report made then is on a dummy allocation that
// names no arm.
func TestExportAndAnalyseBeforeTheOpenings(t *testing.T) {
	d, _ := stage(t, nil)
	var arms [][]byte
	for _, a := range d.checked.Protocol().Arms {
		arms = append(arms, []byte(a.ID))
	}
	read := func(dir string) map[string][]byte {
		out := map[string][]byte{}
		paths, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range arms {
				if bytes.Contains(b, a) {
					t.Errorf("%s holds the arm %s", filepath.Base(p), a)
				}
			}
			out[filepath.Base(p)] = b
		}
		return out
	}
	var first map[string][]byte
	for range 2 {
		dir := filepath.Join(t.TempDir(), "csv")
		var out bytes.Buffer
		if err := (&ExportCmd{PlaceFlags: PlaceFlags{Dir: d.Dir}, Out: dir}).Run(&Program{Stdout: &out, Stderr: &out}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "No arm is in these files") {
			t.Errorf("the verb says: %s", out.String())
		}
		files := read(dir)
		if len(files) != 25 || len(files["dictionary.csv"]) == 0 || len(files["read.R"]) == 0 {
			t.Errorf("%d files", len(files))
		}
		if first == nil {
			first = files
			continue
		}
		for name, b := range files {
			if !bytes.Equal(b, first[name]) {
				t.Errorf("%s differs from one export to the next", name)
			}
		}
	}
	dir := t.TempDir()
	var out, err bytes.Buffer
	if e := (&AnalyseCmd{PlaceFlags: PlaceFlags{Dir: d.Dir}, Out: filepath.Join(dir, "deeper", "report.html")}).Run(&Program{Stdout: &out, Stderr: &err}); e != nil {
		t.Fatal(e)
	}
	if !strings.Contains(err.String(), "dummy allocation") {
		t.Errorf("nobody is told that the arms are nobody's: %s", err.String())
	}
	if files := read(filepath.Join(dir, "deeper")); len(files) != 4 { // in English and Swedish, numbers and hashes
		t.Errorf("%d files of the report", len(files))
	}
}
