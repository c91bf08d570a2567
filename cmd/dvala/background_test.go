package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/jobs"
	"dvala/protocol"
	"dvala/store"
	"dvala/study"
)

// In the background the program itself stores what was not done in time, and
// that the clock was set, on the ledger, and backs up what it is asked to.
func TestBackground(t *testing.T) {
	dir := smallTrial(t)
	trial, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	people, err := openPeople(t.Context(), store.In(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer people.Close()
	began := time.Now()
	now := func() time.Time { return time.Now().Add(20 * 24 * time.Hour) }
	who := enrolledIn(t, trial, began)
	log := slog.New(slog.DiscardHandler)
	guard := newClockGuard(trial, now, running(), log)
	b := &background{
		trial: trial, where: store.In(dir), office: desk.NewOffice(trial, now), people: people, clock: guard,
		now: now, workers: 2, log: log, backups: filepath.Join(t.TempDir(), "backups"),
	}
	guard.set(desk.Jump{At: now().UTC(), By: -90 * time.Second})
	q, err := b.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stopJobs(context.Background(), q); err != nil {
			t.Error(err)
		}
	}()
	if _, err := q.Enqueue(t.Context(), jobs.Backup{Key: "1"}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		var missed, jumps int
		trial.View(func(s *study.State) { missed, jumps = len(s.People[who].Lapsed), len(s.ClockJumps) })
		made, _ := os.ReadDir(b.backups)
		// The access log is written after the ledger.
		if logged, _, err := access.VerifyLog(t.Context(), people); err == nil && missed > 0 && jumps == 1 && len(made) == 1 && logged > 0 {
			break
		}
		if time.Now().After(deadline) {
			all, err := q.Recent(t.Context(), 10)
			t.Fatalf("missed %d, jumps %d, backups %d\n%+v %v", missed, jumps, len(made), all, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if n, _, err := access.VerifyLog(t.Context(), people); n != 1 || err != nil {
		t.Error("the access log has", n, err)
	}
}

// enrolledIn lets somebody into the example trial.
func enrolledIn(t *testing.T, trial *store.Trial, at time.Time) study.Subject {
	t.Helper()
	no := protocol.Bool(false)
	answers := protocol.Answers{
		"age": protocol.Int(40), "sex": protocol.Choice("female"), "poor_sleep": protocol.Bool(true), "isi": protocol.Int(15), "kidney_disease": no,
		"pregnant": no, "takes_magnesium": no, "sleep_medicine": no, "night_shifts": no,
	}
	var who study.Subject
	for _, cmd := range []study.Command{
		study.Screen{Site: trial.Protocol().Protocol().Sites[0].ID, Answers: answers},
		study.Consent{Version: trial.Protocol().Protocol().Consent.Version, Language: "sv"},
		study.Enrol{Zone: "Europe/Stockholm", Wake: 420},
	} {
		r, err := trial.Do(t.Context(), cmd, study.Meta{At: at, Actor: "anna", Role: study.RoleCoordinator, Subject: who})
		if err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
		who = r.Subject
	}
	return who
}
