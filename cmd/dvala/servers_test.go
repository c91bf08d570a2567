package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/identity"
	"dvala/protocol"
	"dvala/store"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// realTrial begins a trial with real people in a new database, by the verbs
// alone, and gives its place. Of the protocol some words may be replaced by others.
func realTrial(t *testing.T, edits ...string) PlaceFlags {
	t.Helper()
	dir := t.TempDir()
	at := PlaceFlags{Database: pgtest.Start(t).URL(t), Blobs: filepath.Join(dir, "blobs"), LedgerKey: filepath.Join(dir, "ledger.key")}
	realTrialIn(t, at, edits...)
	return at
}

// realTrialIn begins one in a place that is named, and gives the folder of what the
// custodian has.
func realTrialIn(t *testing.T, at PlaceFlags, edits ...string) (custodian string) {
	t.Helper()
	return realTrialAt(t, at, time.Now, edits...)
}

// realTrialAt begins one by a clock of its own.
func realTrialAt(t *testing.T, at PlaceFlags, now func() time.Time, edits ...string) (custodian string) {
	t.Helper()
	verb := func(t *testing.T, want int, args ...string) string { return verbAt(t, now, want, args...) }
	dir := t.TempDir()
	source, err := os.ReadFile(filepath.Join("..", "..", "study", "testdata", "small.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	source = []byte(strings.NewReplacer(edits...).Replace(string(source)))
	recipient, _, _ := strings.Cut(verb(t, 0, "key", "new", "-o", filepath.Join(dir, "custodian.key")), "\n")
	source = bytes.Replace(source, []byte(protocol.RecipientPlaceholder), []byte(recipient), 1)
	file, sealed := filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "sealing", sealedListName)
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	verb(t, 0, "seal", file, "--out", filepath.Join(dir, "sealing"))
	begin := []string{"init", "--protocol", file, "--sealed", sealed}
	if at.Dir != "" {
		says(t, verb(t, 0, append(begin, "--dir", at.Dir)...), "small-trial is open")
		return dir
	}
	begin = append(begin, "--database", at.Database, "--blobs", at.Blobs, "--key-out", at.LedgerKey)
	says(t, verb(t, 0, begin...), "small-trial is open", "--ledger-key")
	verb(t, 1, begin...)
	verb(t, 0, "key", "identity", "-o", filepath.Join(dir, "identity.key"))
	raw, err := os.ReadFile(filepath.Join(dir, "identity.key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ParseMaster(string(raw)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DVALA_IDENTITY_KEY", string(raw))
	return dir
}

var (
	linkIn    = regexp.MustCompile(`/(?:sign-in/link|me/join)/\S+`)
	addressIn = regexp.MustCompile(`(?:small-trial|mgt-2024): (http://\S+)/ `)
)

// served serves a trial until the test ends, and gives the address and what was
// printed up to it.
func served(t *testing.T, cmd *ServeCmd) (address, text string) {
	t.Helper()
	address, text, _ = servedBy(t, cmd, time.Now)
	return address, text
}

// servedBy serves by a clock, until the test ends or stop is called.
func servedBy(t *testing.T, cmd *ServeCmd, now func() time.Time) (address, text string, stop func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := cmd.serve(ctx, &Program{Stdout: write, Stderr: io.Discard, Now: now})
		_ = write.CloseWithError(io.EOF)
		done <- err
		close(done) // whoever asks again is not kept waiting
	}()
	end := stop
	stop = func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	for buf := make([]byte, 500); !strings.Contains(text, "Ctrl-C"); {
		n, err := read.Read(buf)
		if err != nil {
			t.Fatalf("%v: %v\n%s", err, <-done, text)
		}
		text += string(buf[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return addressIn.FindStringSubmatch(text)[1], text, stop
}

// Two servers of one database, by configuration alone: who signs in at one is
// signed in at the other, and of people who are randomised at both at once
// nobody has another's slot.
func TestTwoServers(t *testing.T) {
	at := realTrial(t)
	first, text := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
	second, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0"})
	says(t, text, "administrator signs in once")
	out := verb(t, 0, "account", "add", "anna", "--name", "Anna", "--role", "coordinator", "--database", at.Database, "--origin", first)
	link := linkIn.FindString(out)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	in, err := browser.PostForm(first+link, url.Values{})
	if err != nil || in.StatusCode != http.StatusSeeOther {
		t.Fatal(in, err)
	}
	_ = in.Body.Close()
	again, err := browser.PostForm(second+link, url.Values{})
	if err != nil || again.StatusCode == http.StatusSeeOther {
		t.Error("a link works at each server once:", again.Status, err)
	}
	_ = again.Body.Close()
	tell := func(server, path, key, body string) (receipt struct{ Subject string }) {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, server+"/api/v1/"+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return receipt
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "test-"+key)
		w, err := browser.Do(r)
		if err != nil {
			t.Error(err)
			return receipt
		}
		defer w.Body.Close()
		raw, err := io.ReadAll(w.Body)
		if err != nil || w.StatusCode != http.StatusOK || json.Unmarshal(raw, &receipt) != nil {
			t.Errorf("%s: %s %s", path, w.Status, raw)
		}
		return receipt
	}
	servers := []string{first, second}
	var people []string
	for i := range 4 {
		here, there := servers[i%2], servers[1-i%2]
		who := tell(here, "trial/screen", fmt.Sprint("screen-", i), `{"data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}`).Subject
		tell(there, "participants/"+who+"/consent", "consent-"+who, `{"data":{"version":"1.0","language":"sv"}}`)
		tell(here, "participants/"+who+"/enrol", "enrol-"+who, `{"data":{"zone":"Europe/Stockholm","wake":"07:00"}}`)
		people = append(people, who)
	}
	var wg sync.WaitGroup
	for i := range 4 * len(people) { // each twice at either
		who := people[i/2%len(people)]
		wg.Go(func() { tell(servers[i%2], "participants/"+who+"/randomise", "randomise-"+who, `{}`) })
	}
	wg.Wait()
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.ReadAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	slots := map[int]bool{}
	trial.View(func(s *study.State) {
		for _, p := range s.People {
			if p.Randomised != nil {
				slots[p.Randomised.Slot] = true
			}
		}
	})
	if len(slots) != len(people) {
		t.Errorf("%d slots for %d people", len(slots), len(people))
	}
	page, err := browser.Get(second + "/participants")
	if err != nil || page.StatusCode != http.StatusOK {
		t.Error(page.Status, err)
	}
	_ = page.Body.Close()
	for _, path := range []string{"/participants/" + people[0], "/api/v1/participants/" + people[0], "/Anna%22", "/me/chamomile", "/api/v1/chamomile/main"} {
		if r, err := browser.Get(first + path); err == nil {
			_ = r.Body.Close()
		}
	}
	watched(t, first)
	os.Unsetenv("DVALA_IDENTITY_KEY")
	if out := verb(t, 1, "serve", "--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey, "--addr", "127.0.0.1:0"); !strings.Contains(out, "identity-key") {
		t.Error(out)
	}
}

// watched checks what a server says of itself: that it lives and is ready, and
// numbers whose labels are words that the program knows, so that no person,
// site, arm or address can be among them.
func watched(t *testing.T, server string) {
	t.Helper()
	get := func(path string) string {
		t.Helper()
		r, err := http.Get(server + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %v\n%s", path, r.Status, err, raw)
		}
		return string(raw)
	}
	says(t, get("/healthz"), "ok")
	says(t, get("/readyz"), `"ready":true`, `"store":"ok"`, `"keys":"ok"`, `"schema":"ok"`, `"people":"ok"`)
	m := newMetrics(nil)
	words := map[string]bool{"other": true, "+Inf": true, "done": true, "refused": true, "repeated": true, "failed": true}
	for _, w := range strings.Fields("page person-page sign-in static api-other 1xx 2xx 3xx 4xx 5xx") {
		words[w] = true
	}
	for _, id := range m.ids {
		words[id] = true
	}
	for _, name := range study.CommandNames() {
		words[name] = true
	}
	for _, b := range bounds {
		words[fmt.Sprint(b)] = true
	}
	text := get("/metrics")
	says(t, text, `dvala_commands_total{command="randomise",outcome="done"}`, `dvala_http_requests_total{operation="screen",class="2xx"}`, "dvala_entries ", "dvala_http_request_seconds_bucket")
	for _, label := range regexp.MustCompile(`="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !words[label[1]] {
			t.Errorf("%q is counted by", label[1])
		}
	}
	for line := range strings.Lines(text) {
		for _, secret := range []string{"P00", "anna", "Anna", "chamomile", "plainwater", "127.0.0.1", `"main"`} {
			if strings.Contains(line, secret) {
				t.Error("a secret is counted by:", line)
			}
		}
	}
}
