package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"dvala/fault"
	"dvala/jobs"
	"dvala/store"
)

// WorkerCmd does work in the background for a trial in a database that several
// machines share. On one machine the server does it itself.
type WorkerCmd struct {
	PlaceFlags
	Jobs    int    `default:"4" help:"How many jobs at a time. (${default})"`
	Backups string `type:"path" env:"DVALA_BACKUPS" placeholder:"FOLDER" help:"Where backups go that are asked for on the pages."`
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
	trial, err := store.OpenAt(ctx, w)
	if err != nil {
		return err
	}
	defer trial.Close()
	log := slog.New(slog.NewJSONHandler(p.Stderr, nil))
	q, err := startJobs(ctx, trial, w, jobSettings{now: p.Now, workers: c.Jobs, backups: c.Backups, log: log})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s: working, %d jobs at a time (Ctrl-C ends it)\n", trial.Protocol().ID(), c.Jobs)
	<-ctx.Done()
	return stopJobs(ctx, q)
}

// jobSettings are what background work needs of the machine it runs on.
type jobSettings struct {
	now     func() time.Time
	workers int
	backups string // folder; empty: none are made
	log     *slog.Logger
}

// startJobs begins to work in the background. More is added to the handlers.
func startJobs(ctx context.Context, trial *store.Trial, w store.Where, s jobSettings, more ...func(*jobs.Handlers)) (*jobs.Queue, error) {
	h := jobs.NewHandlers()
	jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.CheckClock]) error {
		return checkClock(ctx, trial, s)
	})
	// Every process has the same handlers: the one that leads throws away what
	// stands still and is of a kind it does not know.
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Backup]) error { return backUp(ctx, w, s, r) })
	for _, add := range more {
		add(h)
	}
	q, err := jobs.Open(ctx, trial.Database(), jobs.Options{Now: s.now, Log: s.log, Handlers: h, Workers: s.workers})
	if err != nil {
		return nil, err
	}
	return q, q.Start(context.WithoutCancel(ctx))
}

// stopJobs lets what runs come to its end, for a while.
func stopJobs(ctx context.Context, q *jobs.Queue) error {
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer done()
	return q.Stop(grace)
}

// backUp writes a backup into a folder that is named by the moment.
func backUp(ctx context.Context, w store.Where, s jobSettings, r jobs.Run[jobs.Backup]) error {
	if s.backups == "" {
		return fault.New("backup-dir", "backups", "this machine has no folder for backups").WithHint("--backups FOLDER, or DVALA_BACKUPS")
	}
	to := filepath.Join(s.backups, fmt.Sprintf("%s-job%d.%d", r.Made.UTC().Format("20060102T150405Z"), r.ID, r.Attempt))
	m, err := store.Backup(ctx, w, to, Release(), s.now())
	if err != nil {
		return err
	}
	return r.Result(ctx, fmt.Sprintf("%s: %d entries", filepath.Base(to), m.Entries))
}

// checkClock says aloud when the clock stands before the last entry: commands
// are refused until it has passed it.
func checkClock(ctx context.Context, trial *store.Trial, s jobSettings) error {
	off, wrong, err := trial.ClockBehind(ctx, s.now())
	if err == nil && wrong {
		s.log.Warn("the clock stands before the last entry", "by", off.String())
	}
	return err
}
