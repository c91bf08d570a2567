package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

// Handlers is what is done for each kind of job. A process that has no handler
// for a kind leaves its jobs to one that has.
type Handlers struct {
	workers *river.Workers
	ticking []func(*river.InsertOpts) *river.PeriodicJob
	ticks   map[string]bool
	kinds   []string
	queue   *Queue // once it works

	patience time.Duration // 0: by kind
}

// NewHandlers knows none.
func NewHandlers() *Handlers { return &Handlers{workers: river.NewWorkers(), ticks: map[string]bool{}} }

// Kinds gives the kinds that are known.
func (h *Handlers) Kinds() []string { return h.kinds }

// Run is one job on its way, as its handler sees it.
type Run[A Args] struct {
	ID      ID
	Args    A
	Attempt int // from 1
	Made    time.Time
	queue   *Queue
}

// Handle says what is done for a kind. Of a kind that the clock enqueues, the
// ticks begin with it.
func Handle[A Args](h *Handlers, do func(context.Context, Run[A]) error) {
	var none A
	river.AddWorker(h.workers, &worker[A]{h: h, do: do})
	h.kinds = append(h.kinds, none.Kind())
	if every, is := ticks[none.Kind()]; is {
		h.tick(none, every)
	}
}

// tick has the clock ask for a kind.
func (h *Handlers) tick(a Args, every time.Duration) {
	if h.ticks[a.Kind()] {
		return
	}
	h.ticks[a.Kind()] = true
	h.ticking = append(h.ticking, func(o *river.InsertOpts) *river.PeriodicJob {
		make := func() (river.JobArgs, *river.InsertOpts) { return a, o }
		return river.NewPeriodicJob(river.PeriodicInterval(every), make, &river.PeriodicJobOpts{ID: a.Kind(), RunOnStart: true})
	})
}

// TickAll has the clock ask for every kind that it asks for at all, also for those
// that this process does not do: one process of a trial asks for all of them, and
// another may have what it takes.
func TickAll(h *Handlers) {
	for _, a := range []Args{Reminders{}, CloseTasks{}, CheckClock{}, Sweep{}, Notices{}, BackupDue{}, NoteRecord{}, DeviceLook{}, DeviceHooks{}} {
		h.tick(a, ticks[a.Kind()])
	}
}

type worker[A Args] struct {
	river.WorkerDefaults[A]
	h  *Handlers
	do func(context.Context, Run[A]) error
}

func (w *worker[A]) Timeout(j *river.Job[A]) time.Duration {
	if w.h.patience > 0 {
		return w.h.patience
	}
	return patience(j.Kind)
}

func (w *worker[A]) Work(ctx context.Context, j *river.Job[A]) error {
	err := w.do(ctx, Run[A]{ID: ID(j.ID), Args: j.Args, Attempt: j.Attempt, Made: j.CreatedAt, queue: w.h.queue})
	if err != nil && ctx.Err() == nil && !later(err) {
		w.h.queue.log.Warn("a job failed", "job", j.Kind, "attempt", j.Attempt, "err", err)
	}
	return err
}

// Progress tells how far the job has come: n of total, and a word beside it. Of
// an unknown total it is 0.
func (r Run[A]) Progress(ctx context.Context, n, total int, note string) error {
	return r.queue.tell(ctx, r.ID, n, total, note, "")
}

// Result leaves what came of it, for whoever asked: a file's hash, a number.
func (r Run[A]) Result(ctx context.Context, result string) error {
	return r.queue.tell(ctx, r.ID, 1, 1, "", result)
}

// later says of an error that it only puts a job off.
func later(err error) bool {
	var put *river.JobSnoozeError
	return errors.As(err, &put)
}
