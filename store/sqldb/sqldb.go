package sqldb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Dialect is which database it is.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. It is born of OpenSQLite, ReadSQLite or OpenPostgres.
type DB struct {
	Dialect Dialect
	// Read answers questions; it cannot write.
	Read *sql.DB
	// Write is for Begin and for rooms that keep tables of their own. On SQLite
	// it is one connection: a question on it while its rows are open waits for
	// ever. Nil where the database was opened to read only.
	Write *sql.DB

	Schema string        // PostgreSQL's; empty of SQLite
	Pool   *pgxpool.Pool // PostgreSQL's; nil of SQLite
	Path   string        // SQLite's file
}

// Close closes it, readers first: the writer of SQLite, closing last, folds the
// log into the database.
func (d *DB) Close() error {
	var errs []error
	if d.Read != nil {
		errs = append(errs, d.Read.Close())
	}
	if d.Write != nil {
		errs = append(errs, d.Write.Close())
	}
	if d.Pool != nil {
		d.Pool.Close()
	}
	return errors.Join(errs...)
}

// Tx is a transaction that writes.
type Tx struct {
	*sql.Tx
	conn    *sql.Conn
	dialect Dialect
}

// Begin begins a transaction that writes. On SQLite it holds the one writer
// from here on; on PostgreSQL whoever must be alone takes a row's lock.
func (d *DB) Begin(ctx context.Context) (*Tx, error) {
	conn, err := d.Write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, closing(conn, err)
	}
	return &Tx{Tx: tx, conn: conn, dialect: d.Dialect}, nil
}

// Commit ends the transaction; without an error it is on disk.
func (t *Tx) Commit() error {
	err := t.Tx.Commit()
	_ = t.conn.Close()
	return err
}

// Rollback undoes it; after a commit it does nothing.
func (t *Tx) Rollback() error {
	err := t.Tx.Rollback()
	_ = t.conn.Close()
	return err
}

// Dialect says of which database the transaction is.
func (t *Tx) Dialect() Dialect { return t.dialect }

// closing closes what was opened on the way to an error, and gives the error.
func closing(c interface{ Close() error }, err error) error {
	_ = c.Close()
	return err
}
