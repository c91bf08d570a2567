package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// Module is the module's path, which begins every import of our own.
const Module = "dvala"

// source is one parsed Go file that ships: not a test, not testdata.
type source struct {
	name string // from the root
	pkg  string // directory
	file *ast.File
	text []byte
}

// read parses every shipped Go file of the tree, tests left out: they may
// stand anywhere and hold anything, since they are not in the program.
func read(tree fs.FS) ([]source, *token.FileSet, error) {
	fset := token.NewFileSet()
	var out []source
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		out = append(out, source{name: name, pkg: path.Dir(name), file: f, text: text})
		return nil
	})
	return out, fset, err
}

// roomOf finds the room a package lies in: the longest listed path above it.
func roomOf(pkg string) (Room, bool) {
	best, found := Room{}, false
	for _, r := range Rooms {
		if (pkg == r.Path || strings.HasPrefix(pkg, r.Path+"/")) && len(r.Path) > len(best.Path) {
			best, found = r, true
		}
	}
	return best, found
}

// Broken lists every breach in the tree, sorted.
func Broken(tree fs.FS) ([]string, error) {
	files, fset, err := read(tree)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no Go file found: a check of nothing checks nothing")
	}
	var out []string
	documented := map[string]bool{}
	for _, f := range files {
		documented[f.pkg] = documented[f.pkg] || f.file.Doc != nil
		room, ok := roomOf(f.pkg)
		if !ok {
			out = append(out, fmt.Sprintf("%s: %s is in no room of the house", f.name, f.pkg))
			continue
		}
		out = append(out, imports(f, room)...)
		if room.Floor <= 2 {
			out = append(out, impureCalls(f, fset)...)
		}
		out = append(out, sizes(f, room, fset)...)
	}
	for pkg, ok := range documented {
		if !ok {
			out = append(out, pkg+": no package comment")
		}
	}
	sort.Strings(out)
	return out, nil
}

func imports(f source, room Room) []string {
	var out []string
	for _, spec := range f.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if own, ok := strings.CutPrefix(name, Module+"/"); ok {
			if why := doorBetween(room, own); why != "" {
				out = append(out, fmt.Sprintf("%s: imports %s: %s", f.name, own, why))
			}
			name = own
		} else if room.Floor <= 2 && isImpure(name) {
			out = append(out, fmt.Sprintf("%s: imports %s: floors 0 to 2 do no I/O and read no clock", f.name, name))
		}
		for _, w := range Walls {
			if name == w.Package && !inAny(f.pkg, w.Only) && !within(f.pkg, w.Package) {
				out = append(out, fmt.Sprintf("%s: imports %s: only %s may: %s", f.name, name, strings.Join(w.Only, ", "), w.Because))
			}
		}
	}
	return out
}

// doorBetween says why a room may not import a package, or "".
func doorBetween(room Room, pkg string) string {
	to, ok := roomOf(pkg)
	switch {
	case !ok:
		return "it is in no room"
	case to.Path == room.Path:
		return ""
	case to.Floor > room.Floor:
		return fmt.Sprintf("that leads up, from floor %d to floor %d", room.Floor, to.Floor)
	case to.Floor < room.Floor:
		return ""
	}
	for _, b := range room.Beside {
		if to.Path == b || within(to.Path, b) {
			return ""
		}
	}
	return fmt.Sprintf("a neighbour on floor %d that this room has no door to", to.Floor)
}

func isImpure(name string) bool {
	for _, bad := range impure {
		if name == bad || (bad != "math/rand" && within(name, bad)) {
			return true
		}
	}
	return false
}

func within(name, room string) bool { return name == room || strings.HasPrefix(name, room+"/") }

func inAny(pkg string, rooms []string) bool {
	for _, r := range rooms {
		if within(pkg, r) {
			return true
		}
	}
	return false
}

// impureCalls finds reads of the clock and of global randomness.
func impureCalls(f source, fset *token.FileSet) []string {
	alias := map[string]string{}
	for _, spec := range f.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if name != "time" && name != "math/rand/v2" {
			continue
		}
		local := map[string]string{"time": "time", "math/rand/v2": "rand"}[name]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		alias[local] = name
	}
	var out []string
	ast.Inspect(f.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		what := sel.Sel.Name
		switch alias[id.Name] {
		case "time":
			if clocks[what] {
				out = append(out, fmt.Sprintf("%s: time.%s: time is handed in on floors 0 to 2", fset.Position(sel.Pos()), what))
			}
		case "math/rand/v2":
			if ast.IsExported(what) && !generators[what] && isFunc(what) {
				out = append(out, fmt.Sprintf("%s: rand.%s: a seeded generator is handed in on floors 0 to 2", fset.Position(sel.Pos()), what))
			}
		}
		return true
	})
	return out
}

// isFunc tells the functions of math/rand/v2 from its types.
func isFunc(name string) bool {
	switch name {
	case "Rand", "Source", "PCG", "ChaCha8", "Zipf":
		return false
	}
	return true
}

// sizes finds files and functions past their size that have no stated reason.
func sizes(f source, room Room, fset *token.FileSet) []string {
	var out []string
	if generated(f.file) {
		return nil
	}
	lines := strings.Count(string(f.text), "\n")
	if lines > maxFileLines && Reasons[f.name] == "" {
		out = append(out, fmt.Sprintf("%s: %d lines, over %d without a reason", f.name, lines, maxFileLines))
	}
	limit := maxFuncLines
	if room.Floor == 1 {
		limit = maxKernelLines
	}
	for _, d := range f.file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
		key := f.name + ":" + fn.Name.Name
		if n > limit && Reasons[key] == "" {
			out = append(out, fmt.Sprintf("%s: %d lines, over %d without a reason", key, n, limit))
		}
	}
	return out
}

func generated(f *ast.File) bool {
	for _, c := range f.Comments {
		if strings.Contains(c.Text(), "DO NOT EDIT") {
			return true
		}
	}
	return false
}
