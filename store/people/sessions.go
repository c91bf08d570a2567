package people

import (
	"context"
	"time"

	"dvala/desk/access"
	"dvala/study"
)

const sessionColumns = "SELECT hash, id, account, role, site, method, label, origin, started, seen, ended, strong, proof, spent, signed FROM sessions "

func scanSession(r interface{ Scan(...any) error }) (access.Session, error) {
	var s access.Session
	var role string
	var started, seen, ended, strong, spent int64
	err := r.Scan(&s.Hash, &s.ID, &s.Account, &role, &s.Site, &s.Method, &s.Label, &s.From, &started, &seen, &ended, &strong, &s.Proof, &spent, &s.Signed)
	s.Role, s.Started, s.Seen, s.Ended, s.Strong, s.Spent = study.Role(role), moment(started), moment(seen), moment(ended), moment(strong), moment(spent)
	return s, err
}

// Session gives one by the hash of its token.
func (r rows) Session(ctx context.Context, hash string) (access.Session, bool, error) {
	return one(scanSession(r.q.QueryRowContext(ctx, sessionColumns+"WHERE hash = $1", hash)))
}

// SessionByID gives one by its public number.
func (r rows) SessionByID(ctx context.Context, id string) (access.Session, bool, error) {
	return one(scanSession(r.q.QueryRowContext(ctx, sessionColumns+"WHERE id = $1", id)))
}

// Sessions gives an account's that have not ended, the newest first.
func (r rows) Sessions(ctx context.Context, account string) ([]access.Session, error) {
	rs, err := r.q.QueryContext(ctx, sessionColumns+"WHERE account = $1 AND ended = 0 ORDER BY started DESC, id", account)
	return all(rs, err, scanSession)
}

// PutSession adds one.
func (r rows) PutSession(ctx context.Context, s access.Session) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO sessions (hash, id, account, role, site, method, label, origin, started, seen, ended, strong, proof, spent, signed) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
		s.Hash, s.ID, s.Account, string(s.Role), s.Site, s.Method, s.Label, s.From,
		micro(s.Started), micro(s.Seen), micro(s.Ended), micro(s.Strong), s.Proof, micro(s.Spent), s.Signed)
	return err
}

// Touch writes down that a session was used.
func (r rows) Touch(ctx context.Context, hash string, seen time.Time) error {
	_, err := r.q.ExecContext(ctx, "UPDATE sessions SET seen = $2 WHERE hash = $1 AND seen < $2", hash, micro(seen))
	return err
}

// Prove writes down a proof of who it is.
func (r rows) Prove(ctx context.Context, hash string, strong time.Time, method string) error {
	_, err := r.q.ExecContext(ctx, "UPDATE sessions SET strong = $2, proof = $3 WHERE hash = $1", hash, micro(strong), method)
	return err
}

// Spend uses a proof up for a signature.
func (r rows) Spend(ctx context.Context, hash string, proof time.Time) (bool, error) {
	return changed(r.q.ExecContext(ctx, "UPDATE sessions SET spent = $2, signed = signed + 1 WHERE hash = $1 AND strong = $2 AND spent <> $2", hash, micro(proof)))
}

// EndSession ends one of an account's.
func (r rows) EndSession(ctx context.Context, account, id string, at time.Time) (bool, error) {
	return changed(r.q.ExecContext(ctx, "UPDATE sessions SET ended = $3 WHERE account = $1 AND id = $2 AND ended = 0", account, id, micro(at)))
}

// EndSessions ends all of an account's but one.
func (r rows) EndSessions(ctx context.Context, account, except string, at time.Time) error {
	_, err := r.q.ExecContext(ctx, "UPDATE sessions SET ended = $3 WHERE account = $1 AND id <> $2 AND ended = 0", account, except, micro(at))
	return err
}

const linkColumns = "SELECT hash, code_hash, id, purpose, account, subject, lang, made_by, made, expires, used FROM links "

func scanLink(r interface{ Scan(...any) error }) (access.Link, error) {
	var l access.Link
	var purpose string
	var made, expires, used int64
	err := r.Scan(&l.Hash, &l.CodeHash, &l.ID, &purpose, &l.Account, &l.Subject, &l.Lang, &l.By, &made, &expires, &used)
	l.Purpose, l.Made, l.Expires, l.Used = access.Purpose(purpose), moment(made), moment(expires), moment(used)
	return l, err
}

// Link gives one by the hash of its token or code.
func (r rows) Link(ctx context.Context, hash string) (access.Link, bool, error) {
	return one(scanLink(r.q.QueryRowContext(ctx, linkColumns+"WHERE hash = $1 OR code_hash = $1", hash)))
}

// PutLink adds one.
func (r rows) PutLink(ctx context.Context, l access.Link) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO links (hash, code_hash, id, purpose, account, subject, lang, made_by, made, expires, used) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
		l.Hash, l.CodeHash, l.ID, string(l.Purpose), l.Account, string(l.Subject), l.Lang, l.By, micro(l.Made), micro(l.Expires))
	return err
}

// TakeLink uses one up, in the one statement that only one of two can win.
func (r rows) TakeLink(ctx context.Context, hash string, now time.Time) (access.Link, bool, error) {
	ok, err := changed(r.q.ExecContext(ctx, "UPDATE links SET used = $2 WHERE (hash = $1 OR code_hash = $1) AND used = 0 AND expires > $2", hash, micro(now)))
	if err != nil || !ok {
		return access.Link{}, false, err
	}
	return r.Link(ctx, hash)
}

// VoidLinks uses up those of an account that are for the same.
func (r rows) VoidLinks(ctx context.Context, account string, p access.Purpose, now time.Time) error {
	_, err := r.q.ExecContext(ctx, "UPDATE links SET used = $3 WHERE account = $1 AND purpose = $2 AND used = 0", account, string(p), micro(now))
	return err
}

// LastSeen gives when a person was last in touch from any device of hers, whether
// she is signed in there still or not; zero: never.
func (s *Store) LastSeen(ctx context.Context, who study.Subject) (time.Time, error) {
	var at int64
	err := s.rows.q.QueryRowContext(ctx, "SELECT COALESCE(MAX(s.seen), 0) FROM sessions s JOIN accounts a ON a.id = s.account WHERE a.subject = $1", string(who)).Scan(&at)
	return moment(at), err
}

// LastSeenBefore gives when people were last in touch, of those who were and have
// not been since some moment.
func (s *Store) LastSeenBefore(ctx context.Context, since time.Time) (map[study.Subject]time.Time, error) {
	rs, err := s.rows.q.QueryContext(ctx, "SELECT a.subject, MAX(s.seen) FROM sessions s JOIN accounts a ON a.id = s.account WHERE a.subject <> '' "+
		"GROUP BY a.subject HAVING MAX(s.seen) < $1 AND MAX(s.seen) > 0", micro(since))
	type last struct {
		who study.Subject
		at  time.Time
	}
	list, err := all(rs, err, func(r interface{ Scan(...any) error }) (x last, err error) {
		var who string
		var at int64
		err = r.Scan(&who, &at)
		return last{study.Subject(who), moment(at)}, err
	})
	out := make(map[study.Subject]time.Time, len(list))
	for _, x := range list {
		out[x.who] = x.at
	}
	return out, err
}
