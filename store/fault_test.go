//go:build !windows

package store

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

const fullDir = "DVALA_TEST_FULL_DIR"

// fillDisk writes to a trial while the system lets no file grow further, as
// when the disk is full, and again when there is room.
func fillDisk(dir string) {
	signal.Ignore(syscall.SIGXFSZ) // a write then fails, and does not end the process
	trial := must(Open(ctx, dir))
	var room syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		panic(err)
	}
	full := room
	full.Cur = uint64(must(os.Stat(filepath.Join(dir, "trial.db-wal"))).Size()) + 200_000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		panic(err)
	}
	refused := 0
	for i := 0; i < 20_000 && refused < 5; i++ {
		key := fmt.Sprintf("full-%d", i)
		r, err := trial.Do(ctx, screen(i), keyed(at(0, ""), key))
		switch {
		case err == nil:
			fmt.Printf("ack %s %d %s\n", key, r.First, r.Subject)
		case fault.CodeOf(err) == "store-write":
			refused++
		default:
			panic(err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		panic(err)
	}
	r := must(trial.Do(ctx, screen(0), keyed(at(0, ""), "after")))
	fmt.Printf("ack after %d %s\nrefused %d\n", r.First, r.Subject, refused)
	if err := trial.Close(); err != nil {
		panic(err)
	}
}

// The system refuses to let the log grow: callers are told, nothing that was
// acknowledged is lost, and when there is room the same process goes on.
func TestFileLimit(t *testing.T) {
	dir := t.TempDir()
	if err := opened(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), must(os.Executable()))
	cmd.Env = append(os.Environ(), fullDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	acked, refused := map[string]ack{}, ""
	for line := range strings.Lines(string(out)) {
		if n, is := strings.CutPrefix(strings.TrimSpace(line), "refused "); is {
			refused = n
			continue
		}
		key, a := parseAck(line)
		acked[key] = a
	}
	if refused != "5" || len(acked) < 5 {
		t.Errorf("%s refused, %d acknowledged: the limit was not met", refused, len(acked))
	}
	checkAcked(t, dir, acked)
}

// A clock that has gone back an hour: what is stamped before the last entry is
// refused with a hint, nothing is lost, and it goes on when the clock has caught
// up.
func TestClockBack(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, _ := begun(t, place(t))
		do(t, trial, screen(0), at(1, ""))
		before := trial.State().Entries
		m := at(1, "")
		m.At = m.At.Add(-time.Hour)
		_, err := trial.Do(ctx, screen(1), m)
		if err == nil || !strings.Contains(fault.Text(err), "hint") || trial.State().Entries != before {
			t.Errorf("%d entries: %v", trial.State().Entries, err)
		}
		if off, wrong, err := trial.ClockBehind(ctx, m.At); off != time.Hour || !wrong || err != nil {
			t.Error(off, wrong, err)
		}
		do(t, trial, screen(1), at(1, ""))
	})
}

// One bit of an entry is flipped where it lies in the file, as a failing disk
// does it: the trial is not opened, and the entry is named.
func TestBitFlip(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	for i := range 50 {
		do(t, trial, study.Screen{Site: "main", Answers: screen(i).Answers}, keyed(at(0, ""), fmt.Sprintf("flip-%d", i)))
	}
	entries := must(trial.Entries(ctx, 0, 100))
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "trial.db")
	whole := must(os.ReadFile(path))
	for _, e := range []ledger.Entry{entries[1], entries[25], entries[50]} {
		if !bytes.Contains(whole, e.Bytes) {
			t.Fatal("the entry does not lie in the file in one piece")
		}
		for _, place := range []int{0, len(e.Bytes) / 2, bytes.Index(e.Bytes, []byte("flip-"))} {
			bent := bytes.Clone(e.Bytes)
			bent[place] ^= 1
			spoiled := bytes.ReplaceAll(whole, e.Bytes, bent) // what pages no longer use holds it, too
			if err := os.WriteFile(path, spoiled, 0o600); err != nil {
				t.Fatal(err)
			}
			again, err := Open(ctx, dir)
			if err == nil {
				_ = again.Close()
			}
			if want := fmt.Sprintf("entry %d", e.Index); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("bit of byte %d of %s: %v", place, want, err)
			}
		}
	}
}

// A directory that cannot be written to is refused with what to do, and can be
// read.
func TestReadOnlyPlace(t *testing.T) {
	dir := t.TempDir()
	if err := opened(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	// As root no permission stops a write, so a folder stands where the lock's
	// file has to be.
	if err := os.Remove(filepath.Join(dir, "writer.lock")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "writer.lock"), 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, dir); fault.CodeOf(err) == "" || !strings.Contains(fault.Text(err), "hint") {
		t.Error(err)
	}
	t2, err := Read(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = t2.Close()
}
