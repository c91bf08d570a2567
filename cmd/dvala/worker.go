package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/jobs"
	"dvala/store"
)

// WorkerCmd does work in the background for a trial in a database that several
// machines share. The servers do such work themselves, too; on one machine the
// server does all of it.
type WorkerCmd struct {
	PlaceFlags
	WorkFlags
	Origin string `placeholder:"URL" help:"How browsers reach the servers, for the links in mails; wanted with --mail-from."`
	MailFlags
	Oura OuraFlags `embed:"" prefix:"oura-"`
}

// WorkFlags say how much a process does in the background.
type WorkFlags struct {
	Jobs       int    `default:"4" env:"DVALA_JOBS" help:"How many jobs in the background at a time. (${default})"`
	Backups    string `type:"path" env:"DVALA_BACKUPS" aliases:"backup-to" placeholder:"FOLDER" help:"Where backups go that are made in the background."`
	BackupAt   string `env:"DVALA_BACKUP_AT" placeholder:"HH:MM" help:"Make one there every day at this time of the trial's zone, once among all servers and workers."`
	BackupKeep int    `env:"DVALA_BACKUP_KEEP" placeholder:"N" help:"Keep the last N of them, and take older ones away. (all)"`
}

// Run works until it is interrupted.
func (c *WorkerCmd) Run(p *Program) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w, err := c.where()
	if err != nil {
		return err
	}
	if !w.Shared() {
		return fault.New("worker-alone", w.Dir, "one process writes to a directory, and that is the server, which does this work itself").
			WithHint("a worker of its own needs --database")
	}
	origin := c.Origin
	if origin == "" {
		if c.MailFrom != "" {
			return fault.New("worker-origin", "--origin", "links in mails lead to the servers, and their address is not said").
				WithHint("the same --origin as the servers', as in --origin https://trial.example")
		}
		origin = "http://localhost:8080" // nothing that this worker sends leads there
	}
	trial, err := store.OpenAt(ctx, w)
	if err != nil {
		return err
	}
	defer trial.Close()
	d := servedDesk{
		trial: trial, where: w, origin: origin, stated: c.Origin, anywhere: true, mail: c.MailFlags, work: c.WorkFlags, oura: c.Oura,
		log: slog.New(access.PlainLog(p.Stderr)),
	}
	d.keepTime(p.Now)
	if err := d.open(ctx); err != nil {
		return err
	}
	defer d.close()
	fmt.Fprintf(p.Stdout, "%s: working, %d jobs at a time (Ctrl-C ends it)\n", trial.Protocol().ID(), c.Jobs)
	<-ctx.Done()
	return nil
}

// stopJobs lets what runs come to its end, for a while.
func stopJobs(ctx context.Context, q *jobs.Queue) error {
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer done()
	return q.Stop(grace)
}

// backUp writes a backup into a folder that is named by the moment.
func (b *background) backUp(ctx context.Context, r jobs.Run[jobs.Backup]) error {
	to := filepath.Join(b.backups, fmt.Sprintf("%s-job%d.%d", r.Made.UTC().Format("20060102T150405Z"), r.ID, r.Attempt))
	m, err := store.Backup(ctx, b.where, to, Release(), b.now())
	if b.daily != nil && ctx.Err() == nil {
		err = errors.Join(err, b.daily.made(ctx, err))
	}
	if err != nil {
		return err
	}
	return r.Result(ctx, fmt.Sprintf("%s: %d entries", filepath.Base(to), m.Entries))
}
