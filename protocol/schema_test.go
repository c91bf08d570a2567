package protocol_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"dvala/civil"
	"dvala/protocol"
)

//go:generate go test -run TestSchemaIsCurrent -update-schema .

var updateSchema = flag.Bool("update-schema", false, "write protocol.schema.json anew from the types")

const schemaFile = "protocol.schema.json"

// The schema for editors says what the types say: fields, rules and comments.
func TestSchemaIsCurrent(t *testing.T) {
	want := schemaOf(t)
	if *updateSchema {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return // the embedded copy follows at the next build
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s is not what the types say; run: go generate ./protocol", schemaFile)
	}
	if !bytes.Equal(protocol.Schema(), want) {
		t.Fatal("the embedded schema is another")
	}
}

// Both examples are valid by the schema, and so are their canonical forms.
func TestExamplesFitSchema(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range examples {
		src := read(t, name)
		for _, form := range [][]byte{src, parse(t, src).Canonical()} {
			if err := schema.Validate(generic(t, form)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What the binder refuses for its form alone, the schema refuses too.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	good := string(read(t, examples[0]))
	for _, x := range [][2]string{
		{"better: lower", "better: smaller"},
		{"participants: 80", "participants: 80.5"},
		{"participants: 80", "participants: many"},
		{"id: mgt-2024", "id: MgT 2024"},
		{"treatment_days: 21", "treatment_dais: 21"},
		{"  treatment_days: 21\n", ""},
		{"blocks: [4, 6]", "blocks: []"},
		{"start: 2026-09-14", "start: 14 September"},
		{"alpha: 0.05", "alpha: 5"},
	} {
		bad := strings.Replace(good, x[0], x[1], 1)
		if bad == good {
			t.Fatalf("%q is not in the example", x[0])
		}
		if err := schema.Validate(generic(t, []byte(bad))); err == nil {
			t.Errorf("the schema allows %q", x[1])
		}
		if _, problems := protocol.Parse([]byte(bad)); problems.Err() == nil {
			t.Errorf("Parse allows %q", x[1])
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(protocol.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// generic reads YAML as an editor does before it asks a schema: dates are text.
func generic(t *testing.T, src []byte) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Load(src, &n); err != nil {
		t.Fatal(err)
	}
	return plain(t, n.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, plain(t, c))
		}
		return l
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return n.Value == "true"
	}
	return n.Value
}

// schemaOf makes the schema from the types, their rule tags and the comments
// on their fields.
func schemaOf(t *testing.T) []byte {
	t.Helper()
	g := generator{t: t, comments: fieldComments(t), defs: map[string]any{}}
	root := g.object(reflect.TypeFor[protocol.Protocol]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Dvala protocol, format 1"
	root["$defs"] = g.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type generator struct {
	t        *testing.T
	comments map[string]string // Type.Field → its comment; Type → the type's
	defs     map[string]any
}

func (g *generator) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	required := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		rule := f.Tag.Get("rule")
		p := g.value(f.Type, rule)
		if c := g.comments[t.Name()+"."+f.Name]; c != "" {
			p["description"] = c
		} else if c := g.comments[element(f.Type).Name()]; c != "" {
			p["description"] = c
		}
		properties[name] = p
		if strings.HasPrefix(rule, "required") {
			required = append(required, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// element gives what a list or a pointer holds.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func (g *generator) value(t reflect.Type, rule string) map[string]any {
	switch {
	case t == reflect.TypeFor[civil.Date]():
		return map[string]any{"type": "string", "format": "date"}
	case t == reflect.TypeFor[civil.Clock]():
		return map[string]any{"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.value(t.Elem(), rule)
	case reflect.Struct:
		if _, ok := g.defs[t.Name()]; !ok {
			g.defs[t.Name()] = nil
			g.defs[t.Name()] = g.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Slice:
		l := map[string]any{"type": "array", "items": g.value(t.Elem(), strings.TrimPrefix(strings.TrimPrefix(rule, "filled"), "required"))}
		if strings.HasPrefix(rule, "required") || strings.HasPrefix(rule, "filled") {
			l["minItems"] = 1
		}
		return l
	case reflect.Map:
		texts := map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string", "minLength": 1}}
		if t == reflect.TypeFor[protocol.Notice]() {
			return map[string]any{"anyOf": []any{texts, map[string]any{"type": "string"}}}
		}
		return texts
	}
	kind := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Float64: "number"}[t.Kind()]
	if kind == "" {
		g.t.Fatalf("no schema for %s", t)
	}
	out := map[string]any{"type": kind}
	g.apply(out, rule, t.Kind())
	return out
}

// apply puts a rule tag into a schema.
func (g *generator) apply(out map[string]any, rule string, kind reflect.Kind) {
	for part := range strings.SplitSeq(rule, ";") {
		word, arg, _ := strings.Cut(part, "=")
		switch word {
		case "required":
			if kind == reflect.String {
				out["minLength"] = 1
			}
		case "enum":
			out["enum"] = strings.Split(arg, "|")
		case "form":
			out["pattern"], out["maxLength"] = protocol.FormPattern(arg), protocol.MaxName
		case "min", "max":
			x, err := strconv.ParseFloat(arg, 64)
			if err != nil {
				g.t.Fatal(err)
			}
			out[map[string]string{"min": "minimum", "max": "maximum"}[word]] = x
		}
	}
}

var spaces = regexp.MustCompile(`\s+`)

// fieldComments reads what types.go says above and beside its fields.
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	say := func(key string, groups ...*ast.CommentGroup) {
		var parts []string
		for _, g := range groups {
			if g != nil {
				parts = append(parts, strings.TrimSpace(spaces.ReplaceAllString(g.Text(), " ")))
			}
		}
		if s := strings.Join(parts, " "); s != "" {
			out[key] = s
		}
	}
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.TYPE {
			continue
		}
		for _, spec := range decl.Specs {
			ts := spec.(*ast.TypeSpec)
			say(ts.Name.Name, decl.Doc)
			st, ok := ts.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range st.Fields.List {
				for _, n := range f.Names {
					say(ts.Name.Name+"."+n.Name, f.Doc, f.Comment)
				}
			}
		}
	}
	return out
}
