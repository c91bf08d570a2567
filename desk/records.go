package desk

import (
	"context"

	"dvala/ledger"
	"dvala/study"
)

// Ledger gives entries of the ledger, at most n from a place on, and how many
// there are in all.
func (o *Office) Ledger(ctx context.Context, c Caller, from, n uint64) ([]ledger.Entry, uint64, error) {
	var size uint64
	if err := o.See(ctx, c, "see-ledger", "", func(s *study.State) error { size = s.Entries; return nil }); err != nil {
		return nil, 0, err
	}
	if from >= size {
		return nil, size, nil
	}
	entries, err := o.store.Entries(ctx, from, min(n, size-from))
	return entries, size, err
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
