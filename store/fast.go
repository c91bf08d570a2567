package store

import (
	"context"
	"runtime"

	"dvala/ledger"
	"dvala/study"
)

// batch is entries on their way from the database through a decoder to the
// fold.
type batch struct {
	entries []ledger.Entry
	facts   []study.Fact
	err     error
	done    chan struct{}
}

const batchSize = 1024

// foldSigned reads and folds a whole ledger, on all processors: entries are
// decoded several batches at a time and folded in their order. They are taken
// to be what Encode has written, because the root over them must be the one that
// the trial's key has signed, which is asked at the end.
func (t *Trial) foldSigned(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, "SELECT seq, bytes FROM entries ORDER BY seq")
	if err != nil {
		return err
	}
	defer rows.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ordered := make(chan *batch, 2*runtime.GOMAXPROCS(0)) // as many as are decoded ahead
	go func() {
		defer close(ordered)
		next := &batch{}
		hand := func() bool {
			b := next
			b.done, next = make(chan struct{}), &batch{}
			go b.decode()
			select {
			case ordered <- b:
				return true
			case <-ctx.Done():
				return false
			}
		}
		for rows.Next() {
			var e ledger.Entry
			if next.err = rows.Scan(&e.Index, &e.Bytes); next.err != nil {
				break
			}
			next.entries = append(next.entries, e)
			if len(next.entries) == batchSize && !hand() {
				return
			}
		}
		if next.err == nil {
			next.err = rows.Err()
		}
		hand()
	}()
	var tree ledger.Frontier
	var hashes []ledger.Hash
	for b := range ordered {
		<-b.done
		for i := range b.facts {
			if err := t.state.ApplyEntry(b.facts[i], b.entries[i]); err != nil {
				return err
			}
			var added []ledger.Hash
			tree, added = tree.Append(b.entries[i].Bytes)
			hashes = append(hashes, added...)
		}
		if b.err != nil {
			return b.err
		}
	}
	if tree.Size() > 0 {
		if err := checkHashes(ctx, q, 0, hashes); err != nil {
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

func (b *batch) decode() {
	defer close(b.done)
	for _, e := range b.entries {
		f, err := study.DecodeSigned(e)
		if err != nil {
			b.err = err
			return
		}
		b.facts = append(b.facts, f)
	}
}
