package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dvala/custody"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal/sealtest"
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
		return seenBlind(t, d, out)
	}
	straight, swapped := run(false), run(true)
	if len(straight) < 30 {
		t.Fatalf("only %d things compared", len(straight))
	}
	for name, b := range straight {
		if !bytes.Equal(b, swapped[name]) {
			t.Errorf("%s differs when the arms are swapped (%d and %d bytes)", name, len(b), len(swapped[name]))
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

// crawl follows every link of the pages from the first on, and a few that lead
// nowhere, whose answers must tell nothing either.
func crawl(t *testing.T, d *demo, seen map[string][]byte) {
	t.Helper()
	handler, err := ui.New(d.trial, func() time.Time { return d.end })
	if err != nil {
		t.Fatal(err)
	}
	queue := []string{"/", "/nowhere", "/participants/P9999", "/participants/%3Cscript%3E", "/ledger?from=99999999"}
	pages := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, done := seen["page "+path]; done || pages > 500 {
			continue
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://127.0.0.1:8080"+path, nil)
		handler.ServeHTTP(w, r)
		pages++
		body := w.Body.Bytes()
		seen["page "+path] = append([]byte(fmt.Sprintf("%d %v\n", w.Code, w.Header())), body...)
		for _, m := range href.FindAllSubmatch(body, -1) {
			queue = append(queue, html.UnescapeString(string(m[1])))
		}
	}
	if pages < 15 {
		t.Fatalf("only %d pages found", pages)
	}
}
