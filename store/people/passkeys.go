package people

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dvala/desk/access"
)

const passkeyColumns = "SELECT id, account, label, added, used, record FROM passkeys "

func scanPasskey(r interface{ Scan(...any) error }) (access.Passkey, error) {
	var p access.Passkey
	var added, used int64
	var record string
	err := r.Scan(&p.ID, &p.Account, &p.Label, &added, &used, &record)
	p.Added, p.Used, p.Record = moment(added), moment(used), []byte(record)
	return p, err
}

// Passkeys gives an account's, the oldest first.
func (r rows) Passkeys(ctx context.Context, account string) ([]access.Passkey, error) {
	rs, err := r.q.QueryContext(ctx, passkeyColumns+"WHERE account = $1 ORDER BY added, id", account)
	return all(rs, err, scanPasskey)
}

// Passkey gives one by the ID of its credential.
func (r rows) Passkey(ctx context.Context, id string) (access.Passkey, bool, error) {
	return one(scanPasskey(r.q.QueryRowContext(ctx, passkeyColumns+"WHERE id = $1", id)))
}

// PutPasskey adds one, or replaces its record after use.
func (r rows) PutPasskey(ctx context.Context, p access.Passkey) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO passkeys (id, account, label, added, used, record) VALUES ($1, $2, $3, $4, $5, $6) "+
		"ON CONFLICT (id) DO UPDATE SET used = excluded.used, record = excluded.record",
		p.ID, p.Account, p.Label, micro(p.Added), micro(p.Used), string(p.Record))
	return err
}

// DropPasskey removes one of an account's.
func (r rows) DropPasskey(ctx context.Context, account, id string) (bool, error) {
	return changed(r.q.ExecContext(ctx, "DELETE FROM passkeys WHERE account = $1 AND id = $2", account, id))
}

// PutCeremony keeps the first half of one.
func (r rows) PutCeremony(ctx context.Context, hash string, data []byte, expires time.Time) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO ceremonies (hash, data, expires) VALUES ($1, $2, $3)", hash, string(data), micro(expires))
	return err
}

// TakeCeremony gives it, once.
func (r rows) TakeCeremony(ctx context.Context, hash string, now time.Time) ([]byte, bool, error) {
	var data string
	err := r.q.QueryRowContext(ctx, "DELETE FROM ceremonies WHERE hash = $1 AND expires > $2 RETURNING data", hash, micro(now)).Scan(&data)
	return one([]byte(data), err)
}

// Take takes from a bucket. The bucket is kept as the moment when it is full
// again; taking one moves that on by what one costs, and it is empty when that
// lies further ahead than all it holds (the generic cell rate algorithm). It is
// one statement, so that two servers cannot both take the last.
func (r rows) Take(ctx context.Context, name string, now time.Time, b access.Bucket) (time.Duration, error) {
	every, at := b.Every.Microseconds(), micro(now)
	var due int64
	err := r.q.QueryRowContext(ctx, "INSERT INTO buckets (name, due) VALUES ($1, $2) "+
		"ON CONFLICT (name) DO UPDATE SET due = CASE WHEN buckets.due < $3 THEN $2 ELSE buckets.due + $4 END "+
		"WHERE buckets.due <= $5 RETURNING due", name, at+every, at, every, at+every*int64(b.Burst-1)).Scan(&due)
	if err == nil {
		return 0, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if err := r.q.QueryRowContext(ctx, "SELECT due FROM buckets WHERE name = $1", name).Scan(&due); err != nil {
		return 0, err
	}
	return time.Duration(due-at-every*int64(b.Burst-1)) * time.Microsecond, nil
}

// Failures gives how often in a row something failed, and until when it waits.
func (r rows) Failures(ctx context.Context, name string) (int, time.Time, error) {
	var n int
	var until int64
	err := r.q.QueryRowContext(ctx, "SELECT n, locked_until FROM failures WHERE name = $1", name).Scan(&n, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	return n, moment(until), err
}

// Fail counts one.
func (r rows) Fail(ctx context.Context, name string, now time.Time, until func(int) time.Time) error {
	var n int
	err := r.q.QueryRowContext(ctx, "INSERT INTO failures (name, n, at, locked_until) VALUES ($1, 1, $2, 0) "+
		"ON CONFLICT (name) DO UPDATE SET n = failures.n + 1, at = $2 RETURNING n", name, micro(now)).Scan(&n)
	if err != nil {
		return err
	}
	_, err = r.q.ExecContext(ctx, "UPDATE failures SET locked_until = $2 WHERE name = $1", name, micro(until(n)))
	return err
}

// Clear forgets them.
func (r rows) Clear(ctx context.Context, name string) error {
	_, err := r.q.ExecContext(ctx, "DELETE FROM failures WHERE name = $1", name)
	return err
}

// Sweep removes what ran out before a moment.
func (r rows) Sweep(ctx context.Context, before time.Time) error {
	for _, q := range []string{
		"DELETE FROM ceremonies WHERE expires < $1", "DELETE FROM links WHERE expires < $1",
		"DELETE FROM buckets WHERE due < $1", "DELETE FROM failures WHERE at < $1",
		"DELETE FROM sessions WHERE ended <> 0 AND ended < $1", "DELETE FROM arrivals WHERE taken = 0 AND at < $1",
		"DELETE FROM quotas WHERE at < $1", "DELETE FROM asked_once WHERE at < $1",
	} {
		if _, err := r.q.ExecContext(ctx, q, micro(before)); err != nil {
			return err
		}
	}
	return nil
}
