//go:build !windows

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dvala/jobs"
	"dvala/store"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// said is what a process writes to its standard error.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// heard runs a verb in a process of its own whose log is kept.
func heard(t *testing.T, args ...string) (*process, *said) {
	t.Helper()
	s := &said{}
	cmd := exec.CommandContext(t.Context(), "dvala", args...)
	cmd.Stderr = s
	return startedAs(t, cmd), s
}

// plainOnly fails for a line that is not of the plain log, or that names somebody,
// or a place.
func (s *said) plainOnly(t *testing.T, who string, secrets ...string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(s.String()), "\n") {
		var m map[string]any
		if line != "" && (json.Unmarshal([]byte(line), &m) != nil || m["msg"] == nil) {
			t.Errorf("%s: not a line of the log: %s", who, line)
		}
		for _, secret := range secrets {
			if secret != "" && strings.Contains(line, secret) {
				t.Errorf("%s says %q: %s", who, secret, line)
			}
		}
	}
}

// screens sends screenings to a farm until it is stopped, and keeps who was told of.
type screens struct {
	mu   sync.Mutex
	told map[string]string // code by key
	n    atomic.Int64
}

func (s *screens) run(ctx context.Context, t *testing.T, f *farm, callers int) (wait func()) {
	t.Helper()
	s.told = map[string]string{}
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("gone-%d-%d", c, i)
				who, err := f.tell(ctx, "trial/screen", key, `{"data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}`)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				s.mu.Lock()
				s.told[key] = who
				s.mu.Unlock()
				s.n.Add(1)
			}
		})
	}
	return wg.Wait
}

// more waits until so many more were told.
func (s *screens) more(t *testing.T, n int64, patience time.Duration) {
	t.Helper()
	want := s.n.Load() + n
	for deadline := time.Now().Add(patience); s.n.Load() < want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not go on by itself: %d of %d", s.n.Load(), want)
		}
	}
}

// kept fails for somebody who was told of and is not there, or twice.
func (s *screens) kept(t *testing.T, st *study.State) {
	t.Helper()
	seen := map[string]string{}
	for key, who := range s.told {
		if other, twice := seen[who]; twice {
			t.Errorf("%s and %s were both told of %s", key, other, who)
		}
		seen[who] = key
		if st.People[study.Subject(who)] == nil {
			t.Errorf("%s was told of and is not there", who)
		}
	}
}

// gone is how long the database is away: 20 seconds, and a minute in make soak.
func gone() time.Duration {
	if os.Getenv("DVALA_SOAK") != "" {
		return time.Minute
	}
	return 20 * time.Second
}

// A server and a worker, each a process of its own, whose database goes away for a
// while: what is asked meanwhile is refused, and leaves a line with its code; when
// it is back both go on by themselves, and nothing that was acknowledged is lost.
// Neither's log names anybody, nor the database, nor where it is.
func TestDatabaseGoneForAWhile(t *testing.T) {
	pg := pgtest.Start(t)
	dir := t.TempDir()
	at := PlaceFlags{Database: pg.URL(t), Blobs: filepath.Join(dir, "blobs"), LedgerKey: filepath.Join(dir, "ledger.key")}
	realTrialIn(t, at)
	place := []string{"--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey}
	backups := filepath.Join(dir, "backups")
	server, log := heard(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, place...)...)
	worker, workLog := heard(t, append([]string{"worker", "--backups", backups}, place...)...)
	f := newFarm(t)
	f.servers = []string{addressIn.FindStringSubmatch(server.line)[1]}
	f.signIn(t, "--database", at.Database)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := &screens{}
	wait := s.run(ctx, t, f, 3)
	s.more(t, 20, time.Minute)
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < gone(); time.Sleep(time.Second) {
		for _, path := range []string{"/participants", "/readyz", "/api/v1/overview"} {
			if r, err := f.browser.Get(f.servers[0] + path); err != nil || r.StatusCode != http.StatusServiceUnavailable { //nolint:noctx // a test's own
				t.Errorf("without a database: %s %v %v", path, r, err)
			} else {
				_ = r.Body.Close()
			}
		}
	}
	before := s.n.Load()
	if err := pg.Up(); err != nil {
		t.Fatal(err)
	}
	s.more(t, 20, time.Minute)
	stop()
	wait()
	t.Logf("%d told before, %d after %v without a database", before, s.n.Load()-before, gone())

	trial := openShared(t, at)
	s.kept(t, trial.State())
	q, err := jobs.Open(t.Context(), trial.Database(), jobs.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Enqueue(t.Context(), jobs.Backup{Key: "after"}); err != nil { // the worker alone has a folder for it
		t.Fatal(err)
	}
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if done, _ := filepath.Glob(filepath.Join(backups, "*", "backup.json")); len(done) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the worker does not go on by itself")
		}
	}
	server.end(t, syscall.SIGTERM)
	worker.end(t, syscall.SIGTERM)
	secrets := []string{"P000", "P001", "anna", at.Database, dir, "dvpg", "connection refused", "no such file", "user="}
	log.plainOnly(t, "serve", secrets...)
	workLog.plainOnly(t, "worker", secrets...)
	for _, want := range []string{`"msg":"a request failed"`, `"err":"people-database"`, `"route":"GET /participants"`, `"msg":"a request"`, `"operation":"screen"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the server's log has no %s", want)
		}
	}
}

// openShared opens a trial in a database beside its servers.
func openShared(t *testing.T, at PlaceFlags) *store.Trial {
	t.Helper()
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.OpenAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	return trial
}

// A server that may have few files open, and of which connections take all: it
// refuses or lets wait, says so in its log by kind, comes back by itself when they
// are gone, and loses nothing that it acknowledged.
func TestFilesRunOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trial")
	at := PlaceFlags{Dir: dir}
	realTrialIn(t, at)
	program, err := exec.LookPath("dvala")
	if err != nil {
		t.Fatal(err)
	}
	log := &said{}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 48 && exec "$0" serve --addr 127.0.0.1:0 --dir "$1"`, program, dir)
	cmd.Stderr = log
	server := startedAs(t, cmd)
	f := newFarm(t)
	f.servers = []string{addressIn.FindStringSubmatch(server.line)[1]}
	f.signIn(t, "--dir", dir)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := &screens{}
	wait := s.run(ctx, t, f, 2)
	s.more(t, 10, time.Minute)

	host := strings.TrimPrefix(strings.Replace(f.servers[0], "localhost", "127.0.0.1", 1), "http://")
	var taken []net.Conn
	for range 200 {
		c, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			break
		}
		taken = append(taken, c)
	}
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(log.String(), `"kind":"too-many-files"`); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections take nothing away:\n%s", len(taken), log.String())
		}
	}
	time.Sleep(2 * time.Second) // and callers go on asking
	for _, c := range taken {
		_ = c.Close()
	}
	f.browser.CloseIdleConnections()
	s.more(t, 10, time.Minute)
	stop()
	wait()
	server.end(t, syscall.SIGTERM)
	log.plainOnly(t, "serve", "P000", dir, "127.0.0.1", "too many open files")
	trial, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	s.kept(t, trial.State())
	says(t, verb(t, 0, "doctor", "--deep", "--dir", dir), "ok     ledger", "ok     people")
}
