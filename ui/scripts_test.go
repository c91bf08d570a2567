package ui

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The scripts that are embedded are what esbuild makes of the TypeScript in app.
func TestScriptsAreCurrent(t *testing.T) {
	source := string(must(os.ReadFile("ui.go")))
	_, line, ok := strings.Cut(source, "//go:generate go tool esbuild ")
	line, _, _ = strings.Cut(line, "\n")
	if !ok || !strings.Contains(line, "--outdir=static") {
		t.Fatal("ui.go does not say how the scripts are made")
	}
	dir := t.TempDir()
	args := append([]string{"tool", "esbuild"}, strings.Fields(strings.Replace(line, "--outdir=static", "--outdir="+dir, 1))...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	made := must(filepath.Glob(filepath.Join(dir, "*.js")))
	kept := must(filepath.Glob(filepath.Join("static", "*.js")))
	if len(made) == 0 || len(made) != len(kept) {
		t.Errorf("%d scripts are made, and %d are kept", len(made), len(kept))
	}
	for _, path := range made {
		name := filepath.Base(path)
		if b, err := os.ReadFile(filepath.Join("static", name)); err != nil || !bytes.Equal(b, must(os.ReadFile(path))) {
			t.Errorf("static/%s is older than the TypeScript: run go generate ./ui", name)
		}
	}
}

// The TypeScript holds to its types, where a compiler is at hand.
func TestScriptTypes(t *testing.T) {
	tsc := os.Getenv("DVALA_TSC")
	if tsc == "" {
		t.Skip("the TypeScript compiler is not at hand (DVALA_TSC names tsc): types of the scripts were not checked")
	}
	if out, err := exec.Command(tsc, "-p", "app").CombinedOutput(); err != nil {
		t.Errorf("app: %v\n%s", err, out)
	}
}
