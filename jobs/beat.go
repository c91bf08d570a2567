package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"dvala/store/sqldb"
)

// A process that works says every few seconds that it lives. The jobs of one
// that has not said so for a while are given to the others: what takes hours
// must not wait for hours when its process was killed in the first minute.
const (
	beatEvery = 5 * time.Second
	deadAfter = 30 // seconds
)

// newName names this process among those that work.
func newName() string {
	host, err := os.Hostname()
	if err != nil || len(host) > 60 {
		host = "host"
	}
	return fmt.Sprintf("%s.%d.%d", host, os.Getpid(), time.Now().UnixNano())
}

// clockOf gives the database's clock in SQL: all processes hold against one.
func clockOf(d sqldb.Dialect) string {
	if d == sqldb.Postgres {
		return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)"
	}
	return "unixepoch()"
}

// beat says that this process lives.
func (q *Queue) beat(ctx context.Context) error {
	now := clockOf(q.db.Dialect)
	says, err := json.Marshal(q.settings)
	if err == nil {
		_, err = q.db.Write.ExecContext(ctx, "INSERT INTO job_workers (worker, beat, says) VALUES ($1, "+now+", $2) ON CONFLICT (worker) DO UPDATE SET beat = excluded.beat", q.name, string(says))
	}
	if err == nil {
		_, err = q.db.Write.ExecContext(ctx, "DELETE FROM job_workers WHERE beat < "+now+" - $1", 20*deadAfter)
	}
	return err
}

// unbeat says that it works no more.
func (q *Queue) unbeat(ctx context.Context) error {
	_, err := q.db.Write.ExecContext(ctx, "DELETE FROM job_workers WHERE worker = $1", q.name)
	return err
}

// alone forgets all other processes, where there can be none: on SQLite one
// process has the file, and what others were doing they do no more.
func (q *Queue) alone(ctx context.Context) error {
	if q.db.Dialect == sqldb.Postgres {
		return nil
	}
	_, err := q.db.Write.ExecContext(ctx, "DELETE FROM job_workers")
	return err
}

// Living gives the processes that have said of late that they live, with the
// settings that they were started with.
func (q *Queue) Living(ctx context.Context) (map[string]map[string]string, error) {
	rows, err := q.db.Read.QueryContext(ctx, "SELECT worker, says FROM job_workers WHERE beat >= "+clockOf(q.db.Dialect)+" - $1", deadAfter)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]map[string]string{}
	for rows.Next() {
		var name, says string
		if err := rows.Scan(&name, &says); err != nil {
			return nil, err
		}
		settings := map[string]string{}
		if err := json.Unmarshal([]byte(says), &settings); err != nil {
			return nil, err
		}
		out[name] = settings
	}
	return out, rows.Err()
}

// rescue gives up for their dead processes what they were doing. It is done as
// often as one likes: what is not running any more is left alone.
func (q *Queue) rescue(ctx context.Context) error {
	before := time.Now()
	running, err := q.engine.running(ctx, before)
	if err != nil || len(running) == 0 {
		return err
	}
	living, err := q.Living(ctx)
	if err != nil {
		return err
	}
	dead := slices.DeleteFunc(running, func(j *rivertype.JobRow) bool {
		n := len(j.AttemptedBy)
		if n == 0 {
			return true
		}
		_, lives := living[j.AttemptedBy[n-1]]
		return lives
	})
	if len(dead) == 0 {
		return nil
	}
	q.log.Warn("jobs of processes that died are done by others", "jobs", len(dead))
	return q.engine.retry(ctx, dead, before)
}

// keepBeating beats until the context ends, and rescues. After a break of its own
// (the database was gone, the machine slept) it waits for as long as the others
// may be silent: they may have had the same.
func (q *Queue) keepBeating(ctx context.Context) {
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	since, last := time.Now(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := q.beat(ctx)
		now := time.Now()
		if err != nil || now.Sub(last) > 3*beatEvery {
			since = now
		}
		last = now
		if err == nil && now.Sub(since) > deadAfter*time.Second {
			err = q.rescue(ctx)
		}
		if err != nil && ctx.Err() == nil {
			q.log.Warn("jobs of processes that died were not looked for", "err", err)
		}
	}
}

func (c *client[T]) running(ctx context.Context, before time.Time) ([]*rivertype.JobRow, error) {
	return c.driver.GetExecutor().JobGetStuck(ctx, &riverdriver.JobGetStuckParams{Max: 1000, Schema: c.schema, StuckHorizon: before.UTC()})
}

// retry puts jobs back that began before a moment, as they would be after an error.
func (c *client[T]) retry(ctx context.Context, jobs []*rivertype.JobRow, before time.Time) error {
	now := time.Now().UTC()
	p := &riverdriver.JobRescueManyParams{Schema: c.schema, StuckHorizon: before.UTC()}
	for _, j := range jobs {
		said, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: max(j.Attempt, 0), Error: "its process died"})
		if err != nil {
			return err
		}
		state, ended := rivertype.JobStateRetryable, (*time.Time)(nil)
		if j.Attempt >= j.MaxAttempts {
			state, ended = rivertype.JobStateDiscarded, &now
		}
		p.ID, p.Error, p.State = append(p.ID, j.ID), append(p.Error, said), append(p.State, string(state))
		p.FinalizedAt, p.ScheduledAt = append(p.FinalizedAt, ended), append(p.ScheduledAt, now)
	}
	_, err := c.driver.GetExecutor().JobRescueMany(ctx, p)
	return err
}
