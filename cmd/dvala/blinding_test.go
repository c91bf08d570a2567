package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dvala/custody"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal/sealtest"
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
func TestSwappedArmsLookTheSame(t *testing.T) { lookTheSame(t, "mgt-2024", 2000) }

// The same of a trial whose arms are drawn by minimisation: which places are named
// tells nothing either. Who names them believes the arms to be as they were, and so
// draws in the exchanged trial as if they were called otherwise.
func TestSwappedArmsLookTheSameUnderMinimisation(t *testing.T) { lookTheSame(t, lighter, 500) }

// lookTheSame compares two trials of an example, in one of which the arms are
// exchanged; so many things at least.
func lookTheSame(t *testing.T, example string, least int) {
	t.Helper()
	key, err := custody.NewKey(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	var signer *ledger.Key
	run := func(swap bool) map[string][]byte {
		d, out := stage(t, func(d *demo) {
			d.key, d.signer, d.Example = key, signer, example
			d.sealing = custody.Options{Sealer: sealtest.Blank{}}
			if swap {
				src, err := os.ReadFile("../../examples/" + example + "/protocol.yaml")
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
				if d.signer, err = ledger.GenerateKey(rand.Reader, example); err != nil {
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
	if len(straight) < least {
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
	pairs := noLeak(t, straight)
	t.Logf("%d things compared; %d pairs of role and operation, no arm in any", len(straight), pairs)
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
	exported(t, d, seen)
	seenServed(t, d, seen)
	return seen
}

// tellsArms are the answers in which the arms stand as the protocol has them, for
// everybody alike: the protocol itself, and what a register is told of it.
var tellsArms = regexp.MustCompile(`/protocol|/do/amend-protocol|^register|^export/|^dry run |odm|fhir|read\.(R|sas)|^export trial|/(?:file|made/[0-9]+) protocol\.yaml$`)

// noLeak looks for an arm's name in everything that a blinded person was
// answered, and counts the pairs of role and operation.
func noLeak(t *testing.T, seen map[string][]byte) int {
	t.Helper()
	src, err := os.ReadFile("../../examples/mgt-2024/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	pairs := map[string]bool{}
	for name, b := range seen {
		if words := strings.Fields(name); len(words) > 2 { // who, method, address
			pairs[words[0]+" "+words[1]+" "+numbers.ReplaceAllString(words[2], "n")] = true
		}
		if tellsArms.MatchString(name) {
			continue
		}
		low := bytes.ToLower(b)
		for _, a := range c.Protocol().Arms {
			if i := bytes.Index(low, []byte(strings.ToLower(a.ID))); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, a.ID, low[max(0, i-60):min(len(low), i+60)])
			}
		}
	}
	return len(pairs)
}
