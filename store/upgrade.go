package store

import (
	"context"

	"dvala/store/sqldb"
)

// Upgrade brings a trial's tables to the version of this program: migrations,
// then all projections anew from the ledger, which is replayed. The ledger
// itself is not touched: every entry that was ever written can be read. It gives
// the versions before and after.
func Upgrade(ctx context.Context, w Where) (before, after int64, t *Trial, err error) {
	if before, err = w.version(ctx); err != nil {
		return 0, 0, nil, err
	}
	if t, err = OpenAt(ctx, w); err != nil {
		return before, 0, nil, err
	}
	if err := t.Rebuild(ctx); err != nil {
		return before, 0, nil, closing(t, err)
	}
	after, err = t.db.Version(ctx, versions)
	return before, after, t, err
}

// version gives the version of the tables as they are.
func (w Where) version(ctx context.Context) (int64, error) {
	var db *sqldb.DB
	var err error
	if w.Shared() {
		db, err = w.find(ctx)
	} else if err = (&Trial{dir: w.Dir}).findDirectory(); err == nil {
		db, err = w.connect(ctx)
	}
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := db.OpenReaders(); err != nil {
		return 0, err
	}
	return db.Version(ctx, versions)
}
