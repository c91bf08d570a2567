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

// Versions gives the version of the tables, and that which the program wants.
func (d *DB) Versions(ctx context.Context, files fs.FS, versions string) (now, want int64, err error) {
	p, err := d.provider(ctx, files, versions)
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
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
		if _, err := d.Write.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{d.Schema}.Sanitize()); err != nil {
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
