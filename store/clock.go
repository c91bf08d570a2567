package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/store/sqldb"
	"dvala/study"
)

// ClockBehind says by how much a clock stands before the last entry, if by more
// than the rules take for granted between a caller and the writer.
func (t *Trial) ClockBehind(ctx context.Context, now time.Time) (time.Duration, bool, error) {
	if err := t.Refresh(ctx); err != nil {
		return 0, false, err
	}
	var off time.Duration
	t.View(func(s *study.State) {
		if last, ok := s.LastAt(); ok {
			off = last.Sub(now)
		}
	})
	return off, off > 2*time.Second, nil
}

// What is kept of clocks lies beside the trial's own rows: jumps until they are
// on the ledger, and when a clock that was trusted was last looked at.
const (
	jumpRows = "clock-jump "
	seenRow  = "clock-seen"
)

// KeepJump keeps a jump of a server's clock until DropJump: while the clock is
// wrong the ledger cannot hold it, and the process may end before it is right.
func (t *Trial) KeepJump(ctx context.Context, server string, j desk.Jump) error {
	raw, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return t.keepRow(ctx, jumpRow(server, j), string(raw))
}

func jumpRow(server string, j desk.Jump) string {
	return fmt.Sprintf("%s%020d %s", jumpRows, j.At.UnixMicro(), server)
}

func (t *Trial) keepRow(ctx context.Context, key, value string) error {
	_, err := t.db.Write.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// KeptJump is a jump that waits, with the server whose clock it was.
type KeptJump struct {
	desk.Jump
	Server string
}

// KeptJumps gives the jumps that wait, in the order of their times.
func (t *Trial) KeptJumps(ctx context.Context) ([]KeptJump, error) {
	rows, err := t.db.Read.QueryContext(ctx, "SELECT key, value FROM meta WHERE key LIKE $1 ORDER BY key", jumpRows+"%")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []KeptJump
	for rows.Next() {
		var key, value string
		var k KeptJump
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(value), &k.Jump); err != nil {
			return nil, fault.Wrap("store-damaged", key, err)
		}
		_, k.Server, _ = strings.Cut(strings.TrimPrefix(key, jumpRows), " ")
		out = append(out, k)
	}
	return out, rows.Err()
}

// DropJump keeps a jump no more: it is on the ledger.
func (t *Trial) DropJump(ctx context.Context, k KeptJump) error {
	_, err := t.db.Write.ExecContext(ctx, "DELETE FROM meta WHERE key = $1", jumpRow(k.Server, k.Jump))
	return err
}

// SeeClock keeps that a clock that is trusted stood at a time.
func (t *Trial) SeeClock(ctx context.Context, now time.Time) error {
	return t.keepRow(ctx, seenRow, now.UTC().Format(time.RFC3339))
}

// lastSign gives the last sign of life: the latest entry, or when a trusted clock
// was last seen.
func (t *Trial) lastSign(ctx context.Context) (time.Time, error) {
	var last time.Time
	t.View(func(s *study.State) { last, _ = s.LastAt() })
	var said string
	err := t.db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = $1", seenRow).Scan(&said)
	if errors.Is(err, sql.ErrNoRows) {
		return last, nil
	}
	if seen, bad := time.Parse(time.RFC3339, said); bad == nil && seen.After(last) {
		last = seen
	}
	return last, err
}

// A trial may lie still: for a month at any time, and for half a year within the
// dates of its protocol. What is later is more likely a clock set wrong.
const (
	stillDays  = 30
	stillAtAll = 180
)

// DoubtClock says why a clock is not believed at the start of a program: it was
// set far forward and nobody has said since that it is right, or it stands
// implausibly long after the last sign of life. Made-up people have a clock of
// their own.
func (t *Trial) DoubtClock(ctx context.Context, now time.Time) error {
	var made bool
	var end, confirmed time.Time
	t.View(func(s *study.State) {
		for _, c := range s.ClocksConfirmed {
			confirmed = c.At
		}
		made = s.Opened == nil || s.Opened.Simulated
		for _, v := range s.Versions() {
			if d := v.Protocol().Dates.End.Add(1).At(0, v.Zone()); d.After(end) {
				end = d
			}
		}
	})
	if made {
		return nil
	}
	jumps, err := t.KeptJumps(ctx)
	if err != nil {
		return err
	}
	for _, k := range jumps {
		if k.By >= desk.Ahead && !k.Wrong && !now.Before(k.At) && confirmed.Before(k.At) {
			return clockDoubted("was set forward by %v to %s, and nobody has said that it is right", k.By, k.At.Format(time.RFC3339))
		}
	}
	last, err := t.lastSign(ctx)
	if err != nil {
		return err
	}
	days := now.Sub(last).Hours() / 24
	if days > stillAtAll || days > stillDays && now.After(end.AddDate(0, 0, stillDays)) {
		return clockDoubted("says %s, %.0f days after anything was heard of this trial", now.UTC().Format(time.RFC3339), days)
	}
	return nil
}

func clockDoubted(says string, args ...any) error {
	return fault.New(desk.CodeClockAhead, "clock", says, args...).
		WithHint("what is entered by a clock that is ahead stays, and nothing can follow before that time: set it right, or, if it is, confirm it with a reason: dvala clock --confirm, or confirm-clock in a running server")
}

// tooFar refuses a command of a real trial whose time the database, another
// machine's clock, says is still to come.
func (w *writing) tooFar(item Item) error {
	s := w.t.state
	if w.now.IsZero() || s.Opened == nil || s.Opened.Simulated {
		return nil
	}
	if by := item.Meta.At.Sub(w.now); by > desk.Ahead {
		return fault.New(desk.CodeClockAhead, "at", "the clock of this server stands %v ahead of the database's, and nothing is written until they agree", by.Round(time.Second)).
			WithHint("set the clock that is wrong, and run NTP on both machines; it goes on by itself")
	}
	return nil
}

// readNow asks PostgreSQL for its time; SQLite has none but this machine's.
func (t *Trial) readNow(ctx context.Context, q querier) (now time.Time, err error) {
	if t.db.Dialect == sqldb.Postgres {
		err = q.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now)
	}
	return now, err
}

// AheadOfDatabase says by how much a clock stands ahead of the database's, if it
// has one of its own and by more than is taken.
func (t *Trial) AheadOfDatabase(ctx context.Context, now time.Time) (time.Duration, bool, error) {
	there, err := t.readNow(ctx, t.db.Read)
	if err != nil || there.IsZero() {
		return 0, false, err
	}
	off := now.Sub(there)
	return off, off > desk.Ahead, nil
}
