package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"sort"
	"strings"

	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/store/sqldb"
	"dvala/study"
)

// querier is what rows can be asked of: a connection pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// load reads the files that the trial is a trial of, replays the whole ledger,
// and holds it against the stored tree and the last signed checkpoint.
func (t *Trial) load(ctx context.Context) error {
	var protocolHash, sealedHash string
	for key, into := range map[string]*string{"protocol": &protocolHash, "sealed": &sealedHash} {
		if err := t.db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = $1", key).Scan(into); err != nil {
			return fault.Wrap("store-damaged", "meta", err)
		}
	}
	protocolFile, err := t.Blob(protocolHash)
	if err != nil {
		return err
	}
	sealedFile, err := t.Blob(sealedHash)
	if err != nil {
		return err
	}
	if err := t.loadInstruments(ctx); err != nil {
		return err
	}
	checked, list, err := readStart(protocolFile, sealedFile, func(id instrument.ID) (*instrument.Definition, bool) {
		return t.instruments(id, "")
	})
	if err != nil {
		return err
	}
	t.protocol, t.sealed = checked, study.SealedOf(list)
	return t.replay(ctx)
}

// loadInstruments reads the definitions kept with the trial. Those inside the
// program may have changed since it began; the trial's have not.
func (t *Trial) loadInstruments(ctx context.Context) error {
	var hashes string
	err := t.db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'instruments'").Scan(&hashes)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New("store-version", t.place, "was made before the first release, when trials kept no definitions of their instruments: no release made or reads one").
			WithHint("make a demonstration anew with dvala demo; doc/operations.md says what to do with another")
	}
	if err != nil {
		return fault.Wrap("store-damaged", "meta", err)
	}
	var all []*instrument.Definition
	for _, sum := range strings.Fields(hashes) {
		raw, err := t.Blob(sum)
		if err != nil {
			return err
		}
		d, err := instrument.Parse(raw)
		if err != nil {
			return fault.Wrap("store-instrument", sum, err)
		}
		all = append(all, d)
	}
	t.instruments = study.Among(all...)
	return nil
}

// Refresh brings a trial up to date with what other processes have written. In
// a directory that this process writes to, there are none.
func (t *Trial) Refresh(ctx context.Context) error {
	if t.lock != nil {
		return nil
	}
	t.mu.RLock()
	known, broken := t.state.Entries, t.broken
	t.mu.RUnlock()
	if broken == nil {
		size, err := sizeOf(ctx, t.db.Read)
		if err != nil {
			return t.inDatabase(err)
		}
		if size == known {
			return nil
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken != nil {
		return t.replay(ctx)
	}
	return t.catchUp(ctx)
}

// sizeOf gives how many entries are stored.
func sizeOf(ctx context.Context, q querier) (uint64, error) {
	var n int64
	err := q.QueryRowContext(ctx, "SELECT coalesce(max(seq) + 1, 0) FROM entries").Scan(&n)
	return uint64(n), err
}

// catchUp folds the entries that the state has not seen. All is read in one
// transaction, so that entries, hashes and checkpoint are of one moment.
func (t *Trial) catchUp(ctx context.Context) error {
	tx, err := t.db.Read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: t.snapshot()})
	if err != nil {
		return t.inDatabase(err)
	}
	defer tx.Rollback() // it has only read
	return t.fold(ctx, tx)
}

// snapshot is the isolation in which several questions see one moment.
func (t *Trial) snapshot() sql.IsolationLevel {
	if t.db.Dialect == sqldb.Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault // SQLite's readers always do
}

// fold reads and folds what is new to the state. After an error within it the
// state is not to be trusted.
func (t *Trial) fold(ctx context.Context, q querier) error {
	if t.state.Entries == 0 {
		err := t.foldSigned(ctx, q)
		if err == nil || ctx.Err() != nil {
			return err
		}
		t.reset() // once more, slowly, to say what does not fit and where
	}
	return t.foldStrictly(ctx, q)
}

// foldStrictly asks of every entry whether it is in its one form.
func (t *Trial) foldStrictly(ctx context.Context, q querier) (err error) {
	from := t.state.Entries
	rows, err := q.QueryContext(ctx, "SELECT seq, bytes FROM entries WHERE seq >= $1 ORDER BY seq", int64(from))
	if err != nil {
		return err
	}
	defer rows.Close()
	defer func() {
		if err != nil {
			t.broken = err
		}
	}()
	tree := t.tree
	var hashes []ledger.Hash
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&e.Index, &e.Bytes); err != nil {
			return err
		}
		if _, err := t.state.Replay(e); err != nil {
			return fault.Wrap("store-damaged", fmt.Sprintf("entry %d", e.Index), err)
		}
		var added []ledger.Hash
		tree, added = tree.Append(e.Bytes)
		hashes = append(hashes, added...)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if tree.Size() > from {
		if err := checkHashes(ctx, q, ledger.StoredHashes(from), hashes); err != nil {
			return err
		}
	}
	signed, err := t.lastCheckpoint(ctx, q, tree)
	if err != nil {
		return err
	}
	t.tree, t.signed = tree, signed
	return nil
}

// checkHashes holds the stored tree against the one that the entries give.
func checkHashes(ctx context.Context, q querier, from uint64, want []ledger.Hash) error {
	rows, err := q.QueryContext(ctx, "SELECT place, hash FROM hashes WHERE place >= $1 ORDER BY place", int64(from))
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var place uint64
		var hash []byte
		if err := rows.Scan(&place, &hash); err != nil {
			return err
		}
		if n >= len(want) || place != from+uint64(n) || !bytes.Equal(hash, want[n][:]) {
			return fault.New("store-damaged", placeOf(place), "the stored tree is not the tree of the entries").
				WithHint("this entry, or what is stored of it in the tree, is not as it was written; restore from a backup")
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if n != len(want) {
		return fault.New("store-damaged", "hashes", "the stored tree has %d hashes and should have %d more", n, len(want)-n)
	}
	return nil
}

// placeOf names the entry whose leaf a stored hash is, or the hash.
func placeOf(place uint64) string {
	n := sort.Search(int(place)+1, func(i int) bool { return ledger.StoredHashes(uint64(i)) >= place })
	if ledger.StoredHashes(uint64(n)) == place {
		return fmt.Sprintf("entry %d", n)
	}
	return fmt.Sprintf("hash %d", place)
}

// lastCheckpoint reads the last signed checkpoint, which is of all entries: it
// was committed with the last of them.
func (t *Trial) lastCheckpoint(ctx context.Context, q querier, tree ledger.Frontier) ([]byte, error) {
	var signed []byte
	err := q.QueryRowContext(ctx, "SELECT signed FROM checkpoints ORDER BY size DESC LIMIT 1").Scan(&signed)
	switch {
	case errors.Is(err, sql.ErrNoRows) && tree.Size() == 0:
		return nil, nil
	case errors.Is(err, sql.ErrNoRows):
		return nil, fault.New("store-damaged", "checkpoint", "%d entries and no signed checkpoint", tree.Size())
	case err != nil:
		return nil, err
	}
	c, err := ledger.OpenCheckpoint(signed, t.public)
	if err != nil {
		return nil, err
	}
	if c.Size != tree.Size() || c.Root != tree.Root() {
		return nil, fault.New("store-damaged", "checkpoint", "the signed checkpoint of %d entries is not of the %d that are here", c.Size, tree.Size()).
			WithHint("the database was changed by hand or damaged; restore it from a backup")
	}
	return signed, nil
}

// Entries gives entries of the ledger, n of them from a place on.
func (t *Trial) Entries(ctx context.Context, from, n uint64) ([]ledger.Entry, error) {
	rows, err := t.db.Read.QueryContext(ctx, "SELECT seq, bytes FROM entries WHERE seq >= $1 ORDER BY seq LIMIT $2", int64(from), int64(min(n, math.MaxInt64)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ledger.Entry
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&e.Index, &e.Bytes); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Each gives the first n entries of the ledger in their order, a stretch of them
// in memory at a time.
func (t *Trial) Each(ctx context.Context, n uint64) iter.Seq2[ledger.Entry, error] {
	const stretch = 4096
	return func(yield func(ledger.Entry, error) bool) {
		for from := uint64(0); from < n; {
			entries, err := t.Entries(ctx, from, min(stretch, n-from))
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if from += uint64(len(entries)); len(entries) == 0 {
				return // there are no more
			}
		}
	}
}

// ReadHashes gives stored hashes of the tree, so that proofs can be made from a
// Trial.
func (t *Trial) ReadHashes(places []int64) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(places))
	for i, p := range places {
		var raw []byte
		if err := t.db.Read.QueryRow("SELECT hash FROM hashes WHERE place = $1", p).Scan(&raw); err != nil {
			return nil, fault.Wrap("store-damaged", fmt.Sprintf("hash %d", p), err)
		}
		copy(out[i][:], raw)
	}
	return out, nil
}

var _ ledger.HashReader = (*Trial)(nil)
