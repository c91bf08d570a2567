package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/jobs"
	"dvala/notify"
	"dvala/store"
	"dvala/store/reminders"
	"dvala/study"
)

// letters keeps what was sent.
type letters struct {
	mu  sync.Mutex
	all []string
}

func (l *letters) Send(_ context.Context, to string, letter notify.Letter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, to+": "+letter.Title+"\n"+letter.Body)
	return nil
}

// A backup is asked for once a day among all processes, when its hour has come in
// the trial's zone; the last ones are kept, and nothing else in the folder is
// touched; one that fails is told to administrators, once a day, and by the
// server, which is ready all the same.
func TestDailyBackup(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	trial, err := store.Open(t.Context(), at.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	people, err := openPeople(t.Context(), store.In(at.Dir))
	if err != nil {
		t.Fatal(err)
	}
	defer people.Close()
	who, err := access.New(access.Config{Store: people, Door: shellDoor{}, Now: time.Now, Rand: rand.Reader, Origin: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer who.Close()
	for id, role := range map[string]study.Role{"eva": study.RoleAdministrator, "anna": study.RoleCoordinator} {
		if _, err := who.AddAccount(t.Context(), access.Shell(), access.Account{ID: id, Name: id, Mail: id + "@site.example"}); err != nil {
			t.Fatal(err)
		}
		if err := who.GiveRole(t.Context(), access.Shell(), id, desk.Grant{Role: role}, "begins"); err != nil {
			t.Fatal(err)
		}
	}
	db := trial.Database()
	book, err := reminders.Open(t.Context(), db.Write, db.Read)
	if err != nil {
		t.Fatal(err)
	}
	zone := trial.Protocol().Zone()
	now := time.Now()
	clock := func() time.Time { return now }
	folder, box := filepath.Join(t.TempDir(), "backups"), &letters{}
	guard := newClockGuard(trial, clock, func() time.Duration { return time.Duration(now.UnixNano()) }, slog.New(slog.DiscardHandler))
	d, err := newDaily(WorkFlags{Backups: folder, BackupAt: "02:30", BackupKeep: 2}, trial, guard, clock)
	if err != nil {
		t.Fatal(err)
	}
	d.mail, d.book, d.access = box, book, who
	b := &background{trial: trial, where: store.In(at.Dir), clock: guard, now: clock, backups: folder, daily: d, log: slog.New(slog.DiscardHandler), asleep: true}
	h := jobs.NewHandlers()
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Backup]) error { return b.backUp(ctx, r) })
	q, err := jobs.Open(t.Context(), db, jobs.Options{Now: clock, Handlers: h, Workers: 1, Poll: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	d.queue = q
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stopJobs(context.Background(), q) }()
	if err := writeWhole(filepath.Join(folder, "kept.txt"), []byte("by hand")); err != nil {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := writeWhole(filepath.Join(folder, "kept.txt"), []byte("by hand")); err != nil {
			t.Fatal(err)
		}
	}
	day := d.day(now)
	for i := range 4 {
		for _, hour := range []time.Duration{-time.Minute, 0, time.Hour, 20 * time.Hour} {
			now = day.Add(i).At(d.at, zone).Add(hour)
			for range 3 { // as three processes do
				if err := d.tick(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		finished(t, q, i+2) // that of the day before the first among them
	}
	all, err := os.ReadDir(folder)
	if err != nil || len(all) != 3 || !strings.Contains(all[2].Name(), "kept.txt") {
		t.Errorf("in the folder: %v, %v", all, err)
	}
	served := &servedDesk{trial: trial, now: clock, work: WorkFlags{BackupAt: "02:30"}}
	if err, daily := served.backupGood(t.Context()); err != nil || !daily {
		t.Error("after they were made:", err)
	}
	for range 2 {
		if err := d.made(t.Context(), fault.New("store-write", "backups", "the disk is full")); err != nil {
			t.Fatal(err)
		}
	}
	if len(box.all) != 1 || !strings.HasPrefix(box.all[0], "eva@site.example: small-trial: the backup failed") || !strings.Contains(box.all[0], "the disk is full") {
		t.Errorf("%q", box.all)
	}
	now = now.Add(time.Second)
	if err := d.made(t.Context(), errors.New("again")); err != nil {
		t.Fatal(err)
	}
	if err, _ := served.backupGood(t.Context()); fault.CodeOf(err) != "backup-failed" {
		t.Error("after one failed:", err)
	}
	now = now.AddDate(0, 0, 2)
	if err := d.made(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 2)
	if err, _ := served.backupGood(t.Context()); fault.CodeOf(err) != "backup-late" {
		t.Error("two days after the last:", err)
	}
	for _, bad := range []WorkFlags{{BackupAt: "02:30"}, {Backups: folder, BackupAt: "half past"}, {Backups: folder, BackupKeep: 3}, {Backups: folder, BackupAt: "02:30", BackupKeep: -1}} {
		if _, err := newDaily(bad, trial, guard, clock); fault.CodeOf(err) == "" {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// finished waits until so many backups are done.
func finished(t *testing.T, q *jobs.Queue, n int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		all, err := q.Recent(t.Context(), 100, "backup")
		done := 0
		for _, s := range all {
			if s.State == "completed" {
				done++
			}
		}
		if err == nil && done == n && len(all) == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d: %+v %v", done, n, all, err)
		}
	}
}
