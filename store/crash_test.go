package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/study"
)

// The test binary runs itself as a process that writes to a trial and says so,
// to be killed.
const (
	childDir   = "DVALA_TEST_CHILD_DIR"
	childName  = "DVALA_TEST_CHILD_NAME"
	childCalls = "DVALA_TEST_CHILD_CALLERS"
	childCount = "DVALA_TEST_CHILD_COUNT" // commands of each caller
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(illDir); dir != "" {
		illWrite(dir)
		return
	}
	if dir := os.Getenv(fullDir); dir != "" {
		fillDisk(dir)
		return
	}
	if how := os.Getenv(serverHow); how != "" {
		server(how)
		return
	}
	if dir := os.Getenv(peopleDir); dir != "" {
		peopleChild(dir)
		return
	}
	if dir := os.Getenv(childDir); dir != "" {
		child(dir, os.Getenv(childName), must(strconv.Atoi(os.Getenv(childCalls))), must(strconv.Atoi(os.Getenv(childCount))))
		return
	}
	os.Exit(m.Run())
}

// child screens people, each under a key of its own, from several callers at
// once, and writes a line for each once it is acknowledged.
func child(dir, name string, callers, count int) {
	trial := must(Open(ctx, dir))
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range count {
				key := fmt.Sprintf("%s-%d-%d", name, c, i)
				r := must(trial.Do(ctx, screen(i), keyed(at(0, ""), key)))
				must(os.Stdout.WriteString(fmt.Sprintf("ack %s %d %s\n", key, r.First, r.Subject)))
			}
		})
	}
	wg.Wait()
	if err := trial.Close(); err != nil {
		panic(err)
	}
}

func startChild(ctx context.Context, dir, name string, callers, count int, before ...string) (*exec.Cmd, *bufio.Scanner, error) {
	args := append(append([]string{}, before...), must(os.Executable()))
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childName+"="+name, fmt.Sprintf("%s=%d", childCalls, callers), fmt.Sprintf("%s=%d", childCount, count))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, bufio.NewScanner(out), cmd.Start()
}

// ack is what the child was told.
type ack struct {
	entry   uint64
	subject study.Subject
}

func parseAck(line string) (key string, a ack) {
	f := strings.Fields(line)
	if len(f) != 4 || f[0] != "ack" {
		panic("the child said " + line)
	}
	return f[1], ack{must(strconv.ParseUint(f[2], 10, 64)), study.Subject(f[3])}
}

// A process that is killed at any moment has lost nothing that it acknowledged
// and has done nothing twice. Twenty processes write to one directory, one
// after the other, each from eight callers, and each is killed with SIGKILL.
func TestKill(t *testing.T) {
	rounds := kills(20)
	if testing.Short() {
		rounds = 4
	}
	dir := t.TempDir()
	if err := opened(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	acked := map[string]ack{}
	r := newRand()
	for round := range rounds {
		cmd, lines, err := startChild(t.Context(), dir, fmt.Sprint("r", round), 8, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		killed := false
		for lines.Scan() {
			key, a := parseAck(lines.Text())
			acked[key] = a
			if !killed {
				killed = true
				time.AfterFunc(time.Duration(r.IntN(25_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child came to its end")
		}
		if round == 4 || round%50 == 19 || round == rounds-1 {
			checkAcked(t, dir, acked)
		}
	}
	t.Logf("%d acknowledged commands, %d kills", len(acked), rounds)
	if len(acked) < rounds {
		t.Error("hardly anything was acknowledged: the test shows nothing")
	}
}

// kills is how many kills a test makes: make soak sets it.
func kills(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("DVALA_SOAK")); err == nil && n > 0 {
		return n
	}
	return usual
}

func checkAcked(t *testing.T, dir string, acked map[string]ack) {
	t.Helper()
	trial, err := Open(ctx, dir) // replays, and holds tree and checkpoint against the entries
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	seen := map[string]int{}
	for _, e := range must(trial.Entries(ctx, 0, 1<<30)) {
		f := must(study.Decode(e))
		if f.Key == "" {
			continue
		}
		seen[f.Key]++
		if a, ok := acked[f.Key]; ok && (a.entry != e.Index || a.subject != f.Subject) {
			t.Errorf("%s was acknowledged as %+v and is entry %d about %s", f.Key, a, e.Index, f.Subject)
		}
	}
	for key := range acked {
		if seen[key] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", key, seen[key])
		}
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", key, n)
		}
	}
}

// A kill tests no disk. When the power fails, the end of the write-ahead log
// may be missing or be rubbish: cut or spoil it anywhere, and what is left is
// exactly the commits that lie whole before that place.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	wal := filepath.Join(dir, "trial.db-wal")
	type commit struct {
		entries uint64
		end     int64 // of the log when it was acknowledged
	}
	commits := []commit{{trial.State().Entries, must(os.Stat(wal)).Size()}}
	for i := range 12 {
		do(t, trial, screen(i), at(0, ""))
		commits = append(commits, commit{trial.State().Entries, must(os.Stat(wal)).Size()})
	}
	last := commits[len(commits)-1]
	if last.end == commits[0].end {
		t.Fatal("the log does not grow: it is not written in the order that this test takes for granted")
	}
	// Copied from under the open writer, so that nothing is tidied up first.
	image := t.TempDir()
	if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(filepath.Join(image, "trial.db-shm"))
	_ = os.Remove(filepath.Join(image, "writer.lock"))
	r := newRand()
	for i := range 24 {
		place := commits[0].end + r.Int64N(last.end-commits[0].end)
		want := uint64(0)
		for _, c := range commits {
			if c.end <= place {
				want = c.entries
			}
		}
		torn := t.TempDir()
		if err := os.CopyFS(torn, os.DirFS(image)); err != nil {
			t.Fatal(err)
		}
		how := "cut"
		if log := filepath.Join(torn, "trial.db-wal"); i%2 == 0 {
			if err := os.Truncate(log, place); err != nil {
				t.Fatal(err)
			}
		} else {
			how = "spoiled"
			raw := must(os.ReadFile(log))
			raw[place] ^= 0x40
			if err := os.WriteFile(log, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		again, err := Open(ctx, torn)
		if err != nil {
			t.Fatalf("%s at %d: %v", how, place, err)
		}
		if got := again.State().Entries; got != want {
			t.Errorf("%s at %d: %d entries, want %d", how, place, got, want)
		}
		do(t, again, screen(99), at(1, ""))
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Each acknowledgement follows a sync: the system calls of a process that
// writes are traced, and between the last write to the log and the moment at
// which the process says "ack" there is always an fdatasync or fsync of the log.
func TestSyncBeforeAck(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: no trace of the system calls (apt-get install strace)")
	}
	dir := t.TempDir()
	if err := opened(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	const n = 40
	cmd, lines, err := startChild(t.Context(), dir, "s", 1, n,
		strace, "-f", "-qq", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-e", "signal=none", "-o", trace)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for lines.Scan() {
		told++
	}
	if err := cmd.Wait(); err != nil {
		t.Skip("strace cannot trace here:", err)
	}
	acks, writes, syncs := checkTrace(t, string(must(os.ReadFile(trace))))
	if acks != n || told != n || writes < n || syncs < n {
		t.Errorf("%d acknowledgements traced, %d told, %d writes to the log, %d syncs", acks, told, writes, syncs)
	}
	t.Logf("%d acknowledgements, %d writes to the log, %d syncs of it", acks, writes, syncs)
}

// checkTrace walks over the system calls. A call that another thread interrupts
// stands on two lines; the second, with its result, is when it is done.
func checkTrace(t *testing.T, trace string) (acks, writes, syncs int) {
	dirty := false
	unfinished := map[string]string{}
	for _, line := range strings.Split(trace, "\n") {
		thread, call, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		call = strings.TrimSpace(call)
		begins, ends := true, true
		if strings.HasSuffix(call, "<unfinished ...>") {
			unfinished[thread] = call
			ends = false
		} else if strings.HasPrefix(call, "<...") {
			call, begins = unfinished[thread], false
		}
		onLog := strings.Contains(call, "trial.db-wal>")
		switch {
		case strings.HasPrefix(call, "pwrite64(") && onLog || strings.HasPrefix(call, "write(") && onLog:
			if begins {
				writes++
				dirty = true
			}
		case strings.HasPrefix(call, "fsync(") && onLog || strings.HasPrefix(call, "fdatasync(") && onLog:
			if ends {
				syncs++
				dirty = false
			}
		case strings.HasPrefix(call, "write(1") && strings.Contains(call, `"ack `):
			if begins {
				acks++
				if dirty {
					t.Errorf("acknowledged before the log was synced: %s", line)
				}
			}
		}
	}
	return acks, writes, syncs
}
