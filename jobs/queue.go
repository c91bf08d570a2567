package jobs

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"dvala/fault"
	"dvala/store/sqldb"
)

//go:embed migrations
var migrationFiles embed.FS

// ID is a job's number.
type ID int64

// Queue is the jobs of one trial. It is safe for concurrent use.
type Queue struct {
	db     *sqldb.DB
	now    func() time.Time
	engine engine
	works  bool
	name   string // of this process, among those that work
	log    *slog.Logger
	quiet  func() // ends the beating, once it works

	settings map[string]string
}

// Options say how a queue works.
type Options struct {
	Now      func() time.Time
	Log      *slog.Logger      // nil: silent
	Handlers *Handlers         // nil: this process enqueues only
	Workers  int               // how many jobs at a time; 0: 4
	Rescue   time.Duration     // after which a job is taken for lost that nobody has given up; 0: longer than any may take
	Patience time.Duration     // how long any job may take; 0: as its kind needs
	Settings map[string]string // what this process was started with, for the others to compare; no secrets
	Poll     time.Duration     // how often new jobs are looked for; 0: a second
}

// Open makes the queue's tables if they are not there, and opens it.
func Open(ctx context.Context, db *sqldb.DB, o Options) (*Queue, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, files, "goose_jobs"); err != nil {
		return nil, fault.Wrap("jobs-open", "migrations", err)
	}
	q := &Queue{db: db, now: o.Now, works: o.Handlers != nil, name: newName(), log: quiet(o.Log), settings: o.Settings}
	if q.now == nil {
		q.now = time.Now
	}
	if q.engine, err = newEngine(ctx, db, o.config(q.name)); err != nil {
		return nil, fault.Wrap("jobs-open", "River", err)
	}
	if o.Handlers != nil {
		o.Handlers.queue, o.Handlers.patience = q, o.Patience
	}
	return q, nil
}

func (o Options) config(name string) *river.Config {
	c := &river.Config{
		ID:     name,
		Logger: quiet(o.Log), CompletedJobRetentionPeriod: 7 * 24 * time.Hour, JobTimeout: time.Minute,
		FetchOnlyKnownKinds: true, SkipUnknownJobCheck: true, FetchPollInterval: o.Poll, RescueStuckJobsAfter: o.Rescue,
	}
	if c.RescueStuckJobsAfter == 0 {
		c.RescueStuckJobsAfter = patience("export") + time.Hour // those of dead processes are rescued by their beats
	}
	c.JobTimeout = min(c.JobTimeout, c.RescueStuckJobsAfter)
	if h := o.Handlers; h != nil {
		if o.Workers == 0 {
			o.Workers = 4
		}
		c.Workers = h.workers
		c.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}}
		for _, tick := range h.ticking {
			c.PeriodicJobs = append(c.PeriodicJobs, tick(&river.InsertOpts{UniqueOpts: once(unfinished), MaxAttempts: 3}))
		}
	}
	return c
}

// unfinished are the states in which a tick that comes again is left out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

func once(states []rivertype.JobState) river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: states}
}

// asked is how a job is enqueued that somebody asked for: once, even when it
// has been done.
func asked() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: once(append(unfinished[:len(unfinished):len(unfinished)], rivertype.JobStateCompleted))}
}

// Enqueue asks for a job. The number of one that is there already is given
// again.
func (q *Queue) Enqueue(ctx context.Context, a Args) (ID, error) {
	id, err := q.engine.insert(ctx, a, asked())
	if err != nil {
		return 0, fault.Wrap("job-enqueue", a.Kind(), err)
	}
	return id, nil
}

// EnqueueOnce asks for a job that is not asked for again under the same arguments
// whatever became of it: what fails is tried a few times and then left.
func (q *Queue) EnqueueOnce(ctx context.Context, a Args) (ID, error) {
	every := append(unfinished[:len(unfinished):len(unfinished)], rivertype.JobStateCompleted, rivertype.JobStateDiscarded, rivertype.JobStateCancelled)
	id, err := q.engine.insert(ctx, a, &river.InsertOpts{UniqueOpts: once(every), MaxAttempts: 4})
	if err != nil {
		return 0, fault.Wrap("job-enqueue", a.Kind(), err)
	}
	return id, nil
}

// EnqueueAt asks for a job that is to be done at a moment, once.
func (q *Queue) EnqueueAt(ctx context.Context, a Args, at time.Time) (ID, error) {
	o := asked()
	o.ScheduledAt = at
	id, err := q.engine.insert(ctx, a, o)
	if err != nil {
		return 0, fault.Wrap("job-enqueue", a.Kind(), err)
	}
	return id, nil
}

// EnqueueAnew asks for a job that may be done again and again, unless the same
// waits or runs. What fails is tried a few times and then left: it is asked for
// again.
func (q *Queue) EnqueueAnew(ctx context.Context, a Args) (ID, error) {
	id, err := q.engine.insert(ctx, a, &river.InsertOpts{UniqueOpts: once(unfinished), MaxAttempts: 3})
	if err != nil {
		return 0, fault.Wrap("job-enqueue", a.Kind(), err)
	}
	return id, nil
}

// EnqueueTx asks for a job within the transaction that makes it necessary.
func (q *Queue) EnqueueTx(ctx context.Context, tx *sqldb.Tx, a Args) (ID, error) {
	id, err := q.engine.insertTx(ctx, tx, a, asked())
	if err != nil {
		return 0, fault.Wrap("job-enqueue", a.Kind(), err)
	}
	return id, nil
}

// Start begins to work. It returns at once; Stop ends it.
func (q *Queue) Start(ctx context.Context) error {
	if !q.works {
		return fault.New("jobs-none", "", "this process has no handlers, and can only enqueue")
	}
	if err := q.alone(ctx); err != nil {
		return fault.Wrap("jobs-open", "job_workers", err)
	}
	if err := q.beat(ctx); err != nil {
		return fault.Wrap("jobs-open", "job_workers", err)
	}
	if q.db.Dialect != sqldb.Postgres {
		if err := q.rescue(ctx); err != nil {
			return fault.Wrap("jobs-open", "job_workers", err)
		}
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { q.keepBeating(beating) })
	q.quiet = func() { stop(); done.Wait() }
	return q.engine.start(ctx)
}

// Stop lets the jobs that run come to their end, for as long as the context
// lasts, and then stops them: they are done again.
func (q *Queue) Stop(ctx context.Context) error {
	if !q.works || q.quiet == nil {
		return nil
	}
	err := q.engine.stop(ctx)
	rest, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	if errors.Is(err, context.DeadlineExceeded) {
		err = q.engine.cancel(rest)
	}
	q.quiet()
	return errors.Join(err, q.unbeat(rest))
}

// tell writes a job's progress.
func (q *Queue) tell(ctx context.Context, id ID, n, total int, note, result string) error {
	_, err := q.db.Write.ExecContext(ctx, "INSERT INTO job_progress (job, done, total, note, result, at) VALUES ($1, $2, $3, $4, $5, $6) "+
		"ON CONFLICT (job) DO UPDATE SET done = excluded.done, total = excluded.total, note = excluded.note, at = excluded.at, "+
		"result = CASE WHEN excluded.result = '' THEN job_progress.result ELSE excluded.result END",
		int64(id), n, total, note, result, q.now().UTC().Format(time.RFC3339))
	return err
}

// progress reads a job's progress into its status.
func (q *Queue) progress(ctx context.Context, s *Status) error {
	err := q.db.Read.QueryRowContext(ctx, "SELECT done, total, note, result FROM job_progress WHERE job = $1", int64(s.ID)).
		Scan(&s.Done, &s.Total, &s.Note, &s.Result)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
