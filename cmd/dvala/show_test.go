package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/custody"
	"dvala/examples"
	"dvala/fault"
	"dvala/ledger"
	"dvala/sleep"
	"dvala/store"
	"dvala/study"
)

// shown gives what show prints of a file with this content.
func shown(t *testing.T, name string, raw []byte, all bool) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return shownPath(path, all)
}

func shownPath(path string, all bool) (string, error) {
	var out bytes.Buffer
	err := (&ShowCmd{Path: path, All: all}).Run(&Program{Stdout: &out, Stderr: io.Discard, Now: time.Now, Width: 80})
	return out.String(), err
}

// Of a key file, show prints the public half and no part of the secret one.
func TestShowKeepsSecrets(t *testing.T) {
	k, err := custody.NewKey(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	out, err := shown(t, "key.txt", k.File(), true)
	if err != nil || !strings.Contains(out, k.Recipient().String()) || strings.Contains(out, "SECRET") {
		t.Error(out, err)
	}
	signing, err := ledger.GenerateKey(rand.Reader, "a-trial")
	if err != nil {
		t.Fatal(err)
	}
	out, err = shown(t, "ledger.key", []byte(signing.Secret()+"\n"), true)
	if err != nil || strings.Contains(out, signing.Secret()[len(signing.Secret())-10:]) {
		t.Error(out, err)
	}
	out, err = shown(t, "ledger.pub", []byte(signing.Public().String()+"\n"), true)
	if err != nil || !strings.Contains(out, "a-trial") {
		t.Error(out, err)
	}
	note, err := signing.Sign(ledger.Checkpoint{Origin: "a-trial", Size: 7})
	if err != nil {
		t.Fatal(err)
	}
	out, err = shown(t, "checkpoint", note, true)
	if err != nil || !strings.Contains(out, "7") || !strings.Contains(out, "not checked") {
		t.Error(out, err)
	}
}

func TestShowFiles(t *testing.T) {
	src, err := examples.Protocol("mgt-2024")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := shown(t, "protocol.yaml", src, false); err != nil || !strings.Contains(out, "isi-day-21") {
		t.Error(out, err)
	}
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	stages, err := sleep.ParseStages("6W 6L 6N3 6R", 100)
	if err != nil {
		t.Fatal(err)
	}
	h, err := sleep.NewHypnogram(civil.On(2026, 3, 1).At(23*60, zone), 5*time.Minute, stages)
	if err != nil {
		t.Fatal(err)
	}
	night, err := json.Marshal(sleep.Night{Date: civil.On(2026, 3, 2), Zone: "Europe/Stockholm", Main: h, Source: sleep.Provenance{Vendor: "oura"}})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := shown(t, "night.json", night, false); err != nil || !strings.Contains(out, "90.0 min") {
		t.Error(out, err)
	}
	for name, raw := range map[string]string{
		"empty": "", "noise": "\x00\x01", "json": `{"a":1}`, "a list cut short": "dvala-sealed-list 1\n", "a ledger cut short": "dvala-ledger 1\n",
		"a key spoiled": "AGE-SECRET-KEY-1XYZ", "a night misspelt": `{"date":"x","zone":"y","main":null}`,
	} {
		if out, err := shown(t, "f", []byte(raw), true); fault.CodeOf(err) == "" || strings.Contains(fault.Text(err), "XYZ") {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
	if _, err := shownPath(t.TempDir(), false); fault.CodeOf(err) != "store-none" {
		t.Error(err)
	}
}

// smallTrial makes the directory of a trial that has just begun.
func smallTrial(t *testing.T) string {
	t.Helper()
	key, err := custody.NewKey(time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "trial")
	d := &demo{DemoCmd: DemoCmd{Dir: dir, Seed: 1, Example: "mgt-2024"}, Program: &Program{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now}, ctx: context.Background(), key: key}
	if err := os.MkdirAll(filepath.Join(dir, custodianDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{d.writeProtocol, d.seal, d.open} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.trial.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestShowAndServeTrial(t *testing.T) {
	dir := smallTrial(t)
	out, err := shownPath(dir, true)
	if err != nil || !strings.Contains(out, "mgt-2024") || !strings.Contains(out, "collecting") {
		t.Error(out, err)
	}
	trial, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(t.TempDir(), "x")
	if err := trial.Export(t.Context(), export); err != nil {
		t.Fatal(err)
	}
	var entries uint64
	trial.View(func(s *study.State) { entries = s.Entries })
	_ = trial.Close()
	if out, err := shownPath(export, true); err != nil || !strings.Contains(out, "opened") || entries != 1 {
		t.Error(out, err)
	}

	for _, addr := range []string{"0.0.0.0:0", ":8080", "192.0.2.1:80", "example.org:80"} {
		err := (&ServeCmd{PlaceFlags: PlaceFlags{Dir: dir}, Addr: addr}).serve(t.Context(), &Program{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now})
		if fault.CodeOf(err) != "serve-address" {
			t.Errorf("%s: %v", addr, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- (&ServeCmd{PlaceFlags: PlaceFlags{Dir: dir}, Addr: "127.0.0.1:0"}).serve(ctx, &Program{Stdout: write, Stderr: io.Discard, Now: time.Now})
	}()
	text := ""
	for buf := make([]byte, 500); !strings.Contains(text, "Ctrl-C"); {
		n, err := read.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		text += string(buf[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	_, rest, _ := strings.Cut(text, "mgt-2024: ")
	url, _, _ := strings.Cut(rest, " ")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	page := func(answer *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Error(answer.Status, err)
		}
		return string(body)
	}
	if body := page(browser.Get(url)); !strings.Contains(body, "Who are you today?") {
		t.Error("in a made-up trial one is not asked whom to be")
	}
	page(browser.PostForm(url+"sign-in", neturl.Values{"as": {"auditor"}}))
	if body := page(browser.Get(url)); !strings.Contains(body, "mgt-2024") {
		t.Error("whoever signed in does not see the trial")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
