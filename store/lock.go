package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/store/sqldb"
)

// writerLock is held as long as a process writes to a directory. It is an open
// exclusive transaction on a small database of its own: the same on every
// system that SQLite locks files on, and gone with the process, however it ends.
type writerLock struct {
	db   *sql.DB
	conn *sql.Conn
}

func lockDirectory(ctx context.Context, dir string) (*writerLock, error) {
	name, err := sqldb.DSN(filepath.Join(dir, "writer.lock"), "_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", strings.Replace(name, "_pragma=busy_timeout(5000)&", "", 1))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err != nil {
		p := fault.New("store-locked", dir, "another process writes to this trial").
			WithHint("stop the other dvala that has the directory open; reading beside it is possible")
		p.Cause = err
		return nil, closing(db, p)
	}
	return &writerLock{db: db, conn: conn}, nil
}

func (l *writerLock) release() error {
	_ = l.conn.Close()
	return l.db.Close()
}
