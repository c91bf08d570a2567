package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"dvala/fault"
)

// Migrate brings tables to the version of the files, which lie in folders named
// by dialect: sqlite, postgres. Of several processes that do so at the same time
// one does it and the others wait. A database of a later version is refused.
// Each room that has tables keeps its versions in a table of its own.
func (d *DB) Migrate(ctx context.Context, files fs.FS, versions string) error {
	p, err := d.provider(ctx, files, versions)
	if err != nil {
		return err
	}
	now, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if now > want {
		return fault.New("store-newer", versions, "the database is of version %d and this program knows it up to %d", now, want).
			WithHint("a later dvala has written to it; use that one, or restore a backup from before the upgrade")
	}
	_, err = p.Up(ctx)
	return err
}

// Version gives the version of the tables, without touching them.
func (d *DB) Version(ctx context.Context, versions string) (int64, error) {
	var n int64
	err := d.Read.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versions).Scan(&n)
	return n, err
}

// Latest gives the version to which the files bring a database.
func Latest(files fs.FS, d Dialect) (int64, error) {
	all, err := fs.Glob(files, string(d)+"/*.sql")
	if err != nil {
		return 0, err
	}
	var last int64
	for _, name := range all {
		n, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		last = max(last, n)
	}
	return last, nil
}

func (d *DB) provider(ctx context.Context, files fs.FS, versions string) (*goose.Provider, error) {
	dir, err := fs.Sub(files, string(d.Dialect))
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithTableName(versions)}
	if d.Dialect == Postgres {
		dialect = goose.DialectPostgres
		if err := d.EnsureSchema(ctx); err != nil {
			return nil, err
		}
		alone, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(alone))
	}
	p, err := goose.NewProvider(dialect, d.Write, dir, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// EnsureSchema makes PostgreSQL's schema if it is not there. Of two processes
// that do so at once one may be told that it is: that is as good.
func (d *DB) EnsureSchema(ctx context.Context) error {
	make := func() error {
		_, err := d.Write.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{d.Schema}.Sanitize())
		return err
	}
	if make() == nil {
		return nil
	}
	return make()
}

// HasTable says whether a table is there.
func (d *DB) HasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1"
	args := []any{name}
	if d.Dialect == Postgres {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = $2 AND tablename = $1"
		args = append(args, d.Schema)
	}
	var got string
	err := d.Read.QueryRowContext(ctx, query, args...).Scan(&got)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Alone does something while no other process does what bears the same name.
func (d *DB) Alone(ctx context.Context, name string, do func() error) error {
	if d.Dialect != Postgres {
		return do() // one process has the file
	}
	conn, err := d.Write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", d.Schema+"/"+name); err != nil {
		return err
	}
	err = do()
	_, free := conn.ExecContext(ctx, "SELECT pg_advisory_unlock(hashtext($1))", d.Schema+"/"+name)
	return errors.Join(err, free)
}
