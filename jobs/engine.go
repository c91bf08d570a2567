package jobs

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"dvala/store/sqldb"
)

// engine is River on one of the two databases, whose clients have different
// types.
type engine interface {
	insert(ctx context.Context, a Args, o *river.InsertOpts) (ID, error)
	insertTx(ctx context.Context, tx *sqldb.Tx, a Args, o *river.InsertOpts) (ID, error)
	get(ctx context.Context, id ID) (*rivertype.JobRow, error)
	list(ctx context.Context, p *river.JobListParams) ([]*rivertype.JobRow, error)
	start(ctx context.Context) error
	stop(ctx context.Context) error
	cancel(ctx context.Context) error
	// running gives the jobs that are being done since before a moment, and retry
	// gives up what is being done.
	running(ctx context.Context, before time.Time) ([]*rivertype.JobRow, error)
	retry(ctx context.Context, jobs []*rivertype.JobRow, before time.Time) error
}

func newEngine(ctx context.Context, db *sqldb.DB, c *river.Config) (engine, error) {
	if db.Dialect == sqldb.Postgres {
		c.Schema = db.Schema
		return newClient(ctx, riverpgxv5.New(db.Pool), c, db, func(tx *sqldb.Tx, use func(pgx.Tx) error) error { return tx.Pgx(use) })
	}
	return newClient(ctx, riversqlite.New(db.Write), c, db, func(tx *sqldb.Tx, use func(*sql.Tx) error) error { return use(tx.Tx) })
}

type client[T any] struct {
	*river.Client[T]
	driver riverdriver.Driver[T]
	schema string
	lend   func(*sqldb.Tx, func(T) error) error
}

func newClient[T any](ctx context.Context, d riverdriver.Driver[T], c *river.Config, db *sqldb.DB, lend func(*sqldb.Tx, func(T) error) error) (engine, error) {
	m, err := rivermigrate.New(d, &rivermigrate.Config{Schema: c.Schema, Logger: c.Logger})
	if err != nil {
		return nil, err
	}
	// Of several processes one migrates, and the others find it done.
	err = db.Alone(ctx, "river", func() error {
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	r, err := river.NewClient(d, c)
	if err != nil {
		return nil, err
	}
	return &client[T]{Client: r, driver: d, schema: c.Schema, lend: lend}, nil
}

func (c *client[T]) insert(ctx context.Context, a Args, o *river.InsertOpts) (ID, error) {
	r, err := c.Insert(ctx, a, o)
	if err != nil {
		return 0, err
	}
	return ID(r.Job.ID), nil
}

func (c *client[T]) insertTx(ctx context.Context, tx *sqldb.Tx, a Args, o *river.InsertOpts) (id ID, err error) {
	err = c.lend(tx, func(t T) error {
		r, err := c.InsertTx(ctx, t, a, o)
		if err == nil {
			id = ID(r.Job.ID)
		}
		return err
	})
	return id, err
}

func (c *client[T]) get(ctx context.Context, id ID) (*rivertype.JobRow, error) {
	return c.JobGet(ctx, int64(id))
}

func (c *client[T]) list(ctx context.Context, p *river.JobListParams) ([]*rivertype.JobRow, error) {
	r, err := c.JobList(ctx, p)
	if err != nil {
		return nil, err
	}
	return r.Jobs, nil
}

func (c *client[T]) start(ctx context.Context) error  { return c.Start(ctx) }
func (c *client[T]) stop(ctx context.Context) error   { return c.Stop(ctx) }
func (c *client[T]) cancel(ctx context.Context) error { return c.StopAndCancel(ctx) }
