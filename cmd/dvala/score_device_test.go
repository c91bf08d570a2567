package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const takeout = `[{"logId":1,"dateOfSleep":"2026-11-23","startTime":"2026-11-22T23:00:00.000","endTime":"2026-11-23T07:00:00.000","type":"stages","mainSleep":true,
"levels":{"data":[{"dateTime":"2026-11-22T23:00:00.000","level":"light","seconds":14400},{"dateTime":"2026-11-23T03:00:00.000","level":"deep","seconds":14400}]}},
{"logId":2,"dateOfSleep":"2026-11-23","startTime":"2026-11-23T02:00:00.000","endTime":"2026-11-23T02:18:00.000","type":"stages","mainSleep":false,
"levels":{"data":[{"dateTime":"2026-11-23T02:00:00.000","level":"wake","seconds":1080}]}}]`

const whoopSleeps = "Cycle start time,Cycle timezone,Sleep onset,Wake onset,Asleep duration (min),In bed duration (min),Nap\n2026-11-23 23:00:00,UTC+01:00,2026-11-23 23:00:00,2026-11-24 07:00:00,450,480,false\n"

func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An export says by itself whose it is, and what became of its records is told.
func TestScoreOfExports(t *testing.T) {
	dir := t.TempDir()
	export := put(t, dir, "export.zip", zipOf(t, map[string]string{"Takeout/Fitbit/sleep-2026-11-01.json": takeout, "my_whoop_data/sleeps.csv": whoopSleeps, "README.txt": "hello"}))
	out, problems, err := runScore(t, "--zone", "Europe/Stockholm", export)
	if err != nil {
		t.Fatal(err, problems)
	}
	for _, want := range []string{"export.zip, night to 2026-11-23", "480.0 min", "night to 2026-11-24: no stages in time; whoop states in bed 8:00 h, asleep 7:30 h, from 23:00 to 07:00"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if !strings.Contains(problems, "export.zip: fitbit: 1 kept, 1 dropped (1: no sleep in it); --why tells of each\n") || strings.Contains(problems, "whoop") {
		t.Errorf("%s", problems)
	}
	if _, why, err := runScore(t, "--why", "--zone", "Europe/Stockholm", export); err != nil || !strings.Contains(why, "night to 2026-11-23: log 2: dropped, no sleep in it") {
		t.Errorf("%v %s", err, why)
	}
	// A folder and a single file give the same as the zip.
	folder := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "Fitbit"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, "Fitbit"), "sleep.json", takeout)
	single := put(t, dir, "whoop.csv", whoopSleeps)
	again, _, err := runScore(t, "--zone", "Europe/Stockholm", folder, single)
	strip := strings.NewReplacer("export.zip", "", folder, "", single, "", filepath.ToSlash(dir)+"/", "")
	if err != nil || strip.Replace(again) != strip.Replace(out) {
		t.Errorf("%v\n%s\n%s", err, again, out)
	}
}

// Totals without stages are shown as what they are in every format.
func TestScoreOfTotals(t *testing.T) {
	file := put(t, t.TempDir(), "sleeps.csv", whoopSleeps)
	out, _, err := runScore(t, "--format", "json", file)
	var nights []map[string]any
	if err != nil || json.Unmarshal([]byte(out), &nights) != nil || len(nights) != 1 {
		t.Fatal(err, out)
	}
	if n := nights[0]; n["architecture"] != nil || n["hypnogram"] != nil || n["in_bed_from"] != "2026-11-23T23:00:00+01:00" || n["stated"].(map[string]any)["tst_min"] != 450.0 {
		t.Errorf("%v", n)
	}
	out, _, err = runScore(t, "--format", "csv", file)
	if rows := strings.Split(out, "\n"); err != nil || len(rows) != 3 || !strings.HasSuffix(strings.Trim(rows[1], ","), "2026-11-24,whoop") {
		t.Errorf("%v %s", err, out)
	}
	out, _, err = runScore(t, "--format", "html", file)
	if err != nil || !strings.Contains(out, "whoop states in bed 8:00 h") || strings.Contains(out, "<svg") {
		t.Errorf("%v %s", err, out)
	}
	if _, _, err := runScore(t, "--person", file); err != nil {
		t.Error(err)
	}
}

func TestScoreRefusesArchives(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"bomb.zip":    {zipOf(t, map[string]string{"sleep.json": strings.Repeat(" ", 16<<20)}), "[archive-bomb]"},
		"unknown.zip": {zipOf(t, map[string]string{"a.txt": "hello"}), "[device-unknown]"},
		"cut.zip":     {zipOf(t, map[string]string{"a.txt": "hello"})[:40], "[archive-zip]"},
		"none.csv":    {"Cycle start time,Sleep onset,Wake onset,Asleep duration (min)\n2026-11-23 23:00:00,,,\n", "[whoop-no-night]"},
	} {
		if _, problems, err := runScore(t, put(t, dir, name, c.content)); !errors.Is(err, errPrinted) || !strings.Contains(problems, c.want) {
			t.Errorf("%s: %v %s", name, err, problems)
		}
	}
}

// A zip or a device's file may also come on standard input.
func TestScoreOfStandardInput(t *testing.T) {
	for _, content := range []string{zipOf(t, map[string]string{"sleeps.csv": whoopSleeps}), whoopSleeps} {
		var out, problems bytes.Buffer
		cmd := ScoreCmd{Files: []string{"-"}, Format: "text"}
		if err := cmd.Run(&Program{Stdin: strings.NewReader(content), Stdout: &out, Stderr: &problems, Width: 80}); err != nil || !strings.Contains(out.String(), "asleep 7:30 h") {
			t.Errorf("%v %s %s", err, out.String(), problems.String())
		}
	}
}
