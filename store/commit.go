package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb"
	"dvala/study"
)

// run is this process's one writer: it takes whoever waits and commits them
// together, so that while one commit is synced the next group gathers.
func (t *Trial) run() {
	defer close(t.ended)
	for {
		select {
		case r := <-t.queue:
			t.commit(r)
		case <-t.stop:
			for {
				select {
				case r := <-t.queue:
					t.commit(r)
				default:
					return
				}
			}
		}
	}
}

func (t *Trial) gather(first *request) []*request {
	group := []*request{first}
	for len(group) < maxGroup {
		select {
		case r := <-t.queue:
			group = append(group, r)
		default:
			return group
		}
	}
	return group
}

// patience is how long a commit may take, the wait for other servers included.
const patience = time.Minute

// commit decides and writes a group. After a failure nothing of it stands, or
// else it is known to stand: the transaction is rolled back, the state made
// again from what is on disk, and what is on disk asked.
func (t *Trial) commit(first *request) {
	// A caller that gives up must not undo the others.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tx, err := t.begin(ctx)
	group := t.gather(first) // after the wait for other servers, so that who came meanwhile shares the commit
	if err == nil {
		err = t.attempt(ctx, tx, group)
	}
	if err != nil {
		err = fault.Wrap("store-write", t.place, err).WithHint("give the command again with the same key: it is done once, whatever became of it now")
	}
	for _, r := range group {
		r.err = err
		close(r.done)
	}
}

// begin begins a transaction in which no other process writes to this trial, and
// brings the state up to what they have written.
func (t *Trial) begin(ctx context.Context) (*sqldb.Tx, error) {
	tx, err := t.db.Begin(ctx)
	if err != nil && t.dir == "" {
		tx, err = t.db.Begin(ctx) // a connection from before the server was restarted
	}
	if err != nil {
		return nil, err
	}
	if t.dir == "" {
		// The lock of the trial: a row that everybody who writes holds to the end.
		var protocol string
		err = tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'protocol' FOR UPDATE").Scan(&protocol)
	}
	if err == nil {
		err = t.current(ctx, tx)
	}
	if err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return tx, nil
}

// current makes the state that of the moment, for a transaction that is alone.
func (t *Trial) current(ctx context.Context, tx *sqldb.Tx) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken != nil {
		why := t.broken
		t.reset() // it may be over by now: a disk with room again
		if err := t.fold(ctx, tx); err != nil {
			t.broken = why
			return err
		}
		return nil
	}
	if t.dir != "" {
		return nil
	}
	size, err := sizeOf(ctx, tx)
	if err != nil || size == t.state.Entries {
		return err
	}
	return t.fold(ctx, tx)
}

// attempt writes a group in its transaction, and after a failure finds out what
// is on disk.
func (t *Trial) attempt(ctx context.Context, tx *sqldb.Tx, group []*request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &writing{t: t, tx: tx, tree: t.tree, rows: newProjection()}
	var err error
	if w.now, err = t.readNow(ctx, tx); err == nil {
		err = w.group(ctx, group)
	}
	if err == nil {
		return nil
	}
	_ = tx.Rollback()
	t.broken = err
	if again := t.replay(ctx); again != nil {
		return fmt.Errorf("%w; and the state could not be read back: %w", err, again)
	}
	// The line may have broken after the commit and before its answer.
	if stands, _ := w.stands(ctx); stands {
		return nil
	}
	return err
}

// group does all commands of a group in one transaction.
func (w *writing) group(ctx context.Context, group []*request) error {
	defer w.tx.Rollback() // does nothing after a commit
	for _, r := range group {
		for i, item := range r.items {
			if err := w.command(ctx, item, &r.receipts[i]); err != nil {
				return err
			}
		}
	}
	if len(w.entries) == 0 {
		return nil
	}
	signed, err := w.flush(ctx)
	if err != nil {
		return err
	}
	if err := w.tx.Commit(); err != nil {
		return err
	}
	w.t.tree, w.t.signed = w.tree, signed
	return nil
}

// stands says whether all that was written is on disk after all.
func (w *writing) stands(ctx context.Context) (bool, error) {
	if len(w.entries) == 0 {
		return false, nil
	}
	got, err := w.t.Entries(ctx, w.entries[0].Index, uint64(len(w.entries)))
	if err != nil || len(got) != len(w.entries) {
		return false, err
	}
	for i := range got {
		if !bytes.Equal(got[i].Bytes, w.entries[i].Bytes) {
			return false, nil
		}
	}
	return true, nil
}

// replay makes the state anew from the entries.
func (t *Trial) replay(ctx context.Context) error {
	t.reset()
	if err := t.catchUp(ctx); err != nil {
		t.broken = err
		return err
	}
	return nil
}

// reset is the state before the first entry.
func (t *Trial) reset() {
	t.state = t.fresh()
	t.tree, t.signed, t.broken = ledger.Frontier{}, nil, nil
}

// Follower writes rows of its own in the transaction in which facts are
// written: work to be done because of them is then never forgotten, and never
// done for facts that were not recorded. What it cannot write undoes the whole
// group.
type Follower func(ctx context.Context, tx *sqldb.Tx, facts []study.Fact) error

// Follow adds a follower, before the first command is given.
func (t *Trial) Follow(f Follower) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.followers = append(t.followers, f)
}
