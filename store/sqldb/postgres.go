package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"dvala/fault"
)

// OpenPostgres opens a trial's schema in a PostgreSQL database. The schema need
// not be there yet: Migrate makes it.
func OpenPostgres(ctx context.Context, url, schema string) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The lower error may quote the password.
		return nil, fault.New("store-url", "database", "is not a PostgreSQL address").
			WithHint("write postgres://user:password@host:5432/database, or postgres:///database?host=/var/run/postgresql")
	}
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	c.RuntimeParams["search_path"] = pgx.Identifier{schema}.Sanitize()
	c.RuntimeParams["timezone"] = "UTC"
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "dvala"
	}
	// A server that stops in the middle of a transaction must not hold the
	// trial's lock for ever.
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "30s"
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = 16
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault.Wrap("store-database", place(config), err)
	}
	d := &DB{Dialect: Postgres, Pool: pool, Schema: schema, Write: stdlib.OpenDBFromPool(pool)}
	d.Read = d.Write
	if err := d.assertDurable(ctx); err != nil {
		_ = d.Write.Close()
		pool.Close()
		return nil, Gone(place(config), err)
	}
	return d, nil
}

// place names a database without the password.
func place(c *pgxpool.Config) string {
	return fmt.Sprintf("%s@%s:%d/%s", c.ConnConfig.User, c.ConnConfig.Host, c.ConnConfig.Port, c.ConnConfig.Database)
}

// Gone says of an error that the database cannot be reached, unless it says
// something better by itself.
func Gone(where string, err error) error {
	if err == nil || fault.CodeOf(err) != "" {
		return err
	}
	return fault.Wrap("store-database", where, err).WithHint("is the database running, and does it let this user in? It is asked again by itself")
}

// assertDurable asks the server whether a commit is on disk before it returns.
func (d *DB) assertDurable(ctx context.Context) error {
	for name, bad := range map[string][]string{"fsync": {"off"}, "synchronous_commit": {"off"}, "full_page_writes": {"off"}} {
		got, err := d.setting(ctx, name)
		if err != nil {
			return err
		}
		for _, b := range bad {
			if got == b {
				return fault.New("store-pragma", name, "the database says %s, and would lose what it acknowledged when the power fails", got).
					WithHint("set it to on in postgresql.conf, and for this user and database")
			}
		}
	}
	return nil
}

// setting gives a setting of the server; empty where a server that only speaks
// PostgreSQL's language does not know it.
func (d *DB) setting(ctx context.Context, name string) (string, error) {
	var got sql.NullString
	err := d.Read.QueryRowContext(ctx, "SELECT current_setting($1, true)", name).Scan(&got)
	return got.String, err
}

// Pgx gives the transaction as the driver of PostgreSQL knows it, for rooms
// that speak to that driver: what they write is committed with the rest. The
// function must not end it.
func (t *Tx) Pgx(use func(pgx.Tx) error) error {
	return t.conn.Raw(func(c any) error {
		conn, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T is no connection to PostgreSQL", c)
		}
		return use(lent{conn.Conn()})
	})
}

// lent is a connection within a transaction that somebody else ends.
type lent struct{ conn }

type conn = *pgx.Conn

func (l lent) Begin(context.Context) (pgx.Tx, error) {
	return nil, errors.New("a lent transaction begins no other")
}
func (l lent) Commit(context.Context) error   { return nil }
func (l lent) Rollback(context.Context) error { return nil }
func (l lent) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }
func (l lent) Conn() *pgx.Conn                { return l.conn }
