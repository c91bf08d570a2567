package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"dvala/desk/desktest"
	"dvala/ledger"
	"dvala/notify"
	"dvala/store"
	"dvala/store/reminders"
)

// The last signed checkpoint leaves once a day, whole, with the key that checks it;
// where the mail server is away it is tried again, later.
func TestCheckpointIsMailed(t *testing.T) {
	m := desktest.New(t, "../../study/testdata/small.yaml", 4)
	now := desktest.Start.Add(time.Hour)
	trial, err := store.Open(t.Context(), smallTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	book, err := reminders.Open(t.Context(), trial.Database().Write, trial.Database().Read)
	if err != nil {
		t.Fatal(err)
	}
	b := &letterTray{sent: map[string]notify.Letter{}, fails: 1}
	c := &checkpointMail{trial: m, book: book, mail: b, to: "custodian@x.example", now: func() time.Time { return now }}
	for i, step := range []struct {
		after          time.Duration
		letters, tries int
	}{{0, 0, 1}, {time.Second, 0, 1}, {time.Minute, 1, 2}, {time.Hour, 1, 2}, {24 * time.Hour, 2, 3}} {
		now = now.Add(step.after)
		if err := c.tick(t.Context()); err != nil || len(b.sent) != step.letters || b.tries != step.tries {
			t.Errorf("step %d: %d letters in %d tries, want %+v: %v", i, len(b.sent), b.tries, step, err)
		}
	}
	c.reads = func(context.Context, string) string { return "sv" }
	now = now.Add(24 * time.Hour)
	if err := c.tick(t.Context()); err != nil || len(b.sent) != 3 {
		t.Errorf("%d letters: %v", len(b.sent), err)
	}
	swedish := 0
	for to, l := range b.sent {
		if strings.Contains(to, "small-trial: kontrollpunkt 2026-") && l.Lang == "sv" && strings.HasPrefix(l.Body, "Den undertecknade") {
			swedish++
			continue
		}
		i := strings.Index(l.Body, string(m.Checkpoint()))
		if !strings.HasPrefix(to, "custodian@x.example small-trial: checkpoint of 2026-") || i < 0 || !strings.Contains(l.Body, m.PublicKey().String()) {
			t.Fatalf("%s\n%s", to, l.Body)
		}
		if _, err := ledger.OpenCheckpoint([]byte(l.Body[i:i+len(m.Checkpoint())]), m.PublicKey()); err != nil {
			t.Error(err)
		}
	}
	if swedish != 1 {
		t.Errorf("%d letters in Swedish", swedish)
	}
}
