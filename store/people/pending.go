package people

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/study"
)

const heldColumns = "SELECT id, came, account, subject, key, body, fault, settled, by_whom, outcome, reason FROM pending "

func scanHeld(r interface{ Scan(...any) error }) (desk.Held, error) {
	var h desk.Held
	var came, settled int64
	var subject string
	err := r.Scan(&h.ID, &came, &h.Account, &subject, &h.Key, &h.Body, &h.Fault, &settled, &h.By, &h.Outcome, &h.Reason)
	h.Subject, h.Came, h.Settled = study.Subject(subject), moment(came), moment(settled)
	return h, err
}

// Hold keeps what could not be filed. The same from the same account is kept
// once.
func (s *Store) Hold(ctx context.Context, h desk.Held) (desk.Held, error) {
	err := s.inTx(ctx, func(r rows) error {
		if s.dialectIsPostgres() { // two at once would take the same number
			if _, err := r.q.ExecContext(ctx, "LOCK TABLE pending IN SHARE ROW EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		_, err := r.q.ExecContext(ctx, "INSERT INTO pending (id, came, account, subject, key, body, fault, settled, by_whom, outcome, reason) "+
			"VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM pending), $1, $2, $3, $4, $5, $6, 0, '', '', '') ON CONFLICT (account, key, body) DO NOTHING",
			micro(h.Came), h.Account, string(h.Subject), h.Key, h.Body, h.Fault)
		if err != nil {
			return err
		}
		h, err = scanHeld(r.q.QueryRowContext(ctx, heldColumns+"WHERE account = $1 AND key = $2 AND body = $3", h.Account, h.Key, h.Body))
		return err
	})
	return h, err
}

// HeldOne gives one by its number.
func (s *Store) HeldOne(ctx context.Context, id int64) (desk.Held, bool, error) {
	return one(scanHeld(s.read.QueryRowContext(ctx, heldColumns+"WHERE id = $1", id)))
}

// HeldAll gives all that are settled, or all that are not.
func (s *Store) HeldAll(ctx context.Context, settled bool) ([]desk.Held, error) {
	where := "WHERE settled = 0 ORDER BY id"
	if settled {
		where = "WHERE settled <> 0 ORDER BY id"
	}
	rs, err := s.read.QueryContext(ctx, heldColumns+where)
	return all(rs, err, scanHeld)
}

// Settle says what became of one.
func (s *Store) Settle(ctx context.Context, id int64, by, outcome, reason string, at time.Time) (bool, error) {
	return changed(s.write.ExecContext(ctx, "UPDATE pending SET settled = $2, by_whom = $3, outcome = $4, reason = $5 WHERE id = $1 AND settled = 0",
		id, micro(at), by, outcome, reason))
}

var (
	_ desk.Pending     = (*Store)(nil)
	_ desk.PersonFiles = (*Store)(nil)
)
