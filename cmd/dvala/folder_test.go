package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/custody"
	"dvala/desk"
	"dvala/fault"
	"dvala/seal"
	"dvala/study"
)

// In an emergency the folder of the request is all that the custodian and the
// physician need beside their keys: no export, no account, no list of their own.
func TestEmergencyFolder(t *testing.T) {
	d, _ := stage(t, nil)
	office := desk.NewOffice(d.trial, func() time.Time { return d.end })
	state := d.trial.State()
	var who, other study.Subject
	for _, x := range state.Order {
		switch p := state.People[x]; {
		case p.Randomised == nil || len(p.Withdrawn) > 0:
		case who == "":
			who = x
		default:
			other = x
		}
	}
	dir := t.TempDir()
	public, _, _ := strings.Cut(mustDvala(t, dir, "key", "physician"), "\n")
	tell := func(cmd study.Command, role study.Role, means string) uint64 {
		t.Helper()
		m := d.later(role, "staff")
		m.Subject, m.Reason = who, "anaphylaxis"
		if means != "" {
			m.Signature = &study.Signature{Name: "Ingrid Ek", Meaning: means, Method: "passkey"}
		}
		r, err := d.trial.Do(d.ctx, cmd, m)
		if err != nil {
			t.Fatal(err)
		}
		return r.First
	}
	request := tell(study.RequestUnblinding{Physician: "Dr Holm", Recipient: public}, study.RoleInvestigator, study.MeansResponsibility)
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	caller := desk.Caller{Account: "kim", Grants: []desk.Grant{{Role: study.RoleCustodian}}}
	folder := func() string {
		t.Helper()
		name, raw, err := office.EmergencyFolder(t.Context(), caller, request)
		if err != nil {
			t.Fatal(err)
		}
		put(name, raw)
		f, err := seal.ParseFolder(raw)
		if err != nil || strings.Contains(string(f.Excerpt), string(other)) {
			t.Errorf("it tells of somebody else, or is none: %v", err)
		}
		return name
	}
	name := folder()
	put("custodian.key", d.key.File())
	refused(t, custody.CodeShare, dir, "open", "--emergency", "--key", "physician.key", "--from", name)
	out := mustDvala(t, dir, "open", "--emergency", "--key", "custodian.key", "--from", name, "-o", "slot.age")
	if !strings.Contains(out, "participant "+string(who)+", and of no other") || !strings.Contains(out, "--from "+name) {
		t.Error(out)
	}
	// The part beside the folder, or in one that is taken anew.
	want := mustDvala(t, dir, "open", "--emergency", "--key", "physician.key", "--from", name, "--slot-key", "slot.age")
	part, err := os.ReadFile(filepath.Join(dir, "slot.age"))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := d.trial.PutBlob("slot.age", part)
	if err != nil {
		t.Fatal(err)
	}
	tell(study.GrantUnblinding{Request: request, By: study.ByCustodian, Key: stored}, study.RoleCustodian, "")
	if got := mustDvala(t, dir, "open", "--emergency", "--key", "physician.key", "--from", folder()); got != want || !strings.Contains(got, "(") {
		t.Errorf("%q with the part inside, %q with it beside", got, want)
	}
	arms := 0
	for _, a := range d.checked.Assignments() {
		if strings.Contains(want, a.ID) {
			arms++
		}
	}
	if arms != 1 {
		t.Errorf("it names %d arms: %s", arms, want)
	}
	// Whoever may not see that it was asked gets nothing, nor is anything else a folder.
	if _, _, err := office.EmergencyFolder(t.Context(), desk.Participant(other), request); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("another participant: %v", err)
	}
	if _, _, err := office.EmergencyFolder(t.Context(), caller, request-1); err == nil {
		t.Error("an entry that asks nothing has a folder")
	}
	mustDvala(t, dir, "key", "new", "-o", "other.key")
	refused(t, custody.CodeKey, dir, "open", "--emergency", "--key", "other.key", "--from", name, "-o", "x")
	refused(t, seal.CodeFolder, dir, "open", "--emergency", "--key", "custodian.key", "--from", "slot.age", "-o", "x")
}
