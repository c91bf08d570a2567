package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A bar appears after two seconds of work and not before, stands where the bytes
// are, and is gone from the line before anything else is written.
func TestMeter(t *testing.T) {
	var screen bytes.Buffer
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &Program{Stderr: &screen, Terminal: true, Now: func() time.Time { return clock }}
	m := newMeter(p, "files", 4)
	in := source{plain: strings.NewReader(strings.Repeat("x", 100)), size: 100}.metered(m)
	if _, err := io.CopyN(io.Discard, in.plain, 50); err != nil || screen.Len() > 0 {
		t.Fatalf("%v, shown at once: %q", err, screen.String())
	}
	clock = clock.Add(3 * time.Second)
	if m.at() != 500 {
		t.Errorf("half of the first of four files is %d", m.at())
	}
	m.add(25)
	if !strings.Contains(screen.String(), "files") || m.at() != 750 {
		t.Errorf("nothing shown after three seconds: %q, %d", screen.String(), m.at())
	}
	m.end()
	if m.at() != 1000 {
		t.Errorf("after one of four files: %d", m.at())
	}
	screen.Reset()
	if _, err := io.WriteString(m.over(&screen), "a warning\n"); err != nil || !strings.HasSuffix(screen.String(), "a warning\n") || screen.String() == "a warning\n" {
		t.Errorf("the bar was left on the line: %q", screen.String())
	}
	m.done()
	m.done()
}

// Without a terminal nothing is ever drawn, and the nights are the same.
func TestScoreWithBar(t *testing.T) {
	name := filepath.Join(t.TempDir(), "night.csv")
	if err := os.WriteFile(name, []byte(tableOfEpochs), 0o600); err != nil {
		t.Fatal(err)
	}
	var texts [2]string
	for i, terminal := range []bool{false, true} {
		var out, errs bytes.Buffer
		hour := 0
		p := &Program{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Terminal: terminal, Width: 80, Now: func() time.Time {
			hour++
			return time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)
		}}
		if err := (&ScoreCmd{Files: []string{name, name}, Format: "csv"}).Run(p); err != nil {
			t.Fatal(err)
		}
		texts[i] = out.String()
		if drawn := strings.Contains(errs.String(), "%"); drawn != terminal {
			t.Errorf("terminal %v: %q", terminal, errs.String())
		}
	}
	if texts[0] != texts[1] || texts[0] == "" {
		t.Errorf("%s\n%s", texts[0], texts[1])
	}
}
