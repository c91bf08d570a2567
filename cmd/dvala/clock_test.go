package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dvala/store"
	"dvala/study"
)

// readyOf asks a server whether it is ready, and what it says of its clock.
func readyOf(t *testing.T, server string) (ready bool, clock string) {
	t.Helper()
	r, err := http.Get(server + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var out readiness
	if err := json.NewDecoder(r.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Ready && r.StatusCode == http.StatusOK, out.Checks["clock"]
}

// A server whose clock is set by an hour or a year says so and writes nothing
// until it is right again; killed meanwhile it still knows; and in the end it
// stands on the ledger that the clock was set.
func TestServerClockIsSet(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	var set atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(set.Load())) }
	cmd := func() *ServeCmd { return &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0", WorkFlags: WorkFlags{Jobs: 2}} }
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{time.Hour, year, -time.Hour, -year} {
		set.Store(0)
		address, _, stop := servedBy(t, cmd(), now)
		if ready, clock := readyOf(t, address); !ready || clock != "ok" {
			t.Fatal("before it is set:", clock)
		}
		set.Store(int64(by))
		want := map[bool]string{true: "clock-ahead", false: "clock-backwards"}[by > 0]
		if ready, clock := readyOf(t, address); ready || clock != want {
			t.Errorf("set by %v: ready %v, clock %s", by, ready, clock)
		}
		stop()
		address, _, stop = servedBy(t, cmd(), now)
		if ready, clock := readyOf(t, address); ready || clock != want {
			t.Errorf("set by %v and started again: ready %v, clock %s", by, ready, clock)
		}
		set.Store(0)
		deadline := time.Now().Add(10 * time.Second)
		for {
			ready, clock := readyOf(t, address)
			if ready && clock == "ok" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("set by %v, started again and right again: %v, %s", by, ready, clock)
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
	}
	address, _, stop := servedBy(t, cmd(), now)
	for deadline := time.Now().Add(20 * time.Second); len(jumpsOf(t, at)) < 8; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("on the ledger: %v", jumpsOf(t, at))
		}
	}
	if ready, clock := readyOf(t, address); !ready {
		t.Error("in the end:", clock)
	}
	stop()
	seen := map[time.Duration]bool{}
	for _, j := range jumpsOf(t, at) {
		seen[time.Duration(j.What.Seconds*float64(time.Second)).Round(time.Minute)] = true
	}
	for _, by := range []time.Duration{time.Hour, year, -time.Hour, -year} {
		if !seen[by] {
			t.Errorf("that it was set by %v is not on the ledger: %v", by, seen)
		}
	}
}

func jumpsOf(t *testing.T, at PlaceFlags) (out []study.Entered[study.ClockJumped]) {
	t.Helper()
	trial, err := store.Read(t.Context(), at.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	trial.View(func(s *study.State) { out = s.ClockJumps })
	return out
}

// In a trial that lay still for long, commands from a file wait until somebody
// says that the clock is right.
func TestClockIsConfirmed(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	file := filepath.Join(t.TempDir(), "do.jsonl")
	line := `{"do":"log-not-screened","key":"n","actor":"anna","role":"coordinator","data":{"site":"main","why":"declined"}}` + "\n"
	if err := writeWhole(file, []byte(line)); err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return time.Now().AddDate(1, 0, 0) }
	says(t, verbAt(t, later, 1, "do", "--dir", at.Dir, file), "clock-ahead", "dvala clock --confirm")
	says(t, verbAt(t, later, 1, "clock", "--dir", at.Dir), "clock-ahead")
	says(t, verbAt(t, later, 1, "clock", "--dir", at.Dir, "--confirm"), "clock-confirm", "--by")
	says(t, verbAt(t, later, 0, "clock", "--dir", at.Dir, "--confirm", "--by", "eva", "--reason", "compared with a telephone"), "last entry")
	says(t, verbAt(t, later, 0, "do", "--dir", at.Dir, file), "1 of 1 command done")
}
