package main

import (
	"context"
	"errors"
	"slices"

	"dvala/desk"
	"dvala/fault"
	"dvala/store"
	"dvala/study"
)

// A file of commands is given by whoever has the trial under her hands, and says
// itself who did what. The table of roles holds for it all the same; and where
// there are accounts, what wants a proof or two people names one that is open and
// has the role. That it came from the shell stands in each entry.

// staff is who may be named in a trial with real people.
type staff struct {
	rows *peopleStore // nil: the people are made up, and anybody may
	any  bool         // there are accounts of staff
}

// knownStaff looks who they are.
func knownStaff(ctx context.Context, w store.Where, trial *store.Trial) (staff, func(), error) {
	made := true
	trial.View(func(s *study.State) { made = s.Opened == nil || s.Opened.Simulated })
	if made {
		return staff{}, func() {}, nil
	}
	rows, err := openPeople(ctx, w)
	if err != nil {
		return staff{}, nil, err
	}
	all, err := rows.Accounts(ctx)
	if err != nil {
		return staff{}, nil, errors.Join(err, rows.Close())
	}
	s := staff{rows: rows}
	for _, a := range all {
		s.any = s.any || a.Subject == ""
	}
	return s, func() { _ = rows.Close() }, nil // it was only read
}

// may refuses a command that the table of roles does not give to who is named.
func (s staff) may(ctx context.Context, item store.Item) error {
	if s.rows == nil {
		return nil
	}
	name, m := study.NameOf(item.Cmd), item.Meta
	rule, known := desk.RuleOf(desk.Action(name))
	if _, has := rule.May[m.Role]; !known || !has {
		return fault.New(desk.CodeForbidden, "role", "%s is not for the role %s", name, m.Role).
			WithHint("doc/roles.md says whose it is")
	}
	_, proposes := item.Cmd.(study.Proposal)
	if !s.any || !rule.Strong && !proposes && !slices.Contains([]string{"decline", "grant-unblinding", "confirm-unblinding", "confirm-clock"}, name) {
		return nil
	}
	a, found, err := s.rows.Account(ctx, m.Actor)
	if err != nil {
		return err
	}
	if !found || !a.Closed.IsZero() {
		return fault.New("actor-unknown", "actor", "%s wants somebody who has an account, and %q has none that is open", name, m.Actor).
			WithHint("dvala account list tells who has one")
	}
	roles, err := s.rows.Roles(ctx, m.Actor)
	if err != nil {
		return err
	}
	for _, g := range roles {
		if g.Role == m.Role {
			return nil
		}
	}
	return fault.New(desk.CodeForbidden, "role", "the account %q has not the role %s", m.Actor, m.Role).
		WithHint("dvala account list tells which roles it has")
}

// mayAll refuses every line that is not its actor's.
func (r *commandReader) mayAll(ctx context.Context, s staff) error {
	var bad fault.List
	for i, item := range r.items {
		if err := s.may(ctx, item); err != nil {
			bad = append(bad, atLine(r.lines[i], err)...)
		}
	}
	return bad.Err()
}
