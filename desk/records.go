package desk

import (
	"context"
	"time"

	"dvala/ledger"
	"dvala/study"
)

// LedgerEntry is an entry of the ledger for a reader: as it is stored and hashed,
// or, where its content is not for her, by its hash alone, with which the tree is
// verified all the same.
type LedgerEntry struct {
	Index uint64
	Hash  ledger.Hash // of the leaf
	Kind  study.Kind
	At    time.Time
	Bytes []byte // nil where it is not for her role, or of a site that is not hers
}

// Ledger gives entries of the ledger, at most n from a place on, and how many
// there are in all. Whose content is withheld is as in the trail; whoever has to
// hold the whole against its files takes an export (action export), or the
// trial's directory.
func (o *Office) Ledger(ctx context.Context, c Caller, from, n uint64) ([]LedgerEntry, uint64, error) {
	var size uint64
	if err := o.See(ctx, c, "see-ledger", "", func(s *study.State) error { size = s.Entries; return nil }); err != nil {
		return nil, 0, err
	}
	if from >= size {
		return nil, size, nil
	}
	entries, err := o.store.Entries(ctx, from, min(n, size-from))
	if err != nil {
		return nil, size, err
	}
	out, err := o.asRead(c, entries)
	return out, size, err
}

// LedgerIn gives entries of the ledger as Ledger does, in an order and those that
// are looked for, where the pages around them begin, and how many there are in all.
func (o *Office) LedgerIn(ctx context.Context, c Caller, q LedgerQuery) (Stretch, []LedgerEntry, uint64, error) {
	around, entries, size, err := o.LedgerStretch(ctx, c, q)
	if err != nil {
		return around, nil, size, err
	}
	out, err := o.asRead(c, entries)
	return around, out, size, err
}

// asRead withholds what is not for the reader.
func (o *Office) asRead(c Caller, entries []ledger.Entry) ([]LedgerEntry, error) {
	out := make([]LedgerEntry, len(entries))
	for i, e := range entries {
		f, err := study.Decode(e)
		if err != nil {
			return nil, err
		}
		out[i] = LedgerEntry{Index: e.Index, Hash: e.Hash(), Kind: f.Event.Kind(), At: f.At}
		if o.readsEntry(c, f) {
			out[i].Bytes = e.Bytes
		}
	}
	return out, nil
}

// readsEntry says whether an entry's content is for somebody who may see the
// ledger.
func (o *Office) readsEntry(c Caller, f study.Fact) bool {
	role, err := o.as(c, "see-ledger", f.Subject, "")
	return err == nil && MayRead(role, f.Event.Kind(), f.Subject)
}

// ReadEntry gives an entry of the ledger as somebody may read it: its words
// opened, or its place, hash, kind and time alone.
func (o *Office) ReadEntry(ctx context.Context, c Caller, raw ledger.Entry) (Entry, error) {
	f, err := study.Decode(raw)
	if err != nil {
		return Entry{}, err
	}
	if !o.readsEntry(c, f) {
		return Entry{Index: f.Index, Hash: raw.Hash().String(), At: f.At, Kind: f.Event.Kind(), About: Withheld, Says: Said{phrase(Withheld)}}, nil
	}
	e, err := NewEntry(raw)
	if err != nil {
		return Entry{}, err
	}
	return RevealEntry(ctx, o, c, e)
}

// Checkpoint gives the last signed checkpoint of the ledger; none before the
// first entry.
func (o *Office) Checkpoint(ctx context.Context, c Caller) ([]byte, error) {
	if err := o.See(ctx, c, "see-checkpoint", "", func(*study.State) error { return nil }); err != nil {
		return nil, err
	}
	return o.store.Checkpoint(), nil
}

// Places gives where the entries about a person stand, for who has asked whether
// she may be seen: numbers that say nothing of what is in them.
func (o *Office) Places(who study.Subject) (places []uint64) {
	o.store.View(func(s *study.State) {
		if p, ok := s.People[who]; ok {
			places = p.Entries()
		}
	})
	return places
}

// Size gives how many entries the ledger has, for whoever waits for the next:
// a number that says nothing of what is in them.
func (o *Office) Size(ctx context.Context) (uint64, error) {
	if err := o.store.Refresh(ctx); err != nil {
		return 0, err
	}
	var n uint64
	o.store.View(func(s *study.State) { n = s.Entries })
	return n, nil
}
