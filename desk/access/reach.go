package access

import (
	"context"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// over says whether an administrator reaches an account: whoever can make its
// links, end its sessions or drop its passkeys can come to act in its name, and
// must not win rights by it. One of the whole trial reaches all. One of a site
// reaches those whose every role is at her sites, participants of her sites, and
// accounts without a role that she made herself.
func (s *Service) over(ctx context.Context, r Reader, by desk.Caller, account string) error {
	if _, err := s.Door.Allow(by, "manage-accounts", "", ""); err != nil {
		return err
	}
	if ofWholeTrial(by) {
		return nil
	}
	a, ok, err := r.Account(ctx, account)
	if err != nil {
		return err
	}
	if !ok {
		return beyond()
	}
	if a.Subject != "" {
		if _, err := s.Door.Allow(by, "manage-accounts", a.Subject, ""); err != nil {
			return beyond()
		}
		return nil
	}
	roles, err := r.Roles(ctx, account)
	if err != nil {
		return err
	}
	if len(roles) == 0 && a.By != by.Account {
		return beyond()
	}
	for _, g := range roles {
		if g.Site == "" || !by.Has(study.RoleAdministrator, g.Site) {
			return beyond()
		}
	}
	return nil
}

func ofWholeTrial(c desk.Caller) bool {
	return c.Everywhere(study.RoleAdministrator)
}

func beyond() error {
	return fault.New(desk.CodeForbidden, "manage-accounts", "this account is not of your sites alone").
		WithHint("an administrator of the whole trial can")
}
