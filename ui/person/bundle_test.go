package person

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The scripts that are embedded are what esbuild makes of the TypeScript beside
// them.
func TestBundleIsCurrent(t *testing.T) {
	source, err := os.ReadFile("person.go")
	if err != nil {
		t.Fatal(err)
	}
	_, line, ok := strings.Cut(string(source), "//go:generate go tool esbuild ")
	line, _, _ = strings.Cut(line, "\n")
	if !ok || !strings.Contains(line, "--outdir=static") {
		t.Fatal("person.go does not say how the scripts are made")
	}
	dir := t.TempDir()
	args := append([]string{"tool", "esbuild"}, strings.Fields(strings.Replace(line, "--outdir=static", "--outdir="+dir, 1))...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	for _, name := range []string{"app.js", "head.js", "sw.js"} {
		made, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("static", name))
		if err != nil || !bytes.Equal(made, kept) {
			t.Errorf("static/%s is older than the TypeScript: run go generate ./ui/person", name)
		}
	}
}

// The TypeScript holds to its types, where a compiler is at hand.
func TestTypes(t *testing.T) {
	tsc := os.Getenv("DVALA_TSC")
	if tsc == "" {
		t.Skip("the TypeScript compiler is not at hand (DVALA_TSC names tsc): types of the scripts were not checked")
	}
	for _, dir := range []string{"app", "app/worker"} {
		if out, err := exec.Command(tsc, "-p", dir).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
}
