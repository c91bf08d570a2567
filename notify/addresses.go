package notify

import (
	"context"

	"dvala/identity"
	"dvala/study"
)

// Identities gives the addresses that the vault of identities holds. A person who
// was erased has none.
type Identities struct {
	Vault *identity.Vault
	// StaffOf gives whom of the staff to write to about a person; nil: nobody.
	StaffOf func(ctx context.Context, who study.Subject) ([]Reader, error)
}

var _ Addresses = Identities{}

// Mail gives a person's own address.
func (i Identities) Mail(ctx context.Context, who study.Subject) (string, bool, error) {
	p, ok, err := i.Vault.Get(ctx, who)
	return p.Mail, ok && p.Mail != "", err
}

// Staff gives those of her site.
func (i Identities) Staff(ctx context.Context, who study.Subject) ([]Reader, error) {
	if i.StaffOf == nil {
		return nil, nil
	}
	return i.StaffOf(ctx, who)
}
