package house

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every relative link in a page leads to a file that is there.
func TestLinksResolve(t *testing.T) {
	pages := 0
	walk(t, func(name string, text string) {
		pages++
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			if _, err := os.Stat(path.Join(root, path.Dir(name), to)); err != nil {
				t.Errorf("%s: link to %s leads nowhere", name, m[1])
			}
		}
	})
	if pages < 3 {
		t.Fatalf("only %d pages found", pages)
	}
}

// A method page is complete enough to write the code again: it has these heads.
func TestMethodPagesHaveTheirHeads(t *testing.T) {
	heads := []string{"Model", "Symbols", "Estimate", "Numerics", "Missing data", "Where we differ", "How checked", "References"}
	walk(t, func(name string, text string) {
		if path.Dir(name) != "doc/methods" || path.Base(name) == "README.md" {
			return
		}
		for _, h := range heads {
			if !regexp.MustCompile(`(?m)^#+ ` + h + `\s*$`).MatchString(text) {
				t.Errorf("%s: no head %q", name, h)
			}
		}
	})
}

// The repository speaks of the project alone, and leaves nothing half said.
func TestNothingForeign(t *testing.T) {
	marks := regexp.MustCompile(`TODO|FIXME|XXX:|not implemented|/wor[k]/|/tmp/dval[a]/`)
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == ".git" || name == "bin" || name == "out" || name == "demo" || path.Base(name) == "fuzz" {
				return fs.SkipDir
			}
			return nil
		}
		switch path.Ext(name) {
		case ".go", ".md", ".yaml", ".yml", ".html", ".css", ".sql", ".txtar", "":
		default:
			return nil
		}
		if name == "internal/house/docs_test.go" {
			return nil
		}
		b, err := os.ReadFile(path.Join(root, name))
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(b), "\n") {
			if m := marks.FindString(line); m != "" {
				t.Errorf("%s:%d: %q stands in the tree", name, i+1, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walk gives every Markdown page of the tree.
func walk(t *testing.T, page func(name, text string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".md" {
			return nil
		}
		b, err := os.ReadFile(path.Join(root, name))
		if err != nil {
			return err
		}
		page(name, string(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The hash of the source that the program carries is that of the source.
func TestSourceSumIsCurrent(t *testing.T) {
	want, err := SourceHash(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path.Join(root, SourceSum))
	if err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("%s is older than the source: run make generate", SourceSum)
	}
}

// Every page of a folder is in its list.
func TestIndexesAreCurrent(t *testing.T) {
	for folder := range Folders {
		want, err := Index(os.DirFS(root), folder)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := os.ReadFile(path.Join(root, folder, "README.md"))
		if err != nil || string(got) != want {
			t.Errorf("%s/README.md is older than its pages: run make generate", folder)
		}
	}
}
