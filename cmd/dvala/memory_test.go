//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dvala/custody"
)

// nonceIn finds the nonces of openings: 32 bytes at random for each slot, which
// stand in nothing but what was opened.
var nonceIn = regexp.MustCompile(`"nonce":"([0-9a-f]{64})"`)

// The memory of a running server, all of it that a core dump would hold, has
// neither the custodian's key nor what would open a single slot, after people
// have looked at its pages and asked for work.
func TestNoSecretInMemory(t *testing.T) {
	d, _ := stage(t, nil)
	if err := d.trial.Close(); err != nil {
		t.Fatal(err)
	}
	open, err := custody.OpenAll(d.key, d.list)
	if err != nil {
		t.Fatal(err)
	}
	const slots = 40 // those given out among them
	needles := map[string][]byte{}
	for line := range strings.Lines(string(d.key.File())) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "AGE-SECRET-KEY-") {
			needles["the custodian's key"] = []byte(line)
		}
	}
	for i, m := range nonceIn.FindAllSubmatch(open.Bytes(), slots) {
		name, raw := fmt.Sprintf("what opens slot %d", i), sure(hex.DecodeString(string(m[1])))
		needles[name] = raw
		needles[name+", in hexadecimal"] = m[1]
		needles[name+", in base 64"] = []byte(base64.RawStdEncoding.EncodeToString(raw))
	}
	if len(needles) != 1+3*slots {
		t.Fatalf("%d needles for %d slots", len(needles), slots)
	}
	control := []byte("what is certainly in memory 4711")
	p := started(t, "serve", "--dir", d.Dir, "--addr", "127.0.0.1:0")
	defer p.end(t, os.Interrupt)
	f := newFarm(t)
	server := addressIn.FindStringSubmatch(p.line)[1]
	in, err := f.browser.PostForm(server+"/sign-in", url.Values{"as": {"coordinator"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = in.Body.Close()
	for _, path := range []string{"/", "/participants", "/participants/P0001", "/stock", "/emergencies", "/data", "/?q=" + url.QueryEscape(string(control))} {
		r, err := f.browser.Get(server + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	ask := sure(http.NewRequest(http.MethodPost, server+"/api/v1/jobs/tables", nil))
	ask.Header.Set("Idempotency-Key", "memory-test")
	if r, err := f.browser.Do(ask); err == nil {
		_ = r.Body.Close()
	}
	time.Sleep(time.Second)
	needles["control"] = []byte("P0001")
	found, size, err := inMemory(p.cmd.Process.Pid, needles)
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("memory of another process cannot be read here (it wants the rights of root):", err)
	}
	if err != nil || size < 10<<20 || !slices.Contains(found, "control") {
		t.Fatalf("%d bytes searched, found %v: %v", size, found, err)
	}
	for _, what := range found {
		if what != "control" {
			t.Error("in memory:", what)
		}
	}
	t.Logf("%d MiB searched for %d secrets", size>>20, len(needles)-1)
}

// inMemory says which of some bytes lie in a process's writable memory.
func inMemory(pid int, needles map[string][]byte) (found []string, size int64, err error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, 0, err
	}
	defer maps.Close()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, 0, err
	}
	defer mem.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uint64
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") {
			continue
		}
		const step, over = 4 << 20, 256
		buf := make([]byte, step+over)
		for at := from; at < to; at += step {
			n, err := mem.ReadAt(buf[:min(uint64(len(buf)), to-at)], int64(at))
			if n == 0 {
				if errors.Is(err, fs.ErrPermission) {
					return nil, 0, err
				}
				break // reserved, and never used
			}
			size += int64(n)
			for what, b := range needles {
				if bytes.Contains(buf[:n], b) && !slices.Contains(found, what) {
					found = append(found, what)
				}
			}
		}
	}
	return found, size, nil
}

// connects is a call that goes out: to an address of the network.
var connects = regexp.MustCompile(`(connect|sendto|sendmsg)\(.*AF_INET6?.*`)

// A server with nothing configured that lies elsewhere, at rest and when it is
// looked at, opens no connection to anywhere: it asks for no update, tells nobody
// of itself, and resolves no name.
func TestNothingGoesOut(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: calls cannot be watched (apt-get install strace)")
	}
	dvala, err := exec.LookPath("dvala")
	if err != nil {
		t.Fatal(err)
	}
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,listen", "-e", "signal=none", "-o", trace,
		dvala, "serve", "--dir", at.Dir, "--addr", "127.0.0.1:0")
	p := startedAs(t, cmd)
	address := addressIn.FindStringSubmatch(p.line)[1]
	if ready, clock := readyOf(t, address); !ready {
		t.Error("not ready:", clock)
	}
	time.Sleep(4 * time.Second) // the first ticks of everything done by the clock
	children := sure(os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid)))
	var pid int
	if _, err := fmt.Sscan(string(children), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-p.done
	calls := string(sure(os.ReadFile(trace)))
	if !strings.Contains(calls, "listen(") {
		t.Fatal("the trace saw nothing:", calls)
	}
	for _, call := range connects.FindAllString(calls, -1) {
		t.Error("it went out:", call)
	}
}
