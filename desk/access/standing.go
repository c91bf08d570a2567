package access

import (
	"context"

	"dvala/desk"
)

// Standing is an account as it stands now, for work that goes on when its owner
// has left the page: with the roles that she has today, and no proof of who she
// is. False if there is no such account, or it is closed.
func (s *Service) Standing(ctx context.Context, account string) (desk.Caller, bool, error) {
	a, ok, err := s.Store.Account(ctx, account)
	if err != nil || !ok || !a.Closed.IsZero() {
		return desk.Caller{}, false, err
	}
	c := desk.Caller{Account: a.ID, Name: a.Name, Subject: a.Subject, Lang: a.Lang, From: "job"}
	if a.Subject != "" {
		c.Grants = desk.Participant(a.Subject).Grants
		return c, true, nil
	}
	roles, err := s.Store.Roles(ctx, a.ID)
	c.Grants = granted(roles)
	return c, err == nil, err
}
