package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// The ledger tells a role what the trail tells it: of what is not for her the
// place, the hash, the kind and the time. The hashes verify all the same.
func TestLedgerWithholdsAsTheTrailDoes(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Person(t, desktest.Start)
	read := func(role study.Role) Ledger {
		t.Helper()
		var out Ledger
		w := ask(as(m, everybody()[role], day(1)), http.MethodGet, base+"/ledger", "")
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", role, w.Code, w.Body)
		}
		return out
	}
	whole, part := read(study.RoleAuditor), read(study.RoleAdministrator)
	if len(whole.Entries) != 4 || len(part.Entries) != 4 {
		t.Fatalf("%d and %d entries", len(whole.Entries), len(part.Entries))
	}
	for i, e := range part.Entries {
		w := whole.Entries[i]
		ofTrial := slices.Contains([]string{"opened"}, e.Kind)
		if w.Bytes == "" || (e.Bytes != "") != ofTrial || e.Hash != w.Hash || e.Kind != w.Kind || e.At != w.At {
			t.Errorf("entry %d for an administrator: %+v, for an auditor: %+v", i, e, w)
		}
	}
	// Both roles in one person: what either may read, where she has it.
	both := everybody()[study.RoleAdministrator]
	both.Grants = append(both.Grants, desk.Grant{Role: study.RoleMonitor, Site: "elsewhere"})
	w := ask(as(m, both, day(1)), http.MethodGet, base+"/ledger", "")
	var out Ledger
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || len(out.Entries) != 4 || out.Entries[1].Bytes != "" {
		t.Errorf("a monitor of another site reads %s", w.Body)
	}
}
