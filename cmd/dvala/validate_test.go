package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A sound machine passes, its record can be checked, and a changed record is
// found out.
func TestValidate(t *testing.T) {
	dir := t.TempDir()
	record := filepath.Join(dir, "validation.json")
	var out bytes.Buffer
	p := &Program{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: time.Now, Width: 80}
	if err := (&ValidateCmd{Dir: dir, Protocol: "../../examples/mgt-2024/protocol.yaml", Out: record}).Run(p); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	raw, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	var v validation
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if !v.Passed || len(v.Tests) != len(qualifications) || len(v.Requirements) != len(requirements) {
		t.Errorf("passed %v, %d tests, %d requirements", v.Passed, len(v.Tests), len(v.Requirements))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".dvala-validate-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := (&ValidateCmd{Check: record, Public: v.PublicKey}).Run(p); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(record, bytes.Replace(raw, []byte(`"passed"`), []byte(`"failed"`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (&ValidateCmd{Check: record, Public: v.PublicKey}).Run(p); err == nil {
		t.Error("a changed record passes")
	}
}

// Every requirement has tests that exist, and every test is of a requirement.
func TestRequirementsAndTests(t *testing.T) {
	exists, used := map[string]bool{}, map[string]bool{}
	for _, q := range qualifications {
		exists[q.id] = true
	}
	for _, r := range requirements {
		if r.Duty != "" && len(r.Tests) == 0 && r.Clause != "" && r.Risk != "" {
			continue // the organisation's own
		}
		if len(r.Tests) == 0 || r.Clause == "" || r.Risk == "" {
			t.Errorf("%s wants tests, a clause and a risk", r.ID)
		}
		for _, id := range r.Tests {
			if !exists[id] {
				t.Errorf("%s names the test %s, which is not there", r.ID, id)
			}
			used[id] = true
		}
		if got := r.result(map[string]string{}); got != failed {
			t.Errorf("%s without results is %s", r.ID, got)
		}
	}
	for id := range exists {
		if !used[id] {
			t.Errorf("%s is of no requirement", id)
		}
	}
}
