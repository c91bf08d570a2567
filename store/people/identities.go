package people

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dvala/study"
)

// PersonKey gives a person's wrapped key.
func (s *Store) PersonKey(ctx context.Context, who study.Subject) (string, bool, error) {
	return keyRow(ctx, s.keys, who)
}

func keyRow(ctx context.Context, q querier, who study.Subject) (string, bool, error) {
	var wrapped string
	var destroyed int64
	err := q.QueryRowContext(ctx, "SELECT wrapped, destroyed FROM person_keys WHERE subject = $1", string(who)).Scan(&wrapped, &destroyed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return wrapped, destroyed != 0, err
}

// AddPersonKey keeps a fresh one, if there is or was none.
func (s *Store) AddPersonKey(ctx context.Context, who study.Subject, wrapped string, at time.Time) (string, bool, error) {
	_, err := s.keys.ExecContext(ctx, "INSERT INTO person_keys (subject, wrapped, made, destroyed) VALUES ($1, $2, $3, 0) ON CONFLICT (subject) DO NOTHING",
		string(who), wrapped, micro(at))
	if err != nil {
		return "", false, err
	}
	return keyRow(ctx, s.keys, who)
}

// DestroyPersonKey overwrites the key, in the table and in the file. SQLite
// zeroes what a row held (secure_delete); what its log still has of it is folded
// in and cut off, and the file is written anew.
func (s *Store) DestroyPersonKey(ctx context.Context, who study.Subject, at time.Time) error {
	_, err := s.keys.ExecContext(ctx, "INSERT INTO person_keys (subject, wrapped, made, destroyed) VALUES ($1, '', $2, $2) "+
		"ON CONFLICT (subject) DO UPDATE SET wrapped = '', destroyed = CASE WHEN person_keys.destroyed = 0 THEN excluded.destroyed ELSE person_keys.destroyed END",
		string(who), micro(at))
	if err != nil {
		return err
	}
	if s.dialectIsPostgres() {
		_, err = s.keys.ExecContext(ctx, "VACUUM FULL person_keys")
		return err
	}
	for _, q := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := s.keys.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// SealedRecord gives what is kept of who somebody is, as it was sealed.
func (s *Store) SealedRecord(ctx context.Context, who study.Subject) (string, bool, error) {
	var sealed string
	err := s.read.QueryRowContext(ctx, "SELECT sealed FROM identities WHERE subject = $1", string(who)).Scan(&sealed)
	return one(sealed, err)
}

// ReplaceSealedRecord keeps a record in place of the one that it was, and what is
// to be kept of that one beside it.
func (s *Store) ReplaceSealedRecord(ctx context.Context, who study.Subject, was, sealed, former string, at time.Time) (bool, error) {
	done := false
	err := s.inTx(ctx, func(r rows) (err error) {
		if was == "" {
			done, err = changed(r.q.ExecContext(ctx, "INSERT INTO identities (subject, sealed, changed) VALUES ($1, $2, $3) ON CONFLICT (subject) DO NOTHING",
				string(who), sealed, micro(at)))
		} else {
			done, err = changed(r.q.ExecContext(ctx, "UPDATE identities SET sealed = $3, changed = $4 WHERE subject = $1 AND sealed = $2",
				string(who), was, sealed, micro(at)))
		}
		if err != nil || !done {
			return err
		}
		_, err = r.q.ExecContext(ctx, "INSERT INTO identity_changes (subject, n, sealed, at) "+
			"SELECT $1, coalesce(max(n), 0) + 1, $2, CAST($3 AS BIGINT) FROM identity_changes WHERE subject = $1", string(who), former, micro(at))
		return err
	})
	return done && err == nil, err
}

// FormerRecords gives what was kept of the records before, the oldest first.
func (s *Store) FormerRecords(ctx context.Context, who study.Subject) ([]string, error) {
	rs, err := s.read.QueryContext(ctx, "SELECT sealed FROM identity_changes WHERE subject = $1 ORDER BY n", string(who))
	return all(rs, err, func(x interface{ Scan(...any) error }) (sealed string, err error) {
		err = x.Scan(&sealed)
		return sealed, err
	})
}

// DropSealedRecord removes the record, and what was kept of those before.
func (s *Store) DropSealedRecord(ctx context.Context, who study.Subject) error {
	return s.inTx(ctx, func(r rows) error {
		if _, err := r.q.ExecContext(ctx, "DELETE FROM identity_changes WHERE subject = $1", string(who)); err != nil {
			return err
		}
		_, err := r.q.ExecContext(ctx, "DELETE FROM identities WHERE subject = $1", string(who))
		return err
	})
}

// PersonFile gives the stored form of a person's file that came before, by its
// mark.
func (s *Store) PersonFile(ctx context.Context, who study.Subject, mark string) (study.File, bool, error) {
	var f study.File
	err := s.read.QueryRowContext(ctx, "SELECT sha256, bytes, name FROM person_files WHERE subject = $1 AND mark = $2", string(who), mark).
		Scan(&f.SHA256, &f.Bytes, &f.Name)
	return one(f, err)
}

// HasPersonFile says whether a stored file is one of a person's.
func (s *Store) HasPersonFile(ctx context.Context, who study.Subject, sha256 string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM person_files WHERE subject = $1 AND sha256 = $2", string(who), sha256).Scan(&n)
	return n > 0, err
}

// PutPersonFile remembers one.
func (s *Store) PutPersonFile(ctx context.Context, who study.Subject, mark string, f study.File) error {
	_, err := s.write.ExecContext(ctx, "INSERT INTO person_files (subject, mark, sha256, bytes, name) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject, mark) DO NOTHING",
		string(who), mark, f.SHA256, f.Bytes, f.Name)
	return err
}
