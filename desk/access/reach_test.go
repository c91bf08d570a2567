package access_test

import (
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// An administrator of one site has no hand on accounts that can more than she
// can: their links, sessions and passkeys would be ways to their rights.
func TestAdministratorsReachTheirSitesAccountsOnly(t *testing.T) {
	o := newOffice(t, nil)
	lena := o.caller(t, o.staff(t, "lena", study.RoleAdministrator, "lund"))
	ada := o.caller(t, o.staff(t, "ada", study.RoleAdministrator, ""))
	for id, g := range map[string]desk.Grant{
		"here": {Role: study.RoleCoordinator, Site: "lund"}, "there": {Role: study.RoleCoordinator, Site: "umea"},
		"everywhere": {Role: study.RoleStatistician}, "both": {Role: study.RoleCoordinator, Site: "lund"},
	} {
		o.staff(t, id, g.Role, g.Site)
	}
	if err := o.GiveRole(t.Context(), access.Shell(), "both", desk.Grant{Role: study.RoleMonitor, Site: "umea"}, "begins"); err != nil {
		t.Fatal(err)
	}
	must(o.AddAccount(t.Context(), access.Shell(), access.Account{ID: "new", Name: "New N"}))
	must(o.AddAccount(t.Context(), lena, access.Account{ID: "hers", Name: "Hers H"}))
	for id, reached := range map[string]bool{
		"here": true, "there": false, "everywhere": false, "both": false, "new": false, "hers": true, "ada": false, "nobody": false,
	} {
		_, link := o.LinkFor(t.Context(), lena, id)
		_, list := o.SessionsOf(t.Context(), lena, id)
		end := o.EndAllOf(t.Context(), lena, id, "lost")
		drop := o.DropPasskeyOf(t.Context(), lena, id, "x")
		if fault.CodeOf(drop) == "passkey-unknown" {
			drop = nil
		}
		for what, err := range map[string]error{"a link": link, "its sessions": list, "ending them": end, "dropping a passkey": drop} {
			if reached && err != nil || !reached && fault.CodeOf(err) != desk.CodeForbidden {
				t.Errorf("%s of %s: %v", what, id, err)
			}
		}
		if id != "nobody" && id != "ada" {
			if _, err := o.LinkFor(t.Context(), ada, id); err != nil {
				t.Errorf("whoever administers the whole trial, of %s: %v", id, err)
			}
		}
	}
	if err := o.GiveRole(t.Context(), lena, "new", desk.Grant{Role: study.RoleMonitor, Site: "lund"}, ""); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("by a role at her site she takes an account that another made: %v", err)
	}
	if got := must(o.Store.Sessions(t.Context(), "there")); len(got) != 1 {
		t.Errorf("sessions elsewhere: %d, want 1", len(got))
	}
}

// Participants are of the site where they take part.
func TestAdministratorsReachParticipantsOfTheirSites(t *testing.T) {
	o := newOffice(t, nil)
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	must(o.Redeem(t.Context(), access.Visit{}, must(o.Invite(t.Context(), anna, "P0001", "sv")).Code))
	for site, reached := range map[string]bool{"lund": true, "umea": false} {
		c := o.caller(t, o.staff(t, "of-"+site, study.RoleAdministrator, site))
		if err := o.EndAllOf(t.Context(), c, "P0001", "lost"); (err == nil) != reached {
			t.Errorf("from %s: %v", site, err)
		}
	}
}
