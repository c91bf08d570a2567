// Package contact is the door to who participants are: names, addresses and
// channels, for the staff of a person's site and for herself. It is the only
// room of the desk that knows package identity, so that nothing else of what
// people see can name anyone. Every look and every change is on the access log.
package contact

import (
	"context"
	"strings"

	"dvala/desk"
	"dvala/fault"
	"dvala/identity"
	"dvala/study"
)

// Door says whether a caller may take an action, and tells the ledger of an
// erasure: the desk.Office.
type Door interface {
	Forget(ctx context.Context, c desk.Caller, who study.Subject, reason string) error
	Allow(c desk.Caller, a desk.Action, who study.Subject, site string) (study.Role, error)
}

// Log is the access log.
type Log interface {
	Record(ctx context.Context, by desk.Caller, what, account, detail string) error
}

// Book is who people are.
type Book struct {
	vault *identity.Vault
	door  Door
	log   Log
}

// New makes a book.
func New(vault *identity.Vault, door Door, log Log) *Book { return &Book{vault, door, log} }

// Of gives who somebody is; false where nothing is known, or it was erased.
func (b *Book) Of(ctx context.Context, c desk.Caller, who study.Subject) (identity.Person, bool, error) {
	if _, err := b.door.Allow(c, "see-identity", who, ""); err != nil {
		return identity.Person{}, false, err
	}
	if c.Subject != who { // that somebody read her own is not worth a line
		if err := b.log.Record(ctx, c, "identity-shown", string(who), ""); err != nil {
			return identity.Person{}, false, err
		}
	}
	return b.vault.Get(ctx, who)
}

// Set keeps who somebody is, in place of what was known.
func (b *Book) Set(ctx context.Context, c desk.Caller, who study.Subject, p identity.Person) error {
	if _, err := b.door.Allow(c, "set-identity", who, ""); err != nil {
		return err
	}
	if err := b.vault.Put(ctx, who, p); err != nil {
		return err
	}
	return b.log.Record(ctx, c, "identity-changed", string(who), "")
}

// Erase destroys what could name a person, for good. The ledger tells that it
// happened and goes on to verify; what it holds under her key nobody reads again.
func (b *Book) Erase(ctx context.Context, c desk.Caller, who study.Subject, reason string) error {
	if _, err := b.door.Allow(c, "erase-identity", who, ""); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return fault.New("reason-missing", "reason", "erasing needs a reason, which must not name her")
	}
	if err := b.log.Record(ctx, c, "identity-erased", string(who), reason); err != nil {
		return err
	}
	if err := b.door.Forget(ctx, c, who, reason); err != nil {
		return err
	}
	return b.vault.Erase(ctx, who) // once more, where the office keeps no words
}
