// Package people keeps what is known of people beside the trial: accounts,
// sessions, links, passkeys, limits and the access log; what could not be filed;
// and, encrypted, names and addresses. In a directory,
//
//	DIR/people.db  all of that; trial.db holds none of it
//	DIR/keys.db    each person's key, wrapped under the office's: a backup leaves
//	               it out, so that a key destroyed is destroyed in backups too
//
// and in PostgreSQL two schemas of each trial, people_of_TRIAL and
// people_keys_of_TRIAL.
//
// The same SQL runs on both, with $1 for a parameter, and the same migrations:
// columns are text and whole numbers, and times are microseconds since 1970.
package people

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql keys/*.sql
var migrations embed.FS

// Store is what is known of people. It is safe for concurrent use.
type Store struct {
	rows
	write   *sql.DB
	read    *sql.DB
	keys    *sql.DB // of the persons' keys; nil where they are not here to look at
	dialect goose.Dialect
	dir     string // SQLite's
}

// Open opens, or makes, the store in a directory.
func Open(ctx context.Context, dir string) (*Store, error) {
	write, read, err := openFile(filepath.Join(dir, "people.db"), "journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	s := &Store{rows: rows{read}, write: write, read: read, dialect: goose.DialectSQLite3, dir: dir}
	if s.keys, err = openKeys(dir); err == nil {
		err = s.Whole(ctx, false)
	}
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, unopened(filepath.Join(dir, "people.db"), errors.Join(err, s.Close()))
	}
	return s, nil
}

// openKeys gives the one connection to the file of keys.
func openKeys(dir string) (*sql.DB, error) {
	path := filepath.Join(dir, "keys.db")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // before SQLite makes it for all to read
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	keys, read, err := openFile(path, "journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	return keys, read.Close()
}

// OpenPostgres makes a store of PostgreSQL: its connections find the tables in a
// schema of their own, and those for keys in another, which backups leave out.
// It closes both with itself.
func OpenPostgres(ctx context.Context, db, keys *sql.DB) (*Store, error) {
	s := &Store{rows: rows{db}, write: db, read: db, keys: keys, dialect: goose.DialectPostgres}
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) dialectIsPostgres() bool { return s.dialect == goose.DialectPostgres }

// openFile gives the connection that writes to an SQLite file, and those that
// read.
func openFile(path, journal string) (write, read *sql.DB, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	name := "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=" + journal
	if write, err = sql.Open("sqlite", name+"&_txlock=immediate&_pragma=synchronous(FULL)"); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if read, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(4)
	return write, read, nil
}

func (s *Store) migrate(ctx context.Context) error {
	for name, db := range map[string]*sql.DB{"migrations": s.write, "keys": s.keys} {
		dir, err := fs.Sub(migrations, name)
		if err != nil {
			return err
		}
		var options []goose.ProviderOption
		if s.dialectIsPostgres() { // of several servers that begin at once, one makes the tables
			alone, err := lock.NewPostgresSessionLocker()
			if err != nil {
				return err
			}
			options = append(options, goose.WithSessionLocker(alone))
		}
		p, err := goose.NewProvider(s.dialect, db, dir, options...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err = p.Up(ctx); err != nil {
			return fmt.Errorf("people: %w", err)
		}
	}
	return nil
}

// Close lets go of the database.
func (s *Store) Close() error {
	var errs []error
	if s.keys != nil {
		errs = append(errs, s.keys.Close())
	}
	if s.read != s.write {
		errs = append(errs, s.read.Close()) // first: the writer, closing last, folds its log into the file
	}
	return errors.Join(append(errs, s.write.Close())...)
}

// tries is how often a transaction that met another is run again.
const tries = 20

// inTx runs a function in a transaction, again where two met.
func (s *Store) inTx(ctx context.Context, do func(rows) error) error {
	var err error
	for range tries {
		if err = s.once(ctx, do); err == nil || !met(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return err
}

func (s *Store) once(ctx context.Context, do func(rows) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(rows{tx}); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// met says whether a transaction failed because of another one at the same time.
func met(err error) bool {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState() == "40001" || coded.SQLState() == "40P01"
	}
	return strings.Contains(err.Error(), "SQLITE_BUSY")
}

// querier is a database or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// rows are the tables, seen through one of them.
type rows struct{ q querier }

// micro and moment are how times are stored.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// changed says whether a statement changed a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// one makes of no row a false.
func one[T any](v T, err error) (T, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, false, nil
	}
	return v, err == nil, err
}

// all reads every row.
func all[T any](rs *sql.Rows, err error, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var out []T
	for rs.Next() {
		v, err := scan(rs)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rs.Err()
}
