package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dvala/desk"
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
	clock   *clockGuard
	now     func() time.Time
	workers int
	backups string // folder; empty: no backups
	daily   *daily // nil: none is asked for every day
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
	if b.daily != nil {
		b.daily.queue = q
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
		jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Simulate]) error {
			return b.work.do(ctx, orderOf(r, jobs.Export(r.Args)))
		})
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Sweep]) error {
			if b.clock.fit() != nil {
				return nil // what has run out by a wrong clock has not
			}
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
	jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.CheckClock]) error {
		return b.clock.check(ctx, b.office, b.people)
	})
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.CloseTasks]) error {
		if b.clock.fit() != nil {
			return nil // the next one does it
		}
		return b.closeTasks(ctx, r)
	})
	jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.NoteRecord]) error { return b.noteRecord(ctx) })
	if b.sender != nil {
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Reminders]) error {
			if b.clock.fit() != nil {
				return nil // nobody is woken by a wrong clock
			}
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
			if b.signed != nil { // with how the access log stands
				err = errors.Join(err, b.noteRecord(ctx), b.signed.tick(ctx))
			}
			return err
		})
	}
	if b.daily != nil {
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.BackupDue]) error { return b.daily.tick(ctx) })
	}
	if b.backups != "" {
		jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Backup]) error { return b.backUp(ctx, r) })
	}
	return h
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
	if p == nil || p.Enrolled == nil || p.Locked != nil {
		return false
	}
	return slices.ContainsFunc(append(s.Tasks(p, now), s.Evenings(p, now)...), func(t schedule.Task) bool {
		return t.State == schedule.Missed && !slices.ContainsFunc(p.Lapsed, func(x study.Lapse) bool { return x.Task.Key() == t.Key })
	})
}
