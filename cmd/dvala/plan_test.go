package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/estimate"
)

// The plan tells before the trial what the report will tell as its methods, in
// names that people know; as text and as a page.
func TestPlan(t *testing.T) {
	for _, example := range []string{"mgt-2024", "crossover"} {
		file := filepath.Join("..", "..", "examples", example, "protocol.yaml")
		var out bytes.Buffer
		if err := (&PlanCmd{File: file}).Run(program(&out)); err != nil {
			t.Fatal(err)
		}
		c, _, err := checkProtocol(file)
		if err != nil {
			t.Fatal(err)
		}
		flat := func(s string) string {
			return strings.Join(strings.Fields(strings.NewReplacer("# ", "", "- ", "", "-\n", "\n").Replace(s)), " ")
		}
		text := flat(strings.ReplaceAll(out.String(), "--", ""))
		for _, p := range strings.Split(estimate.Methods(c), "\n\n") {
			if !strings.HasPrefix(p, "#") && !strings.Contains(text, flat(p)) {
				t.Errorf("%s: the plan lacks: %s", example, p)
			}
		}
		for _, a := range c.Protocol().Arms {
			if strings.Contains(text, a.ID) {
				t.Errorf("%s: the plan names the arm %s by its ID", example, a.ID)
			}
		}
		for _, e := range c.Protocol().Estimands {
			if strings.Contains(text, e.ID) {
				t.Errorf("%s: the plan names the estimand %s by its ID", example, e.ID)
			}
		}
		page := filepath.Join(t.TempDir(), "plan.html")
		if err := (&PlanCmd{File: file, Out: page}).Run(program(&out)); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(page)
		if err != nil || !bytes.Contains(b, []byte(c.HashHex())) || !bytes.Contains(b, []byte("Statistical analysis plan")) {
			t.Errorf("%s: the page is not the plan: %v", example, err)
		}
	}
}
