package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/store/sqldb"
	"dvala/study"
)

// Item is one command with its circumstances.
type Item struct {
	Cmd  study.Command
	Meta study.Meta
}

// Receipt says what became of a command.
type Receipt struct {
	First, N uint64        // the entries it led to: N from First on
	Subject  study.Subject // whom they are about; the new code after a screening
	Facts    []study.Fact  // absent of a repeated command
	Repeated bool          // its key, or what it tells, was on the ledger already
	Err      error         // why it was refused
}

// request is commands of one caller, on their way.
type request struct {
	items    []Item
	receipts []Receipt
	err      error // nothing of it was committed
	done     chan struct{}
}

// maxGroup is how many callers share a commit at most.
const maxGroup = 512

// Do gives one command. When it returns without an error, what happened is on
// disk. The error of a refused command is its *fault.Problem or fault.List.
func (t *Trial) Do(ctx context.Context, cmd study.Command, m study.Meta) (Receipt, error) {
	receipts, err := t.DoAll(ctx, []Item{{cmd, m}})
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], receipts[0].Err
}

// DoAll gives commands in their order, in one transaction. Each is decided on
// its own: one that is refused says so in its receipt and disturbs no other. An
// error means that nothing of all was committed. When the context ends while
// the commit is under way, what became of it is unknown: give the commands
// again with the same keys.
func (t *Trial) DoAll(ctx context.Context, items []Item) ([]Receipt, error) {
	if t.queue == nil {
		return nil, fault.New("store-readonly", t.place, "this trial was opened to read only")
	}
	t.keep(items)
	r := &request{items: items, receipts: make([]Receipt, len(items)), done: make(chan struct{})}
	select {
	case t.queue <- r:
	case <-t.stop:
		return nil, errClosed(t.place)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-r.done:
		return r.receipts, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.ended:
	}
	select {
	case <-r.done:
		return r.receipts, r.err
	default:
		return nil, errClosed(t.place)
	}
}

func errClosed(place string) error {
	return fault.New("store-closed", place, "the trial has been closed")
}

// writing is a transaction on its way.
type writing struct {
	t       *Trial
	tx      *sqldb.Tx
	tree    ledger.Frontier
	entries []ledger.Entry
	facts   []study.Fact
	hashes  []ledger.Hash
	rows    *projection
	now     time.Time // by the database; zero of SQLite
}

// command decides one command. Only what breaks the whole group is an error;
// a refusal is told in the receipt.
func (w *writing) command(ctx context.Context, item Item, r *Receipt) error {
	s := w.t.state
	facts, entries, err := s.Prepare(item.Cmd, item.Meta)
	if err == nil && len(facts) > 0 {
		if err = w.tooFar(item); err == nil {
			err = w.t.filesThere(facts, s.Lists(), nil)
		}
	}
	if err != nil {
		r.Err = err
		return nil
	}
	if len(facts) == 0 {
		return w.repeated(ctx, item, r)
	}
	for i := range facts {
		if err := s.ApplyEntry(facts[i], entries[i]); err != nil {
			return fmt.Errorf("what was decided cannot be applied: %w", err)
		}
		next, hashes := w.tree.Append(entries[i].Bytes)
		w.tree, w.hashes = next, append(w.hashes, hashes...)
		w.rows.touch(s, facts[i])
	}
	w.entries, w.facts = append(w.entries, entries...), append(w.facts, facts...)
	*r = Receipt{First: facts[0].Index, N: uint64(len(facts)), Subject: facts[0].Subject, Facts: facts}
	return nil
}

// repeated tells a caller what its command led to the first time.
func (w *writing) repeated(ctx context.Context, item Item, r *Receipt) error {
	*r = Receipt{Repeated: true, Subject: item.Meta.Subject}
	first, n, ok := w.t.state.Done(item.Meta.Key)
	if !ok {
		return nil
	}
	r.First, r.N = first, n
	if item.Meta.Subject != "" {
		return nil
	}
	// Only a screening has a subject that its caller does not know.
	e := ledger.Entry{Index: first}
	for _, waiting := range w.entries {
		if waiting.Index == first {
			e = waiting
		}
	}
	if e.Bytes == nil {
		if err := w.tx.QueryRowContext(ctx, "SELECT bytes FROM entries WHERE seq = $1", int64(first)).Scan(&e.Bytes); err != nil {
			return err
		}
	}
	f, err := study.Decode(e)
	r.Subject = f.Subject
	return err
}

// filesThere refuses facts that name files nobody has stored, or is about to.
func (t *Trial) filesThere(facts []study.Fact, lists []string, coming map[string][]byte) error {
	for _, f := range facts {
		for _, file := range study.Files(f.Event) {
			if raw, ok := coming[file.SHA256]; ok && int64(len(raw)) == file.Bytes {
				continue
			}
			if !t.blobs.Has(context.Background(), file.SHA256, file.Bytes) {
				return fault.New("blob-missing", file.SHA256, "the file %q that the command names has not been stored", file.Name).
					WithHint("store a file first, then name it")
			}
		}
		if o, is := f.Event.(study.AllocationsOpen); is {
			return t.openingsHold(o.Openings.SHA256, lists, coming)
		}
	}
	return nil
}

// openingsHold refuses openings that are not those of the sealed list and all
// that extend it: they are published once, and what is on the ledger stays there.
func (t *Trial) openingsHold(sum string, lists []string, coming map[string][]byte) error {
	list, err := study.WholeList(lists, t.Blob)
	if err != nil {
		return err
	}
	raw, ok := coming[sum]
	if !ok {
		if raw, err = t.Blob(sum); err != nil {
			return err
		}
	}
	_, err = seal.ParseOpenings(bytes.NewReader(raw), list)
	return err
}

// Rehearse says what would become of commands given one after the other, on a
// copy of the state that is thrown away, once the files that they name are
// stored. Nothing is written, and no file is stored: openings that come before
// the lock must not lie in the directory. Before each command, ready may change
// it, seeing the state that it is about to be decided on; nil changes nothing.
func (t *Trial) Rehearse(ctx context.Context, items []Item, files []Blob, ready func(s *study.State, i int) error) ([]Receipt, error) {
	coming := map[string][]byte{}
	for _, f := range files {
		sum := sha256.Sum256(f.Bytes)
		coming[hex.EncodeToString(sum[:])] = f.Bytes
	}
	s := t.fresh()
	s.UseFiles(func(sum string) ([]byte, error) {
		if raw, ok := coming[sum]; ok {
			return raw, nil
		}
		return t.Blob(sum)
	})
	for e, err := range t.Each(ctx, math.MaxUint64) {
		if err != nil {
			return nil, err
		}
		if _, err := s.Replay(e); err != nil {
			return nil, err
		}
	}
	out := make([]Receipt, len(items))
	for i, item := range items {
		if ready != nil {
			if err := ready(s, i); err != nil {
				out[i].Err = err
				continue
			}
			item = items[i]
		}
		facts, encoded, err := s.Prepare(item.Cmd, item.Meta)
		if err == nil {
			err = t.filesThere(facts, s.Lists(), coming)
		}
		if err != nil {
			out[i].Err = err
			continue
		}
		for j := range facts {
			if err := s.ApplyEntry(facts[j], encoded[j]); err != nil {
				return nil, err
			}
		}
		out[i].Repeated = len(facts) == 0
		if len(facts) > 0 {
			out[i].First, out[i].N, out[i].Subject, out[i].Facts = facts[0].Index, uint64(len(facts)), facts[0].Subject, facts
		}
	}
	return out, nil
}

// flush writes entries, tree, projections and a checkpoint.
func (w *writing) flush(ctx context.Context) ([]byte, error) {
	first := w.entries[0].Index
	entries := make([][]any, len(w.entries))
	for i, e := range w.entries {
		entries[i] = []any{int64(e.Index), e.Bytes}
	}
	if err := w.tx.Insert(ctx, entriesTable, entries); err != nil {
		return nil, err
	}
	place := int64(ledger.StoredHashes(first))
	hashes := make([][]any, len(w.hashes))
	for i := range w.hashes {
		hashes[i] = []any{place + int64(i), w.hashes[i][:]}
	}
	if err := w.tx.Insert(ctx, hashesTable, hashes); err != nil {
		return nil, err
	}
	if err := w.rows.write(ctx, w.tx, w.t.state); err != nil {
		return nil, err
	}
	for _, follow := range w.t.followers {
		if err := follow(ctx, w.tx, w.facts); err != nil {
			return nil, err
		}
	}
	signed, err := w.t.key.Sign(ledger.Checkpoint{Origin: w.t.public.Origin(), Size: w.tree.Size(), Root: w.tree.Root()})
	if err != nil {
		return nil, err
	}
	return signed, w.tx.Insert(ctx, checkpointsTable, [][]any{{int64(w.tree.Size()), signed}})
}
