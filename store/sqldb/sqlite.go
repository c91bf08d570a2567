package sqldb

import (
	"database/sql"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"dvala/fault"
)

// OpenSQLite opens a file to write to and to read.
func OpenSQLite(path string) (*DB, error) {
	w, err := Writer(path)
	if err != nil {
		return nil, err
	}
	return &DB{Dialect: SQLite, Write: w, Path: path}, nil
}

// ReadSQLite opens a file to read only, beside whoever writes.
func ReadSQLite(path string) (*DB, error) {
	d := &DB{Dialect: SQLite, Path: path}
	return d, d.OpenReaders()
}

// OpenReaders opens the connections that cannot write. It comes after
// migrations: a reader needs a file that is there.
func (d *DB) OpenReaders() error {
	if d.Read != nil || d.Dialect != SQLite {
		return nil
	}
	name, err := DSN(d.Path, "mode=ro&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	r, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	r.SetMaxOpenConns(4)
	if err := assertPragmas(r, map[string]string{"journal_mode": "wal", "query_only": "1"}); err != nil {
		return closing(r, err)
	}
	d.Read = r
	return nil
}

// DSN names a file with what every connection to it must have.
func DSN(path, more string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Path: filepath.ToSlash(abs)}
	return "file:" + u.EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&" + more, nil
}

// Writer gives the one connection that writes. Transactions begin immediate: a
// deferred one that turns to writing half-way fails when another writer was
// quicker, and no waiting helps it.
func Writer(path string) (*sql.DB, error) {
	name, err := DSN(path, "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
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
