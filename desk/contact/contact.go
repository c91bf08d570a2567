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

// What is known of somebody, as those see it who come through this door.
type (
	Person  = identity.Person
	Former  = identity.Former
	Version = identity.Version
)

// CodeChanged is of a change to what somebody else has changed since it was read.
const CodeChanged = identity.CodeChanged

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
	p, _, known, err := b.Read(ctx, c, who)
	return p, known, err
}

// Read gives who somebody is as Of does, and the version of it, with which it is
// changed.
func (b *Book) Read(ctx context.Context, c desk.Caller, who study.Subject) (identity.Person, identity.Version, bool, error) {
	if err := b.shown(ctx, c, who, ""); err != nil {
		return identity.Person{}, "", false, err
	}
	return b.vault.Read(ctx, who)
}

// shown lets a caller look, and writes down that she did.
func (b *Book) shown(ctx context.Context, c desk.Caller, who study.Subject, detail string) error {
	if _, err := b.door.Allow(c, "see-identity", who, ""); err != nil {
		return err
	}
	if c.Subject == who { // that somebody read her own is not worth a line
		return nil
	}
	return b.log.Record(ctx, c, "identity-shown", string(who), detail)
}

// Set keeps who somebody is, in place of the version of it that was read; what was
// known is kept beside it. Staff say why they change what is known already. The
// log tells which parts were changed, and the reason lies with what was known:
// either may name her.
func (b *Book) Set(ctx context.Context, c desk.Caller, who study.Subject, p identity.Person, was identity.Version, reason string) (Version, error) {
	role, err := b.door.Allow(c, "set-identity", who, "")
	if err != nil {
		return "", err
	}
	old, _, known, err := b.vault.Read(ctx, who)
	if err != nil {
		return "", err
	}
	reason = strings.TrimSpace(reason)
	if known && c.Subject != who && reason == "" {
		return "", fault.New("reason-missing", "reason", "changing what is known of somebody needs a reason")
	}
	fresh, err := b.vault.Replace(ctx, who, p, was, identity.Change{By: c.Account, Role: role, Reason: reason})
	if err != nil {
		return "", err
	}
	return fresh, b.log.Record(ctx, c, "identity-changed", string(who), strings.Join(p.Differs(old), ", "))
}

// Formers gives what was known of somebody before each change, with who changed
// it, when and why, the oldest first.
func (b *Book) Formers(ctx context.Context, c desk.Caller, who study.Subject) ([]identity.Former, error) {
	if err := b.shown(ctx, c, who, "what was known before"); err != nil {
		return nil, err
	}
	return b.vault.Formers(ctx, who)
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
