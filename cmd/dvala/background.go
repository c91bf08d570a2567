package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/jobs"
	"dvala/notify"
	"dvala/schedule"
	"dvala/store"
	"dvala/study"
)

// background is what one process does beside answering: the same in a server
// and in a worker. A kind of job of which it has not what it takes is not
// offered; so all processes of a trial are given the same configuration.
type background struct {
	trial   *store.Trial
	where   store.Where
	office  *desk.Office
	sender  *notify.Sender // nil: no reminders
	people  *peopleStore
	jumps   *clockJumps
	now     func() time.Time
	workers int
	backups string // folder; empty: no backups
	log     *slog.Logger
	work    *workshop       // what people ask for; nil: none is done
	post    *post           // nil: no links are mailed
	notices *notices        // nil: nobody is told of emergencies by mail
	signed  *checkpointMail // nil: no checkpoint is mailed
	rings   *rings          // nil: no nights are fetched
	uploads *uploads        // nil: no files are read
	asleep  bool            // nothing is done by the clock

	settings map[string]string                              // for the other processes to compare
	compare  func(ctx context.Context, q *jobs.Queue) error // nil: there are none
}

// system is the program itself, which does by the clock what nobody has to ask
// for.
func system() desk.Caller {
	return desk.Caller{Account: "dvala", Name: "Dvala", Grants: []desk.Grant{{Role: study.RoleSystem}}, From: "job"}
}

// start begins to work.
func (b *background) start(ctx context.Context) (*jobs.Queue, error) {
	q, err := jobs.Open(ctx, b.trial.Database(), jobs.Options{Now: b.now, Log: b.log, Handlers: b.handlers(), Workers: b.workers, Settings: b.settings})
	if err != nil {
		return nil, err
	}
	if b.compare != nil {
		if err := b.compare(ctx, q); err != nil {
			return nil, err
		}
	}
	b.lend(q)
	return q, q.Start(context.WithoutCancel(ctx))
}

// lend gives the queue to those who ask for work themselves.
func (b *background) lend(q *jobs.Queue) {
	if b.work != nil {
		b.work.queue = q
	}
	if b.post != nil {
		b.post.queue = q
	}
	if b.rings != nil {
		b.rings.queue = q
	}
	if b.uploads != nil {
		b.uploads.later.queue = q
	}
}

// handlers are the kinds that this process does.
func (b *background) handlers() *jobs.Handlers {
	h := jobs.NewHandlers()
	if b.work != nil {
		jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Export]) error { return b.work.do(ctx, orderOf(r, r.Args)) })
		jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Analyse]) error {
			return b.work.do(ctx, orderOf(r, jobs.Export(r.Args)))
		})
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Sweep]) error {
			return errors.Join(b.work.sweep(ctx), b.work.access.Sweep(ctx))
		})
	}
	if b.uploads != nil {
		jobs.Handle(h, b.uploads.ingest)
	}
	if b.asleep {
		return h
	}
	if b.rings != nil {
		b.handleRings(h)
	}
	jobs.TickAll(h)
	jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.CheckClock]) error { return b.checkClock(ctx) })
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.CloseTasks]) error { return b.closeTasks(ctx, r) })
	if b.sender != nil {
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Reminders]) error {
			n, err := b.sender.Tick(ctx, b.trial)
			if n > 0 {
				b.log.Info("reminders were sent", "n", n)
			}
			return err
		})
	}
	if b.post != nil {
		jobs.Handle(h, b.post.send)
	}
	if b.notices != nil {
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Notices]) error {
			err := b.notices.tick(ctx)
			if b.signed != nil {
				err = errors.Join(err, b.signed.tick(ctx))
			}
			return err
		})
	}
	if b.backups != "" {
		jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Backup]) error { return b.backUp(ctx, r) })
	}
	return h
}

// checkClock says aloud when the clock stands before the last entry, for
// commands are refused until it has passed it; and puts on the ledger that the
// clock of this machine was set.
func (b *background) checkClock(ctx context.Context) error {
	off, wrong, err := b.trial.ClockBehind(ctx, b.now())
	if err != nil {
		return err
	}
	if wrong {
		b.log.Warn("the clock stands before the last entry", "by", off.String())
		return nil // nothing can be written until it has caught up
	}
	return b.recordJumps(ctx)
}

// closeTasks stores what was not done in time, for each person of whom there is
// any.
func (b *background) closeTasks(ctx context.Context, r jobs.Run[jobs.CloseTasks]) error {
	if err := b.trial.Refresh(ctx); err != nil {
		return err
	}
	var due []study.Subject
	now := b.now()
	b.trial.View(func(s *study.State) {
		if s.Locked == nil {
			due = slices.DeleteFunc(slices.Clone(s.Order), func(who study.Subject) bool { return !overdue(s, s.People[who], now) })
		}
	})
	var errs []error
	for i, who := range due {
		key := fmt.Sprintf("close-tasks-%d-%s", r.ID, who)
		if _, err := b.office.Do(ctx, system(), desk.Request{Cmd: study.CloseTasks{}, Subject: who, Key: key}); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", who, err))
		}
		if err := r.Progress(ctx, i+1, len(due), ""); err != nil || ctx.Err() != nil {
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(errs...)
}

// overdue says whether a person has a task that is over, was not done, and is
// not stored so.
func overdue(s *study.State, p *study.Participant, now time.Time) bool {
	if p == nil || p.Enrolled == nil {
		return false
	}
	return slices.ContainsFunc(append(s.Tasks(p, now), s.Evenings(p, now)...), func(t schedule.Task) bool {
		return t.State == schedule.Missed && !slices.ContainsFunc(p.Lapsed, func(x study.Lapse) bool { return x.Task.Key() == t.Key })
	})
}

// clockJumps are the times that this machine's clock was set, until they are on
// the ledger. It is safe for concurrent use.
type clockJumps struct {
	mu  sync.Mutex
	all []desk.Jump
}

func (c *clockJumps) add(j desk.Jump) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, j)
}

// take gives them, and keeps none.
func (c *clockJumps) take() []desk.Jump {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

// recordJumps puts on the ledger, and into the access log, that the clock was
// set. What could not be written is kept for the next time.
func (b *background) recordJumps(ctx context.Context) error {
	server, err := os.Hostname()
	if err != nil {
		server = ""
	}
	all := b.jumps.take()
	for i, j := range all {
		cmd := study.NoteClockJump{ClockJumped: study.ClockJumped{Seconds: j.By.Seconds(), Server: server}}
		key := fmt.Sprintf("clock-%s-%d", server, j.At.UnixMicro())
		_, err := b.office.Do(ctx, system(), desk.Request{Cmd: cmd, Key: key})
		if err == nil {
			e := access.LogEntry{At: j.At, What: "clock-jumped", Detail: j.By.String()}
			err = b.people.Write(ctx, func(w access.Writer) error { return w.AddLog(ctx, e) })
		}
		if err != nil {
			for _, left := range all[i:] {
				b.jumps.add(left)
			}
			return err
		}
	}
	return nil
}
