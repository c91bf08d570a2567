package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/store"
)

// A day on which the trial is long over is refused, and the refusal names the last
// one there is, which is served; a day that is none is refused before anything is
// cleared away.
func TestDaysPastTheEnd(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "demo")
	if err := (&DemoCmd{Dir: dir, Seed: 3, Participants: 2, Example: "mgt-2024", Until: "20"}).Run(program(&out)); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	_, _, err := (&ServeCmd{Day: "900"}).asOf(t.Context(), program(&out), store.Where{Dir: dir})
	var p *fault.Problem
	if !errors.As(err, &p) || p.Code != "serve-day" || p.Place != "day 900" || !strings.Contains(p.Hint, " shows everybody at the end") {
		t.Fatalf("%+v", err)
	}
	last := strings.Fields(p.Hint)[1]
	if !strings.Contains(p.Message, "is day "+last+", ") {
		t.Errorf("%s\n%s", p.Message, p.Hint)
	}
	day, done, err := (&ServeCmd{Day: last}).asOf(t.Context(), program(&out), store.Where{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	completed := 0
	for _, f := range factsOf(t, day) {
		if f.Event.Kind() == "completed" {
			completed++
		}
	}
	if completed != 2 {
		t.Errorf("%d have come to the end on the last day", completed)
	}
	for _, until := range []string{"-3", "0", "soon", "2026-13-40", "99999999999999999999", "1e3", "3.5"} {
		err := (&DemoCmd{Dir: dir, Seed: 3, Participants: 2, Example: "mgt-2024", Until: until}).Run(program(&out))
		if !errors.As(err, &p) || p.Code != "serve-day" || p.Place != "--until" || p.Hint == "" {
			t.Errorf("%s: %+v", until, err)
		}
		if _, _, err := (&ServeCmd{Day: until}).asOf(t.Context(), program(&out), store.Where{Dir: dir}); fault.CodeOf(err) != "serve-day" {
			t.Errorf("served on %s: %v", until, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
		t.Error("a day that is none cleared the demonstration away:", err)
	}
}
