package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"dvala/fault"
)

// Log is a whole ledger in memory: for verification, for simulated trials and
// for tests. The zero value is the empty ledger. Not safe for concurrent use.
type Log struct {
	entries  []Entry
	hashes   []Hash
	frontier Frontier
}

// Append gives the event its place, encodes it and adds it.
func (l *Log) Append(ev Event) (Entry, error) {
	ev.Seq = l.Size()
	e, err := Encode(ev)
	if err != nil {
		return Entry{}, err
	}
	l.add(e)
	return e, nil
}

// AddEntry adds an entry that is already encoded. Its index and the number it
// gives itself must be the next of the ledger.
func (l *Log) AddEntry(e Entry) error {
	if e.Index != l.Size() {
		return fault.New(CodeEntry, place(e.Index), "comes where entry %d is due", l.Size())
	}
	if _, err := e.Event(); err != nil {
		return err
	}
	l.add(e)
	return nil
}

func (l *Log) add(e Entry) {
	next, hashes := l.frontier.Append(e.Bytes)
	l.frontier = next
	l.hashes = append(l.hashes, hashes...)
	l.entries = append(l.entries, e)
}

// Size gives the number of entries.
func (l *Log) Size() uint64 { return uint64(len(l.entries)) }

// Entries gives all entries. The slice is shared and must not be changed.
func (l *Log) Entries() []Entry { return l.entries }

// Root gives the root of the tree over all entries.
func (l *Log) Root() Hash { return l.frontier.Root() }

// Checkpoint gives the checkpoint of the ledger as it stands.
func (l *Log) Checkpoint(origin string) Checkpoint {
	return Checkpoint{Origin: origin, Size: l.Size(), Root: l.Root()}
}

// ReadHashes gives stored hashes by place, which makes a Log a HashReader.
func (l *Log) ReadHashes(places []int64) ([]Hash, error) {
	out := make([]Hash, len(places))
	for i, p := range places {
		if p < 0 || p >= int64(len(l.hashes)) {
			return nil, fmt.Errorf("hash %d of a ledger that holds %d", p, len(l.hashes))
		}
		out[i] = l.hashes[p]
	}
	return out, nil
}

var _ tlog.HashReader = (*Log)(nil)
