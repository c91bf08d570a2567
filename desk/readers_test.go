package desk

import (
	"slices"
	"testing"

	"dvala/study"
)

// Every kind of entry is sorted by what it is about, so that a new one is not
// read, nor withheld, for want of a line.
func TestEveryKindHasReaders(t *testing.T) {
	for _, k := range study.Kinds() {
		if matters[k] == 0 {
			t.Errorf("nobody has said who reads %s", k)
		}
	}
	for k := range matters {
		if !slices.Contains(study.Kinds(), k) {
			t.Errorf("there is no kind %s", k)
		}
	}
}

// What each of the roles that read a part reads, told by hand and not from the
// table: what she writes herself, and nothing of what people answer.
func TestWhoReadsWhat(t *testing.T) {
	for _, c := range []struct {
		role study.Role
		kind study.Kind
		who  study.Subject
		may  bool
	}{
		{study.RolePharmacist, study.KindKitsReceived, "", true},
		{study.RolePharmacist, study.KindKitNoted, "", true},
		{study.RolePharmacist, study.KindKitReplaced, "P0001", true},
		{study.RolePharmacist, study.KindListExtended, "", true},
		{study.RolePharmacist, study.KindProposed, "", true},
		{study.RolePharmacist, study.KindApproved, "", true},
		{study.RolePharmacist, study.KindApproved, "P0001", false},
		{study.RolePharmacist, study.KindAmendmentInForce, "", true},
		{study.RolePharmacist, study.KindUnblindingGranted, "P0001", true},
		{study.RolePharmacist, study.KindAnswered, "P0001", false},
		{study.RolePharmacist, study.KindAdverseEvent, "P0001", false},
		{study.RoleAdministrator, study.KindAnswered, "P0001", false},
		{study.RoleAdministrator, study.KindRandomised, "P0001", false},
		{study.RoleAdministrator, study.KindCorrected, "P0001", false},
		{study.RoleAdministrator, study.KindErased, "P0001", true},
		{study.RoleAdministrator, study.KindProposed, "", true},
		{study.RoleAdministrator, study.KindProposed, "P0001", false},
		{study.RoleCustodian, study.KindUnblindingRequested, "P0001", true},
		{study.RoleCustodian, study.KindAllocationsOpen, "", true},
		{study.RoleCustodian, study.KindDispensed, "P0001", false},
		{study.RoleMonitor, study.KindAnswered, "P0001", true},
		{study.RoleAuditor, study.KindAdverseEvent, "P0001", true},
	} {
		if got := MayRead(c.role, c.kind, c.who); got != c.may {
			t.Errorf("a %s reads %s about %q: %v", c.role, c.kind, c.who, got)
		}
	}
}
