package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"dvala/fault"
)

// refusing are the packages whose refusals reach the pages of the desk.
var refusing = []string{
	"../study", "../desk", "../desk/access", "../desk/contact", "../desk/remind", "../store", "../store/people", "../identity", "../seal", ".",
}

// A refusal is a code, and every code that can reach a page of the desk is said
// in both languages: none is left to the program's own English.
func TestEveryRefusalIsSaid(t *testing.T) {
	c := must(readWords())
	codes := map[string]string{}
	for _, dir := range refusing {
		for code, where := range codesIn(t, dir) {
			if codes[code] == "" {
				codes[code] = where
			}
		}
	}
	if len(codes) < 150 {
		t.Fatalf("%d codes were found: they are not looked for rightly", len(codes))
	}
	var missing []string
	for code, where := range codes {
		for _, lang := range languages {
			if _, ok := c.code(lang, code); !ok {
				missing = append(missing, code+" ("+where+") in "+lang)
			}
		}
	}
	sort.Strings(missing)
	for _, m := range missing {
		t.Error("not said: ", m)
	}
}

// codesIn gives the codes of faults that a package makes: the first argument of
// fault.New, fault.Wrap, of a list's Addf and Merge, and what is declared as one.
func codesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	out := map[string]string{}
	files := must(filepath.Glob(filepath.Join(dir, "*.go")))
	if len(files) == 0 {
		t.Fatal(dir, fs.ErrNotExist)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file := must(parser.ParseFile(set, path, nil, 0))
		note := func(e ast.Expr) {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if code := must(strconv.Unquote(lit.Value)); code != "" {
					out[code] = set.Position(lit.Pos()).String()
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				if f, ok := x.Fun.(*ast.SelectorExpr); ok && len(x.Args) > 1 && makesFault(f) {
					note(x.Args[0])
				}
			case *ast.ValueSpec:
				if isCode(x.Type) {
					for _, v := range x.Values {
						note(v)
					}
				}
			}
			return true
		})
	}
	return out
}

func makesFault(f *ast.SelectorExpr) bool {
	if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "fault" {
		return f.Sel.Name == "New" || f.Sel.Name == "Wrap"
	}
	return f.Sel.Name == "Addf" || f.Sel.Name == "Merge"
}

func isCode(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Code"
}

// What a message carries that no language changes is told in every language.
func TestParticularsAreTold(t *testing.T) {
	a := &ask{Server: &Server{words: must(readWords())}, lang: "sv"}
	for _, c := range []struct {
		p       *fault.Problem
		sv, en  string
		foreign bool
	}{
		{fault.New("diary-closed", "night", "the night to %v is %d days ago; the diary can be filled in for %d", date(3), 9, 3), "natten till 5\u00a0mars\u00a02026 var för 9 dagar sedan; dagboken kan fyllas i under 3", "the night to 2026-03-05 is 9 days ago; the diary can be filled in for 3", false},
		{fault.New("query-closed", "query", "this query is closed"), "Frågan är avslutad.", "This query is closed.", false},
		{fault.New("kit-given", "kit", "kit %s was handed out to %s", "K-f1", "P0007"), "förpackning K-f1 är utlämnad till P0007", "kit K-f1 was handed out to P0007", false},
		{fault.New("never-heard-of", "", "nobody has words for this"), "nobody has words for this", "nobody has words for this", true},
	} {
		a.lang, a.tells = "sv", &speaker{words: a.words, lang: "sv", zone: time.UTC}
		got := a.refusal(c.p)
		if got.Text != c.sv || got.Foreign != c.foreign {
			t.Errorf("%q, in English %v", got.Text, got.Foreign)
		}
		a.lang, a.tells = "en", &speaker{words: a.words, lang: "en", zone: time.UTC}
		if got := a.refusal(c.p); got.Text != c.en || got.Foreign {
			t.Errorf("%q", got.Text)
		}
	}
}
