package access

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Account is somebody who can sign in. A participant's has her code for its ID,
// and no name or address: those are kept apart, under her own key.
type Account struct {
	ID       string
	Name     string        // of staff: as it is printed beside a signature
	Mail     string        // of staff: where links go
	Subject  study.Subject // of participants
	Lang     string        // en, sv; empty: none was chosen, and pages are in that of the browser
	Issuer   string        // single sign-on: the provider, and her ID there
	External string
	Created  time.Time
	By       string    // who made it
	Closed   time.Time // zero: open
}

// Given is a role that an account has, or had.
type Given struct {
	Account string
	desk.Grant
	At      time.Time
	By      string
	Revoked time.Time // zero: in force
	Reason  string    // of the last change
}

// AccountView is an account with its roles, as administrators see it.
type AccountView struct {
	Account
	Letters  string  // the language in which she is written to
	Roles    []Given // those in force
	Passkeys int
}

// roles that an account can be given by hand. Participants get theirs by
// invitation, and the system needs none.
var staffRoles = []study.Role{
	study.RoleCoordinator, study.RoleInvestigator, study.RoleMonitor, study.RolePharmacist, study.RoleStatistician,
	study.RoleCustodian, study.RoleAuditor, study.RoleAdministrator,
}

// StaffRoles gives the roles that staff can have, in order.
func StaffRoles() []study.Role { return slices.Clone(staffRoles) }

// AddAccount makes an account for a member of staff. It has no role yet and no
// way in: give it roles, and hand over a link.
func (s *Service) AddAccount(ctx context.Context, by desk.Caller, a Account) (Account, error) {
	if _, err := s.Door.Allow(by, "manage-accounts", "", ""); err != nil {
		return Account{}, err
	}
	if err := checkStaff(&a); err != nil {
		return Account{}, err
	}
	a.Created, a.By, a.Closed, a.Subject = s.Now(), by.Account, time.Time{}, ""
	err := s.Store.Write(ctx, func(w Writer) error {
		_, taken, err := w.Account(ctx, a.ID)
		if err != nil {
			return err
		}
		if !taken && a.Mail != "" {
			_, taken, err = w.AccountByMail(ctx, a.Mail)
		}
		switch {
		case err != nil:
			return err
		case taken:
			return fault.New(CodeAccount, a.ID, "there is such an account already")
		}
		if err := w.PutAccount(ctx, a); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogAccountAdded, a.ID, "")
	})
	return a, err
}

// checkStaff says what is wrong with what was written of a new account.
func checkStaff(a *Account) error {
	var l fault.List
	a.ID, a.Name, a.Mail = strings.ToLower(strings.TrimSpace(a.ID)), strings.TrimSpace(a.Name), strings.ToLower(strings.TrimSpace(a.Mail))
	if !idForm(a.ID) {
		l.Addf(CodeAccount, "id", "is 2 to 40 small letters, digits, dots and hyphens, beginning with a letter")
	}
	if n := utf8.RuneCountInString(a.Name); n < 2 || n > 100 || strings.ContainsFunc(a.Name, isControl) {
		l.Addf(CodeAccount, "name", "is the person's whole name, as it is to stand beside her signature")
	}
	if a.Mail != "" && (strings.Count(a.Mail, "@") != 1 || len(a.Mail) > 200 || strings.ContainsAny(a.Mail, " \t\r\n<>,;\"")) {
		l.Addf(CodeAccount, "mail", "is not an address")
	}
	if a.Lang != "" && a.Lang != "en" && a.Lang != "sv" {
		l.Addf(CodeAccount, "lang", "is en or sv")
	}
	return l.Err()
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func idForm(id string) bool {
	for i, r := range id {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '.' || r == '-')) {
			return false
		}
	}
	return len(id) >= 2 && len(id) <= 40
}

// letters gives the language in which an account is written to: its own, or, where
// none was chosen, the trial's.
func (s *Service) letters(a Account) string { return cmp.Or(a.Lang, s.Letters, "en") }

// Accounts lists those of staff and participants, by ID: to an administrator of
// some sites those that she reaches.
func (s *Service) Accounts(ctx context.Context, by desk.Caller) ([]AccountView, error) {
	if _, err := s.Door.Allow(by, "see-accounts", "", ""); err != nil {
		return nil, err
	}
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	whole := by.Everywhere(study.RoleAdministrator) || by.Everywhere(study.RoleAuditor)
	out := make([]AccountView, 0, len(all))
	for _, a := range all {
		if !whole && a.ID != by.Account {
			err := s.over(ctx, s.Store, by, a.ID)
			if fault.CodeOf(err) == desk.CodeForbidden {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		v := AccountView{Account: a, Letters: s.letters(a)}
		if v.Roles, err = s.Store.Roles(ctx, a.ID); err != nil {
			return nil, err
		}
		keys, err := s.Store.Passkeys(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		v.Passkeys = len(keys)
		out = append(out, v)
	}
	return out, nil
}

// GiveRole gives an account a role, at a site or, with none, at all of them, and
// ends its sessions: one that began with less must not come to more by itself.
func (s *Service) GiveRole(ctx context.Context, by desk.Caller, account string, g desk.Grant, reason string) error {
	if !slices.Contains(staffRoles, g.Role) {
		return fault.New(CodeAccount, "role", "%q is not a role of staff", g.Role)
	}
	return s.change(ctx, by, account, g.Site, func(w Writer) error {
		roles, err := w.Roles(ctx, account)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(roles, func(h Given) bool { return h.Grant == g }) {
			return nil // she has it
		}
		if strings.TrimSpace(reason) == "" {
			return fault.New("reason-missing", "reason", "giving a role needs a reason")
		}
		if err := w.Give(ctx, Given{Account: account, Grant: g, At: s.Now(), By: by.Account, Reason: reason}); err != nil {
			return err
		}
		if err := w.EndSessions(ctx, account, "", s.Now()); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogRoleGiven, account, grantText(g, reason))
	})
}

// RevokeRole takes a role away, and ends the account's sessions: who she is has
// changed.
func (s *Service) RevokeRole(ctx context.Context, by desk.Caller, account string, g desk.Grant, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New("reason-missing", "reason", "taking a role away needs a reason")
	}
	return s.change(ctx, by, account, g.Site, func(w Writer) error {
		was, err := w.Revoke(ctx, Given{Account: account, Grant: g, Revoked: s.Now(), By: by.Account, Reason: reason})
		if err != nil || !was {
			return err
		}
		if err := w.EndSessions(ctx, account, "", s.Now()); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogRoleRevoked, account, grantText(g, reason))
	})
}

// CloseAccount shuts an account: its sessions end and nothing opens it until it
// is opened again. It is never removed, for the ledger names it.
func (s *Service) CloseAccount(ctx context.Context, by desk.Caller, account, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New("reason-missing", "reason", "closing an account needs a reason")
	}
	return s.change(ctx, by, account, "", func(w Writer) error {
		if err := w.CloseAccount(ctx, account, s.Now()); err != nil {
			return err
		}
		if err := w.EndSessions(ctx, account, "", s.Now()); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogAccountClosed, account, reason)
	})
}

// ReopenAccount opens a closed account.
func (s *Service) ReopenAccount(ctx context.Context, by desk.Caller, account, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New("reason-missing", "reason", "opening an account again needs a reason")
	}
	return s.change(ctx, by, account, "", func(w Writer) error {
		if err := w.CloseAccount(ctx, account, time.Time{}); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogAccountOpened, account, reason)
	})
}

// change lets an administrator change an account that is not her own: what one
// person may do she does not decide alone.
func (s *Service) change(ctx context.Context, by desk.Caller, account, site string, do func(Writer) error) error {
	if _, err := s.Door.Allow(by, "manage-accounts", "", site); err != nil {
		return err
	}
	if site == "" && !ofWholeTrial(by) {
		return fault.New(desk.CodeForbidden, "manage-accounts", "an administrator of one site gives roles at that site")
	}
	if account == by.Account {
		return fault.New("account-own", account, "nobody changes what she herself may do").WithHint("another administrator can")
	}
	return s.Store.Write(ctx, func(w Writer) error {
		_, ok, err := w.Account(ctx, account)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(CodeAccount, account, "there is no such account")
		}
		roles, err := w.Roles(ctx, account)
		if err != nil {
			return err
		}
		if len(roles) == 0 { // else a role at her site would make it hers
			if err := s.over(ctx, w, by, account); err != nil {
				return err
			}
		}
		return do(w)
	})
}

func grantText(g desk.Grant, reason string) string {
	text := string(g.Role)
	if g.Site != "" {
		text += " at " + g.Site
	}
	if reason != "" {
		text += ": " + reason
	}
	return text
}

// Shell is the caller that somebody is who has the trial's directory under her
// hands: what she can do there she could do to the files as well.
func Shell() desk.Caller {
	return desk.Caller{Account: "shell", Grants: []desk.Grant{{Role: study.RoleAdministrator}}, From: "shell"}
}
