package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/cmd/dvala-verify/audit"
	"dvala/fault"
	"dvala/study"
)

// An export is what dvala-verify reads: it finds nothing wrong in it, proves
// that history was extended since an earlier checkpoint, and names the entry or
// file of which one byte was changed.
func TestExport(t *testing.T) {
	trial := opened(t, t.TempDir())
	early := trial.Checkpoint()
	live(t, trial, 4)
	put := func(text string) study.File { return must(trial.PutBlob("r", []byte(text))) }
	do(t, trial, study.RecordDryRun{DryRun: study.DryRun{Results: put("{}"), Report: put("dry")}}, at(20, ""))
	dir := filepath.Join(t.TempDir(), "export")
	if err := trial.Export(ctx, dir); err != nil {
		t.Fatal(err)
	}
	r := audit.Check(os.DirFS(dir), audit.Options{Checkpoint: early, PublicKey: trial.PublicKey().String()})
	if !r.Sound() || r.Randomised != 4 || r.Kits != 4 || r.Since == nil {
		t.Fatalf("%+v\n%s", r, r.Problems.Text())
	}
	if err := trial.Export(ctx, dir); fault.CodeOf(err) != "export-dir" {
		t.Error("written over an earlier export:", err)
	}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw := must(os.ReadFile(path))
		spoiled := []byte(string(raw))
		spoiled[len(raw)/2] ^= 1
		if err := os.WriteFile(path, spoiled, 0o644); err != nil {
			return err
		}
		if audit.Check(os.DirFS(dir), audit.Options{}).Sound() {
			t.Errorf("one bit of %s was changed, and nobody noticed", path)
		}
		return os.WriteFile(path, raw, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range must(os.ReadDir(dir)) {
		if strings.Contains(f.Name(), "key") {
			t.Error("the export holds", f.Name())
		}
	}
}
