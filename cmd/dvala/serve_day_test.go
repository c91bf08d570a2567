package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/store"
	"dvala/study"
)

// A demonstration as it stood on a day is the beginning of the whole one, entry by
// entry; it lies in a folder of its own, which goes when it is done with.
func TestServedDayIsTheBeginning(t *testing.T) {
	var out bytes.Buffer
	dir := filepath.Join(t.TempDir(), "demo")
	if err := (&DemoCmd{Dir: dir, Seed: 5, Participants: 6, Effect: -4, Example: "mgt-2024"}).Run(program(&out)); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if !strings.Contains(out.String(), "dvala serve --dir "+dir+" --day 24") {
		t.Errorf("nobody is told of the day:\n%s", out.Bytes())
	}
	day, done, err := (&ServeCmd{Day: "24"}).asOf(t.Context(), program(&out), store.Where{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	whole, part := factsOf(t, dir), factsOf(t, day)
	if len(part) < 100 || len(part) >= len(whole) {
		t.Fatalf("%d entries of %d", len(part), len(whole))
	}
	for i := range part {
		if part[i].Event.Kind() == study.KindOpened { // the custodian's key is another
			continue
		}
		if !reflect.DeepEqual(whole[i], part[i]) {
			t.Fatalf("entry %d: %+v, and played again %+v", i, whole[i], part[i])
		}
	}
	done()
	if _, err := os.Stat(day); !os.IsNotExist(err) {
		t.Error("the folder is there still")
	}
}

func factsOf(t *testing.T, dir string) (out []study.Fact) {
	t.Helper()
	trial, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	var n uint64
	trial.View(func(s *study.State) { n = s.Entries })
	entries, err := trial.Entries(t.Context(), 0, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f, err := study.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// A day is a number or a date after the start; and only a demonstration has days
// to choose from.
func TestDayOfADemonstration(t *testing.T) {
	start := civil.On(2026, 9, 14)
	for text, want := range map[string]int{"24": 24, "1": 1, "2026-10-08": 24} {
		if got, err := dayOf(text, start); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-3", "soon", "2026-09-14", "2026-13-40", "999999"} {
		if _, err := dayOf(text, start); fault.CodeOf(err) != "serve-day" {
			t.Errorf("%s: %v", text, err)
		}
	}
	dir := trialOfThePublic(t)
	err := (&ServeCmd{PlaceFlags: PlaceFlags{Dir: dir}, Addr: "127.0.0.1:0", Day: "24"}).serve(t.Context(), &Program{Stdout: io.Discard, Now: time.Now})
	if fault.CodeOf(err) != "serve-day" {
		t.Errorf("a trial of real people is played again: %v", err)
	}
}

// trialOfThePublic is a trial of real people, sealed without a seed.
func trialOfThePublic(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "trial")
	d := &demo{DemoCmd: DemoCmd{Dir: dir, Example: "mgt-2024"}, Program: program(&bytes.Buffer{}), ctx: t.Context()}
	if err := os.MkdirAll(filepath.Join(dir, custodianDir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.writeProtocol(); err != nil {
		t.Fatal(err)
	}
	sealing, err := custody.Seal(d.checked, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledger.GenerateKey(rand.Reader, d.checked.ID())
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.Create(t.Context(), dir, store.Start{Protocol: d.source, Sealed: sealing.List.Bytes(), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	files, err := trial.PutBlobs([]store.Blob{{Name: "protocol.yaml", Bytes: d.source}, {Name: sealedListName, Bytes: sealing.List.Bytes()}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = trial.Do(t.Context(), study.Open{Opened: study.Opened{
		Trial: d.checked.ID(), Protocol: files[0], ProtocolHash: d.checked.HashHex(), SealedList: files[1], Sealing: seal.ByCustodian, Program: Release(), Zones: civil.ZoneRules,
	}}, study.Meta{At: time.Date(2026, 9, 14, 6, 0, 0, 0, time.UTC), Actor: "anna", Role: study.RoleCoordinator})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A demonstration can end by being served, in its midst.
func TestDemoEndsInTheBrowser(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var out bytes.Buffer
	d := &demo{DemoCmd: DemoCmd{Dir: filepath.Join(t.TempDir(), "demo"), Seed: 2, Participants: 4, Example: "mgt-2024", Serve: true, Addr: "127.0.0.1:0"}, Program: program(&out), ctx: ctx}
	for _, step := range []func() error{d.clear, d.writeProtocol, d.seal, d.open, d.play} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.trial.Close(); err != nil {
		t.Fatal(err)
	}
	serve := d.servedMidway()
	if serve.Day != "28" || serve.Dir != d.Dir {
		t.Errorf("day %s of %s", serve.Day, serve.Dir)
	}
	first, text := served(t, serve)
	if !strings.Contains(text, "Day 28 of the trial") || first == "" {
		t.Errorf("%q", text)
	}
}
