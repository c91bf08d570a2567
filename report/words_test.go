package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/report/figure"
	"dvala/report/voice"
	"dvala/sleep"
)

// source parses the files of a directory that are no tests.
func source(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	out := map[string]*ast.File{}
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out[p] = f
	}
	if len(out) == 0 {
		t.Fatal("there is no source in", dir)
	}
	return out
}

// literal gives a string that the source writes out, in one piece or several.
func literal(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return s, err == nil
		}
	case *ast.ParenExpr:
		return literal(x.X)
	case *ast.BinaryExpr:
		a, okA := literal(x.X)
		b, okB := literal(x.Y)
		return a + b, okA && okB && x.Op == token.ADD
	}
	return "", false
}

// saysIn says whether a call is of a voice's Say.
func saysIn(c *ast.CallExpr) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Say"
}

// handed are words that reach the voice by way of a variable.
func handed() []string {
	out := []string{standing, "yes", "no", "unknown", forAuthors, inProtocol}
	for _, s := range sleep.Stages() {
		out = append(out, figure.StageName(s))
	}
	for _, f := range fixtures() {
		for _, i := range newTrial(f.results).consortItems() {
			out = append(out, i.topic, i.where, i.lacks)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

var inTemplate = regexp.MustCompile(`\bsay "((?:[^"\\]|\\.)*)"`)

// said gathers all that the report says, with where.
func saidEnglish(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, dir := range []string{".", "figure", "voice"} {
		for path, f := range source(t, dir) {
			ast.Inspect(f, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok && saysIn(c) && len(c.Args) > 0 {
					if s, ok := literal(c.Args[0]); ok {
						out[s] = path
					}
				}
				return true
			})
		}
	}
	for _, m := range inTemplate.FindAllStringSubmatch(pageSource, -1) {
		out[m[1]] = "page/report.gohtml"
	}
	for _, s := range handed() {
		out[s] = "a variable"
	}
	// The items of the checklist that no fixture shows.
	for path, f := range source(t, ".") {
		if filepath.Base(path) != "consort.go" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok {
				if text, ok := literal(s); ok && strings.Contains(strings.TrimSpace(text), " ") {
					out[text] = path
				}
			}
			return true
		})
	}
	// The words of the procedures stand in a map that is said.
	for path, f := range source(t, ".") {
		if filepath.Base(path) == "family.go" {
			ast.Inspect(f, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if s, ok := literal(kv.Value); ok && strings.HasSuffix(s, ".") {
						out[s] = path
					}
				}
				return true
			})
		}
	}
	return out
}

var places = regexp.MustCompile(`%(?:\[(\d+)\])?([sd%])`)

// placesOf gives the kinds of the places of a format, in the order of its
// arguments.
func placesOf(format string) string {
	at := map[int]string{}
	next := 1
	for _, m := range places.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		k := next
		if m[1] != "" {
			k, _ = strconv.Atoi(m[1])
		}
		at[k], next = m[2], k+1
	}
	out := ""
	for _, k := range slices.Sorted(maps.Keys(at)) {
		out += at[k]
	}
	return out
}

// Everything the report says is there in Swedish with the same places, and no
// Swedish is there that nobody says.
func TestEverythingIsSaidInSwedish(t *testing.T) {
	words, all := voice.Words(), saidEnglish(t)
	for english, where := range all {
		swedish, ok := words[english]
		switch {
		case !ok || strings.TrimSpace(swedish) == "":
			t.Errorf("%s: %q has no Swedish", where, english)
		case placesOf(english) != placesOf(swedish):
			t.Errorf("%q has the places %s, and in Swedish %s", english, placesOf(english), placesOf(swedish))
		case strings.HasPrefix(english, " ") != strings.HasPrefix(swedish, " ") || strings.HasSuffix(english, " ") != strings.HasSuffix(swedish, " "):
			t.Errorf("%q and its Swedish begin or end differently", english)
		}
	}
	for english := range words {
		if _, ok := all[english]; !ok {
			t.Errorf("nobody says %q", english)
		}
	}
	if len(all) < 350 {
		t.Errorf("only %d sentences were found", len(all))
	}
}

// Words that the report puts on the page go through the voice: a literal with a
// space or a capital that does not is found here. Left alone are what is said to
// participants in a language of its own, the plan, and what no reader sees.
func TestNoWordsPastTheVoice(t *testing.T) {
	alone := []string{"people.go", "people_sv.go", "plan.go", "consort.go"}
	seen := regexp.MustCompile(`^[A-ZÅÄÖ][a-zåäö]|[a-zåäö]{2} |[ ,][a-zåäö]{2}`)
	pass := regexp.MustCompile(`^(default-src|dvala|<span| dash| line|doi:)|^[a-z]+: %w|sha256-|; base-uri`)
	for path, f := range source(t, ".") {
		if slices.Contains(alone, filepath.Base(path)) {
			continue
		}
		var visit func(n ast.Node) bool
		visit = func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.GenDecl:
				return x.Tok == token.FUNC
			case *ast.CallExpr:
				if saysIn(x) {
					for _, a := range x.Args[1:] {
						ast.Inspect(a, visit)
					}
					return false
				}
				s, ok := x.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				id, ok := s.X.(*ast.Ident)
				return !ok || id.Name != "fault" && id.Name != "strings"
			case *ast.BasicLit:
				text, ok := literal(x)
				if ok && seen.MatchString(text) && !pass.MatchString(text) && voice.Words()[text] == "" {
					t.Errorf("%s: %q is not said", path, text)
				}
			}
			return true
		}
		ast.Inspect(f, visit)
	}
}
