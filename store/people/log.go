package people

import (
	"context"

	"dvala/desk/access"
)

// AddLog adds an entry to the access log, after the last one. The row that holds
// its hash is updated first, so that who writes the next waits for this one.
func (r rows) AddLog(ctx context.Context, e access.LogEntry) error {
	var before string
	err := r.q.QueryRowContext(ctx, "UPDATE access_head SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash").Scan(&e.Seq, &before)
	if err != nil {
		return err
	}
	if e.Hash, err = access.Chain(before, e); err != nil {
		return err
	}
	if _, err := r.q.ExecContext(ctx, "UPDATE access_head SET hash = $1 WHERE one = 1", e.Hash); err != nil {
		return err
	}
	_, err = r.q.ExecContext(ctx, "INSERT INTO access_log (seq, at, actor, session, origin, what, account, detail, hash) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", e.Seq, micro(e.At), e.Actor, e.Session, e.From, e.What, e.Account, e.Detail, e.Hash)
	return err
}

// LogHead gives the number of the last entry, and its hash, as they are kept
// beside the log.
func (r rows) LogHead(ctx context.Context) (n int64, hash string, err error) {
	err = r.q.QueryRowContext(ctx, "SELECT seq, hash FROM access_head WHERE one = 1").Scan(&n, &hash)
	return n, hash, err
}

// LogEntries gives n of them, from the number given.
func (r rows) LogEntries(ctx context.Context, from, n int64) ([]access.LogEntry, error) {
	rs, err := r.q.QueryContext(ctx, "SELECT seq, at, actor, session, origin, what, account, detail, hash FROM access_log WHERE seq >= $1 ORDER BY seq LIMIT $2", from, n)
	return all(rs, err, func(x interface{ Scan(...any) error }) (access.LogEntry, error) {
		var e access.LogEntry
		var at int64
		err := x.Scan(&e.Seq, &at, &e.Actor, &e.Session, &e.From, &e.What, &e.Account, &e.Detail, &e.Hash)
		e.At = moment(at)
		return e, err
	})
}
