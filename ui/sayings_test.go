package ui

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sayings is every sentence in a package's source that becomes the message or the
// hint of a problem, through whatever functions of the package it goes on its way.
type sayings struct {
	set     *token.FileSet
	files   []*ast.File
	info    types.Info
	tellers map[types.Object][]teller // functions that take a sentence and hand it on
	params  map[types.Object]handed
	found   map[string]saying
	values  map[string]string // words that stand in the places of sentences, and where
	inPlace map[handed]bool   // parameters that do
	seen    map[types.Object]bool
	spoken  bool // values are looked at
	handing int
	wrapped map[string]string // codes under which another program's words are told, and where
	unseen  map[string]string // expressions whose text is known only as the program runs, and where
}

// saying is a sentence, with the code that is written beside it and where it is.
type saying struct{ code, where string }

// teller says where among a function's arguments the sentence is, and the code, -1
// if it is not among them.
type teller struct{ text, code int }

// handed is a parameter of a function.
type handed struct {
	of types.Object
	at int
}

// tells are those that make problems, by name: of package fault, and of its types.
var tells = map[string]teller{"New": {2, 0}, "Addf": {2, 0}, "WithHint": {0, -1}}

func readSayings(t *testing.T, dir string, values bool) *sayings {
	t.Helper()
	s := &sayings{
		spoken: values, set: token.NewFileSet(), tellers: map[types.Object][]teller{}, params: map[types.Object]handed{}, inPlace: map[handed]bool{},
		info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}},
	}
	for _, p := range must(filepath.Glob(filepath.Join(dir, "*.go"))) {
		if !strings.HasSuffix(p, "_test.go") {
			s.files = append(s.files, must(parser.ParseFile(s.set, p, nil, parser.SkipObjectResolution)))
		}
	}
	if len(s.files) == 0 {
		t.Fatal(dir, fs.ErrNotExist)
	}
	// The package's own names are enough: what it imports is not looked at, and that
	// it is missing is no news.
	loose := types.Config{Importer: hollow{}, Error: func(error) {}}
	_, _ = loose.Check(dir, s.set, s.files, &s.info)
	for _, f := range s.files {
		s.functions(f)
	}
	for known := -1; known != s.handing+len(s.inPlace); { // until no further function is found to hand a sentence on
		known = s.handing + len(s.inPlace)
		s.found, s.values, s.unseen, s.seen = map[string]saying{}, map[string]string{}, map[string]string{}, map[types.Object]bool{}
		s.wrapped = map[string]string{}
		for _, f := range s.files {
			ast.Inspect(f, s.look)
		}
	}
	return s
}

// hollow imports packages that hold nothing.
type hollow struct{}

func (hollow) Import(p string) (*types.Package, error) {
	name := path.Base(p)
	out := types.NewPackage(p, name)
	out.MarkComplete()
	return out, nil
}

// functions notes whose the parameters are: of what is declared, and of what a
// variable is given.
func (s *sayings) functions(f *ast.File) {
	note := func(name *ast.Ident, of *ast.FuncType) {
		owner, at := s.info.ObjectOf(name), 0
		for _, p := range of.Params.List {
			for _, n := range p.Names {
				s.params[s.info.Defs[n]] = handed{owner, at}
				at++
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncDecl:
			note(x.Name, x.Type)
		case *ast.AssignStmt:
			for i, r := range x.Rhs {
				name, named := x.Lhs[i].(*ast.Ident)
				if lit, ok := r.(*ast.FuncLit); ok && named {
					note(name, lit.Type)
				}
			}
		}
		return true
	})
}

func (s *sayings) look(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.AssignStmt: // p.Message = …
		for i, l := range x.Lhs {
			if sel, ok := l.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Message" || sel.Sel.Name == "Hint") && len(x.Rhs) == len(x.Lhs) {
				s.tell(x.Rhs[i], nil)
			}
		}
	case *ast.CompositeLit: // fault.Problem{…}
		if sel, ok := x.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Problem" {
			of := map[string]ast.Expr{}
			for _, e := range x.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					of[s.print(kv.Key)] = kv.Value
				}
			}
			for _, text := range []ast.Expr{of["Message"], of["Hint"]} {
				if text != nil {
					s.tell(text, of["Code"])
				}
			}
		}
	case *ast.CallExpr:
		s.call(x)
	}
	return true
}

func (s *sayings) call(x *ast.CallExpr) {
	var name *ast.Ident
	switch f := x.Fun.(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return
	}
	f := s.info.ObjectOf(name)
	for i, a := range x.Args {
		if f != nil && s.inPlace[handed{f, i}] {
			s.value(a)
		}
	}
	if s.print(x.Fun) == "fault.Wrap" {
		if code, ok := s.constant(x.Args[0]); ok {
			s.wrapped[code] = s.set.Position(x.Pos()).String()
		}
	}
	takes := s.tellers[f]
	if len(takes) == 0 {
		of, ok := tells[name.Name]
		if !ok || name.Name == "New" && s.print(x.Fun) != "fault.New" {
			return
		}
		takes = []teller{of}
	}
	for _, of := range takes {
		s.takes(x, of)
	}
}

// takes notes what a call hands to a function that takes a sentence.
func (s *sayings) takes(x *ast.CallExpr, of teller) {
	var code ast.Expr
	if of.code >= 0 {
		code = x.Args[of.code]
	}
	text := x.Args[of.text]
	if whole, ok := s.constant(text); ok && whole == "%s" && len(x.Args) > of.text+1 {
		text = x.Args[of.text+1]
	}
	s.tell(text, code)
	for _, v := range x.Args[of.text+1:] {
		if v != text && s.spoken {
			s.value(v)
		}
	}
}

// value notes the words that may stand in a place of a sentence.
func (s *sayings) value(e ast.Expr) {
	if text, ok := s.text(e); ok {
		s.values[strings.ReplaceAll(verb.ReplaceAllString(amount.ReplaceAllString(text, "\x00"), "%s"), "\x00", "%d")] = s.set.Position(e.Pos()).String()
	}
	switch x := e.(type) {
	case *ast.BinaryExpr:
		s.value(x.X)
		s.value(x.Y)
	case *ast.CallExpr:
		name := x.Fun
		if sel, ok := name.(*ast.SelectorExpr); ok {
			name = sel.Sel
		}
		if id, ok := name.(*ast.Ident); ok {
			s.given(s.info.ObjectOf(id))
		}
		for _, a := range x.Args {
			s.value(a)
		}
	case *ast.Ident:
		if p, ok := s.params[s.info.ObjectOf(x)]; ok && p.of != nil {
			s.inPlace[p] = true
		}
		s.given(s.info.ObjectOf(x))
	case *ast.SelectorExpr:
		s.given(s.info.ObjectOf(x.Sel))
	case *ast.IndexExpr:
		s.value(x.X)
	case *ast.CompositeLit:
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Value
			}
			s.value(e)
		}
	}
}

// given notes what a function gives, or a variable or a field is given.
func (s *sayings) given(obj types.Object) {
	if obj == nil || s.seen[obj] {
		return
	}
	s.seen[obj] = true
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && s.info.ObjectOf(id) == obj
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncDecl:
				if is(x.Name) {
					s.returned(x)
				}
			case *ast.AssignStmt:
				for i, l := range x.Lhs {
					if is(l) && len(x.Lhs) == len(x.Rhs) {
						s.value(x.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, v := range x.Values {
					if len(x.Names) > i && is(x.Names[i]) {
						s.value(v)
					}
				}
			case *ast.CompositeLit:
				s.fields(x, obj)
			}
			return true
		})
	}
}

func (s *sayings) returned(f *ast.FuncDecl) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			s.value(r.Results[0])
		}
		return true
	})
}

// fields notes what a literal gives a field.
func (s *sayings) fields(x *ast.CompositeLit, field types.Object) {
	of := s.info.TypeOf(x)
	if p, ok := of.(*types.Pointer); ok {
		of = p.Elem()
	}
	if of == nil {
		return
	}
	t, ok := of.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && s.info.ObjectOf(id) == field {
				s.value(kv.Value)
			}
		} else if i < t.NumFields() && t.Field(i) == field {
			s.value(e)
		}
	}
}

// tell notes what an expression says.
func (s *sayings) tell(e, code ast.Expr) {
	if text, ok := s.text(e); ok {
		s.say(text, code, e.Pos())
		return
	}
	if id, ok := e.(*ast.Ident); ok {
		if p, ok := s.params[s.info.ObjectOf(id)]; ok && p.of != nil {
			on := teller{p.at, -1}
			if c, ok := code.(*ast.Ident); ok {
				if q, ok := s.params[s.info.ObjectOf(c)]; ok {
					on.code = q.at
				}
			}
			if !slices.Contains(s.tellers[p.of], on) {
				s.tellers[p.of] = append(s.tellers[p.of], on)
				s.handing++
			}
			return
		}
	}
	s.unseen[s.print(e)] = s.set.Position(e.Pos()).String()
}

func (s *sayings) say(text string, code ast.Expr, at token.Pos) {
	said := saying{where: s.set.Position(at).String()}
	if code != nil {
		said.code, _ = s.constant(code)
		if said.code == "" {
			said.code = s.print(code)
		}
	}
	key := strings.ReplaceAll(verb.ReplaceAllString(text, "%s"), "%%", "%")
	had := s.found[key]
	if had.code != "" {
		said.code = had.code
	}
	said.where += " " + had.where
	s.found[key] = said
}

// constant gives a text that is the same whenever the program runs.
func (s *sayings) constant(e ast.Expr) (string, bool) {
	if v := s.info.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v), true
	}
	return "", false
}

// text gives what an expression says, with a place for what is put between.
func (s *sayings) text(e ast.Expr) (string, bool) {
	if text, ok := s.constant(e); ok {
		return text, true
	}
	switch x := e.(type) {
	case *ast.BinaryExpr:
		a, first := s.text(x.X)
		b, second := s.text(x.Y)
		if !first {
			a = "%s"
		}
		if !second {
			b = "%s"
		}
		return a + b, first || second
	case *ast.CallExpr:
		if s.print(x.Fun) == "fmt.Sprintf" {
			return s.text(x.Args[0])
		}
	}
	return "", false
}

func (s *sayings) print(e ast.Expr) string {
	var b strings.Builder
	_ = printer.Fprint(&b, s.set, e) // into memory
	return b.String()
}
