package house

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// testName is how a page names a test: in back quotes or without, and whole.
var (
	testName = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z0-9]+\b`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)\(`)
	clause   = regexp.MustCompile(`\b[0-9]+\.[0-9]+\.(?:[0-9]+|x)\b`)
)

// Every test that doc/security.md names is in the tree, and every threat in its
// table has a test and a clause.
func TestThreatsHaveTheirTests(t *testing.T) {
	page, err := os.ReadFile(path.Join(root, "doc/security.md"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no page of threats")
	}
	if err != nil {
		t.Fatal(err)
	}
	there := testsInTree(t)
	rows := 0
	for i, line := range strings.Split(string(page), "\n") {
		for _, name := range testName.FindAllString(line, -1) {
			if !there[name] {
				t.Errorf("doc/security.md:%d: there is no %s", i+1, name)
			}
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| threat") {
			continue
		}
		rows++
		if !testName.MatchString(line) || !clause.MatchString(line) {
			t.Errorf("doc/security.md:%d: a threat without a test or a clause: %.60s", i+1, line)
		}
	}
	if rows < 20 {
		t.Errorf("only %d threats in doc/security.md", rows)
	}
}

func testsInTree(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path.Join(root, name))
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
