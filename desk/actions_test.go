package desk

import (
	"testing"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Every command that can be written down is in the table, so that none is
// refused or let through for want of a line.
func TestEveryCommandHasARule(t *testing.T) {
	for _, name := range study.CommandNames() {
		if _, ok := RuleOf(Action(name)); !ok {
			t.Errorf("the command %s has no rule", name)
		}
	}
}

func TestWhatIsNotInTheTableNobodyMayDo(t *testing.T) {
	all := Caller{Account: "a", Strong: time.Unix(100, 0)}
	for _, r := range order {
		all.Grants = append(all.Grants, Grant{Role: r})
	}
	if _, err := As(all, "rename-arms", "", "", time.Unix(100, 0)); fault.CodeOf(err) != CodeForbidden {
		t.Errorf("an action that is not in the table was let through: %v", err)
	}
	if _, err := As(Caller{}, "see-overview", "", "", time.Unix(100, 0)); fault.CodeOf(err) != CodeForbidden {
		t.Errorf("nobody was let through: %v", err)
	}
}

func TestReach(t *testing.T) {
	now := time.Unix(1000, 0)
	anna := Caller{Account: "anna", Grants: []Grant{{study.RoleCoordinator, "lund"}}}
	for _, c := range []struct {
		what   string
		who    Caller
		action Action
		of     study.Subject
		site   string
		ok     bool
	}{
		{"a participant answers for herself", Participant("P0001"), "answer", "P0001", "lund", true},
		{"a participant answers for another", Participant("P0001"), "answer", "P0002", "lund", false},
		{"a participant sees another", Participant("P0001"), "see-person", "P0002", "lund", false},
		{"a coordinator at her site", anna, "randomise", "P0001", "lund", true},
		{"a coordinator at another site", anna, "randomise", "P0001", "umea", false},
		{"a coordinator locks", anna, "lock", "", "", false},
		{"a list of people asks for the site's", anna, "see-people", "", "lund", true},
	} {
		role, err := As(c.who, c.action, c.of, c.site, now)
		if (err == nil) != c.ok {
			t.Errorf("%s: role %q, %v", c.what, role, err)
		}
	}
	inv := Caller{Account: "ingrid", Grants: []Grant{{Role: study.RoleInvestigator}}, Strong: now.Add(-6 * time.Minute)}
	if _, err := As(inv, "lock", "", "", now); fault.CodeOf(err) != CodeStrong {
		t.Errorf("a lock with a stale proof: %v", err)
	}
}
