package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"dvala/custody"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal/sealtest"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui"
)

// stage plays a small demonstration as far as before the dry run, with what
// the test wishes for set beforehand.
func stage(t *testing.T, set func(*demo)) (*demo, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	fixed := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	p := &Program{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Now: func() time.Time { return fixed }, Width: 80}
	d := &demo{DemoCmd: DemoCmd{Dir: t.TempDir(), Seed: 11, Participants: 12, Example: "mgt-2024"}, Program: p, ctx: context.Background()}
	if set != nil {
		set(d)
	}
	for _, step := range []func() error{d.clear, d.writeProtocol, d.seal, d.open, d.play} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := d.trial.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, out
}

// Before the openings no byte of the trial's directory, its write-ahead log
// included, holds the name of an arm, but for the protocol and its copies.
func TestNoArmInTheDirectory(t *testing.T) {
	d, out := stage(t, nil)
	incidents(t, d)
	if err := d.dryRun(); err != nil { // its files too: a dummy allocation has names of its own
		t.Fatal(err)
	}
	var arms [][]byte
	for _, a := range d.checked.Protocol().Arms {
		arms = append(arms, []byte(a.ID))
	}
	files, wal := 0, false
	err := filepath.WalkDir(d.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(d.Dir, path)
		if e.IsDir() {
			if rel == custodianDir {
				return fs.SkipDir // another machine, in a real trial
			}
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Equal(b, d.source) {
			return nil // the protocol, and the copy of it that the ledger names
		}
		files++
		wal = wal || strings.HasSuffix(path, "-wal") && len(b) > 0
		for _, arm := range arms {
			if i := bytes.Index(bytes.ToLower(b), bytes.ToLower(arm)); i >= 0 {
				t.Errorf("%s holds %q at byte %d", rel, arm, i)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 || !wal {
		t.Fatalf("only %d files searched, write-ahead log among them: %v", files, wal)
	}
	for _, arm := range arms {
		if bytes.Contains(out.Bytes(), arm) {
			t.Errorf("the terminal was told %q", arm)
		}
	}
}

// Two trials alike in everything but who has which arm leave the same bytes
// wherever a blinded person can look.
func TestSwappedArmsLookTheSame(t *testing.T) {
	key, err := custody.NewKey(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	var signer *ledger.Key
	run := func(swap bool) map[string][]byte {
		d, out := stage(t, func(d *demo) {
			d.key, d.signer = key, signer
			d.sealing = custody.Options{Sealer: sealtest.Blank{}}
			if swap {
				src, err := os.ReadFile("../../examples/mgt-2024/protocol.yaml")
				if err != nil {
					t.Fatal(err)
				}
				c, problems := protocol.Parse(src)
				if err := problems.Err(); err != nil {
					t.Fatal(err)
				}
				a := c.Protocol().Arms
				d.sealing.Swap = [2]string{a[0].ID, a[1].ID}
			}
			if d.signer == nil {
				if d.signer, err = ledger.GenerateKey(rand.Reader, "mgt-2024"); err != nil {
					t.Fatal(err)
				}
				signer = d.signer
			}
		})
		told := incidents(t, d)
		seen := seenBlind(t, d, out)
		maps.Copy(seen, told)
		return seen
	}
	straight, swapped := run(false), run(true)
	if len(straight) < 30 {
		t.Fatalf("only %d things compared", len(straight))
	}
	for name, b := range straight {
		if !bytes.Equal(b, swapped[name]) {
			at := 0
			for at < min(len(b), len(swapped[name])) && b[at] == swapped[name][at] {
				at++
			}
			t.Errorf("%s differs when the arms are swapped (%d and %d bytes) at byte %d: %.80q and %.80q", name, len(b), len(swapped[name]), at,
				b[max(0, at-20):], swapped[name][min(max(0, at-20), len(swapped[name])):])
		}
	}
	for name := range swapped {
		if _, ok := straight[name]; !ok {
			t.Errorf("%s is there only when the arms are swapped", name)
		}
	}
}

// seenBlind collects all that blinded people can see of a trial under way.
func seenBlind(t *testing.T, d *demo, out *bytes.Buffer) map[string][]byte {
	t.Helper()
	seen := map[string][]byte{"terminal": bytes.ReplaceAll(out.Bytes(), []byte(d.Dir), []byte("DIR"))}
	export := filepath.Join(t.TempDir(), "export")
	if err := d.trial.Export(d.ctx, export); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{export} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			b, err := os.ReadFile(path)
			seen["export/"+rel] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := analyseTrial(d.trial)
	if err != nil {
		t.Fatal(err)
	}
	seen["dry run report"], seen["dry run results"] = a.Report, a.JSON
	tables, err := exchange.Export(d.checked, d.trial.State(), estimate.Allocation{}, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tables {
		seen["csv/"+f.Name] = f.Bytes
	}
	crawl(t, d, seen)
	return seen
}

var href = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)"`)

// crawl follows every link of the pages from the first on, as each role and in
// both languages, and a few that lead nowhere, whose answers must tell nothing
// either.
func crawl(t *testing.T, d *demo, seen map[string][]byte) {
	t.Helper()
	now := func() time.Time { return d.end }
	office := desk.NewOffice(d.trial, now)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	svc, err := access.New(access.Config{Store: store, Door: office, Now: now, Rand: rand.Reader, Origin: "http://127.0.0.1:8080", Title: "trial", Chooser: true})
	if err != nil {
		t.Fatal(err)
	}
	defer svc.Close()
	keys := 0
	handler, err := ui.New(ui.Config{
		Office: office, Trial: d.trial, Access: svc, NewKey: func() string { keys++; return strconv.Itoa(keys) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"coordinator", "investigator", "pharmacist", "monitor", "statistician", "custodian", "administrator", "auditor", "P0004"} {
		role, subject, lang := study.Role(who), study.Subject(""), "en"
		if who == "coordinator" || who == "P0004" {
			lang = "sv"
		}
		if who == "P0004" {
			role, subject = study.RoleParticipant, study.Subject(who)
		}
		st, err := svc.Choose(t.Context(), access.Visit{Addr: who}, role, "", subject)
		if err != nil {
			t.Fatal(err)
		}
		crawlAs(t, handler, who, lang, st.Token, seen)
	}
}

func crawlAs(t *testing.T, handler http.Handler, who, lang, token string, seen map[string][]byte) {
	t.Helper()
	queue := []string{"/", "/me", "/nowhere", "/participants/P9999", "/participants/%3Cscript%3E", "/ledger?before=99999999", "/participants.csv"}
	pages := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		name := who + " " + path
		if _, done := seen[name]; done || pages > 90 || path == "/sessions" || strings.HasPrefix(path, "/me/static") {
			continue
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://127.0.0.1:8080"+path, nil)
		r.AddCookie(&http.Cookie{Name: access.Cookie, Value: token})
		r.AddCookie(&http.Cookie{Name: "dvala-desk-lang", Value: lang})
		handler.ServeHTTP(w, r)
		pages++
		body := w.Body.Bytes()
		seen[name] = append([]byte(fmt.Sprintf("%d %v\n", w.Code, w.Header())), randomKey.ReplaceAll(body, []byte("form-"))...)
		for _, m := range href.FindAllSubmatch(body, -1) {
			queue = append(queue, html.UnescapeString(string(m[1])))
		}
	}
	if pages < 8 {
		t.Fatalf("only %d pages found as %s", pages, who)
	}
}

// randomKey is what the participant's forms are told apart by.
var randomKey = regexp.MustCompile(`form-[A-Za-z0-9-]+`)
