package people

import (
	"context"
	"time"

	"dvala/study"
)

// Ring is what a person allowed at her ring's vendor, sealed under her key.
type Ring struct {
	Subject study.Subject
	Sealed  string
	Since   time.Time // when she connected it
	Fetched time.Time // when nights were last fetched; zero: not yet
	Ended   time.Time // when the vendor refused what she had allowed; zero: it holds
}

const ringColumns = "SELECT subject, sealed, since, fetched, ended FROM rings "

func scanRing(r interface{ Scan(...any) error }) (Ring, error) {
	var out Ring
	var who string
	var since, fetched, ended int64
	err := r.Scan(&who, &out.Sealed, &since, &fetched, &ended)
	out.Subject, out.Since, out.Fetched, out.Ended = study.Subject(who), moment(since), moment(fetched), moment(ended)
	return out, err
}

// Ring gives a person's ring, if she connected one.
func (s *Store) Ring(ctx context.Context, who study.Subject) (Ring, bool, error) {
	return one(scanRing(s.read.QueryRowContext(ctx, ringColumns+"WHERE subject = $1", string(who))))
}

// Rings gives all that are connected.
func (s *Store) Rings(ctx context.Context) ([]Ring, error) {
	rs, err := s.read.QueryContext(ctx, ringColumns+"ORDER BY subject")
	return all(rs, err, scanRing)
}

// PutRing keeps a ring, in place of what was kept of that person's.
func (s *Store) PutRing(ctx context.Context, r Ring) error {
	_, err := s.write.ExecContext(ctx, "INSERT INTO rings (subject, sealed, since, fetched, ended) VALUES ($1, $2, $3, $4, $5) "+
		"ON CONFLICT (subject) DO UPDATE SET sealed = excluded.sealed, since = excluded.since, fetched = excluded.fetched, ended = excluded.ended",
		string(r.Subject), r.Sealed, micro(r.Since), micro(r.Fetched), micro(r.Ended))
	return err
}

// DropRing forgets a person's.
func (s *Store) DropRing(ctx context.Context, who study.Subject) error {
	_, err := s.write.ExecContext(ctx, "DELETE FROM rings WHERE subject = $1", string(who))
	return err
}
