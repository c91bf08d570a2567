package jobs

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dvala/store/sqldb"
	"dvala/store/sqldb/pgtest"
)

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, open func() *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "trial.db")
		test(t, func() *sqldb.DB {
			db, err := sqldb.OpenSQLite(path)
			if err == nil {
				err = db.Migrate(t.Context(), none, "goose_none")
			}
			if err == nil {
				err = db.OpenReaders()
			}
			return closed(t, db, err)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.Start(t).URL(t)
		test(t, func() *sqldb.DB {
			db, err := sqldb.OpenPostgres(t.Context(), url, "dvala_a")
			return closed(t, db, err)
		})
	})
}

func closed(t *testing.T, db *sqldb.DB, err error) *sqldb.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func working(t *testing.T, db *sqldb.DB, h *Handlers) *Queue {
	t.Helper()
	q, err := Open(t.Context(), db, Options{Handlers: h, Poll: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if h != nil {
		if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := q.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return q
}

// until waits for a job to be over.
func until(t *testing.T, q *Queue, id ID) Status {
	t.Helper()
	for {
		s, ok, err := q.Status(t.Context(), id)
		if err != nil || !ok {
			t.Fatal(id, ok, err)
		}
		if s.Over() {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A job is done with what it was asked with, tells how far it has come and what
// came of it; the same job asked for twice is one; one that fails is tried again.
func TestJob(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqldb.DB) {
		var ran, failed atomic.Int64
		h := NewHandlers()
		Handle(h, func(ctx context.Context, r Run[Export]) error {
			ran.Add(1)
			if err := r.Progress(ctx, 3, 7, "diary"); err != nil {
				return err
			}
			return r.Result(ctx, r.Args.What+" for "+r.Args.By)
		})
		Handle(h, func(ctx context.Context, r Run[Mail]) error {
			if r.Attempt == 1 {
				failed.Add(1)
				return errors.New("the server is away")
			}
			return nil
		})
		Handle(h, func(context.Context, Run[Reminders]) error { ran.Add(1000); return nil })
		q := working(t, open(), h)
		id, err := q.Enqueue(t.Context(), Export{What: "tables", By: "anna", Key: "1"})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := q.Enqueue(t.Context(), Export{What: "tables", By: "anna", Key: "1"}); err != nil || again != id {
			t.Error("the same job twice:", id, again, err)
		}
		if s := until(t, q, id); s.State != "completed" || s.Result != "tables for anna" || s.Kind != "export" {
			t.Errorf("%+v", s)
		}
		if again, err := q.Enqueue(t.Context(), Export{What: "tables", By: "anna", Key: "1"}); err != nil || again != id {
			t.Error("a job that was done is done again:", id, again, err)
		}
		mail, err := q.Enqueue(t.Context(), Mail{Message: "m1"})
		if err != nil {
			t.Fatal(err)
		}
		if s := until(t, q, mail); s.State != "completed" || s.Attempt != 2 || s.Err == "" || failed.Load() != 1 {
			t.Errorf("%+v", s)
		}
		for { // the first tick comes when a leader is chosen
			ticks, err := q.Recent(t.Context(), 1, "reminders")
			if err != nil {
				t.Fatal(err)
			}
			if len(ticks) == 1 && until(t, q, ticks[0].ID).State == "completed" {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if n := ran.Load(); n != 1001 {
			t.Error("an export and a tick were to run once each:", n)
		}
		if all, err := q.Recent(t.Context(), 10, "export", "mail"); err != nil || len(all) != 2 || all[0].ID != mail {
			t.Error(all, err)
		}
	})
}

// A job stands or falls with the transaction that it was enqueued in; a process
// without a handler enqueues, and another does it.
func TestSameTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqldb.DB) {
		db := open()
		q := working(t, db, nil)
		if err := q.Start(t.Context()); err == nil {
			t.Error("began to work without handlers")
		}
		for i, end := range []func(*sqldb.Tx) error{(*sqldb.Tx).Rollback, (*sqldb.Tx).Commit} {
			tx, err := db.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO job_progress (job, done, total, note, result, at) VALUES ($1, 0, 0, '', '', '')", 1000+i); err != nil {
				t.Fatal(err)
			}
			id, err := q.EnqueueTx(t.Context(), tx, Mail{Message: "m"})
			if err != nil {
				t.Fatal(err)
			}
			if err := end(tx); err != nil {
				t.Fatal(err)
			}
			if _, ok, err := q.Status(t.Context(), id); ok != (i == 1) || err != nil {
				t.Error(i, ok, err)
			}
		}
	})
}
