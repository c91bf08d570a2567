package people

import (
	"context"
	"time"

	"dvala/desk/access"
)

// BeginOnce claims a key, in the one statement that only one of two can win: one
// that nobody had, or the same request's that was begun before a moment and never
// came to its end.
func (r rows) BeginOnce(ctx context.Context, o access.Once, stale time.Time) (bool, error) {
	return changed(r.q.ExecContext(ctx, "INSERT INTO asked_once (account, key, operation, digest, at, status, answer, sealed) VALUES ($1, $2, $3, $4, $5, 0, '', 0) "+
		"ON CONFLICT (account, key) DO UPDATE SET at = excluded.at WHERE asked_once.status = 0 AND asked_once.at < $6 "+
		"AND asked_once.operation = excluded.operation AND asked_once.digest = excluded.digest",
		o.Account, o.Key, o.Operation, o.Digest, micro(o.At), micro(stale)))
}

// OnceOf gives what there is under a key.
func (r rows) OnceOf(ctx context.Context, account, key string) (access.Once, bool, error) {
	o := access.Once{Account: account, Key: key}
	var at, sealed int64
	err := r.q.QueryRowContext(ctx, "SELECT operation, digest, at, status, answer, sealed FROM asked_once WHERE account = $1 AND key = $2", account, key).
		Scan(&o.Operation, &o.Digest, &at, &o.Status, &o.Answer, &sealed)
	o.At, o.Sealed = moment(at), sealed != 0
	return one(o, err)
}

// EndOnce keeps the answer, or with no status forgets that it was asked.
func (r rows) EndOnce(ctx context.Context, o access.Once) error {
	if o.Status == 0 {
		_, err := r.q.ExecContext(ctx, "DELETE FROM asked_once WHERE account = $1 AND key = $2 AND status = 0", o.Account, o.Key)
		return err
	}
	sealed := 0
	if o.Sealed {
		sealed = 1
	}
	_, err := r.q.ExecContext(ctx, "UPDATE asked_once SET status = $3, answer = $4, sealed = $5 WHERE account = $1 AND key = $2 AND status = 0",
		o.Account, o.Key, o.Status, o.Answer, sealed)
	return err
}
