package main

import (
	"context"
	"errors"

	"dvala/fault"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/sqldb"
)

// peopleStore is what is known of people, wherever the trial lies, with the
// connections that it was opened on.
type peopleStore struct {
	*people.Store
	on []*sqldb.DB
}

// Close lets go of it.
func (s *peopleStore) Close() error {
	errs := []error{s.Store.Close()}
	for _, db := range s.on {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

// openPeople opens, or makes, what is known of a trial's people: two files in
// its directory, or two schemas in its database.
func openPeople(ctx context.Context, w store.Where) (*peopleStore, error) {
	if !w.Shared() {
		s, err := people.Open(ctx, w.Dir)
		return &peopleStore{Store: s}, err
	}
	known, keys, err := w.PeopleSchemas(ctx)
	if err != nil {
		return nil, err
	}
	out := &peopleStore{}
	for _, schema := range []string{known, keys} {
		db, err := sqldb.OpenPostgres(ctx, w.Database, schema)
		if err != nil {
			return nil, errors.Join(err, out.letGo())
		}
		out.on = append(out.on, db)
		if err := db.EnsureSchema(ctx); err != nil {
			return nil, errors.Join(fault.Wrap("store-database", schema, err), out.letGo())
		}
	}
	if out.Store, err = people.OpenPostgres(ctx, out.on[0].Write, out.on[1].Write); err != nil {
		return nil, errors.Join(fault.Wrap("store-database", known, err), out.letGo())
	}
	return out, nil
}

// letGo closes the connections of a store that was not opened.
func (s *peopleStore) letGo() error {
	var errs []error
	for _, db := range s.on {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}
