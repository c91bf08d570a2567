package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"dvala/cmd/dvala-verify/audit"
	"dvala/seal"
	"dvala/study"
)

// A trial whose list was extended and in which people were unblinded goes on to
// its report: the custodian opens both lists together, refuses one without the
// other, and all of it verifies.
func TestExtendedTrialToItsReport(t *testing.T) {
	d, _ := stage(t, nil)
	incidents(t, d)
	if err := d.dryRun(); err != nil {
		t.Fatal(err)
	}
	lists := d.trial.State().Lists()
	if len(lists) != 2 {
		t.Fatalf("%v", lists)
	}
	first := d.list
	if err := d.lockAndOpen(); err == nil {
		t.Fatal("the first list was opened without the one that extends it")
	}
	raw, err := d.trial.Blob(lists[1])
	if err != nil {
		t.Fatal(err)
	}
	more, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if d.list, err = seal.Join(first, more); err != nil {
		t.Fatal(err)
	}
	openings, err := d.custodianOpens()
	if err != nil {
		t.Fatal(err)
	}
	file, err := d.trial.PutBlob(openingsName, openings.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.trial.Do(d.ctx, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: file}}, d.later(study.RoleCustodian, "custodian")); err != nil {
		t.Fatal(err)
	}
	if err := d.report(); err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(t.TempDir(), "export")
	if err := d.trial.Export(d.ctx, export); err != nil {
		t.Fatal(err)
	}
	r := audit.Check(os.DirFS(export), audit.Options{})
	if !r.Sound() || r.Slots != d.list.Len() || r.Opened != d.list.Len() {
		t.Errorf("%d slots, %d opened: %s", r.Slots, r.Opened, r.Problems.Text())
	}
}
