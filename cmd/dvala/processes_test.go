//go:build !windows

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dvala/store"
	"dvala/study"
)

// process is the program itself, as an operator starts it.
type process struct {
	cmd  *exec.Cmd
	line string        // the one with which it says that it is up
	done chan struct{} // closed when it has ended
}

// started runs a verb in a process of its own, and waits until it says that it can
// be ended with Ctrl-C.
func started(t *testing.T, args ...string) *process {
	t.Helper()
	return startedAs(t, exec.CommandContext(t.Context(), "dvala", args...))
}

func startedAs(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, done: make(chan struct{})}
	if p.cmd.Stderr == nil {
		p.cmd.Stderr = io.Discard
	}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, up := bufio.NewScanner(out), make(chan string, 1)
	go func() {
		defer close(p.done)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Ctrl-C") {
				up <- lines.Text()
			}
		}
		close(up)
		_ = p.cmd.Wait()
	}()
	if p.line = <-up; p.line == "" {
		t.Fatalf("%v did not come up", cmd.Args)
	}
	return p
}

func (p *process) end(t *testing.T, how os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(how); err != nil {
		t.Error(err)
	}
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); how != syscall.SIGKILL && code != 0 {
		t.Errorf("%v ended it with %d", how, code)
	}
}

// farm is the servers there are at the moment; callers go to any of them.
type farm struct {
	mu      sync.Mutex
	servers []string
	n       atomic.Int64
	browser *http.Client
	retried atomic.Int64
}

func newFarm(t *testing.T) *farm {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &farm{browser: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signIn makes an account for the coordinator Anna, who comes in by her link.
func (f *farm) signIn(t *testing.T, place ...string) {
	t.Helper()
	out := verb(t, 0, append([]string{"account", "add", "anna", "--name", "Anna", "--role", "coordinator", "--origin", f.servers[0]}, place...)...)
	in, err := f.browser.PostForm(f.servers[0]+linkIn.FindString(out), url.Values{})
	if err != nil || in.StatusCode != http.StatusSeeOther {
		t.Fatal(in, err)
	}
	_ = in.Body.Close()
}

func (f *farm) any() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.servers[int(f.n.Add(1))%len(f.servers)]
}

func (f *farm) replace(old, by string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.servers {
		if f.servers[i] == old {
			f.servers[i] = by
		}
	}
}

// tell gives one command until a server answers it: again with the same key, at
// another server, when one is gone or asks for patience.
func (f *farm) tell(ctx context.Context, path, key, body string) (subject string, err error) {
	for ; ctx.Err() == nil; f.retried.Add(1) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.any()+"/api/v1/"+path, strings.NewReader(body))
		if err != nil {
			return "", err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "test-"+key)
		w, err := f.browser.Do(r)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		raw, err := io.ReadAll(w.Body)
		_ = w.Body.Close()
		if err != nil || w.StatusCode >= 500 || w.StatusCode == http.StatusTooManyRequests {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		var receipt struct{ Subject string }
		if w.StatusCode != http.StatusOK || json.Unmarshal(raw, &receipt) != nil {
			return "", fmt.Errorf("%s: %s %s", path, w.Status, raw)
		}
		return receipt.Subject, nil
	}
	return "", ctx.Err()
}

// Three servers and two workers, each a process of its own, on one database on
// loopback. While people are screened, randomised and handed kits at all three, one
// server and one worker are killed with SIGKILL and another server comes up. Nobody
// whom a server told that something was done finds it undone or done twice, and no
// slot and no kit is given twice.
func TestProcessesKilled(t *testing.T) {
	at := realTrial(t, "slots_per_cell: 4", "slots_per_cell: 20", "participants: 8", "participants: 40")
	place := []string{"--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey}
	serve := func() (*process, string) {
		p := started(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, place...)...)
		return p, addressIn.FindStringSubmatch(p.line)[1]
	}
	f := newFarm(t)
	var servers []*process
	for range 3 {
		p, address := serve()
		servers, f.servers = append(servers, p), append(f.servers, address)
	}
	workers := []*process{started(t, append([]string{"worker"}, place...)...), started(t, append([]string{"worker"}, place...)...)}
	f.signIn(t, "--database", at.Database)

	const callers, each = 6, 6
	var told atomic.Int64
	half := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	acked := map[string]bool{} // people who have all that was asked for
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				who := ""
				for _, step := range []struct{ path, body string }{
					{"trial/screen", `{"data":{"site":"main","answers":{"age":40,"sex":"` + []string{"female", "male"}[i%2] + `","height":170,"poor_sleep":true}}}`},
					{"participants/%s/consent", `{"data":{"version":"1.0","language":"sv"}}`},
					{"participants/%s/enrol", `{"data":{"zone":"Europe/Stockholm","wake":"07:00"}}`},
					{"participants/%s/randomise", `{}`},
					{"participants/%s/dispense", `{"data":{"visit":"day-0"}}`},
				} {
					got, err := f.tell(t.Context(), strings.Replace(step.path, "%s", who, 1), fmt.Sprintf("%d-%d-%s", c, i, step.path), step.body)
					if err != nil {
						t.Error(err)
						return
					}
					who = got
					if told.Add(1) == callers*each*5/3 {
						close(half)
					}
				}
				mu.Lock()
				acked[who] = true
				mu.Unlock()
			}
		})
	}
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	select {
	case <-half:
	case <-finished:
		t.Fatal("all was done before anybody was killed")
	}
	servers[0].end(t, syscall.SIGKILL)
	workers[0].end(t, syscall.SIGKILL)
	gone := f.servers[0]
	p, address := serve()
	servers[0] = p
	f.replace(gone, address)
	<-finished
	if f.retried.Load() == 0 {
		t.Error("nobody noticed that a server was gone: it was not loaded")
	}
	for _, p := range append(servers, workers[1]) {
		p.end(t, syscall.SIGTERM)
	}
	holdProcesses(t, at, acked, callers*each)
	t.Logf("%d commands acknowledged, %d given again", told.Load(), f.retried.Load())
}

// holdProcesses holds the ledger, replayed and verified, against what was told.
func holdProcesses(t *testing.T, at PlaceFlags, acked map[string]bool, want int) {
	t.Helper()
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.ReadAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	s := trial.State()
	if len(acked) != want || len(s.Order) != want {
		t.Errorf("%d people were told, %d are there, of %d", len(acked), len(s.Order), want)
	}
	slots, kits := map[int]study.Subject{}, map[string]study.Subject{}
	for _, who := range s.Order {
		p := s.People[who]
		if !acked[string(who)] || p.Randomised == nil || len(p.Kits) != 1 || len(p.Consents) != 1 {
			t.Errorf("%s: told %v, randomised %v, kits %v", who, acked[string(who)], p.Randomised, p.Kits)
			continue
		}
		if other, given := slots[p.Randomised.Slot]; given {
			t.Errorf("slot %d was given to %s and %s", p.Randomised.Slot, other, who)
		}
		if other, given := kits[p.Kits[0].Kit]; given {
			t.Errorf("kit %s was given to %s and %s", p.Kits[0].Kit, other, who)
		}
		slots[p.Randomised.Slot], kits[p.Kits[0].Kit] = who, who
	}
}
