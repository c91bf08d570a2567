package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/estimate"
)

// referenceData finds a folder of the reference data, which lies beside the
// project.
func referenceData(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("DVALA_REFERENCE")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("data/%s not found; set DVALA_REFERENCE to the reference data", name)
	}
	return dir
}

// A trial run elsewhere becomes a report with numbers and hashes beside it, and
// the same files give the same bytes.
func TestAnalyseStockholm(t *testing.T) {
	data := referenceData(t, "stockholm")
	var first []byte
	for range 2 {
		out := filepath.Join(t.TempDir(), "report.html")
		var stdout, stderr bytes.Buffer
		cmd := AnalyseCmd{Protocol: "../../examples/stockholm/protocol.yaml", Data: data, Out: out}
		if err := cmd.Run(&Program{Stdout: &stdout, Stderr: &stderr}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"sleepiness (primary, confirmed)", "1.65 points", "1.37 to 1.92", "check held: the short night was short"} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("the output lacks %q:\n%s", want, stdout.String())
			}
		}
		if !strings.Contains(stderr.String(), "[table-row]") {
			t.Errorf("the ragged row of the diary is not told: %s", stderr.String())
		}
		b, err := os.ReadFile(strings.TrimSuffix(out, ".html") + ".results.json")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := estimate.ParseResults(b); err != nil {
			t.Fatal(err)
		}
		html, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = html
		} else if !bytes.Equal(first, html) {
			t.Error("the same files gave two reports")
		}
	}
}

func TestAnalyseWantsSomething(t *testing.T) {
	if err := (&AnalyseCmd{}).Run(&Program{}); err == nil {
		t.Error("nothing was analysed without a word")
	}
	bad := AnalyseCmd{Protocol: "../../examples/stockholm/protocol.yaml", Data: t.TempDir(), Out: filepath.Join(t.TempDir(), "r.html")}
	err := bad.Run(&Program{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	if err == nil || strings.Count(err.Error(), "table-missing") != 4 {
		t.Errorf("of an empty directory all four tables are missing: %v", err)
	}
}
