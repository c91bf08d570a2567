package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/estimate"
)

func program(out *bytes.Buffer) *Program {
	return &Program{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Now: time.Now, Width: 80}
}

func slurp(t *testing.T, names ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(names...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The whole demonstration runs, ends sound, and gives for the same seed the
// same numbers though the keys differ; the same directory, carried elsewhere,
// gives the same report byte for byte.
func TestDemo(t *testing.T) {
	root := t.TempDir()
	demo := func(name string, seed uint64) string {
		var out bytes.Buffer
		dir := filepath.Join(root, name)
		if err := (&DemoCmd{Dir: dir, Seed: seed, Participants: 14, Example: "mgt-2024"}).Run(program(&out)); err != nil {
			t.Fatalf("%v\n%s", err, out.Bytes())
		}
		if !strings.Contains(out.String(), "sound: all of this fits together") || !strings.Contains(out.String(), "extended, not rewritten") {
			t.Errorf("not verified:\n%s", out.Bytes())
		}
		return dir
	}
	a, b, c := demo("a", 5), demo("b", 5), demo("c", 6)
	if !bytes.Equal(slurp(t, a, resultsFile), slurp(t, b, resultsFile)) {
		t.Error("the same seed gave other numbers")
	}
	if bytes.Equal(slurp(t, a, resultsFile), slurp(t, c, resultsFile)) {
		t.Error("another seed gave the same numbers")
	}
	if bytes.Equal(slurp(t, a, provenanceFile), slurp(t, b, provenanceFile)) {
		t.Error("two runs have the same hashes, so the same keys")
	}
	r, err := estimate.ParseResults(slurp(t, a, resultsFile))
	if err != nil || r.Dummy || !r.Trial.Simulated || r.Flow.Randomised != 14 || r.Flow.Screened <= 14 {
		t.Errorf("%v; dummy %v, simulated %v, flow %+v", err, r.Dummy, r.Trial.Simulated, r.Flow)
	}

	moved := filepath.Join(root, "elsewhere", "a")
	if err := os.CopyFS(moved, os.DirFS(a)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(moved, "ledger.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	again := filepath.Join(root, "again.html")
	if err := (&AnalyseCmd{PlaceFlags: PlaceFlags{Dir: moved}, Out: again}).Run(program(&out)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(slurp(t, a, reportFile), slurp(t, again)) {
		t.Error("the same directory gave another report")
	}
	swedish := slurp(t, a, inLang(reportFile, "sv"))
	if !bytes.Equal(swedish, slurp(t, inLang(again, "sv"))) {
		t.Error("the same directory gave another report in Swedish")
	}
	if !bytes.Equal(swedish, slurp(t, a, exportDir, inLang(reportFile, "sv"))) {
		t.Error("the export has another report in Swedish")
	}
	for name, page := range map[string][]byte{"report": swedish, "dry run": slurp(t, a, inLang(dryRunFile, "sv"))} {
		if !bytes.Contains(page, []byte(`<html lang="sv">`)) || !bytes.Contains(page, []byte("Primär estimand")) {
			t.Errorf("the %s is not in Swedish", name)
		}
	}
}

// The crossover example is played to its report too.
func TestDemoCrossover(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "x")
	if err := (&DemoCmd{Dir: dir, Seed: 2, Participants: 10, Effect: -3, Example: "crossover"}).Run(program(&out)); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if r, err := estimate.ParseResults(slurp(t, dir, resultsFile)); err != nil || len(r.Sequences) != 2 || len(r.Estimands) == 0 {
		t.Errorf("%v: %d sequences, %d estimands", err, len(r.Sequences), len(r.Estimands))
	}
}

// The example that minimises is played to its report: each place was named by the
// custodian's program, and every arm follows from the factors and the seed.
func TestDemoMinimised(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "m")
	if err := (&DemoCmd{Dir: dir, Seed: 4, Participants: 8, Effect: -3, Example: "two-sites"}).Run(program(&out)); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	for _, want := range []string{"8 of 160 slots, each named and signed by the custodian's process", "8 arms drawn again from the factors and the seed", "sound: all of this fits together"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if r, err := estimate.ParseResults(slurp(t, dir, resultsFile)); err != nil || r.Flow.Randomised != 8 || r.Dummy {
		t.Errorf("%v", err)
	}
}

// The trial of one person is played to its report: eight boxes, one a period,
// labels that say nothing of what is in them, and an answer over the cycles.
func TestDemoOfOne(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "own")
	if err := (&DemoCmd{Dir: dir, Seed: 1, Effect: -8, Nof1: true}).Run(program(&out)); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	for _, want := range []string{"1 screened, 1 randomised, 1 completed", "8 handed out", "sound: all of this fits together", "answer "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if r, err := estimate.ParseResults(slurp(t, dir, resultsFile)); err != nil || r.Flow.Randomised != 1 || len(r.Estimands) != 3 || r.Dummy || r.Guess == nil || !r.Guess.Each {
		t.Errorf("%v", err)
	}
	if labels := slurp(t, dir, "labels.html"); bytes.Count(labels, []byte(`class="label"`)) != 8 || bytes.Contains(labels, []byte("bisglycinate")) {
		t.Errorf("%.300s", labels)
	}
}

// A directory that holds anything but an earlier demonstration is left alone.
func TestDemoKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("years"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&DemoCmd{Dir: dir, Seed: 1, Example: "mgt-2024"}).Run(program(&out)); err == nil {
		t.Error("a directory with other things in it was taken")
	}
	if string(slurp(t, dir, "thesis.tex")) != "years" {
		t.Error("something was lost")
	}
}
