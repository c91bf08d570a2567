package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"dvala/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// dsn names a database with what every connection to it must have.
func dsn(path, more string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Path: filepath.ToSlash(abs)}
	return "file:" + u.EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&" + more, nil
}

// openWriter gives the one connection that writes. Transactions begin
// immediate: a deferred one that turns to writing half-way fails when another
// writer was quicker, and no waiting helps it.
func openWriter(path string) (*sql.DB, error) {
	name, err := dsn(path, "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := assertPragmas(db, map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}); err != nil {
		return nil, closing(db, err)
	}
	return db, nil
}

// openReader gives connections that cannot write.
func openReader(path string) (*sql.DB, error) {
	name, err := dsn(path, "mode=ro&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	if err := assertPragmas(db, map[string]string{"journal_mode": "wal", "query_only": "1"}); err != nil {
		return nil, closing(db, err)
	}
	return db, nil
}

// assertPragmas asks the database what it does, rather than trusting that it
// took what it was told: with synchronous at NORMAL all would seem well until
// the power fails.
func assertPragmas(db *sql.DB, want map[string]string) error {
	for name, value := range want {
		var got string
		if err := db.QueryRow("PRAGMA " + name).Scan(&got); err != nil {
			return err
		}
		if got != value {
			return fault.New("store-pragma", name, "the database says %s and has to say %s", got, value).
				WithHint("the file system may not support it; put the trial on a local disk")
		}
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	_, err = p.Up(ctx)
	return err
}

// closing closes what was opened on the way to an error, and gives the error.
func closing(c interface{ Close() error }, err error) error {
	_ = c.Close()
	return err
}
