//go:build !windows

package store

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dvala/fault"
)

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const illDir = "DVALA_TEST_ILL_DIR"

// illWrite gives commands from eight callers, each again with the same key until
// it is acknowledged, as a client does.
func illWrite(dir string) {
	trial := must(Open(ctx, dir))
	var wg sync.WaitGroup
	var refused atomic.Int64
	for c := range illCallers {
		wg.Go(func() {
			for i := range illEach {
				key := fmt.Sprintf("ill-%d-%d", c, i)
				for range 500 {
					r, err := trial.Do(ctx, screen(i), keyed(at(0, ""), key))
					if err == nil {
						must(os.Stdout.WriteString(fmt.Sprintf("ack %s %d %s\n", key, r.First, r.Subject)))
						break
					}
					if fault.CodeOf(err) != "store-write" {
						panic(err)
					}
					refused.Add(1)
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	must(os.Stdout.WriteString(fmt.Sprintf("refused %d\n", refused.Load())))
	if err := trial.Close(); err != nil {
		panic(err)
	}
}

const (
	illCallers = 8
	illEach    = 12
)

// A disk that takes a third of a second to sync, one that has no room at times, and one
// that fails to sync at times: made by strace, which holds up or refuses the
// system calls on the log. Callers wait or are told; who is told that it is done
// finds it done, once; and the same process goes on by itself.
func TestIllDisk(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: no disk can be made slow or full (apt-get install strace)")
	}
	for name, c := range map[string]struct {
		inject  string
		refuses bool
	}{
		"slow": {"fsync,fdatasync:delay_enter=300000", false},
		"full": {"pwrite64:error=ENOSPC:when=30..150+15", true},
		"sick": {"fsync,fdatasync:error=EIO:when=2..12+2", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := opened(t, dir).Close(); err != nil {
				t.Fatal(err)
			}
			trace := filepath.Join(t.TempDir(), "trace")
			cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-e", "signal=none",
				"-P", filepath.Join(dir, "trial.db-wal"), "-P", "/dev/stdout", "-e", "inject="+c.inject, "-o", trace, must(os.Executable()))
			cmd.Env = append(os.Environ(), illDir+"="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil {
				if strings.Contains(string(out), "ptrace") {
					t.Skip("strace cannot trace here:", err)
				}
				t.Fatal(err, string(out))
			}
			acked, refused := map[string]ack{}, 0
			for line := range strings.Lines(string(out)) {
				if n, is := strings.CutPrefix(strings.TrimSpace(line), "refused "); is {
					refused = must(strconv.Atoi(n))
					continue
				}
				key, a := parseAck(line)
				acked[key] = a
			}
			calls := string(must(os.ReadFile(trace)))
			syncs := strings.Count(calls, "sync(")
			injected := strings.Count(calls, "(INJECTED)") + strings.Count(calls, "(DELAYED)")
			if len(acked) != illCallers*illEach || injected == 0 || (refused > 0) != c.refuses {
				t.Errorf("%d acknowledged, %d refused, %d calls held up or refused", len(acked), refused, injected)
			}
			if name == "slow" && syncs > len(acked)/2 {
				t.Errorf("%d syncs for %d commands: they do not share them", syncs, len(acked))
			}
			t.Logf("%d acknowledged, %d refused, %d syncs of the log, %d calls held up or refused", len(acked), refused, syncs, injected)
			checkAcked(t, dir, acked)
		})
	}
}
