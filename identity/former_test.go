package identity_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"

	"dvala/fault"
	"dvala/identity"
)

// What was known before a change is kept with who, when and why, under her key;
// of two who change the same, the second is told; and erasing takes all of it.
func TestFormerRecords(t *testing.T) {
	dir := t.TempDir()
	v, s := open(t, dir, must(identity.GenerateMaster(rand.Reader)))
	ctx := t.Context()
	if _, err := v.Replace(ctx, "P0001", identity.Person{Name: "Astrid Ek"}, "", identity.Change{By: "anna", Role: "coordinator"}); err != nil {
		t.Fatal(err)
	}
	_, read, _, err := v.Read(ctx, "P0001")
	if err != nil || read == "" {
		t.Fatal(read, err)
	}
	why := identity.Change{By: "ingrid", Role: "investigator", Reason: "Astrid married, and is Zetterkvist now"}
	if _, err := v.Replace(ctx, "P0001", identity.Person{Name: "Astrid Zetterkvist"}, read, why); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Replace(ctx, "P0001", identity.Person{Name: "Somebody Else"}, read, why); fault.CodeOf(err) != identity.CodeChanged {
		t.Errorf("a change to what was changed since: %v", err)
	}
	all := must(v.Formers(ctx, "P0001"))
	if len(all) != 2 || all[0].Known || all[0].By != "anna" || all[1].Person.Name != "Astrid Ek" || all[1].Change != why || all[1].At.IsZero() {
		t.Errorf("kept: %+v", all)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if inFiles(t, dir, "Zetterkvist") {
		t.Errorf("the reason stands in the clear in %s", filepath.Base(dir))
	}
	v, s = open(t, dir, must(identity.GenerateMaster(rand.Reader)))
	defer s.Close()
	if err := v.Erase(ctx, "P0001"); err != nil {
		t.Fatal(err)
	}
	if all, err := v.Formers(ctx, "P0001"); err != nil || len(all) != 0 {
		t.Errorf("after an erasure: %+v %v", all, err)
	}
}
