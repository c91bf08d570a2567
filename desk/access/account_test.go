package access_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/store/people"
	"dvala/study"
)

func TestNobodyGivesHerselfRoles(t *testing.T) {
	o := newOffice(t, nil)
	ada := o.caller(t, o.staff(t, "ada", study.RoleAdministrator, ""))
	if err := o.GiveRole(t.Context(), ada, "ada", desk.Grant{Role: study.RoleInvestigator}, ""); fault.CodeOf(err) != "account-own" {
		t.Errorf("her own: %v", err)
	}
	o.staff(t, "bo", study.RoleMonitor, "")
	if err := o.GiveRole(t.Context(), ada, "bo", desk.Grant{Role: study.RoleParticipant}, ""); fault.CodeOf(err) != access.CodeAccount {
		t.Errorf("a participant by hand: %v", err)
	}
	lund := o.caller(t, o.staff(t, "lena", study.RoleAdministrator, "lund"))
	for _, c := range []struct {
		g  desk.Grant
		ok bool
	}{
		{desk.Grant{Role: study.RoleCoordinator, Site: "lund"}, true},
		{desk.Grant{Role: study.RoleCoordinator, Site: "umea"}, false},
		{desk.Grant{Role: study.RoleCoordinator}, false},
	} {
		if err := o.GiveRole(t.Context(), lund, "bo", c.g, "covers for Anna"); (err == nil) != c.ok {
			t.Errorf("an administrator of one site gives %v: %v", c.g, err)
		}
	}
	if err := o.GiveRole(t.Context(), ada, "bo", desk.Grant{Role: study.RolePharmacist}, " "); fault.CodeOf(err) != "reason-missing" {
		t.Errorf("a role without a reason: %v", err)
	}
	bo := o.caller(t, o.byLink(t, "bo"))
	if _, err := o.AddAccount(t.Context(), bo, access.Account{ID: "eve", Name: "Eve E"}); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("a coordinator makes accounts: %v", err)
	}
}

func TestAccountsAreChecked(t *testing.T) {
	o := newOffice(t, nil)
	for _, a := range []access.Account{
		{ID: "P0001", Name: "x"},
		{ID: "a", Name: "Anna A"},
		{ID: "anna", Name: "Anna\nA"},
		{ID: "anna", Name: "Anna A", Mail: "a@b@c"},
		{ID: "anna", Name: "Anna A", Mail: "a@b.example\r\nBcc: x"},
		{ID: "anna", Name: "Anna A", Lang: "de"},
	} {
		if _, err := o.AddAccount(t.Context(), access.Shell(), a); fault.CodeOf(err) != access.CodeAccount {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// The log has every change, in order, and shows when it was touched.
func TestAccessLogIsAChain(t *testing.T) {
	dir := t.TempDir()
	store := must(people.Open(t.Context(), dir))
	o := newOffice(t, func(c *access.Config) { c.Store = store })
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	must(o.Redeem(t.Context(), access.Visit{}, must(o.Invite(t.Context(), anna, "P0001", "sv")).Code))
	_, _ = o.Redeem(t.Context(), access.Visit{}, "ABCD-EFGH-JKLM")
	audit := o.caller(t, o.staff(t, "ulla", study.RoleAuditor, ""))
	if err := o.RevokeRole(t.Context(), access.Shell(), "anna", desk.Grant{Role: study.RoleCoordinator, Site: "lund"}, "left"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range must(o.AccessLog(t.Context(), audit, 1, 100)) {
		got = append(got, e.What)
	}
	want := []string{
		"account-added", "role-given", "link-made", "signed-in", "invited", "account-added", "signed-in", "sign-in-refused",
		"account-added", "role-given", "link-made", "signed-in", "role-revoked",
	}
	if len(got) != len(want) {
		t.Fatalf("log: %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d is %s, want %s", i+1, got[i], want[i])
		}
	}
	n, head, err := access.VerifyLog(t.Context(), store)
	if err != nil || n != int64(len(want)) || len(head) != 64 {
		t.Fatalf("verify: %d, %q, %v", n, head, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, harm := range []string{
		"UPDATE access_log SET detail = 'monitor' WHERE seq = 2", "DELETE FROM access_log WHERE seq = 3",
		"UPDATE access_log SET at = at + 1 WHERE seq = 1",
	} {
		db := must(sql.Open("sqlite", filepath.Join(dir, "people.db")))
		tx := must(db.Begin())
		must(tx.Exec(harm))
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		db.Close()
		again := must(people.Open(t.Context(), dir))
		if _, _, err := access.VerifyLog(t.Context(), again); fault.CodeOf(err) != "access-log" {
			t.Errorf("%s: %v", harm, err)
		}
		again.Close()
	}
}

// An administrator of a site sees the accounts that she reaches, and no others.
func TestAccountsOfASite(t *testing.T) {
	o := newOffice(t, nil)
	o.staff(t, "anna", study.RoleCoordinator, "lund")
	o.staff(t, "ulf", study.RoleCoordinator, "umea")
	o.staff(t, "ulla", study.RoleAuditor, "")
	lena := o.caller(t, o.staff(t, "lena", study.RoleAdministrator, "lund"))
	ada := o.caller(t, o.staff(t, "ada", study.RoleAdministrator, ""))
	ids := func(c desk.Caller) (out []string) {
		for _, a := range must(o.Accounts(t.Context(), c)) {
			out = append(out, a.ID)
		}
		return out
	}
	if got := ids(lena); len(got) != 2 || got[0] != "anna" || got[1] != "lena" {
		t.Errorf("an administrator of Lund sees %v", got)
	}
	if got := ids(ada); len(got) != 5 {
		t.Errorf("an administrator of the trial sees %v", got)
	}
}
