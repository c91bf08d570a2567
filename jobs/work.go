package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"dvala/fault"
)

// Piece is a piece of work that somebody asked for, and what came of it. It is
// there for as long as the trial is: who took what away, and when.
type Piece struct {
	Job    ID
	Kind   string
	By     string // account
	Key    string // her own, under which it is begun once; empty: none
	Began  time.Time
	Ended  time.Time // zero: not yet
	Failed bool
	Says   string // what it came to, or why it failed
	File   string // the name under which it is fetched
	Bytes  int64
	Kept   string // the name under which it is kept; empty: not, or no more
	// Of one that has not ended:
	Waiting     bool
	Done, Total int
}

// pieceTries is how often a piece of work is begun again whose process ended in
// the midst of it.
const pieceTries = 5

// Begin puts down a piece of work and asks for its job, both or neither. One of
// that kind that has not ended, or that was begun under that key, is given
// instead.
func (q *Queue) Begin(ctx context.Context, p Piece, a Args) (Piece, error) {
	for range 3 {
		if err := q.settle(ctx); err != nil {
			return p, err
		}
		got, ok, err := q.begin(ctx, p, a)
		if err != nil {
			return p, fault.Wrap("job-enqueue", p.Kind, err)
		}
		if ok {
			return got, nil
		}
		there, err := q.pieces(ctx, "WHERE ended = 0 AND kind = $1 OR key = $2 AND key <> '' AND by_whom = $3 ORDER BY ended DESC", p.Kind, p.Key, p.By)
		if err != nil {
			return p, err
		}
		switch {
		case len(there) == 0:
			continue // it has ended since
		case there[0].Kind != p.Kind: // that of the key comes first
			return p, fault.New("key-reused", p.Key, "this key was used for something else").WithHint("every command has a key of its own")
		}
		return there[0], nil
	}
	return p, fault.New("job-enqueue", p.Kind, "it begins and ends all the time").WithHint("try again in a moment")
}

func (q *Queue) begin(ctx context.Context, p Piece, a Args) (Piece, bool, error) {
	tx, err := q.db.Begin(ctx)
	if err != nil {
		return p, false, err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	if p.Job, err = q.engine.insertTx(ctx, tx, a, &river.InsertOpts{MaxAttempts: pieceTries}); err != nil {
		return p, false, err
	}
	r, err := tx.ExecContext(ctx, "INSERT INTO job_work (job, kind, by_whom, began, ended, failed, says, file, bytes, kept, key) "+
		"VALUES ($1, $2, $3, $4, 0, 0, '', '', 0, '', $5) ON CONFLICT DO NOTHING", int64(p.Job), p.Kind, p.By, p.Began.UnixMicro(), p.Key)
	if err != nil {
		return p, false, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return p, false, err
	}
	p.Waiting = true
	return p, true, tx.Commit()
}

// End puts down what came of a piece of work, once.
func (q *Queue) End(ctx context.Context, p Piece) error {
	failed := 0
	if p.Failed {
		failed = 1
	}
	_, err := q.db.Write.ExecContext(ctx, "UPDATE job_work SET ended = $2, failed = $3, says = $4, file = $5, bytes = $6, kept = $7 WHERE job = $1 AND ended = 0",
		int64(p.Job), p.Ended.UnixMicro(), failed, p.Says, p.File, p.Bytes, p.Kept)
	return err
}

// Pieces gives the last n pieces of work, the newest first.
func (q *Queue) Pieces(ctx context.Context, n int) ([]Piece, error) {
	if err := q.settle(ctx); err != nil {
		return nil, err
	}
	return q.pieces(ctx, "ORDER BY job DESC LIMIT $1", n)
}

// Passed gives those whose files were made before a moment and are still kept;
// Gone says of one that its file is not.
func (q *Queue) Passed(ctx context.Context, before time.Time) ([]Piece, error) {
	return q.pieces(ctx, "WHERE kept <> '' AND ended < $1", before.UnixMicro())
}

// Gone says that a piece's file is no more kept.
func (q *Queue) Gone(ctx context.Context, id ID) error {
	_, err := q.db.Write.ExecContext(ctx, "UPDATE job_work SET kept = '' WHERE job = $1", int64(id))
	return err
}

func (q *Queue) pieces(ctx context.Context, where string, args ...any) ([]Piece, error) {
	rows, err := q.db.Read.QueryContext(ctx, "SELECT job, kind, by_whom, began, ended, failed, says, file, bytes, kept, key FROM job_work "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Piece
	for rows.Next() {
		var p Piece
		var began, ended, failed int64
		if err := rows.Scan(&p.Job, &p.Kind, &p.By, &began, &ended, &failed, &p.Says, &p.File, &p.Bytes, &p.Kept, &p.Key); err != nil {
			return nil, err
		}
		p.Began, p.Failed = time.UnixMicro(began).UTC(), failed == 1
		if ended != 0 {
			p.Ended = time.UnixMicro(ended).UTC()
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, errors.Join(rows.Close(), q.standing(ctx, out))
}

// standing says of those that have not ended how they stand.
func (q *Queue) standing(ctx context.Context, all []Piece) error {
	for i := range all {
		p := &all[i]
		if !p.Ended.IsZero() {
			continue
		}
		s, ok, err := q.Status(ctx, p.Job)
		if err != nil {
			return err
		}
		p.Waiting = ok && s.State != "running"
		p.Done, p.Total = s.Done, s.Total
	}
	return nil
}

// settle ends those whose jobs are over, or no more there, without having said
// what came of them.
func (q *Queue) settle(ctx context.Context) error {
	open, err := q.pieces(ctx, "WHERE ended = 0")
	if err != nil {
		return err
	}
	for _, p := range open {
		s, ok, err := q.Status(ctx, p.Job)
		if err != nil {
			return err
		}
		if ok && !s.Over() {
			continue
		}
		p.Ended, p.Failed, p.Says = q.now(), true, "interrupted each time that it was begun"
		if err := q.End(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// GiveUp says of an error that trying again would come to the same.
func GiveUp(err error) error { return river.JobCancel(err) }

// Wait says that a job is to be taken up again after a while; that is no failure.
func Wait(d time.Duration) error { return river.JobSnooze(max(d, 0)) }
