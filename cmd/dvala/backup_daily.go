package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk/access"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/jobs"
	"dvala/notify"
	"dvala/store"
	"dvala/study"
)

// daily asks for a backup every day, once among all processes, keeps the last
// ones, and tells administrators of one that failed.
type daily struct {
	at   civil.Clock
	keep int // 0: all
	to   string

	trial  *store.Trial
	queue  *jobs.Queue // once it works
	clock  *clockGuard
	now    func() time.Time
	mail   letterBox // nil: no letters
	book   remind.Book
	access *access.Service
}

// newDaily reads the flags; nil where no time is named.
func newDaily(f WorkFlags, trial *store.Trial, clock *clockGuard, now func() time.Time) (*daily, error) {
	switch {
	case f.BackupAt == "" && f.BackupKeep == 0:
		return nil, nil
	case f.Backups == "" || f.BackupAt == "":
		return nil, fault.New("backup-daily", "--backup-at", "a daily backup wants a folder and a time of day").WithHint("--backups FOLDER --backup-at 02:30")
	case f.BackupKeep < 0:
		return nil, fault.New("backup-daily", "--backup-keep", "%d backups cannot be kept", f.BackupKeep)
	}
	at, err := civil.ParseClock(f.BackupAt)
	if err != nil {
		return nil, fault.Wrap("backup-daily", "--backup-at", err)
	}
	return &daily{at: at, keep: f.BackupKeep, to: f.Backups, trial: trial, clock: clock, now: now}, nil
}

// day gives the day whose backup is due by now, in the zone of the trial.
func (d *daily) day(now time.Time) civil.Date {
	var zone *time.Location
	d.trial.View(func(s *study.State) { zone = s.Protocol.Zone() })
	day := civil.DateOf(now.In(zone))
	if now.Before(day.At(d.at, zone)) {
		return day.Add(-1)
	}
	return day
}

// tick asks for the day's backup, unless it was asked for.
func (d *daily) tick(ctx context.Context) error {
	if d.clock.fit() != nil {
		return nil
	}
	_, err := d.queue.EnqueueOnce(ctx, jobs.Backup{Key: "daily " + d.day(d.now()).String()})
	return err
}

// made says what became of a backup: for everybody who asks a server how it is,
// and, of one that failed, for administrators by mail, once a day.
func (d *daily) made(ctx context.Context, failed error) error {
	err := d.trial.NoteBackup(ctx, d.now(), fault.CodeOf(failed), failed != nil)
	if failed == nil {
		return errors.Join(err, d.thin())
	}
	if d.mail == nil {
		return err
	}
	accounts, list := d.access.Accounts(ctx, access.Shell())
	past, sent := d.book.Sent(ctx, "", d.now().AddDate(0, 0, -2))
	if err = errors.Join(err, list, sent); err != nil {
		return err
	}
	for _, a := range accounts {
		key := "backup " + d.day(d.now()).String() + " " + a.ID
		if !administers(a) || !due(past, key, d.now()) {
			continue
		}
		went := d.mail.Send(ctx, a.Mail, notify.BackupLetter(a.Letters, d.trial.Protocol().ID(), fault.Text(failed)))
		err = errors.Join(err, note(ctx, d.book, remind.Sent{Key: key, Channel: remind.Mail, At: d.now(), OK: went == nil}, went))
	}
	return err
}

// administers says whether somebody can do something about it, and be written to.
func administers(a access.AccountView) bool {
	return a.Mail != "" && a.Closed.IsZero() && slices.ContainsFunc(a.Roles, func(g access.Given) bool { return g.Role == study.RoleAdministrator })
}

// ownBackup is how backups are named that were made in the background.
var ownBackup = regexp.MustCompile(`^\d{8}T\d{6}Z-job\d+\.\d+$`)

// thin takes away the oldest backups beyond those to keep: of those that were made
// in the background, and nothing else in the folder.
func (d *daily) thin() error {
	if d.keep == 0 {
		return nil
	}
	all, err := os.ReadDir(d.to)
	if err != nil {
		return fault.Wrap("file-unreadable", d.to, err)
	}
	var own []string
	for _, e := range all {
		if e.IsDir() && ownBackup.MatchString(e.Name()) {
			own = append(own, e.Name())
		}
	}
	slices.Sort(own) // by their time
	var errs []error
	for len(own) > d.keep {
		errs = append(errs, os.RemoveAll(filepath.Join(d.to, own[0])))
		own = own[1:]
	}
	return errors.Join(errs...)
}

// backupGood says whether the last backup was made, where one is made every day.
// It is told and makes a server no less ready: another one would be no better.
func (d *servedDesk) backupGood(ctx context.Context) (error, bool) {
	if d.work.BackupAt == "" {
		return nil, false
	}
	last, err := d.trial.LastBackup(ctx)
	switch {
	case err != nil:
		return err, true
	case last.Failed.After(last.Made):
		return fault.New("backup-failed", "", "the last backup failed (%s)", strings.TrimSpace(last.Why)), true
	case !last.Made.IsZero() && d.now().Sub(last.Made) > 26*time.Hour:
		return fault.New("backup-late", "", "the last backup was made at %s", last.Made.Format(time.RFC3339)), true
	}
	return nil, true
}
