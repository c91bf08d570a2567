package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/instrument"
)

// The example passes with warnings: nil, so that the exit code is 0, with the
// SPIRIT items and a summary after the problems.
func TestCheckExample(t *testing.T) {
	var out bytes.Buffer
	cmd := CheckCmd{File: "../../examples/mgt-2024/protocol.yaml", Format: "text"}
	if err := cmd.Run(&Program{Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[recall-overlap]", "[unregistered]", "[custodian-missing]",
		"no errors and", "SPIRIT 2025:", "SHA-256", "isi-day-21, primary 1: isi at day-21",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

// A file with errors names each with its line and makes the exit code 1, in
// both formats.
func TestCheckBad(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("dvala: 1\nid: Bad Name\narmz: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&CheckCmd{File: bad, Format: "text"}).Run(&Program{Stdout: &out}); !errors.Is(err, errPrinted) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(out.String(), ":3: armz: the protocol has no field \"armz\" [unknown-field]\n\thint: did you mean arms?") {
		t.Errorf("got\n%s", out.String())
	}
	out.Reset()
	if err := (&CheckCmd{File: bad, Format: "json"}).Run(&Program{Stdout: &out}); !errors.Is(err, errPrinted) {
		t.Fatalf("got %v", err)
	}
	var got struct {
		OK       bool
		Problems []struct {
			Severity, Code string
			Line           int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.OK || len(got.Problems) < 3 || got.Problems[0].Severity != "error" || got.Problems[0].Line == 0 {
		t.Errorf("got %+v", got)
	}
	if err := (&CheckCmd{File: bad + "x", Format: "text"}).Run(&Program{Stdout: &out}); err == nil {
		t.Error("a file that is not there passed")
	}
}

// What this version cannot estimate is an error here, though the protocol
// itself is sound, and has its line.
func TestCheckUnsupported(t *testing.T) {
	src, err := os.ReadFile("../../examples/mgt-2024/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "p.yaml")
	src = bytes.Replace(src, []byte("{event: travel, strategy: treatment-policy}"), []byte("{event: travel, strategy: principal-stratum}"), 1)
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&CheckCmd{File: file, Format: "text"}).Run(&Program{Stdout: &out}); !errors.Is(err, errPrinted) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(out.String(), "estimands[0].events[2].strategy: ") || strings.Contains(out.String(), ": estimands[0].events[2].strategy: warning") {
		t.Errorf("got\n%s", out.String())
	}
}

// An operator's own instruments lie beside the protocol.
func TestCheckOwnInstruments(t *testing.T) {
	src, err := os.ReadFile("../../examples/mgt-2024/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kss, ok := instrument.ByID("kss")
	if !ok {
		t.Fatal("no kss")
	}
	dir := t.TempDir()
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("p.yaml", bytes.Replace(src, []byte("poms40, guess]"), []byte("poms40, our-scale, guess]"), 1))
	cmd := CheckCmd{File: filepath.Join(dir, "p.yaml"), Format: "text"}
	var out bytes.Buffer
	if err := cmd.Run(&Program{Stdout: &out}); !errors.Is(err, errPrinted) || !strings.Contains(out.String(), "[instrument-unknown]") {
		t.Fatalf("without the instrument: %v\n%s", err, out.String())
	}
	write("instruments/ours.yaml", bytes.Replace(kss.Canonical(), []byte(`"id":"kss"`), []byte(`"id":"our-scale"`), 1))
	if err := cmd.Run(&Program{Stdout: &out}); err != nil {
		t.Fatalf("with the instrument: %v\n%s", err, out.String())
	}
	write("instruments/ours.yaml", kss.Canonical())
	if err := cmd.Run(&Program{Stdout: &out}); fault.CodeOf(err) != "instrument-name-taken" {
		t.Errorf("a name of the program's own: %v", err)
	}
}
